"""What all analyses find, as the rows of the view ``finding``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from telemap.analyses.registry import analyses
from telemap.model.documents import Finding, nanoseconds
from telemap.store.store import Row, Store

if TYPE_CHECKING:
    import duckdb


def add_findings(store: Store, connection: duckdb.DuckDBPyConnection) -> None:
    """Make the findings of all analyses known to a connection: the view ``finding`` then has them."""
    import pyarrow as pa

    from telemap.model.tables import MADE_WHEN_ASKED_FOR

    found = pa.Table.from_pylist(list(_rows(store)), schema=MADE_WHEN_ASKED_FOR["finding"])
    connection.register("found", found)
    connection.execute("CREATE OR REPLACE VIEW stored.finding AS SELECT * FROM found")


def _rows(store: Store) -> Iterator[Row]:
    for analysis in analyses().values():
        if analysis.finds:
            for finding in analysis.run(store, analysis.params()).findings():
                yield {"analysis": analysis.name, **_row(finding)}


def _row(finding: Finding) -> dict[str, Any]:
    code = finding.code
    return {
        "finding_id": finding.id,
        "kind": finding.kind,
        "severity": finding.severity.value,
        "title": finding.title,
        "handler": finding.handler,
        "code_file_path": code and code.file_path,
        "code_line_number": code and code.line_number,
        "first_seen": finding.first_seen and nanoseconds(finding.first_seen),
        "last_seen": finding.last_seen and nanoseconds(finding.last_seen),
        "count": finding.count,
        "evidence": "; ".join([finding.reason, *(f"{place.source}:{place.line}" for place in finding.examples)]),
    }
