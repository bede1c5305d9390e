// The modes of an area: which one holds, and changing it after a look at what would change.

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { change, look } from "./api";
import { Dialog } from "./dialog";
import { showBare, showSeconds, showUnit, showWho } from "./format";
import { Problem, ReasonInput } from "./question";
import { get, set } from "./store";
import { text } from "./strings";
import type { Area, ChangePreview, Mode, Value } from "./types";

const DURATIONS = [0, 3600, 7200, 14_400, 28_800, 86_400, 259_200, 604_800]; // 0: until somebody ends it
const USUAL = 14_400;

export function ModeBar({ area }: { area: Area }): JSX.Element | null {
  const [asked, setAsked] = useState<Mode | null>(null);
  const words = text();
  const { mode, modes } = area;
  if (modes.length === 0 && mode === null) return null;
  return (
    <div class="modes">
      <div class="head">
        <h3>{words.mode}</h3>
        {mode !== null && mode.owner !== "calendar" && (
          <button type="button" class="plain" onClick={() => askEnd(area)}>
            {words.endNow}
          </button>
        )}
      </div>
      <div class="choices" role="radiogroup" aria-label={words.mode}>
        {modes.map((one) => (
          <button
            key={one.name}
            type="button"
            role="radio"
            aria-checked={one.chosen !== null}
            class={one.chosen !== null ? "main" : ""}
            onClick={() => one.chosen === null && setAsked(one)}
          >
            {one.chosen !== null ? "● " : ""}
            {showMode(one.name)}
          </button>
        ))}
      </div>
      <p class="quiet standing">
        {mode === null
          ? words.noMode
          : words.modeHolds(
              mode.name ? showMode(mode.name) : words.asFiled,
              showWho(mode.owner),
              mode.reason,
              mode.seconds_left === null ? "" : showSeconds(mode.seconds_left),
            )}
      </p>
      {asked && <ModeDialog area={area} mode={asked} onClose={() => setAsked(null)} />}
    </div>
  );
}

function askEnd(area: Area): void {
  const words = text();
  set({
    question: {
      title: words.endModeTitle(area.id),
      text: words.endModeText,
      confirm: words.endNow,
      run: async (reason) => put(await change<Area>("POST", `${address(area)}/mode/end`, { reason })),
    },
  });
}

function ModeDialog({ area, mode, onClose }: { area: Area; mode: Mode; onClose: () => void }): JSX.Element {
  const [found, setFound] = useState<ChangePreview | null>(null);
  const [seconds, setSeconds] = useState(USUAL);
  const [reason, setReason] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState("");
  const words = text();
  useEffect(() => {
    look<ChangePreview>(`${address(area)}/mode-preview?mode=${encodeURIComponent(mode.name)}`)
      .then(setFound)
      .catch((problem: Error) => setError(problem.message));
  }, []);
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setError("");
    try {
      const body = { mode: mode.name, seconds: seconds || null, reason: reason.trim() };
      put(await change<Area>("POST", `${address(area)}/mode`, body));
      onClose();
    } catch (problem) {
      setError((problem as Error).message);
    }
    setBusy(false);
  };
  const title = words.modeTitle(area.id, showMode(mode.name));
  return (
    <Dialog label={title} kind="box" onClose={onClose}>
      <h2>{title}</h2>
      {mode.help && <p class="quiet">{mode.help}</p>}
      {found && <Changes found={found} />}
      <form onSubmit={(event) => void submit(event)}>
        <label>
          {words.duration}
          <select name="seconds" value={String(seconds)} onChange={(event) => setSeconds(Number(event.currentTarget.value))}>
            {DURATIONS.map((choice) => (
              <option key={choice} value={String(choice)}>
                {choice === 0 ? words.untilEnded : showSeconds(choice)}
              </option>
            ))}
          </select>
        </label>
        <ReasonInput reason={reason} onChange={setReason} />
        {error && <Problem sentence={error} />}
        <div class="buttons">
          <button type="button" onClick={onClose}>
            {words.cancel}
          </button>
          <button type="submit" class="main" disabled={busy}>
            {words.choose}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function Changes({ found }: { found: ChangePreview }): JSX.Element {
  const words = text();
  return (
    <div class="changes">
      <h3>{words.wouldChange}</h3>
      {found.parameters.length === 0 && <p class="quiet">{words.changesNothing}</p>}
      <ul>
        {found.parameters.map((one) => (
          <li key={`${one.policy}.${one.parameter}`}>
            <span>
              {one.parameter.replace(/_/g, " ")} <small>{one.policy}</small>
            </span>
            <FromTo old={one.old} next={one.new} unit={one.unit} />
          </li>
        ))}
      </ul>
      <h3>{words.otherwiseNow}</h3>
      {found.points.length === 0 && <p class="quiet">{words.nothingNow}</p>}
      <ul>
        {found.points.map((one) => (
          <li key={one.point}>
            <span>
              {one.label || one.point} <small>{one.point}</small>
            </span>
            <FromTo old={one.old} next={one.new} unit={one.unit} />
          </li>
        ))}
      </ul>
      {found.note && <p class="quiet">{found.note}</p>}
    </div>
  );
}

export function FromTo({ old, next, unit }: { old: Value | null; next: Value | null; unit: string }): JSX.Element {
  return (
    <span class="value">
      {showBare(old, "")} → {showBare(next, "")} {showUnit(unit)}
    </span>
  );
}

export function showMode(name: string): string {
  return text().modeName[name] ?? name.replace(/_/g, " ");
}

function address(area: Area): string {
  return `/api/areas/${encodeURIComponent(area.id)}`;
}

function put(area: Area): void {
  set({ areas: get().areas.map((one) => (one.id === area.id ? area : one)) });
}

