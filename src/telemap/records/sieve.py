"""Which of many formats a line can be in, found out in one go."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence

from telemap.records.formats import Format

# What stands for itself, then what captures.
_TOKEN = re.compile(rb"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\((?!\?)|\(\?P<\w+>", re.DOTALL)

# Flags for a whole expression and what refers to groups would be something else inside of a larger one, and comments
# may hold anything.
_UNFIT = re.compile(rb"\(\?[aiLmsux]+\)|\(\?#|\\[1-9]|\(\?P=|\(\?\(")


class Sieve:
    """Tries the patterns of all text formats as one expression, which costs a tenth of trying them one by one.

    Args:
        formats: of which those of JSON are left out; a line can always be in one whose patterns cannot be joined.
    """

    def __init__(self, formats: Sequence[Format]) -> None:
        texts = [(number, f) for number, f in enumerate(formats) if f.members is None]
        self._always = [number for number, f in texts if any(_UNFIT.search(p.source) for p in f.patterns)]
        self._numbers = [number for number, _ in texts if number not in self._always]
        # Each format leaves a mark, an empty group, where one of its patterns fits, and nothing where none does.
        joined = (b"|".join(_without_groups(p.source) for p in formats[number].patterns) for number in self._numbers)
        self._regex = re.compile(b"".join(b"(?:(?=%b)()|)" % patterns for patterns in joined))

    def lines_of(self, lines: Sequence[bytes]) -> dict[int, list[bytes]]:
        """By the number of a format, the lines that one of its patterns fits; all lines if they have to be tried."""
        found: defaultdict[int, list[bytes]] = defaultdict(list, {number: list(lines) for number in self._always})
        for line in lines:
            marks = self._regex.match(line).groups()  # type: ignore[union-attr]  # matches anything
            for number, mark in zip(self._numbers, marks, strict=True):
                if mark is not None:
                    found[number].append(line)
        return found


def _without_groups(source: bytes) -> bytes:
    return _TOKEN.sub(lambda token: b"(?:" if token[0].startswith(b"(") else token[0], source)
