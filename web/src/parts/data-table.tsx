import {
  elementScroll,
  observeElementOffset,
  observeElementRect,
  Virtualizer,
  type VirtualizerOptions,
} from "@tanstack/virtual-core";
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useId, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { change, setting } from "../shell/route.ts";
import { count, counted, duration, significant } from "./format.ts";
import { csv, save } from "./save.ts";

const ROW_PIXELS = 34;
const MOST_UNVIRTUALISED = 60;

/** A column: what is sorted by and written into files, and how that is shown. */
export interface Column<R> {
  key: string;
  heading: string;
  value: (row: R) => string | number | boolean | null | undefined;
  kind?: "text" | "number" | "count" | "ms";
  show?: (row: R) => ComponentChildren;
  title?: string;
  width?: string;
}

/** Rows that can be sorted, searched, walked through with the arrow keys and saved; any number of them. */
export function DataTable<R>(props: {
  name: string;
  label: string;
  columns: readonly Column<R>[];
  rows: readonly R[];
  keyOf: (row: R) => string;
  sortedBy?: string;
  selected?: string | null;
  onSelect?: (row: R) => void;
  most?: string;
  empty?: ComponentChildren;
}): JSX.Element {
  const { name, columns, rows } = props;
  const asked = setting(`${name}-sort`) ?? props.sortedBy ?? "";
  const [key, isDown] = asked.startsWith("-") ? [asked.slice(1), true] : [asked, false];
  const find = setting(`${name}-find`) ?? "";
  const shown = useMemo(() => arranged(columns, rows, key, isDown, find), [columns, rows, key, isDown, find]);
  const hintId = useId();

  const sortBy = (column: Column<R>) => {
    const first = column.kind === undefined || column.kind === "text" ? column.key : `-${column.key}`;
    const other = first.startsWith("-") ? column.key : `-${column.key}`;
    change({ [`${name}-sort`]: asked === first ? other : first }, false);
  };
  const write = () => {
    const values = shown.map((row) => columns.map((column) => column.value(row)));
    save(
      `telemap-${name}.csv`,
      csv(
        columns.map((column) => column.heading),
        values,
      ),
      "text/csv",
    );
  };
  return (
    <div class="data-table">
      <div class="table-tools">
        <input
          type="search"
          placeholder="Filter rows"
          aria-label={`Filter ${props.label}`}
          value={find}
          onInput={(event) => change({ [`${name}-find`]: event.currentTarget.value }, false)}
        />
        <span class="about" role="status">
          {shown.length === rows.length
            ? counted(rows.length, "row")
            : `${count(shown.length)} of ${counted(rows.length, "row")}`}
        </span>
        <button type="button" onClick={write} title="Save these rows as CSV">
          CSV
        </button>
      </div>
      {shown.length === 0 ? (
        <p class="empty">{rows.length === 0 ? (props.empty ?? "Nothing here.") : `No row has “${find}” in it.`}</p>
      ) : (
        <Rows {...props} shown={shown} sortKey={key} isDown={isDown} onSort={sortBy} hintId={hintId} />
      )}
    </div>
  );
}

function arranged<R>(
  columns: readonly Column<R>[],
  rows: readonly R[],
  key: string,
  isDown: boolean,
  find: string,
): readonly R[] {
  const wanted = find.toLocaleLowerCase();
  const found =
    wanted === ""
      ? [...rows]
      : rows.filter((row) =>
          columns.some((one) =>
            String(one.value(row) ?? "")
              .toLocaleLowerCase()
              .includes(wanted),
          ),
        );
  const column = columns.find((one) => one.key === key);
  if (column !== undefined) {
    found.sort((a, b) => compared(column.value(a), column.value(b), isDown));
  }
  return found;
}

function compared(a: unknown, b: unknown, isDown: boolean): number {
  const [aIsNone, bIsNone] = [a === null || a === undefined, b === null || b === undefined];
  if (aIsNone || bIsNone) {
    return Number(aIsNone) - Number(bIsNone); // what is not known comes last, whichever way
  }
  const order =
    typeof a === "number" && typeof b === "number"
      ? a - b
      : String(a).localeCompare(String(b), "en", { numeric: true });
  return isDown ? -order : order;
}

function Rows<R>(props: {
  label: string;
  columns: readonly Column<R>[];
  shown: readonly R[];
  keyOf: (row: R) => string;
  sortKey: string;
  isDown: boolean;
  onSort: (column: Column<R>) => void;
  selected?: string | null;
  onSelect?: (row: R) => void;
  most?: string;
  hintId: string;
}): JSX.Element {
  const { columns, shown, onSelect } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const [focused, focus] = useState(0);
  const { items, before, after, scrollTo } = useVirtualRows(scroller, shown.length);

  const step = (event: KeyboardEvent, place: number) => {
    const steps: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, PageDown: 12, PageUp: -12 };
    const by = steps[event.key];
    const target =
      event.key === "Home" ? 0 : event.key === "End" ? shown.length - 1 : by === undefined ? null : place + by;
    const row = shown[place];
    if ((event.key === "Enter" || event.key === " ") && event.target === event.currentTarget && row !== undefined) {
      event.preventDefault();
      onSelect?.(row);
    } else if (target !== null && event.target === event.currentTarget) {
      event.preventDefault();
      const next = Math.max(0, Math.min(target, shown.length - 1));
      focus(next);
      scrollTo(next);
      requestAnimationFrame(() => scroller.current?.querySelector<HTMLElement>(`tr[data-place="${next}"]`)?.focus());
    }
  };
  return (
    <div class="scroller" ref={scroller} style={{ maxHeight: props.most ?? "32rem" }} tabIndex={-1}>
      <table aria-label={props.label} aria-rowcount={shown.length + 1}>
        <colgroup>
          {columns.map((column) => (
            <col key={column.key} style={column.width === undefined ? {} : { width: column.width }} />
          ))}
        </colgroup>
        <thead>
          <tr aria-rowindex={1}>
            {columns.map((column) => (
              <th
                key={column.key}
                scope="col"
                class={isNumeric(column) ? "number" : ""}
                aria-sort={column.key === props.sortKey ? (props.isDown ? "descending" : "ascending") : "none"}
              >
                <button
                  type="button"
                  onClick={() => props.onSort(column)}
                  title={column.title ?? `Sort by ${column.heading}`}
                >
                  {column.heading}
                </button>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {before > 0 && <Space pixels={before} columns={columns.length} />}
          {items.map((place) => {
            const row = shown[place] as R;
            const key = props.keyOf(row);
            return (
              <tr
                key={key}
                data-place={place}
                aria-rowindex={place + 2}
                aria-selected={onSelect === undefined ? undefined : key === props.selected}
                tabIndex={onSelect !== undefined && place === focused ? 0 : -1}
                class={onSelect === undefined ? "" : "selectable"}
                onClick={onSelect === undefined ? undefined : (event) => isOwn(event) && onSelect(row)}
                onFocus={() => focus(place)}
                onKeyDown={onSelect === undefined ? undefined : (event) => step(event, place)}
              >
                {columns.map((column) => (
                  <td key={column.key} class={isNumeric(column) ? "number" : ""}>
                    {column.show === undefined ? plain(column, row) : column.show(row)}
                  </td>
                ))}
              </tr>
            );
          })}
          {after > 0 && <Space pixels={after} columns={columns.length} />}
        </tbody>
      </table>
    </div>
  );
}

/** A click on a link or button in a row is that link's own. */
function isOwn(event: MouseEvent): boolean {
  return event.target instanceof Element && event.target.closest("a, button, input") === null;
}

function Space(props: { pixels: number; columns: number }): JSX.Element {
  return (
    <tr class="space">
      <td colSpan={props.columns} style={{ height: `${props.pixels}px` }} />
    </tr>
  );
}

function isNumeric<R>(column: Column<R>): boolean {
  return column.kind !== undefined && column.kind !== "text";
}

function plain<R>(column: Column<R>, row: R): ComponentChildren {
  const value = column.value(row);
  if (value === null || value === undefined) {
    return <span class="none">–</span>;
  }
  if (typeof value === "number") {
    return column.kind === "ms" ? duration(value) : column.kind === "count" ? count(value) : significant(value);
  }
  return (
    <span class="text" title={String(value)} dir="auto">
      {String(value)}
    </span>
  );
}

/** Which rows of many are there, with the room before and after them. */
function useVirtualRows(scroller: { current: HTMLDivElement | null }, rows: number) {
  const [, redraw] = useState(0);
  const isVirtual = rows > MOST_UNVIRTUALISED;
  const options: VirtualizerOptions<HTMLDivElement, Element> = {
    count: rows,
    enabled: isVirtual,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PIXELS,
    overscan: 12,
    initialRect: { width: 0, height: 600 },
    observeElementRect,
    observeElementOffset,
    scrollToFn: elementScroll,
    onChange: () => redraw((n) => n + 1),
  };
  const [virtualizer] = useState(() => new Virtualizer<HTMLDivElement, Element>(options));
  virtualizer.setOptions(options);
  useEffect(() => virtualizer._didMount(), [virtualizer]);
  useLayoutEffect(() => virtualizer._willUpdate());
  if (!isVirtual) {
    return {
      items: Array.from({ length: rows }, (_, place) => place),
      before: 0,
      after: 0,
      scrollTo: (place: number) =>
        scroller.current?.querySelector(`tr[data-place="${place}"]`)?.scrollIntoView({ block: "nearest" }),
    };
  }
  const items = virtualizer.getVirtualItems();
  const [first, last] = [items[0], items[items.length - 1]];
  return {
    items: items.map((item) => item.index),
    before: first?.start ?? 0,
    after: last === undefined ? 0 : virtualizer.getTotalSize() - last.end,
    scrollTo: (place: number) => virtualizer.scrollToIndex(place),
  };
}
