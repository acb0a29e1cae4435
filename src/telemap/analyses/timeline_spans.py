"""All that is known of spans, by their numbers in a picture."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from telemap.analyses.registry import statement
from telemap.analyses.timeline_layout import Layout, layout
from telemap.analyses.timeline_pictures import By, SpanChange, TimelineSpans
from telemap.model.documents import Code, milliseconds
from telemap.stats.trace_forests import NO_PARENT, Ints, Spans
from telemap.stats.trace_times import trace_times
from telemap.store.store import Store

if TYPE_CHECKING:
    import pyarrow as pa

BLOCK = 256
BLOCKS_AT_ONCE = 32  # to find many in a store takes hardly longer than to find a few
MOST_CHILDREN = 50
SAME = (
    *("span_id", "trace_id", "kind", "name", "handler", "event", "sequence", "movement", "plugin", "service", "build"),
    *("status", "status_message", "inferred_by", "source", "line_start", "line_end"),
)


def spans_of(store: Store, by: By, block: int) -> TimelineSpans:
    """The spans of a block of numbers."""
    drawn = layout(store, by)
    numbers = np.arange(block * BLOCK, max(block * BLOCK, min((block + 1) * BLOCK, len(drawn.start))))
    state = store.state()
    rows = _rows(store.folder, state, by, block // BLOCKS_AT_ONCE)
    told = rows.slice(block % BLOCKS_AT_ONCE * BLOCK, len(numbers)).to_pydict()
    order, first = _children(store.folder, state, by)
    below = [order[first[number] : first[number + 1]] for number in numbers]
    place = np.searchsorted(drawn.row_first, numbers, "right") - 1
    parent = [above if above >= 0 else None for above in drawn.parent[numbers].tolist()]
    covered = _covered(drawn, numbers, below).tolist()
    codes: dict[tuple[Any, ...], int] = {}
    return TimelineSpans(
        by=by,
        first=block * BLOCK,
        lane=drawn.row_lane[place].tolist(),
        row=drawn.row_number[place].tolist(),
        parent=parent,
        lost_parent_id=[
            one if above is None else None for one, above in zip(told["parent_span_id"], parent, strict=True)
        ],
        children=[children[:MOST_CHILDREN].tolist() for children in below],
        child_count=[len(children) for children in below],
        **{name: told[name] for name in SAME},
        offset_ms=[milliseconds(start - drawn.domain[0]) for start in drawn.start[numbers].tolist()],
        duration_ms=[None if one is None else milliseconds(one) for one in told["duration_ns"]],
        self_ms=[
            None if one is None else milliseconds(max(0, one - covered_ns))
            for one, covered_ns in zip(told["duration_ns"], covered, strict=True)
        ],
        attributes=[dict(pairs or ()) for pairs in told["attributes"]],
        state_changes=[[SpanChange(**change) for change in changes] for changes in told["changes"]],
        code=[None if one is None else codes.setdefault(tuple(one.values()), len(codes)) for one in told["code"]],
        codes=[Code(*code) for code in codes],
    )


@lru_cache(maxsize=4)
def _rows(folder: Path, _: str, by: By, group: int) -> pa.Table:
    """The rows of ``timeline_details.sql`` of many blocks, by number."""
    store = Store(folder)
    drawn = layout(store, by)
    keys = drawn.key[group * BLOCKS_AT_ONCE * BLOCK : (group + 1) * BLOCKS_AT_ONCE * BLOCK]
    starts = drawn.start[group * BLOCKS_AT_ONCE * BLOCK : (group + 1) * BLOCKS_AT_ONCE * BLOCK]
    asked = {"starts": starts.tolist(), "keys": keys.tolist()}
    with store.connect() as connection:
        found = connection.sql(statement("timeline_details"), params=asked).to_arrow_table()
    place = {key: at for at, key in enumerate(found["span_key"].to_pylist())}
    return found.take([place[key] for key in keys.tolist()])


@lru_cache(maxsize=2)
def _children(folder: Path, _: str, by: By) -> tuple[Ints, Ints]:
    """All numbers, the children of one together and in the order of starts; where those of each number begin."""
    drawn = layout(Store(folder), by)
    below = np.flatnonzero(drawn.parent >= 0)
    order = below[np.lexsort((drawn.start[below], drawn.parent[below]))]
    first = np.searchsorted(drawn.parent[order], np.arange(len(drawn.parent) + 1))
    return order, first


def _covered(drawn: Layout, numbers: Ints, below: list[Ints]) -> Ints:
    """How long a child of each was going on, in ns."""
    parent = np.repeat(np.arange(len(numbers)), [len(children) for children in below])
    every = np.concatenate([numbers, *below])
    times = trace_times(
        Spans(
            parent=np.concatenate((np.full(len(numbers), NO_PARENT), parent)).astype(np.int32),
            start=drawn.start[every],
            end=drawn.end[every],
            is_asynchronous=np.zeros(len(every), np.bool_),
            service=np.full(len(every), -1, np.int32),
        )
    )
    return times.covered_ns[: len(numbers)]
