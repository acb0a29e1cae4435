import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import { isReport } from "../../data/client.ts";
import type { Blocks, HandlerHeat, Heatmap } from "../../data/documents.ts";
import { useAnswer } from "../../data/use-answer.ts";
import { count, counted, duration, period } from "../../parts/format.ts";
import { Choice, Figures, PageHead, Section } from "../../parts/section.tsx";
import { Command, Loaded, Notice } from "../../parts/states.tsx";
import { build, change, setting } from "../../shell/route.ts";
import { BlockSection } from "./block.tsx";
import { HeatMap, Legend } from "./map.tsx";
import {
  amountOf,
  type Grid,
  gridOf,
  keyOf,
  type Measure,
  millisecondsOf,
  type Rank,
  rankedBy,
  scaleOf,
} from "./model.ts";
import { TimeStrip } from "./strip.tsx";
import { HandlerTable, NAME } from "./table.tsx";

const RANKS: readonly (readonly [Rank, string])[] = [
  ["p95", "p95"],
  ["avg", "mean"],
  ["total", "total"],
  ["self", "self"],
  ["max", "max"],
];
const MEASURES: readonly (readonly [Measure, string])[] = [
  ["p95", "p95"],
  ["executions", "executions"],
  ["errors", "errors"],
];
const ROWS = 25;
const MOST_ROWS = 200; // what a canvas can hold

function oneOf<T extends string>(found: string | null, of: readonly (readonly [T, string])[], first: T): T {
  return of.find(([value]) => value === found)?.[0] ?? first;
}

/** How long every handler took, and when. */
export function HeatmapPage(): JSX.Element {
  const asked = useAnswer("heatmap", { build: build.value });
  return (
    <>
      <PageHead title="Heatmap">How long every handler took, and when: the hottest first.</PageHead>
      <Loaded asked={asked} rows={24}>
        {(heatmap) =>
          heatmap.handlers.length === 0 ? (
            <Notice title={`No handler ran${build.value === null ? "" : ` in build ${build.value}`}`}>
              <p>Handlers run in logs and traces, which are read by</p>
              <Command text="telemap ingest LOGS" />
            </Notice>
          ) : (
            <Shown heatmap={heatmap} />
          )
        }
      </Loaded>
    </>
  );
}

function Shown(props: { heatmap: Heatmap }): JSX.Element {
  const { summary } = props.heatmap;
  const by = oneOf(setting("by"), RANKS, "p95");
  const ranked = useMemo(() => rankedBy(props.heatmap.handlers, by), [props.heatmap, by]);
  const blocks = useAnswer("heatmap/blocks", { build: build.value });
  const document = blocks.state === "ready" ? blocks.document : null;
  const whole = useMemo(() => (document === null ? null : gridOf(document)), [document]);
  const slowest = ranked[0];
  return (
    <>
      <Figures
        of={[
          { name: "Handlers", value: count(summary.totalHandlers) },
          {
            name: "Executions",
            value: count(summary.totalExecutions),
            detail:
              summary.untimedExecutions > 0 ? `${count(summary.untimedExecutions)} of unknown duration` : "all timed",
          },
          { name: "Time in handlers", value: duration(summary.totalTime), detail: "all executions together" },
          {
            name: "Failed",
            value: count(summary.errors),
            detail: summary.errors === 0 ? "none" : counted(ranked.filter((one) => one.errors > 0).length, "handler"),
            tone: summary.errors > 0 ? "bad" : "good",
          },
          ...(slowest?.timing
            ? [{ name: `Hottest by ${by}`, value: duration(hottest(slowest, by)), detail: slowest.name.slice(0, 60) }]
            : []),
        ]}
      />
      <Section
        title="Handlers"
        {...(summary.window === null ? {} : { about: period(summary.window.from, summary.window.to) })}
        actions={<Choice label="Rank by" of={RANKS} value={by} onChange={(value) => change({ by: value }, false)} />}
      >
        <HandlerTable handlers={ranked} by={by} grid={whole} selected={setting("of")} />
      </Section>
      <Loaded asked={blocks} rows={16}>
        {(found) => whole !== null && <OverTime blocks={found} whole={whole} ranked={ranked} />}
      </Loaded>
    </>
  );
}

function hottest(one: HandlerHeat, by: Rank): number | undefined {
  return by === "total" ? one.totalTime : by === "self" ? one.selfTime : one.timing?.[by];
}

function timeOf(text: string | null): number | null {
  const at = text === null ? Number.NaN : millisecondsOf(text);
  return Number.isFinite(at) ? at : null;
}

/** A server cuts the time that is looked at into as many parts as all of it; a report file has the parts it has. */
function useGrid(blocks: Blocks, whole: Grid): { grid: Grid; range: { from: number; to: number } | null } {
  const [from, to] = [timeOf(setting("from")), timeOf(setting("to"))];
  const isZoomed = from !== null && to !== null && from < to;
  const zoomed = useAnswer(
    "heatmap/blocks",
    isZoomed && !isReport ? { build: build.value, start: setting("from"), end: setting("to") } : null,
  );
  const closer = isZoomed && zoomed.state === "ready" ? zoomed.document : null;
  const grid = useMemo(
    () => (closer !== null ? gridOf(closer) : isZoomed ? gridOf(blocks, from, to) : whole),
    [closer, blocks, whole, isZoomed, from, to],
  );
  return { grid, range: isZoomed ? { from, to } : null };
}

function OverTime(props: { blocks: Blocks; whole: Grid; ranked: readonly HandlerHeat[] }): JSX.Element {
  const { blocks, whole, ranked } = props;
  const { grid, range } = useGrid(blocks, whole);
  const by = oneOf(setting("colour"), MEASURES, "p95");
  const find = (setting(`${NAME}-find`) ?? "").toLocaleLowerCase();
  const found = useMemo(
    () =>
      ranked.filter(
        (one) =>
          grid.rows.has(keyOf(one)) && `${one.name} ${one.plugin} ${one.service}`.toLocaleLowerCase().includes(find),
      ),
    [ranked, grid, find],
  );
  const most = Math.min(MOST_ROWS, Math.max(ROWS, Number(setting("rows")) || ROWS));
  const rows = useMemo(() => found.slice(0, most).map((one) => ({ key: keyOf(one), name: one.name })), [found, most]);
  const scale = useMemo(
    () => scaleOf(rows.flatMap((row) => (grid.rows.get(row.key) ?? []).flatMap((one) => amountOf(one, by) ?? []))),
    [rows, grid, by],
  );
  const at = timeOf(setting("at"));
  const of = setting("of");
  const block = useMemo(
    () =>
      at === null
        ? null
        : ((grid.rows.get(of ?? "") ?? []).find((one) => one.part === Math.floor((at - grid.start) / grid.partMs)) ??
          null),
    [grid, of, at],
  );
  const handler = ranked.find((one) => keyOf(one) === of);
  return (
    <div class={handler === undefined ? "" : "with-side"}>
      <Section
        title="Over time"
        about={`Each block is ${duration(grid.partMs)} of a handler. Dashed lines: a build begins.`}
        actions={
          <Choice label="Colour by" of={MEASURES} value={by} onChange={(value) => change({ colour: value }, false)} />
        }
      >
        <TimeStrip whole={whole} shown={range} />
        {rows.length === 0 ? (
          <Notice title={find === "" ? "No handler ran in this time" : `No handler has “${find}” in its name`} />
        ) : (
          <>
            <Legend scale={scale} by={by} />
            <HeatMap grid={grid} rows={rows} by={by} scale={scale} selected={block} />
            <More shown={rows.length} found={found.length} leftOut={grid.leftOut} />
          </>
        )}
      </Section>
      {handler !== undefined && <BlockSection handler={handler} grid={grid} block={block} />}
    </div>
  );
}

function More(props: { shown: number; found: number; leftOut: number }): JSX.Element | null {
  const { shown, found, leftOut } = props;
  if (shown >= found && leftOut === 0) {
    return null;
  }
  return (
    <p class="about actions">
      {count(shown)} of {counted(found + leftOut, "handler")}, hottest first.
      {shown < found && shown < MOST_ROWS && (
        <button type="button" onClick={() => change({ rows: Math.min(MOST_ROWS, shown * 2) }, false)}>
          Show more
        </button>
      )}
      {shown >= MOST_ROWS && " To see others, filter the table above by their names."}
    </p>
  );
}
