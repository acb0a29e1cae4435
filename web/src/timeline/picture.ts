/** The picture of the timeline: what is seen of it and how that is moved, on canvases that a page gives it. */

import type { TimelineLanes as Lanes, Window } from "../data/documents.ts";
import { coloursOf } from "./colours.ts";
import { draw, type Ink } from "./drawing.ts";
import { gaps, type Item, itemAt, seen, within } from "./items.ts";
import { LaneRows, ROW_HEIGHT } from "./rows.ts";
import { AXIS_HEIGHT, drawAxis, drawMap, drawMeasure, MAP_HEIGHT, stepOf } from "./scales.ts";
import type { Piece, Tiles } from "./tiles.ts";
import { Clock } from "./times.ts";
import { around, clamped, panned, timeAt, type View, whole, xOf, zoomed } from "./view.ts";

/** The canvases, by what is drawn on them. */
export interface Canvases {
  map: HTMLCanvasElement;
  axis: HTMLCanvasElement;
  spans: HTMLCanvasElement;
  over: HTMLCanvasElement;
}

/** A span that is selected: where it is. */
export interface Place {
  number: number;
  lane: number;
  row: number;
  start: number;
  end: number;
}

const GAP_SHARE = 0.12;
const MOST_TOLD = 500;
const NEAR_PIXELS = 4;

export class Picture {
  readonly rows: LaneRows;
  view: View;
  clock: Clock;
  scrollTop = 0;
  width = 1;
  height = 1;
  selected: Place | null = null;
  found: Float64Array | null = null;
  isOnPath: ((start: number, name: string | null) => boolean) | null = null;
  measured: View | null = null;
  marks: number[] = [];
  cursor: number | null = null;
  private pieces: readonly Piece[] = [];
  private isCoarse = false;
  private isDrawn = false;
  private readonly colours: Uint8Array;
  private frame = 0;
  private overFrame = 0;

  constructor(
    readonly lanes: Lanes,
    private readonly tiles: Tiles,
    readonly canvases: Canvases,
    public ink: Ink,
    view: View | null,
    isUtc: boolean,
    private readonly told: () => void,
    private readonly scrollTo: (y: number) => void,
  ) {
    this.rows = new LaneRows(lanes.lanes.map((lane) => lane.rows));
    this.colours = coloursOf(lanes.names);
    this.view = clamped(view ?? whole(lanes.durationMs), lanes.durationMs);
    this.clock = new Clock((lanes.window as Window).from, isUtc);
  }

  /** The first and the last lane that are seen. */
  get seenLanes(): [number, number] {
    return this.rows.between(this.scrollTop, this.scrollTop + this.height) ?? [0, -1];
  }

  /** What is told of the picture as it is: whether finer detail is on its way, or is not in a report file. */
  get detail(): "whole" | "loading" | "coarse" {
    return !this.tiles.isSettled ? "loading" : this.isCoarse ? "coarse" : "whole";
  }

  /** Draw anew at the next chance. */
  invalidate(): void {
    this.frame ||= requestAnimationFrame(() => {
      this.frame = 0;
      this.drawAll();
      this.told();
    });
  }

  end(): void {
    cancelAnimationFrame(this.frame);
    cancelAnimationFrame(this.overFrame);
  }

  resize(width: number, height: number): void {
    [this.width, this.height] = [Math.max(1, width), Math.max(1, height)];
    this.invalidate();
  }

  paint(ink: Ink, isUtc: boolean): void {
    this.ink = ink;
    this.clock = new Clock((this.lanes.window as Window).from, isUtc);
    this.invalidate();
  }

  show(view: View): void {
    this.view = clamped(view, this.lanes.durationMs);
    this.invalidate();
  }

  zoom(factor: number, time = (this.view.from + this.view.to) / 2): void {
    this.show(zoomed(this.view, factor, time));
  }

  pan(share: number): void {
    this.show(panned(this.view, share));
  }

  timeAt(x: number): number {
    return timeAt(this.view, this.width, x);
  }

  /** A view of a span with some of what is around it, which is how one looks at it. */
  focus(place: Place): void {
    this.revealRow(place.lane, place.row);
    this.show(around(place.start, place.end));
  }

  /** Scroll so far that a lane's row is seen. */
  revealRow(lane: number, row: number): void {
    const y = this.rows.yOf(lane, row);
    if (y < this.scrollTop || y + ROW_HEIGHT > this.scrollTop + this.height) {
      this.scrollTo(Math.max(0, y - this.height / 3));
    }
  }

  /** Move the view so far that a span is in it. */
  reveal(place: Place): void {
    this.revealRow(place.lane, place.row);
    const { from, to } = this.view;
    if (place.end < from || place.start > to) {
      this.show(panned(this.view, ((place.start + place.end) / 2 - (from + to) / 2) / (to - from)));
    }
    this.invalidate();
  }

  /** The item at a place of the canvas. */
  itemAt(x: number, y: number): Item | null {
    const place = this.rows.at(y + this.scrollTop);
    if (place === null) return null;
    const perPixel = (this.view.to - this.view.from) / this.width;
    return itemAt(this.pieces, place.lane, place.row, this.timeAt(x), NEAR_PIXELS * perPixel);
  }

  /** What is seen, at most 500 items. */
  items(): Item[] {
    return seen(this.pieces, this.view, this.seenLanes, MOST_TOLD);
  }

  /** How many spans are going on in a period in the lanes that are seen, and how many failed. */
  within(period: View): [number, number] {
    return within(this.pieces, period, this.seenLanes);
  }

  /** Draw what moves with the pointer and the selection alone. */
  invalidateOver(): void {
    this.overFrame ||= requestAnimationFrame(() => {
      this.overFrame = 0;
      this.drawOver();
    });
  }

  private drawAll(): void {
    const { view, width, height, ink, rows, lanes } = this;
    const seenLanes = this.seenLanes;
    ({ pieces: this.pieces, isCoarse: this.isCoarse } = this.tiles.pieces(view, width, ...seenLanes));
    const shown = gaps(this.pieces, view, seenLanes, (view.to - view.from) * GAP_SHARE);
    draw(sized(this.canvases.spans, width, height), {
      ...{ width, height, view, rows, lanes: seenLanes, pieces: this.pieces, names: lanes.names, gaps: shown, ink },
      ...{ scrollTop: this.scrollTop, colours: this.colours, found: this.found, isOnPath: this.isOnPath },
    });
    const axis = sized(this.canvases.axis, width, AXIS_HEIGHT);
    drawAxis(axis, width, view, this.clock, ink);
    if (this.measured) drawMeasure(axis, width, view, this.measured, ink);
    const map = sized(this.canvases.map, width, MAP_HEIGHT);
    drawMap(map, width, whole(lanes.durationMs), lanes.durationMs, lanes.overview, view, ink);
    this.drawOver();
    if (this.pieces.length > 0 && !this.isDrawn) {
      this.isDrawn = true;
      performance.mark("timeline drawn"); // what benchmarks look for
    }
  }

  private drawOver(): void {
    const { view, width, height, ink } = this;
    const context = sized(this.canvases.over, width, height);
    context.clearRect(0, 0, width, height);
    if (this.measured) {
      const [left, right] = [this.measured.from, this.measured.to].map((time) => xOf(view, width, time)) as [
        number,
        number,
      ];
      context.globalAlpha = 0.14;
      context.fillStyle = ink.accent;
      context.fillRect(left, 0, right - left, height);
      context.globalAlpha = 1;
      context.fillRect(left, 0, 1, height);
      context.fillRect(right, 0, 1, height);
    }
    context.fillStyle = ink.warn;
    for (const time of this.marks) context.fillRect(Math.round(xOf(view, width, time)), 0, 2, height);
    if (this.selected) this.outline(context, this.selected);
    if (this.cursor !== null) {
      const x = Math.round(xOf(view, width, this.cursor));
      context.fillStyle = ink.quiet;
      context.fillRect(x, 0, 1, height);
      const { time } = this.clock.at(this.cursor, stepOf(view, width) / 10);
      context.font = "11px system-ui, sans-serif";
      const size = context.measureText(time).width + 8;
      const left = x + size + 2 > width ? x - size : x + 1;
      context.fillStyle = ink.text;
      context.fillRect(left, height - 18, size, 18);
      context.fillStyle = ink.ground;
      context.textBaseline = "middle";
      context.fillText(time, left + 4, height - 9);
    }
  }

  private outline(context: CanvasRenderingContext2D, place: Place): void {
    const left = Math.max(-4, xOf(this.view, this.width, place.start));
    const right = Math.min(this.width + 4, xOf(this.view, this.width, place.end));
    const y = this.rows.yOf(place.lane, place.row) - this.scrollTop;
    context.lineWidth = 3;
    context.strokeStyle = this.ink.ground;
    context.strokeRect(left - 2, y - 2, Math.max(right - left, 2) + 3, ROW_HEIGHT + 1);
    context.lineWidth = 2;
    context.strokeStyle = this.ink.text;
    context.strokeRect(left - 2, y - 2, Math.max(right - left, 2) + 3, ROW_HEIGHT + 1);
  }
}

/** The context of a canvas of so many pixels of the page, whatever the screen makes of them. */
function sized(canvas: HTMLCanvasElement, width: number, height: number): CanvasRenderingContext2D {
  const scale = window.devicePixelRatio || 1;
  const [across, down] = [Math.round(width * scale), Math.round(height * scale)];
  if (canvas.width !== across || canvas.height !== down) [canvas.width, canvas.height] = [across, down];
  const context = canvas.getContext("2d") as CanvasRenderingContext2D;
  context.setTransform(scale, 0, 0, scale, 0, 0);
  return context;
}
