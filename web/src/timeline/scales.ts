/** The axis of time above the picture, and the small picture of all time above that. */

import type { Ink } from "./drawing.ts";
import { type Clock, duration, stepFor, ticks } from "./times.ts";
import { type View, xOf } from "./view.ts";

const TICK_PIXELS = 110;
const FONT = "11px system-ui, sans-serif";
export const AXIS_HEIGHT = 40;
export const MAP_HEIGHT = 44;

/** How far apart ticks are in a view. */
export function stepOf(view: View, width: number): number {
  return stepFor(((view.to - view.from) / Math.max(1, width)) * TICK_PIXELS);
}

export function drawAxis(context: CanvasRenderingContext2D, width: number, view: View, clock: Clock, ink: Ink): void {
  const step = stepOf(view, width);
  context.clearRect(0, 0, width, AXIS_HEIGHT);
  context.font = FONT;
  context.textBaseline = "top";
  for (const { atMs, label } of ticks(view.from, view.to, step)) {
    const x = Math.round(xOf(view, width, atMs));
    context.fillStyle = ink.line;
    context.fillRect(x, 0, 1, AXIS_HEIGHT);
    context.fillStyle = ink.text;
    context.fillText(label, x + 4, 5);
    const { date, time } = clock.at(atMs, step);
    context.fillStyle = ink.quiet;
    context.fillText(step >= 86_400_000 ? date : time, x + 4, 22);
  }
}

/** A period on a scale: what is measured, from edge to edge. */
export function drawMeasure(
  context: CanvasRenderingContext2D,
  width: number,
  view: View,
  measured: View,
  ink: Ink,
): void {
  const [left, right] = [measured.from, measured.to].map((time) => xOf(view, width, time)) as [number, number];
  context.fillStyle = ink.accent;
  context.fillRect(left, AXIS_HEIGHT - 4, Math.max(1, right - left), 4);
  const text = duration(measured.to - measured.from);
  context.font = `600 ${FONT}`;
  const size = context.measureText(text).width;
  const middle = Math.min(Math.max((left + right) / 2, size / 2 + 4), width - size / 2 - 4);
  context.fillStyle = ink.ground;
  context.fillRect(middle - size / 2 - 4, 2, size + 8, 16);
  context.fillStyle = ink.accent;
  context.textBaseline = "top";
  context.fillText(text, middle - size / 2, 5);
}

/** How much is going on over all time, where something failed, and what part of it is seen. */
export function drawMap(
  context: CanvasRenderingContext2D,
  width: number,
  all: View,
  durationMs: number,
  overview: { spans: number[]; errors: number[] },
  view: View,
  ink: Ink,
): void {
  context.clearRect(0, 0, width, MAP_HEIGHT);
  const most = Math.max(1, ...overview.spans);
  const part = durationMs / overview.spans.length;
  const height = MAP_HEIGHT - 8;
  overview.spans.forEach((spans, at) => {
    const [left, right] = [at, at + 1].map((one) => Math.round(xOf(all, width, one * part))) as [number, number];
    const size = spans === 0 ? 0 : Math.max(2, Math.sqrt(spans / most) * height);
    context.fillStyle = ink.quiet;
    context.fillRect(left, MAP_HEIGHT - size, Math.max(1, right - left), size);
    if (overview.errors[at]) {
      context.fillStyle = ink.bad;
      context.fillRect(left, 0, Math.max(2, right - left), 6);
    }
  });
  const [left, right] = [view.from, view.to].map((time) => xOf(all, width, time)) as [number, number];
  context.globalAlpha = 0.55;
  context.fillStyle = ink.ground;
  context.fillRect(0, 0, left, MAP_HEIGHT);
  context.fillRect(right, 0, width - right, MAP_HEIGHT);
  context.globalAlpha = 1;
  context.strokeStyle = ink.accent;
  context.lineWidth = 2;
  context.strokeRect(left + (right - left < 2 ? -1 : 1), 1, Math.max(right - left - 2, 2), MAP_HEIGHT - 2);
}
