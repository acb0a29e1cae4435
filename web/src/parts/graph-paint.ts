import type { StylesheetCSS } from "cytoscape";
import { colour } from "../shell/preferences.ts";
import { type Box, FONT, FONT_PIXELS, LINE_PIXELS, type Line } from "./graph-layout.ts";
import type { Paint } from "./graph-svg.ts";

/** What boxes and lines are painted with, in the colours of the page as they are just now. */
export function painter(): {
  paintOf: (of: Box | Line) => Paint;
  page: { ground: string; group: string; quiet: string };
} {
  const found = new Map<string, string>();
  const of = (property: string): string => {
    const known = found.get(property) ?? colour(property);
    found.set(property, known);
    return known;
  };
  return {
    paintOf: (one) => ("source" in one ? paintOfLine(one, of) : paintOfBox(one, of)),
    page: { ground: of("--surface"), group: of("--line"), quiet: of("--quiet") },
  };
}

function paintOfLine(line: Line, of: (property: string) => string): Paint {
  const width = 1.2 + 3.3 * Math.sqrt(line.weight);
  const looks: Partial<Record<Line["tone"], Omit<Paint, "fill">>> = {
    wrong: { stroke: of("--bad"), text: of("--bad"), width: Math.max(width, 1.8), dash: "7 4" },
    unseen: { stroke: of("--quiet"), text: of("--quiet"), width: 1.4, dash: "2 4" },
    unknown: { stroke: of("--quiet"), text: of("--quiet"), width, dash: "10 4 2 4" },
    both: { stroke: of("--kind-2"), text: of("--text"), width: Math.max(width, 2.2), dash: "" },
  };
  return { fill: "none", ...(looks[line.tone] ?? { stroke: of("--kind-0"), text: of("--text"), width, dash: "" }) };
}

function paintOfBox(box: Box, of: (property: string) => string): Paint {
  const usual = { fill: of("--raised"), stroke: of("--quiet"), text: of("--text"), width: 1.2, dash: "" };
  if (box.tone.startsWith("heat-")) {
    return { ...usual, fill: of(`--${box.tone}`), text: of(`--on-${box.tone}`) };
  }
  if (box.shape === "dot" || box.shape === "diamond") {
    return { ...usual, fill: of("--quiet") };
  }
  const looks: Partial<Record<Box["tone"], Partial<Paint>>> = {
    wrong: { fill: of("--bad-ground"), stroke: of("--bad"), width: 2.4 },
    unseen: { fill: of("--surface"), text: of("--quiet"), dash: "2 4" },
    unknown: { fill: of("--sunken"), dash: "10 4 2 4" },
  };
  return { ...usual, ...looks[box.tone] };
}

const SHAPES = {
  box: "round-rectangle",
  event: "rectangle",
  dot: "ellipse",
  diamond: "diamond",
  terminal: "round-rectangle",
};

/** The same for Cytoscape, which asks every element for its `paint`. */
export function stylesheet(accent: string, page: { ground: string; group: string; quiet: string }): StylesheetCSS[] {
  const common = { "font-family": FONT, "overlay-opacity": 0 };
  return [
    {
      selector: "node.box",
      style: {
        ...common,
        shape: (node: { data: (name: string) => keyof typeof SHAPES }) => SHAPES[node.data("shape")],
        width: "data(width)",
        height: "data(height)",
        "corner-radius": "data(radius)",
        label: "data(label)",
        "font-size": "data(fontSize)",
        "line-height": LINE_PIXELS / FONT_PIXELS / 1.15,
        "text-wrap": "wrap",
        "text-max-width": "10000px",
        "text-valign": "center",
        "text-halign": "center",
        color: "data(text)",
        "background-color": "data(fill)",
        "border-color": "data(stroke)",
        "border-width": "data(thick)",
        "border-style": "data(style)",
      },
    },
    {
      selector: "node.group",
      style: {
        ...common,
        shape: "round-rectangle",
        padding: "14px",
        "background-opacity": 0,
        "border-color": page.group,
        "border-width": 1,
        events: "no",
      },
    },
    {
      selector: "node.title",
      style: {
        ...common,
        label: "data(label)",
        width: 1,
        height: 1,
        color: page.quiet,
        "font-size": FONT_PIXELS,
        "text-valign": "center",
        "text-halign": "right",
        "background-opacity": 0,
        events: "no",
      },
    },
    { selector: "node.loop-end", style: { width: 1, height: 1, opacity: 0, events: "no" } },
    {
      selector: "node.words",
      style: {
        ...common,
        label: "data(label)",
        width: 1,
        height: 1,
        color: "data(text)",
        "font-size": 11,
        "text-valign": "center",
        "text-background-color": page.ground,
        "text-background-opacity": 1,
        "text-background-padding": "2px",
        "background-opacity": 0,
        events: "no",
      },
    },
    {
      selector: "edge",
      style: {
        ...common,
        "line-color": "data(stroke)",
        "target-arrow-color": "data(stroke)",
        "target-arrow-shape": "triangle",
        "arrow-scale": 0.9,
        width: "data(thick)",
        "line-style": "data(style)",
        "curve-style": "straight",
      },
    },
    {
      selector: "edge.led",
      style: {
        "curve-style": "round-segments",
        "segment-distances": "data(distances)",
        "segment-weights": "data(weights)",
        "segment-radii": 6,
        "edge-distances": "endpoints",
        "source-endpoint": "data(from)",
        "target-endpoint": "data(to)",
      },
    },
    { selector: "edge[dash]", style: { "line-dash-pattern": "data(dash)" } },
    {
      selector: ".chosen",
      style: { "border-color": accent, "border-width": 4, "line-color": accent, "target-arrow-color": accent },
    },
    { selector: ".aside", style: { opacity: 0.25 } },
  ] as unknown as StylesheetCSS[];
}
