import type { JSX } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Answers } from "../data/documents.ts";
import { type Asked, useAnswer } from "../data/use-answer.ts";
import { pages } from "../pages/pages.ts";
import { counted } from "../parts/format.ts";
import { href } from "./route.ts";

const MOST = 12;

/** Something that can be found by its name. */
export interface Hit {
  kind: string;
  name: string;
  detail: string;
  href: string;
}

/** The hits for some words, best first: what begins with them, then what has them, then what has all of them. */
export function ranked(hits: readonly Hit[], words: string): Hit[] {
  const wanted = words.trim().toLocaleLowerCase();
  const parts = wanted.split(/\s+/).filter((part) => part !== "");
  const scored = hits.flatMap((hit) => {
    const name = hit.name.toLocaleLowerCase();
    const whole = `${name} ${hit.detail.toLocaleLowerCase()} ${hit.kind}`;
    if (!parts.every((part) => whole.includes(part))) {
      return [];
    }
    const rank = name.startsWith(wanted) ? 0 : name.includes(wanted) ? 1 : 2;
    return [{ hit, rank }];
  });
  return scored.sort((a, b) => a.rank - b.rank || a.hit.name.length - b.hit.name.length).map((one) => one.hit);
}

function documentOf<T>(asked: Asked<T>): T | null {
  return asked.state === "ready" ? asked.document : null;
}

function hitsOf(
  heatmap: Answers["heatmap"] | null,
  flows: Answers["flows"] | null,
  overview: Answers["overview"] | null,
): Hit[] {
  return [
    ...pages.map((page) => ({ kind: "page", name: page.title, detail: page.about, href: href(page.name) })),
    ...(heatmap?.handlers ?? []).map((one) => ({
      kind: "handler",
      name: one.name,
      detail: `${one.plugin ?? one.service ?? ""} ${one.sourceFile ?? ""}`.trim(),
      href: href("handler", { name: one.name, plugin: one.plugin }),
    })),
    ...(flows?.sequences ?? []).map((one) => ({
      kind: "sequence",
      name: one.name ?? one.sequenceId ?? "",
      detail: one.sequenceId ?? "",
      href: href("sequence", { id: one.sequenceId }),
    })),
    ...(overview?.found ?? []).map(({ analysis, finding }) => ({
      kind: "finding",
      name: finding.title,
      detail: `${finding.kind} ${finding.id}`,
      href: href(analysis, { finding: finding.id }),
    })),
  ];
}

/** The box that finds handlers, sequences, findings and pages by their names. */
export function Search(props: { onClose: () => void }): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  const [words, say] = useState("");
  const [chosen, choose] = useState(0);
  const [heatmap, flows, overview] = [useAnswer("heatmap"), useAnswer("flows"), useAnswer("overview")];
  const all = useMemo(
    () => hitsOf(documentOf(heatmap), documentOf(flows), documentOf(overview)),
    [heatmap.state, flows.state, overview.state],
  );
  const found = useMemo(() => ranked(all, words), [all, words]);
  const shown = found.slice(0, MOST);
  useEffect(() => {
    dialog.current?.showModal();
  }, []);
  const go = (hit: Hit | undefined) => {
    if (hit !== undefined) {
      location.hash = hit.href;
      props.onClose();
    }
  };
  const press = (event: KeyboardEvent) => {
    const by = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (by !== 0) {
      event.preventDefault();
      choose(Math.max(0, Math.min(chosen + by, shown.length - 1)));
    } else if (event.key === "Enter") {
      event.preventDefault();
      go(shown[chosen]);
    }
  };
  return (
    <dialog ref={dialog} class="search" aria-label="Search" onClose={props.onClose}>
      <input
        role="combobox"
        aria-expanded="true"
        aria-controls="search-hits"
        aria-activedescendant={shown.length > 0 ? `search-hit-${chosen}` : undefined}
        aria-label="Search handlers, sequences, findings and pages"
        placeholder="Handlers, sequences, findings, pages"
        value={words}
        onInput={(event) => {
          say(event.currentTarget.value);
          choose(0);
        }}
        onKeyDown={press}
      />
      <div id="search-hits" class="hits" role="listbox" aria-label="Found">
        {shown.map((hit, place) => (
          <div
            key={`${hit.kind} ${hit.href}`}
            id={`search-hit-${place}`}
            role="option"
            aria-selected={place === chosen}
            onClick={() => go(hit)}
            onKeyDown={press}
            onMouseMove={() => choose(place)}
            tabIndex={-1}
          >
            <span class="kind">{hit.kind}</span>
            <span class="name" dir="auto">
              {hit.name}
            </span>
            <span class="about">{hit.detail}</span>
          </div>
        ))}
      </div>
      <p class="about" role="status">
        {found.length === 0 ? "Nothing has all of these words." : counted(found.length, "hit")}
      </p>
    </dialog>
  );
}
