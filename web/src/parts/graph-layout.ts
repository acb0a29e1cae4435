import ELK, { type ElkExtendedEdge, type ElkNode } from "elkjs/lib/elk-api.js";
import ElkWorker from "elkjs/lib/elk-worker.min.js?worker&inline";
import { placed } from "./graph-layers.ts";

/** How a box or a line looks; what it means stands in its text, too. */
export type Tone = "usual" | "wrong" | "unseen" | "unknown" | "both" | `heat-${0 | 1 | 2 | 3 | 4 | 5}`;

/** A node of a picture. */
export interface Box {
  id: string;
  lines: readonly string[];
  shape: "box" | "event" | "dot" | "diamond" | "terminal";
  tone: Tone;
  group: string | null;
  /** 1 is usual. */
  size?: number;
}

/** A way from one box to another; `weight`, 0…1, is how much took it. */
export interface Line {
  id: string;
  source: string;
  target: string;
  text: string;
  tone: Tone;
  weight: number;
}

export interface Point {
  x: number;
  y: number;
}

export interface Rectangle extends Point {
  width: number;
  height: number;
}

/** Where everything of a picture is; rectangles by their left upper corners. */
export interface Layout {
  width: number;
  height: number;
  boxes: ReadonlyMap<string, Rectangle>;
  groups: ReadonlyMap<string, Rectangle>;
  lines: ReadonlyMap<string, readonly Point[]>;
  /** The middles of the texts at lines. */
  texts: ReadonlyMap<string, Point>;
}

export type Direction = "DOWN" | "RIGHT";

export const FONT = '"Segoe UI", Roboto, "Helvetica Neue", sans-serif';
export const FONT_PIXELS = 13;
export const LINE_PIXELS = 17;
const MOST_CHARACTERS = 36;
const MANY_LINES = 350; // to lead more than these around each other takes minutes

/** A text that is cut where it would make a box too wide. */
export function fitting(text: string, most = MOST_CHARACTERS): string {
  const characters = Array.from(text.replace(/\s+/g, " "));
  return characters.length <= most ? characters.join("") : `${characters.slice(0, most - 1).join("")}…`;
}

let ruler: CanvasRenderingContext2D | null = null;

function widthOf(text: string, pixels: number): number {
  ruler ??= document.createElement("canvas").getContext("2d");
  if (ruler === null) {
    return text.length * pixels * 0.6;
  }
  ruler.font = `${pixels}px ${FONT}`;
  return ruler.measureText(text).width;
}

/** How much room a box takes. */
export function sizeOf(box: Box): { width: number; height: number } {
  if (box.shape === "dot" || box.shape === "diamond") {
    return { width: 16, height: 16 };
  }
  const size = box.size ?? 1;
  const width = Math.max(...box.lines.map((line) => widthOf(line, FONT_PIXELS * size)), 24);
  return { width: Math.ceil(width) + 24, height: Math.ceil(box.lines.length * LINE_PIXELS * size) + 14 };
}

let elk: InstanceType<typeof ELK> | undefined;

/** Where boxes and lines go, in layers from the first to the last; made aside, so that pages stay responsive. */
export async function laidOut(
  boxes: readonly Box[],
  lines: readonly Line[],
  direction: Direction,
  isLabelled: boolean,
): Promise<Layout> {
  if (lines.length > MANY_LINES) {
    return roughly(boxes, lines);
  }
  elk ??= new ELK({ workerFactory: () => new ElkWorker() });
  const found = await elk.layout(graphOf(boxes, lines, direction, isLabelled));
  const layout = {
    width: found.width ?? 0,
    height: found.height ?? 0,
    boxes: new Map<string, Rectangle>(),
    groups: new Map<string, Rectangle>(),
    lines: new Map<string, readonly Point[]>(),
    texts: new Map<string, Point>(),
  };
  const collect = (node: ElkNode) => {
    const place = { x: node.x ?? 0, y: node.y ?? 0, width: node.width ?? 0, height: node.height ?? 0 };
    if (node.id !== "root") {
      (node.id.startsWith("g:") ? layout.groups : layout.boxes).set(node.id.slice(2), place);
    }
    node.children?.forEach(collect);
  };
  collect(found);
  for (const edge of found.edges ?? []) {
    layout.lines.set(edge.id, pointsOf(edge));
    for (const { x = 0, y = 0, width = 0, height = 0 } of edge.labels ?? []) {
      layout.texts.set(edge.id, { x: x + width / 2, y: y + height / 2 });
    }
  }
  return layout;
}

/** Rows by layer, with straight lines between. */
function roughly(boxes: readonly Box[], lines: readonly Line[]): Layout {
  const sized = boxes.map((box) => ({ id: box.id, ...sizeOf(box) }));
  const places = placed(sized, lines);
  const found = new Map(sized.map((one) => [one.id, { ...one, ...(places.get(one.id) ?? { x: 0, y: 0 }) }]));
  const all = [...found.values()];
  return {
    width: all.reduce((most, one) => Math.max(most, one.x + one.width), 0),
    height: all.reduce((most, one) => Math.max(most, one.y + one.height), 0),
    boxes: found,
    groups: new Map(),
    lines: new Map(lines.map((line) => [line.id, straight(found.get(line.source), found.get(line.target))])),
    texts: new Map(),
  };
}

function straight(from: Rectangle | undefined, to: Rectangle | undefined): readonly Point[] {
  return [from, to].flatMap((one) =>
    one === undefined ? [] : [{ x: one.x + one.width / 2, y: one.y + one.height / 2 }],
  );
}

function graphOf(
  boxes: readonly Box[],
  lines: readonly Line[],
  direction: Direction,
  isLabelled: boolean,
): ElkNode & { edges: ElkExtendedEdge[] } {
  const groups = new Map<string, ElkNode>();
  const children: ElkNode[] = [];
  for (const box of boxes) {
    const node = { id: `n:${box.id}`, ...sizeOf(box) };
    if (box.group === null) {
      children.push(node);
      continue;
    }
    let group = groups.get(box.group);
    if (group === undefined) {
      group = {
        id: `g:${box.group}`,
        children: [],
        layoutOptions: { "elk.padding": "[top=30,left=14,bottom=14,right=14]" },
      };
      groups.set(box.group, group);
      children.push(group);
    }
    group.children?.push(node);
  }
  const edges = lines.map((line) => ({
    id: line.id,
    sources: [`n:${line.source}`],
    targets: [`n:${line.target}`],
    // what is as it should be goes forwards, if not everything can
    layoutOptions: { "elk.layered.priority.direction": line.tone === "wrong" ? "0" : "10" },
    labels: isLabelled && line.text !== "" ? [{ text: line.text, width: widthOf(line.text, 11) + 6, height: 15 }] : [],
  }));
  return { id: "root", children, edges, layoutOptions: optionsFor(direction, groups.size > 0) };
}

function optionsFor(direction: Direction, isGrouped: boolean): Record<string, string> {
  return {
    "elk.algorithm": "layered",
    "elk.direction": direction,
    "elk.aspectRatio": "1.3",
    // without groups, what does not hang together is packed into the room
    ...(isGrouped ? { "elk.hierarchyHandling": "INCLUDE_CHILDREN" } : { "elk.separateConnectedComponents": "true" }),
    "elk.json.shapeCoords": "ROOT",
    "elk.json.edgeCoords": "ROOT",
    "elk.edgeRouting": "ORTHOGONAL",
    "elk.layered.considerModelOrder.strategy": "NODES_AND_EDGES",
    "elk.layered.cycleBreaking.strategy": "GREEDY",
    "elk.layered.nodePlacement.strategy": "NETWORK_SIMPLEX",
    "elk.edgeLabels.inline": "true",
    "elk.spacing.nodeNode": "24",
    "elk.layered.spacing.nodeNodeBetweenLayers": direction === "DOWN" ? "14" : "24",
    "elk.layered.spacing.edgeNodeBetweenLayers": "10",
    "elk.layered.spacing.edgeEdgeBetweenLayers": "10",
    "elk.spacing.edgeNode": "12",
    "elk.spacing.edgeEdge": "12",
    "elk.spacing.edgeLabel": "1",
    "elk.spacing.componentComponent": "28",
  };
}

function pointsOf(edge: ElkExtendedEdge): readonly Point[] {
  const section = edge.sections?.[0];
  return section === undefined ? [] : [section.startPoint, ...(section.bendPoints ?? []), section.endPoint];
}
