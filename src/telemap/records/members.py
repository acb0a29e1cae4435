"""JSON members → the groups of a record: which keys hold the time, the level, the message, and so on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from telemap.records import json_lines

MOST_LEVELS = 4
"""Objects in objects are taken apart down to here; what lies deeper stays JSON text."""

Places = dict[str, tuple[int, int]]

Values = dict[str, tuple[int, int] | None]
"""By key, where its value stands in the line; None where that is null."""


@dataclass(frozen=True, slots=True)
class Members:
    """The ``[json]`` table of a format.

    Args:
        requires: keys that every line has, be they null, by which the format is told from others.
        groups: by group, the keys that can hold it, the best first; keys of nested objects are joined by dots.
        ignored: keys that are not worth keeping.
    """

    requires: tuple[str, ...]
    groups: Mapping[str, tuple[str, ...]]
    ignored: frozenset[str]

    def find(self, values: Values) -> Places | None:
        """Where the groups stand in an object of these values; None if it lacks a key that it must have."""
        if not all(map(values.__contains__, self.requires)):
            return None
        found = ((group, next(filter(None, map(values.get, keys)), None)) for group, keys in self.groups.items())
        return {group: place for group, place in found if place is not None}


def values_of(lines: Sequence[bytes]) -> list[Values | None]:
    """The values of each line that is a JSON object; None for the others."""
    which = [number for number, line in enumerate(lines) if line.lstrip().startswith(b"{")]
    if not which:
        return [None] * len(lines)
    objects = [lines[number] for number in which]
    lengths = np.array([len(line) for line in objects], np.int64)
    offsets = np.cumsum(lengths) - lengths
    keys, ok = json_lines.KeyTable(), np.zeros(len(which), np.uint8)
    found = json_lines.members(b"".join(objects), offsets, lengths, None, keys, MOST_LEVELS, ok)
    values: list[Values | None] = [None] * len(lines)
    told: list[Values] = [{} for _ in which]
    for key, rows, begins, ends, kinds in found:
        path = keys.path(key).decode(errors="replace")
        spans = zip((begins - offsets[rows]).tolist(), (ends - offsets[rows]).tolist(), strict=True)
        for row, span, kind in zip(rows.tolist(), spans, kinds.tolist(), strict=True):
            told[row].setdefault(path, None if kind == json_lines.NULL else span)
    for number, is_object, line_values in zip(which, ok.tolist(), told, strict=True):
        values[number] = line_values if is_object else None
    return values


def members_of(line: bytes) -> Places | None:
    """Where the values of a JSON object stand, by key, without those that are null; None if ``line`` is none."""
    (values,) = values_of([line])
    return None if values is None else {key: place for key, place in values.items() if place is not None}
