// Keeps the page live: server-sent events, what to ask again, and the plain truth when the connection is gone.

import { look, lookCounted, refreshSession } from "./api";
import { get, mergeDecisions, mergeValues, putPoints, set } from "./store";
import type { Alarm, Area, Health, Override, Point, Quality, Value } from "./types";

const SILENCE = 12_000; // milliseconds; the agent sends at least every five seconds
const SENDING = 20_000; // longer than a tick and a write take
const RETRY = 2_000;
const MOST_POINTS = 3_000;

type Event =
  | { type: "points"; points: Record<string, [Value | null, Quality, number | null]> }
  | { type: "decisions"; decisions: Record<string, [Value | null, string, (string | null)?]> }
  | { type: "areas" | "alarms" | "overrides" | "health" | "resync" };

let source: EventSource | null = null;
let opened = 0;
let sending = 0; // until then something may be sent that no reading will show
let turned = false; // a quality changed: the points are asked for again, at most once every few seconds

export function start(): void {
  connect();
  setInterval(beat, 1_000);
  setInterval(() => {
    if (turned || Date.now() < sending) void quietly(loadPoints());
    turned = false;
  }, 3_000);
  setInterval(() => get().connection === "live" && void quietly(Promise.all([loadHealth(), loadAreas()])), 10_000);
}

function connect(): void {
  source?.close();
  opened = Date.now();
  source = new EventSource("/api/events");
  source.addEventListener("open", () => void loadAll());
  source.addEventListener("heartbeat", heard);
  source.addEventListener("change", (message) => {
    heard();
    take(JSON.parse((message as MessageEvent<string>).data) as Event);
  });
  source.addEventListener("error", () => set({ connection: "lost" }));
}

function heard(): void {
  set({ lastEvent: Date.now() });
}

function beat(): void {
  const now = Date.now();
  if (now - get().lastEvent > SILENCE && get().connection === "live") set({ connection: "lost" });
  const closed = source?.readyState === EventSource.CLOSED;
  const stuck = now - Math.max(get().lastEvent, opened) > SILENCE;
  if ((closed && now - opened > RETRY) || stuck) connect();
  set({ tick: get().tick + 1 });
}

function take(event: Event): void {
  if (event.type === "points") turned = mergeValues(event.points) || turned;
  else if (event.type === "decisions") sending = mergeDecisions(event.decisions) ? Date.now() + SENDING : sending;
  else if (event.type === "areas") void quietly(loadAreas());
  else if (event.type === "alarms") void quietly(loadAlarms());
  else if (event.type === "overrides") void quietly(Promise.all([loadOverrides(), loadPoints()]));
  else if (event.type === "health") void quietly(loadHealth());
  else void loadAll();
}

/** Everything again. Only when all of it arrived does the page call itself live. */
export async function loadAll(): Promise<void> {
  try {
    const parts = [loadHealth(), loadAreas(), loadPoints(), loadOverrides(), loadAlarms(), refreshSession()];
    await Promise.all(parts);
    set({ connection: "live", lastEvent: Date.now() });
    setTimeout(() => void quietly(loadPoints()), SENDING); // what was on its way to points that cannot be read
  } catch {
    set({ connection: "lost" });
  }
}

export async function loadPoints(): Promise<void> {
  const { filter, total, points } = get();
  const cut = total > points.size; // too many for one page: the agent does the searching
  const pattern = cut && filter ? `*${filter.trim().replace(/[[\]?]/g, "?")}*` : "*";
  const found = await lookCounted<Point>(`/api/points?limit=${MOST_POINTS}&pattern=${encodeURIComponent(pattern)}`);
  putPoints(found.items, pattern === "*" ? found.total : Math.max(total, found.total));
}

async function loadHealth(): Promise<void> {
  const health = await look<Health>("/api/health");
  set({ health, clockOffset: health.utc - Date.now() / 1000 });
}

async function loadAreas(): Promise<void> {
  set({ areas: await look<Area[]>("/api/areas") });
}

async function loadOverrides(): Promise<void> {
  set({ overrides: await look<Override[]>("/api/overrides") });
}

async function loadAlarms(): Promise<void> {
  set({ alarms: await look<Alarm[]>("/api/alarms") });
}

/** A part that did not load: the stream's own watch says when the connection is really gone. */
async function quietly(work: Promise<unknown>): Promise<void> {
  await work.catch((error: unknown) => console.warn("not loaded:", error));
}
