/** Durations and times as people read them, and the ticks of an axis. */

const UNITS: [string, number][] = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["min", 60_000],
  ["s", 1000],
  ["ms", 1],
  ["µs", 1e-3],
  ["ns", 1e-6],
];

/** A duration with the unit in which it is a number of few digits. */
export function duration(ms: number, digits = 3): string {
  const size = Math.abs(ms);
  if (size < 5e-7) return "0 ns";
  const [unit, length] = UNITS.find(([, one]) => size >= one * 0.9995) ?? ["ns", 1e-6];
  if (length < 60_000) return `${trimmed(ms / length, unit === "ns" ? 0 : digits)} ${unit}`;
  const [, next] = UNITS[UNITS.findIndex(([name]) => name === unit) + 1] as [string, number];
  const [nextUnit] = UNITS.find(([, one]) => one === next) as [string, number];
  const parts = Math.round(size / next);
  const many = Math.floor(parts / (length / next));
  const rest = parts - many * (length / next);
  return `${ms < 0 ? "−" : ""}${many} ${unit}${rest ? ` ${rest} ${nextUnit}` : ""}`;
}

function trimmed(value: number, digits: number): string {
  const places = Math.max(0, digits - Math.max(1, Math.ceil(Math.log10(Math.abs(value) + 1e-12))));
  const text = value.toFixed(places);
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

const STEPS = [
  ...Array.from({ length: 10 }, (_, at) => 10 ** (at - 6)).flatMap((one) => [one, 2 * one, 5 * one]),
  ...[10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000, 900_000, 1_800_000],
  ...[1, 2, 3, 6, 12].map((hours) => hours * 3_600_000),
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000].map((days) => days * 86_400_000),
].filter((step, at, all) => at === 0 || step > (all[at - 1] as number));

export interface Tick {
  atMs: number;
  label: string;
}

/** The distance of ticks with at most one in so many milliseconds. */
export function stepFor(leastMs: number): number {
  return (
    STEPS.find((step) => step >= leastMs) ?? (STEPS.at(-1) as number) * Math.ceil(leastMs / (STEPS.at(-1) as number))
  );
}

/** Ticks from one time to another at a distance, told as offsets. */
export function ticks(fromMs: number, toMs: number, stepMs: number): Tick[] {
  const first = Math.ceil(fromMs / stepMs - 1e-9);
  const count = Math.floor(toMs / stepMs + 1e-9) - first + 1;
  return Array.from({ length: Math.max(0, count) }, (_, at) => {
    const atMs = (first + at) * stepMs;
    return { atMs, label: offset(atMs, stepMs) };
  });
}

/** An offset from the start, with as many digits as ticks of that distance need. */
export function offset(ms: number, stepMs: number): string {
  const [unit, length] = UNITS.find(([, one]) => Math.max(Math.abs(ms), stepMs) >= one * 0.9995) ?? ["ns", 1e-6];
  if (length < 60_000) {
    const digits = Math.max(0, Math.ceil(-Math.log10(stepMs / length) - 1e-9));
    return `${(ms / length).toFixed(digits)} ${unit}`.replace("-", "−");
  }
  const size = Math.abs(ms) + stepMs * 1e-6;
  const seconds = Math.floor(size / 1000) % 60;
  const [days, hours, minutes] = [86_400_000, 3_600_000, 60_000].map((one) => Math.floor(size / one)) as [
    number,
    number,
    number,
  ];
  const fraction = stepMs < 1000 ? fractionOf(size % 1000, stepMs) : "";
  const clock = `${two(hours % 24)}:${two(minutes % 60)}:${two(seconds)}${fraction}`;
  return `${ms < 0 ? "−" : ""}${days ? `${days} d ` : ""}${clock}`;
}

function fractionOf(ms: number, stepMs: number): string {
  const digits = Math.min(9, Math.max(0, Math.ceil(3 - Math.log10(stepMs) - 1e-9)));
  return (Math.floor(ms * 10 ** (digits - 3) + 1e-3) / 10 ** digits).toFixed(digits).slice(1);
}

function two(number: number): string {
  return String(number).padStart(2, "0");
}

/** The time of day of an offset from a time such as `2026-01-02T03:04:05.123456Z`, in UTC or where the reader is. */
export class Clock {
  private readonly startMs: number;
  private readonly restNs: number;

  constructor(
    start: string,
    readonly isUtc: boolean,
  ) {
    const [second = "", digits = ""] = start.replace("Z", "").split(".");
    this.startMs = Date.parse(`${second}Z`);
    this.restNs = Number(digits.padEnd(9, "0"));
  }

  /** Date and time, to a step. */
  at(offsetMs: number, stepMs: number): { date: string; time: string } {
    const ns = Math.round((offsetMs - Math.floor(offsetMs)) * 1e6) + this.restNs;
    const whole = this.startMs + Math.floor(offsetMs) + Math.floor(ns / 1e6);
    const date = new Date(whole);
    const within = whole - Math.floor(whole / 1000) * 1000 + (ns % 1e6) / 1e6;
    const [year, month, day, hours, minutes, seconds] = this.isUtc
      ? [
          date.getUTCFullYear(),
          date.getUTCMonth(),
          date.getUTCDate(),
          date.getUTCHours(),
          date.getUTCMinutes(),
          date.getUTCSeconds(),
        ]
      : [date.getFullYear(), date.getMonth(), date.getDate(), date.getHours(), date.getMinutes(), date.getSeconds()];
    return {
      date: `${year}-${two((month as number) + 1)}-${two(day as number)}`,
      time: `${two(hours as number)}:${two(minutes as number)}:${two(seconds as number)}${stepMs < 1000 ? fractionOf(within, stepMs) : ""}`,
    };
  }

  /** The offset of a time such as the one of the start. */
  offset(time: string): number {
    const other = new Clock(time, true);
    return other.startMs - this.startMs + (other.restNs - this.restNs) / 1e6;
  }

  /** What times are told in: `UTC`, or the reader's zone. */
  get zone(): string {
    return this.isUtc ? "UTC" : Intl.DateTimeFormat().resolvedOptions().timeZone;
  }
}
