// The way to a place on a long page: a chip for each area, a list of all machines; `#aisle_c` in the address opens there.

import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { useStore } from "./store";
import { text } from "./strings";
import type { Area } from "./types";

const SETTLED = 8_000; // ms after the page was opened

/** The anchor of an area or a machine. Areas and machines may bear one name: the area comes first. */
export function anchor(kind: "area" | "machine", id: string): string {
  return `${kind}-${id}`;
}

function go(id: string): boolean {
  const found = document.getElementById(anchor("area", id)) ?? document.getElementById(anchor("machine", id));
  if (found === null) return false;
  found.scrollIntoView({ block: "start" });
  found.querySelector<HTMLElement>("h2, h3")?.focus({ preventScroll: true });
  return true;
}

function visit(id: string): void {
  if (go(id)) history.replaceState(null, "", `#${encodeURIComponent(id)}`);
}

export function Places(): JSX.Element | null {
  const areas = useStore((state) => state.areas);
  const words = text();
  const layout = useStore((state) => state.layout);
  useEffect(() => {
    // the page grows as its points arrive; once it stands, what the reader does counts
    if (location.hash.length > 1 && performance.now() < SETTLED) go(wanted());
  }, [areas.length, layout]);
  useEffect(() => {
    const turn = (): void => void go(wanted());
    addEventListener("hashchange", turn);
    return () => removeEventListener("hashchange", turn);
  }, []);
  if (areas.length === 0) return null;
  return (
    <nav class="places" aria-label={words.places}>
      {areas.map((area) => (
        <a key={area.id} href={`#${encodeURIComponent(area.id)}`} onClick={(event) => take(event, area.id)}>
          {area.id}
        </a>
      ))}
      <Machines areas={areas} />
    </nav>
  );
}

function Machines({ areas }: { areas: Area[] }): JSX.Element | null {
  const words = text();
  if (areas.every((area) => area.equipment.length === 0)) return null;
  return (
    <select
      aria-label={words.goTo}
      value=""
      onChange={(event) => {
        visit(event.currentTarget.value);
        event.currentTarget.value = "";
      }}
    >
      <option value="">{words.goTo}</option>
      {areas.map((area) => (
        <optgroup key={area.id} label={area.id}>
          {area.equipment.map((machine) => (
            <option key={machine.id} value={machine.id}>
              {machine.name || machine.id}
            </option>
          ))}
        </optgroup>
      ))}
    </select>
  );
}

function take(event: Event, id: string): void {
  event.preventDefault();
  visit(id);
}

function wanted(): string {
  try {
    return decodeURIComponent(location.hash.slice(1));
  } catch {
    return ""; // an address somebody has typed
  }
}
