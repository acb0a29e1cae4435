import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { NotInReport } from "../data/client.ts";
import type { Timeline } from "../data/documents.ts";
import type { Asked } from "../data/use-answer.ts";
import { count, counted } from "../parts/format.ts";
import { Section } from "../parts/section.tsx";
import { Command, Loaded, Notice } from "../parts/states.tsx";
import { type Branch, treeOf } from "./asking.ts";
import type { LanesBy, Span } from "./shapes.ts";
import { duration } from "./times.ts";

const SHOWN = 40;

/** What a row of the tree shows; times in milliseconds, the offset from the start of the trace. */
interface Step {
  key: string;
  name: string;
  depth: number;
  isFailed: boolean;
  isSelected: boolean;
  offsetMs: number | null;
  durationMs: number | null;
  selfMs: number | null;
  path: readonly [least: number, most: number] | null;
  go: () => void;
}

/** The trace of the selected span as a tree: what ran in what, how long it took itself, and what held it all up. */
export function TracePane(props: {
  by: LanesBy;
  span: Span;
  asked: Asked<Timeline>;
  onNumber: (number: number) => void;
  onSpan: (trace: string, span: string) => void;
}): JSX.Element {
  if (props.asked.state === "failed" && props.asked.error instanceof NotInReport) {
    return <Near by={props.by} span={props.span} onNumber={props.onNumber} />;
  }
  return (
    <Loaded asked={props.asked} rows={8}>
      {(document) => <Whole document={document} selected={props.span.spanId} onSpan={props.onSpan} />}
    </Loaded>
  );
}

/** The tree as a report file tells it, span by span; it lacks the critical path. */
function Near(props: { by: LanesBy; span: Span; onNumber: (number: number) => void }): JSX.Element {
  const [branches, setBranches] = useState<Branch[]>([]);
  const { span } = props;
  useEffect(() => {
    let isWanted = true;
    treeOf(props.by, span).then((found) => isWanted && setBranches(found));
    return () => {
      isWanted = false;
    };
  }, [props.by, span.number]);
  const root = branches[0]?.span;
  const ends = branches.map((one) => one.span.offsetMs + (one.span.durationMs ?? 0));
  const steps = branches.map(({ span: one, depth }) => ({
    ...{ key: String(one.number), name: one.name ?? one.kind, depth, isFailed: one.status === "error", path: null },
    ...{ isSelected: one.number === span.number, durationMs: one.durationMs, selfMs: one.selfMs },
    offsetMs: one.offsetMs - (root?.offsetMs ?? 0),
    go: () => props.onNumber(one.number),
  }));
  return (
    <Section
      title="Trace"
      about={
        <>
          Its critical path is not in this report file: <Command text={`telemap timeline --trace ${span.traceId}`} />
        </>
      }
    >
      <Table steps={steps} wholeMs={Math.max(...ends, 0) - (root?.offsetMs ?? 0)} />
    </Section>
  );
}

function Whole(props: {
  document: Timeline;
  selected: string;
  onSpan: (trace: string, span: string) => void;
}): JSX.Element {
  const [most, setMost] = useState(SHOWN);
  const { spans, trace } = props.document;
  if (trace === null) return <Notice title="No trace" />;
  const at = spans.findIndex((one) => one.spanId === props.selected);
  const first = Math.max(0, Math.min(at - most / 2, spans.length - most));
  const path = spans.reduce((sum, one) => sum + one.leastPathMs, 0);
  const steps = spans.slice(first, first + most).map((one) => ({
    ...{ key: `${one.traceId} ${one.spanId}`, name: one.name ?? one.kind, depth: one.depth, offsetMs: one.offsetMs },
    ...{ durationMs: one.durationMs, selfMs: one.selfMs, isFailed: one.status === "error" },
    isSelected: one.spanId === props.selected,
    path: one.mostPathMs > 0 ? ([one.leastPathMs, one.mostPathMs] as const) : null,
    go: () => props.onSpan(one.traceId, one.spanId),
  }));
  const readings = trace.isAmbiguous ? " at least: where spans overlap, several readings are possible" : "";
  return (
    <Section
      title="Trace"
      about={`${counted(trace.spans, "span")}, ${duration(trace.durationMs)}, ${counted(trace.errors, "error")}, at most ${trace.concurrency} at once; critical path ${duration(path)}${readings}`}
    >
      <Table steps={steps} wholeMs={trace.durationMs} />
      {spans.length > most && (
        <button type="button" onClick={() => setMost(most * 5)}>
          Show more of {count(spans.length)}
        </button>
      )}
    </Section>
  );
}

function Table(props: { steps: readonly Step[]; wholeMs: number }): JSX.Element {
  const hasPath = props.steps.some((one) => one.path !== null);
  return (
    <table class="trace-tree">
      <caption class="hidden">The trace as a tree</caption>
      <thead>
        <tr>
          <th scope="col">Span</th>
          <th scope="col" class="number">
            Takes
          </th>
          <th scope="col" class="number">
            Itself
          </th>
          {hasPath && (
            <th scope="col" class="number">
              On the path
            </th>
          )}
          <th scope="col" class="wide">
            <span class="hidden">When</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {props.steps.map((one) => (
          <Row key={one.key} step={one} wholeMs={props.wholeMs} hasPath={hasPath} />
        ))}
      </tbody>
    </table>
  );
}

function Row({ step, wholeMs, hasPath }: { step: Step; wholeMs: number; hasPath: boolean }): JSX.Element {
  const share = (ms: number | null) => `${Math.min(100, (100 * (ms ?? 0)) / Math.max(wholeMs, 1e-9))}%`;
  const [least, most] = step.path ?? [0, 0];
  return (
    <tr class={step.isSelected ? "asked" : ""} aria-current={step.isSelected ? "true" : undefined}>
      <th scope="row" style={{ paddingLeft: `${Math.min(step.depth, 12) * 0.9 + 0.3}rem` }}>
        <button type="button" class="step" dir="auto" title={step.name} onClick={step.go}>
          {step.isFailed ? "▾ " : ""}
          {step.name}
        </button>
      </th>
      <td class="number">{step.durationMs === null ? "–" : duration(step.durationMs)}</td>
      <td class="number">{step.selfMs === null ? "–" : duration(step.selfMs)}</td>
      {hasPath && (
        <td class="number">
          {step.path && (least === most ? duration(most) : `${duration(least)} – ${duration(most)}`)}
        </td>
      )}
      <td class="wide">
        <span class="trace-track">
          <span
            class={`trace-bar${step.isFailed ? " failed" : ""}${step.path ? " on-path" : ""}`}
            style={{ left: share(step.offsetMs), width: share(step.durationMs) }}
          />
        </span>
      </td>
    </tr>
  );
}
