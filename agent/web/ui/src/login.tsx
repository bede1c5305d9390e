// Who are you? Opens when something is to be changed; the first time it asks for the one-time code instead.

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { enter } from "./api";
import { Dialog } from "./dialog";
import { Problem } from "./question";
import { set, useStore } from "./store";
import { text } from "./strings";

export function LoginDialog(): JSX.Element | null {
  const login = useStore((state) => state.login);
  return login && <Entry resume={login.resume} />;
}

function Entry({ resume }: { resume: () => void }): JSX.Element {
  const setup = useStore((state) => state.session.setup);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState("");
  const words = text();
  const close = (): void => {
    set({ login: null });
    resume();
  };
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const fields = Object.fromEntries(new FormData(event.currentTarget as HTMLFormElement));
    setBusy(true);
    setError("");
    try {
      await enter(setup ? "/api/setup" : "/api/login", fields);
      close();
    } catch (problem) {
      setError((problem as Error).message);
      setBusy(false);
    }
  };
  return (
    <Dialog label={setup ? words.setup : words.login} kind="box" onClose={close}>
      <h2>{setup ? words.setup : words.login}</h2>
      <p>{setup ? words.setupText : words.loginText}</p>
      <form onSubmit={(event) => void submit(event)}>
        {setup && (
          <label>
            {words.code}
            <input name="code" required autocomplete="off" autocapitalize="characters" spellcheck={false} />
          </label>
        )}
        <label>
          {words.user}
          <input name="user" required autocomplete="username" autocapitalize="none" spellcheck={false} />
        </label>
        <label>
          {setup ? words.newPassword : words.password}
          <input
            name="password"
            type="password"
            required
            minLength={setup ? 12 : 1}
            autocomplete={setup ? "new-password" : "current-password"}
          />
        </label>
        {error && <Problem sentence={error} />}
        <div class="buttons">
          <button type="button" onClick={close}>
            {words.cancel}
          </button>
          <button type="submit" class="main" disabled={busy}>
            {setup ? words.setup : words.login}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
