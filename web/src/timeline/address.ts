/** What of the page's state is in its address, so that a link shows the same. */

import { LANES_BY, type LanesBy } from "./shapes.ts";
import type { View } from "./view.ts";

export interface State {
  by: LanesBy;
  /** What is seen; all of it if null. */
  view: View | null;
  /** The number of the selected span and its id: the number alone may mean another one when the store has grown. */
  selected: { number: number; spanId: string | null } | null;
  /** A trace, and a span of it, that a link of another page leads to. */
  trace: string | null;
  traceSpan: string | null;
  /** Whether the selection is what is to be seen: once, when one comes from another page. */
  isShown: boolean;
  /** The name of the lane that is to be seen, once. */
  jump: string | null;
  /** What is looked for. */
  find: string;
  failed: boolean;
}

export function stateOf(query: URLSearchParams): State {
  const by = LANES_BY.find((one) => one === query.get("by")) ?? "session";
  const [from, to] = [query.get("from"), query.get("to")].map((text) => (text ? Number(text) : Number.NaN)) as [
    number,
    number,
  ];
  const [number = "", spanId = ""] = (query.get("span") ?? "").split("~");
  return {
    by,
    view: from < to ? { from, to } : null,
    selected: /^\d+$/.test(number) ? { number: Number(number), spanId: spanId || null } : null,
    trace: query.get("trace"),
    traceSpan: query.get("traceSpan"),
    isShown: query.get("show") === "1",
    jump: query.get("jump"),
    find: query.get("find") ?? "",
    failed: query.get("failed") === "true",
  };
}

export function queryOf(state: State): Record<string, string> {
  const query: Record<string, string> = {};
  if (state.by !== "session") query.by = state.by;
  if (state.view) {
    query.from = exact(state.view.from);
    query.to = exact(state.view.to);
  }
  if (state.selected) {
    const { number, spanId } = state.selected;
    query.span = spanId === null ? `${number}` : `${number}~${spanId}`;
  }
  if (state.find) query.find = state.find;
  if (state.failed) query.failed = "true";
  return query;
}

/** Milliseconds to the nanosecond. */
function exact(ms: number): string {
  return String(Math.round(ms * 1e6) / 1e6);
}
