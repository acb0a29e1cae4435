import { count, counted, duration } from "../../parts/format.ts";
import { type Box, fitting, type Line, type Tone } from "../../parts/graph-layout.ts";
import type { Link, Reduced, Spot } from "./reduction.ts";

const DECADES = 3; // factors of ten from the slowest node down to one without any heat
const LARGEST = 1.6;

/** The boxes of a graph: the larger the more runs, the hotter the slower; what never ran is dotted. */
export function boxesOf(graph: Reduced): Box[] {
  const slowest = Math.max(...graph.spots.map((spot) => spot.p95Ms ?? 0), 0);
  const most = Math.max(...graph.spots.map((spot) => spot.runs), 1);
  return graph.spots.map((spot) => ({
    id: spot.id,
    lines: linesIn(spot),
    shape: spot.nodes[0]?.kind === "topic" ? "event" : "box",
    tone: toneOf(spot, slowest),
    group: null,
    size: 1 + (LARGEST - 1) * (Math.log1p(spot.runs) / Math.log1p(most)) ** 3,
  }));
}

function linesIn(spot: Spot): string[] {
  const many = spot.nodes.length > 1 ? [counted(spot.nodes.length, "node")] : [];
  if (spot.nodes[0]?.kind === "topic") {
    return [fitting(spot.name), "topic"];
  }
  const runs = spot.runs === 0 ? "never ran" : counted(spot.runs, "run");
  const slow = spot.p95Ms === null ? [] : [`p95 ${duration(spot.p95Ms)}`];
  const failed = spot.errors === 0 ? [] : [`✗ ${count(spot.errors)} failed`];
  return [fitting(spot.name), ...many, [runs, ...slow].join(" · "), ...failed];
}

function toneOf(spot: Spot, slowest: number): Tone {
  if (spot.runs === 0) {
    return "unseen";
  }
  return spot.p95Ms === null ? "usual" : `heat-${heatStep(spot.p95Ms, slowest)}`;
}

/** From 0 to 5: the slowest has 5, a thousandth of it or less 0. */
export function heatStep(p95Ms: number, slowest: number): 0 | 1 | 2 | 3 | 4 | 5 {
  const heat = p95Ms <= 0 ? 0 : Math.max(0, 1 + Math.log10(p95Ms / slowest) / DECADES);
  return Math.min(5, Math.floor(heat * 6)) as 0 | 1 | 2 | 3 | 4 | 5;
}

/** The ways of a graph, each with its kinds, how often it was seen, and in which layer it is. */
export function linesOf(graph: Reduced): Line[] {
  const most = Math.max(...graph.links.map((link) => link.count), 1);
  return graph.links.map((link, place) => ({
    id: String(place),
    source: link.source,
    target: link.target,
    text: textOn(link),
    tone: link.isUnexplained ? "wrong" : link.layer === "both" ? "both" : link.layer === "static" ? "unseen" : "usual",
    weight: link.count / most,
  }));
}

/** An edge in words. */
export function textOn(link: Pick<Link, "kinds" | "layer" | "count" | "isUnexplained">): string {
  const seen = link.kinds.filter((kind) => kind !== "static").join(", ");
  const words = [
    ...(seen === "" ? [] : [`${seen} ${count(link.count)} ×`]),
    ...(link.layer === "static" ? ["in the code only"] : link.layer === "both" ? ["in the code"] : []),
    ...(link.isUnexplained ? ["unexplained"] : []),
  ];
  return words.join(", ");
}
