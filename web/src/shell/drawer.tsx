import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { shortPath } from "../parts/format.ts";
import { LogPane } from "../parts/log-pane.tsx";
import { SourcePane } from "../parts/source-pane.tsx";
import { change, setting } from "./route.ts";

/** What opens beside the page: a place in code, or a line of a log. */
export function Drawer(): JSX.Element | null {
  const [code, log] = [placeOf(setting("code")), placeOf(setting("log"))];
  const close = useRef<HTMLButtonElement>(null);
  const shown = code ?? log;
  useEffect(() => {
    if (shown !== null) {
      close.current?.focus({ preventScroll: true });
    }
  }, [shown?.name, code === null]);
  if (shown === null) {
    return null;
  }
  const end = () => change({ code: null, log: null, commit: null });
  return (
    <aside
      class="drawer"
      aria-label={code === null ? "Log" : "Source code"}
      onKeyDown={(event) => event.key === "Escape" && end()}
    >
      <header>
        <h2 title={shown.name}>{shortPath(shown.name, 56)}</h2>
        <button type="button" ref={close} onClick={end} aria-label="Close">
          ✕
        </button>
      </header>
      {code === null ? (
        <LogPane source={shown.name} line={shown.line} />
      ) : (
        <SourcePane path={shown.name} line={shown.line} commit={setting("commit")} />
      )}
    </aside>
  );
}

/** A name and a line, as `NAME:LINE` says them. */
export function placeOf(text: string | null): { name: string; line: number } | null {
  const found = text?.match(/^(.*):(\d+)$/s);
  return found?.[1] === undefined ? null : { name: found[1], line: Number(found[2]) };
}
