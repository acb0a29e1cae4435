import { describe, expect, it } from "vitest";
import type { HandlerCoverage } from "../src/data/documents.ts";
import {
  areaIn,
  depthWithin,
  type Folder,
  isIn,
  mostIn,
  placeOf,
  type Quadrant,
  sizeOf,
  treeOf,
  wayTo,
} from "../src/pages/coverage-tree.ts";

function handler(filePath: string | null, quadrant: Quadrant, executions = 0, plugin: string | null = null) {
  const code = filePath === null ? null : { filePath, lineNumber: 1, functionName: "f", confidence: 1, evidence: "" };
  return { name: "f", plugin, service: null, code, quadrant, executions } as HandlerCoverage;
}

const HANDLERS = [
  handler("src/shop/cart.ts", "production-and-test", 99),
  handler("src/shop/cart.ts", "production-only", 9),
  handler("src/shop/pay/card.ts", "production-only"),
  handler("src/shop/pay/card.ts", "production-only"),
  handler(null, "neither", 0, "Ghosts"),
  handler(null, "neither"),
];

const names = (folder: Folder): unknown[] => [folder.name, sizeOf(folder), ...folder.folders.map(names)];

describe("the tree of the code", () => {
  const tree = treeOf(HANDLERS);

  it("has folders and files, a folder with one other in it together with that", () => {
    expect(names(tree)).toEqual([
      "",
      6,
      ["src/shop", 4, ["cart.ts", 2], ["pay/card.ts", 2]],
      ["(not linked to code)", 2, ["Ghosts", 1], ["(no plugin)", 1]],
    ]);
  });

  it("is walked to a folder, as far as there is one", () => {
    const paths = (path: string) => wayTo(tree, path).map((one) => one.path);
    expect(paths("")).toEqual([""]);
    expect(paths("src/shop/pay/card.ts")).toEqual(["", "src/shop", "src/shop/pay/card.ts"]);
    expect(paths("src/shopping")).toEqual([""]);
  });

  it("has every handler in the folders on its way, and in no other", () => {
    const within = (folder: Folder): number[] => [sizeOf(folder), ...folder.folders.flatMap(within)];
    const all = (folder: Folder): Folder[] => [folder, ...folder.folders.flatMap(all)];
    expect(all(tree).map((one) => HANDLERS.filter((each) => isIn(each, one.path)).length)).toEqual(within(tree));
    expect(isIn(handler("src/shopping/a.ts", "neither"), "src/shop")).toBe(false);
    expect(placeOf(handler(null, "neither", 0, "P"))).toBe("(not linked to code)/P");
  });

  it("is as large as the sum of its handlers", () => {
    expect(areaIn(tree, "handlers")).toBe(6);
    expect(areaIn(tree, "executions")).toBeCloseTo(6 + 2 + 1);
  });

  it("tells of a folder the quadrant that most of it is in", () => {
    expect(tree.folders.map(mostIn)).toEqual(["production-only", "neither"]);
  });

  it("is drawn as deep as there is room", () => {
    expect([2, 3, 4, 5, 6, 100].map((most) => depthWithin(tree, most))).toEqual([1, 1, 2, 2, 3, 3]);
  });
});
