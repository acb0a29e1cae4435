"""The reader of timestamps that is used: the native one, or its Python twin where that was not built.

``TELEMAP_PURE_PYTHON=1`` chooses the twin. What is read stands in ``times_python``, how it is spelt in ``layouts``.
"""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

import numpy as np

from telemap.records import times_python
from telemap.records.layouts import GENERAL, Layouts
from telemap.records.times_python import (
    ABSOLUTE,
    LEAP_YEAR,
    LOCAL,
    NO_TIME,
    OUT_OF_RANGE,
    TIME_ONLY,
    UNREADABLE,
    YEARLESS,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

kernel = times_python
if not TYPE_CHECKING and not os.environ.get("TELEMAP_PURE_PYTHON"):
    with contextlib.suppress(ImportError):
        from telemap.records import _times as kernel

IS_NATIVE: bool = kernel is not times_python

parse = kernel.parse

__all__ = [
    "ABSOLUTE",
    "GENERAL",
    "IS_NATIVE",
    "LEAP_YEAR",
    "LOCAL",
    "NO_TIME",
    "OUT_OF_RANGE",
    "TIME_ONLY",
    "UNREADABLE",
    "YEARLESS",
    "Layouts",
    "fitting",
    "parse",
    "read",
]


def read(texts: Sequence[bytes], layouts: Layouts) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
    """Times and kinds of a few texts, as of ``parse``."""
    lengths = np.array([len(text) for text in texts], np.int64)
    ends = np.cumsum(lengths)
    times, kinds = np.empty(len(texts), np.int64), np.empty(len(texts), np.uint8)
    parse(b"".join(texts), ends - lengths, ends, layouts, times, kinds)
    return times, kinds


def fitting(texts: Sequence[bytes], specs: Sequence[str] = GENERAL) -> Layouts:
    """The layouts in the order that suits one source, without those that would read its timestamps differently.

    Thus a source that has 25/12/2024 anywhere in its sample has its 03/04/2024 read with the day first, in whatever
    pieces it is read later. The layout that reads most texts is first, then the one that reads most of the others.

    Args:
        texts: a sample of the source's timestamps, the more the better.
        specs: the layouts to choose from; where two read as many texts, the first wins.
    """
    left = list(Layouts(specs).specs)
    readings = {spec: read(texts, Layouts([spec])) for spec in left}
    unread = np.ones(len(texts), np.bool_)
    chosen: list[str] = []
    while left:
        best = max(left, key=lambda spec: np.count_nonzero((readings[spec][0] != NO_TIME) & unread))
        times, _ = readings[best]
        is_read = times != NO_TIME
        if not (is_read & unread).any():
            break
        unread &= ~is_read
        chosen.append(best)
        left = [
            spec
            for spec in left
            if spec != best and not (is_read & (readings[spec][0] != NO_TIME) & (readings[spec][0] != times)).any()
        ]
    return Layouts([*chosen, *left])
