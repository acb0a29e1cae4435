import type { ComponentType } from "preact";
import { CoveragePage } from "./coverage.tsx";
import { FlowsPage } from "./flows.tsx";
import { GraphPage } from "./graph.tsx";
import { HandlerPage } from "./handler/page.tsx";
import { HeatmapPage } from "./heatmap/page.tsx";
import { OverviewPage } from "./overview.tsx";
import { SequencePage } from "./sequence.tsx";
import { TimelinePage } from "./timeline.tsx";

/** A page: the first part of its address, and what draws it. */
export interface Page {
  name: string;
  title: string;
  about: string;
  draw: ComponentType;
  /** Whether it stands in the navigation; others are reached by links. */
  isListed: boolean;
}

/** All pages, in the order of the navigation. */
export const pages: readonly Page[] = [
  { name: "overview", title: "Overview", about: "what needs attention first", draw: OverviewPage, isListed: true },
  {
    name: "heatmap",
    title: "Heatmap",
    about: "how long every handler took, and when",
    draw: HeatmapPage,
    isListed: true,
  },
  { name: "flows", title: "Flows", about: "what deviates from what is declared", draw: FlowsPage, isListed: true },
  {
    name: "coverage",
    title: "Coverage",
    about: "what production runs, what tests run",
    draw: CoveragePage,
    isListed: true,
  },
  { name: "timeline", title: "Timeline", about: "what went on when", draw: TimelinePage, isListed: true },
  { name: "graph", title: "Graph", about: "who depends on whom", draw: GraphPage, isListed: true },
  { name: "handler", title: "Handler", about: "everything about one handler", draw: HandlerPage, isListed: false },
  { name: "sequence", title: "Sequence", about: "all about one sequence", draw: SequencePage, isListed: false },
];
