import type { ComponentChildren, JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { addressOf } from "../data/client.ts";
import type { TimelineLanes, Window } from "../data/documents.ts";
import type { useAnswer } from "../data/use-answer.ts";
import { count, counted } from "../parts/format.ts";
import { CodeLink, HandlerLink, LogLink } from "../parts/links.tsx";
import { LogPane } from "../parts/log-pane.tsx";
import { Section } from "../parts/section.tsx";
import { SourcePane } from "../parts/source-pane.tsx";
import { Command, Failed, Notice } from "../parts/states.tsx";
import { zone } from "../shell/preferences.ts";
import { spanAt } from "./asking.ts";
import type { LanesBy, Span } from "./shapes.ts";
import { Clock, duration, offset } from "./times.ts";
import { TracePane } from "./trace-pane.tsx";

/** The span of a number as it comes. */
export function useSpan(
  by: LanesBy,
  number: number | null,
): { span: Span | null; error: Error | null; isLoading: boolean } {
  const [told, tell] = useState<{ key: string; span: Span | null; error: Error | null } | null>(null);
  const key = addressOf(by, { number });
  useEffect(() => {
    if (number === null) return undefined;
    let isWanted = true;
    spanAt(by, number).then(
      (span) => isWanted && tell({ key, span, error: null }),
      (error: Error) => isWanted && tell({ key, span: null, error }),
    );
    return () => {
      isWanted = false;
    };
  }, [key]);
  const isHere = told?.key === key;
  return {
    span: isHere && number !== null ? told.span : null,
    error: isHere ? told.error : null,
    isLoading: number !== null && !isHere,
  };
}

/** Everything that is known of the selected span. */
export function SpanPane(props: {
  lanes: TimelineLanes;
  told: ReturnType<typeof useSpan>;
  onNumber: (number: number) => void;
  onTraceSpan: (trace: string, span: string) => void;
  pathOf: ReturnType<typeof useAnswer<"timeline">>;
}): JSX.Element {
  const { span, error, isLoading } = props.told;
  if (error) return <Failed error={error} />;
  if (isLoading) return <div class="skeleton" role="status" aria-label="Loading" style={{ minHeight: "40rem" }} />;
  if (span === null) {
    return (
      <Notice title="This report file does not tell all of this span">
        It holds what is known of the spans of smaller stores. <code>telemap serve</code> tells it of all.
      </Notice>
    );
  }
  return (
    <div class="span-pane">
      <div class="span-column">
        <Facts span={span} lanes={props.lanes} onNumber={props.onNumber} />
        {span.code !== null && (
          <Section title="Source" about={<CodeLink code={span.code} most={80} />}>
            <SourcePane path={span.code.filePath} line={span.code.lineNumber} commit={span.code.commitId ?? null} />
          </Section>
        )}
        {span.lineStart !== null && (
          <Section title="Log" about={<LogLink place={{ source: span.source, line: span.lineStart }} most={80} />}>
            <LogPane source={span.source} line={span.lineStart} last={span.lineEnd ?? span.lineStart} />
          </Section>
        )}
      </div>
      <TracePane
        by={props.lanes.by}
        span={span}
        asked={props.pathOf}
        onNumber={props.onNumber}
        onSpan={props.onTraceSpan}
      />
    </div>
  );
}

function Facts({
  span,
  lanes,
  onNumber,
}: {
  span: Span;
  lanes: TimelineLanes;
  onNumber: (number: number) => void;
}): JSX.Element {
  const clock = new Clock((lanes.window as Window).from, zone.value === "UTC");
  const { date, time } = clock.at(span.offsetMs, 1e-6);
  const code = span.code;
  return (
    <Section
      title={span.name ?? span.kind}
      about={
        <>
          {span.kind} · {span.status === "error" ? <strong class="bad">▾ failed</strong> : span.status} ·{" "}
          {span.durationMs === null ? "its end is not known" : duration(span.durationMs)}
          {span.selfMs !== null && span.selfMs !== span.durationMs && ` (itself ${duration(span.selfMs)})`}
        </>
      }
    >
      <dl class="facts">
        <Fact name="When">
          {date} {brief(time)} {clock.zone}, {brief(offset(span.offsetMs, 1e-6))} from the first start
        </Fact>
        {span.statusMessage !== null && <Fact name="Message">{span.statusMessage}</Fact>}
        {span.inferredBy !== null && <Fact name="Inferred">by the rule {span.inferredBy}</Fact>}
        {span.handler !== null && (
          <Fact name="Handler">
            <HandlerLink name={span.handler} plugin={span.plugin} />
          </Fact>
        )}
        <Fact name="Code">
          {code === null ? "not linked" : <CodeLink code={code} />}
          {code !== null &&
            ` ${code.functionName}, ${Math.round(code.confidence * 100)} % sure, by its ${code.evidence}`}
        </Fact>
        {span.event !== null && <Fact name="Event">{span.event}</Fact>}
        {span.sequence !== null && (
          <Fact name="Sequence">{[span.sequence, span.movement].filter(Boolean).join(" → ")}</Fact>
        )}
        {span.service !== null && <Fact name="Service">{[span.service, span.build].filter(Boolean).join(" ")}</Fact>}
        <Fact name="Parent">
          {span.parent !== null ? (
            <Step number={span.parent} onNumber={onNumber}>
              the span above
            </Step>
          ) : span.lostParentId !== null ? (
            `${span.lostParentId}, which has no place here`
          ) : (
            "none"
          )}
        </Fact>
        {span.childCount > 0 && (
          <Fact name="Children">
            {span.children.slice(0, 12).map((number, at) => (
              <Step key={number} number={number} onNumber={onNumber}>
                {at + 1}
              </Step>
            ))}
            {span.childCount > 12 && ` of ${count(span.childCount)}`}
          </Fact>
        )}
        {span.stateChanges.length > 0 && (
          <Fact name="State">
            {span.stateChanges.slice(0, 20).map((one) => (
              <span key={`${one.key} ${one.operation}`} class="change">
                {one.operation} <code>{one.key}</code>{" "}
                {[one.before, one.after].filter((value) => value !== null).join(" → ")}
              </span>
            ))}
            {span.stateChanges.length > 20 && ` and ${counted(span.stateChanges.length - 20, "more change")}`}
          </Fact>
        )}
        {Object.entries(span.attributes).map(([name, value]) => (
          <Fact key={name} name={name}>
            {value}
          </Fact>
        ))}
        <Fact name="Ids">
          span <code>{span.spanId}</code>, trace <code>{span.traceId}</code>
        </Fact>
      </dl>
      <p class="actions">
        <Command text={`telemap explain ${span.spanId}`} />
      </p>
    </Section>
  );
}

/** A time without the zeros behind its milliseconds. */
function brief(time: string): string {
  return time.replace(/(\.\d{3})(\d*?)0+(?=$| )/, "$1$2");
}

function Fact(props: { name: string; children: ComponentChildren }): JSX.Element {
  return (
    <div>
      <dt title={props.name}>{props.name}</dt>
      <dd dir="auto">{props.children}</dd>
    </div>
  );
}

function Step(props: { number: number; onNumber: (number: number) => void; children: ComponentChildren }): JSX.Element {
  return (
    <button type="button" class="step" onClick={() => props.onNumber(props.number)}>
      {props.children}
    </button>
  );
}
