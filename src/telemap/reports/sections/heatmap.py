"""The heatmap of handlers as blocks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from telemap.analyses.heatmap import HandlerHeat, Heatmap
from telemap.model.documents import Window
from telemap.reports.blocks import Block, Column, Kind, Next, Table, Text, Title, counted
from telemap.reports.places import CODE_COLUMNS, code_cells

COLUMNS = (
    Column("handler", "handler"),
    Column("plugin", "plugin", rank=4),
    Column("service", "service", rank=4),
    Column("heat", "heat", Kind.HEAT),
    Column("p50 ms", "p50_ms", Kind.MILLISECONDS),
    Column("p95 ms", "p95_ms", Kind.MILLISECONDS),
    Column("p99 ms", "p99_ms", Kind.MILLISECONDS),
    Column("max ms", "max_ms", Kind.MILLISECONDS, rank=3),
    Column("", "min_ms"),
    Column("", "avg_ms"),
    Column("total ms", "total_ms", Kind.MILLISECONDS, rank=2),
    Column("self ms", "self_ms", Kind.MILLISECONDS, rank=1),
    Column("runs", "executions", Kind.COUNT),
    Column("", "untimed_executions"),
    Column("errors", "errors", Kind.FAULTS),
    *CODE_COLUMNS,
    Column("", "sequences"),
)


def blocks(heatmap: Heatmap, store: str) -> Iterator[Block]:
    """The heatmap of a store: what it is about, a line a handler, and what to do next."""
    if not heatmap.handlers:
        yield Title("Heatmap: no executions of handlers")
        yield Text(f"No log in {store} names a handler that ran, and no declared sequence says which it was.")
        yield Next("telemap index DIR --definitions DIR", "reads code and declared sequences")
        return
    yield Title(_title(heatmap))
    yield Text(f"in {store}, slowest first by {heatmap.ordered_by} (--by p95|avg|total|self|max)")
    yield Table(tuple(_columns(heatmap.ordered_by)), map(_row, heatmap.handlers))
    notes = list(_notes(heatmap))
    if notes:
        yield Text("\n".join(notes))
    if heatmap.summary.unlinked < heatmap.summary.total_handlers:
        is_traced = all(handler.service is not None for handler in heatmap.handlers)
        yield Next(f"telemap executions --kind {'span' if is_traced else 'handler'}", "every single execution")
    else:
        yield Next("telemap index DIR", "gives every handler its place in the code")


def _columns(ordered_by: str) -> Iterator[Column]:
    """The columns, among which what the handlers are ordered by always stays; beside it the 99th percentile may go."""
    for column in COLUMNS:
        if column.key == f"{ordered_by}_ms":
            yield replace(column, heading=f"{ordered_by} ms", kind=Kind.MILLISECONDS, rank=0)
        elif column.key == "p99_ms" and ordered_by != "p95":
            yield replace(column, rank=1)
        else:
            yield column


def _title(heatmap: Heatmap) -> str:
    summary = heatmap.summary
    shown = len(heatmap.handlers)
    handlers = f"{shown} of " * (shown < summary.total_handlers) + counted(summary.total_handlers, "handler")
    build = f" of build {heatmap.build}" if heatmap.build is not None else ""
    title = f"Heatmap{build}: {handlers}, {counted(summary.total_executions, 'run')}"
    return title + (f", {_minutes(summary.window)}" if summary.window else "")


def _minutes(window: Window) -> str:
    """``2026-11-23 06:39–06:41 UTC``."""
    start, end = window.start[:16].replace("T", " "), window.end[:16].replace("T", " ")
    if start == end:
        return f"{start} UTC"
    return f"{start}–{end[11:]} UTC" if start[:10] == end[:10] else f"{start} – {end} UTC"


def _notes(heatmap: Heatmap) -> Iterator[str]:
    summary = heatmap.summary
    if summary.untimed_executions:
        yield f"{counted(summary.untimed_executions, 'run')} without a known duration: in no timing."
    if 0 < summary.unlinked < summary.total_handlers:
        yield f"{counted(summary.unlinked, 'handler')} without a place in the indexed code."
    if summary.uncertain:
        unsure = counted(summary.uncertain, "uncertain place")
        yield f"{unsure}, marked ?: several functions of the name, or declared elsewhere."


def _row(handler: HandlerHeat) -> tuple[object, ...]:
    timing = handler.timing
    return (
        handler.name,
        handler.plugin,
        handler.service,
        handler.heat,
        timing and timing.p50,
        timing and timing.p95,
        timing and timing.p99,
        timing and timing.max,
        timing and timing.min,
        timing and timing.avg,
        handler.total_time,
        handler.self_time,
        handler.executions,
        handler.untimed_executions,
        handler.errors,
        *code_cells(handler.code),
        handler.sequences,
    )
