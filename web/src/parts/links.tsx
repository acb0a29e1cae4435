import type { JSX } from "preact";
import type { Code, Place } from "../data/documents.ts";
import { here, href } from "../shell/route.ts";
import { share, shortPath } from "./format.ts";

/** Below this, people have to look for themselves: it is told with a question mark. */
export const SURE = 0.8;

/** A place in code, which opens beside the page; how sure it is stands with it. */
export function CodeLink(props: { code: Code | null; most?: number }): JSX.Element {
  const { code } = props;
  if (code === null) {
    return <span class="none">not linked</span>;
  }
  const place = `${code.filePath}:${code.lineNumber}`;
  const sure = `${share(code.confidence)} sure, by its ${code.evidence}`;
  const settings = { code: place, commit: code.commitId ?? null, log: null };
  return (
    <a class="place" href={here(settings)} title={`${place}\n${code.functionName}\n${sure}`}>
      {shortPath(place, props.most)}
      {code.confidence < SURE && (
        <span class="unsure" title={sure}>
          {" ?"}
          <span class="hidden">{sure}</span>
        </span>
      )}
    </a>
  );
}

/** A line of a declaration. */
export function DefinedLink(props: { defined: { filePath: string; lineNumber: number } | null }): JSX.Element {
  if (props.defined === null) {
    return <span class="none">not declared</span>;
  }
  const place = `${props.defined.filePath}:${props.defined.lineNumber}`;
  return (
    <span class="place" title={place}>
      {shortPath(place)}
    </span>
  );
}

/** A line of a log, which opens beside the page. */
export function LogLink(props: { place: Place; most?: number }): JSX.Element {
  const place = `${props.place.source}:${props.place.line}`;
  return (
    <a class="place" href={here({ log: place, code: null, commit: null })} title={place}>
      {shortPath(place, props.most)}
    </a>
  );
}

/** A handler, which has a page of its own. */
export function HandlerLink(props: { name: string; plugin?: string | null }): JSX.Element {
  return (
    <a
      class="name"
      href={href("handler", { name: props.name, plugin: props.plugin ?? null })}
      title={props.name}
      dir="auto"
    >
      {props.name}
    </a>
  );
}

/** A sequence, which has a page of its own. */
export function SequenceLink(props: { id: string; name?: string | null }): JSX.Element {
  return (
    <a class="name" href={href("sequence", { id: props.id })} title={props.id} dir="auto">
      {props.name ?? props.id}
    </a>
  );
}
