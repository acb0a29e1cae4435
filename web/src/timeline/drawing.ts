/** The picture of the spans on a canvas, as it is at one moment. */

import { palette, shortened } from "./colours.ts";
import { eachSeen, hasNumber } from "./items.ts";
import { LANE_GAP, type LaneRows, ROW_HEIGHT } from "./rows.ts";
import { FAILED, INFERRED, OPEN } from "./shapes.ts";
import type { Piece } from "./tiles.ts";
import { duration } from "./times.ts";
import { type View, xOf } from "./view.ts";

/** Colours of the page that a canvas cannot look up by itself. */
export interface Ink {
  text: string;
  quiet: string;
  line: string;
  ground: string;
  sunken: string;
  faint: string;
  accent: string;
  bad: string;
  warn: string;
  isDark: boolean;
}

/** All that is drawn. */
export interface Scene {
  width: number;
  height: number;
  scrollTop: number;
  view: View;
  rows: LaneRows;
  lanes: readonly [number, number];
  pieces: readonly Piece[];
  names: readonly (string | null)[];
  colours: Uint8Array;
  gaps: readonly View[];
  /** Numbers of what is looked for, in order; null if nothing is. */
  found: Float64Array | null;
  /** Whether a span of that start and name is on the critical path that is shown. */
  isOnPath: ((start: number, name: string | null) => boolean) | null;
  ink: Ink;
}

const FONT = "11px system-ui, sans-serif";
const BAR = ROW_HEIGHT - 3;
const LETTER = 6;
const LEAST_LABEL = 30;
const LEAST_MIDDLE = 12; // letters: with fewer, a name is known by how it begins
const LEAST_HUE = 2.5; // pixels: of what is narrower, colours are a flicker that tells nothing

interface Marks {
  failed: number[];
  inferred: number[];
  open: number[];
  found: number[];
  path: number[];
  merged: number[];
  labels: { x: number; y: number; width: number; text: string; isDim: boolean }[];
}

export function draw(context: CanvasRenderingContext2D, scene: Scene): void {
  const { width, height, ink } = scene;
  context.clearRect(0, 0, width, height);
  lines(context, scene);
  idle(context, scene);
  const bars = [...palette(ink.isDark), ink.faint].flatMap(() => [[], []] as [number[], number[]]);
  const marks: Marks = { failed: [], inferred: [], open: [], found: [], path: [], merged: [], labels: [] };
  collect(scene, bars, marks);
  bars.forEach((places, at) => {
    context.fillStyle = palette(ink.isDark)[at >> 1] ?? ink.faint;
    context.globalAlpha = at % 2 ? 0.22 : 1;
    for (let place = 0; place < places.length; place += 3) {
      context.fillRect(places[place] as number, places[place + 1] as number, places[place + 2] as number, BAR);
    }
  });
  context.globalAlpha = 1;
  mark(context, scene, marks);
  label(context, scene, marks);
}

/** The bars by colour, each its place and width, and what is drawn on them; at odd places those that are not meant. */
function collect(scene: Scene, bars: number[][], marks: Marks): void {
  const { view, width, rows, scrollTop, names, colours, found, isOnPath } = scene;
  let line = -1;
  let reached = -1;
  eachSeen(scene.pieces, view, scene.lanes, (tile, lane, row, at) => {
    const y = rows.yOf(lane, row) - scrollTop;
    if (y + ROW_HEIGHT < 0 || y > scene.height) return;
    const start = tile.start[at] as number;
    const flags = tile.flags[at] as number;
    const count = tile.count[at] as number;
    const left = Math.max(-2, xOf(view, width, start));
    const right = Math.min(width + 2, xOf(view, width, tile.end[at] as number));
    const isFound = found === null || hasNumber(found, tile.first[at] as number, count);
    const own = lane * 256 + row;
    if (own !== line) [line, reached] = [own, -1];
    if (flags & FAILED) marks.failed.push(left, y, right - left);
    if (right <= reached && !(flags & FAILED) && (found === null || !isFound)) return; // what is there covers it
    const size = Math.max(1, right - left - (right - left > 3 ? 1 : 0));
    reached = left + size;
    const name = names[tile.name[at] as number] ?? null;
    const hue = size < LEAST_HUE ? bars.length / 2 - 1 : (colours[tile.name[at] as number] ?? 8);
    bars[hue * 2 + (isFound ? 0 : 1)]?.push(left, y, size);
    if (found !== null && isFound) marks.found.push(left, y, size);
    if (isOnPath !== null && count === 1 && isOnPath(start, name)) marks.path.push(left, y, size);
    if (size < 5) return;
    if (flags & INFERRED) marks.inferred.push(left, y, size);
    if (flags & OPEN) marks.open.push(left, y, size);
    if (count > 1) marks.merged.push(left, y, size);
    if (size < LEAST_LABEL) return;
    const text = count > 1 ? `${name ?? ""} ×${count.toLocaleString("en")}` : (name ?? "");
    const from = Math.max(left, 0);
    marks.labels.push({ x: from + 4, y, width: Math.min(right, width) - from - 8, text, isDim: !isFound });
  });
}

function lines(context: CanvasRenderingContext2D, scene: Scene): void {
  const { rows, lanes, scrollTop, width, ink } = scene;
  context.fillStyle = ink.line;
  for (let lane = lanes[0]; lane <= lanes[1]; lane++) {
    const y = Math.round(rows.top(lane) - LANE_GAP / 2 - scrollTop);
    context.fillRect(0, y, width, 1);
  }
}

function idle(context: CanvasRenderingContext2D, scene: Scene): void {
  const { ink, height } = scene;
  context.font = FONT;
  context.textBaseline = "middle";
  context.textAlign = "center";
  for (const gap of scene.gaps) {
    const [left, right] = [gap.from, gap.to].map((time) => xOf(scene.view, scene.width, time)) as [number, number];
    context.fillStyle = ink.sunken;
    context.fillRect(left + 2, 0, right - left - 4, height);
    const text = `idle ${duration(gap.to - gap.from)}`;
    if (right - left < text.length * LETTER + 8) continue;
    context.fillStyle = ink.quiet;
    context.fillText(text, (Math.max(left, 0) + Math.min(right, scene.width)) / 2, Math.min(height / 2, 60));
  }
  context.textAlign = "left";
}

function mark(context: CanvasRenderingContext2D, { ink }: Scene, marks: Marks): void {
  const each = (places: number[], take: (x: number, y: number, width: number) => void) => {
    for (let at = 0; at < places.length; at += 3) {
      take(places[at] as number, places[at + 1] as number, places[at + 2] as number);
    }
  };
  context.fillStyle = ink.text;
  context.globalAlpha = 0.35;
  each(marks.merged, (x, y, width) => context.fillRect(x, y + BAR - 2, width, 2));
  each(marks.open, (x, y, width) => {
    for (let step = 0; step < 3; step++) context.fillRect(x + width - 2 - step * 4, y, 2, BAR);
  });
  context.globalAlpha = 1;
  context.lineWidth = 1;
  context.strokeStyle = ink.text;
  context.setLineDash([3, 3]);
  each(marks.inferred, (x, y, width) => context.strokeRect(x + 0.5, y + 0.5, width - 1, BAR - 1));
  context.setLineDash([]);
  context.strokeStyle = ink.accent;
  context.lineWidth = 2;
  each(marks.found, (x, y, width) => width >= 3 && context.strokeRect(x + 1, y + 1, width - 2, BAR - 2));
  context.fillStyle = ink.accent;
  each(marks.found, (x, y, width) => width < 3 && context.fillRect(x, y - 1, 2, BAR + 2));
  context.strokeStyle = ink.warn;
  each(marks.path, (x, y, width) => context.strokeRect(x, y, Math.max(width, 3), BAR));
  context.fillStyle = ink.bad;
  each(marks.failed, (x, y, width) => failed(context, x, y, Math.max(width, 2)));
}

/** A bar below and a notch above: seen as such without its colour. */
function failed(context: CanvasRenderingContext2D, x: number, y: number, width: number): void {
  context.fillRect(x, y + BAR - 3, width, 3);
  const middle = x < 0 ? 4 : x + Math.min(width / 2, 4);
  context.beginPath();
  context.moveTo(middle - 4, y - 2);
  context.lineTo(middle + 4, y - 2);
  context.lineTo(middle, y + 4);
  context.fill();
}

function label(context: CanvasRenderingContext2D, { ink }: Scene, marks: Marks): void {
  context.font = FONT;
  context.textBaseline = "middle";
  context.fillStyle = ink.text;
  for (const { x, y, width, text, isDim } of marks.labels) {
    if (isDim || width < 2 * LETTER) continue;
    const most = Math.floor(width / LETTER);
    const told = most < LEAST_MIDDLE && text.length > most ? `${text.slice(0, most - 1)}…` : shortened(text, most);
    context.fillText(told, x, y + BAR / 2 + 0.5, width);
  }
}
