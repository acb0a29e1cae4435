import { type Box, FONT, FONT_PIXELS, type Layout, LINE_PIXELS, type Line } from "./graph-layout.ts";

/** How a box or a line is painted. */
export interface Paint {
  fill: string;
  stroke: string;
  text: string;
  width: number;
  dash: string;
}

const MARGIN = 16;

/** The text as XML, whatever is in it. */
export function escaped(text: string): string {
  const marks: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
  return text.replace(/[&<>"]/g, (mark) => marks[mark] ?? mark).replace(/[^\P{Cc}\t\n\r]/gu, "\ufffd"); // no XML can hold these
}

/** The picture as a file of SVG. */
export function svgOf(
  layout: Layout,
  boxes: readonly Box[],
  lines: readonly Line[],
  paintOf: (of: Box | Line) => Paint,
  page: { ground: string; group: string; quiet: string },
): string {
  const [width, height] = [layout.width + 2 * MARGIN, layout.height + 2 * MARGIN];
  const groups = [...layout.groups].map(
    ([name, { x, y, width, height }]) =>
      `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="8" fill="none" stroke="${page.group}"/>` +
      `<text x="${x + 8}" y="${y + 20}" text-anchor="start" fill="${page.quiet}">${escaped(name)}</text>`,
  );
  const ways = lines.map((line) => wayOf(line, layout, paintOf(line), page.ground));
  const nodes = boxes.map((box) => nodeOf(box, layout, paintOf(box)));
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${-MARGIN} ${-MARGIN} ${width} ${height}" width="${width}" ` +
    `height="${height}" font-family="${escaped(FONT)}" font-size="${FONT_PIXELS}" text-anchor="middle">` +
    `<rect x="${-MARGIN}" y="${-MARGIN}" width="100%" height="100%" fill="${page.ground}"/>` +
    `<defs><marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" ` +
    `markerUnits="userSpaceOnUse" orient="auto"><path d="M0 0L8 4L0 8z" fill="context-stroke"/></marker></defs>` +
    `${[...groups, ...ways, ...nodes].join("\n")}</svg>\n`
  );
}

function wayOf(line: Line, layout: Layout, paint: Paint, ground: string): string {
  const points = layout.lines.get(line.id) ?? [];
  const middle = layout.texts.get(line.id);
  const path = points.map(({ x, y }, place) => `${place === 0 ? "M" : "L"}${x} ${y}`).join("");
  const label =
    middle === undefined
      ? ""
      : `<text x="${middle.x}" y="${middle.y + 4}" font-size="11" fill="${paint.text}" stroke="${ground}" ` +
        `stroke-width="4" paint-order="stroke">${escaped(line.text)}</text>`;
  return (
    `<path d="${path}" fill="none" stroke="${paint.stroke}" stroke-width="${paint.width}" ` +
    `stroke-dasharray="${paint.dash}" marker-end="url(#tip)"/>${label}`
  );
}

function nodeOf(box: Box, layout: Layout, paint: Paint): string {
  const place = layout.boxes.get(box.id);
  if (place === undefined) {
    return "";
  }
  const { x, y, width, height } = place;
  const look = `fill="${paint.fill}" stroke="${paint.stroke}" stroke-width="${paint.width}" stroke-dasharray="${paint.dash}"`;
  const [size, middle] = [box.size ?? 1, { x: x + width / 2, y: y + height / 2 }];
  if (box.shape === "diamond") {
    return `<path d="M${middle.x} ${y}L${x + width} ${middle.y}L${middle.x} ${y + height}L${x} ${middle.y}z" ${look}/>`;
  }
  const radius = { box: 6, event: 0, dot: width / 2, terminal: height / 2 }[box.shape];
  const first = middle.y - ((box.lines.length - 1) / 2) * LINE_PIXELS * size + 4.5 * size;
  const texts = box.lines.map(
    (text, row) => `<tspan x="${middle.x}" y="${first + row * LINE_PIXELS * size}">${escaped(text)}</tspan>`,
  );
  return (
    `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="${radius}" ${look}/>` +
    `<text fill="${paint.text}" font-size="${FONT_PIXELS * size}">${texts.join("")}</text>`
  );
}
