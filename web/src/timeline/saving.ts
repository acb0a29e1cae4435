import { save } from "../parts/save.ts";
import { shortened } from "./colours.ts";
import type { Picture } from "./picture.ts";

const GUTTER = 200;

/** Save what is seen as a PNG: the axis, the lanes with their names, and the spans. */
export function savePicture(picture: Picture): void {
  const { axis, spans, over } = picture.canvases;
  const scale = window.devicePixelRatio || 1;
  const canvas = document.createElement("canvas");
  canvas.width = spans.width + GUTTER * scale;
  canvas.height = axis.height + spans.height;
  const context = canvas.getContext("2d") as CanvasRenderingContext2D;
  context.fillStyle = picture.ink.ground;
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(axis, GUTTER * scale, 0);
  for (const layer of [spans, over]) context.drawImage(layer, GUTTER * scale, axis.height);
  context.scale(scale, scale);
  context.fillStyle = picture.ink.text;
  context.font = "12px system-ui, sans-serif";
  context.textBaseline = "top";
  const [first, last] = picture.seenLanes;
  for (let lane = first; lane <= last; lane++) {
    const y = picture.rows.top(lane) - picture.scrollTop + axis.height / scale;
    const name = picture.lanes.lanes[lane]?.name ?? `(no ${picture.lanes.by})`;
    context.fillText(shortened(name, 30), 8, y + 2, GUTTER - 16);
  }
  canvas.toBlob((blob) => blob && save("telemap-timeline.png", blob));
}
