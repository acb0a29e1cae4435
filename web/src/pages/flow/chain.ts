import type { Course, Mark } from "../../data/documents.ts";

/** A beat of a variant: one that came or one that is missing, with what is odd about it; or many as declared. */
export type Link =
  | { kind: "beat"; event: string; marks: readonly Mark[] }
  | { kind: "missing"; event: string; marks: readonly Mark[] }
  | { kind: "folded"; events: readonly string[] };

/** What a mark says, with the sign that stands before it. */
export const WORDS: Readonly<Record<string, readonly [sign: string, word: string]>> = {
  "missing-beat": ["−", "missing"],
  "extra-beat": ["+", "inserted"],
  "undeclared-event": ["+", "inserted, not declared"],
  "out-of-order": ["↕", "moved"],
  "repeated-beat": ["↻", "repeated"],
  "failed-beat": ["✗", "failed"],
  "wrong-handler": ["≠", "other handler"],
  late: ["!", "over a limit of time"],
  incomplete: ["…", "cut off"],
};

const LEAST_FOLDED = 5;

/** The beats of a variant in their order, with those that are missing where they are missing. */
export function chainOf(course: Pick<Course, "beats" | "marks">): Link[] {
  const at = (position: number, isMissing: boolean) =>
    course.marks.filter((mark) => mark.position === position && (mark.kind === "missing-beat") === isMissing);
  const missing = (position: number): Link[] =>
    at(position, true).map((mark) => ({ kind: "missing", event: mark.event ?? "", marks: [mark] }));
  return [
    ...course.beats.flatMap((event, position): Link[] => [
      ...missing(position),
      { kind: "beat", event, marks: at(position, false) },
    ]),
    ...missing(course.beats.length),
  ];
}

/** What is odd about the runs of a variant as a whole, and at no place. */
export function marksOfRun(course: Pick<Course, "beats" | "marks">): Mark[] {
  return course.marks.filter((mark) => mark.position === null);
}

/** The same with long stretches of what is as declared folded; the ends and what is next to a mark stay. */
export function folded(chain: readonly Link[]): Link[] {
  const isKept = (place: number) =>
    place === 0 ||
    place === chain.length - 1 ||
    [-1, 0, 1].some((by) => {
      const beside = chain[place + by];
      return beside !== undefined && beside.kind !== "folded" && beside.marks.length > 0;
    });
  const found: Link[] = [];
  let waiting: Link[] = [];
  const flush = () => {
    const events = waiting.flatMap((link) => (link.kind === "folded" ? link.events : [link.event]));
    found.push(...(waiting.length < LEAST_FOLDED ? waiting : [{ kind: "folded", events } as const]));
    waiting = [];
  };
  chain.forEach((link, place) => {
    if (isKept(place)) {
      flush();
      found.push(link);
    } else {
      waiting.push(link);
    }
  });
  flush();
  return found;
}
