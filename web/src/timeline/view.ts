/** What part of all time is seen, in milliseconds from the first start; and how that changes. */

export interface View {
  readonly from: number;
  readonly to: number;
}

const NANOSECOND = 1e-6;
/** The least time that is shown: of less, floating point would know nothing any more. */
export const LEAST_MS = 20 * NANOSECOND;
const MARGIN = 0.02;

/** All of a time of that length, with a little room at both ends. */
export function whole(durationMs: number): View {
  const margin = Math.max(durationMs, LEAST_MS) * MARGIN;
  return { from: -margin, to: durationMs + margin };
}

/** Whether all of a time is seen. */
export function isWhole(view: View, durationMs: number): boolean {
  const all = whole(durationMs);
  return view.from <= all.from && view.to >= all.to;
}

/** A view that is not longer than all time and does not leave it. */
export function clamped(view: View, durationMs: number): View {
  const all = whole(durationMs);
  const length = Math.min(Math.max(view.to - view.from, LEAST_MS), all.to - all.from);
  const middle = (view.from + view.to) / 2;
  const from = Math.min(Math.max(middle - length / 2, all.from), all.to - length);
  return { from, to: from + length };
}

/** The view `factor` times as long around a time that stays where it is. */
export function zoomed(view: View, factor: number, around: number): View {
  return { from: around - (around - view.from) * factor, to: around + (view.to - around) * factor };
}

/** The view moved by a part of its length. */
export function panned(view: View, share: number): View {
  const by = (view.to - view.from) * share;
  return { from: view.from + by, to: view.to + by };
}

/** A view in which a period is seen, with some of what is around it. */
export function around(startMs: number, endMs: number): View {
  const margin = Math.max(endMs - startMs, LEAST_MS) * 0.25;
  return { from: startMs - margin, to: endMs + margin };
}

/** Where a time is, in pixels from the left. */
export function xOf(view: View, width: number, timeMs: number): number {
  return ((timeMs - view.from) / (view.to - view.from)) * width;
}

/** The time at a place in pixels from the left. */
export function timeAt(view: View, width: number, x: number): number {
  return view.from + (x / width) * (view.to - view.from);
}

/** The view that touches of two fingers make of one, so that what was below each stays there. */
export function pinched(view: View, width: number, before: [number, number], now: [number, number]): View {
  const [left, right] = before.map((x) => timeAt(view, width, x)) as [number, number];
  const apart = now[1] - now[0];
  if (Math.abs(apart) < 1) return view;
  const perPixel = Math.abs((right - left) / apart);
  const from = left - Math.min(now[0], now[1]) * perPixel;
  return { from, to: from + width * perPixel };
}
