import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import { useAnswer } from "../../data/use-answer.ts";
import { type Column, DataTable } from "../../parts/data-table.tsx";
import { CodeLink, HandlerLink } from "../../parts/links.tsx";
import { Section } from "../../parts/section.tsx";
import { Loaded } from "../../parts/states.tsx";
import { href } from "../../shell/route.ts";
import { type Handler, type Neighbour, neighboursOf } from "./model.ts";

const LAYERS = { both: "ran, and in the code", observed: "ran", static: "only in the code" } as const;

/** Who is before a handler and who after it, by what ran and by the code. */
export function Neighbours(props: { handler: Handler }): JSX.Element {
  const asked = useAnswer("graph");
  return (
    <Section
      title="Who calls it, and whom it calls"
      about="By calls, topics, shared state, what follows what, and by the code."
      actions={<a href={href("graph", { focus: props.handler.name })}>Graph</a>}
    >
      <Loaded asked={asked}>
        {(graph) => {
          const { callers, called } = neighboursOf(graph, props.handler);
          return (
            <div class="halves">
              <div>
                <h3>Before it</h3>
                <Ends name="callers" of={callers} empty="Nothing was seen before it." />
              </div>
              <div>
                <h3>After it</h3>
                <Ends name="called" of={called} empty="Nothing was seen after it." />
              </div>
            </div>
          );
        }}
      </Loaded>
    </Section>
  );
}

function Ends(props: { name: string; of: readonly Neighbour[]; empty: string }): JSX.Element {
  const columns = useMemo(
    (): Column<Neighbour>[] => [
      {
        key: "name",
        heading: "handler",
        value: ({ node }) => node.name,
        show: ({ node }) => <HandlerLink name={node.name} plugin={node.plugin} />,
      },
      { key: "kinds", heading: "by", value: ({ edge }) => edge.kinds.join(", ") },
      { key: "layer", heading: "seen", value: ({ edge }) => LAYERS[edge.layer] },
      { key: "count", heading: "times", value: ({ edge }) => edge.count, kind: "count" },
      { key: "p95", heading: "p95", value: ({ edge }) => edge.p95Ms, kind: "ms" },
      {
        key: "where",
        heading: "where",
        value: ({ node }) => node.code?.filePath,
        show: ({ node }) => <CodeLink code={node.code} most={26} />,
      },
    ],
    [],
  );
  return props.of.length === 0 ? (
    <p class="about">{props.empty}</p>
  ) : (
    <DataTable
      name={props.name}
      label={props.name}
      rows={props.of}
      keyOf={({ node, edge }) => `${node.id} ${edge.source} ${edge.target}`}
      columns={columns}
      most="16rem"
    />
  );
}
