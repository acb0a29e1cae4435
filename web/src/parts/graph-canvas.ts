import cytoscape, { type Core, type ElementDefinition } from "cytoscape";
import { colour } from "../shell/preferences.ts";
import { type Box, FONT_PIXELS, fitting, type Layout, type Line, type Point } from "./graph-layout.ts";
import { painter, stylesheet } from "./graph-paint.ts";

const STEP_PIXELS = 60;
/** What a step of zooming is. */
export const ZOOM = 1.3;
const LEAST_ZOOM = 0.62;
const MARGIN = 16;

/** What is drawn, and where. */
export interface Picture {
  boxes: readonly Box[];
  lines: readonly Line[];
  layout: Layout;
}

/** A picture in a place of the page. */
export function draw(container: HTMLElement, picture: Picture): Core {
  const { page } = painter();
  return cytoscape({
    container,
    elements: elementsOf(picture),
    layout: { name: "preset" },
    style: stylesheet(colour("--accent"), page),
    minZoom: 0.05,
    maxZoom: 4,
    autoungrabify: true,
    autounselectify: true,
    boxSelectionEnabled: false,
    userZoomingEnabled: false, // a wheel goes on scrolling the page until the picture is chosen
    textureOnViewport: picture.lines.length > 1000,
    hideEdgesOnViewport: picture.lines.length > 5000,
  });
}

function elementsOf(picture: Picture): ElementDefinition[] {
  const { boxes, lines, layout } = picture;
  const { paintOf } = painter();
  const groups = [...layout.groups].flatMap(([name, { x, y }]) => [
    { data: { id: `g:${name}` }, classes: "group" },
    { data: { id: `t:${name}`, label: fitting(name) }, classes: "title", position: { x: x + 8, y: y + 16 } },
  ]);
  const nodes = boxes.flatMap((box) => {
    const at = layout.boxes.get(box.id);
    if (at === undefined) {
      return [];
    }
    const { dash, width: thick, ...paint } = paintOf(box);
    const radius = box.shape === "terminal" ? at.height / 2 : 6;
    const data = {
      id: `n:${box.id}`,
      key: box.id,
      shape: box.shape,
      label: box.lines.join("\n"),
      width: at.width,
      height: at.height,
      fontSize: FONT_PIXELS * (box.size ?? 1),
      radius: `${radius}px`,
      thick,
      style: dash === "" ? "solid" : dash.startsWith("2") ? "dotted" : "dashed",
      ...paint,
      ...(box.group === null ? {} : { parent: `g:${box.group}` }),
    };
    return [{ data, classes: "box", position: middleOf(at) }];
  });
  const texts = lines.flatMap((line) => {
    const position = layout.texts.get(line.id);
    const data = { id: `w:${line.id}`, line: `e:${line.id}`, label: line.text, text: paintOf(line).text };
    return position === undefined ? [] : [{ data, classes: "words", position: { ...position } }];
  });
  return [...groups, ...nodes, ...lines.flatMap((line) => edgeOf(line, layout, paintOf(line))), ...texts];
}

function edgeOf(
  line: Line,
  layout: Layout,
  { dash, width: thick, ...paint }: ReturnType<ReturnType<typeof painter>["paintOf"]>,
): ElementDefinition[] {
  const route = routeOf(line, layout);
  const ends = line.source === line.target ? loopEnds(line, layout) : [];
  const [first, last] = ends;
  const data = {
    id: `e:${line.id}`,
    source: first?.data.id ?? `n:${line.source}`,
    target: last?.data.id ?? `n:${line.target}`,
    thick,
    style: dash === "" ? "solid" : "dashed",
    ...paint,
    ...(dash === "" ? {} : { dash: dash.split(" ").map(Number) }),
    ...route,
  };
  return [...ends, { data, classes: route === null ? "" : "led" }];
}

/** Ends of their own for a way from a box to itself, which Cytoscape would not lead along a route. */
function loopEnds(line: Line, layout: Layout) {
  const points = layout.lines.get(line.id) ?? [];
  return [points[0], points.at(-1)].flatMap((point, place) =>
    point === undefined ? [] : [{ data: { id: `p:${line.id}:${place}` }, classes: "loop-end", position: { ...point } }],
  );
}

function middleOf(at: { x: number; y: number; width: number; height: number }): Point {
  return { x: at.x + at.width / 2, y: at.y + at.height / 2 };
}

/** The bends of a way as Cytoscape takes them: along and beside the line between its ends. */
function routeOf(line: Line, layout: Layout) {
  const points = layout.lines.get(line.id) ?? [];
  const [first, last] = [points[0], points.at(-1)];
  const [source, target] = [layout.boxes.get(line.source), layout.boxes.get(line.target)];
  if (!first || !last || !source || !target) {
    return null;
  }
  if (points.length === 2 && (last.x - target.x) * 2 === target.width) {
    return null; // from middle to middle, which Cytoscape leads to the borders
  }
  const [dx, dy] = [last.x - first.x, last.y - first.y];
  const length = Math.hypot(dx, dy) || 1;
  const middle = { x: (first.x + last.x) / 2, y: (first.y + last.y) / 2 };
  const bends = points.length > 2 ? points.slice(1, -1) : [middle];
  const beside = bends.map(({ x, y }) => ((x - first.x) * dy - (y - first.y) * dx) / -length);
  const along = bends.map(({ x, y }) => ((x - first.x) * dx + (y - first.y) * dy) / length ** 2);
  const isLoop = line.source === line.target;
  const from = (point: Point, box: Point) => (isLoop ? "0px 0px" : `${point.x - box.x}px ${point.y - box.y}px`);
  return {
    distances: beside,
    weights: along,
    from: from(first, middleOf(source)),
    to: from(last, middleOf(target)),
  };
}

/** All of it, or its beginning where all of it would be too small to read. */
export function show(cy: Core): void {
  fit(cy);
  if (cy.zoom() < LEAST_ZOOM) {
    const { x1, y1, w, h } = cy.elements().boundingBox();
    const margin = (room: number, needed: number) => Math.max((room - needed * LEAST_ZOOM) / 2, MARGIN);
    cy.zoom(LEAST_ZOOM);
    cy.pan({ x: margin(cy.width(), w) - x1 * LEAST_ZOOM, y: margin(cy.height(), h) - y1 * LEAST_ZOOM });
  }
}

/** Show all of it, no larger than it is. */
export function fit(cy: Core | null): void {
  if (cy !== null) {
    cy.fit(undefined, MARGIN);
    if (cy.zoom() > 1) {
      cy.zoom(1);
      cy.center();
    }
  }
}

/** Larger or smaller, around the middle. */
export function zoom(cy: Core | null, by: number): void {
  cy?.zoom({ level: cy.zoom() * by, renderedPosition: { x: cy.width() / 2, y: cy.height() / 2 } });
}

/** Move and zoom by the keys. */
export function press(event: KeyboardEvent, cy: Core | null): void {
  const moves: Record<string, readonly [number, number]> = {
    ArrowLeft: [STEP_PIXELS, 0],
    ArrowRight: [-STEP_PIXELS, 0],
    ArrowUp: [0, STEP_PIXELS],
    ArrowDown: [0, -STEP_PIXELS],
  };
  const move = moves[event.key];
  if (event.ctrlKey || event.metaKey || event.altKey) {
    return;
  }
  if (move !== undefined) {
    cy?.panBy({ x: move[0], y: move[1] });
  } else if (event.key === "+" || event.key === "=") {
    zoom(cy, ZOOM);
  } else if (event.key === "-") {
    zoom(cy, 1 / ZOOM);
  } else if (event.key === "0") {
    fit(cy);
  } else {
    return;
  }
  event.preventDefault();
}

/** What is chosen and its neighbours stand out. */
export function mark(cy: Core | null, selected: string | null): void {
  if (cy === null) {
    return;
  }
  cy.elements().removeClass("chosen aside");
  const node = selected === null ? null : cy.getElementById(`n:${selected}`);
  if (node?.nonempty()) {
    const aside = cy.edges().not(node.connectedEdges());
    aside.addClass("aside");
    cy.nodes(".words").forEach((words) => {
      words.toggleClass("aside", aside.getElementById(words.data("line")).nonempty());
    });
    node.addClass("chosen");
    const { x1, y1, x2, y2 } = cy.extent();
    const { x, y } = node.position();
    if (x < x1 || x > x2 || y < y1 || y > y2) {
      cy.center(node);
    }
  }
}
