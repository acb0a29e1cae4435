"""JSON members → the groups of a record: which keys hold the time, the level, the message, and so on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from telemap.records import json_lines

MOST_LEVELS = 4
"""Objects in objects are taken apart down to here; what lies deeper stays JSON text."""

Places = dict[str, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Members:
    """The ``[json]`` table of a format.

    Args:
        requires: keys that every line has, by which the format is told from others.
        groups: by group, the keys that can hold it, the best first; keys of nested objects are joined by dots.
        ignored: keys that are not worth keeping.
    """

    requires: tuple[str, ...]
    groups: Mapping[str, tuple[str, ...]]
    ignored: frozenset[str]

    def find(self, line: bytes) -> Places | None:
        """Where the groups stand in ``line``; None if it is no JSON object or lacks a key that it must have."""
        places = members_of(line)
        if places is None or not all(key in places for key in self.requires):
            return None
        found = {}
        for group, keys in self.groups.items():
            key = next((key for key in keys if key in places), None)
            if key is not None:
                found[group] = places[key]
        return found


def members_of(line: bytes) -> Places | None:
    """Where the values of a JSON object stand, by key, without those that are null; None if ``line`` is none."""
    if not line.lstrip().startswith(b"{"):
        return None
    keys = json_lines.KeyTable()
    ok = np.zeros(1, np.uint8)
    start, length = np.zeros(1, np.int64), np.array([len(line)], np.int64)
    found = json_lines.members(line, start, length, None, keys, MOST_LEVELS, ok)
    if not ok[0]:
        return None
    return {
        keys.path(key).decode(errors="replace"): (int(begins[0]), int(ends[0]))
        for key, _, begins, ends, kinds in found
        if kinds[0] != json_lines.NULL
    }
