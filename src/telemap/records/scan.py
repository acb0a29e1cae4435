"""The scan kernel that is used: the native one, or its Python twin where that was not built.

``TELEMAP_PURE_PYTHON=1`` chooses the twin. What the functions do stands in ``scan_python``.
"""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

from telemap.records import scan_python
from telemap.records.scan_python import HEADS, LINE_END, OVERFLOW, is_marked, marking, masks, plan_of

kernel = scan_python
if not TYPE_CHECKING and not os.environ.get("TELEMAP_PURE_PYTHON"):
    with contextlib.suppress(ImportError):
        from telemap.records import _scan as kernel

IS_NATIVE: bool = kernel is not scan_python

ClassTable = kernel.ClassTable
split = kernel.split
capture_all = kernel.capture_all
decimals = kernel.decimals
gather = kernel.gather

__all__ = [
    "HEADS",
    "IS_NATIVE",
    "LINE_END",
    "OVERFLOW",
    "ClassTable",
    "capture_all",
    "decimals",
    "gather",
    "is_marked",
    "marking",
    "masks",
    "plan_of",
    "split",
]
