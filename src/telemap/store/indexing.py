"""Code and definitions → store, and the links from handlers to their functions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from telemap.code.definitions import read_definitions
from telemap.code.reading import CodeIndex, Progress, read_tree
from telemap.mapping.handlers import locate_function
from telemap.model.code import CodeSymbol
from telemap.model.declared import Definitions
from telemap.store.store import Store, fetch

Row = dict[str, Any]

# A handler that ran in a sequence which does not declare it is known by name only, so its link has no sequence.
SEEN_ONLY = """
WITH seen AS (
    SELECT DISTINCT handler, sequence_id, coalesce(handler_sequence, sequence_name) AS sequence_name
    FROM span
    WHERE handler IS NOT NULL
)
SELECT DISTINCT s.handler
FROM seen AS s
LEFT JOIN declared_step AS d
    ON s.handler = d.handler AND (s.sequence_id = d.sequence_id OR s.sequence_name = d.sequence_name)
WHERE d.handler IS NULL
ORDER BY s.handler
"""

DECLARED = """
SELECT sequence_id, handler, handlers_path, file_path, kind
FROM stored.declared_step
WHERE handler IS NOT NULL
QUALIFY row_number() OVER (PARTITION BY sequence_id, handler ORDER BY step_number) = 1
ORDER BY sequence_id, handler
"""

SYMBOLS = """
SELECT * EXCLUDE (root)
FROM stored.code_symbol
WHERE list_contains($names, name)
ORDER BY file_path, line_number, qualified_name
"""


def index_code(store: Store, roots: Sequence[Path], progress: Progress | None = None) -> CodeIndex:
    """The functions of the code under ``roots``, which are from now on those of the store."""
    folders = {root.resolve(): root for root in roots}
    outer = {folder for folder in folders if folders.keys().isdisjoint(folder.parents)}
    trees = {folder: read_tree([folders[folder]], progress) for folder in sorted(outer)}
    rows = [{"root": str(folder), **asdict(symbol)} for folder, tree in trees.items() for symbol in tree.symbols]
    store.replace("code_symbol", _table("code_symbol", rows))
    return CodeIndex(
        tuple(symbol for tree in trees.values() for symbol in tree.symbols),
        tuple(problem for tree in trees.values() for problem in tree.problems),
        tuple(path for tree in trees.values() for path in tree.file_paths),
    )


def index_definitions(store: Store, paths: Sequence[Path]) -> Definitions:
    """What is declared in ``paths``, which is from now on all that the store knows as declared."""
    definitions = read_definitions(paths)
    store.replace("declared_step", _table("declared_step", list(_steps(definitions))))
    store.replace("declared_route", _table("declared_route", [asdict(route) for route in definitions.routes]))
    return definitions


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


def link_handlers(store: Store) -> None:
    """Link every handler, declared or only seen in telemetry, to the functions that the store knows.

    Done anew after every ingest and every index, so that neither has to come first.
    """
    with store.connect() as connection:
        files = fetch(connection, "SELECT DISTINCT file_path FROM stored.code_symbol ORDER BY file_path")
        if not files and not fetch(connection, "SELECT 1 FROM stored.code_link LIMIT 1"):
            return
        handlers = [*fetch(connection, DECLARED), *fetch(connection, SEEN_ONLY)]
        names = list({handler["handler"].rpartition(".")[2] for handler in handlers})
        symbols = tuple(CodeSymbol(**row) for row in fetch(connection, SYMBOLS, {"names": names}))
    index = CodeIndex(symbols, (), tuple(file["file_path"] for file in files))
    rows = [row for handler in handlers for row in _links(handler, index)]
    store.replace("code_link", _table("code_link", rows))


def _links(handler: Row, index: CodeIndex) -> Iterator[Row]:
    candidates = locate_function(
        handler["handler"],
        handler.get("handlers_path"),
        index,
        declared_in=handler.get("file_path"),
        kind=handler.get("kind"),
        evidence="definition" if "sequence_id" in handler else "attribute",
    )
    for rank, candidate in enumerate(candidates, start=1):
        yield {
            "sequence_id": handler.get("sequence_id"),
            "handler": handler["handler"],
            "rank": rank,
            **{f"code_{name}": value for name, value in asdict(candidate).items()},
        }


def _table(name: str, rows: list[Row]) -> Any:
    import pyarrow as pa

    from telemap.model.tables import TABLES

    return pa.Table.from_pylist(rows, schema=TABLES[name])
