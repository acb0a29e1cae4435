"""All executions of a store in the lanes and rows that they are drawn in: worked out once, and kept in memory.

About 40 bytes an execution. What is drawn of it, however far away one looks, is made of these arrays alone.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from telemap.analyses.registry import statement
from telemap.analyses.timeline_pictures import By
from telemap.model.telemetry import Nanoseconds
from telemap.stats.lanes import packed
from telemap.stats.trace_forests import NO_PARENT, UNKNOWN, Flags, Ints, Places, parents
from telemap.store.store import Store

if TYPE_CHECKING:
    import pyarrow as pa

MOST_ROWS = 64
MOST_LAYOUTS = 2  # in memory
ROWS_AT_ONCE = 1 << 20
IS_ERROR, IS_OPEN, IS_INFERRED, IS_FORCED = 1, 2, 4, 8
_COLUMNS = ("key", "start", "end", "name", "lane", "flags")

_computing = threading.Lock()
_kept: dict[tuple[Path, str, By], Layout] = {}  # that asked for last at the end


@dataclass(frozen=True, slots=True)
class Layout:
    """Spans by their number: lane by lane, row by row, each row in the order of starts.

    Args:
        lanes: their names, in the order of their first span; None for what nothing tells a lane of.
        names: of spans, the commonest first; None for those that have none.
        row_lane: of each row the lane it is in.
        row_number: which of that lane's rows it is.
        row_first: its first span's number; with one more, behind the last row.
        start: ns since 1970.
        end: ns since 1970, not before the start; of one whose end is not known, the last that is known of it.
        name: a place in ``names``.
        flags: ``IS_ERROR``, ``IS_OPEN`` (no end is known), ``IS_INFERRED``, ``IS_FORCED`` (in a full lane).
        parent: the number of the parent, or below zero.
        key: what it is found by in the store.
        domain: the first start, and what is behind all starts and ends.
        left_out: spans that have no lane.
        untimed: spans of which no start is known.
    """

    lanes: list[str | None]
    names: list[str | None]
    row_lane: Places
    row_number: Places
    row_first: Ints
    start: Ints
    end: Ints
    name: Places
    flags: npt.NDArray[np.uint8]
    parent: Places
    key: npt.NDArray[np.uint64]
    domain: tuple[Nanoseconds, Nanoseconds]
    left_out: int
    untimed: int

    def rows_of(self, first_lane: int, last_lane: int) -> range:
        """The rows of some lanes, the last one not among them."""
        first, last = self.row_lane.searchsorted([first_lane, last_lane])
        return range(int(first), int(last))


def layout(store: Store, by: By) -> Layout:
    """All spans of ``store`` as it is now."""
    which = (store.folder, store.state(), by)
    with _computing:  # a page asks for several tiles at once
        _kept[which] = made = _kept.pop(which, None) or laid_out(*_read(store, by))
        while len(_kept) > MOST_LAYOUTS:
            del _kept[next(iter(_kept))]
        return made


def laid_out(read: dict[str, npt.NDArray[Any]], lanes: list[str | None], names: list[str | None]) -> Layout:
    """The layout of spans.

    Args:
        read: the columns of ``timeline_layout.sql`` under short names; with ``UNKNOWN`` for times that are null.
        lanes: what the numbers of lanes stand for.
        names: what the numbers of names stand for.
    """
    is_timed = read["start"] != UNKNOWN
    is_there = is_timed & read.pop("is_drawn")
    parent = _among(parents(read.pop("own"), read.pop("above")), is_there)
    key, start, end, name, lane, flags = (read.pop(column)[is_there] for column in _COLUMNS)
    _end_open(start, end, parent, flags)
    lane, lanes = _by_first(lane, lanes, start)
    name, names = _by_frequency(name, names)
    order, row, is_forced = packed(lane, start, end, parent, MOST_ROWS)
    flags[order[is_forced]] |= IS_FORCED
    place = lane[order] * np.int64(MOST_ROWS) + row
    by_row = np.lexsort((start[order], place)) if is_forced.any() else np.argsort(place, kind="stable")
    order, place = order[by_row], place[by_row]
    number = np.full(len(order) + 1, NO_PARENT, np.int32)  # behind the last one: that of no parent
    number[order] = np.arange(len(order))
    first = np.flatnonzero(np.append(True, place[1:] != place[:-1])[: len(place)])
    return Layout(
        lanes,
        names,
        row_lane=(place[first] // MOST_ROWS).astype(np.int32),
        row_number=(place[first] % MOST_ROWS).astype(np.int32),
        row_first=np.append(first, len(place)),
        start=start[order],
        end=end[order],
        name=name[order],
        flags=flags[order],
        parent=number[parent[order]],
        key=key[order],
        domain=(int(start.min()), int(end.max()) + 1) if len(start) else (0, 1),
        left_out=int(np.count_nonzero(is_timed) - len(order)),
        untimed=int(np.count_nonzero(~is_timed)),
    )


def _read(store: Store, by: By) -> tuple[dict[str, npt.NDArray[Any]], list[str | None], list[str | None]]:
    """The columns of all spans, and the lanes and names that numbers in them stand for."""
    lanes: dict[str | None, int] = {}
    names: dict[str | None, int] = {}
    kinds: dict[str, Any] = {"key": np.uint64, "own": np.uint64, "above": np.uint64, "start": np.int64, "end": np.int64}
    kinds |= {"name": np.int32, "lane": np.int32, "flags": np.uint8, "is_drawn": np.bool_}
    parts: dict[str, list[npt.NDArray[Any]]] = {column: [np.empty(0, kind)] for column, kind in kinds.items()}
    with store.connect() as connection:
        found = connection.sql(statement("timeline_layout"), params={"by": by})
        for batch in found.to_arrow_reader(ROWS_AT_ONCE):
            parts["key"].append(batch["span_key"].to_numpy())
            parts["own"].append(batch["own_key"].to_numpy())
            parts["above"].append(batch["parent_key"].to_numpy())
            parts["start"].append(batch["start_time_unix_nano"].fill_null(UNKNOWN).to_numpy())
            parts["end"].append(batch["end_time_unix_nano"].fill_null(UNKNOWN).to_numpy())
            parts["name"].append(_codes(batch["name"], names))
            parts["lane"].append(_codes(batch["lane"], lanes))
            parts["is_drawn"].append(batch["is_drawn"].to_numpy(zero_copy_only=False))
            failed, inferred = (batch[column].to_numpy(zero_copy_only=False) for column in ("is_error", "is_inferred"))
            parts["flags"].append(failed * np.uint8(IS_ERROR) | inferred * np.uint8(IS_INFERRED))
    columns = {column: np.concatenate(parts.pop(column)) for column in kinds}  # what they are made of is let go
    return columns, list(lanes), list(names)


def _codes(column: pa.Array, known: dict[str | None, int]) -> Places:
    """The number of each text, a new one if need be."""
    encoded = column.dictionary_encode(null_encoding="encode")
    codes = [known.setdefault(text, len(known)) for text in encoded.dictionary.to_pylist()]
    found: Places = np.array(codes, np.int32)[encoded.indices.to_numpy()]
    return found


def _among(parent: Places, is_there: Flags) -> Places:
    """The places of parents among those that are there, of these."""
    place = np.where(is_there, np.cumsum(is_there, dtype=np.int32) - 1, NO_PARENT)
    found: Places = np.where(parent[is_there] >= 0, place[parent[is_there]], NO_PARENT).astype(np.int32)
    return found


def _end_open(start: Ints, end: Ints, parent: Places, flags: npt.NDArray[np.uint8]) -> None:
    """Set ends that are not known to the last one below them that is, and none before its start."""
    is_open = end == UNKNOWN
    flags[is_open] |= IS_OPEN
    np.maximum(end, start, out=end)
    below = np.flatnonzero((parent >= 0) & is_open[parent])
    for at in below[np.argsort(-start[below], kind="stable")].tolist():  # children before their parents
        end[parent[at]] = max(end[parent[at]], end[at])


def _by_first(lane: Places, lanes: list[str | None], start: Ints) -> tuple[Places, list[str | None]]:
    """Lanes in the order of their first spans, without those that have none."""
    first = np.full(len(lanes), np.iinfo(np.int64).max)
    np.minimum.at(first, lane, start)
    order = sorted(np.unique(lane).tolist(), key=lambda one: (first[one], lanes[one] or ""))
    number = np.zeros(len(lanes), np.int32)
    number[order] = np.arange(len(order))
    return number[lane], [lanes[one] for one in order]


def _by_frequency(name: Places, names: list[str | None]) -> tuple[Places, list[str | None]]:
    """Names, the commonest first, without those that nothing has."""
    count = np.bincount(name, minlength=len(names))
    order = np.argsort(-count, kind="stable")[: np.count_nonzero(count)]
    number = np.zeros(len(names), np.int32)
    number[order] = np.arange(len(order))
    return number[name], [names[one] for one in order]
