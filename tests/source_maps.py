"""Source maps as bundlers write them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from telemap.code.source_maps import DIGITS

Segment = tuple[int, ...]  # column, and maybe source, line, column, and maybe name


def encoded(lines: Sequence[Sequence[Segment]]) -> str:
    """Mappings, from 0, as a bundler writes them: numbers as differences, five bits a digit."""
    before = [0] * 5
    written = []
    for line in lines:
        before[0] = 0
        segments = []
        for segment in line:
            segments.append("".join(number(new - old) for new, old in zip(segment, before, strict=False)))
            before[: len(segment)] = segment
        written.append(",".join(segments))
    return ";".join(written)


def number(value: int) -> str:
    rest = abs(value) << 1 | (value < 0)
    digits = ""
    while True:
        rest, digit = rest >> 5, rest & 31
        digits += chr(DIGITS[digit | (32 if rest else 0)])
        if not rest:
            return digits


def source_map(lines: Sequence[Sequence[Segment]], **members: Any) -> bytes:
    document = {"version": 3, "sources": ["a.ts", "b.ts"], "names": ["x", "y"], "mappings": encoded(lines)}
    return json.dumps(document | members).encode()
