// One input for a value of any kind, within the limits of its point.

import type { JSX } from "preact";
import { showNumber, showUnit } from "./format";
import { text } from "./strings";
import type { Point, Value } from "./types";

interface Properties {
  point: Pick<Point, "kind" | "unit" | "low" | "high" | "choices">;
  value: Value;
  onChange: (value: Value) => void;
}

export function ValueInput({ point, value, onChange }: Properties): JSX.Element {
  if (point.kind === "switch") return <SwitchInput value={value} onChange={onChange} />;
  if (point.kind === "enum" && point.choices.length > 0) {
    return (
      <select name="value" value={String(value)} onChange={(event) => onChange(event.currentTarget.value)}>
        {point.choices.map((choice) => (
          <option key={choice}>{choice}</option>
        ))}
      </select>
    );
  }
  if (point.kind === "number") return <NumberInput point={point} value={value} onChange={onChange} />;
  return (
    <input type="text" name="value" required value={String(value)} onInput={(event) => onChange(event.currentTarget.value)} />
  );
}

function SwitchInput({ value, onChange }: Omit<Properties, "point">): JSX.Element {
  return (
    <span class="segments" role="radiogroup">
      {[true, false].map((choice) => (
        <label key={String(choice)} class={value === choice ? "chosen" : ""}>
          <input type="radio" name="value" checked={value === choice} onChange={() => onChange(choice)} />
          {choice ? text().on : text().off}
        </label>
      ))}
    </span>
  );
}

function NumberInput({ point, value, onChange }: Properties): JSX.Element {
  const bounds: { min?: number; max?: number } = {};
  if (point.low !== null) bounds.min = point.low;
  if (point.high !== null) bounds.max = point.high;
  const low = point.low === null ? "" : showNumber(point.low);
  const high = point.high === null ? "" : showNumber(point.high);
  const shown = typeof value === "number" && Number.isNaN(value) ? "" : value;
  return (
    <span class="number">
      <input
        type="number"
        name="value"
        step="any"
        required
        {...bounds}
        value={Number(shown)}
        onInput={(event) => onChange(event.currentTarget.valueAsNumber)}
      />
      <span class="unit">
        {showUnit(point.unit)} {(low || high) && <small>{`${low} … ${high}`}</small>}
      </span>
    </span>
  );
}
