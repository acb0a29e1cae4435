"""Declared flows and routes → store."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

from telemap.definitions.flow import Definitions, Flow
from telemap.definitions.reading import read_definitions
from telemap.flows.encoding import encoded
from telemap.store.store import Row, Store, table_of


def index_definitions(store: Store, paths: Sequence[Path]) -> Definitions:
    """What is declared in ``paths``, which is from now on all that the store knows as declared."""
    definitions = read_definitions(paths)
    flows = definitions.flows
    rows: dict[str, list[Row]] = {
        "declared_step": [row for flow in flows for row in _steps(flow)],
        "declared_flow": list(map(_flow, flows)),
        "declared_limit": [row for flow in flows for row in _limits(flow)],
        "declared_route": [asdict(route) for route in definitions.routes],
    }
    for name, found in rows.items():
        store.replace(name, table_of(name, found))
    return definitions


def _flow(flow: Flow) -> Row:
    return {
        "sequence_id": flow.flow_id,
        "sequence_name": flow.name,
        "declared_in": flow.declared_in,
        "runs": flow.runs,
        "root_name": flow.root_name,
        "file_path": flow.file_path,
        "line_number": flow.line_number,
        "net": encoded(flow.net),
    }


def _steps(flow: Flow) -> Iterator[Row]:
    for step_number, step in enumerate(flow.steps, start=1):
        yield {
            "sequence_id": flow.flow_id,
            "sequence_name": flow.name,
            "plugin": step.plugin or flow.plugin,
            "movement": step.movement,
            "movement_number": step.movement_number,
            "beat": step.beat,
            "step_number": step_number,
            "event_name": step.event,
            "title": step.title,
            "handler": step.handler,
            "timing": step.timing,
            "kind": step.kind,
            "handlers_path": flow.handlers_path,
            "file_path": step.file_path,
            "line_number": step.line_number,
            "sequence_line_number": flow.line_number,
        }


def _limits(flow: Flow) -> Iterator[Row]:
    for limit in flow.limits:
        event_name = None if limit.step_number is None else flow.steps[limit.step_number - 1].event
        yield {"sequence_id": flow.flow_id, "event_name": event_name, "is_setting": False, **asdict(limit)}
