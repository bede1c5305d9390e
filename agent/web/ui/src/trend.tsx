// The last hours of one point, drawn by uPlot in the site's own time.

import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import uPlot from "uplot";
import { look } from "./api";
import { showNumber, showUnit, zone } from "./format";
import { Problem } from "./question";
import { siteNow } from "./store";
import { text } from "./strings";
import type { Point, Sample } from "./types";

const RANGES = [1, 6, 24];
const HEIGHT = 190;
const MOST = 1_500;

export function Trend({ point }: { point: Point }): JSX.Element {
  const [hours, setHours] = useState(6);
  const [samples, setSamples] = useState<Sample[] | null>(null);
  const [error, setError] = useState("");
  const words = text();
  useEffect(() => {
    let gone = false;
    const load = async (): Promise<void> => {
      const until = siteNow();
      const path = `/api/points/${encodeURIComponent(point.id)}/history`;
      try {
        const found = await look<Sample[]>(`${path}?since=${until - hours * 3600}&until=${until}&limit=${MOST}`);
        if (!gone) setSamples(found);
        if (!gone) setError("");
      } catch (problem) {
        if (!gone) setError((problem as Error).message);
      }
    };
    void load();
    const timer = setInterval(() => void load(), 30_000);
    return () => {
      gone = true;
      clearInterval(timer);
    };
  }, [point.id, hours]);
  return (
    <section class="trend">
      <div class="head">
        <h3>{words.trend}</h3>
        <div class="segments" role="radiogroup" aria-label={words.trend}>
          {RANGES.map((range) => (
            <button
              key={range}
              type="button"
              role="radio"
              aria-checked={range === hours}
              class={range === hours ? "chosen" : ""}
              onClick={() => setHours(range)}
            >
              {range} {words.units.h}
            </button>
          ))}
        </div>
      </div>
      {error && <Problem sentence={error} />}
      {samples?.length === 0 && <p class="quiet">{words.noHistory}</p>}
      {samples !== null && samples.length > 0 && <Chart samples={samples} point={point} />}
    </section>
  );
}

function Chart({ samples, point }: { samples: Sample[]; point: Point }): JSX.Element {
  const element = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot | null>(null);
  useEffect(() => {
    const box = element.current;
    if (!box) return;
    const plot = new uPlot(options(point, box), columns(samples), box);
    chart.current = plot;
    const observer = new ResizeObserver(() => plot.setSize({ width: box.clientWidth, height: HEIGHT }));
    observer.observe(box);
    return () => {
      observer.disconnect();
      plot.destroy();
      chart.current = null;
    };
  }, [point.id]);
  useEffect(() => chart.current?.setData(columns(samples)), [samples]);
  return <div ref={element} class="chart" />;
}

/** BAD samples are gaps, not lines. */
function columns(samples: Sample[]): uPlot.AlignedData {
  const values = samples.map(([, value, quality]) =>
    quality === "bad" || value === null || typeof value === "string" ? null : Number(value),
  );
  return [samples.map(([time]) => time), values];
}

function options(point: Point, box: HTMLElement): uPlot.Options {
  const style = getComputedStyle(box);
  const ink = style.getPropertyValue("--quiet").trim();
  const grid = { stroke: style.getPropertyValue("--line").trim(), width: 1 };
  const steps = uPlot.paths.stepped?.({ align: 1 });
  const isSwitch = point.kind === "switch";
  const axis: uPlot.Axis = { stroke: ink, grid, ticks: grid, font: "12px system-ui" };
  const series: uPlot.Series = {
    label: showUnit(point.unit) || text().value,
    stroke: style.getPropertyValue("--ink").trim(),
    width: 1.5,
    points: { show: false },
    value: (_, value) => (value === null ? "–" : showNumber(value)),
  };
  if ((isSwitch || point.commandable) && steps) series.paths = steps;
  return {
    width: box.clientWidth,
    height: HEIGHT,
    tzDate: (seconds) => inZone(seconds),
    scales: isSwitch ? { y: { range: [-0.1, 1.1] } } : {},
    axes: [{ ...axis, values: clockLabels }, { ...axis, size: 52, values: (_, ticks) => ticks.map(showNumber) }],
    series: [{ label: "", value: "{HH}:{mm}" }, series],
    cursor: { drag: { x: false, y: false } },
  };
}

function inZone(seconds: number): Date {
  const { timeZone } = zone();
  const date = new Date(seconds * 1000);
  return timeZone ? uPlot.tzDate(date, timeZone) : date;
}

function clockLabels(_: uPlot, ticks: number[]): string[] {
  return ticks.map((tick) => {
    const date = inZone(tick);
    return `${String(date.getHours()).padStart(2, "0")}:${String(date.getMinutes()).padStart(2, "0")}`;
  });
}
