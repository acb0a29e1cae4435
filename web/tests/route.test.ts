// @vitest-environment happy-dom
import { expect, test } from "vitest";
import { addressOf } from "../src/data/client.ts";
import { placeOf } from "../src/shell/drawer.tsx";
import { change, here, href, route, routeOf } from "../src/shell/route.ts";

const ODD = { q: "a b&c=d#e?f/g", arrow: "→ 🎼", plus: "1+1", rtl: "שלום" };

test("a route is what its address says, whatever is in its settings", () => {
  expect(routeOf(href("heatmap", ODD))).toEqual({ page: "heatmap", settings: ODD });
  expect(routeOf("")).toEqual({ page: "overview", settings: {} });
  expect(routeOf("#/flows")).toEqual({ page: "flows", settings: {} });
});

test("settings that are not set are not in the address", () => {
  expect(href("heatmap", { build: null, by: undefined, find: "" })).toBe("#/heatmap");
});

test("a setting is changed beside the others, and removed by null", () => {
  change({ a: "1", b: "2" }, false);
  change({ b: null, c: 3 }, false);
  expect(route.value.settings).toEqual({ a: "1", c: "3" });
  expect(here({ a: null })).toBe("#/overview?c=3");
});

test("answers are addressed by their settings in the order of names", () => {
  expect(addressOf("log", { source: "/a b.log", page: null })).toBe("log?source=%2Fa%20b.log");
  expect(addressOf("heatmap", { top: 5, build: "1.0", by: undefined })).toBe("heatmap?build=1.0&top=5");
  expect(addressOf("heatmap")).toBe("heatmap");
});

test("a place is a name and a line, also where the name has colons", () => {
  expect(placeOf("C:/logs/a:b.log:12")).toEqual({ name: "C:/logs/a:b.log", line: 12 });
  expect([placeOf(null), placeOf("a.log"), placeOf("a.log:x")]).toEqual([null, null, null]);
});
