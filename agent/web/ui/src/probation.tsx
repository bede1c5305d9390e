// A site file on probation: whose, why, until when, and what ends it. Keeping it is for who has a shell on the box.

import type { JSX } from "preact";
import { showCountdown, showMoment, showWho } from "./format";
import { siteNow, useStore } from "./store";
import { text } from "./strings";

export function ProbationBanner(): JSX.Element | null {
  const found = useStore((state) => state.health?.probation ?? null);
  const left = useStore((state) => (state.health?.probation ? showCountdown(state.health.probation.until - siteNow()) : ""));
  if (found === null) return null;
  const words = text();
  return (
    <section class="banner trial" aria-label={words.trial}>
      <b>{words.trialBy(showWho(found.owner), showMoment(found.until))}</b> · <span class="countdown">{words.left(left)}</span>
      {found.reason && <small>{found.reason}</small>}
      {found.crashes > 0 && <small>⚠ {words.trialFell(found.crashes)}</small>}
      <small>
        {words.trialKeep} <code>plantroom apply --keep</code> · {words.trialBack} <code>plantroom apply --back</code>
      </small>
    </section>
  );
}
