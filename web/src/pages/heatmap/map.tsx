import type { EChartsCoreOption } from "echarts/core";
import type { JSX } from "preact";
import { useCallback, useMemo } from "preact/hooks";
import { Chart, type Palette } from "../../parts/chart.tsx";
import { count, counted, duration, moment, zoneName } from "../../parts/format.ts";
import { change } from "../../shell/route.ts";
import { amountOf, type Block, beside, type Direction, type Grid, isoOf, type Measure, type Scale } from "./model.ts";

const ROW_PIXELS = 22;
const FRAME_PIXELS = 54;
const NARROW_PIXELS = 620;
const MOST_NAME_CHARACTERS = 300; // what a canvas cuts off is cut off sooner where it is very long

const ARROWS: Record<string, Direction> = {
  ArrowLeft: "left",
  ArrowRight: "right",
  ArrowUp: "up",
  ArrowDown: "down",
};

/** A row of the map: which handler, and its name. */
export interface Row {
  key: string;
  name: string;
}

/** Handlers by time, each block coloured; one of them can be chosen, with the arrow keys too. */
export function HeatMap(props: {
  grid: Grid;
  rows: readonly Row[];
  by: Measure;
  scale: Scale;
  selected: Block | null;
}): JSX.Element {
  const { grid, rows, by, scale, selected } = props;
  const option = useCallback(
    (palette: Palette): EChartsCoreOption => optionOf(grid, rows, by, scale, selected, palette),
    [grid, rows, by, scale, selected],
  );
  const table = useMemo(() => tableOf(grid, rows), [grid, rows]);
  const keys = rows.map((row) => row.key);
  const select = (block: Block | null | undefined) => {
    if (block !== null && block !== undefined) {
      change({ of: block.key, at: isoOf(grid.start + (block.part + 0.5) * grid.partMs) }, false);
    }
  };
  const first = grid.rows.get(keys.find((key) => grid.rows.has(key)) ?? "")?.[0];
  const press = (event: KeyboardEvent) => {
    const towards = ARROWS[event.key];
    if (towards !== undefined) {
      event.preventDefault();
      select(selected === null || !keys.includes(selected.key) ? first : beside(grid, keys, selected, towards));
    }
  };
  const told =
    selected === null
      ? "No block is chosen. Click on one, or use the arrow keys."
      : blockLines(grid, rows.find((row) => row.key === selected.key)?.name ?? "", selected).join(" · ");
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: the arrow keys move the chosen block
    <section class="heat-map" tabIndex={0} onKeyDown={press} aria-label="Heat map; the arrow keys choose a block">
      <Chart
        name="heatmap"
        label={`${counted(rows.length, "handler")} over time, coloured by ${by}`}
        height={`${rows.length * ROW_PIXELS + FRAME_PIXELS}px`}
        option={option}
        table={table}
        onSelect={(data) => select((data as { block?: Block }).block)}
      />
      <p class="about" role="status" dir="auto">
        {told}
      </p>
    </section>
  );
}

/** What is known of a block, in words. */
export function blockLines(grid: Grid, name: string, block: Block): string[] {
  const start = grid.start + block.part * grid.partMs;
  return [
    name,
    `${moment(isoOf(start), 3)} ${zoneName()}, for ${duration(grid.partMs)}`,
    counted(block.executions, "execution"),
    `p50 ${duration(block.p50)}, p95 ${duration(block.p95)}, max ${duration(block.max)}`,
    block.errors === 0 ? "none failed" : `✗ ${count(block.errors)} failed`,
  ];
}

/** A tooltip made of texts: names of handlers are not ours, and must not become markup. */
function tip(lines: readonly string[]): HTMLElement {
  const made = document.createElement("div");
  made.className = "tip";
  for (const [place, line] of lines.entries()) {
    const part = document.createElement(place === 0 ? "strong" : "div");
    part.textContent = line;
    made.append(part);
  }
  return made;
}

function optionOf(
  grid: Grid,
  rows: readonly Row[],
  by: Measure,
  scale: Scale,
  selected: Block | null,
  palette: Palette,
): EChartsCoreOption {
  const isNarrow = innerWidth < NARROW_PIXELS;
  const isLong = grid.parts * grid.partMs > 86_400_000;
  const label = (part: number) => {
    const text = moment(isoOf(grid.start + part * grid.partMs), 3);
    return isLong ? text.slice(5, 16) : grid.partMs < 1000 ? text.slice(11, 21) : text.slice(11, 19);
  };
  return {
    grid: {
      left: isNarrow ? 96 : 190,
      right: 12,
      top: 24,
      bottom: 26,
      show: true,
      backgroundColor: palette.sunken,
      borderColor: palette.line,
    },
    tooltip: {
      confine: true,
      formatter: (of: { data: { block: Block; row: number } }) =>
        tip(blockLines(grid, rows[of.data.row]?.name ?? "", of.data.block)),
    },
    xAxis: {
      type: "category",
      data: Array.from({ length: grid.parts }, (_, part) => label(part)),
      axisLabel: { color: palette.quiet, hideOverlap: true },
      axisLine: { lineStyle: { color: palette.line } },
      axisTick: { show: false },
      splitArea: { show: false },
    },
    yAxis: {
      type: "category",
      inverse: true,
      data: rows.map((row) => row.name.slice(0, MOST_NAME_CHARACTERS)),
      axisLabel: { color: palette.text, width: isNarrow ? 86 : 178, overflow: "truncate", interval: 0 },
      axisLine: { lineStyle: { color: palette.line } },
      axisTick: { show: false },
    },
    visualMap: { show: false, type: "continuous", dimension: 2, min: 0, max: 1, inRange: { color: palette.heat } },
    series: [
      {
        name: by,
        type: "heatmap",
        progressive: 0,
        data: itemsOf(grid, rows, by, scale, selected, palette),
        emphasis: { itemStyle: { borderColor: palette.text, borderWidth: 1 } },
        markLine: {
          symbol: "none",
          silent: true,
          animation: false,
          lineStyle: { color: palette.text, type: "dashed", width: 1.5 },
          label: { color: palette.text, position: "start", formatter: (of: { name: string }) => of.name },
          data: grid.builds.map((one) => ({ name: one.build.slice(0, 24), xAxis: one.part })),
        },
      },
    ],
  };
}

function itemsOf(
  grid: Grid,
  rows: readonly Row[],
  by: Measure,
  scale: Scale,
  selected: Block | null,
  palette: Palette,
): unknown[] {
  const isChosen = (block: Block) => block.key === selected?.key && block.part === selected.part;
  const items = rows.flatMap(({ key }, row) =>
    (grid.rows.get(key) ?? []).map((block) => {
      const value = amountOf(block, by);
      const place = value === null ? 0 : scale.placeOf(value);
      return {
        value: [block.part, row, place],
        block,
        row,
        label: {
          show: block.errors > 0,
          formatter: "✗",
          fontSize: 10,
          color: place >= 0.7 ? palette.surface : palette.text,
        },
        itemStyle: isChosen(block)
          ? { borderColor: palette.accent, borderWidth: 3 }
          : { borderColor: palette.surface, borderWidth: 0.5 },
      };
    }),
  );
  return items.sort((a, b) => Number(isChosen(a.block)) - Number(isChosen(b.block))); // what is chosen is drawn last
}

function tableOf(grid: Grid, rows: readonly Row[]) {
  return {
    headings: ["handler", `from (${zoneName()})`, "executions", "errors", "p50 ms", "p95 ms", "max ms"],
    rows: rows.flatMap(({ key, name }) =>
      (grid.rows.get(key) ?? []).map((block) => [
        name,
        moment(isoOf(grid.start + block.part * grid.partMs), 3),
        block.executions,
        block.errors,
        block.p50,
        block.p95,
        block.max,
      ]),
    ),
  };
}

/** What the colours mean, in numbers. */
export function Legend(props: { scale: Scale; by: Measure }): JSX.Element {
  const text = (value: number) => (props.by === "p95" ? duration(value) : count(Math.round(value)));
  return (
    <div class="legend">
      <ul class="marks" aria-label="Colours, on a logarithmic scale">
        {props.scale.marks.map((one) => (
          <li key={one.place} style={{ left: `${one.place * 100}%` }}>
            {text(one.value)}
          </li>
        ))}
      </ul>
      <span>
        <span class="swatch" /> did not run
      </span>
      <span>✗ failed</span>
    </div>
  );
}
