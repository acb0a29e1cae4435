import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Course, DrawnSequence, Mark, Sequence } from "../../data/documents.ts";
import { count, counted, duration, moment, share } from "../../parts/format.ts";
import { Notice } from "../../parts/states.tsx";
import { chainOf, folded, type Link, marksOfRun, WORDS } from "./chain.ts";

const MOST_SHOWN = 12;

/** The courses that runs took, the commonest first, each with its differences to what is declared. */
export function Variants(props: { sequence: Sequence; drawn: DrawnSequence }): JSX.Element {
  const { sequence, drawn } = props;
  const [isWhole, show] = useState(false);
  const shown = isWhole ? drawn.courses : drawn.courses.slice(0, MOST_SHOWN);
  const numbers = new Map(
    drawn.nodes.flatMap((node) => (node.kind === "step" ? [[node.event, node.beat]] : [])) as [string, number | null][],
  );
  if (shown.length === 0) {
    return <Notice title="It never ran" />;
  }
  return (
    <>
      <ol class="variants">
        {shown.map((course) => (
          <Variant key={course.beats.join("\u001f")} course={course} runs={sequence.executions} numbers={numbers} />
        ))}
      </ol>
      {drawn.courses.length > shown.length && (
        <button type="button" onClick={() => show(true)}>
          {counted(drawn.courses.length - shown.length, "more variant")}
        </button>
      )}
      {sequence.variants.length > drawn.courses.length && isWhole && (
        <p class="about">{counted(sequence.variants.length - drawn.courses.length, "rarer variant")} are not told.</p>
      )}
    </>
  );
}

function Variant(props: { course: Course; runs: number; numbers: ReadonlyMap<string, number | null> }): JSX.Element {
  const { course, runs } = props;
  const [isWhole, show] = useState(false);
  const chain = chainOf(course);
  const part = runs === 0 ? 0 : course.count / runs;
  const verdict =
    course.isConforming === true ? "✓ as declared" : course.isConforming === false ? "✗ deviates" : "unsure";
  return (
    <li>
      <p class="variant-head">
        <span class="bar" style={{ "--part": part }} />
        <strong>{counted(course.count, "run")}</strong>
        <span>{share(part)}</span>
        <span class={course.isConforming === true ? "good" : course.isConforming === false ? "bad" : "none"}>
          {verdict}
        </span>
        <span>on average {duration(course.meanMs)}</span>
        <span class="none">
          first {moment(course.firstSeen)}, last {moment(course.lastSeen)}
        </span>
        {marksOfRun(course).map((mark) => (
          <MarkText key={`${mark.kind} ${mark.event} ${mark.observed}`} mark={mark} of={course.count} />
        ))}
      </p>
      <ol class="chain" aria-label="Beats in their order">
        {(isWhole ? chain : folded(chain)).map((link, place) => (
          <li key={place} class={link.kind}>
            {link.kind === "folded" ? (
              <button type="button" onClick={() => show(true)}>
                {counted(link.events.length, "beat")} as declared
              </button>
            ) : (
              <Beat link={link} number={props.numbers.get(link.event) ?? null} of={course.count} />
            )}
          </li>
        ))}
      </ol>
    </li>
  );
}

function Beat(props: { link: Exclude<Link, { kind: "folded" }>; number: number | null; of: number }): JSX.Element {
  const { link } = props;
  return (
    <span class={link.marks.length > 0 ? "marked" : ""}>
      {props.number !== null && <small>{props.number}</small>}
      <span class="event" dir="auto" title={link.event}>
        {link.event || "(no name)"}
      </span>
      {link.marks.map((mark) => (
        <MarkText key={`${mark.kind} ${mark.observed}`} mark={mark} of={props.of} />
      ))}
    </span>
  );
}

function MarkText(props: { mark: Mark; of: number }): JSX.Element {
  const { mark, of } = props;
  const [sign, word] = WORDS[mark.kind] ?? ["!", mark.kind];
  const rest = mark.runs < of ? ` in ${count(mark.runs)}` : "";
  return (
    <em class={mark.kind === "incomplete" ? "none" : "bad"} title={mark.observed ?? undefined}>
      {sign} {mark.kind === "wrong-handler" && mark.observed === null ? "no handler" : word}
      {rest}
    </em>
  );
}
