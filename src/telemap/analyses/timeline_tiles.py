"""Pieces of the picture that a layout is, near or from afar: tiles of lanes and time, with what is close merged."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from telemap.analyses.timeline_layout import IS_ERROR, IS_FORCED, Layout
from telemap.analyses.timeline_pictures import By, TimelineLane, TimelineLanes, TimelineOverview, TimelineTile
from telemap.model.documents import Code, Window, iso_time, milliseconds
from telemap.stats.trace_forests import Flags, Ints

TILE_ITEMS = 100  # that a tile in a report file counts as, beside its own
LANES = 32  # of a tile
BUCKETS = 1024  # of a tile; what begins in one of them is merged
ZOOM = 4  # as many tiles has a level for each of the one above
STEPS = 10  # of a bucket at least, to which times are rounded where spans are merged; powers of ten take few digits
MOST_NAMES = 20_000

Number = TypeVar("Number", bound=np.integer[Any])


def levels(layout: Layout) -> int:
    """How many levels of tiles there are: in the last one a bucket is a nanosecond, or less."""
    begin, end = layout.domain
    found = 1
    while BUCKETS * ZOOM ** (found - 1) < end - begin:
        found += 1
    return found


def lanes(layout: Layout, by: By, codes: dict[str, Code]) -> TimelineLanes:
    """What there is to be drawn, and the places in code of the lanes that have one."""
    begin, end = layout.domain
    rows = np.searchsorted(layout.row_lane, np.arange(len(layout.lanes) + 1))
    first = layout.row_first[rows]
    failed = np.concatenate(([0], np.cumsum(layout.flags & IS_ERROR)))[first]
    forced = np.concatenate(([0], np.cumsum((layout.flags & IS_FORCED) > 0)))[first]
    told = [
        TimelineLane(
            name=name,
            first=int(first[at]),
            rows=int(rows[at + 1] - rows[at]),
            spans=int(first[at + 1] - first[at]),
            errors=int(failed[at + 1] - failed[at]),
            crowded=int(forced[at + 1] - forced[at]),
            start_ms=milliseconds(int(layout.start[first[at] : first[at + 1]].min()) - begin),
            end_ms=milliseconds(int(layout.end[first[at] : first[at + 1]].max()) - begin),
            code=codes.get(name or ""),
        )
        for at, name in enumerate(layout.lanes)
    ]
    return TimelineLanes(
        by=by,
        window=Window(iso_time(begin), iso_time(end)) if told else None,
        duration_ms=milliseconds(end - begin),
        levels=levels(layout),
        lanes_of_block=LANES,
        buckets=BUCKETS,
        lanes=told,
        names=layout.names[:MOST_NAMES],
        overview=_overview(layout),
        spans=len(layout.start),
        left_out=layout.left_out,
        untimed=layout.untimed,
    )


def _overview(layout: Layout) -> TimelineOverview:
    """How many spans are going on, and how many failed ones begin, in each of equal parts of all time."""
    begin, end = layout.domain
    width = -(-(end - begin) // BUCKETS)
    first, last = (layout.start - begin) // width, (layout.end - begin) // width
    change = np.bincount(first, minlength=BUCKETS + 1) - np.bincount(last + 1, minlength=BUCKETS + 2)[: BUCKETS + 1]
    failed = np.bincount(first[(layout.flags & IS_ERROR) > 0], minlength=BUCKETS)
    return TimelineOverview(spans=np.cumsum(change)[:BUCKETS].tolist(), errors=failed.tolist())


def tile(layout: Layout, by: By, level: int, index: int, block: int) -> TimelineTile:
    """The tile ``index`` of a level, of a block of lanes; what begins in one bucket of a row is one item.

    What began before it and goes on in it is an item of its own, of one span: of a crowded row the one that ends last.
    """
    domain, length = layout.domain[0], layout.domain[1] - layout.domain[0]
    begin, over = (domain + at * length // ZOOM**level for at in (index, index + 1))
    rows = layout.rows_of(block * LANES, (block + 1) * LANES)
    first, last = int(layout.row_first[rows.start]), int(layout.row_first[rows.stop])
    row = np.repeat(np.arange(rows.start, rows.stop), np.diff(layout.row_first[rows.start : rows.stop + 1]))
    start, end = layout.start[first:last], layout.end[first:last]
    within = np.flatnonzero((start >= begin) & (start < over))
    carried = np.flatnonzero((start < begin) & (end > begin))
    width = max(1, -(-(over - begin) // BUCKETS))
    buckets = (start[within] - begin) // width
    groups = _starts(row[within] * np.int64(BUCKETS) + buckets)
    kept = carried[_largest(end[carried], _starts(row[carried]))]
    longest = within[_largest((end - start)[within], groups)]
    number, shown = np.concatenate((kept, within[groups])), np.concatenate((kept, longest))
    order = np.argsort(row[number], kind="stable")
    number, shown = number[order], shown[order]
    count = np.concatenate((np.ones(len(kept), np.int64), np.diff(np.append(groups, len(within)))))[order]
    until = np.concatenate((end[kept], _reduced(np.maximum, end[within], groups)))[order]
    flags = layout.flags[first:last]
    is_complete = bool(len(kept) == len(carried) and (count == 1).all())
    step = 1 if is_complete else 10 ** (len(str(-(-width // STEPS))) - 1)
    starts = (start[number] - begin) // step * step
    of_rows = _starts(row[number])
    return TimelineTile(
        by=by,
        level=level,
        index=index,
        block=block,
        start_ms=milliseconds(begin - domain),
        duration_ms=milliseconds(over - begin),
        complete=is_complete,
        lane=layout.row_lane[row[number][of_rows]].tolist(),
        row=layout.row_number[row[number][of_rows]].tolist(),
        items=np.diff(np.append(of_rows, len(number))).tolist(),
        skip=(number + first - np.append(0, (number + first + count)[:-1])[: len(number)]).tolist(),
        count=count.tolist(),
        longest=(shown - number).tolist(),
        item_start_ms=(starts / 1e6).tolist(),
        item_duration_ms=(-((begin + starts - until) // step) * step / 1e6).tolist(),
        name=layout.name[first:last][shown].tolist(),
        flags=np.concatenate((flags[kept], _reduced(np.bitwise_or, flags[within], groups)))[order].tolist(),
    )


def tiles(layout: Layout, by: By, most_items: int) -> Iterator[tuple[int, int, int]]:
    """Level, index and block of the tiles that show every span, and of all above them; the coarsest first.

    A tile counts as some items even if it has few: what begins at one time is apart in the very nearest ones only.
    """
    left = deque((0, 0, block) for block in range(-(-len(layout.lanes) // LANES)))
    deepest, items = levels(layout) - 1, 0
    while left and items < most_items:
        level, index, block = left.popleft()
        made = tile(layout, by, level, index, block)
        items += TILE_ITEMS + len(made.count)
        yield level, index, block
        if not made.complete and level < deepest:
            left.extend((level + 1, index * ZOOM + at, block) for at in range(ZOOM))


def _starts(key: Ints) -> Ints:
    """Where the groups of equal keys in a row begin."""
    return np.flatnonzero(np.append(True, key[1:] != key[:-1])[: len(key)])


def _reduced(how: np.ufunc, values: npt.NDArray[Number], groups: Ints) -> npt.NDArray[Number]:
    return how.reduceat(values, groups) if len(groups) else values[:0]


def _largest(values: Ints, groups: Ints) -> Ints:
    """The place of the largest value of each group, of several the first."""
    counts = np.diff(np.append(groups, len(values)))
    is_largest: Flags = values == np.repeat(_reduced(np.maximum, values, groups), counts)
    places = np.flatnonzero(is_largest)
    return places[_starts(np.repeat(np.arange(len(groups)), counts)[places])]
