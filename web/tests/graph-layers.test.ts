import { expect, test } from "vitest";
import { layersOf, placed } from "../src/parts/graph-layers.ts";

const way = (text: string) => ({ source: text[0] ?? "", target: text[1] ?? "" });

test("a node is behind all that lead to it", () => {
  const layers = layersOf([..."abcde"], ["ab", "bc", "ac", "cd"].map(way));
  expect(Object.fromEntries(layers)).toEqual({ a: 0, b: 1, c: 2, d: 3, e: 0 });
});

test("a circle and a way to itself are laid out, too", () => {
  const layers = layersOf([..."abc"], ["ab", "bc", "ca", "bb"].map(way));
  expect(Object.fromEntries(layers)).toEqual({ a: 0, b: 1, c: 2 });
});

test("no two boxes lie over one another, and none is left out", () => {
  const nodes = Array.from({ length: 120 }, (_, at) => ({
    id: `${at}`,
    width: 40 + (at % 7) * 20,
    height: 30 + (at % 3) * 9,
  }));
  const ways = nodes.map((node, at) => ({ source: node.id, target: `${(at * 7 + 3) % 120}` }));
  const places = placed(nodes, ways);
  expect(places.size).toBe(120);
  const boxes = nodes.map((node) => ({ ...node, ...(places.get(node.id) ?? { x: 0, y: 0 }) }));
  for (const a of boxes) {
    expect(a.x).toBeGreaterThanOrEqual(0);
    for (const b of boxes) {
      const isApart = a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y;
      expect(a.id === b.id || isApart).toBe(true);
    }
  }
});

test("a chain of many is laid out without running out of stack", () => {
  const ids = Array.from({ length: 50_000 }, (_, at) => `${at}`);
  const layers = layersOf(
    ids,
    ids.slice(1).map((id, at) => ({ source: `${at}`, target: id })),
  );
  expect(layers.get("49999")).toBe(49_999);
});
