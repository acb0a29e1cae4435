"""Columns of records and spans → rows of the store's tables, committed source by source and in one order."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pyarrow as pa

from telemap.model.interning import Interner
from telemap.model.tables import SOURCE, TABLES
from telemap.store.parts import Part, stored_schema
from telemap.store.rows import Piece, tables_of
from telemap.store.store import Store

FILLED = ("record", "span", "state_change")  # the tables that an ingest fills
ROWS_A_GROUP = 50_000
ROWS_A_COMMIT = 2_000_000
SOURCES_A_COMMIT = 10_000  # what is kept of each until then takes more room than a short source does
SCHEMAS = {name: stored_schema(TABLES[name]) for name in (*FILLED, "source")}
TABLES_WAITING = 200  # tables of a few rows take a hundred times the room of one with all these rows
PIECES_HELD = 500  # and rows of sources: as objects they take ten times the room of their table
BYTES_HELD = 2**20


class Writer:
    """Writes rows of several sources and commits them together: the source table last, since it says what is in.

    Args:
        store: to write to.
        keeps_text: whether the bodies of their records are stored.

    A run that is cut short between two tables is made good at the next: each table notes how far it has come in each
    source, and takes only what lies behind that.
    """

    def __init__(self, store: Store, *, keeps_text: bool) -> None:
        self._store = store
        self._keeps_text = keeps_text
        self._held: list[Piece] = []
        self._held_bytes = 0
        self._interner = Interner()
        self._waiting: dict[str, list[pa.Table]] = defaultdict(list)
        self._waiting_rows: dict[str, int] = defaultdict(int)
        self._parts: dict[str, Part] = {}
        self._positions: dict[str, dict[str, int]] = defaultdict(dict)
        self._sources: list[dict[str, Any]] = []
        self._source_count = 0

    def add(self, name: str, rows: pa.Table, source_id: str, position: int) -> None:
        """Take rows of a table; ``position`` is how far they bring it in the source."""
        self._release()
        self._positions[name][source_id] = position
        self._take(name, rows)

    def hold(self, piece: Piece, interner: Interner, position: int) -> None:
        """Take all that was read of the end of a source; rows of several short ones are made together."""
        if interner is not self._interner:  # the codes of one piece say nothing to another
            self._release()
            self._interner = interner
        for name in FILLED:
            self._positions[name][piece.source_id] = position
        self._held.append(piece)
        self._held_bytes += piece.columns.size
        if len(self._held) >= PIECES_HELD or self._held_bytes >= BYTES_HELD:
            self._release()

    def finish_source(self, row: dict[str, Any]) -> None:
        """Take the row of a source up to here; commits when much has been written."""
        self._sources.append(row)
        self._source_count += 1
        if len(self._sources) >= PIECES_HELD:
            self._release_sources()
        if self.is_full:
            self.commit()

    @property
    def is_full(self) -> bool:
        """Whether so much has been written that the current source should give its row now."""
        return self._source_count >= SOURCES_A_COMMIT or any(p.rows >= ROWS_A_COMMIT for p in self._parts.values())

    def commit(self) -> None:
        """Make all that was taken part of the store."""
        self._release()
        self._release_sources()
        for name in list(self._waiting):
            self._write(name)
        for name, positions in self._positions.items():
            parts = [self._parts.pop(name)] if name in self._parts else []
            self._store.append(name, parts, positions)
        if "source" in self._parts:
            versions = {name: self._store.table(name).version() for name in FILLED}
            self._store.append("source", [self._parts.pop("source")], versions)
        self._positions.clear()
        self._source_count = 0

    def discard(self) -> None:
        """Leave the store as the last commit left it."""
        for part in self._parts.values():
            part.discard()

    def _release(self) -> None:
        """Take the rows of the pieces that are held."""
        pieces, self._held, self._held_bytes = self._held, [], 0
        if pieces:
            tables = tables_of(pieces, self._interner, keeps_text=self._keeps_text)
            for name, rows in tables.items():
                self._take(name, rows)

    def _release_sources(self) -> None:
        self._take("source", pa.Table.from_pylist(self._sources, schema=SOURCE))
        self._sources.clear()

    def _take(self, name: str, rows: pa.Table) -> None:
        if not rows.num_rows:
            return
        waiting = self._waiting[name]
        waiting.append(rows if rows.schema == SCHEMAS[name] else rows.cast(SCHEMAS[name]))
        self._waiting_rows[name] += rows.num_rows
        if self._waiting_rows[name] >= ROWS_A_GROUP:
            self._write(name)
        elif len(waiting) > TABLES_WAITING:
            waiting[:] = [pa.concat_tables(waiting).combine_chunks()]

    def _write(self, name: str) -> None:
        """Write what waits as one row group; rows of small sources share one."""
        if name not in self._parts:
            self._parts[name] = self._store.part(name)
        # With dictionaries that differ, Parquet would write the texts themselves after the first table.
        self._parts[name].write(pa.concat_tables(self._waiting.pop(name)).unify_dictionaries())
        del self._waiting_rows[name]
