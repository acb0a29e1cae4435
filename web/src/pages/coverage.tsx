import type { JSX } from "preact";
import type { Coverage, Gap, HotPath } from "../data/documents.ts";
import { useAnswer } from "../data/use-answer.ts";
import { Findings } from "../parts/findings.tsx";
import { count, counted, duration, period, share } from "../parts/format.ts";
import { HandlerLink, LogLink, SequenceLink } from "../parts/links.tsx";
import { Figures, PageHead, Section } from "../parts/section.tsx";
import { Command, Loaded, Notice } from "../parts/states.tsx";
import { build, change, here, setting } from "../shell/route.ts";
import { CoverageList } from "./coverage-list.tsx";
import { CoverageMap } from "./coverage-map.tsx";
import { type Kind, QUADRANTS, type Quadrant, SEEN } from "./coverage-tree.ts";
import "./coverage.css";

const MOST_FOUND = 8;
const MOST_HANDLERS = 12;

/** Which handlers production runs, which of these no test runs, and which show no sign of life. */
export function CoveragePage(): JSX.Element {
  return (
    <>
      <PageHead title="Coverage">
        Which handlers production really runs, which of these no test runs, and which show no sign of life.
      </PageHead>
      <Loaded asked={useAnswer("coverage", { build: build.value })} rows={20}>
        {(coverage) => (coverage.handlers.length === 0 ? <Empty /> : <Shown coverage={coverage} />)}
      </Loaded>
    </>
  );
}

function Empty(): JSX.Element {
  return (
    <Notice title="No handlers are known">
      <p>
        No log names a handler, no sequence declares one and no code registers one. Code and declared sequences are read
        by
      </p>
      <Command text="telemap index DIR --definitions DIR" />
    </Notice>
  );
}

function Shown(props: { coverage: Coverage }): JSX.Element {
  const { coverage } = props;
  const asked = setting("quadrant");
  const quadrant = asked !== null && asked in QUADRANTS ? (asked as Quadrant) : null;
  const kinds = coverage.isTestedKnown ? QUADRANTS : SEEN;
  return (
    <>
      <Numbers coverage={coverage} />
      <div class="columns">
        <Section
          title={coverage.isTestedKnown ? "Production and tests" : "Production"}
          about="Each handler is in one of these. Choose one to list only its handlers."
        >
          <Quadrants coverage={coverage} kinds={kinds} chosen={quadrant} />
        </Section>
        <Found coverage={coverage} />
      </div>
      <CoverageMap coverage={coverage} kinds={kinds} />
      <CoverageList coverage={coverage} kinds={kinds} quadrant={quadrant} folder={setting("folder") ?? ""} />
      <div class="columns">
        <HotPaths paths={coverage.hotPaths} />
        <Shows coverage={coverage} />
      </div>
    </>
  );
}

function Numbers(props: { coverage: Coverage }): JSX.Element {
  const { summary, isTestedKnown } = props.coverage;
  const known = [
    { name: "Handlers known", value: count(summary.declared), detail: "declared, registered or seen" },
    {
      name: "Ran in production",
      value: count(summary.observed),
      detail: counted(summary.executions, "execution"),
    },
    { name: "Coverage", value: share(summary.coverage), detail: "of the known ran" },
  ];
  if (!isTestedKnown) {
    return <Figures of={[...known, { name: "Not seen", value: count(summary.declared - summary.observed) }]} />;
  }
  return (
    <Figures
      of={[
        ...known,
        {
          name: "Production only",
          value: count(summary.productionOnly),
          detail: "no test is known to run them",
          tone: summary.productionOnly > 0 ? "warn" : "good",
        },
        { name: "Tests only", value: count(summary.testOnly), detail: "not seen in production" },
        { name: "Neither", value: count(summary.neither), detail: "no sign of life" },
      ]}
    />
  );
}

/** Production down, tests across. */
function Quadrants(props: {
  coverage: Coverage;
  kinds: Readonly<Record<Quadrant, Kind>>;
  chosen: Quadrant | null;
}): JSX.Element {
  const { coverage, kinds, chosen } = props;
  const { summary } = coverage;
  const one = (quadrant: Quadrant, amount: number) => (
    <QuadrantButton
      key={quadrant}
      quadrant={quadrant}
      kind={kinds[quadrant]}
      amount={amount}
      of={summary.declared}
      isChosen={chosen === quadrant}
    />
  );
  if (!coverage.isTestedKnown) {
    return (
      <>
        <div class="quadrants of-two">
          {one("production-only", summary.observed)}
          {one("neither", summary.declared - summary.observed)}
        </div>
        <Notice title="Whether tests run them is not known">
          <p>Reports of tests (coverage.py, LCOV, Cobertura, Istanbul, V8, JUnit) are read by</p>
          <Command text="telemap index --coverage PATH" />
        </Notice>
      </>
    );
  }
  return (
    <div class="quadrants">
      <span />
      <span class="axis">tests run it</span>
      <span class="axis">no test known</span>
      <span class="axis">ran in production</span>
      {one("production-and-test", summary.productionAndTest)}
      {one("production-only", summary.productionOnly)}
      <span class="axis">not seen</span>
      {one("test-only", summary.testOnly)}
      {one("neither", summary.neither)}
    </div>
  );
}

function QuadrantButton(props: {
  quadrant: Quadrant;
  kind: Kind;
  amount: number;
  of: number;
  isChosen: boolean;
}): JSX.Element {
  const { quadrant, kind, amount } = props;
  const part = props.of === 0 ? 0 : amount / props.of;
  return (
    <button
      type="button"
      class={`quadrant kind-${kind.colour}`}
      aria-pressed={props.isChosen}
      onClick={() => change({ quadrant: props.isChosen ? null : quadrant })}
      style={{ "--part": part }}
    >
      <span class="title">
        <span aria-hidden="true">{kind.mark}</span> {kind.title}
      </span>
      <span class="amount">
        {count(amount)} <small>{share(part)}</small>
      </span>
      <span class="about">{kind.about}</span>
    </button>
  );
}

function Found(props: { coverage: Coverage }): JSX.Element {
  const { found } = props.coverage;
  const isWhole = setting("found") === "all" || setting("finding") !== null;
  const shown = isWhole ? found : found.slice(0, MOST_FOUND);
  return (
    <Section title="Findings" about={found.length === 0 ? undefined : counted(found.length, "finding")}>
      {found.length === 0 ? (
        <Notice title="Nothing was found">No handler stands out by its use, its tests or its silence.</Notice>
      ) : (
        <Findings of={shown.map((finding) => ({ finding, analysis: "coverage" }))} />
      )}
      {shown.length < found.length && (
        <p>
          <a href={here({ found: "all" })}>Show all {count(found.length)}</a>
        </p>
      )}
    </Section>
  );
}

function HotPaths(props: { paths: readonly HotPath[] }): JSX.Element {
  return (
    <Section title="Hot paths" about="The sequences in which most executions of handlers are.">
      {props.paths.length === 0 ? (
        <Notice title="No sequence ran" />
      ) : (
        <ol class="hot-paths">
          {props.paths.map((path) => (
            <li key={path.sequenceId}>
              <SequenceLink id={path.sequenceId} />
              <span class="bar" style={{ "--part": path.share }} />
              <span class="number">
                {share(path.share)} <small>{counted(path.runs, "run")}</small>
              </span>
              <p class="about">
                {path.handlers.slice(0, MOST_HANDLERS).map((name, place) => (
                  <span key={name}>
                    {place > 0 && "→ "}
                    <HandlerLink name={name} />
                  </span>
                ))}
                {path.handlers.length > MOST_HANDLERS && ` and ${count(path.handlers.length - MOST_HANDLERS)} more`}
              </p>
            </li>
          ))}
        </ol>
      )}
    </Section>
  );
}

/** From when to when, and what could not be seen. */
function Shows(props: { coverage: Coverage }): JSX.Element {
  const { window, gaps, recordedMs } = props.coverage.summary;
  return (
    <Section title="What the telemetry shows">
      {window === null ? (
        <p>No record has a time: nothing says from when to when this was seen.</p>
      ) : (
        <p>
          Seen from {period(window.from, window.to)}; {duration(recordedMs)} of it are recorded
          {gaps.length === 0 ? ", without a gap." : "."}
        </p>
      )}
      {gaps.length > 0 && (
        <>
          <p class="about">What was not seen may have run in these gaps:</p>
          <ul class="gaps">
            {gaps.map((gap) => (
              <li key={`${gap.kind} ${gap.source} ${gap.window?.from} ${gap.reason}`}>
                <GapText gap={gap} />
              </li>
            ))}
          </ul>
        </>
      )}
    </Section>
  );
}

function GapText(props: { gap: Gap }): JSX.Element {
  const { gap } = props;
  return (
    <>
      <strong>{gap.kind}</strong> {gap.reason}
      {gap.window !== null && `, ${period(gap.window.from, gap.window.to)}`}
      {gap.source !== null && (
        <>
          {" "}
          in <LogLink place={{ source: gap.source, line: 1 }} most={32} />
        </>
      )}
    </>
  );
}
