// Hold a point at a value for a while, with a reason. It always ends by itself.

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { change } from "./api";
import { showSeconds } from "./format";
import { Problem, ReasonInput } from "./question";
import { Hand } from "./signs";
import { text } from "./strings";
import type { Override, Point, Value } from "./types";
import { ValueInput } from "./value_input";

const DURATIONS = [900, 1800, 3600, 7200, 14_400, 28_800, 86_400];
const USUAL = 7200;

export function OverrideForm({ point, held }: { point: Point; held: boolean }): JSX.Element {
  const [value, setValue] = useState<Value>(startOf(point));
  const [seconds, setSeconds] = useState(USUAL);
  const [reason, setReason] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState("");
  const words = text();
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setError("");
    try {
      const body = { value, seconds, reason: reason.trim() };
      await change<Override>("POST", `/api/points/${encodeURIComponent(point.id)}/override`, body);
    } catch (problem) {
      setError((problem as Error).message);
    }
    setBusy(false);
  };
  return (
    <form class="override" onSubmit={(event) => void submit(event)}>
      <h3>{words.override}</h3>
      <p class="quiet">{words.overrideText}</p>
      <div class="fields">
        <div class="field">
          <span>{words.value}</span>
          <ValueInput point={point} value={value} onChange={setValue} />
        </div>
        <label>
          {words.duration}
          <select name="seconds" value={String(seconds)} onChange={(event) => setSeconds(Number(event.currentTarget.value))}>
            {DURATIONS.map((choice) => (
              <option key={choice} value={String(choice)}>
                {choice === 86_400 ? `24 ${words.units.h}` : showSeconds(choice)}
              </option>
            ))}
          </select>
        </label>
      </div>
      <ReasonInput reason={reason} onChange={setReason} />
      {error && <Problem sentence={error} />}
      <button type="submit" class="main" disabled={busy}>
        <Hand /> {held ? words.holdAgain : words.hold}
      </button>
    </form>
  );
}

function startOf(point: Point): Value {
  const known = point.decided ?? point.value;
  if (known !== null) return known;
  if (point.kind === "switch") return false;
  if (point.kind === "number") return point.low ?? 0;
  return point.choices[0] ?? "";
}
