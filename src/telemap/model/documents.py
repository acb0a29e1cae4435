"""Shapes of the JSON documents that verbs answer with: camelCase keys, a schema version at the top."""

from __future__ import annotations

import calendar
import time
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, Self

import msgspec

from telemap.model.code import HASH_DIGITS, CodeLocation
from telemap.model.findings import Severity
from telemap.model.telemetry import Nanoseconds

# 1: first published shape
SCHEMA_VERSION = 1

SURE = 0.8  # below, a place in code is shown as uncertain


class Shape(msgspec.Struct, frozen=True, rename="camel"):
    """A part of a document."""


class Stale(Shape, frozen=True):
    """An acceptance of what is not found any more."""

    id: str
    title: str
    reason: str


class Document(Shape, frozen=True, kw_only=True):
    """A whole document; ``stale_acceptances`` is there if some were looked for and not found."""

    schema_version: int = SCHEMA_VERSION
    stale_acceptances: list[Stale] | msgspec.UnsetType = msgspec.UNSET

    def findings(self) -> Iterator[Finding]:
        """All findings in it."""
        return _findings(self)

    def accepting(self, reasons: Mapping[str, str]) -> Self:
        """The same with those findings accepted for which there is a reason, by id."""
        accepted: Self = _accepting(self, reasons)
        return accepted


def _findings(part: Any) -> Iterator[Finding]:
    if isinstance(part, Finding):
        yield part
    elif isinstance(part, Shape):
        for name in part.__struct_fields__:
            yield from _findings(getattr(part, name))
    elif isinstance(part, list):
        for one in part:
            yield from _findings(one)


def _accepting(part: Any, reasons: Mapping[str, str]) -> Any:
    if isinstance(part, Finding):
        return msgspec.structs.replace(part, accepted=reasons.get(part.id))
    if isinstance(part, Shape):
        return msgspec.structs.replace(
            part, **{name: _accepting(getattr(part, name), reasons) for name in part.__struct_fields__}
        )
    return [_accepting(one, reasons) for one in part] if isinstance(part, list) else part


class Place(Shape, frozen=True):
    """A line of a log."""

    source: str
    line: int


class Defined(Shape, frozen=True):
    """A line of a definition."""

    file_path: str
    line_number: int

    @property
    def place(self) -> str:
        """The line as people and editors write it, ``file:line``."""
        return f"{self.file_path}:{self.line_number}"


class Code(Shape, frozen=True):
    """A place in code, with how sure the link to it is (0…1) and what it rests on.

    ``commit_id`` is there if the place is gone from the code as it is now: the commit that had it.
    """

    file_path: str
    line_number: int
    function_name: str
    confidence: float
    evidence: str
    commit_id: str | msgspec.UnsetType = msgspec.UNSET

    @classmethod
    def at(cls, location: CodeLocation, **more: object) -> Self:
        """The shape of a location, with fields that a shape of more has."""
        return cls(
            location.file_path,
            location.line_number,
            location.function_name,
            location.confidence,
            location.evidence,
            location.commit_id or msgspec.UNSET,
            **more,
        )

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self | None:
        """The place that the ``code_…`` columns of a row name, if they do."""
        if row["code_file_path"] is None:
            return None
        names = ("file_path", "line_number", "function_name", "confidence", "evidence")
        return cls(*(row[f"code_{name}"] for name in names))

    @property
    def is_sure(self) -> bool:
        """Whether people need not be told that it may be another place."""
        return self.confidence >= SURE

    @property
    def place(self) -> str:
        """The place as people and editors write it, ``file:line``; with its commit if it is gone."""
        gone = f" of {self.commit_id[:HASH_DIGITS]}" if self.commit_id else ""
        return f"{self.file_path}:{self.line_number}{gone}"


class Finding(Shape, frozen=True, kw_only=True):
    """Something that an analysis found, where in the logs and in the code.

    ``count`` is how often it was seen; ``accepted`` is why the team lives with it, None if it does not;
    ``sequence_id`` is there if it is about the runs of one sequence.
    """

    id: str
    kind: str
    severity: Severity
    title: str
    reason: str
    accepted: str | None = None
    handler: str | None = None
    count: int
    first_seen: str | None
    last_seen: str | None
    code: Code | None = None
    examples: list[Place]
    sequence_id: str | None = None


class Window(Shape, frozen=True):
    """The time that an answer is about: its first and its last moment, as text."""

    start: str = msgspec.field(name="from")
    end: str = msgspec.field(name="to")


@lru_cache(maxsize=4096)
def _second(seconds: int) -> str:
    # time.gmtime is limited to years that no log of ours leaves; datetime knows no nanoseconds.
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds))


def iso_time(time_unix_nano: Nanoseconds) -> str:
    """A time as ISO 8601 text in UTC, to the millisecond or as much finer as it is known.

    >>> iso_time(1_700_000_000_120_450_000)
    '2023-11-14T22:13:20.120450Z'
    """
    seconds, nanoseconds = divmod(time_unix_nano, 10**9)
    digits = f"{nanoseconds:09}"
    while len(digits) > 3 and digits.endswith("000"):
        digits = digits[:-3]
    return f"{_second(seconds)}.{digits}Z"


def nanoseconds(text: str) -> Nanoseconds:
    """The time that ``iso_time`` wrote.

    >>> nanoseconds("2023-11-14T22:13:20.120450Z")
    1700000000120450000
    """
    second, _, digits = text.removesuffix("Z").partition(".")
    return calendar.timegm(time.strptime(second, "%Y-%m-%dT%H:%M:%S")) * 10**9 + int(digits.ljust(9, "0"))


def milliseconds(nanoseconds: Nanoseconds | float) -> float:
    """A duration in milliseconds, to the nanosecond."""
    return round(nanoseconds / 1e6, 6)
