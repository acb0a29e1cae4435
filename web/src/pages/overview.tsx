import type { EChartsCoreOption } from "echarts/core";
import type { JSX } from "preact";
import { useCallback } from "preact/hooks";
import { isReport } from "../data/client.ts";
import type { Overview, Source } from "../data/documents.ts";
import { useAnswer } from "../data/use-answer.ts";
import { Chart, type Palette } from "../parts/chart.tsx";
import { DataTable } from "../parts/data-table.tsx";
import { Findings } from "../parts/findings.tsx";
import { bytes, count, counted, duration, moment, period, share, shortPath, zoneName } from "../parts/format.ts";
import { Figures, PageHead, Section } from "../parts/section.tsx";
import { Command, Loaded, Notice } from "../parts/states.tsx";
import { href } from "../shell/route.ts";

const MOST_FOUND = 12;
const MOST_SLOW = 5;

/** What needs attention first, what there is, and how good the data is. */
export function OverviewPage(): JSX.Element {
  return (
    <>
      <PageHead title="Overview" />
      <Loaded asked={useAnswer("overview")} rows={20}>
        {(overview) =>
          overview.totals.sources === 0 ? <Empty store={overview.store} /> : <Shown overview={overview} />
        }
      </Loaded>
    </>
  );
}

function Empty(props: { store: string }): JSX.Element {
  return (
    <Notice title={`The store ${props.store} is empty`}>
      <p>Logs, JSON lines and traces are read by</p>
      <Command text="telemap ingest LOGS" />
    </Notice>
  );
}

function Shown(props: { overview: Overview }): JSX.Element {
  const { overview } = props;
  const { totals, found, builds } = overview;
  const open = found.filter((one) => one.finding.accepted === null);
  const errors = open.filter((one) => one.finding.severity === "error").length;
  const runs = builds.reduce((sum, one) => sum + one.runs, 0);
  const failed = builds.reduce((sum, one) => sum + one.errors, 0);
  return (
    <>
      <Figures
        of={[
          {
            name: "Findings",
            value: count(open.length),
            detail: errors > 0 ? counted(errors, "error") : "none is an error",
            tone: errors > 0 ? "bad" : open.length > 0 ? "warn" : "good",
          },
          { name: "Runs", value: count(runs), detail: counted(totals.spans, "execution") },
          {
            name: "Failed runs",
            value: count(failed),
            detail: runs === 0 ? "" : share(failed / runs),
            tone: failed > 0 ? "bad" : "good",
          },
          {
            name: "Logs",
            value: count(totals.sources),
            detail: `${bytes(totals.bytes)}, ${counted(totals.records, "record")}`,
          },
          {
            name: "Understood",
            value: totals.records === 0 ? "–" : share(1 - totals.unparsedRecords / totals.records),
            detail: totals.unparsedRecords === 0 ? "every record" : `${count(totals.unparsedRecords)} not`,
            tone: totals.unparsedRecords === 0 ? "good" : "warn",
          },
        ]}
      />
      <div class="columns">
        <Section title="What needs attention first">
          {found.length === 0 ? (
            <Notice title="Nothing was found">
              Every declared flow that ran did so as declared, and no handler stands out by its coverage.
            </Notice>
          ) : (
            <Findings of={found.slice(0, MOST_FOUND)} />
          )}
          {found.length > MOST_FOUND && (
            <p class="about">{counted(found.length - MOST_FOUND, "more finding")} on their pages.</p>
          )}
        </Section>
        <Slowest />
      </div>
      <Trend overview={overview} />
      <DataQuality overview={overview} />
      <Sources sources={overview.sources} />
      <p class="about">
        Telemap {overview.version}, store {overview.store}
        {isReport ? ", as it was when this report was written" : ", live"}.
      </p>
    </>
  );
}

function Slowest(): JSX.Element {
  const asked = useAnswer("heatmap");
  return (
    <Section title="Where the time goes" actions={<a href={href("heatmap", { by: "self" })}>Heatmap</a>}>
      <div class="slowest">
        <Loaded asked={asked}>
          {(heatmap) => {
            const whole = heatmap.handlers.reduce((sum, one) => sum + one.selfTime, 0);
            const slowest = [...heatmap.handlers].sort((a, b) => b.selfTime - a.selfTime).slice(0, MOST_SLOW);
            return slowest.length === 0 ? (
              <Notice title="No handler ran" />
            ) : (
              <ol class="bars">
                {slowest.map((one) => (
                  <li key={`${one.name} ${one.plugin} ${one.service} ${one.sourceFile}`}>
                    <a href={href("handler", { name: one.name, plugin: one.plugin })} dir="auto" title={one.name}>
                      {one.name}
                    </a>
                    <span class="bar" style={{ "--part": whole === 0 ? 0 : one.selfTime / whole }} />
                    <span class="number">
                      {duration(one.selfTime)} <small>{share(whole === 0 ? 0 : one.selfTime / whole)}</small>
                    </span>
                  </li>
                ))}
              </ol>
            );
          }}
        </Loaded>
      </div>
      <p class="about">Time of their own, without what they asked others to do.</p>
    </Section>
  );
}

function Trend(props: { overview: Overview }): JSX.Element | null {
  const { trend, partMs } = props.overview;
  const option = useCallback(
    (palette: Palette): EChartsCoreOption => trendOption(trend, partMs ?? 0, palette),
    [trend, partMs],
  );
  const [first, last] = [trend[0], trend.at(-1)];
  if (first === undefined || last === undefined || trend.length < 2) {
    return null;
  }
  return (
    <Section
      title="Runs over time"
      about={`${period(first.startTime, last.startTime)}; each part is ${duration(partMs)} long.`}
    >
      <Chart
        name="trend"
        label="Runs, failed runs and the 95th percentile of their durations over time"
        height="14rem"
        option={option}
        table={{
          headings: [`from (${zoneName()})`, "runs", "failed", "p95 ms"],
          rows: trend.map((one) => [moment(one.startTime, 3), one.runs, one.errors, one.p95Ms]),
        }}
      />
    </Section>
  );
}

/** The 95th percentiles, with nothing between parts that do not follow one another, so that no line joins them. */
function withGaps(trend: Overview["trend"], partMs: number): (readonly [time: number, p95Ms: number | null])[] {
  return trend.flatMap((one, place) => {
    const [time, before] = [Date.parse(one.startTime), trend[place - 1]];
    const isGap = before !== undefined && time - Date.parse(before.startTime) > 1.5 * partMs;
    return [...(isGap ? [[time - partMs, null] as const] : []), [time, one.p95Ms] as const];
  });
}

function trendOption(trend: Overview["trend"], partMs: number, palette: Palette): EChartsCoreOption {
  const at = (one: Overview["trend"][number]) => Date.parse(one.startTime);
  const axis = {
    axisLabel: { color: palette.quiet, hideOverlap: true },
    axisLine: { lineStyle: { color: palette.line } },
  };
  const split = { splitLine: { lineStyle: { color: palette.line } } };
  return {
    useUTC: zoneName() === "UTC",
    grid: { left: 8, right: 8, top: 56, bottom: 4, containLabel: true },
    legend: { top: 0, left: 0, textStyle: { color: palette.text } },
    tooltip: { trigger: "axis" },
    xAxis: { type: "time", ...axis },
    yAxis: [
      { type: "value", name: "runs", minInterval: 1, nameTextStyle: { color: palette.quiet }, ...axis, ...split },
      { type: "value", name: "p95 ms", nameTextStyle: { color: palette.quiet }, ...axis, splitLine: { show: false } },
    ],
    series: [
      {
        name: "runs",
        type: "bar",
        stack: "runs",
        color: palette.kinds[0],
        data: trend.map((one) => [at(one), one.runs - one.errors]),
      },
      {
        name: "failed",
        type: "bar",
        stack: "runs",
        color: palette.bad,
        itemStyle: {
          decal: { symbol: "rect", dashArrayX: [1, 0], dashArrayY: [2, 3], rotation: 0.8, color: palette.surface },
        },
        data: trend.map((one) => [at(one), one.errors]),
      },
      {
        name: "p95",
        type: "line",
        yAxisIndex: 1,
        color: palette.kinds[1],
        symbol: "circle",
        symbolSize: 4,
        connectNulls: false,
        data: withGaps(trend, partMs),
      },
    ],
  };
}

function DataQuality(props: { overview: Overview }): JSX.Element {
  const { totals, sources } = props.overview;
  const assumed = sources.filter((one) => one.assumedTimeZone !== null).length;
  const skipped = sources.filter((one) => one.skipped !== null).length;
  const told: [amount: number, text: string][] = [
    [totals.unparsedRecords, "are records that no pattern fits; they are kept, and the view unparsed lists them"],
    [totals.ambiguousSpans, "are executions whose lines fit several; the rule that decided is kept with them"],
    [totals.outOfOrder, "are records whose time is before that of the record above"],
    [totals.clockSteps, "are steps of a clock that was set"],
    [totals.redacted, "are secrets that were overwritten before anything was stored"],
    [assumed, `are logs whose times say no zone: they are taken for ${assumedZones(sources)}`],
    [skipped, "are logs that could not be read, or not to their end"],
  ];
  const doubts = told.filter(([amount]) => amount > 0);
  return (
    <Section title="How good the data is">
      {doubts.length === 0 ? (
        <p>Every record was understood, in order, and every execution is told by its own lines.</p>
      ) : (
        <ul class="doubts">
          {doubts.map(([amount, text]) => (
            <li key={text}>
              <strong>{count(amount)}</strong> {text}.
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}

function assumedZones(sources: readonly Source[]): string {
  return [...new Set(sources.flatMap((one) => one.assumedTimeZone ?? []))].join(", ");
}

function Sources(props: { sources: readonly Source[] }): JSX.Element {
  return (
    <Section title="Logs and traces">
      <DataTable
        name="sources"
        label="Logs and traces"
        rows={props.sources}
        keyOf={(one) => one.source}
        most="24rem"
        columns={[
          {
            key: "source",
            heading: "log",
            value: (one) => one.source,
            show: (one) => (
              <a class="place" href={href("timeline", { session: one.source })} title={one.source}>
                {shortPath(one.source)}
              </a>
            ),
            width: "24rem",
          },
          { key: "format", heading: "format", value: (one) => one.logFormat },
          { key: "build", heading: "build", value: (one) => one.build },
          {
            key: "from",
            heading: `from (${zoneName()})`,
            value: (one) => one.window?.from,
            show: (one) => moment(one.window?.from),
          },
          { key: "bytes", heading: "size", kind: "number", value: (one) => one.bytes, show: (one) => bytes(one.bytes) },
          { key: "records", heading: "records", kind: "count", value: (one) => one.records },
          { key: "unparsed", heading: "not understood", kind: "count", value: (one) => one.unparsedRecords },
          { key: "spans", heading: "executions", kind: "count", value: (one) => one.spans },
          { key: "skipped", heading: "skipped", value: (one) => one.skipped },
        ]}
      />
    </Section>
  );
}
