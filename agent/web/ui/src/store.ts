// What the page knows, in one place. Parts of the page subscribe to what they show and nothing else.

import { useEffect, useReducer, useRef } from "preact/hooks";
import type { Alarm, Area, Health, Override, Point, Quality, Session, Value } from "./types";

export type Connection = "connecting" | "live" | "lost";

export interface Question {
  title: string;
  text: string;
  confirm: string;
  value?: { label: string; point: Pick<Point, "kind" | "unit" | "low" | "high" | "choices">; start: Value };
  run: (reason: string, value: Value) => Promise<string[] | void>; // lines to show afterwards
}

export interface State {
  connection: Connection;
  lastEvent: number; // browser milliseconds
  clockOffset: number; // site UTC seconds minus browser seconds
  tick: number; // rises each second: ages and countdowns are due again
  session: Session;
  health: Health | null;
  areas: Area[];
  points: Map<string, Point>;
  layout: number; // rises when the list of points changed, not their values
  total: number;
  filter: string;
  overrides: Override[];
  alarms: Alarm[];
  open: string | null; // the point whose sheet is open
  login: { resume: () => void } | null;
  question: Question | null;
  notice: string;
}

const state: State = {
  connection: "connecting",
  lastEvent: Date.now(),
  clockOffset: 0,
  tick: 0,
  session: { user: null, actor: null, csrf: null, setup: false },
  health: null,
  areas: [],
  points: new Map(),
  layout: 0,
  total: 0,
  filter: "",
  overrides: [],
  alarms: [],
  open: null,
  login: null,
  question: null,
  notice: "",
};

const listeners = new Set<() => void>();

export function get(): Readonly<State> {
  return state;
}

export function set(change: Partial<State>): void {
  Object.assign(state, change);
  for (const listener of [...listeners]) listener();
}

/** What `select` takes from the state; draws again only when that changed. */
export function useStore<T>(select: (state: Readonly<State>) => T): T {
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  const selected = select(state);
  const latest = useRef({ select, selected });
  latest.current = { select, selected };
  useEffect(() => {
    const check = (): void => {
      if (!Object.is(latest.current.select(state), latest.current.selected)) redraw(0);
    };
    listeners.add(check);
    check();
    return () => void listeners.delete(check);
  }, []);
  return selected;
}

/** Site UTC seconds now, as far as this browser can tell. */
export function siteNow(): number {
  return Date.now() / 1000 + state.clockOffset;
}

export function putPoints(points: Point[], total: number): void {
  set({ points: new Map(points.map((point) => [point.id, point])), total, layout: state.layout + 1 });
}

/**
 * Live values. The newest time in them also corrects the site clock, which may run fast in a simulation.
 * True when the quality of a point changed: the reason for it must be asked for.
 */
export function mergeValues(values: Record<string, [Value | null, Quality, number | null]>): boolean {
  let newest = 0;
  let turned = false;
  for (const [id, [value, quality, time]] of Object.entries(values)) {
    const known = state.points.get(id);
    if (time !== null && time > newest) newest = time;
    if (known) {
      const reason = quality === known.quality ? known.reason : "";
      turned ||= quality !== known.quality;
      state.points.set(id, { ...known, value, quality, time, reason });
    }
  }
  const offset = newest - Date.now() / 1000;
  set(offset > state.clockOffset ? { clockOffset: offset } : {});
  return turned;
}

/** True when a point that shows no good reading is to be set otherwise: what is sent to it must be asked for. */
export function mergeDecisions(decisions: Record<string, [value: Value | null, reason: string, by?: string | null]>): boolean {
  let unread = false;
  for (const [id, [decided, reason, by]] of Object.entries(decisions)) {
    const known = state.points.get(id);
    if (!known || (known.decided === decided && known.decided_reason === reason)) continue; // most ticks change nothing
    unread ||= known.decided !== decided && known.commandable && known.quality !== "good";
    state.points.set(id, { ...known, decided, decided_reason: reason, decided_by: by === undefined ? known.decided_by : by });
  }
  set({});
  return unread;
}
