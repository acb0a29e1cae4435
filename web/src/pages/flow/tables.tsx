import type { JSX } from "preact";
import type { Flows, Limit, Sequence, Topic } from "../../data/documents.ts";
import { DataTable } from "../../parts/data-table.tsx";
import { count, duration } from "../../parts/format.ts";
import { DefinedLink, SequenceLink } from "../../parts/links.tsx";
import { Notice } from "../../parts/states.tsx";

/** A count that is bad where it is not zero. */
function Faults(props: { of: number }): JSX.Element {
  return props.of === 0 ? <span class="none">0</span> : <strong class="bad">✗ {count(props.of)}</strong>;
}

/** All sequences, the gravest first. */
export function SequenceTable(props: {
  flows: Flows;
  selected: string | null;
  onSelect: (sequence: Sequence) => void;
}): JSX.Element {
  return (
    <DataTable
      name="sequences"
      label="Sequences"
      rows={props.flows.sequences}
      keyOf={(one) => one.sequenceId}
      selected={props.selected}
      onSelect={props.onSelect}
      most="22rem"
      empty="Nothing is declared, and nothing ran."
      columns={[
        {
          key: "name",
          heading: "sequence",
          value: (one) => one.name ?? one.sequenceId,
          show: (one) => <SequenceLink id={one.sequenceId} name={one.name} />,
          width: "15rem",
        },
        { key: "runs", heading: "runs", kind: "count", value: (one) => one.executions },
        { key: "conforming", heading: "as declared", kind: "count", value: (one) => one.conforming },
        {
          key: "deviating",
          heading: "deviating",
          kind: "count",
          value: (one) => one.deviating,
          show: (one) => <Faults of={one.deviating} />,
        },
        { key: "incomplete", heading: "incomplete", kind: "count", value: (one) => one.incomplete },
        { key: "variants", heading: "variants", kind: "count", value: (one) => one.variants.length },
        {
          key: "limits",
          heading: "limits broken",
          kind: "count",
          value: (one) => one.limits.filter((limit) => limit.isBroken).length,
          show: (one) =>
            one.limits.length === 0 ? (
              <span class="none">none set</span>
            ) : (
              <Faults of={one.limits.filter((limit) => limit.isBroken).length} />
            ),
        },
        { key: "state", heading: "state", value: stateOf },
        {
          key: "declared",
          heading: "declared",
          value: (one) => one.definedIn?.filePath,
          show: (one) => <DefinedLink defined={one.definedIn} />,
        },
      ]}
    />
  );
}

function stateOf(sequence: Sequence): string {
  if (sequence.neverObserved) {
    return sequence.isRegistered === false ? "never ran, not registered" : "never ran";
  }
  if (sequence.definedIn === null) {
    return "not declared";
  }
  return sequence.deviating > 0 ? "✗ deviates" : sequence.conforming > 0 ? "✓ as declared" : "incomplete";
}

/** Whether a topic is declared to start nothing. */
function isSilent(topic: Topic): boolean {
  return topic.unrouted > 0 && topic.declaredRoutes === 0 && topic.definedIn !== null;
}

/** Topics, those of which publications led nowhere, and should not, first. */
export function TopicTable(props: { topics: readonly Topic[] }): JSX.Element {
  const rows = [...props.topics].sort(
    (a, b) => Number(isSilent(a)) - Number(isSilent(b)) || b.unrouted - a.unrouted || b.publishes - a.publishes,
  );
  return (
    <DataTable
      name="topics"
      label="Topics and routes"
      rows={rows}
      keyOf={(one) => one.topic}
      most="18rem"
      empty="No topic is declared or was published."
      columns={[
        { key: "topic", heading: "topic", value: (one) => one.topic, width: "18rem" },
        { key: "publishes", heading: "published", kind: "count", value: (one) => one.publishes },
        {
          key: "unrouted",
          heading: "without a route",
          kind: "count",
          value: (one) => one.unrouted,
          show: (one) => (isSilent(one) ? `${count(one.unrouted)} as declared` : <Faults of={one.unrouted} />),
        },
        { key: "declaredRoutes", heading: "routes declared", kind: "count", value: (one) => one.declaredRoutes },
        { key: "observedRoutes", heading: "routes seen", kind: "count", value: (one) => one.observedRoutes },
        {
          key: "declared",
          heading: "declared",
          value: (one) => one.definedIn?.filePath,
          show: (one) => <DefinedLink defined={one.definedIn} />,
        },
      ]}
    />
  );
}

/** The limits of time of a sequence, broken ones first. */
export function LimitTable(props: { limits: readonly Limit[] }): JSX.Element {
  if (props.limits.length === 0) {
    return <Notice title="No limit of time is declared for it" />;
  }
  const rows = [...props.limits].sort((a, b) => Number(b.isBroken) - Number(a.isBroken));
  return (
    <DataTable
      name="limits"
      label="Limits of time"
      rows={rows}
      keyOf={(one) => `${one.event} ${one.step} ${one.quantile} ${one.limitMs}`}
      most="16rem"
      columns={[
        { key: "event", heading: "of", value: (one) => one.event ?? "the whole run" },
        {
          key: "quantile",
          heading: "holds for",
          value: (one) => (one.quantile === null ? "every run" : `p${one.quantile * 100}`),
        },
        { key: "limit", heading: "limit", kind: "ms", value: (one) => one.limitMs },
        {
          key: "observed",
          heading: "observed",
          kind: "ms",
          value: (one) => one.observedMs,
          show: (one) =>
            one.isBroken ? <strong class="bad">✗ {duration(one.observedMs)}</strong> : duration(one.observedMs),
        },
        { key: "over", heading: "over it", kind: "count", value: (one) => one.over },
        { key: "executions", heading: "of", kind: "count", value: (one) => one.executions },
        {
          key: "declared",
          heading: "declared",
          value: () => "",
          show: (one) => <DefinedLink defined={one.definedIn} />,
        },
      ]}
    />
  );
}
