import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import type { Graph } from "../data/documents.ts";
import { useAnswer } from "../data/use-answer.ts";
import { count, counted } from "../parts/format.ts";
import { GraphView } from "../parts/graph-view.tsx";
import { Figures, PageHead, Section } from "../parts/section.tsx";
import { Command, Loaded, Notice } from "../parts/states.tsx";
import { build, change, setting } from "../shell/route.ts";
import { boxesOf, linesOf } from "./graph/boxes.ts";
import { Details } from "./graph/details.tsx";
import { FilterBar, filterOf, nodeKind, opened } from "./graph/filter.tsx";
import { Lists, NodeTable } from "./graph/lists.tsx";
import { type Filter, MOST_SPOTS, reduced } from "./graph/reduction.ts";

const MOST_TOLD = 80; // ways with words on them: of more, nothing could be read

/** Who depends on whom, by what ran and by what the code says. */
export function GraphPage(): JSX.Element {
  const kind = nodeKind();
  const asked = useAnswer("graph", { nodes: kind === "handler" ? null : kind, build: build.value });
  return (
    <>
      <PageHead title="Graph">Who depends on whom, by what ran and by what the code says.</PageHead>
      <Loaded asked={asked} rows={20}>
        {(graph) => <Shown graph={graph} />}
      </Loaded>
    </>
  );
}

function Shown(props: { graph: Graph }): JSX.Element {
  const { graph } = props;
  const filter = filterOf();
  const focused = graph.nodes.find((one) => one.id === filter.focus);
  return (
    <>
      <GraphFigures graph={graph} />
      <Section title="Nodes and edges">
        <FilterBar filter={filter} focusName={focused?.name ?? null} />
        {graph.nodes.length === 0 ? (
          <Notice title="Nothing ran, and nothing is declared">
            <Command text="telemap ingest LOGS" />
          </Notice>
        ) : (
          <Picture graph={graph} filter={filter} />
        )}
        <Doubts graph={graph} />
      </Section>
      <Lists graph={graph} />
      <Section title="All nodes">
        <NodeTable
          nodes={graph.nodes}
          selected={setting("node")}
          onSelect={(node) => change({ node: node.id }, false)}
        />
      </Section>
    </>
  );
}

function GraphFigures(props: { graph: Graph }): JSX.Element {
  const { summary, edges } = props.graph;
  const unexplained = edges.filter((edge) => edge.isUnexplained).length;
  return (
    <Figures
      of={[
        { name: "Nodes", value: count(summary.nodes), detail: `${count(summary.neverRan)} never ran` },
        { name: "Edges", value: count(summary.edges), detail: "in both layers together" },
        { name: "Seen only", value: count(summary.observed), detail: "not in the code, as far as it is known" },
        { name: "In the code, and seen", value: count(summary.both) },
        {
          name: "In the code only",
          value: count(summary.static),
          detail: "never seen to run",
          tone: summary.static > 0 ? "warn" : "good",
        },
        {
          name: "Not explained",
          value: count(unexplained),
          detail: "seen, and the code does not call it",
          tone: unexplained > 0 ? "warn" : "good",
        },
      ]}
    />
  );
}

function Picture(props: { graph: Graph; filter: Filter }): JSX.Element {
  const { graph, filter } = props;
  const key = JSON.stringify([...Object.values({ ...filter, kinds: [...(filter.kinds ?? [])], open: opened() })]);
  const shown = useMemo(() => reduced(graph, filter), [graph, key]);
  const boxes = useMemo(() => boxesOf(shown), [shown]);
  const lines = useMemo(() => linesOf(shown), [shown]);
  const wanted = setting("node");
  const node = graph.nodes.find((one) => one.id === wanted) ?? null;
  const spot =
    shown.spots.find((one) => one.id === wanted) ??
    shown.spots.find((one) => node !== null && one.nodes.includes(node));
  return (
    <div class="columns picture wide">
      {boxes.length > MOST_SPOTS && setting("draw") === null ? (
        <Notice title={`${counted(boxes.length, "node")} and ${counted(lines.length, "edge")} are many for a picture`}>
          <p>
            A node of the table below can be looked at with what is around it. All of them may take a minute to lay out.
          </p>
          <button type="button" onClick={() => change({ draw: "all" })}>
            Draw them all the same
          </button>
        </Notice>
      ) : boxes.length === 0 ? (
        <Notice title="Nothing is left of the graph with these filters" />
      ) : (
        <GraphView
          name={`graph-${graph.nodeKind}`}
          label={`Graph of ${graph.nodeKind}s`}
          height="min(44rem, 80vh)"
          boxes={boxes}
          lines={lines}
          direction={setting("across") === null ? "DOWN" : "RIGHT"}
          isLabelled={lines.length <= MOST_TOLD}
          selected={spot?.id ?? null}
          onSelect={(id) => change({ node: id }, false)}
          legend={<Legend isGrouped={shown.isGrouped} />}
        />
      )}
      <div class="beside">
        <Details graph={graph} spot={spot ?? null} node={node} />
      </div>
    </div>
  );
}

function Legend(props: { isGrouped: boolean }): JSX.Element {
  return (
    <ul>
      {props.isGrouped && <li>The graph is large: it is drawn by groups, which can be opened one by one</li>}
      <li>
        <span class="stroke" /> seen, the thicker the more often
      </li>
      <li>
        <span class="stroke both" /> in the code, and seen
      </li>
      <li>
        <span class="stroke unseen" /> in the code only
      </li>
      <li>
        <span class="stroke wrong" /> seen, not explained by the code
      </li>
      <li class="heats">
        p95 low{" "}
        {[0, 1, 2, 3, 4, 5].map((step) => (
          <span key={step} class={`heat-${step}`} />
        ))}{" "}
        high; the larger the more runs
      </li>
    </ul>
  );
}

/** What of the telemetry could not be put into the graph as it should be. */
function Doubts(props: { graph: Graph }): JSX.Element | null {
  const { gaps } = props.graph.summary;
  const told: [number, string][] = [
    [gaps.orphans, "executions name a parent that is nowhere"],
    [gaps.circular, "executions are their own ancestors"],
    [gaps.nameless, "executions have no name"],
    [gaps.negative, "executions end before they begin"],
    [gaps.early, "begin before what called them"],
  ];
  const doubts = told.filter(([amount]) => amount > 0);
  if (doubts.length === 0 && props.graph.isIndexed) {
    return null;
  }
  return (
    <ul class="doubts">
      {doubts.map(([amount, text]) => (
        <li key={text}>
          <strong>{count(amount)}</strong> {text}.
        </li>
      ))}
      {!props.graph.isIndexed && (
        <li>
          No code is indexed, so that nothing is known of what it calls: <code>telemap index DIR</code> reads it.
        </li>
      )}
    </ul>
  );
}
