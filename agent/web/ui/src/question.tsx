// "Are you sure, and why?": every change of consequence passes here with a reason.

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Cancelled } from "./api";
import { Dialog } from "./dialog";
import { type Question, set, useStore } from "./store";
import { text } from "./strings";
import type { Value } from "./types";
import { ValueInput } from "./value_input";

export function QuestionDialog(): JSX.Element | null {
  const question = useStore((state) => state.question);
  return question && <Asked key={question.title} question={question} />;
}

function Asked({ question }: { question: Question }): JSX.Element {
  const [reason, setReason] = useState("");
  const [value, setValue] = useState<Value>(question.value?.start ?? "");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState("");
  const [result, setResult] = useState<string[] | null>(null);
  const words = text();
  const close = (): void => set({ question: null });
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setError("");
    try {
      const lines = await question.run(reason.trim(), value);
      if (lines?.length) setResult(lines);
      else close();
    } catch (problem) {
      setError(problem instanceof Cancelled ? problem.message : (problem as Error).message);
    }
    setBusy(false);
  };
  return (
    <Dialog label={question.title} kind="box" onClose={close}>
      <h2>{result ? question.confirm : question.title}</h2>
      {result ? (
        <>
          <ul class="result">
            {result.map((line) => (
              <li key={line} class={line.startsWith("✕") ? "failed" : ""}>
                {line}
              </li>
            ))}
          </ul>
          <div class="buttons">
            <button type="button" class="main" onClick={close}>
              {words.done}
            </button>
          </div>
        </>
      ) : (
        <form onSubmit={(event) => void submit(event)}>
          <p>{question.text}</p>
          {question.value && (
            <label>
              {question.value.label}
              <ValueInput point={question.value.point} value={value} onChange={setValue} />
            </label>
          )}
          <ReasonInput reason={reason} onChange={setReason} />
          {error && <Problem sentence={error} />}
          <div class="buttons">
            <button type="button" onClick={close}>
              {words.cancel}
            </button>
            <button type="submit" class="main" disabled={busy}>
              {question.confirm}
            </button>
          </div>
        </form>
      )}
    </Dialog>
  );
}

export function ReasonInput({ reason, onChange }: { reason: string; onChange: (reason: string) => void }): JSX.Element {
  const words = text();
  return (
    <label>
      {words.reason}
      <input
        type="text"
        name="reason"
        required
        maxLength={500}
        list="reasons"
        autocomplete="off"
        placeholder={words.reasonHint}
        value={reason}
        onInput={(event) => onChange(event.currentTarget.value)}
      />
      <datalist id="reasons">
        {words.reasons.map((one) => (
          <option key={one} value={one} />
        ))}
      </datalist>
    </label>
  );
}

export function Problem({ sentence }: { sentence: string }): JSX.Element {
  return (
    <p class="problem" role="alert">
      ⚠ {sentence}
    </p>
  );
}
