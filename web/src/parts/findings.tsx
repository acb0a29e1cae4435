import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Finding } from "../data/documents.ts";
import { href, setting } from "../shell/route.ts";
import { count, moment } from "./format.ts";
import { CodeLink, HandlerLink, LogLink, SequenceLink } from "./links.tsx";

const MARKS = { error: "✗", warning: "!", info: "i" } as const;
const MOST_EXAMPLES = 3;

/** Findings, each with where it is in the logs and in the code; the one that `finding` names is marked and in view. */
export function Findings(props: { of: readonly { finding: Finding; analysis: string }[] }): JSX.Element {
  const list = useRef<HTMLOListElement>(null);
  const asked = setting("finding");
  useEffect(() => {
    list.current?.querySelector("[aria-current]")?.scrollIntoView({ block: "center" });
  }, [asked]);
  return (
    <ol class="findings" ref={list}>
      {props.of.map(({ finding, analysis }) => (
        <li
          key={finding.id}
          class={finding.accepted === null ? finding.severity : "accepted"}
          aria-current={finding.id === asked ? "true" : undefined}
        >
          <span class="mark" role="img" aria-label={finding.severity}>
            {MARKS[finding.severity]}
          </span>
          <div>
            <p class="what" dir="auto">
              {finding.title}
              {finding.reason !== "" && <span class="why">: {finding.reason}</span>}
            </p>
            <p class="where">
              <a href={href(analysis, { finding: finding.id })} class="kind">
                {finding.kind}
              </a>
              <span>{count(finding.count)} ×</span>
              {finding.sequenceId !== null && <SequenceLink id={finding.sequenceId} />}
              {finding.handler !== null && <HandlerLink name={finding.handler} />}
              {finding.code !== null && <CodeLink code={finding.code} />}
              {finding.examples.slice(0, MOST_EXAMPLES).map((place) => (
                <LogLink key={`${place.source}:${place.line}`} place={place} most={32} />
              ))}
              {finding.lastSeen !== null && <span>last {moment(finding.lastSeen)}</span>}
              {finding.accepted !== null && <span>accepted: {finding.accepted}</span>}
            </p>
          </div>
        </li>
      ))}
    </ol>
  );
}
