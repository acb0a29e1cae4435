import type { JSX } from "preact";
import type { Edge, Graph, Node, Place, StaticCall } from "../../data/documents.ts";
import { count, counted, duration, moment, share } from "../../parts/format.ts";
import { CodeLink, HandlerLink, LogLink, SequenceLink } from "../../parts/links.tsx";
import { Notice } from "../../parts/states.tsx";
import { change, here } from "../../shell/route.ts";
import { textOn } from "./boxes.ts";
import { opened } from "./filter.tsx";
import type { Spot } from "./reduction.ts";

const MOST_EDGES = 12;

/** What is chosen: a node with its edges, or a group with its nodes. */
export function Details(props: { graph: Graph; spot: Spot | null; node: Node | null }): JSX.Element {
  if (props.node !== null) {
    return <NodeDetails graph={props.graph} node={props.node} />;
  }
  if (props.spot !== null) {
    return <GroupDetails spot={props.spot} />;
  }
  return (
    <Notice title="Nothing is chosen">
      A node of the picture, of the lists or of the table below: its figures, its edges and its code stand here then.
    </Notice>
  );
}

function NodeDetails(props: { graph: Graph; node: Node }): JSX.Element {
  const { graph, node } = props;
  const into = graph.edges.filter((edge) => edge.target === node.id);
  const out = graph.edges.filter((edge) => edge.source === node.id);
  return (
    <>
      <h3 dir="auto" class="chosen-name" title={node.id}>
        <NodeName node={node} />
      </h3>
      <dl class="facts">
        <dt>runs</dt>
        <dd>
          {node.runs === 0 ? "never ran" : count(node.runs)}
          {node.errors > 0 && <strong class="bad">, ✗ {count(node.errors)} failed</strong>}
        </dd>
        <dt>took</dt>
        <dd>
          p50 {duration(node.p50Ms)}, p95 {duration(node.p95Ms)}
        </dd>
        <dt>needed by</dt>
        <dd>{counted(node.fanIn, "other")}</dd>
        <dt>needs</dt>
        <dd>{counted(node.fanOut, "other")}</dd>
        {node.kind === "handler" && (
          <>
            <dt>code</dt>
            <dd>
              <CodeLink code={node.code} />
            </dd>
          </>
        )}
        {node.plugin !== null && (
          <>
            <dt>plugin</dt>
            <dd dir="auto">{node.plugin}</dd>
          </>
        )}
        {node.kind !== "sequence" && node.sequences.length > 0 && (
          <>
            <dt>sequences</dt>
            <dd class="links">
              {node.sequences.map((one) => (
                <SequenceLink key={one} id={one} />
              ))}
            </dd>
          </>
        )}
        {node.lastSeen !== null && (
          <>
            <dt>seen</dt>
            <dd>
              {moment(node.firstSeen)} – {moment(node.lastSeen)}
            </dd>
          </>
        )}
      </dl>
      <p>
        <button type="button" onClick={() => change({ focus: node.id })}>
          Show only what is around it
        </button>
      </p>
      <Edges title="From" of={into} other="source" graph={graph} />
      <Edges title="To" of={out} other="target" graph={graph} />
    </>
  );
}

function NodeName(props: { node: Node }): JSX.Element {
  const { node } = props;
  if (node.kind === "handler") {
    return <HandlerLink name={node.name} plugin={node.plugin} />;
  }
  return node.kind === "sequence" ? <SequenceLink id={node.name} /> : <span>{node.name}</span>;
}

function Edges(props: {
  title: string;
  of: readonly Edge[];
  other: "source" | "target";
  graph: Graph;
}): JSX.Element | null {
  const { of, other } = props;
  if (of.length === 0) {
    return null;
  }
  const names = new Map(props.graph.nodes.map((node) => [node.id, node.name]));
  return (
    <div>
      <h3>
        {props.title} {counted(of.length, "node")}
      </h3>
      <ul class="edges">
        {of.slice(0, MOST_EDGES).map((edge) => (
          <li key={`${edge.source}\u001f${edge.target}`}>
            <NodeLink id={edge[other]} name={names.get(edge[other]) ?? edge[other]} />
            <span class={edge.isUnexplained ? "bad" : ""}>{textOn(edge)}</span>
            <span class="none">
              {edge.share !== null && `${share(edge.share)} of its runs, p95 ${duration(edge.p95Ms)}`}
              {edge.errorRate !== null && edge.errorRate > 0 && `, ✗ ${share(edge.errorRate)} failed`}
            </span>
            <span class="links">
              {examplesOf(edge).map((place) => (
                <LogLink key={`${place.source}:${place.line}`} place={place} most={30} />
              ))}
              {edge.calls.slice(0, 2).map((call) => (
                <CallLink key={`${call.filePath}:${call.lineNumber}`} call={call} />
              ))}
            </span>
          </li>
        ))}
      </ul>
      {of.length > MOST_EDGES && <p class="about">{count(of.length - MOST_EDGES)} more, in the list of the picture.</p>}
    </div>
  );
}

/** A line for each way in which an edge was seen, each line once. */
function examplesOf(edge: Edge): Place[] {
  const first = edge.seen.flatMap((one) => one.examples.slice(0, 1));
  return [...new Map(first.map((place) => [`${place.source}:${place.line}`, place])).values()];
}

function CallLink(props: { call: StaticCall }): JSX.Element {
  const { filePath, lineNumber, confidence, evidence, through } = props.call;
  return <CodeLink code={{ filePath, lineNumber, confidence, evidence, functionName: through ?? "" }} most={34} />;
}

/** A node of this page. */
export function NodeLink(props: { id: string; name: string }): JSX.Element {
  return (
    <a class="name" href={here({ node: props.id })} title={props.id} dir="auto">
      {props.name}
    </a>
  );
}

function GroupDetails(props: { spot: Spot }): JSX.Element {
  const { spot } = props;
  const slowest = [...spot.nodes].sort((a, b) => b.runs - a.runs).slice(0, MOST_EDGES);
  return (
    <>
      <h3 dir="auto" class="chosen-name" title={spot.name}>
        {spot.name}
      </h3>
      <p>
        {counted(spot.nodes.length, "node")}, {counted(spot.runs, "run")}
      </p>
      <p>
        <button type="button" onClick={() => change({ open: JSON.stringify([...opened(), spot.group]), node: null })}>
          Show its nodes in the picture
        </button>
      </p>
      <ul class="edges">
        {slowest.map((node) => (
          <li key={node.id}>
            <NodeLink id={node.id} name={node.name} />
            <span>{counted(node.runs, "run")}</span>
          </li>
        ))}
      </ul>
    </>
  );
}
