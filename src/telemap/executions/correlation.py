"""The correlation that is used: the native one, or its Python twin where that was not built.

``TELEMAP_PURE_PYTHON=1`` chooses the twin. What it does stands in ``correlate``.
"""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING, Protocol

import numpy as np

from telemap.executions import correlate
from telemap.executions.correlate import MOST_KEPT, RUN_FIELDS, SPAN_FIELDS, State
from telemap.executions.runs import Rows, SpanRow
from telemap.model.telemetry import SpanKind

_WIDTHS = {"scalars": 7, "runs": len(RUN_FIELDS), "spans": 2 + len(SPAN_FIELDS), "open": 2, "queue": 1, "held": 1}
_KEYS = {  # how many of the three numbers of a remembered thing are its key: the native ones always have two
    "run_of_correlation": 1,
    "finished_handlers": 2,
    "orphans": 1,
    "event_of_handler": 1,
    "requests_inside": 1,
    "requests_outside": 1,
}


class Kernel(Protocol):
    """``_correlate.Correlation``: a correlation whose rows are plain int64 buffers."""

    serial_handlers: int
    most_kept: int
    ambiguous: int

    def __init__(self, serial_handlers: bool, most_kept: int) -> None: ...

    def feed(self, rows: Rows, places: Rows, /) -> bytearray:
        """The rows of the spans that are over; ``places`` is filled."""

    def unfinished(self) -> bytearray:
        """The rows of the others."""

    def state(self) -> tuple[bytearray, ...]:
        """The parts of the state, in the order of ``_WIDTHS`` and ``_KEYS``."""

    def restore(self, *parts: bytes) -> None:
        """Become what the parts were taken of."""


kernel: type[Kernel] | None = None
if not TYPE_CHECKING:
    with contextlib.suppress(ImportError):
        from telemap.executions import _correlate

        kernel = _correlate.Correlation

IS_NATIVE: bool = kernel is not None and not os.environ.get("TELEMAP_PURE_PYTHON")


class NativeCorrelator:
    """``correlate.Correlator`` with its work done by the kernel; a feed lets other threads run."""

    def __init__(self, serial_handlers: bool = False, most_kept: int = MOST_KEPT) -> None:
        assert kernel is not None
        self._kernel = kernel(serial_handlers, most_kept)

    @property
    def serial_handlers(self) -> bool:
        """As for the twin."""
        return bool(self._kernel.serial_handlers)

    @property
    def most_kept(self) -> int:
        """As for the twin."""
        return self._kernel.most_kept

    @property
    def ambiguous(self) -> int:
        """How often one of several spans had to be chosen."""
        return self._kernel.ambiguous

    def feed(self, rows: Rows) -> tuple[Rows, Rows]:
        """The rows of the spans of which ``rows`` tell the last; and (span, run) of each row, as from the twin."""
        places = np.empty((len(rows), 2), np.int64)
        return _table(self._kernel.feed(np.ascontiguousarray(rows, np.int64), places), len(SpanRow._fields)), places

    def unfinished(self) -> Rows:
        """The rows of the spans that are open or held, and those around them."""
        return _table(self._kernel.unfinished(), len(SpanRow._fields))

    def state(self) -> State:
        """The same state as the twin's."""
        widths = _WIDTHS | dict.fromkeys(_KEYS, 3)
        parts = zip(widths.items(), self._kernel.state(), strict=True)
        state = {name: _table(part, width).tolist() for (name, width), part in parts}
        for name, keys in _KEYS.items():
            state[name] = [[*row[:keys], row[2]] for row in state[name]]
        opened: list[list[int]] = [[] for _ in SpanKind]
        for kind, ordinal in state["open"]:
            opened[kind].append(ordinal)
        queue, held = ([ordinal for (ordinal,) in state[name]] for name in ("queue", "held"))
        return state | {"scalars": state["scalars"][0], "open": opened, "queue": queue, "held": held}

    @classmethod
    def restored(cls, state: State) -> NativeCorrelator:
        """The correlation that ``state`` was taken of, by either."""
        opened = [[kind, ordinal] for kind, ordinals in enumerate(state["open"]) for ordinal in ordinals]
        parts = [state["scalars"], state["runs"], state["spans"], opened, state["queue"], state["held"]]
        parts += [[row if keys == 2 else [row[0], 0, row[1]] for row in state[name]] for name, keys in _KEYS.items()]
        self = cls()
        self._kernel.restore(*(np.array(part, np.int64).tobytes() for part in parts))
        return self


def _table(numbers: bytearray, width: int) -> Rows:
    return np.frombuffer(numbers, np.int64).reshape(-1, width)


Correlator = correlate.Correlator
if not TYPE_CHECKING and IS_NATIVE:
    Correlator = NativeCorrelator

__all__ = ["IS_NATIVE", "Correlator", "NativeCorrelator"]
