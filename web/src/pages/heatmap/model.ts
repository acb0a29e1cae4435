import type { Answers, Blocks, Code, HandlerHeat } from "../../data/documents.ts";

/** What handlers are ranked by. */
export type Rank = "p95" | "avg" | "total" | "self" | "max";

/** What blocks are coloured by. */
export type Measure = "p95" | "executions" | "errors";

const DECADES = 3;

interface Named {
  name: string;
  plugin: string | null;
  service: string | null;
  code: Code | null;
}

/** A place in code as settings name it. */
export function placeOf(code: Code | null): string | null {
  return code === null
    ? null
    : `${code.filePath}:${code.lineNumber}${code.commitId === undefined ? "" : ` of ${code.commitId.slice(0, 10)}`}`;
}

/** What one handler is told from all others by; the same in every document. */
export function keyOf(one: Named): string {
  return [one.name, one.plugin, one.service, placeOf(one.code)].map((part) => part ?? "").join("|");
}

/** The settings that ask for the executions of a handler. */
export function settingsOf(one: Named): Record<string, string | null> {
  return { name: one.name, plugin: one.plugin, service: one.service, place: placeOf(one.code) };
}

/** What a handler is ranked by; null where no execution has a known duration. */
export function measureOf(one: HandlerHeat, by: Rank): number | null {
  return one.timing === null ? null : by === "total" ? one.totalTime : by === "self" ? one.selfTime : one.timing[by];
}

/** How hot something is, 0…1: 1 for the hottest, a third less for each factor of ten below it. */
export function heatOf(measure: number | null, hottest: number): number {
  return measure === null || measure <= 0 || hottest <= 0
    ? 0
    : Math.max(0, 1 + Math.log10(measure / hottest) / DECADES);
}

/** Handlers, hottest first, with their heat. */
export function rankedBy(handlers: readonly HandlerHeat[], by: Rank): HandlerHeat[] {
  const hottest = Math.max(0, ...handlers.map((one) => measureOf(one, by) ?? 0));
  const last = Number.NEGATIVE_INFINITY;
  return handlers
    .map((one) => ({ ...one, heat: heatOf(measureOf(one, by), hottest) }))
    .sort((a, b) => (measureOf(b, by) ?? last) - (measureOf(a, by) ?? last) || (a.name < b.name ? -1 : 1));
}

/** Milliseconds since 1970 of a time with any number of digits. */
export function millisecondsOf(iso: string): number {
  const [second = "", digits = "0"] = iso.replace(/Z$/, "").split(".");
  return Date.parse(`${second}Z`) + Number(`0.${digits}`) * 1000;
}

/** The time as text, to the microsecond. */
export function isoOf(milliseconds: number): string {
  const whole = Math.floor(milliseconds / 1000) * 1000;
  const micro = Math.min(999_999, Math.floor((milliseconds - whole) * 1000));
  return `${new Date(whole).toISOString().slice(0, 19)}.${String(micro).padStart(6, "0")}Z`;
}

/** A block: a handler in a part of the time. */
export interface Block {
  key: string;
  part: number;
  executions: number;
  errors: number;
  p50: number | null;
  p95: number | null;
  max: number | null;
  log: { source: string; line: number } | null;
}

/** The blocks of a time, by handler, and how that time is cut. */
export interface Grid {
  start: number;
  partMs: number;
  parts: number;
  builds: readonly { build: string; part: number }[];
  rows: ReadonlyMap<string, readonly Block[]>;
  leftOut: number;
}

/** The blocks of an answer; of those, only parts that lie between two times, where such are given. */
export function gridOf(answer: Blocks, from: number | null = null, to: number | null = null): Grid {
  const whole = answer.startTime === null ? 0 : millisecondsOf(answer.startTime);
  const partMs = answer.partMs;
  const end = answer.endTime === null ? whole : millisecondsOf(answer.endTime);
  const last = Math.min(answer.parts - 1, Math.floor((end - whole) / partMs));
  const first = from === null ? 0 : clamp(Math.floor((from - whole) / partMs), 0, last);
  const final = to === null ? last : clamp(Math.ceil((to - whole) / partMs) - 1, first, last);
  const rows = new Map<string, Block[]>();
  const keys = answer.handlers.map(keyOf);
  for (let place = 0; place < answer.part.length; place++) {
    const part = answer.part[place] as number;
    const key = keys[answer.handler[place] as number] as string;
    if (part >= first && part <= final) {
      const block = blockOf(answer, place, key, part - first);
      const row = rows.get(key);
      row === undefined ? rows.set(key, [block]) : row.push(block);
    }
  }
  const begun = answer.builds.map((one) => ({
    build: one.build,
    part: Math.floor((millisecondsOf(one.startTime) - whole) / partMs + 1e-6) - first,
  }));
  const before = begun.filter((one) => one.part <= 0).at(-1); // what is going on when the time begins
  const builds = [
    ...(before === undefined ? [] : [{ build: before.build, part: 0 }]),
    ...begun.filter((one) => one.part > 0 && one.part <= final - first),
  ];
  return {
    start: whole + first * partMs,
    partMs,
    parts: final - first + 1,
    builds,
    rows,
    leftOut: answer.leftOut,
  };
}

function clamp(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(value, most));
}

function blockOf(answer: Blocks, place: number, key: string, part: number): Block {
  const source = answer.sources[answer.source[place] as number];
  return {
    key,
    part,
    executions: answer.executions[place] as number,
    errors: answer.errors[place] as number,
    p50: answer.p50Ms[place] as number | null,
    p95: answer.p95Ms[place] as number | null,
    max: answer.maxMs[place] as number | null,
    log: source === undefined ? null : { source, line: answer.line[place] as number },
  };
}

/** How many executions began in each part. */
export function totalsOf(grid: Grid): number[] {
  const totals = new Array<number>(grid.parts).fill(0);
  for (const row of grid.rows.values()) {
    for (const block of row) {
      totals[block.part] = (totals[block.part] ?? 0) + block.executions;
    }
  }
  return totals;
}

/** Colours for values over several factors of ten: the same way along the colours is the same factor. */
export interface Scale {
  /** Where a value lies, 0…1. */
  placeOf: (value: number) => number;
  /** Values that lie as far from each other, the least first. */
  marks: readonly { place: number; value: number }[];
}

const ABOVE_NOTHING = 0.2; // what is more than 0 is told from it

/** Where values lie between the least and the most of them; 0 lies below all others. */
export function scaleOf(values: readonly number[]): Scale {
  const above = values.filter((value) => value > 0);
  const least = above.reduce((found, value) => Math.min(found, value), Number.POSITIVE_INFINITY);
  const most = above.reduce((found, value) => Math.max(found, value), 0);
  const first = above.length < values.length ? ABOVE_NOTHING : 0;
  const width = above.length === 0 ? 0 : Math.log(most / least);
  const placeOf = (value: number) =>
    value <= 0 ? 0 : width === 0 ? 1 : first + (1 - first) * clamp(Math.log(value / least) / width, 0, 1);
  const marks = first > 0 ? [{ place: 0, value: 0 }] : [];
  if (above.length > 0 && width === 0) {
    marks.push({ place: 1, value: most });
  } else if (above.length > 0) {
    const many = 3;
    for (let one = 0; one <= many; one++) {
      marks.push({ place: first + ((1 - first) * one) / many, value: least * Math.exp((width * one) / many) });
    }
  }
  return { placeOf, marks };
}

/** What a block is coloured by. */
export function amountOf(block: Block, by: Measure): number | null {
  return by === "p95" ? block.p95 : by === "executions" ? block.executions : block.errors;
}

export type Direction = "left" | "right" | "up" | "down";

/** The block beside another: the next that ran in its row, or the nearest in the next row that has one. */
export function beside(grid: Grid, keys: readonly string[], from: Block, towards: Direction): Block | null {
  if (towards === "left" || towards === "right") {
    const row = grid.rows.get(from.key) ?? [];
    return row[row.findIndex((one) => one.part === from.part) + (towards === "right" ? 1 : -1)] ?? null;
  }
  const by = towards === "down" ? 1 : -1;
  for (let place = keys.indexOf(from.key) + by; place >= 0 && place < keys.length; place += by) {
    const row = grid.rows.get(keys[place] as string) ?? [];
    const nearest = [...row].sort((a, b) => Math.abs(a.part - from.part) - Math.abs(b.part - from.part))[0];
    if (nearest !== undefined) {
      return nearest;
    }
  }
  return null;
}

type BuildTimes = Answers["heatmap/executions"]["builds"][number];

/** How much longer a build took than another: 2 is twice as long, 0.5 half; null where that cannot be said. */
export function shiftOf(before: BuildTimes, after: BuildTimes, of: "p50" | "p95" | "p99" | "avg"): number | null {
  const [was, is] = [before[of], after[of]];
  return was === null || is === null || was <= 0 ? null : is / was;
}

/** A ratio as people say it: `×2.1`, `−40 %`, `+8 %`, `as before`. */
export function shiftText(ratio: number | null): string {
  if (ratio === null) {
    return "–";
  }
  const percent = Math.round((ratio - 1) * 100);
  return ratio >= 2
    ? `×${ratio.toFixed(1)}`
    : percent === 0
      ? "as before"
      : `${percent > 0 ? "+" : "−"}${Math.abs(percent)} %`;
}

/** Names that are like another, the likest first: they share parts, or most of their pairs of letters. */
export function near(name: string, names: readonly string[], most = 5): string[] {
  const wanted = pairs(name);
  const scored = [...new Set(names)].map((one) => {
    const has = pairs(one);
    const common = [...wanted].filter((pair) => has.has(pair)).length;
    return { one, score: (2 * common) / Math.max(1, wanted.size + has.size) };
  });
  return scored
    .filter(({ score }) => score > 0.3)
    .sort((a, b) => b.score - a.score)
    .slice(0, most)
    .map(({ one }) => one);
}

function pairs(text: string): Set<string> {
  const letters = [...text.toLocaleLowerCase()];
  return new Set(letters.slice(1).map((letter, place) => `${letters[place]}${letter}`));
}
