"""What callers give to the kernels' Python twins: views of it, checked as the native kernels check it."""

from __future__ import annotations

from collections import defaultdict
from itertools import count
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from _typeshed import ReadableBuffer
    from numpy.typing import NDArray

    Int64s = NDArray[np.int64]


def texts_at(data: ReadableBuffer, starts: Int64s, ends: Int64s) -> Iterator[bytes]:
    """The bytes of each span, none for an absent one."""
    view, starts, ends = checked_spans(data, starts, ends)
    return (bytes(view[start:end]) for start, end in zip(starts.tolist(), ends.tolist(), strict=True))


def checked_spans(data: ReadableBuffer, starts: Int64s, ends: Int64s) -> tuple[memoryview, Int64s, Int64s]:
    """What is read, and where each span starts and ends: checked, 0 and 0 for an absent one."""
    view = bytes_of("data", data)
    starts, ends = array_of("starts", starts, np.int64), array_of("ends", ends, np.int64)
    require_equal(starts, ends)
    absent = (starts == -1) & (ends == -1)
    if not np.all(absent | (starts >= 0) & (starts <= ends) & (ends <= len(view))):
        raise ValueError("a span is not within the data")
    return view, np.where(absent, 0, starts), np.where(absent, 0, ends)


def bytes_of(name: str, value: ReadableBuffer) -> memoryview:
    """The bytes themselves, checked; ``name`` is what they are called where they are not as they must be."""
    view = memoryview(value)
    if not view.c_contiguous:
        raise ValueError(f"{name} is not contiguous")
    return view.cast("B") if view.nbytes else memoryview(b"" if view.readonly else bytearray())


def array_of(name: str, value: Any, dtype: type[np.generic], *, writable: bool = False) -> NDArray[Any]:
    """The array itself, checked: ``np.frombuffer`` would reinterpret and ``np.asarray`` would copy."""
    array = np.asarray(memoryview(value))
    if not array.flags.c_contiguous:
        raise ValueError(f"{name} is not contiguous")
    if writable and not array.flags.writeable:
        raise ValueError(f"{name} is read-only")
    if array.dtype != dtype:
        raise ValueError(f"{name} has items of another type")
    if not array.flags.aligned:
        raise ValueError(f"{name} is not aligned")
    return array.reshape(-1)


def require_equal(*arrays: NDArray[Any]) -> None:
    """Raise ``ValueError`` if the arrays differ in length."""
    if len({len(array) for array in arrays}) > 1:
        raise ValueError("arrays differ in length")


def numbered(lines: Iterable[bytes]) -> tuple[list[bytes], Int64s]:
    """The different lines, in the order they first came, and for each line which of these it is."""
    numbers: defaultdict[bytes, int] = defaultdict(count().__next__)
    which = np.fromiter(map(numbers.__getitem__, lines), np.int64)
    return list(numbers), which
