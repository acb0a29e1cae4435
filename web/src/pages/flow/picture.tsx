import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import type { DrawnNode, DrawnSequence, Sequence } from "../../data/documents.ts";
import { Findings } from "../../parts/findings.tsx";
import { count, counted, duration } from "../../parts/format.ts";
import { GraphView } from "../../parts/graph-view.tsx";
import { CodeLink, DefinedLink, HandlerLink } from "../../parts/links.tsx";
import { Choice } from "../../parts/section.tsx";
import { Notice } from "../../parts/states.tsx";
import { change, setting } from "../../shell/route.ts";
import { boxesOf, deviationsAt, linesOf } from "./boxes.ts";

const MOST_DRAWN = 300;
const [STEP_PIXELS, MOST_PIXELS] = [118, 1000];

/** A sequence as it is declared, with what happened on it; the step that is chosen is told beside it. */
export function SequencePicture(props: { sequence: Sequence; drawn: DrawnSequence }): JSX.Element {
  const { sequence, drawn } = props;
  const boxes = useMemo(() => boxesOf(drawn, sequence.deviations), [drawn, sequence]);
  const lines = useMemo(() => linesOf(drawn), [drawn]);
  const direction = setting("across") === null ? "DOWN" : "RIGHT";
  const chosen = drawn.nodes.find((node) => node.step !== null && String(node.step) === setting("step"));
  if (boxes.length > MOST_DRAWN && setting("draw") === null) {
    return (
      <Notice title={`${counted(boxes.length, "step")} are many for a picture`}>
        <button type="button" onClick={() => change({ draw: "all" })}>
          Draw them all the same
        </button>
      </Notice>
    );
  }
  const choose = (id: string | null) =>
    change({ step: drawn.nodes.find((node) => node.id === id)?.step ?? null }, false);
  return (
    <div class={direction === "DOWN" ? "columns picture" : "picture"}>
      <GraphView
        name={`flow-${sequence.sequenceId}`}
        label={`How ${sequence.name ?? sequence.sequenceId} ran on what is declared`}
        height={`${direction === "DOWN" ? Math.min((boxes.length + 1) * STEP_PIXELS, MOST_PIXELS) : 420}px`}
        boxes={boxes}
        lines={lines}
        direction={direction}
        isRead
        selected={chosen?.id ?? null}
        onSelect={choose}
        legend={<Legend drawn={drawn} />}
      />
      <div class="beside">
        <div class="actions">
          <Choice
            label="Direction"
            of={[
              ["DOWN", "Downwards"],
              ["RIGHT", "Across"],
            ]}
            value={direction}
            onChange={(value) => change({ across: value === "RIGHT" ? 1 : null }, false)}
          />
        </div>
        <Steps drawn={drawn} chosen={chosen ?? null} />
        {chosen !== undefined && <Chosen sequence={sequence} node={chosen} runs={drawn.runs} />}
      </div>
    </div>
  );
}

/** The steps as a list to choose from, without the picture too. */
function Steps(props: { drawn: DrawnSequence; chosen: DrawnNode | null }): JSX.Element | null {
  const steps = props.drawn.nodes.filter((node) => node.kind === "step");
  if (steps.length === 0) {
    return null;
  }
  return (
    <label class="step-choice">
      Step
      <select
        value={props.chosen?.step ?? ""}
        onChange={(event) => change({ step: event.currentTarget.value || null }, false)}
      >
        <option value="">choose one, here or in the picture</option>
        {steps.map((node) => (
          <option key={node.id} value={node.step ?? ""}>
            {node.beat === null ? "" : `${node.beat} · `}
            {(node.title ?? node.event ?? "").slice(0, 80)}
          </option>
        ))}
      </select>
    </label>
  );
}

function Chosen(props: { sequence: Sequence; node: DrawnNode; runs: number }): JSX.Element {
  const { sequence, node } = props;
  const odd = deviationsAt(node.step, sequence.deviations);
  const limits = sequence.limits.filter((one) => one.step === node.step && one.step !== null);
  return (
    <>
      <dl class="facts">
        <Fact name="event" value={node.event} />
        {node.movement !== null && <Fact name="movement" value={node.movement} />}
        <dt>handler</dt>
        <dd>
          {node.handler === null ? (
            <span class="none">none is declared</span>
          ) : (
            <HandlerLink name={node.handler} plugin={sequence.plugin} />
          )}
        </dd>
        <dt>code</dt>
        <dd>
          <CodeLink code={node.code} />
        </dd>
        <dt>declared</dt>
        <dd>
          <DefinedLink defined={node.definedIn} />
        </dd>
        {node.timing !== null && <Fact name="timing" value={node.timing} />}
        <Fact name="runs" value={`${count(node.runs)} of ${count(props.runs)}, ${count(node.visits)} times`} />
        <Fact name="took" value={`p50 ${duration(node.p50Ms)}, p95 ${duration(node.p95Ms)}`} />
        {limits.map((one) => (
          <Fact
            key={`${one.limitMs} ${one.quantile}`}
            name={one.quantile === null ? "limit" : `limit of p${one.quantile * 100}`}
            value={`${duration(one.limitMs)}, ${one.isBroken ? "✗ broken" : "kept"}: ${duration(one.observedMs)}`}
          />
        ))}
      </dl>
      {odd.length > 0 && <Findings of={odd.map((finding) => ({ finding, analysis: "flows" }))} />}
    </>
  );
}

function Fact(props: { name: string; value: string | null }): JSX.Element {
  return (
    <>
      <dt>{props.name}</dt>
      <dd dir="auto">{props.value ?? "–"}</dd>
    </>
  );
}

function Legend(props: { drawn: DrawnSequence }): JSX.Element {
  const { ways, undrawn } = props.drawn;
  const kinds = [
    ["usual", "as declared, the thicker the more runs", ways.some((one) => one.kind === "declared" && one.count > 0)],
    ["wrong", "ran, and is not declared", ways.some((one) => one.kind === "deviating" && one.count > 0)],
    ["unseen", "declared, never ran", ways.some((one) => one.count === 0)],
    ["unknown", "the log does not have it", ways.some((one) => one.kind === "cut" && one.count > 0)],
  ] as const;
  return (
    <ul>
      {kinds.map(
        ([tone, text, isThere]) =>
          isThere && (
            <li key={tone}>
              <span class={`stroke ${tone}`} /> {text}
            </li>
          ),
      )}
      {undrawn > 0 && <li>{counted(undrawn, "run")} too long to be explained, and not drawn</li>}
    </ul>
  );
}
