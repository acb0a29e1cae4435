import type { EChartsCoreOption } from "echarts/core";
import type { JSX } from "preact";
import { useCallback, useMemo } from "preact/hooks";
import type { Coverage } from "../data/documents.ts";
import { Chart, type Palette } from "../parts/chart.tsx";
import { count, counted } from "../parts/format.ts";
import { Choice, Section } from "../parts/section.tsx";
import { Notice } from "../parts/states.tsx";
import { change, here, setting } from "../shell/route.ts";
import {
  type Area,
  areaIn,
  areaOf,
  depthWithin,
  type Folder,
  type Kind,
  mostIn,
  placeOf,
  type Quadrant,
  sizeOf,
  treeOf,
  wayTo,
} from "./coverage-tree.ts";

const MOST_RECTANGLES = 1500;
const MOST_TOLD = 120; // characters of a name in a tooltip

interface Rectangle {
  name: string;
  value: number;
  told: string;
  folder?: string;
  code?: string | null;
  itemStyle: { color: string };
  children?: Rectangle[];
}

/** The code tree, each handler as large as it is used and marked by its quadrant; folders open by a click. */
export function CoverageMap(props: { coverage: Coverage; kinds: Readonly<Record<Quadrant, Kind>> }): JSX.Element {
  const { coverage, kinds } = props;
  const area: Area = setting("area") === "handlers" ? "handlers" : "executions";
  const tree = useMemo(() => treeOf(coverage.handlers), [coverage]);
  const way = wayTo(tree, setting("folder") ?? "");
  const folder = way.at(-1) ?? tree;
  const depth = useMemo(() => depthWithin(folder, MOST_RECTANGLES), [folder]);
  const isCrowded = folder.handlers.length > MOST_RECTANGLES;
  const option = useCallback(
    (palette: Palette): EChartsCoreOption => mapOption(folder, depth, area, kinds, palette),
    [folder, depth, area, kinds],
  );
  const table = useMemo(
    () => ({
      headings: ["file", "handler", "quadrant", "executions"],
      rows: handlersIn(folder).map((one) => [placeOf(one), one.name, kinds[one.quadrant].title, one.executions]),
    }),
    [folder, kinds],
  );
  return (
    <Section
      title="Where in the code"
      about={
        area === "executions"
          ? "An area grows with the magnitude of its executions. Click a folder to open it, a handler to see its code."
          : "All handlers are of one size. Click a folder to open it, a handler to see its code."
      }
      actions={
        <Choice
          label="Area"
          of={[
            ["executions", "Area by executions"],
            ["handlers", "By handlers"],
          ]}
          value={area}
          onChange={(value) => change({ area: value === "executions" ? null : value })}
        />
      }
    >
      <Way folders={way} />
      {isCrowded ? (
        <Notice title={`${counted(folder.handlers.length, "handler")} are too many to draw`}>
          The list below has them all.
        </Notice>
      ) : (
        <Chart
          name="coverage-map"
          label={`Handlers by folder and file in ${folder.path || "all code"}, by quadrant`}
          height="22rem"
          option={option}
          table={table}
          onSelect={(data) => open(data as Rectangle | null)}
        />
      )}
      <Legend kinds={kinds} folder={folder} />
    </Section>
  );
}

function handlersIn(folder: Folder): Coverage["handlers"] {
  return [...folder.handlers, ...folder.folders.flatMap(handlersIn)];
}

function open(rectangle: Rectangle | null): void {
  if (rectangle?.folder !== undefined) {
    change({ folder: rectangle.folder });
  } else if (rectangle?.code) {
    change({ code: rectangle.code, log: null, commit: null });
  }
}

/** The folders from the root down to what is drawn. */
function Way(props: { folders: readonly Folder[] }): JSX.Element {
  return (
    <nav class="folder-way" aria-label="Folders">
      {props.folders.map((folder, place) => (
        <span key={folder.path}>
          {place > 0 && <span aria-hidden="true">› </span>}
          {place === props.folders.length - 1 ? (
            <strong aria-current="location">{folder.name || "All code"}</strong>
          ) : (
            <a href={here({ folder: folder.path })}>{folder.name || "All code"}</a>
          )}
        </span>
      ))}
    </nav>
  );
}

function Legend(props: { kinds: Readonly<Record<Quadrant, Kind>>; folder: Folder }): JSX.Element {
  const shown = (Object.entries(props.folder.counts) as [Quadrant, number][]).filter(([, amount]) => amount > 0);
  return (
    <ul class="map-legend">
      {shown.map(([quadrant, amount]) => (
        <li key={quadrant}>
          <span class={`mark kind-${props.kinds[quadrant].colour}`} aria-hidden="true">
            {props.kinds[quadrant].mark}
          </span>
          {props.kinds[quadrant].title}: {count(amount)}
        </li>
      ))}
    </ul>
  );
}

function mapOption(
  folder: Folder,
  depth: number,
  area: Area,
  kinds: Readonly<Record<Quadrant, Kind>>,
  palette: Palette,
): EChartsCoreOption {
  const label = { color: palette.surface, overflow: "truncate" };
  return {
    tooltip: {
      renderMode: "richText", // names are anybody's text
      confine: true,
      formatter: (over: { data?: Partial<Rectangle> | null }) => over.data?.told ?? "",
    },
    series: [
      {
        type: "treemap",
        roam: false,
        nodeClick: false,
        breadcrumb: { show: false },
        left: 0,
        right: 0,
        top: 0,
        bottom: 0,
        label,
        upperLabel: { show: true, height: 20, color: palette.text, overflow: "truncate" },
        itemStyle: { borderColor: palette.line, borderWidth: 1, gapWidth: 1 },
        levels: [{ upperLabel: { show: false } }],
        data: rectangles(folder, depth, area, kinds, palette),
      },
    ],
  };
}

function rectangles(
  folder: Folder,
  depth: number,
  area: Area,
  kinds: Readonly<Record<Quadrant, Kind>>,
  palette: Palette,
): Rectangle[] {
  const colourOf = (quadrant: Quadrant) => ({ color: palette.kinds[kinds[quadrant].colour] ?? palette.quiet });
  const folders = folder.folders.map((one) => {
    const size = counted(sizeOf(one), "handler");
    const isWhole = depth > 1;
    return {
      name: isWhole ? one.name : `${kinds[mostIn(one)].mark} ${one.name} (${size})`,
      value: areaIn(one, area),
      told: `${cut(one.path)}\n${size}${isWhole ? "" : `, most: ${kinds[mostIn(one)].title.toLowerCase()}`}`,
      folder: one.path,
      itemStyle: isWhole ? { color: palette.surface } : colourOf(mostIn(one)),
      ...(isWhole ? { children: rectangles(one, depth - 1, area, kinds, palette) } : {}),
    };
  });
  const handlers = folder.handlers.map((one) => ({
    name: `${kinds[one.quadrant].mark} ${one.name}`,
    value: areaOf(one, area),
    told: `${cut(one.name)}\n${kinds[one.quadrant].title}\n${counted(one.executions, "execution")}`,
    code: one.code === null ? null : `${one.code.filePath}:${one.code.lineNumber}`,
    itemStyle: colourOf(one.quadrant),
  }));
  return [...folders, ...handlers];
}

function cut(text: string): string {
  return text.length > MOST_TOLD ? `${text.slice(0, MOST_TOLD)}…` : text;
}
