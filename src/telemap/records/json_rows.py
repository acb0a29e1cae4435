"""JSON lines of a block → the groups and attributes of their records, key by key."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from telemap.records import json_lines
from telemap.records.columns import Flags, Ints, Spans
from telemap.records.formats import Format
from telemap.records.members import MOST_LEVELS, values_of

NO_FORMAT = -1


@dataclass(slots=True)
class JsonRows:
    """The lines of a block that are JSON objects of a known format, the number of it for each, and what they say.

    The rows of ``groups`` and ``attributes`` are places in ``lines``.
    """

    lines: Ints
    formats: npt.NDArray[np.int8]
    groups: list[tuple[str, Spans]] = field(default_factory=list)
    attributes: list[tuple[str, Spans]] = field(default_factory=list)


@dataclass(slots=True)
class _Member:
    """The values of one key, and which of them have been used."""

    spans: Spans
    used: Flags


class JsonReader:
    """Reads the JSON lines of one source; keeps the keys that it has seen.

    Args:
        formats: the JSON formats and their numbers, the one to try first in front.
    """

    def __init__(self, formats: Sequence[tuple[int, Format]]) -> None:
        self._formats = formats
        self._keys = json_lines.KeyTable()

    def takes(self, line: bytes) -> bool:
        """Whether ``line`` is a JSON object of a known format."""
        (values,) = values_of([line])
        return any(f.match_object(line, values) is not None for _, f in self._formats)

    def read(self, data: memoryview, offsets: Ints, lengths: Ints) -> JsonRows:
        """The JSON lines among the lines of a block, which begin at ``offsets``."""
        which = _candidates(data, offsets, lengths) if self._formats else np.zeros(0, np.int64)
        if not len(which):
            return JsonRows(which, np.zeros(0, np.int8))
        ok = np.zeros(len(which), np.uint8)
        members = {}
        for key, rows, begins, ends, kinds in json_lines.members(
            data, offsets, lengths, which, self._keys, MOST_LEVELS, ok
        ):
            spans = Spans(rows, begins, ends, data, kinds == json_lines.ESCAPED)
            for name, these in _apart(self._keys.path(key).decode(errors="replace"), rows, kinds):
                members[name] = _Member(spans.only(these), kinds[these] == json_lines.NULL)
        formats = self._told_apart(members, ok.astype(np.bool_))
        return _assigned(which, formats, members, self._formats)

    def _told_apart(self, members: dict[str, _Member], ok: Flags) -> npt.NDArray[np.int8]:
        """The number of the format of each line, NO_FORMAT where there is none."""
        formats = np.full(len(ok), NO_FORMAT, np.int8)
        for number, log_format in self._formats:
            fits = ok & (formats == NO_FORMAT)
            for key in log_format.members.requires if log_format.members else ():
                has = np.zeros(len(ok), np.bool_)
                if key in members:
                    has[members[key].spans.rows] = True
                fits &= has
            formats[fits] = number
        return formats


def _apart(path: str, rows: Ints, kinds: npt.NDArray[np.uint8]) -> Iterator[tuple[str, Flags]]:
    """The values of a path; where a line has several, since there were too many keys, each under a name of its own."""
    if not len(kinds) or kinds[0] != json_lines.MEMBER:
        yield path, np.ones(len(rows), np.bool_)
        return
    place = np.arange(len(rows)) - np.searchsorted(rows, rows)
    for number in range(int(place.max()) + 1):
        yield f"{path}{number}", place == number


def _candidates(data: memoryview, offsets: Ints, lengths: Ints) -> Ints:
    """The lines that begin with a brace, blanks aside."""
    lines = np.flatnonzero(lengths > 1).astype(np.int64)
    bytes_ = np.frombuffer(data, np.uint8)
    first, last = bytes_[offsets[lines]], bytes_[offsets[lines] + lengths[lines] - 1]
    which = lines[first == ord("{")]
    # The only ones looked at one by one: indented lines are many, those that end like an object are few.
    indented = lines[(first == ord(" ")) & ((last == ord("}")) | (last == ord(" ")))]
    more = [
        line
        for line in indented.tolist()
        if bytes(data[offsets[line] : offsets[line] + lengths[line]]).lstrip()[:1] == b"{"
    ]
    return np.sort(np.concatenate([which, np.array(more, np.int64)])) if more else which


def _assigned(
    which: Ints, formats: npt.NDArray[np.int8], members: dict[str, _Member], known: Sequence[tuple[int, Format]]
) -> JsonRows:
    """Give each member its group, or make it an attribute."""
    is_taken = formats != NO_FORMAT
    place = np.cumsum(is_taken) - 1
    rows = JsonRows(which[is_taken], formats[is_taken])

    def told(spans: Spans, these: Flags) -> Spans:
        chosen = spans.only(these)
        return chosen._replace(rows=place[chosen.rows])

    for member in members.values():
        member.used |= ~is_taken[member.spans.rows]
    for number, log_format in known:
        own = formats == number
        if log_format.members is None or not own.any():
            continue
        for group, keys in log_format.members.groups.items():
            free = own.copy()
            for member in (members[key] for key in keys if key in members):
                take = free[member.spans.rows] & ~member.used
                if take.any():
                    rows.groups.append((group, told(member.spans, take)))
                    member.used |= take
                    free[member.spans.rows[take]] = False
        for key in log_format.members.ignored & members.keys():
            members[key].used |= own[members[key].spans.rows]
    for path, member in members.items():
        if not member.used.all():
            rows.attributes.append((path, told(member.spans, ~member.used)))
    return rows
