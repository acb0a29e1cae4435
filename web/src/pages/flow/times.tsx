import type { EChartsCoreOption } from "echarts/core";
import type { JSX } from "preact";
import { useCallback } from "preact/hooks";
import type { LongRun, Period, SeenIn } from "../../data/documents.ts";
import { Chart, type Palette } from "../../parts/chart.tsx";
import { DataTable } from "../../parts/data-table.tsx";
import { duration, moment, zoneName } from "../../parts/format.ts";
import { LogLink } from "../../parts/links.tsx";
import { Section } from "../../parts/section.tsx";
import { href } from "../../shell/route.ts";

/** How long runs took over time; nothing where there is no time to speak of. */
export function OverTime(props: { periods: readonly Period[]; periodMs: number | null }): JSX.Element | null {
  const { periods } = props;
  const option = useCallback((palette: Palette) => optionOf(periods, palette), [periods]);
  if (periods.length < 2) {
    return null;
  }
  return (
    <Section title="How long it took" about={`Runs by when they began; each part is ${duration(props.periodMs)} long.`}>
      <Chart
        name="durations"
        label="Median and 95th percentile of the durations of its runs over time"
        height="14rem"
        option={option}
        table={{
          headings: [`from (${zoneName()})`, "runs", "failed", "p50 ms", "p95 ms"],
          rows: periods.map((one) => [moment(one.startTime, 3), one.runs, one.errors, one.p50Ms, one.p95Ms]),
        }}
      />
    </Section>
  );
}

function optionOf(periods: readonly Period[], palette: Palette): EChartsCoreOption {
  const axis = {
    axisLabel: { color: palette.quiet, hideOverlap: true },
    axisLine: { lineStyle: { color: palette.line } },
    splitLine: { lineStyle: { color: palette.line } },
  };
  const series = (name: "p50Ms" | "p95Ms", text: string, color: string | undefined, symbol: string) => ({
    name: text,
    type: "line",
    color,
    symbol,
    symbolSize: 5,
    data: periods.map((one) => [Date.parse(one.startTime), one[name]]),
  });
  return {
    useUTC: zoneName() === "UTC",
    grid: { left: 8, right: 8, top: 48, bottom: 4, containLabel: true },
    legend: { top: 0, left: 0, textStyle: { color: palette.text } },
    tooltip: { trigger: "axis", renderMode: "richText" },
    xAxis: { type: "time", ...axis },
    yAxis: { type: "value", name: "ms", nameTextStyle: { color: palette.quiet }, ...axis },
    series: [series("p50Ms", "p50", palette.kinds[0], "circle"), series("p95Ms", "p95", palette.kinds[1], "triangle")],
  };
}

/** The runs that took longest. */
export function LongRuns(props: { runs: readonly LongRun[] }): JSX.Element {
  return (
    <DataTable
      name="longest"
      label="Longest runs"
      rows={props.runs}
      keyOf={(one) => one.traceId}
      most="20rem"
      columns={[
        {
          key: "trace",
          heading: "trace",
          value: (one) => one.traceId,
          show: (one) => (
            <a class="place" href={href("timeline", { trace: one.traceId })} title={one.traceId}>
              {one.traceId.slice(-12)}
            </a>
          ),
        },
        { key: "duration", heading: "took", kind: "ms", value: (one) => one.durationMs },
        {
          key: "start",
          heading: `began (${zoneName()})`,
          value: (one) => one.startTime,
          show: (one) => moment(one.startTime, 3),
        },
        {
          key: "state",
          heading: "state",
          value: (one) => (one.isFailed ? "✗ failed" : "✓ ended"),
        },
        {
          key: "log",
          heading: "log",
          value: (one) => one.place?.source,
          show: (one) => (one.place === null ? null : <LogLink place={one.place} />),
        },
      ]}
    />
  );
}

/** The logs and traces that runs were seen in. */
export function Sources(props: { sources: readonly SeenIn[] }): JSX.Element {
  return (
    <DataTable
      name="seen-in"
      label="Logs it was seen in"
      rows={props.sources}
      keyOf={(one) => one.place.source}
      most="16rem"
      columns={[
        {
          key: "source",
          heading: "first line in the log",
          value: (one) => one.place.source,
          show: (one) => <LogLink place={one.place} most={60} />,
        },
        { key: "runs", heading: "runs", kind: "count", value: (one) => one.runs },
      ]}
    />
  );
}
