"""JSON that remembers the line of each object and of each key."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

_TOKEN = re.compile(r'"([^"\\]*(?:\\.[^"\\]*)*)"(\s*:)?|[{}\n]')


class JsonObject(dict[str, Any]):
    """A JSON object; lines are 1-based."""

    __slots__ = ("_key_lines", "line_number")

    def __init__(self, pairs: list[tuple[str, Any]], line_number: int, key_lines: dict[str, int]) -> None:
        super().__init__(pairs)
        self.line_number = line_number
        self._key_lines = key_lines

    def line_of(self, key: str) -> int:
        """The line of a key, or that of the object where it has no such key."""
        return self._key_lines.get(key, self.line_number)


def read_json(text: str) -> Any:
    """The value of a JSON text, its objects as ``JsonObject``.

    Raises:
        ValueError: the text is no JSON; a ``json.JSONDecodeError`` where a line is known.
    """
    lines = _lines(text)  # objects end in the order in which the decoder asks for them
    try:
        return json.loads(text, object_pairs_hook=lambda pairs: JsonObject(pairs, *next(lines)))
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _lines(text: str) -> Iterator[tuple[int, dict[str, int]]]:
    """For each object, in the order of their ends, its line and those of its keys."""
    line_number = 1
    open_objects: list[tuple[int, dict[str, int]]] = []
    for token in _TOKEN.finditer(text):
        match token[0]:
            case "\n":
                line_number += 1
            case "{":
                open_objects.append((line_number, {}))
            case "}":
                yield open_objects.pop()
            case _ if token[2] and open_objects:
                open_objects[-1][1][token[1]] = line_number
                line_number += token[2].count("\n")
