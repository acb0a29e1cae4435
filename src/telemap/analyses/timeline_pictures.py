"""The shapes of what the picture of the timeline is made of; times in milliseconds, offsets from its first start.

A span has a number in a picture: lane by lane, row by row, each row in the order of starts.
"""

from __future__ import annotations

from typing import Literal

from telemap.model.documents import Code, Document, Shape, Window

By = Literal["session", "sequence", "handler", "service"]
"""What a lane is."""


class TimelineLane(Shape, frozen=True):
    """A lane, whose spans have numbers from ``first`` on; ``crowded`` are those that overlap others in its last row."""

    name: str | None
    first: int
    rows: int
    spans: int
    errors: int
    crowded: int
    start_ms: float
    end_ms: float
    code: Code | None


class TimelineOverview(Shape, frozen=True):
    """Of each of equal parts of the whole time: the spans that are going on, and the failed ones that begin."""

    spans: list[int]
    errors: list[int]


class TimelineLanes(Document, frozen=True, kw_only=True):
    """All lanes, and how tiles are counted: level L has 4^L tiles for each block of lanes.

    ``names`` are what tiles name spans by, the commonest first; ``spans`` are those that have a place, ``left_out``
    those that have no lane, and of ``untimed`` no start is known.
    """

    by: By
    window: Window | None
    duration_ms: float
    levels: int
    lanes_of_block: int
    buckets: int
    lanes: list[TimelineLane]
    names: list[str | None]
    overview: TimelineOverview
    spans: int
    left_out: int
    untimed: int


class TimelineTile(Document, frozen=True, kw_only=True):
    """A piece of the picture: rows of items, one entry a row in ``lane``, ``row`` and ``items`` (how many it has).

    The other lists have one entry an item: the ``count`` of spans merged in it, whose numbers go on from those of the
    item before it but for some to ``skip``; the ``longest`` of them, from the first on, and its name; the times, from
    the start of the tile; ``flags``: 1 one failed, 2 the end of one is not known, 4 one is inferred, 8 one overlaps
    others. If the tile is ``complete``, every span that is going on in its time is an item of its own, and times are
    those of the span; where it is not, they are rounded to a part of a bucket.
    """

    by: By
    level: int
    index: int
    block: int
    start_ms: float
    duration_ms: float
    complete: bool
    lane: list[int]
    row: list[int]
    items: list[int]
    skip: list[int]
    count: list[int]
    longest: list[int]
    item_start_ms: list[float]
    item_duration_ms: list[float]
    name: list[int]
    flags: list[int]


class SpanChange(Shape, frozen=True):
    """A change of a key of the state."""

    key: str
    operation: str
    before: str | None
    after: str | None


class TimelineSpans(Document, frozen=True, kw_only=True):
    """The spans of a block of numbers, one entry a span in each list; their numbers go on from ``first``.

    ``parent`` is the number of the one above, or null; ``lost_parent_id`` is there if that one has no number.
    ``children`` are the first of those below, as numbers, ``child_count`` is how many there are. ``code`` is a place in
    ``codes``.
    """

    by: By
    first: int
    lane: list[int]
    row: list[int]
    parent: list[int | None]
    lost_parent_id: list[str | None]
    children: list[list[int]]
    child_count: list[int]
    span_id: list[str]
    trace_id: list[str]
    kind: list[str]
    name: list[str | None]
    handler: list[str | None]
    event: list[str | None]
    sequence: list[str | None]
    movement: list[str | None]
    plugin: list[str | None]
    service: list[str | None]
    build: list[str | None]
    offset_ms: list[float]
    duration_ms: list[float | None]
    self_ms: list[float | None]
    status: list[str]
    status_message: list[str | None]
    inferred_by: list[str | None]
    attributes: list[dict[str, str]]
    source: list[str]
    line_start: list[int | None]
    line_end: list[int | None]
    state_changes: list[list[SpanChange]]
    code: list[int | None]
    codes: list[Code]


class TimelineMatches(Document, frozen=True, kw_only=True):
    """The numbers of spans that were looked for, in the order of their starts; ``count`` is how many there are."""

    by: By
    count: int
    numbers: list[int]
