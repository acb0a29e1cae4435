"""Shapes of the JSON documents that verbs answer with: camelCase keys, a schema version at the top."""

from __future__ import annotations

import time
from collections.abc import Iterable
from functools import lru_cache
from typing import Self

import msgspec

from telemap.model.code import HASH_DIGITS, CodeLocation
from telemap.model.findings import Severity
from telemap.model.telemetry import Nanoseconds

# 1: first published shape
SCHEMA_VERSION = 1


class Shape(msgspec.Struct, frozen=True, rename="camel"):
    """A part of a document."""


class Document(Shape, frozen=True, kw_only=True):
    """A whole document."""

    schema_version: int = SCHEMA_VERSION

    def severities(self) -> Iterable[Severity]:
        """Of all findings in it, for those who want to fail on some."""
        return ()


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

    @property
    def place(self) -> str:
        """The place as people and editors write it, ``file:line``; with its commit if it is gone."""
        gone = f" of {self.commit_id[:HASH_DIGITS]}" if self.commit_id else ""
        return f"{self.file_path}:{self.line_number}{gone}"


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


def milliseconds(nanoseconds: Nanoseconds | float) -> float:
    """A duration in milliseconds, to the nanosecond."""
    return round(nanoseconds / 1e6, 6)
