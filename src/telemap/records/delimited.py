"""Lines that are rows of a table (CSV, pipes, semicolons, tabs, aligned columns) → what their columns hold."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from telemap.model.severity import severity_number
from telemap.records import times
from telemap.records.headers import LETTERS

LEAST_COLUMNS = 4
LEAST_AGREEMENT = 0.9
"""Of the lines: fewer with the same number of columns are no table, with the same kind of value no column of that."""

_DATES = ("%Y%m%d", "%Y-%m-%d", "%Y/%m/%d", "%d.%m.%Y", "%d.%m.%y", "%d/%m/%Y", "%m/%d/%Y")
_CLOCKS = ("%H%M%S[.%f|,%f]", "%H:%M:%S[.%f|,%f]", "%H:%M", "%H.%M.%S")
_DURATION = re.compile(r"\d+(?:\.\d+)?ms")
_HEADING = re.compile(r"[A-Za-z][\w .-]*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Cells:
    """A column of a table, or two that hold the date and the time.

    Args:
        heading: what the first line calls it, if that is a heading.
        role: ``timestamp``, ``severity``, ``letter``, ``duration``, ``body`` or ``""``.
        texts: what it holds, without quotes.
        regex: an expression for what is to be captured of it.
        before: of an expression, what stands in front of that.
        after: and behind it.
    """

    heading: str
    role: str
    texts: Sequence[str]
    regex: str
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class Delimited:
    """A table.

    Args:
        rows: the lines that are rows of it.
        columns: what they hold.
        delimiter: an expression for what stands between the columns.
        layouts: how its times are written, where they are in two columns.
    """

    rows: Sequence[str]
    columns: Sequence[Cells]
    delimiter: str
    layouts: tuple[str, ...]


def delimited(lines: Sequence[str]) -> Delimited | None:
    """The table that ``lines`` are rows of, if it has a heading, times or severities; else None."""
    for delimiter in ("|", ";", "\t", ",", "  "):
        cell = r"\S+(?: \S+)*" if delimiter == "  " else rf'"(?:[^"]|"")*"|[^{delimiter}]*'
        between = " {2,}" if delimiter == "  " else re.escape(delimiter)
        split = re.compile(rf"(?:^|{between})({cell})(?={between}|$)")
        cells = [split.findall(line.rstrip()) for line in lines]
        count, agreeing = Counter(map(len, cells)).most_common(1)[0] if cells else (0, 0)
        if count < LEAST_COLUMNS or agreeing < LEAST_AGREEMENT * len(lines):
            continue
        rows = [(line, row) for line, row in zip(lines, cells, strict=True) if len(row) == count]
        headings = _headings(rows[0][1], rows[1][1] if len(rows) > 1 else [])
        rows = rows[bool(headings) :]
        columns = list(zip(*(row for _, row in rows), strict=True))
        found, layouts = _columns(columns, headings or [""] * count, between, cell)
        if headings or any(column.role in ("timestamp", "severity", "letter") for column in found):
            return Delimited([line for line, _ in rows], found, between, layouts)
    return None


def _headings(first: Sequence[str], second: Sequence[str]) -> list[str]:
    """The headings of a table whose first row looks as if it had them; none if it has not."""
    texts = [text.strip().strip('"') for text in first]
    is_heading = len(set(texts)) == len(texts) and all(map(_HEADING.fullmatch, texts))
    return texts if is_heading and any(map(str.isdigit, "".join(second))) and list(first) != list(second) else []


def _columns(
    columns: Sequence[Sequence[str]], headings: Sequence[str], between: str, cell: str
) -> tuple[list[Cells], tuple[str, ...]]:
    found: list[Cells] = []
    for heading, column in zip(headings, columns, strict=True):
        found.append(_cells(heading, column, cell, {other.role for other in found}))
    for number, (first, second) in enumerate(pairwise(columns)):
        date, clock = _layout(first, _DATES), _layout(second, _CLOCKS)
        if date and clock:
            if between == r"\|":  # which cannot stand in a layout: the date stays by itself
                day = replace(found[number], heading=headings[number] or "date")
                timed, layout = (
                    [day, replace(found[number + 1], role="timestamp", regex=_time_regex(second, cell))],
                    clock,
                )
            else:
                mark, plain = between[-1] if between[-1] in ";,\t" else " ", _plain(cell)
                texts = [f"{a}{mark}{b}" for a, b in zip(first, second, strict=True)]
                timed = [Cells("", "timestamp", texts, f"{plain}{between}{plain}")]
                layout = f"{date}{mark}{clock}"
            return _with_body([*found[:number], *timed, *found[number + 2 :]]), (layout,)
    return _with_body(found), ()


def _cells(heading: str, column: Sequence[str], cell: str, taken: set[str]) -> Cells:
    role = _role(column)
    role = "" if role in taken else role
    if all(len(text) > 1 and text[0] == text[-1] == '"' for text in column):
        return Cells(heading, role, [text[1:-1] for text in column], '(?:[^"]|"")*', '"', '"')
    if role == "timestamp":
        return Cells(heading, role, column, _time_regex(column, cell))
    if role == "duration":
        return Cells(heading, role, [text.strip() for text in column], r"\d+(?:\.\d+)?", r"\s*", r"ms\s*")
    return Cells(heading, role, column, cell if any('"' in text for text in column) else _plain(cell))


def _time_regex(column: Sequence[str], cell: str) -> str:
    """An expression for times, and not for a heading if it can be told from them."""
    return rf"\d{_plain(cell)}" if all("0" <= text[:1] <= "9" for text in column) else _plain(cell)


def _plain(cell: str) -> str:
    """The alternative of a cell that has no quotes."""
    return cell.rpartition('"|')[2]


def _role(column: Sequence[str]) -> str:
    texts = [text.strip().strip('"') for text in column if text.strip()]
    if not texts:
        return ""
    kinds = times.read([text.encode() for text in texts], times.Layouts(times.GENERAL))[1]
    # A number may be anything; one of ten or thirteen digits is likely to count from 1970.
    if np.mean(kinds != times.UNREADABLE) >= LEAST_AGREEMENT and not all(t.isdigit() and len(t) < 10 for t in texts):
        return "timestamp"
    if set(texts) <= LETTERS.keys():
        return "letter"
    if all(severity_number(text) is not None for text in set(texts)):
        return "severity"
    return "duration" if all(_DURATION.fullmatch(text.strip()) for text in column) else ""


def _layout(texts: Sequence[str], layouts: Sequence[str]) -> str | None:
    """How dates or times are written that stand in a column of their own."""
    data = [text.encode() for text in dict.fromkeys(texts)]
    for layout in layouts:
        if np.mean(times.read(data, times.Layouts([layout]))[1] != times.UNREADABLE) >= LEAST_AGREEMENT:
            return layout
    return None


def _with_body(columns: list[Cells]) -> list[Cells]:
    """The columns, one of which is what the rows tell: that with the most words."""
    free = [number for number, column in enumerate(columns) if not column.role]
    named = [n for n in free if columns[n].heading.lower() in ("message", "msg", "text", "body", "description")]
    if named or free:
        best = named[0] if named else max(free, key=lambda n: _words(columns[n].texts))
        columns[best] = replace(columns[best], role="body")
    return columns


def _words(texts: Sequence[str]) -> float:
    return sum(text.strip().count(" ") for text in texts) / len(texts)


def table_regex(table: Delimited, names: Sequence[str]) -> str:
    """An expression for the rows of a table; ``names`` are those of the groups for its columns."""
    return f"^{table.delimiter.join(_cell_regexes(table, names))}$"


def _cell_regexes(table: Delimited, names: Sequence[str]) -> Iterator[str]:
    for number, (column, name) in enumerate(zip(table.columns, names, strict=True)):
        end = r"\s*" if number == len(table.columns) - 1 else ""
        yield f"{column.before}(?P<{name}>{column.regex}){column.after}{end}"
