// One area: who is in charge, its policies, its machines with their points.

import type { JSX } from "preact";
import { change } from "./api";
import { showBare, showMoment, showSeconds, showUnit, showWho } from "./format";
import { askRelease } from "./header";
import { LearnedLine } from "./learned";
import { ModeBar } from "./modes";
import { anchor } from "./places";
import { PointRow } from "./points";
import { ShadowBar } from "./shadow";
import { Lock } from "./signs";
import { get, set, useStore } from "./store";
import { text } from "./strings";
import { TunedLine } from "./tuned";
import type { Area, Authority, Equipment, Parameter, Policy, Point } from "./types";

const LATE = 3; // ticks missed before it is said
const AUTHORITIES: Authority[] = ["bms", "shadow", "agent"];

export function AreaCard({ area }: { area: Area }): JSX.Element {
  useStore((state) => state.layout);
  const words = text();
  const machines = area.equipment.map((machine) => ({ machine, points: pointsOf(machine) }));
  const since = area.authority_since === null ? "" : showMoment(area.authority_since);
  const shown = new Set(machines.flatMap(({ points }) => points.map((point) => point.id)));
  const virtual = [...get().points.values()].filter((point) => point.area === area.id && !shown.has(point.id));
  return (
    <section id={anchor("area", area.id)} class={`card ${area.authority}`} aria-label={area.id}>
      <div class="head">
        <h2 tabIndex={-1}>{area.id}</h2>
        <AuthoritySwitch area={area} />
        <button type="button" class="release" onClick={() => askRelease(area.id)}>
          {words.release}
        </button>
      </div>
      <p class="quiet">
        {words.authorityText[area.authority]} {words.chosen(since, showWho(area.authority_by), area.authority_reason)}{" "}
        {area.last_tick_age === null ? words.neverTicked : words.ticks(showSeconds(area.tick))}
      </p>
      {area.last_tick_age !== null && area.last_tick_age > LATE * area.tick + 5 && (
        <p class="problem">⚠ {words.late(showSeconds(area.last_tick_age))}</p>
      )}
      {area.faults.map((fault) => (
        <p key={fault} class="problem">
          ⚠ {words.fault}: {fault}
        </p>
      ))}
      <ModeBar area={area} />
      <ShadowBar area={area} />
      {machines.map(({ machine, points }) => (
        <Machine key={machine.id} machine={machine} points={points} />
      ))}
      {virtual.length > 0 && <Rows title={words.virtualPoints} points={virtual} />}
      {area.policies.length > 0 && (
        <div class="policies">
          <h3>{words.policies}</h3>
          {area.policies.map((policy) => (
            <PolicyPart key={policy.name} policy={policy} />
          ))}
        </div>
      )}
    </section>
  );
}

function AuthoritySwitch({ area }: { area: Area }): JSX.Element {
  const words = text();
  const askFor = (authority: Authority): void => {
    if (authority === area.authority) return;
    set({
      question: {
        title: words.authorityTitle(area.id, words.authority[authority] ?? authority),
        text: words.authorityText[authority] ?? "",
        confirm: words.authority[authority] ?? authority,
        run: async (reason) => {
          const path = `/api/areas/${encodeURIComponent(area.id)}/authority`;
          await change("POST", path, { authority, reason });
        },
      },
    });
  };
  return (
    <div class="segments" role="radiogroup" aria-label={words.inCharge}>
      {AUTHORITIES.map((authority) => (
        <button
          key={authority}
          type="button"
          role="radio"
          aria-checked={authority === area.authority}
          class={authority === area.authority ? "chosen" : ""}
          onClick={() => askFor(authority)}
        >
          {authority === area.authority ? "● " : ""}
          {words.authority[authority]}
        </button>
      ))}
    </div>
  );
}

function pointsOf(machine: Equipment): Point[] {
  const { points } = get();
  const byRole = Object.values(machine.roles).flatMap((id) => points.get(id) ?? []);
  const more = [...points.values()].filter((point) => point.equipment === machine.id);
  const all = [...new Map([...byRole, ...more].map((point) => [point.id, point])).values()];
  return [...all.filter((point) => point.commandable), ...all.filter((point) => !point.commandable)];
}

function Machine({ machine, points }: { machine: Equipment; points: Point[] }): JSX.Element {
  const words = text();
  const name = machine.name || machine.id;
  const { locked_out: locked } = machine;
  const ask = (): void =>
    set({
      question: {
        title: locked ? words.unlockTitle(name) : words.lockTitle(name),
        text: locked ? words.unlockText : words.lockText,
        confirm: locked ? words.unlock : words.lockOut,
        run: async (reason) => {
          const path = `/api/equipment/${encodeURIComponent(machine.id)}/lock-out`;
          await change("POST", path, { locked: !locked, reason });
        },
      },
    });
  const commanded = points.some((point) => point.commandable);
  return (
    <div id={anchor("machine", machine.id)} class="machine">
      <div class="head">
        <h3 tabIndex={-1}>{name}</h3>
        {locked && <strong class="mark held"><Lock /> {words.lockedOut}</strong>}
        {commanded && (
          <button type="button" class="plain" onClick={ask}>
            {locked ? words.unlock : words.lockOut}
          </button>
        )}
      </div>
      <ul class="rows">
        {points.map((point) => (
          <PointRow key={point.id} id={point.id} />
        ))}
      </ul>
    </div>
  );
}

function Rows({ title, points }: { title: string; points: Point[] }): JSX.Element {
  return (
    <div class="machine">
      <h3>{title}</h3>
      <ul class="rows">
        {points.map((point) => (
          <PointRow key={point.id} id={point.id} />
        ))}
      </ul>
    </div>
  );
}

function PolicyPart({ policy }: { policy: Policy }): JSX.Element {
  return (
    <details>
      <summary>
        <b>{policy.name}</b> <small>{policy.kind}</small>
      </summary>
      {policy.learned && <LearnedLine learned={policy.learned} />}
      {policy.parameters.length === 0 && <p class="quiet">{text().noParameters}</p>}
      <ul class="parameters">
        {policy.parameters.map((parameter) => (
          <ParameterLine key={parameter.name} policy={policy.name} parameter={parameter} />
        ))}
      </ul>
    </details>
  );
}

function ParameterLine({ policy, parameter }: { policy: string; parameter: Parameter }): JSX.Element {
  const words = text();
  const { name, value, unit, low, high, help } = parameter;
  const kind = typeof value === "boolean" ? "switch" : typeof value === "number" ? "number" : "text";
  const ask = (): void =>
    set({
      question: {
        title: words.tuneTitle(policy, name.replace(/_/g, " ")),
        text: help,
        confirm: words.tune,
        value: { label: words.value, point: { kind, unit, low, high, choices: [] }, start: value },
        run: async (reason, next) => {
          const path = `/api/policies/${encodeURIComponent(policy)}/parameters/${encodeURIComponent(name)}`;
          const area = await change<Area>("POST", path, { value: next, reason });
          set({ areas: get().areas.map((one) => (one.id === area.id ? area : one)) });
        },
      },
    });
  return (
    <li>
      <span>
        {name.replace(/_/g, " ")} <small>{help}</small>
      </span>
      <span class="value">
        {showBare(value, kind)} {showUnit(unit)}
      </span>
      <button type="button" class="plain" onClick={ask}>
        {words.tune}
      </button>
      {parameter.tuned && <TunedLine tuned={parameter.tuned} />}
    </li>
  );
}
