import type {
  Code,
  Coverage,
  Edge,
  Finding,
  Graph,
  HandlerCoverage,
  HandlerHeat,
  Heatmap,
  Node,
} from "../../data/documents.ts";
import { placeOf } from "../heatmap/model.ts";

/** A handler: what its executions say, and what is said of its tests; one of both is there. */
export interface Handler {
  name: string;
  plugin: string | null;
  service: string | null;
  code: Code | null;
  heat: HandlerHeat | null;
  coverage: HandlerCoverage | null;
}

/** What an address says of a handler; what is null may be anything. */
export interface Wanted {
  name: string;
  owner: string | null;
  place: string | null;
}

interface Named {
  name: string;
  plugin: string | null;
  service: string | null;
  code: Code | null;
}

/** The handlers that an address means: those that ran, hottest first, then those that did not. */
export function handlersOf(heatmap: Heatmap, coverage: Coverage | null, wanted: Wanted): Handler[] {
  const isMeant = (one: Named) =>
    one.name === wanted.name &&
    (wanted.owner === null || wanted.owner === one.plugin || wanted.owner === one.service || ownerOf(one) === null) &&
    (wanted.place === null || wanted.place === placeOf(one.code));
  const ran = heatmap.handlers.filter(isMeant).map((heat) => ({ heat, coverage: coverageOf(coverage, heat) }));
  const known = new Set(ran.map((one) => one.coverage));
  const others = (coverage?.handlers ?? []).filter((one) => isMeant(one) && !known.has(one));
  return [
    ...ran.map((one) => ({ ...named(one.heat), ...one })),
    ...others.map((one) => ({ ...named(one), heat: null, coverage: one })),
  ];
}

function named(one: Named): Named {
  return { name: one.name, plugin: one.plugin, service: one.service, code: one.code };
}

function ownerOf(one: Named): string | null {
  return one.plugin ?? one.service;
}

function isAtOnePlace(a: Code | null, b: Code | null): boolean {
  return a !== null && b !== null && a.filePath === b.filePath && a.lineNumber === b.lineNumber;
}

/** A function of the code is one handler, whatever it is called; else its name and whose it is tell. */
function isSame(a: Named, b: Named): boolean {
  return a.code !== null && b.code !== null
    ? isAtOnePlace(a.code, b.code)
    : a.name === b.name && (ownerOf(a) === ownerOf(b) || ownerOf(a) === null || ownerOf(b) === null);
}

function coverageOf(coverage: Coverage | null, one: Named): HandlerCoverage | null {
  const same = (coverage?.handlers ?? []).filter((other) => isSame(other, one));
  return same.find((other) => other.name === one.name) ?? same[0] ?? null;
}

/** An edge of a handler, and the handler at its other end. */
export interface Neighbour {
  node: Node;
  edge: Edge;
}

/** Who calls a handler or comes before it, and whom it calls or what comes after it; those seen most first. */
export function neighboursOf(graph: Graph, one: Named): { callers: Neighbour[]; called: Neighbour[] } {
  const own = new Set(
    graph.nodes.filter((node) => node.kind === "handler" && isSame(node, one)).map((node) => node.id),
  );
  const nodes = new Map(graph.nodes.map((node) => [node.id, node]));
  const beside = (ends: (edge: Edge) => [mine: string, other: string]) =>
    graph.edges
      .flatMap((edge) => {
        const [mine, other] = ends(edge);
        const node = nodes.get(other);
        return own.has(mine) && node !== undefined ? [{ node, edge }] : [];
      })
      .sort((a, b) => b.edge.count - a.edge.count || (a.node.id < b.node.id ? -1 : 1));
  return {
    callers: beside((edge) => [edge.target, edge.source]),
    called: beside((edge) => [edge.source, edge.target]),
  };
}

/** The findings that are about a handler: they name it, or lie in its code. */
export function findingsOf<F extends { finding: Finding }>(found: readonly F[], one: Named): F[] {
  return found.filter(
    ({ finding }) => finding.handler === one.name || (finding.handler === null && isAtOnePlace(finding.code, one.code)),
  );
}

const EVIDENCE: Record<string, string> = {
  attribute: "the telemetry itself names the function",
  location: "its log lines print the file and line",
  stack: "a stack trace goes through it",
  definition: "the declaration names the handler, and this function is the one of that name in its module",
  route: "the code registers this function for the route, topic or task that was seen",
  template: "a log statement in it says what its log lines say",
};

/** What the link from executions to a place in code rests on, and how sure it is, as a sentence. */
export function linkText(code: Code): string {
  const why = EVIDENCE[code.evidence] ?? code.evidence;
  const sure =
    code.confidence >= 1
      ? "nothing is guessed"
      : `of a hundred such links, about ${Math.round(code.confidence * 100)} are right`;
  return `Linked by ${code.evidence}: ${why}. Confidence ${code.confidence.toFixed(2)}: ${sure}.`;
}
