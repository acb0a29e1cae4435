"""The state of a correlation, to bytes and back: what is open survives between ingests, and a copy can look ahead."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from telemap.executions.correlate import RUN_FIELDS, SPAN_FIELDS, State
from telemap.executions.correlation import Correlator
from telemap.model.interning import Interner
from telemap.model.telemetry import UNKNOWN_CODE

_TEXT = frozenset(
    ("request_id", "sequence_id", "sequence_name", "plugin", "correlation_id", "parent_request_id", "parent_handler",
     "movement", "event_name", "handler", "handler_sequence", "title", "status_message")
)  # fmt: skip
_CODED = {
    "runs": tuple(place for place, name in enumerate(RUN_FIELDS) if name in _TEXT),
    "spans": tuple(place + 2 for place, name in enumerate(SPAN_FIELDS) if name in _TEXT),
    "run_of_correlation": (0,),
    "finished_handlers": (0, 1),
    "orphans": (0,),
    "event_of_handler": (0, 1),
    "requests_inside": (0,),
    "requests_outside": (0,),
}


def freeze(correlator: Correlator, interner: Interner) -> bytes:
    """The state of ``correlator``, with texts instead of codes."""
    return msgspec.msgpack.encode(_translated(correlator.state(), interner.text))


def thaw(frozen: bytes, interner: Interner) -> Correlator:
    """A correlator in the state that ``freeze`` wrote, with codes of ``interner``."""

    def code(text: str | None) -> int:
        return UNKNOWN_CODE if text is None else interner.code(text)

    return Correlator.restored(_translated(msgspec.msgpack.decode(frozen), code))


def _translated(state: State, translate: Callable[[Any], Any]) -> State:
    """``state`` with every code (or text) translated."""
    translated = dict(state)
    for name, places in _CODED.items():
        rows = [list(row) for row in state[name]]
        for row in rows:
            for place in places:
                row[place] = translate(row[place])
        translated[name] = rows
    return translated
