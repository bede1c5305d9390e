// Who and where this is, whether it is live, who is logged in, and the way back to local control.

import type { JSX } from "preact";
import { change, leave, login } from "./api";
import { showTime } from "./format";
import { set, siteNow, useStore } from "./store";
import { text } from "./strings";
import type { Released } from "./types";

export function Header({ onLanguage }: { onLanguage: () => void }): JSX.Element {
  const health = useStore((state) => state.health);
  const session = useStore((state) => state.session);
  const words = text();
  return (
    <header class="top">
      <div class="site">
        <h1>{health?.site ?? "Plantroom"}</h1>
        <Clock />
        <ConnectionMark />
      </div>
      <nav>
        <button type="button" class="plain" onClick={onLanguage} lang={words.language === "English" ? "en" : "zh-CN"}>
          {words.language}
        </button>
        {session.user ? (
          <button type="button" class="plain" onClick={() => void leave()}>
            {words.logout} ({session.user})
          </button>
        ) : (
          <button type="button" class="plain" onClick={() => void login().catch(() => undefined)}>
            {session.setup ? words.setup : words.login}
          </button>
        )}
        <button type="button" class="release" onClick={() => askRelease(null)}>
          {words.releaseAll}
        </button>
      </nav>
    </header>
  );
}

function Clock(): JSX.Element {
  const shown = useStore((state) => (state.health ? showTime(siteNow()) : ""));
  const trusted = useStore((state) => state.health?.utc_trusted ?? true);
  return (
    <span class="clock">
      <time>{shown}</time>
      {!trusted && (
        <strong class="mark warning" title={text().clockUntrustedText}>
          ⚠ {text().clockUntrusted}
        </strong>
      )}
    </span>
  );
}

function ConnectionMark(): JSX.Element {
  const connection = useStore((state) => state.connection);
  const words = text();
  const label = { live: `● ${words.live}`, connecting: `○ ${words.connecting}`, lost: `✕ ${words.lost}` }[connection];
  return (
    <span class={`connection ${connection}`} role="status">
      {label}
    </span>
  );
}

/** Give one area, or everything, back; afterwards says point by point what was reached and what was not. */
export function askRelease(area: string | null): void {
  const words = text();
  set({
    question: {
      title: words.releaseTitle(area ?? words.releaseEverything),
      text: words.releaseText,
      confirm: area ? words.release : words.releaseAll,
      run: async (reason) => {
        const body = area ? { area, reason } : { reason };
        const rows = await change<Released[]>("POST", "/api/release", body);
        rows.sort((one, other) => Number(one.ok) - Number(other.ok)); // what was not reached comes first
        return rows.map((row) => `${row.ok ? "✓" : "✕"} ${row.point}: ${row.ok ? words.released : `${words.notReleased} (${row.error})`}`);
      },
    },
  });
}
