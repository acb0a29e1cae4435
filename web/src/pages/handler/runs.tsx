import type { JSX } from "preact";
import type { Answers } from "../../data/documents.ts";
import { type Column, DataTable } from "../../parts/data-table.tsx";
import { moment, zoneName } from "../../parts/format.ts";
import { LogLink } from "../../parts/links.tsx";
import { href } from "../../shell/route.ts";

type HandlerRun = Answers["heatmap/executions"]["slowest"][number];

/** Executions of a handler, each with its trace and its line of a log. */
export function RunTable(props: { name: string; runs: readonly HandlerRun[] }): JSX.Element {
  const isAnyFailed = props.runs.some((one) => one.statusMessage !== null);
  const isAnyBuild = props.runs.some((one) => one.build !== null);
  const columns: (Column<HandlerRun> | false)[] = [
    {
      key: "took",
      heading: "took",
      value: (one) => one.durationMs,
      kind: "ms",
    },
    {
      key: "start",
      heading: `began (${zoneName()})`,
      value: (one) => one.startTime,
      show: (one) => (
        <a href={href("timeline", { trace: one.traceId, span: one.spanId })} title="Show it on the timeline">
          {moment(one.startTime, 3)}
        </a>
      ),
    },
    {
      key: "status",
      heading: "status",
      value: (one) => one.status,
      show: (one) => (one.status === "error" ? <span class="bad">✗ error</span> : one.status),
    },
    isAnyFailed && { key: "message", heading: "message", value: (one) => one.statusMessage },
    isAnyBuild && { key: "build", heading: "build", value: (one) => one.build },
    {
      key: "log",
      heading: "log",
      value: (one) => (one.log === null ? null : `${one.log.source}:${one.log.line}`),
      show: (one) => (one.log === null ? <span class="none">–</span> : <LogLink place={one.log} most={30} />),
    },
  ];
  return (
    <DataTable
      name={props.name}
      label="Executions"
      rows={props.runs}
      keyOf={(one) => `${one.traceId} ${one.spanId} ${one.log?.line ?? ""}`}
      columns={columns.filter((one) => one !== false)}
      most="20rem"
      empty="No execution has a known duration."
    />
  );
}
