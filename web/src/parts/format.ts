import { zone } from "../shell/preferences.ts";

const grouped = new Intl.NumberFormat("en");

/** A number with three digits that count, or all that stand before the point. */
export function significant(value: number): string {
  const size = Math.abs(value);
  const digits = size < 1 ? 3 : size < 10 ? 2 : size < 100 ? 1 : 0;
  return new Intl.NumberFormat("en", { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value);
}

/** A count: `1,234`. */
export function count(value: number): string {
  return grouped.format(value);
}

/** A count with its noun: `1 run`, `2,000 runs`. */
export function counted(value: number, noun: string): string {
  return value === 1 ? `1 ${noun}` : `${count(value)} ${noun}s`;
}

const STEPS: readonly [least: number, unit: string, length: number][] = [
  [86_400_000, "d", 86_400_000],
  [3_600_000, "h", 3_600_000],
  [120_000, "min", 60_000],
  [1000, "s", 1000],
  [0.1, "ms", 1],
  [0.0001, "µs", 0.001],
];

/** A duration with the unit that fits: `12.3 ms`, `4.20 s`. */
export function duration(milliseconds: number | null | undefined): string {
  if (milliseconds === null || milliseconds === undefined) {
    return "–";
  }
  const size = Math.abs(milliseconds);
  const [, unit, length] = STEPS.find(([least]) => size >= least) ?? [
    0,
    size === 0 ? "ms" : "ns",
    size === 0 ? 1 : 1e-6,
  ];
  return size === 0 ? "0 ms" : `${significant(milliseconds / length)} ${unit}`;
}

/** A share: `12 %`, `<1 %`. */
export function share(value: number | null | undefined): string {
  if (value === null || value === undefined) {
    return "–";
  }
  if (value > 0 && value < 0.01) {
    return "<1 %";
  }
  return value < 1 && value > 0.99 ? ">99 %" : `${Math.round(value * 100)} %`;
}

const BYTES = ["bytes", "kB", "MB", "GB", "TB"];

/** A size: `1.2 MB`. */
export function bytes(value: number): string {
  const power = Math.min(Math.floor(Math.log10(Math.max(value, 1)) / 3), BYTES.length - 1);
  return power === 0 ? counted(value, "byte") : `${significant(value / 1000 ** power)} ${BYTES[power]}`;
}

/** A moment in the zone that is chosen, to the second or to the millisecond: `2026-11-24 03:24:51.851`. */
export function moment(iso: string | null | undefined, digits: 0 | 3 = 0): string {
  if (iso === null || iso === undefined) {
    return "–";
  }
  if (zone.value === "UTC") {
    return iso.slice(0, digits === 0 ? 19 : 23).replace("T", " ");
  }
  const there = new Date(iso);
  const shifted = new Date(there.getTime() - there.getTimezoneOffset() * 60_000).toISOString();
  return shifted.slice(0, digits === 0 ? 19 : 23).replace("T", " ");
}

/** From when to when, the day once where it is the same. */
export function period(from: string, to: string): string {
  const [start, end] = [moment(from), moment(to)];
  const same = start.slice(0, 10) === end.slice(0, 10);
  return `${start} – ${same ? end.slice(11) : end} ${zoneName()}`;
}

/** The zone that times are told in. */
export function zoneName(): string {
  return zone.value === "UTC" ? "UTC" : Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** A path without what is before its last parts, which tell the most. */
export function shortPath(path: string, most = 44): string {
  if (path.length <= most) {
    return path;
  }
  const tail = path.slice(-(most - 1));
  const cut = tail.indexOf("/");
  return `…${cut > 0 && cut < most / 2 ? tail.slice(cut) : tail}`;
}
