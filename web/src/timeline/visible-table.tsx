import type { JSX } from "preact";
import type { TimelineLanes } from "../data/documents.ts";
import { type Column, DataTable } from "../parts/data-table.tsx";
import { Section } from "../parts/section.tsx";
import type { Item } from "./items.ts";
import { FAILED, INFERRED, OPEN } from "./shapes.ts";
import { type Clock, duration } from "./times.ts";

const STATES = [
  [FAILED, "failed"],
  [OPEN, "end not known"],
  [INFERRED, "inferred"],
] as const;

/** What is seen of the picture as a table, for those who do not see pictures and for spreadsheets. */
export function VisibleTable(props: {
  items: readonly Item[];
  lanes: TimelineLanes;
  clock: Clock;
  onSelect: (number: number) => void;
}): JSX.Element {
  const { lanes, clock } = props;
  const columns: Column<Item>[] = [
    { key: "lane", heading: "Lane", value: (one) => lanes.lanes[one.lane]?.name ?? `(no ${lanes.by})` },
    { key: "row", heading: "Row", kind: "count", value: (one) => one.row + 1 },
    { key: "name", heading: "Span", value: (one) => lanes.names[one.name] ?? null },
    {
      ...{ key: "start", heading: "Begins", kind: "ms", value: (one: Item) => one.start },
      show: (one) => clock.at(one.start, 0.001).time,
    },
    {
      ...{ key: "duration", heading: "Takes", kind: "ms", value: (one: Item) => one.end - one.start },
      show: (one) => duration(one.end - one.start),
    },
    { key: "spans", heading: "Spans", kind: "count", value: (one) => one.count },
    {
      ...{ key: "state", heading: "State" },
      value: (one) => STATES.flatMap(([flag, text]) => (one.flags & flag ? [text] : [])).join(", ") || null,
    },
  ];
  return (
    <Section title="What is seen" about="The first 500 items of the picture; several spans that are close are one.">
      <DataTable
        name="seen"
        label="what is seen"
        columns={columns}
        rows={props.items}
        keyOf={(one) => String(one.first)}
        onSelect={(one) => props.onSelect(one.longest)}
      />
    </Section>
  );
}
