import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import type { HandlerHeat } from "../../data/documents.ts";
import { type Column, DataTable } from "../../parts/data-table.tsx";
import { count } from "../../parts/format.ts";
import { CodeLink, HandlerLink } from "../../parts/links.tsx";
import { change } from "../../shell/route.ts";
import { type Grid, keyOf, type Rank } from "./model.ts";
import { Spark } from "./spark.tsx";

/** The table's name, which its settings in the address begin with. */
export const NAME = "handlers";

/** Handlers with their figures, hottest first. */
export function HandlerTable(props: {
  handlers: readonly HandlerHeat[];
  by: Rank;
  grid: Grid | null;
  selected: string | null;
}): JSX.Element {
  const { handlers, by, grid } = props;
  const columns = useMemo(() => columnsOf(by, grid), [by, grid]);
  return (
    <DataTable
      name={NAME}
      label="Handlers"
      rows={handlers}
      keyOf={keyOf}
      columns={columns}
      selected={props.selected}
      onSelect={(one) => change({ of: keyOf(one), at: null })}
      most="26rem"
      empty="No handler ran."
    />
  );
}

function columnsOf(by: Rank, grid: Grid | null): Column<HandlerHeat>[] {
  const time = (key: Rank | "p50" | "p99", value: (one: HandlerHeat) => number | null | undefined, title: string) => ({
    key,
    heading: key === by ? `${key} ▾` : key,
    value,
    kind: "ms" as const,
    title,
  });
  return [
    {
      key: "heat",
      heading: "heat",
      value: (one) => one.heat,
      kind: "number",
      show: heatBar,
      width: "6.5rem",
      title: "1 is the hottest handler, a third less is a tenth of it",
    },
    {
      key: "name",
      heading: "handler",
      value: (one) => one.name,
      show: (one) => (
        <>
          <HandlerLink name={one.name} plugin={one.plugin} />{" "}
          <small class="about" dir="auto">
            {one.plugin ?? one.service}
          </small>
        </>
      ),
    },
    {
      key: "over-time",
      heading: "p95 over time",
      value: (one) => Math.max(0, ...(grid?.rows.get(keyOf(one)) ?? []).map((block) => block.p95 ?? 0)),
      show: (one) => grid !== null && <Spark row={grid.rows.get(keyOf(one)) ?? []} parts={grid.parts} />,
      width: "9rem",
      title: "Sort by the slowest part",
      kind: "ms",
    },
    time("p50", (one) => one.timing?.p50, "Half of the executions took less"),
    time("p95", (one) => one.timing?.p95, "95 of 100 executions took less"),
    time("p99", (one) => one.timing?.p99, "99 of 100 executions took less"),
    ...(by === "avg" ? [time("avg", (one) => one.timing?.avg, "The mean")] : []),
    ...(by === "max" ? [time("max", (one) => one.timing?.max, "The longest")] : []),
    { key: "runs", heading: "runs", value: (one) => one.executions, kind: "count" },
    { key: "errors", heading: "errors", value: (one) => one.errors, kind: "count", show: errors },
    time("total", (one) => one.totalTime, "All executions together"),
    time("self", (one) => one.selfTime, "All together, without what they asked others to do"),
    {
      key: "where",
      heading: "where",
      value: (one) => (one.code === null ? null : `${one.code.filePath}:${one.code.lineNumber}`),
      show: (one) => <CodeLink code={one.code} most={34} />,
    },
  ];
}

function heatBar(one: HandlerHeat): JSX.Element {
  return (
    <span class="heat-bar">
      <span class={`heat-${Math.round(one.heat * 5)}`} style={{ width: `${Math.max(4, one.heat * 100)}%` }} />
      <span>{one.heat.toFixed(2)}</span>
    </span>
  );
}

function errors(one: HandlerHeat): JSX.Element {
  return one.errors === 0 ? <span class="none">0</span> : <span class="bad">✗ {count(one.errors)}</span>;
}
