import type { JSX } from "preact";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { TimelineLanes } from "../data/documents.ts";
import { useAnswer } from "../data/use-answer.ts";
import { count, counted } from "../parts/format.ts";
import { Choice } from "../parts/section.tsx";
import { Notice } from "../parts/states.tsx";
import { build, change } from "../shell/route.ts";
import { queryOf, type State } from "./address.ts";
import { type Found, numberOf, search } from "./asking.ts";
import { type Item, neighbour } from "./items.ts";
import type { Picture } from "./picture.ts";
import { savePicture } from "./saving.ts";
import { LANES_BY, type Span } from "./shapes.ts";
import { SpanPane, useSpan } from "./span-pane.tsx";
import { Stage } from "./stage.tsx";
import { Clock, duration, offset } from "./times.ts";
import { isWhole, whole } from "./view.ts";
import { VisibleTable } from "./visible-table.tsx";

const SETTLED_MS = 250;
const KEYS =
  "W and S zoom, A and D pan, arrows go to the spans beside, F shows the selection, M marks, / searches, N and P go to the next and the previous match, 0 shows all";

/** The picture with what can be done to it, and what is known of the span that is selected. */
export function Explorer(props: { lanes: TimelineLanes; state: State; onDrawn: () => void }): JSX.Element {
  const { lanes, state } = props;
  const [picture, setPicture] = useState<Picture | null>(null);
  const [isTable, setTable] = useState(false);
  const [, redraw] = useState(0);
  const number = state.selected?.number ?? null;
  const told = useSpan(lanes.by, number);
  const found = useSearch(lanes, state.find, state.failed);
  const at = useRef(-1);
  const searchField = useRef<HTMLInputElement>(null);
  const path = useAnswer("timeline", told.span === null ? null : { trace: told.span.traceId, build: build.value });
  const isOnPath = useMemo(
    () => (path.state === "ready" ? pathOf(path.document, lanes) : null),
    [path.state === "ready" ? path.document : null],
  );

  const select = (chosen: number | null) =>
    change({ span: chosen === null ? null : String(chosen), trace: null, show: null }, false);
  const settle = useSettled(() => {
    if (picture === null) return;
    const { from, to } = queryOf({ ...state, view: isWhole(picture.view, lanes.durationMs) ? null : picture.view });
    change({ from: from ?? null, to: to ?? null, jump: null, show: null }, false);
    redraw((times) => times + 1);
  });
  useSelection(picture, told.span, state.isShown, found, isOnPath);
  useTrace(lanes, state, picture);
  useEffect(() => {
    if (picture === null) return;
    if (state.view === null) {
      if (!isWhole(picture.view, lanes.durationMs)) picture.show(whole(lanes.durationMs));
    } else if (picture.view.from !== state.view.from || picture.view.to !== state.view.to) {
      picture.show(state.view);
    }
  }, [state.view?.from, state.view?.to, picture]);

  useEffect(() => {
    const lane = lanes.lanes.findIndex((one) => one.name !== null && one.name === state.jump);
    if (picture && lane >= 0) picture.revealRow(lane, 0);
  }, [picture, state.jump]);

  const next = (step: 1 | -1) => {
    if (!found?.order.length) return;
    at.current = (at.current + step + found.order.length) % found.order.length;
    select(found.order[at.current] as number);
  };
  const beside = (direction: "left" | "right" | "up" | "down") => {
    if (picture === null) return;
    const items = picture.items();
    const from = items.find((one) => number !== null && number >= one.first && number < one.first + one.count);
    const target = from === undefined ? items[0] : neighbour(items, from, direction);
    if (target) select(target.longest);
    else if (number !== null && (direction === "left" || direction === "right")) {
      const beyond = number + (direction === "right" ? 1 : -1);
      if (beyond >= 0 && beyond < lanes.spans) select(beyond);
    }
  };
  const commands = {
    select: (item: Item | null) => select(item?.longest ?? null),
    beside,
    focus: () => {
      if (picture?.selected) picture.focus(picture.selected);
    },
    find: () => searchField.current?.focus(),
    next,
    changed: settle,
  };
  return (
    <section class="section timeline" aria-label="Picture of the timeline">
      <Tools
        lanes={lanes}
        state={state}
        picture={picture}
        found={found}
        field={searchField}
        next={next}
        isTable={isTable}
        onTable={() => setTable(!isTable)}
      />
      <p class="about timeline-notes" id="timeline-keys">
        {KEYS}. Control and the wheel zoom; dragging measures.
      </p>
      <Stage
        lanes={lanes}
        view={state.view}
        commands={commands}
        onPicture={setPicture}
        onFrame={() => {
          if (picture && picture.detail !== "loading") props.onDrawn();
          settle();
        }}
        describedBy="timeline-keys"
      />
      <Notes lanes={lanes} picture={picture} />
      <p class="hidden" role="status" aria-live="polite">
        {told.span && selection(told.span, lanes)}
      </p>
      {isTable && picture && (
        <VisibleTable items={picture.items()} lanes={lanes} clock={picture.clock} onSelect={(one) => select(one)} />
      )}
      {number !== null && (
        <SpanPane
          lanes={lanes}
          told={told}
          pathOf={path}
          onNumber={(one) => select(one)}
          onTraceSpan={(trace, span) => {
            void numberOf(lanes.by, trace, span).then((one) => one !== null && select(one));
          }}
        />
      )}
    </section>
  );
}

function Tools(props: {
  lanes: TimelineLanes;
  state: State;
  picture: Picture | null;
  found: Found | null;
  field: { current: HTMLInputElement | null };
  next: (step: 1 | -1) => void;
  isTable: boolean;
  onTable: () => void;
}): JSX.Element {
  const { lanes, state, found, picture } = props;
  return (
    <div class="timeline-tools">
      <Choice
        label="Lanes by"
        of={LANES_BY.map((by) => [by, `by ${by}`] as const)}
        value={lanes.by}
        onChange={(by) => change({ by: by === "session" ? null : by, span: null })}
      />
      <span class="actions">
        <input
          ref={props.field}
          type="search"
          placeholder="Search spans ( / )"
          aria-label="Search spans by name"
          value={state.find}
          onInput={(event) => change({ find: event.currentTarget.value || null }, false)}
          onKeyDown={(event) => {
            if (event.key === "Enter") props.next(event.shiftKey ? -1 : 1);
          }}
        />
        <button
          type="button"
          aria-pressed={state.failed}
          onClick={() => change({ failed: state.failed ? null : "true" })}
        >
          ▾ Failed
        </button>
        <button
          type="button"
          disabled={!found?.order.length}
          onClick={() => props.next(-1)}
          aria-label="Previous match"
        >
          ‹
        </button>
        <button type="button" disabled={!found?.order.length} onClick={() => props.next(1)} aria-label="Next match">
          ›
        </button>
        <span class="about" role="status">
          {found && matched(found)}
        </span>
      </span>
      <span class="actions">
        <button type="button" onClick={() => picture?.zoom(2 / 3)} aria-label="Zoom in">
          +
        </button>
        <button type="button" onClick={() => picture?.zoom(3 / 2)} aria-label="Zoom out">
          −
        </button>
        <button type="button" onClick={() => change({ from: null, to: null, span: null })}>
          All
        </button>
        <button type="button" aria-pressed={props.isTable} onClick={props.onTable}>
          Table
        </button>
        <button type="button" disabled={picture === null} onClick={() => picture && savePicture(picture)}>
          PNG
        </button>
      </span>
    </div>
  );
}

function matched(found: Found): string {
  if (found.isMissing) return "this report file does not tell where: telemap serve does";
  const names = found.namesLeftOut ? `; ${counted(found.namesLeftOut, "rarer name")} left out` : "";
  return `${counted(found.count, "match").replace("matchs", "matches")}${names}`;
}

function Notes({ lanes, picture }: { lanes: TimelineLanes; picture: Picture | null }): JSX.Element {
  const [spans, failed] = picture?.measured ? picture.within(picture.measured) : [0, 0];
  return (
    <>
      {picture?.measured && (
        <p role="status">
          <strong>{duration(picture.measured.to - picture.measured.from)}</strong> measured: {counted(spans, "span")} in
          the lanes that are seen{failed > 0 && <span class="bad">, ▾ {counted(failed, "failed one")}</span>}
        </p>
      )}
      {picture?.detail === "coarse" && (
        <Notice title="Nearer than this report file tells">
          Spans that are close to each other are drawn as one; <code>telemap serve</code> shows each.
        </Notice>
      )}
      {(lanes.leftOut > 0 || lanes.untimed > 0) && (
        <p class="about">
          {lanes.leftOut > 0 && `${count(lanes.leftOut)} spans run no handler and have no lane here. `}
          {lanes.untimed > 0 && `Of ${counted(lanes.untimed, "span")} no start is known.`}
        </p>
      )}
    </>
  );
}

/** What is selected, in words. */
function selection(span: Span, lanes: TimelineLanes): string {
  const lane = lanes.lanes[span.lane]?.name ?? `no ${lanes.by}`;
  const lasts = span.durationMs === null ? "end not known" : duration(span.durationMs);
  return `Selected ${span.name ?? span.kind}, ${span.kind}, ${lasts}, ${span.status}, at ${offset(span.offsetMs, 0.001)}, lane ${lane}`;
}

function useSearch(lanes: TimelineLanes, find: string, failed: boolean): Found | null {
  const [told, tell] = useState<{ key: string; found: Found | null }>({ key: "", found: null });
  const key = `${lanes.by} ${failed} ${find}`;
  useEffect(() => {
    let isWanted = true;
    const say = (found: Found | null) => isWanted && tell({ key, found });
    const wait = setTimeout(() => {
      search(lanes.by, lanes.names, find, failed).then(say, () => say(null));
    }, 150);
    return () => {
      isWanted = false;
      clearTimeout(wait);
    };
  }, [lanes, key]);
  return told.key === key ? told.found : null;
}

/** A function that calls another one when it was not called for a while. */
function useSettled(call: () => void): () => void {
  const latest = useRef(call);
  latest.current = call;
  const wait = useRef(0);
  useEffect(() => () => clearTimeout(wait.current), []);
  return () => {
    clearTimeout(wait.current);
    wait.current = window.setTimeout(() => latest.current(), SETTLED_MS);
  };
}

/** Let the picture show what is selected, found and on the path. */
function useSelection(
  picture: Picture | null,
  span: Span | null,
  isShown: boolean,
  found: Found | null,
  isOnPath: Picture["isOnPath"],
): void {
  useLayoutEffect(() => {
    if (picture === null) return;
    const end = span && span.offsetMs + Math.max(span.durationMs ?? 0, 0);
    picture.selected = span && {
      number: span.number,
      lane: span.lane,
      row: span.row,
      start: span.offsetMs,
      end: end ?? 0,
    };
    if (picture.selected && isShown) picture.focus(picture.selected);
    else if (picture.selected) picture.reveal(picture.selected);
    picture.invalidate();
  }, [picture, span?.number]);
  useEffect(() => {
    if (picture === null) return;
    picture.found = found?.sorted ?? null;
    picture.isOnPath = isOnPath;
    picture.invalidate();
  }, [picture, found, isOnPath]);
}

/** Go to the trace that a link of another page names. */
function useTrace(lanes: TimelineLanes, state: State, picture: Picture | null): void {
  useEffect(() => {
    if (picture === null || state.trace === null) return;
    void numberOf(lanes.by, state.trace, state.traceSpan).then((number) => {
      if (number !== null) change({ trace: null, traceSpan: null, span: `${number}`, show: "1" }, false);
    });
  }, [state.trace, state.traceSpan, picture]);
}

/** Whether a span is on the critical path of a trace, by its start and name. */
function pathOf(
  document: { spans: readonly { startTime: string | null; name: string | null; mostPathMs: number }[] },
  lanes: TimelineLanes,
) {
  if (lanes.window === null) return null;
  const clock = new Clock(lanes.window.from, true);
  const key = (start: number, name: string | null) => `${Math.round(start * 1e6)} ${name}`;
  const on = new Set(
    document.spans.flatMap((one) =>
      one.mostPathMs > 0 && one.startTime !== null ? [key(clock.offset(one.startTime), one.name)] : [],
    ),
  );
  return (start: number, name: string | null) => on.has(key(start, name));
}
