"""Slices that follow each other on a track (a thread, or what has one id) → spans that know their parents."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable

from telemap.model.telemetry import Nanoseconds
from telemap.traces.batches import Attributes, Span

_NEVER = float("inf")


class Track:
    """The spans of one track, told in the order of time."""

    def __init__(self) -> None:
        self.spans: list[Span] = []
        self._open: list[Span] = []
        self._parents: dict[int, Span | None] = {}
        self._starts: list[Nanoseconds] = []
        self._cut: dict[int, Nanoseconds | None] = {}

    def begin(self, span: Span) -> None:
        """Open a span; until it ends it is incomplete."""
        span.status = "incomplete"
        self.spans.append(span)
        self._open.append(span)

    def innermost(self) -> Span | None:
        """The span that was opened last of those still open."""
        return self._open[-1] if self._open else None

    def end(
        self, time: Nanoseconds | None, name: str | None, attributes: Attributes, *, same_name: bool = False
    ) -> bool:
        """Close the innermost open span of that name, else (unless ``same_name``) the innermost; false without one."""
        place = next((n for n, span in reversed(list(enumerate(self._open))) if span.name == name), None)
        if place is None and not same_name:
            place = next((n for n, span in reversed(list(enumerate(self._open))) if id(span) not in self._cut), None)
        if place is None:
            return False
        span = self._open.pop(place)
        # Those within it may end later in the order of the file, but in time they cannot.
        self._cut |= {id(within): time for within in self._open[place:]}
        span.status, span.end_time_unix_nano = "ok", time
        told = span.attributes
        told |= {key if told.get(key, value) == value else f"end.{key}": value for key, value in attributes.items()}
        if time is not None and span.start_time_unix_nano is not None:
            span.duration_ns = time - span.start_time_unix_nano
        return True

    def nest(self) -> None:
        """Give every span as parent the innermost that lasts at least as long around it."""
        self.spans.sort(key=lambda span: (_begin(span), -self._end(span)))
        self._starts = list(map(_begin, self.spans))
        around: list[Span] = []
        for span in self.spans:
            while around and self._end(around[-1]) <= _begin(span):
                around.pop()
            parent = next((outer for outer in reversed(around) if self._end(outer) >= self._end(span)), None)
            self._parents[id(span)] = parent
            if parent and not span.parent_span_id:
                span.parent_span_id = parent.span_id
            around.append(span)

    def _end(self, span: Span) -> float:
        end = self._cut.get(id(span)) if span.end_time_unix_nano is None else span.end_time_unix_nano
        return _NEVER if end is None else end

    def around(self, time: Nanoseconds) -> Span | None:
        """The innermost span at ``time``; only after nesting."""
        place = bisect_right(self._starts, time) - 1
        span = self.spans[place] if place >= 0 else None
        while span and self._end(span) < time:
            span = self._parents[id(span)]
        return span

    def after(self, time: Nanoseconds) -> Span | None:
        """The first span that begins at ``time`` or later; only after nesting."""
        place = bisect_left(self._starts, time)
        return self.spans[place] if place < len(self.spans) else None


def _begin(span: Span) -> Nanoseconds:
    return span.start_time_unix_nano or 0


def all_spans(tracks: Iterable[Track]) -> list[Span]:
    """The spans of all tracks, nested, in the order of their ids."""
    spans = []
    for track in tracks:
        track.nest()
        spans += track.spans
    return sorted(spans, key=lambda span: span.span_id or "")
