// What the API answers with. The Python side is agent/console; the API document is /api/openapi.json.

export type Value = number | boolean | string;
export type Quality = "good" | "uncertain" | "bad";
export type Authority = "bms" | "shadow" | "agent";

export interface Point {
  id: string;
  label: string;
  unit: string;
  kind: "number" | "switch" | "text" | "enum";
  value: Value | null;
  quality: Quality;
  reason: string;
  time: number | null;
  age: number | null;
  area: string | null;
  equipment: string | null;
  role: string | null;
  commandable: boolean;
  choices: string[];
  low: number | null;
  high: number | null;
  decided: Value | null;
  decided_by: string | null;
  decided_reason: string;
  overridden: boolean;
}

export interface Claim {
  priority: number;
  source: string;
  value: Value | null;
  low: number | null;
  high: number | null;
  reason: string;
  seconds_left: number | null;
}

export interface Limitation {
  stage: string;
  by: string;
  before: Value | null;
  after: Value | null;
  reason: string;
}

export interface Why {
  point: Point;
  authority: Authority;
  claims: Claim[];
  winner: string | null;
  wanted: Value | null;
  final: Value | null;
  limited_by: Limitation[];
  sentence: string;
  written: Value | null;
  write_state: string;
  inputs: Point[];
  learned: Pick<Learned, "policy" | "kind" | "version" | "digest" | "age">[];
}

export interface Parameter {
  name: string;
  value: Value;
  unit: string;
  low: number | null;
  high: number | null;
  help: string;
  tuned: Tuned | null;
}

/** A value that is not the site file's. */
export interface Tuned {
  policy: string;
  parameter: string;
  value: Value;
  filed: Value | null;
  unit: string;
  by: string;
  owner: string;
  reason: string;
  tuning: string;
  on_probation: boolean;
}

export interface Tuning {
  id: string;
  layer: "mode" | "tuned";
  area: string;
  name: string;
  owner: string;
  reason: string;
  seconds_left: number | null;
  on_probation: boolean;
}

export interface Mode {
  area: string;
  name: string;
  help: string;
  calendar: string[];
  chosen: Tuning | null;
}

interface Change {
  old: Value | null;
  new: Value | null;
  unit: string;
}

export interface ChangePreview {
  area: string;
  parameters: (Change & { policy: string; parameter: string; by: string })[];
  points: (Change & { point: string; label: string; reason: string })[];
  note: string;
}

export interface PointShadow {
  point: string;
  label: string;
  unit: string;
  kind: Point["kind"];
  hours: number;
  hours_differing: number;
  mean_is: number | null;
  mean_would: number | null;
  is_now: Value | null;
  would_now: Value | null;
}

export interface Shadow {
  area: string;
  hours: number;
  points: PointShadow[];
  machines: { equipment: string; kwh_day: number | null; method: string; note: string }[];
  saving: { mean: number; low: number; high: number; days: number } | null;
  method: string;
  note: string;
}

export interface Learned {
  policy: string;
  kind: string;
  version: number;
  state: "waiting" | "learning" | "learned" | "failing" | "nothing_yet";
  digest: string | null;
  age: number | null;
  failures: number;
  error: string;
  note: string;
}

export interface Policy {
  name: string;
  kind: string;
  parameters: Parameter[];
  learned: Learned | null;
}

export interface Equipment {
  id: string;
  kind: string;
  name: string;
  locked_out: boolean;
  roles: Record<string, string>;
}

export interface Area {
  id: string;
  authority: Authority;
  authority_since: number | null;
  authority_by: string;
  authority_reason: string;
  tick: number;
  ticks: number;
  last_tick_age: number | null;
  faults: string[];
  policies: Policy[];
  equipment: Equipment[];
  mode: Tuning | null;
  modes: Mode[];
}

export interface Override {
  id: string;
  command: { point: string; value: Value | null; reason: string };
  owner: string;
  made: number;
  until: number;
  learned: boolean;
}

export interface Alarm {
  id: string;
  source: string;
  severity: "info" | "warning" | "critical";
  text: string;
  state: string;
  raised: number;
  cleared: number | null;
  acknowledged_by: string | null;
}

export interface Line {
  id: string;
  kind: string;
  state: string;
  error?: string;
  reads?: number;
  failures?: number;
  backlog?: number;
  delivered?: number;
}

export interface Health {
  version: string;
  site: string;
  timezone: string;
  started: number;
  utc: number;
  utc_trusted: boolean;
  buses: Line[];
  uplinks: Line[];
  store: { bytes?: number; rows?: number; written_today?: number; backlog?: unknown; state?: string };
  rss_mb: number;
  probation: Probation | null;
}

/** A site file that is tried in place of the present one. */
export interface Probation {
  owner: string;
  reason: string;
  until: number;
  crashes: number;
}

export interface Session {
  user: string | null;
  actor: string | null;
  csrf: string | null;
  setup: boolean;
}

export interface Released {
  point: string;
  value: Value | null;
  ok: boolean;
  error: string;
}

export type Sample = [time: number, value: Value | null, quality: Quality];
