import type { JSX } from "preact";
import type { HandlerCoverage, HandlerHeat, Sequence } from "../../data/documents.ts";
import { useAnswer } from "../../data/use-answer.ts";
import { DataTable } from "../../parts/data-table.tsx";
import { CodeLink, HandlerLink } from "../../parts/links.tsx";
import { Section } from "../../parts/section.tsx";
import { Loaded } from "../../parts/states.tsx";
import { build } from "../../shell/route.ts";

interface HandlerRow {
  heat: HandlerHeat | null;
  cover: HandlerCoverage | null;
}

/** The handlers of a sequence, those that took most of the time first. */
export function handlersOf(
  sequence: string,
  heat: readonly HandlerHeat[],
  coverage: readonly HandlerCoverage[],
): HandlerRow[] {
  const ran = heat.filter((one) => one.sequences.includes(sequence));
  const covers = coverage.filter((one) => one.sequences.includes(sequence));
  const isSame = (a: HandlerHeat, b: HandlerCoverage) =>
    a.name === b.name && (a.plugin === b.plugin || a.code?.filePath === b.code?.filePath);
  const rows = ran.map((one) => ({ heat: one, cover: covers.find((cover) => isSame(one, cover)) ?? null }));
  const rest = covers.filter((cover) => !ran.some((one) => isSame(one, cover)));
  rows.sort((a, b) => b.heat.selfTime - a.heat.selfTime);
  return [...rows, ...rest.map((cover) => ({ heat: null, cover }))];
}

/** The handlers of a sequence with how long they took and whether tests run them. */
export function Handlers(props: { sequence: Sequence }): JSX.Element {
  const id = props.sequence.sequenceId;
  const heat = useAnswer("heatmap", { build: build.value });
  const coverage = useAnswer("coverage", { build: build.value });
  return (
    <Section title="Handlers" about="Over all sequences that they are part of; those that took the most time first.">
      <Loaded asked={heat}>
        {({ handlers }) => {
          const covers = coverage.state === "ready" ? coverage.document.handlers : [];
          return (
            <DataTable
              name="handlers"
              label="Handlers of the sequence"
              rows={handlersOf(id, handlers, covers)}
              keyOf={({ heat, cover }) =>
                JSON.stringify([
                  heat?.name ?? cover?.name,
                  heat?.plugin ?? cover?.plugin,
                  heat?.service,
                  heat?.sourceFile,
                ])
              }
              most="22rem"
              empty="No handler of it is known."
              columns={[
                {
                  key: "name",
                  heading: "handler",
                  value: ({ heat, cover }) => heat?.name ?? cover?.name,
                  show: ({ heat, cover }) => (
                    <HandlerLink
                      name={heat?.name ?? cover?.name ?? ""}
                      plugin={heat?.plugin ?? cover?.plugin ?? null}
                    />
                  ),
                },
                { key: "executions", heading: "executions", kind: "count", value: ({ heat }) => heat?.executions ?? 0 },
                { key: "errors", heading: "failed", kind: "count", value: ({ heat }) => heat?.errors ?? 0 },
                { key: "p50", heading: "p50", kind: "ms", value: ({ heat }) => heat?.timing?.p50 },
                { key: "p95", heading: "p95", kind: "ms", value: ({ heat }) => heat?.timing?.p95 },
                { key: "self", heading: "own time", kind: "ms", value: ({ heat }) => heat?.selfTime },
                {
                  key: "tested",
                  heading: "tested",
                  value: ({ cover }) =>
                    cover === null || cover.tested === null ? "not known" : cover.tested ? "✓ tested" : "✗ no test",
                },
                {
                  key: "code",
                  heading: "code",
                  value: ({ heat, cover }) => heat?.code?.filePath ?? cover?.code?.filePath,
                  show: ({ heat, cover }) => <CodeLink code={heat?.code ?? cover?.code ?? null} />,
                },
              ]}
            />
          );
        }}
      </Loaded>
    </Section>
  );
}
