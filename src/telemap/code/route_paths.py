"""Paths of routes in one form, whatever framework wrote them, and which of them a path that was asked for takes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Generic, TypeVar

PARAMETER, OPTIONAL, REST = "{}", "{?}", "{*}"

_QUANTIFIER = re.compile(r"[?*+]|\{\d+(,\d*)?\}")
_COLON = re.compile(r":(\w+)")
_NAMED_REST = re.compile(r"\*\w*")
_ANYTHING = re.compile(r"^\*|\.{3}$|\.[*+]|^path:|:path$")
_PIECE = re.compile(r"(\{[?*]?\})")

Value = TypeVar("Value")


def route_key(route: str) -> str:
    """The normal form of a route: no slash at its ends, small letters, parameters by their place.

    A parameter is ``{}``, one that may be missing ``{?}``, one that takes the rest of the path ``{*}``, whether the
    framework writes ``:id``, ``{id:int}``, ``<int:id>``, ``*path`` or a regular expression.

    >>> route_key("/users/<int:id>/"), route_key("^users/(?P<id>[0-9]+)/$"), route_key("/Users/:id")
    ('users/{}', 'users/{}', 'users/{}')
    """
    pieces: list[str] = []
    position = 0
    while position < len(route):
        piece, position = _piece(route, position)
        if not (piece in {PARAMETER, OPTIONAL} and pieces[-1:] == [piece]):
            pieces.append(piece)
    return "/".join(part for part in "".join(pieces).split("/") if part)


def _piece(route: str, start: int) -> tuple[str, int]:
    """What stands at a place of a route, in normal form, and where the next piece begins."""
    here = route[start]
    if here in "({<[":
        end = _closing(route, start)
        inner = route[start + 1 : end - 1]
        if inner == "$":  # Go: nothing may follow
            return "", end
        return _parameter(inner, route, end, is_pattern=here in "([")
    if here == ":" and (name := _COLON.match(route, start)):
        end = name.end()
        constraint = route[end:] and route[end] == "("
        closed = _closing(route, end) if constraint else end
        return _parameter(route[end + 1 : closed - 1] if constraint else "", route, closed, is_pattern=True)
    if here == "\\" and start + 1 < len(route):
        following = route[start + 1]
        if following in "dwDWsS":
            return _parameter("", route, start + 2, is_pattern=True)
        return ("" if following in "AZzbB" else following.casefold()), start + 2
    if rest := _NAMED_REST.match(route, start):
        return REST, rest.end()
    return ("" if here in "^$?" else here.casefold()), start + 1


def _parameter(inner: str, route: str, end: int, *, is_pattern: bool) -> tuple[str, int]:
    """The normal form of a parameter that ends at ``end``, and where the next piece begins."""
    quantifier = _QUANTIFIER.match(route, end) if is_pattern else None
    end = quantifier.end() if quantifier else end
    if _ANYTHING.search(inner) or (quantifier and quantifier[0] == "*" and not inner):
        return REST, end
    is_optional = inner.endswith("?") or (quantifier is not None and quantifier[0] == "?")
    return (OPTIONAL if is_optional else PARAMETER), end


def _closing(route: str, start: int) -> int:
    """Where the bracket that opens at ``start`` has closed; the end where it never does."""
    opening, depth, position = route[start], 0, start
    closing = {"(": ")", "{": "}", "<": ">", "[": "]"}[opening]
    while position < len(route):
        character = route[position]
        if character == "\\":
            position += 1
        elif character == "[" and opening in "({":  # in a set of characters brackets are characters
            end = route.find("]", position + 2)
            position = end if end > 0 else position
        else:
            depth += (character == opening) - (character == closing)
        position += 1
        if depth == 0:
            return position
    return len(route)


@dataclass(slots=True)
class RouteTable(Generic[Value]):
    """Values by the normal form of a route, and by the paths that it takes."""

    _values: list[Value] = field(default_factory=list)
    _literals: dict[str, RouteTable[Value]] = field(default_factory=dict)
    _patterns: dict[str, RouteTable[Value]] = field(default_factory=dict)
    _rests: dict[str, RouteTable[Value]] = field(default_factory=dict)

    def add(self, key: str, value: Value) -> None:
        """Enter a value under a route in normal form."""
        table = self
        parts = key.split("/") if key else []
        for place, part in enumerate(parts):
            if REST in part:
                table = table._rests.setdefault("/".join(parts[place:]), RouteTable())
                break
            tables = table._patterns if "{" in part else table._literals
            table = tables.setdefault(part, RouteTable())
        table._values.append(value)

    def taking(self, path: str) -> Iterator[tuple[list[Value], float]]:
        """The values of the routes that take a path, most specific first, with the share of it that they spell out."""
        parts = [part for part in path.casefold().split("/") if part]
        for values, spelt in self._taking(parts):
            yield values, spelt / len(parts) if parts else 1.0

    def _taking(self, parts: list[str], spelt: int = 0) -> Iterator[tuple[list[Value], int]]:
        if not parts:
            if self._values:
                yield self._values, spelt
            for part, table in self._patterns.items():
                if part == OPTIONAL:
                    yield from table._taking([], spelt)
        elif parts[0] in self._literals:
            yield from self._literals[parts[0]]._taking(parts[1:], spelt + 1)
        for part in sorted(self._patterns, key=len, reverse=True) if parts else ():
            if _matches(part, parts[0]):
                yield from self._patterns[part]._taking(parts[1:], spelt)
        for rest, table in sorted(self._rests.items(), key=lambda item: -len(item[0])):
            if _matches(rest, "/".join(parts)):
                yield table._values, spelt


def _matches(pattern: str, text: str) -> bool:
    kinds = {PARAMETER: "[^/]+", OPTIONAL: "[^/]*", REST: ".*"}
    return (
        re.fullmatch("".join(kinds.get(piece) or re.escape(piece) for piece in _PIECE.split(pattern)), text) is not None
    )
