import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { TimelineLanes } from "../data/documents.ts";
import { counted } from "../parts/format.ts";
import { colour, colours, theme, zone } from "../shell/preferences.ts";
import { here } from "../shell/route.ts";
import { tileOf } from "./asking.ts";
import { shortened } from "./colours.ts";
import type { Ink } from "./drawing.ts";
import { type Commands, listen, press } from "./input.ts";
import { Picture } from "./picture.ts";
import { AXIS_HEIGHT, MAP_HEIGHT } from "./scales.ts";
import { Tiles } from "./tiles.ts";
import { timeAt, type View, whole } from "./view.ts";

const LEAST_HEIGHT = 120;
const FOLD = 340; // pixels that the page needs above and below the lanes, for all of them to be seen at once

/** How high the lanes are at most: as there is room in the window. */
function mostHeight(): number {
  return Math.max(240, Math.min(640, window.innerHeight - FOLD));
}

/** The colours that the page has just now. */
function inkNow(): Ink {
  const scheme =
    theme.value === "auto" ? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light") : theme.value;
  return {
    ...{ text: colour("--text"), quiet: colour("--quiet"), line: colour("--line"), ground: colour("--surface") },
    ...{
      sunken: colour("--sunken"),
      accent: colour("--accent"),
      faint: colour("--timeline-faint"),
      bad: colour("--bad"),
      warn: colour("--warn"),
    },
    isDark: scheme === "dark",
  };
}

/** The lanes with their names, the axis and the map of all time; the picture is given to who asks for it. */
export function Stage(props: {
  lanes: TimelineLanes;
  view: View | null;
  commands: Commands;
  onPicture: (picture: Picture | null) => void;
  onFrame: () => void;
  describedBy: string;
}): JSX.Element {
  const [map, axis, spans, over] = [useCanvas(), useCanvas(), useCanvas(), useCanvas()];
  const [scroll, body] = [useRef<HTMLDivElement>(null), useRef<HTMLDivElement>(null)];
  const [picture, setPicture] = useState<Picture | null>(null);
  const [, redraw] = useState(0);
  const latest = useRef(props);
  latest.current = props;
  useEffect(() => {
    const canvases = { map: map.current, axis: axis.current, spans: spans.current, over: over.current };
    const [box, room] = [scroll.current, body.current];
    if (!canvases.map || !canvases.axis || !canvases.spans || !canvases.over || !box || !room) return undefined;
    let made: Picture;
    const tiles = new Tiles(props.lanes, tileOf, () => made.invalidate());
    made = new Picture(
      props.lanes,
      tiles,
      canvases as ConstructorParameters<typeof Picture>[2],
      inkNow(),
      props.view,
      zone.peek() === "UTC",
      () => latest.current.onFrame(),
      (y) => {
        box.scrollTop = y;
      },
    );
    const commands: Commands = {
      select: (item) => latest.current.commands.select(item),
      beside: (direction) => latest.current.commands.beside(direction),
      focus: () => latest.current.commands.focus(),
      find: () => latest.current.commands.find(),
      next: (step) => latest.current.commands.next(step),
      changed: () => latest.current.commands.changed(),
    };
    const unlisten = listen(room, made, commands);
    const resized = new ResizeObserver(() => made.resize(room.clientWidth, box.clientHeight));
    resized.observe(box);
    const scrolled = () => {
      made.scrollTop = box.scrollTop;
      made.invalidate();
      redraw((count) => count + 1);
    };
    box.addEventListener("scroll", scrolled, { passive: true });
    const uncolour = colours.subscribe(() => made.paint(inkNow(), zone.peek() === "UTC"));
    const unzone = zone.subscribe(() => made.paint(inkNow(), zone.peek() === "UTC"));
    setPicture(made);
    props.onPicture(made);
    return () => {
      for (const end of [unlisten, uncolour, unzone, () => resized.disconnect(), () => made.end()]) end();
      box.removeEventListener("scroll", scrolled);
      props.onPicture(null);
    };
  }, [props.lanes]);
  const rows = picture?.rows;
  const height = Math.min(Math.max(rows?.height ?? LEAST_HEIGHT, LEAST_HEIGHT), mostHeight());
  return (
    <div class="timeline-stage">
      <div class="timeline-corner" style={{ height: `${MAP_HEIGHT + AXIS_HEIGHT}px` }}>
        <span>all time</span>
        <span title="from the first start">offset</span>
        <span>{zone.value === "UTC" ? "UTC" : Intl.DateTimeFormat().resolvedOptions().timeZone}</span>
      </div>
      <div class="timeline-scales" aria-hidden="true">
        <canvas
          ref={map}
          style={{ height: `${MAP_HEIGHT}px` }}
          onPointerDown={(event) => picture && brush(event, picture, props.commands.changed)}
        />
        <canvas ref={axis} style={{ height: `${AXIS_HEIGHT}px` }} />
      </div>
      <div
        class="timeline-scroll"
        ref={scroll}
        style={{ height: `${height}px` }}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: the keys of an application work in it
        tabIndex={0}
        role="application"
        aria-label={`Timeline of ${counted(props.lanes.spans, "span")} in ${counted(props.lanes.lanes.length, "lane")}`}
        aria-describedby={props.describedBy}
        onKeyDown={(event) => {
          if (event.ctrlKey || event.metaKey || event.altKey || picture === null) return;
          if (press(event.key, picture, props.commands)) event.preventDefault();
        }}
      >
        <div class="timeline-gutter" style={{ height: `${rows?.height ?? 0}px` }}>
          {picture && <Names picture={picture} />}
        </div>
        <div class="timeline-body" ref={body} style={{ height: `${Math.max(rows?.height ?? 0, height)}px` }}>
          <div class="timeline-canvases" style={{ height: `${height}px` }}>
            <canvas ref={spans} />
            <canvas ref={over} />
          </div>
        </div>
      </div>
    </div>
  );
}

function useCanvas() {
  return useRef<HTMLCanvasElement>(null);
}

/** The names of the lanes that are seen, each a link to its code where that is known. */
function Names({ picture }: { picture: Picture }): JSX.Element {
  const [first, last] = picture.seenLanes;
  const shown = Array.from({ length: Math.max(0, last - first + 1) }, (_, at) => first + at);
  return (
    <>
      {shown.map((lane) => {
        const told = picture.lanes.lanes[lane];
        if (told === undefined) return null;
        const name = told.name ?? `(no ${picture.lanes.by})`;
        const about = [
          name,
          counted(told.spans, "span"),
          told.errors ? `${counted(told.errors, "failed span")}` : null,
          told.crowded ? `${told.crowded} overlap others in the last row: there is room for ${told.rows}` : null,
        ];
        const short = shortened(picture.lanes.by === "session" ? (name.split("/").at(-1) ?? name) : name, 44);
        return (
          <div
            key={lane}
            class="timeline-lane"
            style={{ top: `${picture.rows.top(lane)}px`, height: `${picture.rows.heightOf(lane)}px` }}
            title={about.filter((one) => one !== null).join("\n")}
          >
            <span class="timeline-name">
              {told.code === null ? (
                <span dir="auto">{short}</span>
              ) : (
                <a dir="auto" href={here({ code: `${told.code.filePath}:${told.code.lineNumber}`, log: null })}>
                  {short}
                </a>
              )}
              {told.errors > 0 && <span class="bad"> ▾{told.errors}</span>}
            </span>
          </div>
        );
      })}
    </>
  );
}

/** Choose what is seen on the map: dragged over, or moved to where it is pressed. */
function brush(event: PointerEvent, picture: Picture, changed: () => void): void {
  const canvas = event.currentTarget as HTMLCanvasElement;
  const all = whole(picture.lanes.durationMs);
  const left = canvas.getBoundingClientRect().left;
  const timeOf = (one: PointerEvent) => timeAt(all, canvas.clientWidth, one.clientX - left);
  const begun = timeOf(event);
  const [from, to] = [picture.view.from, picture.view.to];
  const isInside = begun > from && begun < to && to - from < (all.to - all.from) * 0.98;
  const move = (one: PointerEvent) => {
    const time = timeOf(one);
    if (isInside) picture.show({ from: from + time - begun, to: to + time - begun });
    else if (Math.abs(one.clientX - event.clientX) > 3)
      picture.show({ from: Math.min(begun, time), to: Math.max(begun, time) });
    changed();
  };
  const up = (one: PointerEvent) => {
    if (!isInside && Math.abs(one.clientX - event.clientX) <= 3) {
      picture.show({ from: begun - (to - from) / 2, to: begun + (to - from) / 2 });
      changed();
    }
    canvas.removeEventListener("pointermove", move);
    canvas.removeEventListener("pointerup", up);
  };
  canvas.setPointerCapture(event.pointerId);
  canvas.addEventListener("pointermove", move);
  canvas.addEventListener("pointerup", up);
}
