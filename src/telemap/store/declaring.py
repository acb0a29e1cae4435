"""Declared flows and routes → store."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from telemap.definitions.flow import Definitions, Flow
from telemap.definitions.reading import read_definitions
from telemap.flows.encoding import encoded
from telemap.model.declared import Budget
from telemap.store.store import Row, Store, fetch, table_of

if TYPE_CHECKING:
    import duckdb

BUDGETED = """
SELECT sequence_id, NULL::BIGINT AS step_number, NULL AS event_name
FROM stored.declared_flow
WHERE $name IN (sequence_id, sequence_name)
UNION ALL
SELECT sequence_id, step_number, event_name
FROM stored.declared_step
WHERE event_name = $name
ORDER BY ALL
"""


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


def index_budgets(store: Store, budgets: Sequence[Budget]) -> None:
    """Make ``budgets`` all limits that are set beside the definitions, for what is declared now."""
    if not budgets and not store.has("declared_limit"):
        return
    kept = [row for row in store.stored_rows("declared_limit") if not row["is_setting"]]
    with store.connect() as connection:
        found = [row for budget in budgets for row in _budgeted(budget, connection)]
    store.replace("declared_limit", table_of("declared_limit", [*kept, *found]))


def _budgeted(budget: Budget, connection: duckdb.DuckDBPyConnection) -> Iterator[Row]:
    """A row for each sequence and step of the budget's name; one without a sequence where none has it."""
    limit = {name: value for name, value in asdict(budget).items() if name != "name"}
    places = fetch(connection, BUDGETED, {"name": budget.name})
    for place in places or [{"event_name": budget.name}]:
        yield {"is_setting": True, **limit, **place}


def _flow(flow: Flow) -> Row:
    return {
        "sequence_id": flow.flow_id,
        "sequence_name": flow.name,
        "declared_in": flow.declared_in,
        "runs": flow.runs,
        "root_name": flow.root_name,
        "root": str(flow.root),
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
            "test_file": step.test_file,
            "test_case": step.test_case,
        }


def _limits(flow: Flow) -> Iterator[Row]:
    for limit in flow.limits:
        event_name = None if limit.step_number is None else flow.steps[limit.step_number - 1].event
        yield {"sequence_id": flow.flow_id, "event_name": event_name, "is_setting": False, **asdict(limit)}
