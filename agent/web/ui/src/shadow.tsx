// Shadow beside what was: each point's "is" and "would have been", and what that would have saved, as far as it can be said.

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { change } from "./api";
import { Dialog } from "./dialog";
import { showNumber, showSeconds, showValue } from "./format";
import { Problem } from "./question";
import { text } from "./strings";
import type { Area, PointShadow, Shadow } from "./types";

const DAYS = [1, 7, 14, 28];

export function ShadowBar({ area }: { area: Area }): JSX.Element | null {
  const [open, setOpen] = useState(false);
  if (area.authority === "agent") return null;
  return (
    <p>
      <button type="button" onClick={() => setOpen(true)}>
        {text().compareShadow}
      </button>
      {open && <ShadowDialog area={area} onClose={() => setOpen(false)} />}
    </p>
  );
}

function ShadowDialog({ area, onClose }: { area: Area; onClose: () => void }): JSX.Element {
  const [days, setDays] = useState(14);
  const [found, setFound] = useState<Shadow | null>(null);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState("");
  const words = text();
  const ask = async (): Promise<void> => {
    setBusy(true);
    setError("");
    try {
      setFound(await change<Shadow>("POST", `/api/areas/${encodeURIComponent(area.id)}/shadow`, { days }));
    } catch (problem) {
      setError((problem as Error).message);
    }
    setBusy(false);
  };
  return (
    <Dialog label={words.compareShadow} kind="side" onClose={onClose}>
      <div class="head">
        <h2>{words.shadowTitle(area.id)}</h2>
        <button type="button" onClick={onClose}>
          {words.close}
        </button>
      </div>
      <div class="fields">
        <label>
          {words.pastDays}
          <select name="days" value={String(days)} onChange={(event) => setDays(Number(event.currentTarget.value))}>
            {DAYS.map((choice) => (
              <option key={choice} value={String(choice)}>
                {choice} {words.units.d}
              </option>
            ))}
          </select>
        </label>
        <button type="button" class="main" disabled={busy} onClick={() => void ask()}>
          {busy ? words.comparing : words.compare}
        </button>
      </div>
      {error && <Problem sentence={error} />}
      {found && <Found found={found} />}
    </Dialog>
  );
}

function Found({ found }: { found: Shadow }): JSX.Element {
  const words = text();
  const { saving } = found;
  return (
    <>
      <p class="sentence">
        {saving === null
          ? found.note
          : words.saving(showNumber(saving.mean), showNumber(saving.low), showNumber(saving.high), saving.days)}
      </p>
      <p class="quiet">{words.shadowHours(showSeconds(found.hours * 3600))}</p>
      <table class="compared">
        <thead>
          <tr>
            <th>{words.point}</th>
            <th>{words.is}</th>
            <th>{words.would}</th>
            <th>{words.differs}</th>
          </tr>
        </thead>
        <tbody>
          {found.points.map((one) => (
            <tr key={one.point} data-compared={one.point}>
              <td>
                {one.label || one.point}
                <small>{one.point}</small>
              </td>
              <td class="wish">{showMean(one, one.is_now, one.mean_is)}</td>
              <td class="wish">{showMean(one, one.would_now, one.mean_would)}</td>
              <td>{one.hours > 0 ? `${showNumber(Math.round((100 * one.hours_differing) / one.hours))} %` : "–"}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {found.machines.map((one) => (
        <p key={one.equipment} class="quiet">
          {one.equipment}:{" "}
          {one.kwh_day === null ? one.note : `${showNumber(one.kwh_day)} ${words.kwhDay}, ${one.method}`}
        </p>
      ))}
      {found.method && <p class="quiet">{found.method}</p>}
      {saving !== null && found.note && <p class="quiet">{found.note}</p>}
    </>
  );
}

function showMean(point: PointShadow, now: PointShadow["is_now"], mean: number | null): JSX.Element {
  const words = text();
  const average = mean === null ? "" : point.kind === "switch" ? `${Math.round(100 * mean)} % ${words.on}` : showValue(mean, point);
  return (
    <>
      {now === null ? "–" : showValue(now, point)}
      <small>{average && `⌀ ${average}`}</small>
    </>
  );
}
