import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import { isReport } from "../../data/client.ts";
import type { Answers, HandlerHeat } from "../../data/documents.ts";
import { useAnswer } from "../../data/use-answer.ts";
import { count, counted, duration, moment, period } from "../../parts/format.ts";
import { CodeLink, HandlerLink, LogLink } from "../../parts/links.tsx";
import { Section } from "../../parts/section.tsx";
import { Loaded } from "../../parts/states.tsx";
import { change } from "../../shell/route.ts";
import { Builds } from "../handler/builds.tsx";
import { RunTable } from "../handler/runs.tsx";
import { type Block, type Grid, isoOf, millisecondsOf, settingsOf } from "./model.ts";

const FINEST_MS = 0.0005; // milliseconds since 1970 are told apart by half of it

type Executions = Answers["heatmap/executions"];

/** What is behind the chosen block: its executions, its place in code, and how that is to the build before. */
export function BlockSection(props: { handler: HandlerHeat; grid: Grid; block: Block | null }): JSX.Element {
  const { handler, grid, block } = props;
  const whole = useAnswer("heatmap/executions", settingsOf(handler));
  return (
    <Section
      title={block === null ? "The chosen handler" : "The chosen block"}
      actions={
        <button type="button" onClick={() => change({ of: null, at: null }, false)} aria-label="Close">
          ✕
        </button>
      }
    >
      <div class="block">
        <p class="facts">
          <strong>
            <HandlerLink name={handler.name} plugin={handler.plugin} />
          </strong>
          <CodeLink code={handler.code} />
          {block !== null && <BlockFacts grid={grid} block={block} />}
        </p>
        <div>
          <h3>{block === null ? "Slowest executions" : "Executions of the block, slowest first"}</h3>
          {block === null ? (
            <Loaded asked={whole}>{(found) => <RunTable name="slowest" runs={found.slowest} />}</Loaded>
          ) : (
            <BlockRuns handler={handler} grid={grid} block={block} />
          )}
        </div>
        <div>
          <h3>Build by build, over all of the time</h3>
          <Loaded asked={whole}>{(found) => <Builds builds={found.builds} />}</Loaded>
        </div>
      </div>
    </Section>
  );
}

function BlockFacts(props: { grid: Grid; block: Block }): JSX.Element {
  const { grid, block } = props;
  const start = grid.start + block.part * grid.partMs;
  return (
    <>
      <span>
        {grid.partMs < 1000
          ? `${moment(isoOf(start), 3)}, for ${duration(grid.partMs)}`
          : period(isoOf(start), isoOf(start + grid.partMs))}
      </span>
      <span>{counted(block.executions, "execution")}</span>
      <span>
        p50 {duration(block.p50)}, p95 {duration(block.p95)}, max {duration(block.max)}
      </span>
      {block.errors > 0 && <span class="bad">✗ {count(block.errors)} failed</span>}
    </>
  );
}

/** A server is asked for them; a report file has the slowest of the handler, of which some may be of the block. */
function BlockRuns(props: { handler: HandlerHeat; grid: Grid; block: Block }): JSX.Element {
  const { handler, grid, block } = props;
  const start = grid.start + block.part * grid.partMs;
  const end = start + grid.partMs;
  const times = isReport ? {} : { start: isoOf(start), end: isoOf(end) };
  const asked = useAnswer("heatmap/executions", { ...settingsOf(handler), ...times });
  const inBlock = useMemo(
    () => (found: Executions) => found.slowest.filter((one) => isWithin(one.startTime, start, end)),
    [start, end],
  );
  return (
    <Loaded asked={asked}>
      {(found) => {
        const runs = inBlock(found);
        return (
          <>
            {runs.length > 0 && <RunTable name="slowest" runs={runs} />}
            {runs.length < block.executions && (
              <p class="about">
                {isReport
                  ? "A report holds the slowest executions of each handler; telemap serve lists all of a block."
                  : `The slowest ${runs.length} of ${count(block.executions)}.`}
                {runs.length === 0 && block.log !== null && (
                  <>
                    {" "}
                    The slowest here is at <LogLink place={block.log} most={32} />.
                  </>
                )}
              </p>
            )}
          </>
        );
      }}
    </Loaded>
  );
}

function isWithin(time: string | null, start: number, end: number): boolean {
  const at = time === null ? Number.NaN : millisecondsOf(time);
  return at >= start - FINEST_MS && at < end + FINEST_MS;
}
