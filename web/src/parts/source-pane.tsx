import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { EditorState, type Extension, RangeSet } from "@codemirror/state";
import { Decoration, EditorView, GutterMarker, gutter, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import type { JSX } from "preact";
import { useEffect, useMemo, useRef } from "preact/hooks";
import type { HandlerHeat, SourceFile } from "../data/documents.ts";
import { useAnswer } from "../data/use-answer.ts";
import { counted, duration } from "./format.ts";
import { languageOf } from "./languages.ts";
import { Loaded } from "./states.tsx";

const EDITOR = "vscode://file/{path}:{line}";

const highlighting = HighlightStyle.define([
  { tag: [tags.keyword, tags.modifier, tags.operatorKeyword], color: "var(--code-keyword)" },
  { tag: [tags.string, tags.special(tags.string), tags.regexp], color: "var(--code-string)" },
  { tag: [tags.comment], color: "var(--code-comment)", fontStyle: "italic" },
  { tag: [tags.number, tags.bool, tags.null], color: "var(--code-number)" },
  {
    tag: [tags.function(tags.variableName), tags.function(tags.definition(tags.variableName))],
    color: "var(--code-name)",
  },
  { tag: [tags.typeName, tags.className], color: "var(--code-type)" },
]);

const looks = EditorView.theme({
  "&": { backgroundColor: "var(--surface)", color: "var(--text)", fontSize: "0.8125rem", height: "100%" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.5" },
  ".cm-gutters": { backgroundColor: "var(--sunken)", color: "var(--quiet)", border: "none" },
  ".cm-asked": { backgroundColor: "var(--marked)" },
  ".cm-heat": { padding: "0 0.4em", fontSize: "0.6875rem", minWidth: "6.5em", textAlign: "right" },
});

/** A source file around a line, with the heat of its handlers beside it. */
export function SourcePane(props: { path: string; line: number; commit?: string | null }): JSX.Element {
  const file = useAnswer("code", { path: props.path, commit: props.commit ?? null });
  const heat = useAnswer("heatmap");
  const handlers =
    heat.state === "ready" ? heat.document.handlers.filter((one) => one.code?.filePath === props.path) : [];
  return (
    <Loaded asked={file} rows={12}>
      {(found) => <Shown file={found} line={props.line} handlers={handlers} />}
    </Loaded>
  );
}

function Shown(props: { file: SourceFile; line: number; handlers: readonly HandlerHeat[] }): JSX.Element {
  const { file, line } = props;
  const inside = file.functions.filter((one) => one.lineNumber <= line && line <= one.endLineNumber).at(-1);
  const editor = EDITOR.replace("{path}", `${file.root}/${file.filePath}`.replace(/^\/+/, "")).replace(
    "{line}",
    String(line),
  );
  return (
    <div class="source-pane">
      <p class="about">
        {inside !== undefined && <strong>{inside.name}</strong>} line {line}
        {file.commitId !== null && <span title={file.commitId}> at {file.commitId.slice(0, 7)}</span>}
        {" · "}
        <a href={editor}>open in editor</a>
        {file.forgeUrl !== null && (
          <>
            {" · "}
            <a href={`${file.forgeUrl}#L${line}`} target="_blank" rel="noreferrer">
              open in repository
            </a>
          </>
        )}
      </p>
      {file.hasChanged && (
        <p class="warn">
          This file has changed since it was indexed: lines may have moved. telemap index reads it again.
        </p>
      )}
      <Editor file={file} line={line} handlers={props.handlers} />
    </div>
  );
}

class Heat extends GutterMarker {
  readonly handler: HandlerHeat;
  constructor(handler: HandlerHeat) {
    super();
    this.handler = handler;
  }
  override toDOM(): Node {
    const { heat, timing, executions, name } = this.handler;
    const told = document.createElement("span");
    told.className = `heat-${Math.round(heat * 5)}`;
    told.textContent = timing === null ? counted(executions, "run") : `p95 ${duration(timing.p95)}`;
    told.title = `${name}: ${counted(executions, "run")}${timing === null ? "" : `, p95 ${duration(timing.p95)}`}`;
    return told;
  }
}

function Editor(props: { file: SourceFile; line: number; handlers: readonly HandlerHeat[] }): JSX.Element {
  const { file, line, handlers } = props;
  const place = useRef<HTMLDivElement>(null);
  const extensions = useMemo(() => shown(file, line, handlers), [file, line, handlers.length]);
  useEffect(() => {
    if (place.current === null) {
      return undefined;
    }
    const state = EditorState.create({ doc: file.text, extensions });
    const view = new EditorView({ state, parent: place.current });
    const asked = state.doc.line(Math.max(1, Math.min(line, state.doc.lines)));
    const frame = requestAnimationFrame(() => {
      // Its own effect for this would move the page, too.
      view.scrollDOM.scrollTop = view.lineBlockAt(asked.from).top - view.scrollDOM.clientHeight / 2;
    });
    return () => {
      cancelAnimationFrame(frame);
      view.destroy();
    };
  }, [extensions]);
  return <div class="editor" ref={place} />;
}

function shown(file: SourceFile, line: number, handlers: readonly HandlerHeat[]): Extension {
  const asked = Decoration.line({ class: "cm-asked" });
  return [
    languageOf(file.filePath),
    syntaxHighlighting(highlighting),
    looks,
    lineNumbers(),
    gutter({
      class: "cm-heat",
      lineMarker: (view, block) => {
        const number = view.state.doc.lineAt(block.from).number;
        const handler = handlers.find((one) => one.code?.lineNumber === number);
        return handler === undefined ? null : new Heat(handler);
      },
    }),
    EditorView.decorations.of((view) => {
      const number = Math.max(1, Math.min(line, view.state.doc.lines));
      return RangeSet.of([asked.range(view.state.doc.line(number).from)]);
    }),
    EditorState.readOnly.of(true),
    EditorView.contentAttributes.of({
      "aria-label": `${file.filePath}, read-only`,
      "aria-readonly": "true",
      tabindex: "0",
    }),
  ];
}
