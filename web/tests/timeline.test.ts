import { describe, expect, test } from "vitest";
import type { TimelineLanes, TimelineTile } from "../src/data/documents.ts";
import { queryOf, stateOf } from "../src/timeline/address.ts";
import { coloursOf, hashed, shortened } from "../src/timeline/colours.ts";
import { gaps, hasNumber, type Item, itemAt, neighbour, seen, within } from "../src/timeline/items.ts";
import { LANE_GAP, LaneRows, ROW_HEIGHT } from "../src/timeline/rows.ts";
import { type Address, addresses, decoded, keyOf, levelFor, resolved, Tiles } from "../src/timeline/tiles.ts";
import { Clock, duration, stepFor, ticks } from "../src/timeline/times.ts";
import { clamped, LEAST_MS, panned, pinched, timeAt, whole, xOf, zoomed } from "../src/timeline/view.ts";

const tileOf = (more: Partial<TimelineTile>): TimelineTile => ({
  ...{ schemaVersion: 1, by: "session", level: 0, index: 0, block: 0, startMs: 0, durationMs: 100, complete: true },
  ...{ lane: [0], row: [0], items: [0], skip: [], count: [], longest: [], itemStartMs: [], itemDurationMs: [] },
  ...{ name: [], flags: [] },
  ...more,
});

/** Two spans in the first row, three in one in the second. */
const document = tileOf({
  ...{ lane: [0, 0], row: [0, 1], items: [2, 1], skip: [0, 0, 5], count: [1, 1, 3], longest: [0, 0, 1] },
  ...{ itemStartMs: [0, 40, 10], itemDurationMs: [20, 60, 5], name: [0, 1, 2], flags: [0, 1, 4] },
});
const tile = decoded(document);
const piece = { tile, from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY };
const lanes = { durationMs: 1000, levels: 6, lanesOfBlock: 32, buckets: 1024, by: "session" } as TimelineLanes;

describe("the view", () => {
  test("stays where the pointer is when it is zoomed", () => {
    const view = zoomed({ from: 0, to: 100 }, 0.5, 25);
    expect(view).toEqual({ from: 12.5, to: 62.5 });
    expect(timeAt(view, 400, xOf(view, 400, 25))).toBe(25);
  });
  test("does not leave all time and is never shorter than what can be told apart", () => {
    expect(clamped({ from: -500, to: 5000 }, 1000)).toEqual(whole(1000));
    expect(clamped({ from: 900, to: 1100 }, 1000)).toEqual({ from: 820, to: 1020 });
    const least = clamped({ from: 5, to: 5 }, 1000);
    expect(least.to - least.from).toBeCloseTo(LEAST_MS, 9);
  });
  test("is moved by a share of its length", () => {
    expect(panned({ from: 0, to: 100 }, 0.25)).toEqual({ from: 25, to: 125 });
  });
  test("keeps what is below two fingers below them", () => {
    const view = pinched({ from: 0, to: 100 }, 100, [20, 40], [10, 50]);
    expect([timeAt(view, 100, 10), timeAt(view, 100, 50)]).toEqual([20, 40]);
  });
});

describe("times", () => {
  test.each([
    [0, "0 ns"],
    [0.000_002, "2 ns"],
    [0.0123, "12.3 µs"],
    [999.6, "1 s"],
    [12_340, "12.3 s"],
    [90_000, "1 min 30 s"],
    [3_600_000 * 5, "5 h"],
    [86_400_000 * 3 + 3_600_000, "3 d 1 h"],
  ])("%d ms are %s", (ms, text) => {
    expect(duration(ms)).toBe(text);
  });
  test("ticks are at round offsets, told with the digits that they need", () => {
    expect(stepFor(0.3)).toBe(0.5);
    expect(ticks(-1, 26, 10).map((one) => one.label)).toEqual(["0 ms", "10 ms", "20 ms"]);
    expect(ticks(1000, 1001, 0.5).map((one) => one.label)).toEqual(["1.0000 s", "1.0005 s", "1.0010 s"]);
    expect(ticks(0, 7_200_000, 3_600_000).map((one) => one.label)).toEqual(["00:00:00", "01:00:00", "02:00:00"]);
    expect(ticks(0, 86_400_000, 86_400_000).map((one) => one.label)).toEqual(["00:00:00", "1 d 00:00:00"]);
    expect(ticks(0, 0.000_04, 0.000_02).map((one) => one.label)).toEqual(["0 ns", "20 ns", "40 ns"]);
  });
  test("the time of day has all nanoseconds", () => {
    const clock = new Clock("2026-01-02T23:59:59.999999998Z", true);
    expect(clock.at(0, 1e-6)).toEqual({ date: "2026-01-02", time: "23:59:59.999999998" });
    expect(clock.at(0.000_003, 1e-6)).toEqual({ date: "2026-01-03", time: "00:00:00.000000001" });
    expect(clock.at(1000, 1000)).toEqual({ date: "2026-01-03", time: "00:00:00" });
    expect(clock.offset("2026-01-03T00:00:00.000000001Z")).toBeCloseTo(0.000_003, 9);
  });
});

describe("rows", () => {
  const rows = new LaneRows([2, 1, 1]);
  test("are found by their height, and nothing between lanes is", () => {
    expect(rows.at(rows.yOf(0, 1) + 1)).toEqual({ lane: 0, row: 1 });
    expect(rows.at(rows.yOf(2, 0))).toEqual({ lane: 2, row: 0 });
    expect(rows.at(LANE_GAP / 4)).toBeNull();
    expect(rows.at(rows.height + 1)).toBeNull();
  });
  test("of five thousand lanes only those that are seen are drawn", () => {
    const many = new LaneRows(Array.from({ length: 5000 }, () => 1));
    const [first, last] = many.between(60_000, 60_500) as [number, number];
    expect(last - first).toBeLessThan(500 / ROW_HEIGHT + 2);
    expect(many.top(first)).toBeLessThanOrEqual(60_004);
  });
  test("of no lanes there are none", () => {
    expect(new LaneRows([]).between(0, 100)).toBeNull();
    expect(new LaneRows([]).at(0)).toBeNull();
  });
});

describe("tiles", () => {
  test("have items with the numbers of their spans", () => {
    expect([...tile.first]).toEqual([0, 1, 7]);
    expect([...tile.longest]).toEqual([0, 1, 8]);
    expect([...tile.end]).toEqual([20, 100, 15]);
    expect(tile.rows).toEqual([
      { lane: 0, row: 0, begin: 0, end: 2 },
      { lane: 0, row: 1, begin: 2, end: 3 },
    ]);
  });
  test("of a level have buckets of at most a pixel", () => {
    expect(levelFor({ from: 0, to: 1000 }, 1024, lanes)).toBe(0);
    expect(levelFor({ from: 0, to: 999 }, 1024, lanes)).toBe(1);
    expect(levelFor({ from: 0, to: 1e-9 }, 1024, lanes)).toBe(5);
  });
  test("are asked for where they are seen", () => {
    const found = addresses({ from: -20, to: 300 }, 1, lanes, 30, 40).map(keyOf);
    expect(found).toEqual(["1/0/0", "1/1/0", "1/0/1", "1/1/1"]);
  });
  const address: Address = { level: 2, index: 5, block: 0 };
  test("that show all are drawn instead of nearer ones, which nobody asks for then", () => {
    const there = new Map([["1/1/0", { ...tile, complete: true }]]);
    expect(resolved(address, (at) => there.get(keyOf(at)))).toEqual({ tile: there.get("1/1/0"), wanted: null });
  });
  test("that do not show all stand in until the nearer ones are there", () => {
    const coarse = { ...tile, complete: false };
    const there = new Map([["0/0/0", coarse]]);
    expect(resolved(address, (at) => there.get(keyOf(at)))).toEqual({ tile: coarse, wanted: address });
    const near = { ...tile, complete: false };
    there.set("2/5/0", near);
    expect(resolved(address, (at) => there.get(keyOf(at)))).toEqual({ tile: near, wanted: null });
  });
  test("of a report file without the nearer ones are asked for further away", async () => {
    const asked: string[] = [];
    let changed = 0;
    const tiles = new Tiles(
      lanes,
      (_by, at) => {
        asked.push(keyOf(at));
        return Promise.resolve(at.level === 0 ? document : null);
      },
      () => {
        changed += 1;
      },
    );
    const draw = () => tiles.pieces({ from: 300, to: 301 }, 100, 0, 0);
    for (let turn = 0; turn < 12; turn++) {
      draw();
      await new Promise((done) => setTimeout(done));
    }
    expect(asked.at(-1)).toBe("0/0/0");
    expect(new Set(asked).size).toBe(asked.length);
    expect(changed).toBe(asked.length);
    expect(draw().pieces.map((one) => one.tile.complete)).toEqual([true]);
  });
});

describe("items", () => {
  const all = seen([piece], { from: -10, to: 200 }, [0, 0], 10);
  test("are seen once, whichever piece of the picture has them", () => {
    const left = { tile, from: Number.NEGATIVE_INFINITY, to: 50 };
    const right = { tile, from: 50, to: Number.POSITIVE_INFINITY };
    expect(seen([left, right], { from: 0, to: 100 }, [0, 0], 10).map((one) => one.first)).toEqual([0, 1, 7]);
    expect(seen([left, right], { from: 60, to: 100 }, [0, 0], 10).map((one) => one.first)).toEqual([1]);
  });
  test("are hit within a few pixels", () => {
    expect(itemAt([piece], 0, 0, 10, 1)?.first).toBe(0);
    expect(itemAt([piece], 0, 0, 21, 2)?.first).toBe(0);
    expect(itemAt([piece], 0, 0, 30, 2)).toBeNull();
    expect(itemAt([piece], 0, 1, 12, 2)?.longest).toBe(8);
  });
  test("have neighbours in their row and in the next one", () => {
    const [one, two, below] = all as [Item, Item, Item];
    expect(neighbour(all, one, "right")).toBe(two);
    expect(neighbour(all, two, "left")).toBe(one);
    expect(neighbour(all, two, "right")).toBeNull();
    expect(neighbour(all, two, "down")).toBe(below);
    expect(neighbour(all, below, "up")).toBe(one);
    expect(neighbour(all, below, "down")).toBeNull();
  });
  test("of a period are counted with what failed", () => {
    expect(within([piece], { from: 12, to: 50 }, [0, 0])).toEqual([5, 1]);
    expect(within([piece], { from: 22, to: 30 }, [0, 0])).toEqual([0, 0]);
  });
  test("leave gaps in which nothing is going on", () => {
    expect(gaps([piece], { from: 0, to: 200 }, [0, 0], 10)).toEqual([{ from: 20, to: 40 }]);
    expect(gaps([piece], { from: 0, to: 200 }, [0, 0], 30)).toEqual([]);
  });
  test("that are merged have what is looked for if one of them is", () => {
    const sorted = Float64Array.from([3, 8, 20]);
    expect([
      hasNumber(sorted, 7, 3),
      hasNumber(sorted, 9, 3),
      hasNumber(sorted, 20, 1),
      hasNumber(sorted, 21, 5),
    ]).toEqual([true, false, true, false]);
  });
});

describe("names", () => {
  test("have one colour always", () => {
    expect(hashed("price")).toBe(hashed("price"));
    expect(coloursOf(["price", null, "price"])[0]).toBe(coloursOf(["other", "price"])[1]);
  });
  test("lose their middle, and no character is cut in two", () => {
    expect(shortened("price", 5)).toBe("price");
    expect(shortened("abcdefghij", 5)).toBe("ab…ij");
    expect(shortened("👩‍👩‍👧‍👦".repeat(9), 5)).toBe("👩‍👩‍👧‍👦👩‍👩‍👧‍👦…👩‍👩‍👧‍👦👩‍👩‍👧‍👦");
    expect(shortened("x".repeat(20_000), 7)).toBe("xxx…xxx");
  });
});

describe("the address", () => {
  test("has all of the state", () => {
    const query = { by: "handler", from: "1.5", to: "2.000001", span: "12~ab", find: "price", failed: "true" };
    expect(queryOf(stateOf(new URLSearchParams(query)))).toEqual(query);
  });
  test("of garbage is that of all", () => {
    const state = stateOf(new URLSearchParams({ by: "<b>", from: "9", to: "1", span: "x~y" }));
    expect(state).toMatchObject({ by: "session", view: null, selected: null });
    expect(queryOf(state)).toEqual({});
  });
});
