"""Lists in JSON and YAML with other entries than before, written as they were."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any

from telemap.definitions.text_trees import Piece, line_end

Entry = Any
"""A piece of the text, or whatever is new."""
Made = Callable[[Entry], str | Mapping[str, str]]
"""The text of an entry, or the members of a new one, keys and values as they are written."""


def rewritten(text: str, piece: Piece, entries: Sequence[Entry], made: Made) -> str:
    """The text of a list that has these entries now."""
    return (_in_lines if piece.is_block else _in_brackets)(text, piece, entries, made)


def _in_brackets(text: str, piece: Piece, entries: Sequence[Entry], made: Made) -> str:
    items = piece.items or []
    if not items:
        begin, end, between = "[", "]", [", "]
    else:
        begin, end = text[piece.start : items[0].start], text[items[-1].end : piece.end]
        between = [text[one.end : other.start] for one, other in pairwise(items)]
        between = between or [f",{begin[1:]}" if begin[1:] else ", "]
    told = ""
    for number, entry in enumerate(entries):
        found = made(entry)
        whole = found if isinstance(found, str) else _object(text, items, found)
        told += (between[min(number, len(between)) - 1] if number else begin) + whole
    return told + end if entries else "[]"


def _object(text: str, items: Sequence[Piece], members: Mapping[str, str]) -> str:
    """A mapping in braces, laid out as the first one in the list is."""
    pattern = next((item for item in items if item.members and not item.is_block), None)
    begin, colon, comma, end = "{", ": ", ", ", "}"
    if pattern is not None and pattern.members:
        pairs = list(pattern.members.values())
        begin, end = text[pattern.start : pairs[0][0].start], text[pairs[-1][1].end : pattern.end]
        colon = text[pairs[0][0].end : pairs[0][1].start]
        comma = text[pairs[0][1].end : pairs[1][0].start] if len(pairs) > 1 else f",{begin[1:]}"
    elif not text.lstrip().startswith("{") and set(members) == {"event"}:
        return members["event"]  # in YAML an event may stand for itself
    return begin + comma.join(f"{key}{colon}{value}" for key, value in members.items()) + end


def _in_lines(text: str, piece: Piece, entries: Sequence[Entry], made: Made) -> str:
    """A list of YAML whose entries begin with dashes: each has its lines, those of comments above it too."""
    items = piece.items or []
    indent = " " * (piece.start - (text.rfind("\n", 0, piece.start) + 1))
    ending = "\r" if "\r\n" in text else ""
    ends = [line_end(text, item.end) for item in items]
    starts = [piece.start, *(end + 1 for end in ends)]
    numbers = {id(item): number for number, item in enumerate(items)}
    told = []
    for entry in entries:
        found, number = made(entry), numbers.get(id(entry))
        if not isinstance(found, str):
            members = found["event"] if set(found) == {"event"} else _members(found, f"{ending}\n{indent}  ")
            told.append(f"- {members}{ending}")
        elif number is None:
            told.append(f"- {found}{ending}")
        else:
            item = items[number]
            told.append(text[starts[number] : item.start] + found.removesuffix("\n") + text[item.end : ends[number]])
    return "\n".join(one if one.startswith((" ", "\t", "#", "\r", "\n")) else indent + one for one in told).lstrip()


def _members(members: Mapping[str, str], between: str) -> str:
    return between.join(f"{key}: {value}" for key, value in members.items())
