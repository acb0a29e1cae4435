"""The JSON lines kernel that is used: the native one, or its Python twin where that was not built.

``TELEMAP_PURE_PYTHON=1`` chooses the twin. What the functions do stands in ``json_python``.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from telemap.records import json_python
from telemap.records.json_python import ARRAY, ESCAPED, FALSE, MEMBER, NULL, NUMBER, OBJECT, STRING, TRUE
from telemap.records.json_syntax import first_error

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

Ints = npt.NDArray[np.int64]
Bits = npt.NDArray[np.uint8]

kernel = json_python
if not TYPE_CHECKING and not os.environ.get("TELEMAP_PURE_PYTHON"):
    with contextlib.suppress(ImportError):
        from telemap.records import _json as kernel

IS_NATIVE: bool = kernel is not json_python

KeyTable = kernel.KeyTable


@dataclass(frozen=True, slots=True)
class Members:
    """What lines tell, grouped by key; to go through, key by key.

    ``keys`` are the numbers of those that occur, ascending. The members of each begin at its item of ``firsts``, whose
    last item is the number of all, and their rows ascend. What a value is, from ``begins`` to ``ends`` in the data, is
    told by ``kinds``.
    """

    keys: Ints
    firsts: Ints
    rows: Ints
    begins: Ints
    ends: Ints
    kinds: Bits

    def __len__(self) -> int:
        return len(self.keys)

    def __iter__(self) -> Iterator[tuple[int, Ints, Ints, Ints, Bits]]:
        for key, (first, last) in zip(self.keys.tolist(), pairwise(self.firsts.tolist()), strict=True):
            at = slice(first, last)
            yield key, self.rows[at], self.begins[at], self.ends[at], self.kinds[at]


def members(
    data: ReadableBuffer, offsets: Ints, lengths: Ints, which: Ints | None, keys: KeyTable, max_depth: int, ok: Bits
) -> Members:
    """The members of the lines that are JSON objects, which ``ok`` then tells; see ``json_python.members``."""
    found = kernel.members(data, offsets, lengths, which, keys, max_depth, ok)
    numbers, firsts, rows, begins, ends = (np.frombuffer(array, np.int64) for array in found[:5])
    return Members(numbers, firsts, rows, begins, ends, np.frombuffer(found[5], np.uint8))


def unescape(data: ReadableBuffer, begins: Ints, ends: Ints, escaped: Bits) -> pa.BinaryArray:
    """What these spans stand for, of which some are escaped; see ``json_python.unescape``."""
    offsets, text = kernel.unescape(data, begins, ends, escaped)
    return pa.BinaryArray.from_buffers(pa.binary(), len(begins), [None, pa.py_buffer(offsets), pa.py_buffer(text)])


__all__ = [
    "ARRAY",
    "ESCAPED",
    "FALSE",
    "IS_NATIVE",
    "MEMBER",
    "NULL",
    "NUMBER",
    "OBJECT",
    "STRING",
    "TRUE",
    "KeyTable",
    "Members",
    "first_error",
    "members",
    "unescape",
]
