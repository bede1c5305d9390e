// One point a row: value, age, quality, and for a commanded one what it is set to and why.

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { showAge, showBare, showName, showSeconds, showUnit, showValue, showWho } from "./format";
import { loadPoints } from "./live";
import { Hand } from "./signs";
import { get, set, siteNow, useStore } from "./store";
import { text } from "./strings";
import type { Area, Point } from "./types";

const OLD = 60; // seconds; older than that is said loudly, whatever the quality

export function PointRow({ id }: { id: string }): JSX.Element | null {
  const point = useStore((state) => state.points.get(id));
  const authority = useStore((state) => areaOf(state.areas, point)?.authority);
  if (!point) return null;
  return (
    <li>
      <button type="button" class={`row ${point.quality}`} data-point={id} onClick={() => set({ open: id })}>
        <span class="name">
          {showName(point)} <small>{id}</small>
        </span>
        <Reading point={point} />
        {point.commandable && <SetTo point={point} writing={authority === undefined || authority === "agent"} />}
      </button>
    </li>
  );
}

function areaOf(areas: Area[], point: Point | undefined): Area | undefined {
  return areas.find((area) => area.id === point?.area);
}

/** Some points can only be written: having no reading is their normal state. */
export function isWriteOnly(point: Point): boolean {
  return point.commandable && point.value === null && point.reason.startsWith("can only be written");
}

/** What was sent last to a point that cannot be read back: no fault, and it does not grow old. */
export function isOnlySent(point: Point): boolean {
  return point.commandable && point.quality === "uncertain" && point.reason.startsWith("last sent");
}

export function Reading({ point }: { point: Point }): JSX.Element {
  const words = text();
  if (isWriteOnly(point)) return <span class="reading quiet">{words.writeOnly}</span>;
  return (
    <span class="reading">
      <span class="value">
        {showBare(point.value, point.kind)}
        {point.value !== null && point.unit && <span class="unit"> {showUnit(point.unit)}</span>}
      </span>
      {point.quality !== "good" && !isOnlySent(point) && (
        <strong class={`mark ${point.quality === "bad" ? "critical" : "warning"}`} title={point.reason}>
          {point.quality === "bad" ? "✕" : "?"} {words.quality[point.quality]}
        </strong>
      )}
      {isOnlySent(point) ? <span class="age">{words.lastSent}</span> : <Age time={point.time} />}
    </span>
  );
}

function Age({ time }: { time: number | null }): JSX.Element | null {
  const shown = useStore(() => (time === null ? "" : showAge(siteNow() - time)));
  const exact = useStore((state) =>
    time === null || state.connection === "live" ? "" : showSeconds(siteNow() - time),
  );
  const old = useStore(() => time !== null && siteNow() - time > OLD);
  const live = useStore((state) => state.connection === "live");
  if (time === null) return null;
  const fresh = live && shown === text().now;
  return <span class={old ? "age old" : "age"}>{fresh ? shown : text().ago(live ? shown : exact)}</span>;
}

function SetTo({ point, writing }: { point: Point; writing: boolean }): JSX.Element {
  const override = useStore((state) => state.overrides.find((one) => one.command.point === point.id));
  const words = text();
  const held = override !== undefined && override.command.value === point.decided;
  const verb = held ? words.heldAt : writing ? words.setTo : words.wouldSet;
  return (
    <span class={override ? "set held" : "set"}>
      {override && !held && (
        <b>
          <Hand /> {words.override} {showValue(override.command.value, point)} ·{" "}
        </b>
      )}
      {point.decided === null ? (
        words.notClaimed
      ) : (
        <>
          <b>
            {held && <Hand />} {verb} {showValue(point.decided, point)}
          </b>
          {because(point)}
        </>
      )}
    </span>
  );
}

/** Who and why, in one go. A decision's own sentence begins with the value and the winner: said once is enough. */
function because(point: Point): string {
  const whole = /^[^:]{1,60}: (\S+) \(priority \d+\): (.*)$/s.exec(point.decided_reason);
  if (whole) return ` · ${showWho(whole[1] ?? "")}: ${whole[2]}`;
  const who = point.decided_by ? ` · ${showWho(point.decided_by)}` : "";
  return point.decided_reason ? `${who ? `${who}:` : " ·"} ${point.decided_reason}` : who;
}

/** All points that no machine of any area shows, by device, behind a search. */
export function OtherPoints(): JSX.Element | null {
  useStore((state) => state.layout);
  const [opened, setOpened] = useState(false);
  const areas = useStore((state) => state.areas);
  const filter = useStore((state) => state.filter);
  const { points, total } = get();
  const words = text();
  if (points.size === 0 && total === 0) return null;
  const bound = new Set(areas.flatMap((area) => area.equipment.flatMap((one) => Object.values(one.roles))));
  const others = [...points.values()].filter((point) => filter || (!bound.has(point.id) && !point.area));
  const wanted = filter.trim().toLowerCase();
  const found = others.filter((point) => `${point.id} ${point.label}`.toLowerCase().includes(wanted));
  const find = (next: string): void => {
    set({ filter: next });
    if (total > points.size) void loadPoints().catch(() => undefined);
  };
  return (
    <details class="card" open={opened} onToggle={(event) => setOpened(event.currentTarget.open)}>
      <summary>
        <h2>{words.otherPoints}</h2> <small>{filter ? found.length : others.length}</small>
      </summary>
      <input
        type="search"
        aria-label={words.filter}
        placeholder={words.filter}
        value={filter}
        onInput={(event) => find(event.currentTarget.value)}
      />
      {total > points.size && <p class="quiet">{words.shownOf(points.size, total)}</p>}
      {opened && (
        <ul class="rows">
          {found.slice(0, 300).map((point) => (
            <PointRow key={point.id} id={point.id} />
          ))}
        </ul>
      )}
    </details>
  );
}
