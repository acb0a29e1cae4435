import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { LogPage } from "../data/documents.ts";
import { useAnswer } from "../data/use-answer.ts";
import { change } from "../shell/route.ts";
import { Loaded, Notice } from "./states.tsx";

const PAGE_LINES = 100;

/** The records of a log around a line, as they were written. */
export function LogPane(props: { source: string; line: number; last?: number }): JSX.Element {
  const page = Math.floor((props.line - 1) / PAGE_LINES);
  const asked = useAnswer("log", { source: props.source, page: page === 0 ? null : page });
  const goTo = (line: number) => change({ log: `${props.source}:${line}` }, false);
  return (
    <div class="log-pane">
      <p class="about actions">
        <button type="button" disabled={page === 0} onClick={() => goTo(page * PAGE_LINES)}>
          ← Earlier
        </button>
        <span>
          lines {page * PAGE_LINES + 1} to {(page + 1) * PAGE_LINES}
        </span>
        <button type="button" onClick={() => goTo((page + 1) * PAGE_LINES + 1)}>
          Later →
        </button>
      </p>
      <Loaded asked={asked} rows={12}>
        {(found) => <Records page={found} first={props.line} last={props.last ?? props.line} />}
      </Loaded>
    </div>
  );
}

function Records(props: { page: LogPage; first: number; last: number }): JSX.Element {
  const list = useRef<HTMLOListElement>(null);
  useEffect(() => {
    const [box, record] = [list.current, list.current?.querySelector<HTMLElement>(".asked")];
    if (!box || !record) {
      return;
    }
    // Where the list scrolls by itself, the page around it stays where it is.
    if (box.scrollHeight > box.clientHeight) {
      box.scrollTop += record.getBoundingClientRect().top - box.getBoundingClientRect().top - box.clientHeight / 2;
    } else if (box.closest(".drawer") !== null) {
      record.scrollIntoView({ block: "center" });
    }
  }, [props.page, props.first]);
  if (props.page.records.length === 0) {
    return <Notice title="No record begins in these lines">The log ends before them, or was not read so far.</Notice>;
  }
  const asked = props.page.records.filter((one) => one.line <= props.first).at(-1)?.line ?? props.first;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
    <ol class="records" ref={list} tabIndex={0} aria-label="Records">
      {props.page.records.map((one) => (
        <li
          key={one.line}
          class={`${one.line >= asked && one.line <= props.last ? "asked " : ""}${(one.severity ?? "").toLowerCase()}`}
        >
          <span class="line-number">{one.line}</span>
          <code dir="auto">{one.text ?? "(its text is not stored)"}</code>
          {one.unparsedReason !== null && <span class="warn">not understood: {one.unparsedReason}</span>}
        </li>
      ))}
    </ol>
  );
}
