"""Columns of records → the rows that say something of a span."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from telemap.executions.runs import EdgeRow, Rows
from telemap.model.telemetry import UNKNOWN_CODE, UNKNOWN_TIME
from telemap.records.columns import Columns, Ints
from telemap.records.formats import EventRule

_NUMBERS = {
    "beat": ("beat", UNKNOWN_CODE),
    "duration": ("duration_ms", UNKNOWN_TIME),
    "clock": ("clock_ms", UNKNOWN_TIME),
}


class EdgePicker:
    """Picks, from the records of a source, those whose event says something of a span."""

    def __init__(self, events: Sequence[EventRule]) -> None:
        none = UNKNOWN_CODE
        self._edges = np.array([none if r.edge is None else int(r.edge) for r in events] + [none], np.int64)
        self._kinds = np.array([none if r.kind is None else int(r.kind) for r in events] + [none], np.int64)

    def pick(self, columns: Columns, first_line: int) -> tuple[Ints, Rows]:
        """The places in ``columns`` of those records, and a row for each with the columns of EdgeRow.

        ``first_line`` is the line number of the block's first line.
        """
        edges = self._edges[columns.rule]
        places = np.flatnonzero(edges >= 0)
        first = columns.line[places] + first_line
        rows = np.full((len(places), len(EdgeRow._fields)), UNKNOWN_CODE, np.int64)
        for column, name in enumerate(EdgeRow._fields):
            if name in columns.text:
                rows[:, column] = columns.text[name][places]
            elif name in _NUMBERS:
                group, absent = _NUMBERS[name]
                numbers = columns.numbers.get(group)
                rows[:, column] = (
                    absent if numbers is None else np.where(numbers[places] == UNKNOWN_TIME, absent, numbers[places])
                )
        told = {
            "line": first,
            "last_line": first + columns.line_count[places] - 1,
            "edge": edges[places],
            "kind": self._kinds[columns.rule[places]],
            "time": columns.time[places],
        }
        for name, values in told.items():
            rows[:, EdgeRow._fields.index(name)] = values
        return places, rows
