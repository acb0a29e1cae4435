import type { ComponentChildren, JSX } from "preact";
import type { Edge, Graph, Node } from "../../data/documents.ts";
import { type Column, DataTable } from "../../parts/data-table.tsx";
import { count, counted, share } from "../../parts/format.ts";
import { CodeLink } from "../../parts/links.tsx";
import { Section } from "../../parts/section.tsx";
import { NodeLink } from "./details.tsx";

const MOST_SHOWN = 8;

/** What is worth knowing about the whole: circles, single points, hubs, and where the layers differ. */
export function Lists(props: { graph: Graph }): JSX.Element {
  const { graph } = props;
  const names = new Map(graph.nodes.map((node) => [node.id, node.name]));
  const node = (id: string) => <NodeLink key={id} id={id} name={names.get(id) ?? id} />;
  const edges = (of: readonly Edge[]) => (
    <Items
      of={of}
      keyOf={(edge) => `${edge.source}\u001f${edge.target}`}
      show={(edge) => (
        <>
          {node(edge.source)} → {node(edge.target)}
          {edge.calls[0] !== undefined && (
            <CodeLink code={{ ...edge.calls[0], functionName: edge.calls[0].through ?? "" }} most={30} />
          )}
        </>
      )}
    />
  );
  return (
    <div class="cards">
      <Section title={`Circles: ${graph.cycles.length}`} about="Each of these needs every other one.">
        <Items
          of={graph.cycles}
          keyOf={(one) => one.nodes.join("\u001f")}
          show={(one) => (
            <>
              <span class="links">{one.nodes.slice(0, MOST_SHOWN).map(node)}</span>
              {one.nodes.length > MOST_SHOWN && ` and ${count(one.nodes.length - MOST_SHOWN)} more`}
              <span class="none">{one.isObserved ? "as it ran" : "by the code"}</span>
            </>
          )}
        />
      </Section>
      <Section
        title={`Single points of failure: ${graph.singlePoints.length}`}
        about="All traffic of other sequences or services passes them."
      >
        <Items
          of={graph.singlePoints}
          keyOf={(one) => one.node}
          show={(one) => (
            <>
              {node(one.node)}
              <span class="none">
                {counted(one.runs, "run")} of {[...one.sequences, ...one.services].join(", ")}
              </span>
            </>
          )}
        />
      </Section>
      <Section title={`Hubs: ${graph.hubs.length}`} about="Many others need them.">
        <Items
          of={graph.hubs}
          keyOf={(one) => one.node}
          show={(one) => (
            <>
              {node(one.node)}
              <span class="none">
                needed by {one.fanIn}, {counted(one.runs, "run")}
              </span>
            </>
          )}
        />
      </Section>
      <Section title={`In the code only: ${graph.summary.static}`} about="Edges that were never seen to run.">
        {edges(graph.edges.filter((edge) => edge.layer === "static"))}
      </Section>
      <Unexplained edges={graph.edges.filter((edge) => edge.isUnexplained)} show={edges} />
    </div>
  );
}

function Unexplained(props: { edges: readonly Edge[]; show: (of: readonly Edge[]) => ComponentChildren }): JSX.Element {
  return (
    <Section
      title={`Not explained by the code: ${props.edges.length}`}
      about="Calls that ran, though the code of both sides is known and calls nothing of that name."
    >
      {props.show(props.edges)}
    </Section>
  );
}

function Items<T>(props: {
  of: readonly T[];
  keyOf: (one: T) => string;
  show: (one: T) => ComponentChildren;
}): JSX.Element {
  if (props.of.length === 0) {
    return <p class="empty">None.</p>;
  }
  return (
    <>
      <ul class="edges">
        {props.of.slice(0, MOST_SHOWN).map((one) => (
          <li key={props.keyOf(one)}>{props.show(one)}</li>
        ))}
      </ul>
      {props.of.length > MOST_SHOWN && (
        <details>
          <summary>{count(props.of.length - MOST_SHOWN)} more</summary>
          <ul class="edges">
            {props.of.slice(MOST_SHOWN, 500).map((one) => (
              <li key={props.keyOf(one)}>{props.show(one)}</li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}

const CODE: Column<Node> = {
  key: "code",
  heading: "code",
  value: (one) => one.code?.filePath,
  show: (one) => <CodeLink code={one.code} />,
};

/** All nodes as rows, any number of them. */
export function NodeTable(props: {
  nodes: readonly Node[];
  selected: string | null;
  onSelect: (node: Node) => void;
}): JSX.Element {
  return (
    <DataTable
      name="nodes"
      label="Nodes of the graph"
      rows={props.nodes}
      keyOf={(one) => one.id}
      sortedBy="-runs"
      selected={props.selected}
      onSelect={props.onSelect}
      columns={[
        {
          key: "name",
          heading: "node",
          value: (one) => one.id,
          show: (one) => <NodeLink id={one.id} name={one.id} />,
          width: "16rem",
        },
        { key: "owner", heading: "part of", value: (one) => one.service ?? one.plugin },
        { key: "runs", heading: "runs", kind: "count", value: (one) => one.runs },
        {
          key: "errors",
          heading: "failed",
          kind: "count",
          value: (one) => one.errors,
          show: (one) =>
            one.errors === 0 ? (
              <span class="none">0</span>
            ) : (
              <strong class="bad">✗ {share(one.errors / one.runs)}</strong>
            ),
        },
        { key: "p50", heading: "p50", kind: "ms", value: (one) => one.p50Ms },
        { key: "p95", heading: "p95", kind: "ms", value: (one) => one.p95Ms },
        { key: "in", heading: "needed by", kind: "count", value: (one) => one.fanIn },
        { key: "out", heading: "needs", kind: "count", value: (one) => one.fanOut },
        ...(props.nodes.some((one) => one.kind === "handler") ? [CODE] : []),
      ]}
    />
  );
}
