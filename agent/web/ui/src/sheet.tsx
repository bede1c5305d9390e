// Everything about one point: why it is what it is, the priority array, the trend, and the override.

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { change, look } from "./api";
import { LostBanner, OverrideLine } from "./alarms";
import { Dialog } from "./dialog";
import { showName } from "./format";
import { OverrideForm } from "./override";
import { isOnlySent, isWriteOnly, Reading } from "./points";
import { Problem } from "./question";
import { get, set, useStore } from "./store";
import { text } from "./strings";
import { Trend } from "./trend";
import type { Point, Why } from "./types";
import { WhyPart } from "./why";

const AGAIN = 5_000; // milliseconds between looks while the sheet is open

export function Sheet({ id }: { id: string }): JSX.Element {
  const point = useStore((state) => state.points.get(id));
  const overrides = useStore((state) => state.overrides);
  const words = text();
  const close = (): void => set({ open: null });
  if (!point) {
    return (
      <Dialog label={id} kind="side" onClose={close}>
        <Title title={id} onClose={close} />
        <p>{words.noValue}</p>
      </Dialog>
    );
  }
  const held = overrides.find((one) => one.command.point === id);
  return (
    <Dialog label={showName(point)} kind="side" onClose={close}>
      <Title title={showName(point)} onClose={close} />
      <LostBanner />
      <p class="quiet">{[machineName(point), id].filter(Boolean).join(" · ")}</p>
      <ReadingNow point={point} />
      {held && (
        <section class="banner held">
          <OverrideLine override={held} />
        </section>
      )}
      {point.commandable && <WhyLoaded point={point} />}
      {point.kind !== "text" && point.kind !== "enum" && <Trend point={point} />}
      {point.commandable ? (
        <OverrideForm key={held?.id ?? ""} point={point} held={held !== undefined} />
      ) : (
        <p class="quiet">{words.notCommandable}</p>
      )}
    </Dialog>
  );
}

function Title({ title, onClose }: { title: string; onClose: () => void }): JSX.Element {
  return (
    <div class="head">
      <h2>{title}</h2>
      <button type="button" class="plain" onClick={onClose} aria-label={text().close}>
        ✕
      </button>
    </div>
  );
}

function ReadingNow({ point }: { point: Point }): JSX.Element {
  const [error, setError] = useState("");
  const read = async (): Promise<void> => {
    setError("");
    try {
      const fresh = await change<Point>("POST", `/api/points/${encodeURIComponent(point.id)}/read`);
      get().points.set(point.id, fresh);
      set({});
    } catch (problem) {
      setError((problem as Error).message);
    }
  };
  return (
    <>
      <div class={`big ${point.quality}`}>
        <Reading point={point} />
        <button type="button" class="plain" onClick={() => void read()}>
          {text().readNow}
        </button>
      </div>
      {point.quality !== "good" && point.reason && !isWriteOnly(point) && !isOnlySent(point) && <Problem sentence={point.reason} />}
      {error && <Problem sentence={error} />}
    </>
  );
}

function WhyLoaded({ point }: { point: Point }): JSX.Element {
  const [why, setWhy] = useState<Why | null>(null);
  const [error, setError] = useState("");
  useEffect(() => {
    let gone = false;
    const load = async (): Promise<void> => {
      try {
        const answer = await look<Why>(`/api/points/${encodeURIComponent(point.id)}/why`);
        if (!gone) setWhy(answer);
        if (!gone) setError("");
      } catch (problem) {
        if (!gone) setError((problem as Error).message);
      }
    };
    void load();
    const timer = setInterval(() => void load(), AGAIN);
    return () => {
      gone = true;
      clearInterval(timer);
    };
  }, [point.id, point.decided, point.decided_reason, point.overridden]);
  return (
    <>
      {error && <Problem sentence={error} />}
      {why ? <WhyPart why={why} /> : <p class="quiet">{text().loading}</p>}
    </>
  );
}

function machineName(point: Point): string {
  const machines = get().areas.flatMap((area) => area.equipment);
  return machines.find((one) => one.id === point.equipment)?.name ?? "";
}
