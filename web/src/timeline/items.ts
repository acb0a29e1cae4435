/** Looking through what is drawn: which item is at a place, which come next, what lies in a period. */

import { FAILED } from "./shapes.ts";
import type { Piece, Tile } from "./tiles.ts";
import type { View } from "./view.ts";

/** An item of the picture: a span, or several that are merged. */
export interface Item {
  lane: number;
  row: number;
  start: number;
  end: number;
  first: number;
  count: number;
  longest: number;
  name: number;
  flags: number;
}

function itemOf(tile: Tile, lane: number, row: number, at: number): Item {
  return {
    lane,
    row,
    start: tile.start[at] as number,
    end: tile.end[at] as number,
    first: tile.first[at] as number,
    count: tile.count[at] as number,
    longest: tile.longest[at] as number,
    name: tile.name[at] as number,
    flags: tile.flags[at] as number,
  };
}

/** Calls for each item that is seen, once: the piece in which its seen part begins has it. */
export function eachSeen(
  pieces: readonly Piece[],
  view: View,
  lanes: readonly [number, number],
  take: (tile: Tile, lane: number, row: number, at: number) => void,
): void {
  for (const { tile, from, to } of pieces) {
    for (const { lane, row, begin, end } of tile.rows) {
      if (lane < lanes[0] || lane > lanes[1]) continue;
      for (let at = begin; at < end; at++) {
        const start = tile.start[at] as number;
        if (start > view.to) break;
        const seen = start > view.from ? start : view.from;
        if ((tile.end[at] as number) >= view.from && seen >= from && seen < to) take(tile, lane, row, at);
      }
    }
  }
}

/** The item at a row and a time, of those within a tolerance the nearest. */
export function itemAt(
  pieces: readonly Piece[],
  lane: number,
  row: number,
  time: number,
  tolerance: number,
): Item | null {
  let nearest: Item | null = null;
  let least = tolerance;
  for (const { tile, from, to } of pieces) {
    if (time + tolerance < from || time - tolerance >= to) continue;
    for (const place of tile.rows) {
      if (place.lane !== lane || place.row !== row) continue;
      for (let at = place.begin; at < place.end; at++) {
        const apart = Math.max((tile.start[at] as number) - time, time - (tile.end[at] as number), 0);
        if (apart < least || (apart === least && nearest === null)) {
          least = apart;
          nearest = itemOf(tile, lane, row, at);
        }
      }
    }
  }
  return nearest;
}

/** All items that are seen, lane by lane and row by row, at most so many. */
export function seen(pieces: readonly Piece[], view: View, lanes: readonly [number, number], most: number): Item[] {
  const found: Item[] = [];
  eachSeen(pieces, view, lanes, (tile, lane, row, at) => {
    if (found.length < most) found.push(itemOf(tile, lane, row, at));
  });
  return found.sort((one, other) => one.lane - other.lane || one.row - other.row || one.start - other.start);
}

/** The spans that are going on in a period, and how many of their items have a failed one, in some lanes. */
export function within(pieces: readonly Piece[], period: View, lanes: readonly [number, number]): [number, number] {
  let spans = 0;
  let failed = 0;
  eachSeen(pieces, period, lanes, (tile, _lane, _row, at) => {
    spans += tile.count[at] as number;
    if ((tile.flags[at] as number) & FAILED) failed += 1;
  });
  return [spans, failed];
}

export type Direction = "left" | "right" | "up" | "down";

/** The item beside another one: before or after it in its row, else the nearest in time in the next row with one. */
export function neighbour(items: readonly Item[], from: Item, direction: Direction): Item | null {
  if (direction === "left" || direction === "right") {
    const row = items.filter((one) => one.lane === from.lane && one.row === from.row);
    const isBeyond = (one: Item) => (direction === "right" ? one.first > from.first : one.first < from.first);
    const beyond = row.filter(isBeyond);
    return (direction === "right" ? beyond[0] : beyond.at(-1)) ?? null;
  }
  const sign = direction === "down" ? 1 : -1;
  const order = (one: Item) => (one.lane * 1000 + one.row) * sign;
  const beyond = items.filter((one) => order(one) > order(from));
  const next = Math.min(...beyond.map(order));
  const middle = (from.start + from.end) / 2;
  const apart = (one: Item) => Math.max(one.start - middle, middle - one.end, 0);
  return beyond.filter((one) => order(one) === next).sort((one, other) => apart(one) - apart(other))[0] ?? null;
}

/** Whether a sorted list of numbers has one of `count` from `first` on. */
export function hasNumber(sorted: Float64Array, first: number, count: number): boolean {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] as number) < first) low = middle + 1;
    else high = middle;
  }
  return low < sorted.length && (sorted[low] as number) < first + count;
}

/** Times in which nothing is going on in any of the rows, among those that are seen, at least so long. */
export function gaps(pieces: readonly Piece[], view: View, lanes: readonly [number, number], leastMs: number): View[] {
  const periods: [number, number][] = [];
  eachSeen(pieces, view, lanes, (tile, _lane, _row, at) => {
    periods.push([tile.start[at] as number, tile.end[at] as number]);
  });
  periods.sort((one, other) => one[0] - other[0]);
  const found: View[] = [];
  let reached = Number.POSITIVE_INFINITY;
  for (const [start, end] of periods) {
    if (start - reached >= leastMs) found.push({ from: reached, to: start });
    reached = reached === Number.POSITIVE_INFINITY ? end : Math.max(reached, end);
  }
  return found;
}
