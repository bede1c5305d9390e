// Values, units, ages and times as people read them.

import { get } from "./store";
import { currentLanguage, text } from "./strings";
import type { Point, Value } from "./types";

const UNITS: Record<string, string> = {
  degC: "°C", degK: "K", K: "K", m3: "m³", "m3/h": "m³/h", "l/s": "L/s", "W/m2": "W/m²",
};

type Shown = Pick<Point, "unit" | "kind">;

export function showUnit(unit: string): string {
  return UNITS[unit] ?? unit;
}

export function showNumber(value: number): string {
  const size = Math.abs(value);
  const digits = Number.isInteger(value) && size < 1e6 ? 0 : size >= 1000 ? 0 : size >= 100 ? 1 : 2;
  const least = Number.isInteger(value) ? 0 : Math.min(1, digits);
  return value.toLocaleString(currentLanguage(), { maximumFractionDigits: digits, minimumFractionDigits: least });
}

export function showBare(value: Value | null, kind: string): string {
  if (value === null) return text().noValue;
  if (kind === "switch" || typeof value === "boolean") return value ? text().on : text().off;
  return typeof value === "number" ? showNumber(value) : value;
}

export function showValue(value: Value | null, point: Shown): string {
  const bare = showBare(value, point.kind);
  return value === null || !point.unit ? bare : `${bare} ${showUnit(point.unit)}`;
}

/** A length of time in one or two units: "45 s", "12 min", "1 h 58 min". */
export function showSeconds(seconds: number): string {
  const { s, min, h, d } = text().units;
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} ${s}`;
  const minutes = Math.round(whole / 60);
  if (minutes < 60) return `${minutes} ${min}`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return minutes % 60 ? `${hours} ${h} ${minutes % 60} ${min}` : `${hours} ${h}`;
  return `${Math.floor(hours / 24)} ${d} ${hours % 24} ${h}`;
}

/** Steps of five seconds below a minute, so that a quiet page is not drawn for every second. */
export function showAge(seconds: number): string {
  if (seconds < 5) return text().now;
  return showSeconds(seconds < 60 ? 5 * Math.floor(seconds / 5) : seconds);
}

export function showCountdown(seconds: number): string {
  const { s, min } = text().units;
  const whole = Math.max(0, Math.floor(seconds));
  if (whole >= 3600) return showSeconds(whole);
  return whole < 60 ? `${whole} ${s}` : `${Math.floor(whole / 60)} ${min} ${whole % 60} ${s}`;
}

/** Wall time of the site, not of the reader's phone. */
export function showTime(utc: number, withSeconds = false): string {
  const options: Intl.DateTimeFormatOptions = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  if (withSeconds) options.second = "2-digit";
  return new Intl.DateTimeFormat(currentLanguage(), { ...options, ...zone() }).format(utc * 1000);
}

export function showMoment(utc: number): string {
  const today = day(Date.now()) === day(utc * 1000);
  return today ? showTime(utc) : `${day(utc * 1000)} ${showTime(utc)}`;
}

function day(milliseconds: number): string {
  const options: Intl.DateTimeFormatOptions = { month: "short", day: "numeric" };
  return new Intl.DateTimeFormat(currentLanguage(), { ...options, ...zone() }).format(milliseconds);
}

/** The site's zone; nothing (the reader's own) where this browser does not know it. */
export function zone(): { timeZone?: string } {
  const timeZone = get().health?.timezone;
  if (!timeZone) return {};
  if (!known.has(timeZone)) known.set(timeZone, knows(timeZone));
  return known.get(timeZone) ? { timeZone } : {};
}

const known = new Map<string, boolean>();

function knows(timeZone: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone });
    return true;
  } catch {
    return false;
  }
}

/** "user:wang" is wang to everybody else on site. */
export function showWho(actor: string): string {
  return actor.replace(/^(user|local|operator):/, "").replace(/^(user|local):/, "");
}

export function showName(point: Point): string {
  return point.label || (point.role ?? point.id).replace(/_/g, " ");
}
