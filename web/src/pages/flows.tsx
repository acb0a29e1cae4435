import type { JSX } from "preact";
import type { Deviation, Flows, Sequence } from "../data/documents.ts";
import { useAnswer } from "../data/use-answer.ts";
import { Findings } from "../parts/findings.tsx";
import { count, counted, period } from "../parts/format.ts";
import { Figures, PageHead, Section } from "../parts/section.tsx";
import { Command, Loaded, Notice } from "../parts/states.tsx";
import { build, change, href, setting } from "../shell/route.ts";
import { SequencePicture } from "./flow/picture.tsx";
import { SequenceTable, TopicTable } from "./flow/tables.tsx";
import { Variants } from "./flow/variants.tsx";

const MOST_FOUND = 20;
const RANKS = { error: 2, warning: 1, info: 0 } as const;

/** What was declared, what really ran, and every difference. */
export function FlowsPage(): JSX.Element {
  return (
    <>
      <PageHead title="Flows">What is declared, what really ran, and every difference with its place.</PageHead>
      <Loaded asked={useAnswer("flows", { build: build.value })} rows={20}>
        {(flows) => (flows.sequences.length === 0 && flows.topics.length === 0 ? <Empty /> : <Shown flows={flows} />)}
      </Loaded>
    </>
  );
}

function Empty(): JSX.Element {
  return (
    <Notice title="Nothing is declared, and no sequence ran">
      <p>Declared sequences are read by</p>
      <Command text="telemap index --definitions DIR" />
    </Notice>
  );
}

function Shown(props: { flows: Flows }): JSX.Element {
  const { flows } = props;
  const wanted = setting("sequence");
  const chosen = flows.sequences.find((one) => one.sequenceId === wanted) ?? flows.sequences[0];
  return (
    <>
      <FlowFigures flows={flows} />
      <Found flows={flows} />
      <Section title="Sequences" about="The gravest first; the one that is chosen is drawn below.">
        <SequenceTable
          flows={flows}
          selected={chosen?.sequenceId ?? null}
          onSelect={(one) => change({ sequence: one.sequenceId, step: null })}
        />
      </Section>
      {chosen !== undefined && <Drawn key={chosen.sequenceId} sequence={chosen} />}
      <Section title="Topics and routes" about="What was published and began no sequence comes first.">
        <TopicTable topics={flows.topics} />
      </Section>
    </>
  );
}

function FlowFigures(props: { flows: Flows }): JSX.Element {
  const { sequences, summary } = props.flows;
  const never = sequences.filter((one) => one.neverObserved).length;
  const sum = (of: (one: Sequence) => number) => sequences.reduce((all, one) => all + of(one), 0);
  const [conforming, deviating, incomplete] = [
    sum((one) => one.conforming),
    sum((one) => one.deviating),
    sum((one) => one.incomplete),
  ];
  return (
    <Figures
      of={[
        {
          name: "Declared sequences",
          value: count(summary.declared),
          detail: summary.undeclared > 0 ? `${count(summary.undeclared)} ran that are not` : "all that ran are",
        },
        {
          name: "Runs",
          value: count(summary.executions),
          detail: `of ${counted(summary.observed, "sequence")}`,
        },
        {
          name: "As declared",
          value: count(conforming),
          detail: incomplete > 0 ? `${count(incomplete)} incomplete` : "runs",
          tone: "good",
        },
        {
          name: "Deviating",
          value: count(deviating),
          detail: `runs of ${counted(summary.deviating, "sequence")}`,
          tone: deviating > 0 ? "bad" : "good",
        },
        {
          name: "Never ran",
          value: count(never),
          detail: never > 0 ? "declared sequences" : "every declared one ran",
          tone: never > 0 ? "warn" : "good",
        },
        {
          name: "Limits broken",
          value: count(summary.limits.broken),
          detail: summary.limits.checked > 0 ? `of ${count(summary.limits.checked)} checked` : "none is declared",
          tone: summary.limits.broken > 0 ? "bad" : "good",
        },
      ]}
    />
  );
}

/** All deviations, the gravest first. */
export function ranked(flows: Flows): Deviation[] {
  const all = [...flows.sequences.flatMap((one) => one.deviations), ...flows.routing];
  return all.sort((a, b) => RANKS[b.severity] - RANKS[a.severity] || b.count - a.count || a.id.localeCompare(b.id));
}

function Found(props: { flows: Flows }): JSX.Element {
  const all = ranked(props.flows);
  const wanted = setting("finding");
  const open = all.filter((one) => one.accepted === null);
  const accepted = all.filter((one) => one.accepted !== null);
  const isWhole = setting("all") !== null || open.findIndex((one) => one.id === wanted) >= MOST_FOUND;
  const shown = isWhole ? open : open.slice(0, MOST_FOUND);
  const told = (of: readonly Deviation[]) => of.map((finding) => ({ finding, analysis: "flows" }));
  const { window } = props.flows.summary;
  return (
    <Section
      title="What deviates"
      {...(window === null ? {} : { about: `Of runs that began ${period(window.from, window.to)}.` })}
    >
      {wanted !== null && !all.some((one) => one.id === wanted) && (
        <Notice title={`No finding is called ${wanted.slice(0, 40)} any more`} />
      )}
      {open.length === 0 ? (
        <Notice title="Nothing deviates">Every run that could be checked went as declared.</Notice>
      ) : (
        <Findings of={told(shown)} />
      )}
      {open.length > shown.length && (
        <button type="button" onClick={() => change({ all: 1 }, false)}>
          {counted(open.length - shown.length, "more finding")}
        </button>
      )}
      {accepted.length > 0 && (
        <details open={accepted.some((one) => one.id === wanted)}>
          <summary>{counted(accepted.length, "accepted finding")}</summary>
          <Findings of={told(accepted)} />
        </details>
      )}
    </Section>
  );
}

function Drawn(props: { sequence: Sequence }): JSX.Element {
  const { sequence } = props;
  const asked = useAnswer("flows/drawing", { build: build.value });
  const name = sequence.name ?? sequence.sequenceId;
  return (
    <Loaded asked={asked} rows={50}>
      {(drawn) => {
        const own = drawn.sequences.find((one) => one.sequenceId === sequence.sequenceId);
        return own === undefined ? null : (
          <>
            <Section
              title={`${name}: declared and run`}
              actions={<a href={href("sequence", { id: sequence.sequenceId, build: build.value })}>All about it</a>}
            >
              <SequencePicture sequence={sequence} drawn={own} />
            </Section>
            <Section title={`${name}: ${counted(sequence.variants.length, "variant")}`}>
              <Variants sequence={sequence} drawn={own} />
            </Section>
          </>
        );
      }}
    </Loaded>
  );
}
