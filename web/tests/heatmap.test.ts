import { describe, expect, test } from "vitest";
import type {
  Blocks,
  Code,
  Coverage,
  Edge,
  Graph,
  HandlerCoverage,
  HandlerHeat,
  Heatmap,
  Node,
} from "../src/data/documents.ts";
import { findingsOf, handlersOf, linkText, neighboursOf } from "../src/pages/handler/model.ts";
import {
  amountOf,
  beside,
  gridOf,
  heatOf,
  isoOf,
  keyOf,
  millisecondsOf,
  near,
  rankedBy,
  scaleOf,
  settingsOf,
  shiftText,
  totalsOf,
} from "../src/pages/heatmap/model.ts";

const CODE: Code = {
  filePath: "shop/pay.py",
  lineNumber: 7,
  functionName: "pay",
  confidence: 0.98,
  evidence: "definition",
};

const heat = (name: string, more: Partial<HandlerHeat> = {}): HandlerHeat => ({
  ...{ name, plugin: null, executions: 1, errors: 0, totalTime: 0, selfTime: 0, sourceFile: null, code: null, heat: 0 },
  ...{ timing: { min: 0, max: 0, avg: 0, p50: 0, p95: 0, p99: 0 }, sequences: [], untimedExecutions: 0, service: null },
  ...more,
});

const timed = (name: string, p95: number, totalTime: number) =>
  heat(name, { totalTime, timing: { min: 0, max: p95, avg: 0, p50: 0, p95, p99: p95 } });

/** pay in parts 0, 2 and 3, ship in part 2; each part is a second long, and there are four. */
const blocks: Blocks = {
  ...{ schemaVersion: 1, leftOut: 0, startTime: "2026-01-02T03:04:00.000Z", endTime: "2026-01-02T03:04:03.999Z" },
  handlers: ["pay", "ship"].map((name) => ({ name, plugin: null, service: null, code: null })),
  ...{ parts: 4, partMs: 1000, build: null, sources: ["app.log"] },
  builds: [
    { build: "1", startTime: "2026-01-02T03:03:00.000Z" },
    { build: "2", startTime: "2026-01-02T03:04:02.500Z" },
  ],
  ...{ handler: [0, 0, 0, 1], part: [0, 2, 3, 2], executions: [5, 3, 2, 1], errors: [0, 1, 0, 0] },
  ...{ p50Ms: [1, 1, 1, null], p95Ms: [2, 20, 200, null], maxMs: [3, 30, 300, null] },
  ...{ source: [0, 0, 0, -1], line: [10, 11, 12, -1] },
};
const [pay, ship] = blocks.handlers.map(keyOf) as [string, string];

describe("handlers", () => {
  test("are ranked by what is asked for, those without a known duration last", () => {
    const untimed = heat("untimed", { timing: null });
    const all = [untimed, timed("peaky", 100, 110), timed("steady", 10, 900)];
    expect(rankedBy(all, "p95").map((one) => [one.name, Number(one.heat.toFixed(3))])).toEqual([
      ["peaky", 1],
      ["steady", 0.667],
      ["untimed", 0],
    ]);
    expect(rankedBy(all, "total").map((one) => one.name)).toEqual(["steady", "peaky", "untimed"]);
  });

  test("are a third less hot for each factor of ten", () => {
    expect([20, 2, 0.2, 0.02, 0.001, 0, null].map((one) => Number(heatOf(one, 20).toFixed(3)))).toEqual([
      1, 0.667, 0.333, 0, 0, 0, 0,
    ]);
  });

  test("are asked for by all that tells them apart", () => {
    const one = { name: "pay", plugin: "Shop", service: null, code: CODE };
    expect(settingsOf(one)).toEqual({ name: "pay", plugin: "Shop", service: null, place: "shop/pay.py:7" });
    expect(settingsOf({ ...one, code: { ...CODE, commitId: "0123456789ab" } }).place).toBe(
      "shop/pay.py:7 of 0123456789",
    );
  });

  test("of like names are found, the likest first", () => {
    expect(near("compute_tx", ["pay", "compute_tax", "compute_total", "compute_tax"])).toEqual([
      "compute_tax",
      "compute_total",
    ]);
  });
});

describe("times", () => {
  test("keep what is finer than a millisecond", () => {
    expect(millisecondsOf("2026-01-02T03:04:05.123456Z") % 1000).toBeCloseTo(123.456, 3);
    expect(isoOf(millisecondsOf("2026-01-02T03:04:05.123Z"))).toBe("2026-01-02T03:04:05.123000Z");
  });
});

describe("blocks", () => {
  test("are told by handler, with the builds that begin among them and the one before", () => {
    const grid = gridOf(blocks);
    expect([grid.parts, grid.builds]).toEqual([
      4,
      [
        { build: "1", part: 0 },
        { build: "2", part: 2 },
      ],
    ]);
    expect(grid.rows.get(pay)?.map((one) => [one.part, amountOf(one, "p95"), one.log?.line])).toEqual([
      [0, 2, 10],
      [2, 20, 11],
      [3, 200, 12],
    ]);
    expect(grid.rows.get(ship)?.[0]).toMatchObject({ part: 2, p95: null, log: null });
    expect(totalsOf(grid)).toEqual([5, 0, 4, 2]);
  });

  test("of a time are those that lie in it, counted anew", () => {
    const from = millisecondsOf("2026-01-02T03:04:01.900Z");
    const grid = gridOf(blocks, from, from + 1100);
    expect([grid.parts, grid.builds]).toEqual([
      2,
      [
        { build: "1", part: 0 },
        { build: "2", part: 1 },
      ],
    ]);
    expect(grid.rows.get(pay)?.map((one) => [one.part, one.executions])).toEqual([[1, 3]]);
    expect(isoOf(grid.start)).toBe("2026-01-02T03:04:01.000000Z");
  });

  test("are walked through by what ran, and by the nearest in other rows", () => {
    const grid = gridOf(blocks);
    const [first, second] = grid.rows.get(pay) ?? [];
    if (first === undefined || second === undefined) {
      throw new Error("there are two");
    }
    const keys = [pay, "not there", ship];
    expect(beside(grid, keys, first, "right")).toBe(second);
    expect(beside(grid, keys, first, "left")).toBeNull();
    expect(beside(grid, keys, first, "down")?.key).toBe(ship);
    expect(beside(grid, keys, second, "up")).toBeNull();
  });

  test("lie on colours by their logarithm, with nothing apart", () => {
    const scale = scaleOf([1, 10, 1000]);
    expect([1, 10, 1000, 5000].map((one) => Number(scale.placeOf(one).toFixed(3)))).toEqual([0, 0.333, 1, 1]);
    expect(scale.marks.map((one) => Math.round(one.value))).toEqual([1, 10, 100, 1000]);
    const counts = scaleOf([0, 2]);
    expect([counts.placeOf(0), counts.placeOf(2), counts.marks]).toEqual([
      0,
      1,
      [
        { place: 0, value: 0 },
        { place: 1, value: 2 },
      ],
    ]);
    expect(scaleOf([]).marks).toEqual([]);
  });
});

test("a shift is told as people say it", () => {
  expect([3.14, 1.08, 1.001, 0.6, null].map(shiftText)).toEqual(["×3.1", "+8 %", "as before", "−40 %", "–"]);
});

const cover = (name: string, more: Partial<HandlerCoverage> = {}) =>
  ({ name, plugin: null, service: null, code: null, ...more }) as HandlerCoverage;

describe("a handler's page", () => {
  const heatmap = {
    handlers: [heat("pay", { code: CODE, plugin: "Shop" }), heat("pay", { plugin: "Other" })],
  } as Heatmap;
  const coverage = { handlers: [cover("Pay.run", { code: CODE }), cover("pay", { plugin: "Third" })] } as Coverage;

  test("finds what ran and what did not, and what is said of its function under another name", () => {
    const found = handlersOf(heatmap, coverage, { name: "pay", owner: null, place: null });
    expect(found.map((one) => [one.plugin, one.heat !== null, one.coverage?.name])).toEqual([
      ["Shop", true, "Pay.run"],
      ["Other", true, undefined],
      ["Third", false, "pay"],
    ]);
    expect(handlersOf(heatmap, null, { name: "pay", owner: "Other", place: null })).toHaveLength(1);
    expect(handlersOf(heatmap, coverage, { name: "ship", owner: null, place: null })).toEqual([]);
  });

  test("tells who is before it and after it", () => {
    const node = (id: string, more: Partial<Node> = {}) =>
      ({ id, name: id, kind: "handler", plugin: null, service: null, code: null, ...more }) as Node;
    const edge = (source: string, target: string, count: number) => ({ source, target, count }) as Edge;
    const graph = {
      nodes: [node("pay (Shop)", { name: "pay", code: CODE }), node("cart"), node("ship"), node("mail")],
      edges: [
        edge("cart", "pay (Shop)", 3),
        edge("pay (Shop)", "ship", 1),
        edge("pay (Shop)", "mail", 9),
        edge("cart", "ship", 5),
      ],
    } as Graph;
    const { callers, called } = neighboursOf(graph, heat("pay", { code: CODE }));
    expect([callers, called].map((ends) => ends.map((one) => one.node.id))).toEqual([["cart"], ["mail", "ship"]]);
  });

  test("has the findings that name it, or lie in its code", () => {
    const found = [
      { finding: { handler: "pay", code: null } },
      { finding: { handler: null, code: CODE } },
      { finding: { handler: "ship", code: CODE } },
    ] as Parameters<typeof findingsOf>[0][number][];
    expect(findingsOf(found, heat("pay", { code: CODE }))).toEqual(found.slice(0, 2));
  });

  test("says what the link to code rests on", () => {
    expect(linkText(CODE)).toBe(
      "Linked by definition: the declaration names the handler, and this function is the one of that name in its module. " +
        "Confidence 0.98: of a hundred such links, about 98 are right.",
    );
  });
});
