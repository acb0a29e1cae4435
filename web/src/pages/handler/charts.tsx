import type { EChartsCoreOption } from "echarts/core";
import type { JSX } from "preact";
import { useCallback } from "preact/hooks";
import type { HandlerExecutions } from "../../data/documents.ts";
import { Chart, type Palette } from "../../parts/chart.tsx";
import { duration, moment, share, zoneName } from "../../parts/format.ts";
import { type Block, type Grid, isoOf } from "../heatmap/model.ts";

const MOST_BUILDS = 4; // the last ones; more lines than these nobody tells apart
const LINES = ["solid", "dashed", "dotted", [8, 3, 2, 3]] as const;

function axis(palette: Palette, name: string) {
  return {
    name,
    nameTextStyle: { color: palette.quiet },
    axisLabel: { color: palette.quiet, hideOverlap: true },
    axisLine: { lineStyle: { color: palette.line } },
    splitLine: { lineStyle: { color: palette.line } },
  };
}

/** How often the handler took how long, as a share of each build's executions. */
export function Histogram(props: { executions: HandlerExecutions }): JSX.Element {
  const { edgesMs, builds } = props.executions;
  const shown = builds.filter((one) => one.counts.length > 0).slice(-MOST_BUILDS);
  const option = useCallback((palette: Palette) => histogramOption(edgesMs, shown, palette), [props.executions]);
  const bins = edgesMs.slice(0, -1);
  return (
    <Chart
      name="durations"
      label="Durations of the executions, by build"
      height="16rem"
      option={option}
      table={{
        headings: ["from ms", "below ms", ...shown.map((one) => `runs of ${one.build ?? "(not named)"}`)],
        rows: bins.map((edge, bin) => [edge, edgesMs[bin + 1], ...shown.map((one) => one.counts[bin])]),
      }}
    />
  );
}

function histogramOption(
  edges: readonly number[],
  builds: HandlerExecutions["builds"],
  palette: Palette,
): EChartsCoreOption {
  return {
    grid: { left: 8, right: 12, top: 48, bottom: 4, containLabel: true },
    legend: { top: 0, left: 0, textStyle: { color: palette.text } },
    tooltip: {
      trigger: "axis",
      renderMode: "richText",
      valueFormatter: (value: unknown) => share(value as number),
    },
    xAxis: { type: "category", data: edges.slice(0, -1).map((edge) => duration(edge)), ...axis(palette, "") },
    yAxis: {
      type: "value",
      ...axis(palette, "share of runs"),
      axisLabel: { color: palette.quiet, formatter: (value: number) => share(value) },
    },
    series: builds.map((one, place) => {
      const timed = one.executions - one.untimed;
      return {
        name: one.build ?? "runs",
        type: "line",
        step: "middle",
        symbol: "none",
        color: palette.kinds[place],
        lineStyle: { width: 2, type: LINES[place] },
        areaStyle: { opacity: 0.12 },
        data: one.counts.map((count) => (timed === 0 ? 0 : count / timed)),
      };
    }),
  };
}

/** How often the handler ran and failed over time, and how long it took. */
export function OverTime(props: { grid: Grid; row: readonly Block[] }): JSX.Element {
  const { grid, row } = props;
  const option = useCallback((palette: Palette) => timeOption(grid, row, palette), [grid, row]);
  const from = (one: Block) => isoOf(grid.start + one.part * grid.partMs);
  return (
    <Chart
      name="handler-over-time"
      label="Executions, failed ones and the 95th percentile of durations over time"
      height="16rem"
      option={option}
      table={{
        headings: [`from (${zoneName()})`, "executions", "failed", "p50 ms", "p95 ms", "max ms"],
        rows: row.map((one) => [moment(from(one), 3), one.executions, one.errors, one.p50, one.p95, one.max]),
      }}
    />
  );
}

function timeOption(grid: Grid, row: readonly Block[], palette: Palette): EChartsCoreOption {
  const at = (part: number) => grid.start + (part + 0.5) * grid.partMs;
  const byPart = new Map(row.map((one) => [one.part, one]));
  const parts = Array.from({ length: grid.parts }, (_, part) => part);
  const of = (value: (one: Block) => number | null) =>
    parts.map((part) => {
      const block = byPart.get(part);
      return [at(part), block === undefined ? null : value(block)];
    });
  const stripes = { symbol: "rect", dashArrayX: [1, 0], dashArrayY: [2, 3], rotation: 0.8, color: palette.surface };
  return {
    useUTC: zoneName() === "UTC",
    grid: { left: 8, right: 8, top: 56, bottom: 4, containLabel: true },
    legend: { top: 0, left: 0, textStyle: { color: palette.text } },
    tooltip: { trigger: "axis", renderMode: "richText" },
    xAxis: { type: "time", ...axis(palette, ""), splitLine: { show: false } },
    yAxis: [
      { type: "value", minInterval: 1, ...axis(palette, "runs") },
      { type: "value", ...axis(palette, "p95 ms"), splitLine: { show: false } },
    ],
    series: [
      {
        name: "runs",
        type: "bar",
        stack: "runs",
        color: palette.kinds[0],
        data: of((one) => one.executions - one.errors),
        markLine: {
          symbol: "none",
          silent: true,
          lineStyle: { color: palette.text, type: "dashed" },
          label: { color: palette.text, formatter: (of: { name: string }) => of.name },
          data: grid.builds.map((one) => ({
            name: one.build.slice(0, 24),
            xAxis: grid.start + one.part * grid.partMs,
          })),
        },
      },
      {
        name: "failed",
        type: "bar",
        stack: "runs",
        color: palette.bad,
        itemStyle: { decal: stripes },
        data: of((one) => one.errors),
      },
      {
        name: "p95",
        type: "line",
        yAxisIndex: 1,
        color: palette.kinds[1],
        symbol: "circle",
        symbolSize: 4,
        data: of((one) => one.p95),
      },
    ],
  };
}
