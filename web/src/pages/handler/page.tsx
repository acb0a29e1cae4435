import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import type { Blocks, Flows, HandlerExecutions, Overview } from "../../data/documents.ts";
import { type Asked, useAnswer } from "../../data/use-answer.ts";
import { Findings } from "../../parts/findings.tsx";
import { count, counted, duration, share } from "../../parts/format.ts";
import { CodeLink } from "../../parts/links.tsx";
import { Figures, PageHead, Section } from "../../parts/section.tsx";
import { SourcePane } from "../../parts/source-pane.tsx";
import { Command, Loaded, Notice } from "../../parts/states.tsx";
import { here, href, setting } from "../../shell/route.ts";
import { gridOf, keyOf, near, placeOf, settingsOf } from "../heatmap/model.ts";
import { Builds } from "./builds.tsx";
import { Histogram, OverTime } from "./charts.tsx";
import { CoverageSection } from "./coverage.tsx";
import { findingsOf, type Handler, handlersOf, linkText } from "./model.ts";
import { Neighbours } from "./neighbours.tsx";
import { RunTable } from "./runs.tsx";

function documentOf<T>(asked: Asked<T>): T | null {
  return asked.state === "ready" ? asked.document : null;
}

/** Everything about one handler together. */
export function HandlerPage(): JSX.Element {
  const name = setting("name") ?? "";
  const coverage = useAnswer("coverage");
  const heatmap = together(useAnswer("heatmap"), coverage);
  const wanted = { name, owner: setting("plugin"), place: setting("place") };
  return (
    <Loaded asked={heatmap} rows={20}>
      {(heat) => {
        const found = handlersOf(heat, documentOf(coverage), wanted);
        const [first, ...others] = found;
        const names = [...heat.handlers, ...(documentOf(coverage)?.handlers ?? [])].map((one) => one.name);
        return first === undefined ? (
          <Unknown name={name} names={names} />
        ) : (
          <Shown key={keyOf(first)} handler={first} others={others} />
        );
      }}
    </Loaded>
  );
}

/** An answer as soon as others are there, too, or refused: what is drawn then need not move. */
function together<T>(asked: Asked<T>, ...others: readonly Asked<unknown>[]): Asked<T> {
  return others.some((one) => one.state === "loading") ? { state: "loading" } : asked;
}

function Unknown(props: { name: string; names: readonly string[] }): JSX.Element {
  const similar = near(props.name, props.names);
  return (
    <>
      <PageHead title="Handler" />
      <Notice title={props.name === "" ? "No handler is named" : `No handler is called “${props.name.slice(0, 200)}”`}>
        {similar.length > 0 ? (
          <>
            Similar:{" "}
            <ul class="inline">
              {similar.map((one) => (
                <li key={one}>
                  <a href={href("handler", { name: one })} dir="auto">
                    {one}
                  </a>
                </li>
              ))}
            </ul>
          </>
        ) : (
          <a href={href("heatmap")}>All handlers that ran</a>
        )}
      </Notice>
    </>
  );
}

function Shown(props: { handler: Handler; others: readonly Handler[] }): JSX.Element {
  const { handler, others } = props;
  const [overview, flows, blocks] = [useAnswer("overview"), useAnswer("flows"), useAnswer("heatmap/blocks")];
  const executions = useAnswer("heatmap/executions", handler.heat === null ? null : settingsOf(handler));
  const context = together(overview, flows);
  return (
    <>
      <Head handler={handler} others={others} />
      <Timing handler={handler} />
      <Loaded asked={handler.heat === null ? context : together(context, blocks, executions)} rows={30}>
        {({ found }) => (
          <>
            <About handler={handler} found={found} />
            {handler.heat === null ? (
              <Notice title="It was not seen running">What is here, declarations, tests and code say.</Notice>
            ) : (
              <Loaded asked={executions}>
                {(told) => <Executions handler={handler} executions={told} blocks={documentOf(blocks)} />}
              </Loaded>
            )}
            <Context handler={handler} flows={documentOf(flows)} />
            <Neighbours handler={handler} />
            <Source handler={handler} />
            <Next handler={handler} />
          </>
        )}
      </Loaded>
    </>
  );
}

function Head(props: { handler: Handler; others: readonly Handler[] }): JSX.Element {
  const { handler, others } = props;
  const owner = handler.plugin ?? handler.service;
  return (
    <div class="page-head">
      <h1 class="handler-name" dir="auto">
        {handler.name}
      </h1>
      <p class="about facts">
        {owner !== null && <span dir="auto">{owner}</span>}
        <CodeLink code={handler.code} most={80} />
      </p>
      {others.length > 0 && (
        <p class="about facts">
          {counted(others.length, "other handler")} of this name:
          {others.map((one) => (
            <a key={keyOf(one)} href={here({ plugin: one.plugin ?? one.service, place: placeOf(one.code) })}>
              {one.plugin ?? one.service ?? placeOf(one.code) ?? "not linked"}
            </a>
          ))}
        </p>
      )}
    </div>
  );
}

function Timing(props: { handler: Handler }): JSX.Element | null {
  const { heat } = props.handler;
  if (heat === null) {
    return null;
  }
  const { timing } = heat;
  return (
    <Figures
      of={[
        {
          name: "Executions",
          value: count(heat.executions),
          detail: heat.untimedExecutions > 0 ? `${count(heat.untimedExecutions)} of unknown duration` : "all timed",
        },
        { name: "p50", value: duration(timing?.p50), detail: `mean ${duration(timing?.avg)}` },
        { name: "p95", value: duration(timing?.p95), detail: `p99 ${duration(timing?.p99)}` },
        { name: "Longest", value: duration(timing?.max), detail: `shortest ${duration(timing?.min)}` },
        {
          name: "Time of its own",
          value: duration(heat.selfTime),
          detail: heat.totalTime > 0 ? `${share(heat.selfTime / heat.totalTime)} of ${duration(heat.totalTime)}` : "",
        },
        {
          name: "Failed",
          value: count(heat.errors),
          detail: heat.errors === 0 ? "none" : share(heat.errors / heat.executions),
          tone: heat.errors > 0 ? "bad" : "good",
        },
      ]}
    />
  );
}

/** The findings about the handler, where there are any. */
function About(props: { handler: Handler; found: Overview["found"] }): JSX.Element | null {
  const found = findingsOf(props.found, props.handler);
  return found.length === 0 ? null : (
    <Section title={counted(found.length, "finding")}>
      <Findings of={found} />
    </Section>
  );
}

function Executions(props: { handler: Handler; executions: HandlerExecutions; blocks: Blocks | null }): JSX.Element {
  const { handler, executions, blocks } = props;
  const grid = useMemo(() => (blocks === null ? null : gridOf(blocks)), [blocks]);
  const row = grid?.rows.get(keyOf(handler));
  return (
    <>
      <div class="halves">
        <Section
          title="How long it took"
          about="The share of each build's executions by duration, on a logarithmic scale."
        >
          {executions.edgesMs.length === 0 ? (
            <Notice title="No execution has a known duration" />
          ) : (
            <Histogram executions={executions} />
          )}
        </Section>
        <Section
          title="When it ran"
          actions={<a href={href("heatmap", { of: keyOf(handler), "handlers-find": handler.name })}>Heatmap</a>}
        >
          {grid === null || row === undefined ? (
            <Notice title="When it ran is not known" />
          ) : (
            <OverTime grid={grid} row={row} />
          )}
        </Section>
      </div>
      {executions.builds.length > 1 && (
        <Section title="Build by build">
          <Builds builds={executions.builds} />
        </Section>
      )}
      <Section title="Slowest executions">
        <RunTable name="slowest" runs={executions.slowest} />
      </Section>
      {executions.failed.length > 0 && (
        <Section
          title="Failed executions"
          about={`The last ${executions.failed.length} of ${count(executions.errors)}.`}
        >
          <RunTable name="failed" runs={executions.failed} />
        </Section>
      )}
    </>
  );
}

function Context(props: { handler: Handler; flows: Flows | null }): JSX.Element {
  const { flows } = props;
  const { heat, coverage } = props.handler;
  const ids = [...new Set([...(heat?.sequences ?? []), ...(coverage?.sequences ?? [])])];
  return <CoverageSection coverage={coverage} sequences={ids.map((id) => ({ id, name: nameOf(flows, id) }))} />;
}

function nameOf(flows: Flows | null, id: string): string | null {
  return flows?.sequences.find((one) => one.sequenceId === id)?.name ?? null;
}

function Source(props: { handler: Handler }): JSX.Element {
  const { code } = props.handler;
  return (
    <Section title="Its code" {...(code === null ? {} : { about: linkText(code) })}>
      {code === null ? (
        <Notice title="It is not linked to a place in code">
          <p>No evidence says which function it is. Code and declarations are read by</p>
          <Command text="telemap index DIR --definitions PATH" />
        </Notice>
      ) : (
        <div class="inline-source">
          <SourcePane path={code.filePath} line={code.lineNumber} commit={code.commitId ?? null} />
        </div>
      )}
    </Section>
  );
}

function Next(props: { handler: Handler }): JSX.Element {
  const { name } = props.handler;
  const quoted = /^[\w./:@%+=-]+$/.test(name) ? name : `'${name.replaceAll("'", `'\\''`)}'`;
  return (
    <Section title="Next">
      <div class="actions">
        <Command text={`telemap explain ${quoted}`} />
        <Command text={`telemap graph --focus ${quoted}`} />
      </div>
    </Section>
  );
}
