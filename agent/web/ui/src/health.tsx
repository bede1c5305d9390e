// How the agent itself does: buses, uplinks, store.

import type { JSX } from "preact";
import { showNumber, showSeconds } from "./format";
import { useStore } from "./store";
import { text } from "./strings";
import type { Health, Line } from "./types";

const UP = new Set(["up", "ok", "connected"]);

export function HealthPart(): JSX.Element | null {
  const health = useStore((state) => state.health);
  if (!health) return null;
  const words = text();
  return (
    <footer class="health" aria-label={words.health}>
      <Lines title={words.buses} lines={health.buses} />
      <Lines title={words.uplinks} lines={health.uplinks} />
      <Store health={health} />
      <div>
        <h2>{words.agentItself}</h2>
        <p class="line">
          Plantroom {health.version} · {words.running(showSeconds(health.utc - health.started))}
          {health.rss_mb > 0 && ` · ${words.memory(showNumber(Math.round(health.rss_mb)))}`}
        </p>
      </div>
    </footer>
  );
}

function Lines({ title, lines }: { title: string; lines: Line[] }): JSX.Element | null {
  if (lines.length === 0) return null;
  return (
    <div>
      <h2>{title}</h2>
      {lines.map((line) => (
        <p key={line.id} class="line">
          <b>{line.id}</b> <small>{line.kind}</small> <StateMark state={line.state} />
          <small>{counts(line)}</small>
          {line.error && <small class="error">{line.error}</small>}
        </p>
      ))}
    </div>
  );
}

function StateMark({ state }: { state: string }): JSX.Element {
  const words = text();
  if (UP.has(state)) return <span class="mark">{words.up}</span>;
  return <strong class="mark critical">✕ {state === "down" ? words.down : state}</strong>;
}

function counts(line: Line): string {
  const words = text();
  const parts: string[] = [];
  if (line.reads !== undefined) parts.push(words.reads(showNumber(line.reads), showNumber(line.failures ?? 0)));
  if (line.delivered !== undefined) parts.push(words.delivered(showNumber(line.delivered)));
  if (line.backlog !== undefined) parts.push(words.backlog(showNumber(line.backlog)));
  return parts.join(", ");
}

function megabytes(bytes: number): string {
  return `${showNumber(Math.round(bytes / 1e5) / 10)} MB`;
}

function Store({ health }: { health: Health }): JSX.Element | null {
  const { store } = health;
  const words = text();
  if (Object.keys(store).length === 0) return null;
  const parts: string[] = [];
  if (store.rows !== undefined) parts.push(words.rows(showNumber(store.rows)));
  if (store.bytes !== undefined) parts.push(megabytes(store.bytes));
  if (store.written_today !== undefined) parts.push(words.writtenToday(megabytes(store.written_today)));
  if (typeof store.backlog === "number" && store.backlog > 0) parts.push(words.backlog(showNumber(store.backlog)));
  return (
    <div>
      <h2>{words.store}</h2>
      <p class="line">
        {store.state && <StateMark state={store.state} />} <small>{parts.join(" · ")}</small>
      </p>
    </div>
  );
}
