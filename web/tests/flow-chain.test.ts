import { expect, test } from "vitest";
import type { Mark } from "../src/data/documents.ts";
import { chainOf, folded, marksOfRun } from "../src/pages/flow/chain.ts";

const mark = (kind: string, position: number | null, event = "e", runs = 1): Mark => ({
  kind,
  event,
  observed: null,
  position,
  runs,
});
const told = (course: { beats: string[]; marks: Mark[] }) =>
  chainOf(course).map((link) =>
    link.kind === "folded"
      ? ""
      : [link.kind === "missing" ? "-" : "", link.event, ...link.marks.map((one) => one.kind)].join(" ").trim(),
  );

test("a variant as declared is its beats", () => {
  expect(told({ beats: ["a", "b"], marks: [] })).toEqual(["a", "b"]);
});

test("what is missing stands before the beat that came in its place, or at the end", () => {
  const marks = [mark("missing-beat", 1, "b"), mark("missing-beat", 2, "d"), mark("missing-beat", 2, "e")];
  expect(told({ beats: ["a", "c"], marks })).toEqual([
    "a",
    "- b missing-beat",
    "c",
    "- d missing-beat",
    "- e missing-beat",
  ]);
});

test("what came too much, again, or out of its order is marked where it came", () => {
  const marks = [mark("out-of-order", 0), mark("repeated-beat", 2), mark("failed-beat", 2), mark("extra-beat", 1)];
  expect(told({ beats: ["b", "x", "a"], marks })).toEqual([
    "b out-of-order",
    "x extra-beat",
    "a repeated-beat failed-beat",
  ]);
});

test("what is odd about a run as a whole is at no beat", () => {
  const course = { beats: ["a"], marks: [mark("incomplete", null), mark("failed-beat", 0)] };
  expect(told(course)).toEqual(["a failed-beat"]);
  expect(marksOfRun(course).map((one) => one.kind)).toEqual(["incomplete"]);
});

test("a run without beats has only what is missing", () => {
  expect(told({ beats: [], marks: [mark("missing-beat", 0, "a")] })).toEqual(["- a missing-beat"]);
  expect(told({ beats: [], marks: [] })).toEqual([]);
});

test("long stretches as declared are folded, with the ends and what is beside a mark left", () => {
  const beats = Array.from("abcdefghijklmn");
  const shown = folded(chainOf({ beats, marks: [mark("out-of-order", 9)] }));
  expect(shown.map((link) => (link.kind === "folded" ? link.events.join("") : link.event))).toEqual([
    "a",
    "bcdefgh",
    "i",
    "j",
    "k",
    "l",
    "m",
    "n",
  ]);
});

test("folding loses no beat", () => {
  for (let size = 0; size < 20; size += 1) {
    for (let odd = 0; odd < size; odd += 1) {
      const beats = Array.from({ length: size }, (_, place) => `${place}`);
      const chain = chainOf({ beats, marks: [mark("failed-beat", odd)] });
      const all = folded(chain).flatMap((link) => (link.kind === "folded" ? link.events : [link.event]));
      expect(all).toEqual(beats);
    }
  }
});
