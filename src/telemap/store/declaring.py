"""Declared sequences and routes → store."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

from telemap.code.definitions import read_definitions
from telemap.flows.encoding import encoded
from telemap.flows.sequences import net_of_sequence
from telemap.model.declared import Definitions
from telemap.model.declared import Sequence as Declared
from telemap.store.store import Row, Store, table_of


def index_definitions(store: Store, paths: Sequence[Path]) -> Definitions:
    """What is declared in ``paths``, which is from now on all that the store knows as declared."""
    definitions = read_definitions(paths)
    store.replace("declared_step", table_of("declared_step", list(_steps(definitions))))
    store.replace("declared_flow", table_of("declared_flow", list(map(_flow, definitions.sequences))))
    store.replace("declared_route", table_of("declared_route", [asdict(route) for route in definitions.routes]))
    return definitions


def _flow(sequence: Declared) -> Row:
    return {
        "sequence_id": sequence.sequence_id,
        "sequence_name": sequence.name,
        "declared_in": "musical-conductor",
        "file_path": sequence.file_path,
        "line_number": sequence.line_number,
        "net": encoded(net_of_sequence(sequence)),
    }


def _steps(definitions: Definitions) -> Iterator[Row]:
    for sequence in definitions.sequences:
        step_number = 0
        for movement_number, movement in enumerate(sequence.movements, start=1):
            for beat in movement.beats:
                step_number += 1
                yield {
                    "sequence_id": sequence.sequence_id,
                    "sequence_name": sequence.name,
                    "plugin": sequence.plugin,
                    "movement": movement.name,
                    "movement_number": movement_number,
                    "beat": beat.number,
                    "step_number": step_number,
                    "event_name": beat.event,
                    "title": beat.title,
                    "handler": beat.handler,
                    "timing": beat.timing,
                    "kind": beat.kind,
                    "handlers_path": sequence.handlers_path,
                    "file_path": sequence.file_path,
                    "line_number": beat.line_number,
                    "sequence_line_number": sequence.line_number,
                }
