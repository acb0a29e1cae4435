import type { Edge, Graph, Node } from "../../data/documents.ts";

export type Relation = Edge["kinds"][number];
export type Layer = Edge["layer"];

/** What of a graph is looked at. */
export interface Filter {
  /** Edges of these kinds; null for all. */
  kinds: ReadonlySet<Relation> | null;
  layer: Layer | null;
  /** Edges that were seen so often; those in the code alone stay. */
  least: number;
  focus: string | null;
  depth: number;
  /** Groups that are shown node by node, where the graph is too large for all of it. */
  open: ReadonlySet<string>;
}

/** What is drawn as one: a node, or many of a group. */
export interface Spot {
  id: string;
  name: string;
  group: string;
  /** The nodes of a group; a node that stands for itself has just that. */
  nodes: Node[];
  runs: number;
  errors: number;
  p95Ms: number | null;
}

/** All edges between two spots. */
export interface Link {
  source: string;
  target: string;
  kinds: readonly Relation[];
  layer: Layer;
  count: number;
  isUnexplained: boolean;
}

export interface Reduced {
  spots: readonly Spot[];
  links: readonly Link[];
  isGrouped: boolean;
}

export const MOST_SPOTS = 300;
const GROUP = "group\u0000"; // no name of a node begins so

/** The edges that a filter lets through. */
export function edgesOf(graph: Pick<Graph, "edges">, filter: Filter): Edge[] {
  return graph.edges.filter(
    (edge) =>
      (filter.kinds === null || edge.kinds.some((kind) => filter.kinds?.has(kind))) &&
      (filter.layer === null || edge.layer === filter.layer) &&
      (edge.count >= filter.least || edge.layer === "static"),
  );
}

/** The nodes that are at most so many edges away from one, whichever way those point. */
export function around(focus: string, depth: number, edges: readonly Edge[]): Set<string> {
  const beside = new Map<string, string[]>();
  const add = (from: string, to: string) => {
    const known = beside.get(from);
    known === undefined ? beside.set(from, [to]) : known.push(to);
  };
  for (const { source, target } of edges) {
    add(source, target);
    add(target, source);
  }
  const found = new Set([focus]);
  let edge = [focus];
  for (let step = 0; step < depth; step += 1) {
    edge = edge.flatMap((one) => beside.get(one) ?? []).filter((one) => !found.has(one) && found.add(one));
  }
  return found;
}

/** What a node is part of: its service, its plugin, the folder of its code, or a sequence. */
export function groupOf(node: Node): string {
  const folder = node.code?.filePath.split("/").slice(0, -1).join("/");
  const own = node.kind === "module" ? node.name.split("/").slice(0, -1).join("/") : folder;
  return node.service ?? node.plugin ?? (own || (node.sequences[0] ?? "(not known)"));
}

/** What is drawn of a graph: nodes, or where they are too many and none is in focus, groups of them. */
export function reduced(graph: Pick<Graph, "nodes" | "edges">, filter: Filter): Reduced {
  const edges = edgesOf(graph, filter);
  const isThere = graph.nodes.some((node) => node.id === filter.focus);
  const near = filter.focus !== null && isThere ? around(filter.focus, filter.depth, edges) : null;
  const nodes = near === null ? graph.nodes : graph.nodes.filter((node) => near.has(node.id));
  const isGrouped = nodes.length > MOST_SPOTS && near === null;
  const spots = new Map<string, Spot>();
  const spotOf = new Map<string, string>();
  for (const node of nodes) {
    const group = groupOf(node);
    const id = isGrouped && !filter.open.has(group) ? GROUP + group : node.id;
    spotOf.set(node.id, id);
    spots.set(id, joined(spots.get(id), node, id, group));
  }
  return { spots: [...spots.values()], links: linksOf(edges, spotOf), isGrouped };
}

function joined(before: Spot | undefined, node: Node, id: string, group: string): Spot {
  if (before === undefined) {
    const name = id.startsWith(GROUP) ? group : node.name;
    return { id, name, group, nodes: [node], runs: node.runs, errors: node.errors, p95Ms: node.p95Ms };
  }
  before.nodes.push(node);
  before.runs += node.runs;
  before.errors += node.errors;
  before.p95Ms = Math.max(before.p95Ms ?? 0, node.p95Ms ?? 0) || null;
  return before;
}

function linksOf(edges: readonly Edge[], spotOf: ReadonlyMap<string, string>): Link[] {
  const found = new Map<string, Link>();
  for (const edge of edges) {
    const [source, target] = [spotOf.get(edge.source), spotOf.get(edge.target)];
    if (source === undefined || target === undefined || (source === target && edge.source !== edge.target)) {
      continue;
    }
    const key = JSON.stringify([source, target]);
    const { kinds, layer, count, isUnexplained } = edge;
    const before = found.get(key);
    found.set(
      key,
      before === undefined
        ? { source, target, kinds, layer, count, isUnexplained }
        : {
            source,
            target,
            kinds: [...new Set([...before.kinds, ...kinds])].sort(),
            layer: before.layer === layer ? layer : "both",
            count: before.count + count,
            isUnexplained: before.isUnexplained || isUnexplained,
          },
    );
  }
  return [...found.values()];
}
