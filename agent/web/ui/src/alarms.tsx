// What is not normal: lost connection, overrides in force, standing alarms.

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { change } from "./api";
import { showBare, showCountdown, showMoment, showName, showTime, showUnit, showWho } from "./format";
import { Problem } from "./question";
import { Hand } from "./signs";
import { get, set, siteNow, useStore } from "./store";
import { text } from "./strings";
import type { Alarm, Override } from "./types";

const SIGNS: Record<string, string> = { info: "ℹ", warning: "⚠", critical: "✖" };

/** Stands on the page and in every open sheet: what is shown below it is old. */
export function LostBanner(): JSX.Element | null {
  const connection = useStore((state) => state.connection);
  if (connection !== "lost") return null;
  return (
    <p class="banner lost" role="alert">
      ✕ {text().lostText(showTime(get().lastEvent / 1000 + get().clockOffset, true))}
    </p>
  );
}

export function Banners(): JSX.Element {
  const overrides = useStore((state) => state.overrides);
  useStore((state) => state.layout); // labels of the points held
  return (
    <>
      <LostBanner />
      {overrides.length > 0 && (
        <section class="banner held" aria-label={text().overrides}>
          {overrides.map((override) => (
            <OverrideLine key={override.id} override={override} />
          ))}
        </section>
      )}
    </>
  );
}

export function OverrideLine({ override }: { override: Override }): JSX.Element {
  const { command, owner, until } = override;
  const point = get().points.get(command.point);
  const words = text();
  const authority = useStore((state) => state.areas.find((area) => area.id === point?.area)?.authority ?? "agent");
  const idle = authority !== "agent";
  const left = useStore(() => showCountdown(until - siteNow()));
  const name = point ? machineAndName(command.point) : command.point;
  const bare = showBare(command.value, point?.kind ?? "text");
  const value = point?.unit ? `${bare} ${showUnit(point.unit)}` : bare;
  const said = override.learned ? words.learnedHold(name, value) : words.holds(showWho(owner), name, value);
  return (
    <div class="line">
      <span>
        <b>
          <Hand /> {said}
        </b>{" "}
        · <span class="countdown">{words.left(left)}</span>
        <small>{command.reason}</small>
        {idle && <small>⚠ {words.heldIdle(words.authority[authority] ?? authority)}</small>}
      </span>
      <button type="button" onClick={() => askEnd(override, name)}>
        {words.endNow}
      </button>
    </div>
  );
}

function machineAndName(id: string): string {
  const point = get().points.get(id);
  if (!point) return id;
  const machine = get()
    .areas.flatMap((area) => area.equipment)
    .find((one) => one.id === point.equipment);
  return machine ? `${machine.name || machine.id}: ${showName(point)}` : showName(point);
}

function askEnd(override: Override, name: string): void {
  void change("DELETE", `/api/overrides/${encodeURIComponent(override.id)}`).catch((error: Error) =>
    set({ notice: `${name}: ${error.message}` }),
  );
}

export function Alarms(): JSX.Element {
  const alarms = useStore((state) => state.alarms);
  const notice = useStore((state) => state.notice);
  const words = text();
  return (
    <>
      {notice && (
        <p class="banner warning" role="alert">
          {notice}{" "}
          <button type="button" onClick={() => set({ notice: "" })}>
            {words.close}
          </button>
        </p>
      )}
      {alarms.length === 0 ? (
        <p class="quiet">{words.noAlarms}</p>
      ) : (
        <section class="alarms" aria-label={words.alarms}>
          <h2>{words.standing(alarms.length)}</h2>
          {alarms.map((alarm) => (
            <AlarmLine key={alarm.id} alarm={alarm} />
          ))}
        </section>
      )}
    </>
  );
}

function AlarmLine({ alarm }: { alarm: Alarm }): JSX.Element {
  const [error, setError] = useState("");
  const words = text();
  const seen = alarm.state === "acknowledged";
  const acknowledge = (): void => {
    setError("");
    change("POST", `/api/alarms/${encodeURIComponent(alarm.id)}/acknowledge`).catch((problem: Error) =>
      setError(problem.message),
    );
  };
  return (
    <div class={`line ${seen ? "info" : alarm.severity}`}>
      <span>
        <b>
          {SIGNS[alarm.severity] ?? "⚠"} {words.severity[alarm.severity] ?? alarm.severity}
        </b>{" "}
        {alarm.text}
        <small>
          {words.since} {showMoment(alarm.raised)}
          {alarm.acknowledged_by && ` · ${words.seenBy(showWho(alarm.acknowledged_by))}`}
          {alarm.cleared !== null && ` · ${words.returned}`}
        </small>
        {error && <Problem sentence={error} />}
      </span>
      {!seen && (
        <button type="button" onClick={acknowledge}>
          {words.acknowledge}
        </button>
      )}
    </div>
  );
}
