import type { JSX } from "preact";
import type { DrawnSequence, Sequence } from "../data/documents.ts";
import { useAnswer } from "../data/use-answer.ts";
import { Findings } from "../parts/findings.tsx";
import { count, counted, share } from "../parts/format.ts";
import { DefinedLink } from "../parts/links.tsx";
import { Figures, PageHead, Section } from "../parts/section.tsx";
import { Command, Loaded, Notice } from "../parts/states.tsx";
import { build, href, setting } from "../shell/route.ts";
import { Handlers } from "./flow/handlers.tsx";
import { SequencePicture } from "./flow/picture.tsx";
import { LimitTable } from "./flow/tables.tsx";
import { LongRuns, OverTime, Sources } from "./flow/times.tsx";
import { Variants } from "./flow/variants.tsx";

/** Everything about one sequence. */
export function SequencePage(): JSX.Element {
  const id = setting("id");
  return (
    <Loaded asked={useAnswer("flows", { build: build.value })} rows={20}>
      {(flows) => {
        const found = flows.sequences.find((one) => one.sequenceId === id || one.name === id);
        return found === undefined ? <Missing id={id} of={flows.sequences} /> : <Shown sequence={found} />;
      }}
    </Loaded>
  );
}

function Missing(props: { id: string | null; of: readonly Sequence[] }): JSX.Element {
  return (
    <>
      <PageHead title="Sequence" />
      <Notice title={props.id === null ? "No sequence is chosen" : `No sequence is called “${props.id.slice(0, 80)}”`}>
        <p class="links">
          {props.of.slice(0, 30).map((one) => (
            <a key={one.sequenceId} href={href("sequence", { id: one.sequenceId, build: build.value })} dir="auto">
              {one.name ?? one.sequenceId}
            </a>
          ))}
        </p>
      </Notice>
    </>
  );
}

function Shown(props: { sequence: Sequence }): JSX.Element {
  const { sequence } = props;
  const asked = useAnswer("flows/drawing", { build: build.value });
  const open = sequence.deviations.filter((one) => one.accepted === null);
  const accepted = sequence.deviations.filter((one) => one.accepted !== null);
  const told = (of: typeof open) => of.map((finding) => ({ finding, analysis: "flows" }));
  return (
    <>
      <Head sequence={sequence} />
      <SequenceFigures sequence={sequence} />
      {sequence.deviations.length > 0 && (
        <Section title="What deviates">
          {open.length === 0 ? <p>Nothing that is not accepted.</p> : <Findings of={told(open)} />}
          {accepted.length > 0 && (
            <details>
              <summary>{counted(accepted.length, "accepted finding")}</summary>
              <Findings of={told(accepted)} />
            </details>
          )}
        </Section>
      )}
      <Loaded asked={asked} rows={50}>
        {(flows) => {
          const drawn = flows.sequences.find((one) => one.sequenceId === sequence.sequenceId);
          return drawn === undefined ? null : <Ran sequence={sequence} drawn={drawn} periodMs={flows.periodMs} />;
        }}
      </Loaded>
      <Section title="Limits of time">
        <LimitTable limits={sequence.limits} />
      </Section>
      <Handlers sequence={sequence} />
      <Next sequence={sequence} />
    </>
  );
}

function Head(props: { sequence: Sequence }): JSX.Element {
  const { sequence } = props;
  const name = sequence.name ?? sequence.sequenceId;
  return (
    <div class="page-head">
      <h1 dir="auto" class="long" title={name}>
        {name}
      </h1>
      <p class="about links">
        <span>
          sequence <code>{sequence.sequenceId}</code>
        </span>
        {sequence.plugin !== null && <span dir="auto">of {sequence.plugin}</span>}
        <span>
          declared <DefinedLink defined={sequence.definedIn} />
        </span>
        {sequence.isRegistered === false && <span class="warn">! the application did not register it</span>}
      </p>
    </div>
  );
}

function SequenceFigures(props: { sequence: Sequence }): JSX.Element {
  const { sequence } = props;
  const part = (of: number) =>
    sequence.executions === 0 ? "it never ran" : `${share(of / sequence.executions)} of the runs`;
  return (
    <Figures
      of={[
        {
          name: "Runs",
          value: count(sequence.executions),
          detail: counted(sequence.variants.length, "variant"),
          tone: sequence.executions === 0 ? "warn" : "good",
        },
        { name: "As declared", value: count(sequence.conforming), detail: part(sequence.conforming) },
        {
          name: "Deviating",
          value: count(sequence.deviating),
          detail: part(sequence.deviating),
          tone: sequence.deviating > 0 ? "bad" : "good",
        },
        { name: "Incomplete", value: count(sequence.incomplete), detail: "cut off by the log" },
        {
          name: "Limits broken",
          value: count(sequence.limits.filter((one) => one.isBroken).length),
          detail: sequence.limits.length === 0 ? "none is declared" : `of ${count(sequence.limits.length)}`,
          tone: sequence.limits.some((one) => one.isBroken) ? "bad" : "good",
        },
      ]}
    />
  );
}

function Ran(props: { sequence: Sequence; drawn: DrawnSequence; periodMs: number | null }): JSX.Element {
  const { sequence, drawn } = props;
  return (
    <>
      <Section title="Declared and run">
        <SequencePicture sequence={sequence} drawn={drawn} />
      </Section>
      <Section title={counted(sequence.variants.length, "variant")}>
        <Variants sequence={sequence} drawn={drawn} />
      </Section>
      <OverTime periods={drawn.periods} periodMs={props.periodMs} />
      {drawn.longest.length > 0 && (
        <Section title="Longest runs">
          <LongRuns runs={drawn.longest} />
        </Section>
      )}
      {drawn.sources.length > 0 && (
        <Section title="Logs it was seen in">
          <Sources sources={drawn.sources} />
        </Section>
      )}
    </>
  );
}

/** What a terminal tells of it. */
function Next(props: { sequence: Sequence }): JSX.Element {
  const { sequence } = props;
  const places = sequence.deviations.flatMap((one) => one.examples);
  const first = places[0];
  const id = sequence.sequenceId;
  const word = /^[\w.:@/-]+$/.test(id) ? id : `'${id.replaceAll("'", "'\\''")}'`;
  return (
    <Section title="In a terminal">
      <p class="links">
        <Command text={`telemap flows --sequence ${word}`} />
        {first !== undefined && <Command text={`telemap timeline --trace ${first.source}:${first.line}`} />}
        <Command text={`telemap graph --nodes sequence --focus ${word}`} />
      </p>
    </Section>
  );
}
