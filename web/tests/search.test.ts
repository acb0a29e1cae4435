// @vitest-environment happy-dom
import { expect, test } from "vitest";
import { csv } from "../src/parts/save.ts";
import { type Hit, ranked } from "../src/shell/search.tsx";

const hit = (name: string, kind = "handler", detail = ""): Hit => ({ kind, name, detail, href: `#/${name}` });
const names = (hits: readonly Hit[], words: string) => ranked(hits, words).map((one) => one.name);

test("what begins with the words comes before what has them", () => {
  const hits = [hit("retake_payment"), hit("take_payment"), hit("render", "handler", "take_payment.py")];
  expect(names(hits, "take")).toEqual(["take_payment", "retake_payment", "render"]);
});

test("every word must be there, wherever it is", () => {
  const hits = [hit("take_payment", "handler", "CheckoutPlugin"), hit("take_stock", "handler", "StockPlugin")];
  expect(names(hits, "checkout take")).toEqual(["take_payment"]);
  expect(names(hits, "sequence")).toEqual([]);
  expect(names(hits, "  ")).toHaveLength(2);
});

test("rows as CSV, with nothing that a spreadsheet would run", () => {
  expect(
    csv(
      ["a", "b"],
      [
        ['say "hi"', 1],
        ["=1+1", null],
        ["x,y\nz", -2],
      ],
    ),
  ).toBe('a,b\r\n"say ""hi""",1\r\n\'=1+1,\r\n"x,y\nz",-2\r\n');
});
