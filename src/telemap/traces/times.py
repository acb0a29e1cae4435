"""Times as traces write them → ns since 1970."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime, timedelta
from typing import Any

from telemap.model.telemetry import Nanoseconds

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ISO = re.compile(r"(.*?\d\d:\d\d:\d\d)(?:[.,](\d+))?\s*(Z|[+-].*)?")


def iso_nanoseconds(text: Any) -> Nanoseconds | None:
    """ISO 8601 text, UTC where it names no zone; None where it is no time.

    >>> iso_nanoseconds("1970-01-01T01:00:00.000000001+01:00")
    1
    """
    if not isinstance(text, str):
        return None
    parts = _ISO.fullmatch(text.strip())
    try:
        time = datetime.fromisoformat(f"{parts[1]}{parts[3] or ''}" if parts else text)
    except ValueError:
        return None
    since = (time if time.tzinfo else time.replace(tzinfo=UTC)) - _EPOCH
    return since // timedelta(seconds=1) * 10**9 + int(((parts and parts[2]) or "0").ljust(9, "0")[:9])


def from_microseconds(value: Any) -> Nanoseconds | None:
    """A number of µs, whole or not, in ns; None where it is no number.

    >>> from_microseconds(1767323040010000.0)  # a thousand times that is beyond the whole numbers of a float
    1767323040010000000
    """
    if isinstance(value, int):
        return value * 1000
    try:
        microseconds = float(value)
        return math.floor(microseconds) * 1000 + round(microseconds % 1 * 1000)
    except (TypeError, ValueError, OverflowError):
        return None
