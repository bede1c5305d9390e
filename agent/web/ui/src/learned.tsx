// What a policy has learned: how old, its fingerprint, and what keeps the planner from learning.

import type { JSX } from "preact";
import { showSeconds } from "./format";
import { text } from "./strings";
import type { Learned } from "./types";

const FINGERPRINT = 12; // characters that people compare
const ALARMED = 3; // failures in a row, as the agent's own alarm has it

export function LearnedLine({ learned }: { learned: Learned }): JSX.Element {
  const words = text();
  return (
    <>
      <p class="quiet learned">
        {learned.age === null ? words.learnedNothing(showKind(learned.kind)) : showLearned(learned)}
        {learned.note && <small>{learned.note}</small>}
      </p>
      {learned.failures > 0 && (
        <p class={learned.failures < ALARMED ? "quiet" : "problem"}>
          ⚠ {words.learningFails(learned.failures)}: {learned.error}
        </p>
      )}
    </>
  );
}

export function showLearned(learned: Pick<Learned, "kind" | "version" | "digest" | "age">): string {
  const print = (learned.digest ?? "").slice(0, FINGERPRINT);
  return text().learned(`${showKind(learned.kind)} v${learned.version}`, showSeconds(learned.age ?? 0), print);
}

function showKind(kind: string): string {
  return text().learnedKind[kind] ?? kind.replace(/_/g, " ");
}
