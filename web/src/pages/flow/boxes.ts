import type { Deviation, DrawnNode, DrawnSequence, DrawnWay } from "../../data/documents.ts";
import { count, counted, duration, share } from "../../parts/format.ts";
import { type Box, fitting, type Line, type Tone } from "../../parts/graph-layout.ts";

const SHAPES: Partial<Record<DrawnNode["kind"], Box["shape"]>> = {
  step: "box",
  event: "event",
  missing: "event",
  gate: "dot",
  choice: "diamond",
};
const ENDS: Partial<Record<DrawnNode["kind"], string>> = {
  start: "start",
  end: "end",
  failed: "✗ failed",
  "cut-start": "log begins",
  "cut-end": "log ends",
};
const ON_WAYS: readonly string[] = ["undeclared-event", "incomplete"]; // drawn as nodes and ways of their own

/** The deviations that stand at a step. */
export function deviationsAt(step: number | null, deviations: readonly Deviation[]): Deviation[] {
  return deviations.filter((one) => step !== null && one.step === step && !ON_WAYS.includes(one.kind));
}

/** The boxes of a sequence, movements as groups where there are several. */
export function boxesOf(drawn: DrawnSequence, deviations: readonly Deviation[]): Box[] {
  const movements = new Set(drawn.nodes.flatMap((node) => (node.step === null ? [] : [node.movement])));
  return drawn.nodes.map((node) => {
    const odd = deviationsAt(node.step, deviations);
    return {
      id: node.id,
      lines: linesIn(node, odd, drawn.runs).map((line) => fitting(line)),
      shape: SHAPES[node.kind] ?? "terminal",
      tone: toneOf(node, odd),
      group: movements.size > 1 ? node.movement : null,
    };
  });
}

function linesIn(node: DrawnNode, odd: readonly Deviation[], runs: number): string[] {
  const end = ENDS[node.kind];
  if (end !== undefined) {
    return [end];
  }
  if (node.kind === "gate" || node.kind === "choice") {
    return [];
  }
  if (node.kind === "missing") {
    return [`− no ${node.event}`];
  }
  const timing = node.p50Ms === null ? [] : [`p50 ${duration(node.p50Ms)} · p95 ${duration(node.p95Ms)}`];
  if (node.kind === "event") {
    return [`+ ${node.event}`, "not declared", cameTo(node, runs), ...timing];
  }
  return [
    `${node.beat === null ? "" : `${node.beat} · `}${node.title ?? node.event}`,
    ...(node.handler === null ? [] : [`${node.handler}()`]),
    cameTo(node, runs),
    ...timing,
    ...odd.map((one) => `✗ ${one.kind} · ${count(one.count)} ×${one.accepted === null ? "" : " (accepted)"}`),
  ];
}

function cameTo(node: DrawnNode, runs: number): string {
  if (node.runs === 0) {
    return "never seen";
  }
  const came = node.runs === runs ? counted(runs, "run") : `${count(node.runs)} of ${counted(runs, "run")}`;
  return node.visits > node.runs ? `${came}, ${count(node.visits)} times` : came;
}

function toneOf(node: DrawnNode, odd: readonly Deviation[]): Tone {
  if (odd.some((one) => one.severity !== "info" && one.accepted === null)) {
    return "wrong";
  }
  if (node.kind === "event" || node.kind === "missing" || node.kind === "failed") {
    return "wrong";
  }
  if (node.kind === "cut-start" || node.kind === "cut-end") {
    return "unknown";
  }
  return node.visits === 0 && node.kind !== "start" && node.kind !== "end" ? "unseen" : "usual";
}

/** The ways of a sequence: how many runs took each, or in words that none did, or that none should. */
export function linesOf(drawn: DrawnSequence): Line[] {
  return drawn.ways.map((way, place) => ({
    id: String(place),
    source: way.source,
    target: way.target,
    text: textOn(way),
    tone: way.count === 0 ? "unseen" : way.kind === "deviating" ? "wrong" : way.kind === "cut" ? "unknown" : "usual",
    weight: way.share,
  }));
}

function textOn(way: DrawnWay): string {
  if (way.count === 0) {
    return "never";
  }
  const part = way.share < 1 ? ` (${share(way.share)})` : "";
  const word = { declared: "", deviating: " not declared", cut: " not in the log" }[way.kind];
  return `${count(way.count)}${part}${word}`;
}
