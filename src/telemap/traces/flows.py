"""Arrows between slices → links of the later one to the earlier."""

from __future__ import annotations

from collections.abc import Hashable

from telemap.traces.batches import Attributes, Link, Span


class Flows:
    """Flows by their id; told in the order of time."""

    def __init__(self) -> None:
        self._latest: dict[Hashable, Span] = {}

    def pass_by(self, flow: Hashable, span: Span, attributes: Attributes, *, begins: bool, ends: bool) -> None:
        """The flow goes on at ``span``, from where it was before."""
        earlier = None if begins else self._latest.get(flow)
        if earlier and earlier is not span:
            span.links = [*span.links, Link(earlier.trace_id, earlier.span_id, attributes)]
        if ends:
            self._latest.pop(flow, None)
        else:
            self._latest[flow] = span
