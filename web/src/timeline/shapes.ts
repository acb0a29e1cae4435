/** Words for what the documents of the timeline say; times in milliseconds, offsets from the first start of all. */

import type { Code, TimelineLanes, TimelineSpans } from "../data/documents.ts";

export type LanesBy = TimelineLanes["by"];
export const LANES_BY: readonly LanesBy[] = ["session", "sequence", "handler", "service"];

/** Flags of items. */
export const FAILED = 1;
export const OPEN = 2;
export const INFERRED = 4;

export const SPANS_OF_BLOCK = 256;

type Columns = Omit<TimelineSpans, "schemaVersion" | "staleAcceptances" | "by" | "first" | "code" | "codes">;

/** All that is known of a span. */
export type Span = { [Name in keyof Columns]: Columns[Name][number] } & { number: number; code: Code | null };

/** The span of a number in its block; null if there is none. */
export function spanOf(block: TimelineSpans, number: number): Span | null {
  const at = number - block.first;
  if (at < 0 || at >= block.spanId.length) return null;
  const { schemaVersion, staleAcceptances, by, first, code, codes, ...columns } = block;
  const place = code[at];
  const told = Object.entries(columns).map(([name, values]) => [name, values[at]]);
  return { ...Object.fromEntries(told), number, code: place == null ? null : (codes[place] ?? null) } as Span;
}
