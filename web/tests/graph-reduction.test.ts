import { expect, test } from "vitest";
import type { Edge, Node } from "../src/data/documents.ts";
import { around, edgesOf, type Filter, groupOf, MOST_SPOTS, reduced } from "../src/pages/graph/reduction.ts";

const ALL: Filter = { kinds: null, layer: null, least: 0, focus: null, depth: 1, open: new Set() };

const node = (id: string, more: Partial<Node> = {}): Node => ({
  id,
  name: id,
  kind: "handler",
  plugin: null,
  service: null,
  sequences: [],
  code: null,
  runs: 1,
  errors: 0,
  p50Ms: null,
  p95Ms: null,
  firstSeen: null,
  lastSeen: null,
  fanIn: 0,
  fanOut: 0,
  onPath: null,
  ...more,
});
const edge = (source: string, target: string, more: Partial<Edge> = {}): Edge => ({
  source,
  target,
  kinds: ["call"],
  layer: "observed",
  count: 1,
  share: null,
  p50Ms: null,
  p95Ms: null,
  errorRate: null,
  seen: [],
  calls: [],
  isUnexplained: false,
  ...more,
});
const pairs = (of: readonly { source: string; target: string }[]) => of.map((one) => `${one.source}>${one.target}`);

test("edges are those of the kinds, of the layer, and seen often enough", () => {
  const edges = [
    edge("a", "b", { count: 5 }),
    edge("b", "c", { kinds: ["next", "state"], count: 2 }),
    edge("c", "d", { kinds: ["static"], layer: "static", count: 0 }),
  ];
  const found = (more: Partial<Filter>) => pairs(edgesOf({ edges }, { ...ALL, ...more }));
  expect(found({})).toEqual(["a>b", "b>c", "c>d"]);
  expect(found({ kinds: new Set(["state"]) })).toEqual(["b>c"]);
  expect(found({ layer: "static" })).toEqual(["c>d"]);
  expect(found({ least: 3 })).toEqual(["a>b", "c>d"]);
});

test("around a node is what is so many edges away, whichever way they point", () => {
  const edges = [edge("a", "b"), edge("c", "b"), edge("c", "d"), edge("d", "a"), edge("x", "y"), edge("b", "b")];
  expect([...around("a", 1, edges)].sort()).toEqual(["a", "b", "d"]);
  expect([...around("a", 2, edges)].sort()).toEqual(["a", "b", "c", "d"]);
  expect([...around("a", 9, edges)].sort()).toEqual(["a", "b", "c", "d"]);
});

test("in focus are a node, what is near, and the edges between these", () => {
  const nodes = ["a", "b", "c", "d"].map((id) => node(id));
  const edges = [edge("a", "b"), edge("b", "c"), edge("c", "d")];
  const shown = reduced({ nodes, edges }, { ...ALL, focus: "b" });
  expect(shown.spots.map((one) => one.id)).toEqual(["a", "b", "c"]);
  expect(pairs(shown.links)).toEqual(["a>b", "b>c"]);
});

test("a focus that is not there leaves the graph whole", () => {
  expect(reduced({ nodes: [node("a")], edges: [] }, { ...ALL, focus: "gone" }).spots).toHaveLength(1);
});

test("a node is of its service, its plugin, or the folder of its code", () => {
  const code = { filePath: "src/cart/add.ts", lineNumber: 1, functionName: "add", confidence: 1, evidence: "" };
  expect(groupOf(node("a", { service: "shop", plugin: "P" }))).toBe("shop");
  expect(groupOf(node("a", { plugin: "P", code }))).toBe("P");
  expect(groupOf(node("a", { code }))).toBe("src/cart");
  expect(groupOf(node("src/cart/add.ts", { kind: "module" }))).toBe("src/cart");
  expect(groupOf(node("a"))).toBe("(not known)");
});

test("many nodes are drawn by groups, which can be opened", () => {
  const many = Array.from({ length: MOST_SPOTS + 1 }, (_, place) =>
    node(`n${place}`, { plugin: place % 2 ? "odd" : "even", runs: place, p95Ms: place || null }),
  );
  const edges = [
    edge("n0", "n1", { count: 3 }),
    edge("n2", "n3", { count: 4, kinds: ["static"], layer: "both", isUnexplained: true }),
    edge("n0", "n2"),
    edge("n1", "n0"),
  ];
  const shown = reduced({ nodes: many, edges }, ALL);
  expect(shown.isGrouped).toBe(true);
  expect(shown.spots.map((one) => [one.name, one.nodes.length, one.runs, one.p95Ms])).toEqual([
    ["even", 151, 22650, 300],
    ["odd", 150, 22500, 299],
  ]);
  const [even, odd] = shown.spots.map((one) => one.id);
  expect(shown.links).toEqual([
    { source: even, target: odd, kinds: ["call", "static"], layer: "both", count: 7, isUnexplained: true },
    { source: odd, target: even, kinds: ["call"], layer: "observed", count: 1, isUnexplained: false },
  ]);
  const opened = reduced({ nodes: many, edges }, { ...ALL, open: new Set(["odd"]) });
  expect(opened.spots).toHaveLength(151);
  expect(pairs(opened.links)).toContain(`${even}>n1`);
});

test("runs are neither lost nor doubled by grouping", () => {
  const nodes = Array.from({ length: 900 }, (_, place) => node(`n${place}`, { plugin: `p${place % 7}`, runs: place }));
  const total = (of: readonly { runs: number }[]) => of.reduce((sum, one) => sum + one.runs, 0);
  expect(total(reduced({ nodes, edges: [] }, ALL).spots)).toBe(total(nodes));
});
