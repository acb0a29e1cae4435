import type { Core } from "cytoscape";
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { colour, colours } from "../shell/preferences.ts";
import { ChartRows } from "./chart.tsx";
import { draw, fit, mark, type Picture, press, show, ZOOM, zoom } from "./graph-canvas.ts";
import { type Box, type Direction, type Line, laidOut } from "./graph-layout.ts";
import { painter } from "./graph-paint.ts";
import { svgOf } from "./graph-svg.ts";
import { save } from "./save.ts";
import { Notice } from "./states.tsx";

/** A picture of boxes and lines in layers, that can be moved, zoomed, saved, and read as a list. */
export function GraphView(props: {
  name: string;
  label: string;
  height: string;
  boxes: readonly Box[];
  lines: readonly Line[];
  direction?: Direction;
  isLabelled?: boolean;
  /** Whether it is read from its beginning: it is then shown as large as can be read, else as a whole. */
  isRead?: boolean;
  selected?: string | null;
  onSelect?: (id: string | null) => void;
  legend?: ComponentChildren;
}): JSX.Element {
  const { boxes, lines, direction = "DOWN", isLabelled = true, isRead = false } = props;
  const { picture, error } = useLayout(boxes, lines, direction, isLabelled);
  const [isList, showList] = useState(false);
  const place = useRef<HTMLDivElement>(null);
  const cy = useRef<Core | null>(null);
  const select = useRef(props.onSelect);
  select.current = props.onSelect;
  const drawn = colours.value;

  useEffect(() => {
    if (place.current === null || picture === null) {
      return undefined;
    }
    const made = draw(place.current, picture);
    const arrange = isRead ? show : fit;
    arrange(made);
    made.on("tap", "node.box", (event) => select.current?.(event.target.data("key")));
    made.on("tap", (event) => event.target === made && select.current?.(null));
    cy.current = made;
    const observer = new ResizeObserver(() => {
      made.resize();
      arrange(made);
    });
    observer.observe(place.current);
    return () => {
      observer.disconnect();
      made.destroy();
      cy.current = null;
    };
  }, [picture, isList, drawn]);
  useEffect(() => {
    mark(cy.current, props.selected ?? null);
  }, [picture, isList, drawn, props.selected]);

  if (error !== null) {
    return (
      <Notice title="The picture could not be laid out" isBad>
        {error.message}
      </Notice>
    );
  }
  return (
    <figure class="chart graph">
      {isList ? (
        <Lists {...props} />
      ) : (
        <div class="graph-ground" style={{ height: props.height }}>
          {/* biome-ignore lint/a11y/useSemanticElements: a picture that is moved with the keys is no fieldset */}
          <div
            ref={place}
            class="graph-canvas"
            role="group"
            // biome-ignore lint/a11y/noNoninteractiveTabindex: it is moved with the keys
            tabIndex={0}
            aria-label={`${props.label}. Arrow keys move the picture, plus and minus zoom, 0 shows all of it. “List” tells it as text.`}
            onKeyDown={(event) => press(event, cy.current)}
            onFocusCapture={() => cy.current?.userZoomingEnabled(true)}
            onBlurCapture={() => cy.current?.userZoomingEnabled(false)}
            onMouseDown={(event) => event.currentTarget.focus({ preventScroll: true })}
          />
          {picture === null && <div class="skeleton" role="status" aria-label="Laying out the picture" />}
        </div>
      )}
      {props.legend !== undefined && !isList && <div class="legend">{props.legend}</div>}
      <figcaption>
        <button type="button" aria-pressed={isList} onClick={() => showList(!isList)}>
          {isList ? "Picture" : "List"}
        </button>
        {!isList && picture !== null && <Tools name={props.name} cy={cy} picture={picture} />}
      </figcaption>
    </figure>
  );
}

function Tools(props: { name: string; cy: { current: Core | null }; picture: Picture }): JSX.Element {
  const { cy, picture } = props;
  const png = async () => {
    const options = { output: "blob-promise", full: true, scale: 2, bg: colour("--surface") } as const;
    const blob = await cy.current?.png(options);
    if (blob !== undefined) {
      save(`telemap-${props.name}.png`, blob);
    }
  };
  const svg = () => {
    const { paintOf, page } = painter();
    const { layout, boxes, lines } = picture;
    save(`telemap-${props.name}.svg`, svgOf(layout, boxes, lines, paintOf, page), "image/svg+xml");
  };
  return (
    <>
      <button type="button" onClick={() => zoom(cy.current, ZOOM)} aria-label="Zoom in">
        +
      </button>
      <button type="button" onClick={() => zoom(cy.current, 1 / ZOOM)} aria-label="Zoom out">
        −
      </button>
      <button type="button" onClick={() => fit(cy.current)} title="Show all of it">
        Fit
      </button>
      <button type="button" onClick={() => void png()}>
        PNG
      </button>
      <button type="button" onClick={svg}>
        SVG
      </button>
    </>
  );
}

/** The same as text. */
function Lists(props: { label: string; boxes: readonly Box[]; lines: readonly Line[]; height: string }): JSX.Element {
  const names = new Map(props.boxes.map((box) => [box.id, box.lines[0] ?? box.shape]));
  const nodes = props.boxes
    .filter((box) => box.lines.length > 0)
    .map((box) => [box.lines[0], box.group, box.lines.slice(1).join(", ")]);
  const ways = props.lines.map((line) => [names.get(line.source), names.get(line.target), line.text]);
  return (
    <div class="graph-lists">
      <ChartRows
        label={`${props.label}: nodes`}
        table={{ headings: ["node", "part of", "what is known"], rows: nodes }}
        height={props.height}
      />
      <ChartRows
        label={`${props.label}: ways`}
        table={{ headings: ["from", "to", "how"], rows: ways }}
        height={props.height}
      />
    </div>
  );
}

function useLayout(boxes: readonly Box[], lines: readonly Line[], direction: Direction, isLabelled: boolean) {
  const [told, tell] = useState<{ picture: Picture | null; error: Error | null }>({ picture: null, error: null });
  useEffect(() => {
    let isWanted = true;
    laidOut(boxes, lines, direction, isLabelled).then(
      (layout) => isWanted && tell({ picture: { boxes, lines, layout }, error: null }),
      (error: unknown) =>
        isWanted && tell({ picture: null, error: error instanceof Error ? error : new Error(String(error)) }),
    );
    return () => {
      isWanted = false;
    };
  }, [boxes, lines, direction, isLabelled]);
  return told;
}
