// A parameter that is not as in the site file: whose word it is, and keeping or taking back a try.

import type { JSX } from "preact";
import { change } from "./api";
import { showBare, showUnit, showWho } from "./format";
import { loadAll } from "./live";
import { set } from "./store";
import { text } from "./strings";
import type { Tuned } from "./types";

export function TunedLine({ tuned }: { tuned: Tuned }): JSX.Element {
  const words = text();
  const isMode = tuned.by.startsWith("mode ");
  const ask = (title: string, confirm: string, path: string, body: object): void =>
    set({
      question: {
        title,
        text: words.tunedText(tuned.reason),
        confirm,
        run: async (reason) => {
          await change("POST", path, { ...body, reason });
          await loadAll();
        },
      },
    });
  const name = `${tuned.policy}: ${tuned.parameter.replace(/_/g, " ")}`;
  return (
    <span class="tuned">
      <strong class="mark held">{tuned.on_probation ? words.onProbation : words.changed}</strong>
      <small>
        {words.tunedBy(tuned.by, showWho(tuned.owner), `${showBare(tuned.filed, "")} ${showUnit(tuned.unit)}`.trim())}
      </small>
      {tuned.on_probation && (
        <button
          type="button"
          class="plain"
          onClick={() => ask(words.keepTitle(name), words.keep, `/api/tunings/${encodeURIComponent(tuned.tuning)}/confirm`, {})}
        >
          {words.keep}
        </button>
      )}
      {!isMode && (
        <button
          type="button"
          class="plain"
          onClick={() => ask(words.takeBackTitle(name), words.takeBack, "/api/tunings/undo", { which: tuned.tuning })}
        >
          {words.takeBack}
        </button>
      )}
    </span>
  );
}
