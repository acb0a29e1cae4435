import { BarChart, CustomChart, HeatmapChart, LineChart, ScatterChart, TreemapChart } from "echarts/charts";
import {
  AriaComponent,
  DataZoomComponent,
  GridComponent,
  LegendComponent,
  MarkLineComponent,
  TooltipComponent,
  VisualMapComponent,
} from "echarts/components";
import { type ECharts, type EChartsCoreOption, init, use } from "echarts/core";
import { CanvasRenderer, SVGRenderer } from "echarts/renderers";
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { colour, colours } from "../shell/preferences.ts";
import { csv, save } from "./save.ts";

use([
  BarChart,
  CustomChart,
  HeatmapChart,
  LineChart,
  ScatterChart,
  TreemapChart,
  AriaComponent,
  DataZoomComponent,
  GridComponent,
  LegendComponent,
  MarkLineComponent,
  TooltipComponent,
  VisualMapComponent,
  CanvasRenderer,
  SVGRenderer,
]);

/** The colours of the page for a chart, as they are just now. */
export interface Palette {
  text: string;
  quiet: string;
  line: string;
  surface: string;
  sunken: string;
  accent: string;
  bad: string;
  warn: string;
  good: string;
  /** From nothing to most: light to dark on a light page, and the other way round. */
  heat: string[];
  /** Of kinds of things; apart for all kinds of eyes. */
  kinds: string[];
}

function palette(): Palette {
  return {
    text: colour("--text"),
    quiet: colour("--quiet"),
    line: colour("--line"),
    surface: colour("--surface"),
    sunken: colour("--sunken"),
    accent: colour("--accent"),
    bad: colour("--bad"),
    warn: colour("--warn"),
    good: colour("--good"),
    heat: [0, 1, 2, 3, 4, 5].map((step) => colour(`--heat-${step}`)),
    kinds: [0, 1, 2, 3, 4, 5, 6, 7].map((kind) => colour(`--kind-${kind}`)),
  };
}

/** The same as numbers, for files and for whoever does not see the picture. */
export interface ChartTable {
  headings: readonly string[];
  rows: readonly (readonly unknown[])[];
}

/** A chart that can be saved as PNG, SVG and CSV, and read as a table; it is drawn anew when colours change. */
export function Chart(props: {
  name: string;
  label: string;
  height: string;
  option: (palette: Palette) => EChartsCoreOption;
  table: ChartTable;
  onSelect?: (data: unknown, seriesName: string) => void;
}): JSX.Element {
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<ECharts | null>(null);
  const select = useRef(props.onSelect);
  select.current = props.onSelect;
  const [isTable, showTable] = useState(false);
  const drawn = colours.value;

  useEffect(() => {
    if (place.current === null || isTable) {
      return undefined;
    }
    const made = init(place.current, null, { renderer: "canvas" });
    chart.current = made;
    made.on("click", (event) => select.current?.(event.data, event.seriesName ?? ""));
    const observer = new ResizeObserver(() => made.resize());
    observer.observe(place.current);
    return () => {
      observer.disconnect();
      made.dispose();
      chart.current = null;
    };
  }, [isTable]);
  useEffect(() => {
    const option = () => whole(props.option(palette()), props.label);
    const draw = () => chart.current?.setOption(option(), { notMerge: true });
    const drawAtOnce = () => {
      chart.current?.setOption({ ...option(), animation: false }, { notMerge: true });
      chart.current?.getZr().flush();
    };
    draw();
    addEventListener("beforeprint", drawAtOnce);
    addEventListener("afterprint", draw);
    return () => {
      removeEventListener("beforeprint", drawAtOnce);
      removeEventListener("afterprint", draw);
    };
  }, [props.option, props.label, drawn, isTable]);

  return (
    <figure class="chart">
      {isTable ? (
        <ChartRows label={props.label} table={props.table} height={props.height} />
      ) : (
        <div ref={place} style={{ height: props.height }} role="img" aria-label={props.label} />
      )}
      <figcaption>
        <button type="button" aria-pressed={isTable} onClick={() => showTable(!isTable)}>
          {isTable ? "Chart" : "Table"}
        </button>
        {!isTable && (
          <>
            <button type="button" onClick={() => savePng(props.name, chart.current)}>
              PNG
            </button>
            <button type="button" onClick={() => saveSvg(props.name, chart.current, props.option(palette()))}>
              SVG
            </button>
          </>
        )}
        <button
          type="button"
          onClick={() => save(`telemap-${props.name}.csv`, csv(props.table.headings, props.table.rows), "text/csv")}
        >
          CSV
        </button>
      </figcaption>
    </figure>
  );
}

function whole(option: EChartsCoreOption, label: string): EChartsCoreOption {
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  return {
    animation: !still,
    animationDuration: 200,
    aria: { enabled: true, label: { description: label } },
    ...option,
  };
}

/** A table of a chart's numbers, which scrolls by itself. */
export function ChartRows(props: { label: string; table: ChartTable; height: string }): JSX.Element {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
    <section class="scroller" style={{ maxHeight: props.height }} tabIndex={0} aria-label={props.label}>
      <table>
        <thead>
          <tr>
            {props.table.headings.map((heading) => (
              <th key={heading} scope="col">
                {heading}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {props.table.rows.slice(0, 500).map((row) => (
            <tr key={row.join("\u001f")}>
              {row.map((value, place) => (
                <td key={props.table.headings[place]} class={typeof value === "number" ? "number" : ""}>
                  {value === null || value === undefined ? "–" : String(value)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function savePng(name: string, chart: ECharts | null): void {
  if (chart !== null) {
    const url = chart.getDataURL({ type: "png", pixelRatio: 2, backgroundColor: colour("--surface") });
    const bytes = Uint8Array.from(atob(url.slice(url.indexOf(",") + 1)), (character) => character.charCodeAt(0));
    save(`telemap-${name}.png`, new Blob([bytes], { type: "image/png" }));
  }
}

function saveSvg(name: string, chart: ECharts | null, option: EChartsCoreOption): void {
  if (chart !== null) {
    const made = init(null, null, { renderer: "svg", ssr: true, width: chart.getWidth(), height: chart.getHeight() });
    made.setOption({ ...option, animation: false, backgroundColor: colour("--surface") });
    save(`telemap-${name}.svg`, made.renderToSVGString(), "image/svg+xml");
    made.dispose();
  }
}
