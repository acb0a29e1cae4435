import type { ComponentChildren, JSX } from "preact";
import { isReport, NotInReport, Refused } from "../data/client.ts";
import type { Asked } from "../data/use-answer.ts";

/** What stands where nothing is to be shown: why, and what to do. */
export function Notice(props: { title: string; children?: ComponentChildren; isBad?: boolean }): JSX.Element {
  return (
    <div class={`notice${props.isBad ? " bad" : ""}`} role={props.isBad ? "alert" : "status"}>
      <strong>{props.title}</strong>
      {props.children !== undefined && <div>{props.children}</div>}
    </div>
  );
}

/** An answer as it comes: a skeleton, what went wrong, or what `children` make of it. */
export function Loaded<T>(props: {
  asked: Asked<T>;
  rows?: number;
  children: (document: T) => ComponentChildren;
}): JSX.Element {
  const { asked } = props;
  if (asked.state === "ready") {
    return <>{props.children(asked.document)}</>;
  }
  if (asked.state === "failed") {
    return <Failed error={asked.error} />;
  }
  return (
    <div class="skeleton" role="status" aria-label="Loading" style={{ minHeight: `${(props.rows ?? 6) * 2}rem` }}>
      <span class="hidden">Loading…</span>
    </div>
  );
}

/** Why there is no answer, and what gives one. */
export function Failed(props: { error: Error }): JSX.Element {
  const { error } = props;
  if (error instanceof NotInReport) {
    return (
      <Notice title="Not in this report file">
        A report holds what its pages show at first. <code>telemap serve</code> answers this, too.
      </Notice>
    );
  }
  return (
    <Notice title={error.message} isBad>
      {error instanceof Refused && error.help !== null ? (
        error.help
      ) : isReport ? null : (
        <button type="button" onClick={() => location.reload()}>
          Try again
        </button>
      )}
    </Notice>
  );
}

/** A command to copy. */
export function Command(props: { text: string }): JSX.Element {
  return (
    <button
      type="button"
      class="command"
      title="Copy the command"
      onClick={() => void navigator.clipboard?.writeText(props.text)}
    >
      <code>{props.text}</code>
    </button>
  );
}
