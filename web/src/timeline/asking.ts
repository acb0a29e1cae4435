/** What the timeline asks the store, or the report file, for. */

import { answer, fetched, NotInReport } from "../data/client.ts";
import type { TimelineTile } from "../data/documents.ts";
import { type LanesBy, SPANS_OF_BLOCK, type Span, spanOf } from "./shapes.ts";
import type { Address } from "./tiles.ts";

/** Settings as they are written: those that are as ever are not. */
export function byOf(by: LanesBy): { by: LanesBy | null } {
  return { by: by === "session" ? null : by };
}

/** A tile; null if a report file has not got it. */
export async function tileOf(by: LanesBy, address: Address): Promise<TimelineTile | null> {
  const { level, index, block } = address;
  return unlessMissing(
    fetched("timeline/tile", { ...byOf(by), level: level || null, index: index || null, block: block || null }),
  );
}

/** All that is known of the span of a number; null if there is none, or a report file does not tell it. */
export async function spanAt(by: LanesBy, number: number): Promise<Span | null> {
  const block = Math.floor(number / SPANS_OF_BLOCK);
  const found = await unlessMissing(answer("timeline/spans", { ...byOf(by), block: block || null }));
  return found && spanOf(found, number);
}

/** The number of a span, or of the first one of a trace; null if there is none, or a report file does not tell it. */
export async function numberOf(by: LanesBy, trace: string, span: string | null): Promise<number | null> {
  const found = await unlessMissing(answer("timeline/place", { ...byOf(by), trace, span }));
  return found?.numbers[0] ?? null;
}

const MOST_NAMES = 40;

/** What a search has found: the numbers in the order in which one goes through them, and sorted; of how many names. */
export interface Found {
  order: number[];
  sorted: Float64Array;
  count: number;
  names: number;
  namesLeftOut: number;
  isMissing: boolean;
}

/** The spans whose name has a text in it, or that failed; null where nothing is looked for. */
export async function search(
  by: LanesBy,
  names: readonly (string | null)[],
  text: string,
  failed: boolean,
): Promise<Found | null> {
  const sought = text.trim().toLocaleLowerCase();
  if (sought === "" && !failed) return null;
  const meant = names.filter((name) => name?.toLocaleLowerCase().includes(sought));
  const asked = sought === "" ? [null] : meant.slice(0, MOST_NAMES);
  const told = await Promise.all(
    asked.map((name) =>
      unlessMissing(answer("timeline/matches", { ...byOf(by), name, failed: sought === "" || null })),
    ),
  );
  let numbers = told.flatMap((one) => one?.numbers ?? []);
  let count = told.reduce((sum, one) => sum + (one?.count ?? 0), 0);
  if (sought !== "" && failed) {
    const all = await unlessMissing(answer("timeline/matches", { ...byOf(by), failed: true }));
    const isFailed = new Set(all?.numbers);
    numbers = numbers.filter((number) => isFailed.has(number));
    count = numbers.length;
  }
  return {
    order: told.length === 1 ? numbers : [...numbers].sort((one, other) => one - other),
    sorted: Float64Array.from(numbers).sort(),
    count,
    names: asked.length,
    namesLeftOut: sought === "" ? 0 : meant.length - asked.length,
    isMissing: told.some((one) => one === null),
  };
}

async function unlessMissing<T>(asked: Promise<T>): Promise<T | null> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof NotInReport) return null;
    throw error;
  }
}

const MOST_ABOVE = 200;
const MOST_IN_TREE = 80;

/** A span in the tree of its trace. */
export interface Branch {
  span: Span;
  depth: number;
}

/** The tree that a span is in, as far as its blocks tell it: from its root on, at most so many, each before its children. */
export async function treeOf(by: LanesBy, span: Span): Promise<Branch[]> {
  let root = span;
  for (let steps = 0; root.parent !== null && steps < MOST_ABOVE; steps++) {
    const above = await spanAt(by, root.parent);
    if (above === null) break;
    root = above;
  }
  const found: Branch[] = [];
  const left: { number: number; depth: number }[] = [{ number: root.number, depth: 0 }];
  while (left.length > 0 && found.length < MOST_IN_TREE) {
    const { number, depth } = left.pop() as { number: number; depth: number };
    const own = await spanAt(by, number);
    if (own === null) continue;
    found.push({ span: own, depth });
    left.push(...own.children.map((child) => ({ number: child, depth: depth + 1 })).reverse());
  }
  return found;
}
