import type { JSX } from "preact";
import { useRef, useState } from "preact/hooks";
import { duration, period } from "../../parts/format.ts";
import { change } from "../../shell/route.ts";
import { type Grid, isoOf, totalsOf } from "./model.ts";

const HEIGHT = 44;

interface Range {
  from: number;
  to: number;
}

/** All of the time as bars of how much ran, of which a range can be drawn up, walked through and widened again. */
export function TimeStrip(props: { whole: Grid; shown: Range | null }): JSX.Element {
  const { whole, shown } = props;
  const bars = useRef<SVGSVGElement>(null);
  const [drawn, draw] = useState<Range | null>(null);
  const end = whole.start + whole.parts * whole.partMs;
  const range = shown ?? { from: whole.start, to: end };
  const length = range.to - range.from;

  const go = (from: number, to: number) => {
    const least = Math.min(whole.partMs / 10, length);
    const isWhole = from <= whole.start && to >= end;
    const [a, b] = [Math.max(whole.start, from), Math.min(end, Math.max(to, from + least))];
    change(isWhole ? { from: null, to: null, at: null } : { from: isoOf(a), to: isoOf(b), at: null });
  };
  const timeAt = (event: PointerEvent) => {
    const box = bars.current?.getBoundingClientRect();
    const share = box === undefined ? 0 : (event.clientX - box.left) / box.width;
    return whole.start + Math.max(0, Math.min(share, 1)) * (end - whole.start);
  };
  const totals = totalsOf(whole);
  const most = Math.max(1, ...totals);
  const lit = drawn ?? shown;
  return (
    <div class="time-strip">
      <svg
        ref={bars}
        viewBox={`0 0 ${whole.parts} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`Executions over time, ${period(isoOf(whole.start), isoOf(end))}; drag over it to look closer`}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          const at = timeAt(event);
          draw({ from: at, to: at });
        }}
        onPointerMove={(event) => drawn !== null && draw({ from: drawn.from, to: timeAt(event) })}
        onPointerUp={() => {
          if (drawn !== null && Math.abs(drawn.to - drawn.from) > whole.partMs / 4) {
            go(Math.min(drawn.from, drawn.to), Math.max(drawn.from, drawn.to));
          }
          draw(null);
        }}
        onPointerCancel={() => draw(null)}
      >
        {totals.map((total, part) => {
          const height = total === 0 ? 0 : Math.max(1.5, (total / most) * (HEIGHT - 2));
          return <rect key={part} class="runs" x={part + 0.06} width={0.88} y={HEIGHT - height} height={height} />;
        })}
        {lit !== null && (
          <rect
            class="lit"
            x={(Math.min(lit.from, lit.to) - whole.start) / whole.partMs}
            width={Math.max(0.2, Math.abs(lit.to - lit.from) / whole.partMs)}
            y={0}
            height={HEIGHT}
          />
        )}
      </svg>
      <div class="actions">
        <span class="about">
          {period(isoOf(range.from), isoOf(range.to))}, {duration(length)}
        </span>
        <button
          type="button"
          onClick={() => go(range.from + length / 4, range.to - length / 4)}
          title="Half of this time"
        >
          Zoom in
        </button>
        <button
          type="button"
          disabled={shown === null}
          onClick={() => go(range.from - length / 2, range.to + length / 2)}
          title="Twice this time"
        >
          Zoom out
        </button>
        <button
          type="button"
          disabled={shown === null}
          aria-label="Earlier"
          onClick={() => go(range.from - length / 2, range.to - length / 2)}
        >
          ←
        </button>
        <button
          type="button"
          disabled={shown === null}
          aria-label="Later"
          onClick={() => go(range.from + length / 2, range.to + length / 2)}
        >
          →
        </button>
        <button type="button" disabled={shown === null} onClick={() => change({ from: null, to: null, at: null })}>
          All
        </button>
      </div>
    </div>
  );
}
