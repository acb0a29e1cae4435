"""What pages draw the timeline of: its lanes, tiles of them, and what is known of the spans that somebody looks at."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from telemap.analyses.registry import Detail, statement
from telemap.analyses.timeline_pictures import By, TimelineLanes, TimelineMatches, TimelineSpans, TimelineTile
from telemap.model.documents import Code
from telemap.store.store import Row, Store, fetch

if TYPE_CHECKING:
    from telemap.analyses.timeline_layout import Layout

MOST_MATCHES = 100_000
ARCHIVED_ITEMS = 400_000  # of the tiles in a report file: what is finer is left out
ARCHIVED_SPANS = 120_000  # with all that is known of them, if there are no more
ARCHIVED_LAYOUTS_SPANS = 20_000  # in all kinds of lanes, if there are no more
ARCHIVED_TRACES = 1000  # the longest, that links of other pages lead to
KEYS = """
SELECT trace_id, hash(span_key, source_id, first_line) AS span_key
FROM stored.keyed_span
WHERE trace_id IN (SELECT unnest($traces)) AND ($span IS NULL OR span_id = $span)
ORDER BY parent_span_id IS NOT NULL, kind <> 'sequence', start_time_unix_nano, first_line
"""
LONGEST_TRACES = """
SELECT trace_id
FROM told_span
WHERE trace_id IS NOT NULL
GROUP BY trace_id
ORDER BY max(end_time_unix_nano) - min(start_time_unix_nano) DESC NULLS LAST, trace_id
LIMIT $most
"""
BYS: tuple[By, ...] = ("session", "sequence", "handler", "service")


@dataclass(frozen=True, slots=True)
class LanesParams:
    """Which lanes."""

    by: Annotated[By, "what a lane is"] = "session"


@dataclass(frozen=True, slots=True)
class TileParams:
    """Which tile."""

    by: Annotated[By, "what a lane is"] = "session"
    level: Annotated[int, "how near: each level has four times the tiles"] = 0
    index: Annotated[int, "which part of the time, from 0 on"] = 0
    block: Annotated[int, "which lanes, in blocks from 0 on"] = 0


@dataclass(frozen=True, slots=True)
class SpansParams:
    """Which spans."""

    by: Annotated[By, "what a lane is"] = "session"
    block: Annotated[int, "which numbers, in blocks of 256 from 0 on"] = 0


@dataclass(frozen=True, slots=True)
class MatchesParams:
    """What is looked for: all spans of a name, or all that failed."""

    by: Annotated[By, "what a lane is"] = "session"
    name: Annotated[str | None, "what they are called"] = None
    failed: Annotated[bool, "only those that failed"] = False


@dataclass(frozen=True, slots=True)
class PlaceParams:
    """Which span."""

    trace: Annotated[str, "the id of its trace"]
    span: Annotated[str | None, "its own id; the first one of the trace without it"] = None
    by: Annotated[By, "what a lane is"] = "session"


def lanes(store: Store, params: LanesParams) -> TimelineLanes:
    """All lanes, and what else a page draws of before it asks for tiles."""
    from telemap.analyses.timeline_tiles import lanes as lanes_of

    return lanes_of(_layout(store, params.by), params.by, _codes(store) if params.by == "handler" else {})


def tile(store: Store, params: TileParams) -> TimelineTile:
    """One tile; of what is outside of all time or all lanes, an empty one."""
    from telemap.analyses.timeline_tiles import tile as tile_of

    return tile_of(_layout(store, params.by), params.by, params.level, params.index, params.block)


def spans(store: Store, params: SpansParams) -> TimelineSpans:
    """All that is known of 256 spans."""
    from telemap.analyses.timeline_spans import spans_of

    return spans_of(store, params.by, params.block)


def matches(store: Store, params: MatchesParams) -> TimelineMatches:
    """The spans that are looked for."""
    import numpy as np

    from telemap.analyses.timeline_layout import IS_ERROR

    layout = _layout(store, params.by)
    is_meant = np.ones(len(layout.start), np.bool_)
    if params.name is not None:
        is_meant &= layout.name == (layout.names.index(params.name) if params.name in layout.names else -1)
    if params.failed:
        is_meant &= (layout.flags & IS_ERROR) > 0
    found = np.flatnonzero(is_meant)
    found = found[np.argsort(layout.start[found], kind="stable")]
    return TimelineMatches(by=params.by, count=len(found), numbers=found[:MOST_MATCHES].tolist())


def place(store: Store, params: PlaceParams) -> TimelineMatches:
    """The number of the span of these ids, and where a trace was read twice, that of its copy."""
    found: list[int] | None = None
    if params.span is None and params.by == "session":
        found = _longest(store.folder, store.state()).get(params.trace)
    if found is None:
        rows = store.rows(KEYS, {"traces": [params.trace], "span": params.span})
        found = _numbers(_layout(store, params.by), rows).get(params.trace, [])
    return TimelineMatches(by=params.by, count=len(found), numbers=found)


def _numbers(layout: Layout, rows: Sequence[Row]) -> dict[str, list[int]]:
    """The numbers of the spans of each trace, in the order of the rows of ``KEYS``."""
    import numpy as np

    at = np.flatnonzero(np.isin(layout.key, np.array([row["span_key"] for row in rows], np.uint64)))
    numbers = dict(zip(layout.key[at].tolist(), at.tolist(), strict=True))
    found: dict[str, list[int]] = {}
    for row in rows:
        if row["span_key"] in numbers:
            found.setdefault(row["trace_id"], []).append(numbers[row["span_key"]])
    return found


@lru_cache(maxsize=2)
def _longest(folder: Path, _: str) -> dict[str, list[int]]:
    """Where the longest traces are in lanes by session, the longest first: they are asked for most."""
    store = Store(folder)
    traces = [row["trace_id"] for row in store.rows(LONGEST_TRACES, {"most": ARCHIVED_TRACES})]
    found = _numbers(_layout(store, "session"), store.rows(KEYS, {"traces": traces, "span": None}))
    return {trace: found[trace] for trace in traces if trace in found}


def _layout(store: Store, by: By) -> Layout:
    from telemap.analyses.timeline_layout import layout

    return layout(store, by)


def _codes(store: Store) -> dict[str, Code]:
    """The places in code of handlers that have one each."""
    with store.connect() as connection:
        rows = fetch(connection, statement("timeline_lanes"))
    return {row["handler"]: code for row in rows if (code := Code.of(row))}


def _archived(of: Callable[[Layout, By], Iterator[Any]], most_spans: int | None = None) -> Callable[[Store], Any]:
    """The settings that ``of`` a layout come, for all kinds of lanes, or where that were too much for sessions."""

    def settings(store: Store) -> Iterator[Any]:
        count = len(_layout(store, "session").start)
        if most_spans is None or count <= most_spans:
            for by in BYS if count <= ARCHIVED_LAYOUTS_SPANS else BYS[:1]:
                yield from of(_layout(store, by), by)

    return settings


def _tiles(layout: Layout, by: By) -> Iterator[TileParams]:
    from telemap.analyses.timeline_tiles import tiles

    return (TileParams(by, *which) for which in tiles(layout, by, ARCHIVED_ITEMS))


def _span_blocks(layout: Layout, by: By) -> Iterator[SpansParams]:
    from telemap.analyses.timeline_spans import BLOCK

    return (SpansParams(by, block) for block in range(-(-len(layout.start) // BLOCK)))


def _searches(layout: Layout, by: By) -> Iterator[MatchesParams]:
    from telemap.analyses.timeline_tiles import MOST_NAMES

    yield MatchesParams(by, failed=True)
    yield from (MatchesParams(by, name) for name in layout.names[:MOST_NAMES] if name is not None)


def _traces(store: Store) -> Iterator[PlaceParams]:
    return map(PlaceParams, _longest(store.folder, store.state()))


DETAILS = {
    name: Detail(title, params, run, archived, only_looks=True)
    for name, title, params, run, archived in (
        ("lanes", "The lanes of the timeline", LanesParams, lanes, _archived(lambda _, by: iter([LanesParams(by)]))),
        ("tile", "A piece of the timeline", TileParams, tile, _archived(_tiles)),
        ("spans", "Spans of the timeline", SpansParams, spans, _archived(_span_blocks, ARCHIVED_SPANS)),
        ("matches", "Spans that are looked for", MatchesParams, matches, _archived(_searches, ARCHIVED_SPANS)),
        ("place", "Where a span is", PlaceParams, place, _traces),
    )
}
