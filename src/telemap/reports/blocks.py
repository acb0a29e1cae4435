"""What answers are made of, whatever they are written to: titles, text, tables and the next thing to do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import islice

import msgspec


class Kind(Enum):
    """How the values of a column are to be understood."""

    TEXT = "text"
    PLACE = "place"  # a path or file:line, of which the end tells the most
    NUMBER = "number"
    COUNT = "count"
    FAULTS = "faults"  # a count that is bad news unless it is nothing
    MILLISECONDS = "milliseconds"
    HEAT = "heat"  # 0…1

    @property
    def is_numeric(self) -> bool:
        """Whether values are set flush right."""
        return self in (Kind.NUMBER, Kind.COUNT, Kind.FAULTS, Kind.MILLISECONDS)


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table.

    Args:
        heading: its name for people; "" for one that only data files have.
        key: its name in data files; "" for one that only people see.
        kind: what its values are.
        rank: where there is too little room, columns of the highest rank go first; those of 0 stay.
    """

    heading: str
    key: str
    kind: Kind = Kind.TEXT
    rank: int = 0


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under columns; the rows may be there to be read once only.

    ``keeps_empty`` shows people columns in which no row has anything, too; ``is_list`` shows them all of every value,
    where the second column is a sentence about the first, and the others are details of it. ``most`` is how
    many rows people see; data files have all.
    """

    columns: tuple[Column, ...]
    rows: Iterable[Sequence[object]]
    keeps_empty: bool = False
    is_list: bool = False
    most: int | None = None

    @property
    def seen(self) -> Iterator[Sequence[object]]:
        """The rows that people see."""
        return islice(self.rows, self.most)


@dataclass(frozen=True, slots=True)
class Title:
    """What the answer is."""

    text: str


@dataclass(frozen=True, slots=True)
class Text:
    """A sentence or two."""

    text: str


@dataclass(frozen=True, slots=True)
class Verbatim:
    """Text that keeps its line breaks, in a language such as ``toml``."""

    text: str
    language: str


@dataclass(frozen=True, slots=True)
class Next:
    """A command that goes on from here, and what it does."""

    command: str
    purpose: str


Block = Title | Text | Table | Verbatim | Next


def counted(number: int, noun: str) -> str:
    """A number with its noun: ``1 log``, ``2,000 logs``."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def cell(value: object, kind: Kind) -> str:
    """A value as people read it; what is not known is a dash among numbers and nothing in text."""
    if value is None:
        return "–" if kind.is_numeric else ""
    if isinstance(value, float) and kind in (Kind.MILLISECONDS, Kind.HEAT):
        return _significant(value)
    if isinstance(value, int) and kind in (Kind.COUNT, Kind.FAULTS):
        return f"{value:,}"
    return plain(value)


def plain(value: object) -> str:
    """A value as text, the same everywhere; nothing for None."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    return msgspec.json.encode(value, enc_hook=str).decode().removeprefix('"').removesuffix('"')


def _significant(value: float) -> str:
    """A number with three digits that count, or all that stand before the point.

    >>> [_significant(x) for x in (0.0123, 1.234, 56.78, 1234.5)]
    ['0.012', '1.23', '56.8', '1,234']
    """
    digits = 3 if value < 1 else 2 if value < 10 else 1 if value < 100 else 0
    return f"{value:,.{digits}f}"
