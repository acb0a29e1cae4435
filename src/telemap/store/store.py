"""A store: a folder of Delta tables that one process writes and any number read, queried through DuckDB."""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from copy import copy
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from telemap.errors import TelemapError
from telemap.store.functions import add_functions

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa
    from deltalake import DeltaTable
    from deltalake.transaction import AddAction, RemoveAction

    from telemap.store.parts import Part

Row = dict[str, Any]

MARKER = "telemap-store.json"
MOST_WAITING_SECONDS = 60
LEFTOVER_HOURS = 1  # after which a file that is in no commit, or in none any more, is removed
MEMORY_LIMIT = "4GB"
SETTINGS = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "enable_progress_bar": "false",  # it would draw into piped output
    "parquet_metadata_cache": "true",  # files never change, and each view that is named would read them again
    "temp_directory": f"'{tempfile.gettempdir()}/telemap-spill'",  # not into the folder somebody works in
}


class Store:
    """The tables of a store folder.

    Args:
        folder: where the tables are, or are to be.
        create: make what is missing; otherwise a missing store is an error that says which command makes one.

    Raises:
        TelemapError: ``no-store``, ``older-store``, ``newer-store``, ``bad-store``.
    """

    def __init__(self, folder: Path, *, create: bool = False) -> None:
        self.folder = folder
        self._tables: dict[str, DeltaTable] = {}
        self._is_ahead: dict[str, bool] = {}
        self._is_alone = False
        self._shared: duckdb.DuckDBPyConnection | None = None
        self._state: str | None = None
        marker = folder / MARKER
        if not marker.exists():
            if not create:
                raise TelemapError(
                    "no-store",
                    "there is no telemap store here",
                    place=str(folder),
                    help="telemap ingest LOGS makes one",
                )
            self._make(marker)
        self._check_version(marker)

    def _make(self, marker: Path) -> None:
        from telemap.model.tables import STORE_VERSION

        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            marker.write_text(json.dumps({"storeVersion": STORE_VERSION}) + "\n")
        except OSError as error:
            raise TelemapError(
                "bad-store",
                "cannot make a store",
                reason=str(error),
                place=str(self.folder),
                help="choose another --db",
            ) from error

    def _check_version(self, marker: Path) -> None:
        from telemap.model.tables import STORE_VERSION

        try:
            version = int(json.loads(marker.read_text())["storeVersion"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise TelemapError(
                "bad-store",
                "this is not a readable telemap store",
                reason=str(error),
                place=str(marker),
                help="choose another --db, or remove the folder and ingest again",
            ) from error
        if version < STORE_VERSION:
            raise TelemapError(
                "older-store",
                f"this store was written by an older telemap (store version {version}, needed here: {STORE_VERSION})",
                reason="its tables lack columns, and its sources cannot be read on from where they were left",
                place=str(self.folder),
                help="remove the folder, or choose another --db; then telemap ingest LOGS makes the store anew",
            )
        if version > STORE_VERSION:
            raise TelemapError(
                "newer-store",
                f"this store was written by a newer telemap (store version {version}, known here: {STORE_VERSION})",
                place=str(self.folder),
                help="upgrade telemap, or choose another --db",
            )

    # ---- writing

    @contextmanager
    def writing(self) -> Iterator[None]:
        """The right to write, which one process has at a time.

        Raises:
            TelemapError: ``store-in-use``: another process has not ended within a minute. ``not-writable``.
        """
        from telemap.store.parts import told

        if self._is_alone:
            yield
            return
        with told(self.folder):
            marker = (self.folder / MARKER).open("r+b")
        with marker:
            self._wait_for(marker.fileno())
            self._tables.clear()  # others may have written since
            self._is_ahead.clear()
            self._is_alone = True
            try:
                yield
            finally:
                self._is_alone = False

    def _wait_for(self, descriptor: int) -> None:
        try:
            import fcntl
        except ImportError:  # Windows: whoever commits second is refused by Delta
            return
        until = time.monotonic() + MOST_WAITING_SECONDS
        while True:
            with suppress(BlockingIOError):
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)  # ends with the process, however that ends
                return
            if time.monotonic() > until:
                raise TelemapError(
                    "store-in-use",
                    "another telemap is writing to this store",
                    place=str(self.folder),
                    help="repeat the command when it has ended, or choose another --db",
                )
            time.sleep(0.1)

    def table(self, name: str) -> DeltaTable:
        """The Delta table ``name``, made if need be."""
        from deltalake import DeltaTable

        from telemap.model.tables import TABLES

        if name not in self._tables:
            from telemap.store.parts import told

            path = self.folder / name
            with told(path):
                if not DeltaTable.is_deltatable(str(path)):
                    DeltaTable.create(str(path), TABLES[name], mode="ignore")
                self._tables[name] = table = DeltaTable(str(path))
                if sum(1 for _ in path.glob("*.parquet")) > len(table.file_uris()):  # runs were killed, rows replaced
                    table.vacuum(LEFTOVER_HOURS, dry_run=False, enforce_retention_duration=False, full=True)
        return self._tables[name]

    def part(self, name: str) -> Part:
        """A new file of the table ``name``, to be written and then given to ``append``."""
        from telemap.model.tables import TABLES
        from telemap.store.parts import Part

        self.table(name)
        return Part(self.folder / name, TABLES[name])

    def append(self, name: str, parts: Sequence[Part], transactions: Mapping[str, int] | None = None) -> None:
        """Add what is in ``parts`` to a table in one commit, noting how far each source (app id) has come in it."""
        self._commit(name, parts, "append", transactions or {})

    def replace(self, name: str, rows: pa.Table) -> None:
        """Make ``rows`` the whole content of a table, in one commit."""
        with self.writing():
            part = self.part(name)
            part.write(rows)
            self._commit(name, [part], "overwrite", {})

    def _commit(self, name: str, parts: Sequence[Part], mode: str, transactions: Mapping[str, int]) -> None:
        from deltalake.transaction import CommitProperties, Transaction

        from telemap.store.parts import told

        table = self.table(name)
        noted = [Transaction(app_id=source, version=place) for source, place in transactions.items()]
        try:
            adds: list[AddAction | RemoveAction] = [part.close() for part in parts]
        except TelemapError:
            for part in parts:
                part.discard()
            raise
        with told(folder := self.folder / name):
            if not (folder / "_delta_log").is_dir():  # Delta would make it anew, with nothing of before in it
                raise FileNotFoundError("the table was removed while it was written")
            table.create_write_transaction(
                adds, mode, table.schema(), commit_properties=CommitProperties(app_transactions=noted)
            )
            table.update_incremental()

    def position(self, name: str, source_id: str) -> int:
        """How many bytes of a source the table has taken in; -1 if none, or no more than the source's row says.

        The source table notes the version that each table had when it was written itself: only where a run was cut
        short in between has a table another one. Asking for a source takes the longer the more of them there are.
        """
        if name not in self._is_ahead:
            known = self.table("source").transaction_version(name) or 0
            self._is_ahead[name] = self.table(name).version() != known
        version = self.table(name).transaction_version(source_id) if self._is_ahead[name] else None
        return -1 if version is None else int(version)

    # ---- reading

    def state(self) -> str:
        """What changes with every commit to any table, cheap to ask for."""
        if self._state is not None:
            return self._state
        newest = (
            max((log.name for log in folder.glob("*.json")), default="")
            for folder in sorted(self.folder.glob("*/_delta_log"))
        )
        return "-".join(name.partition(".")[0].lstrip("0") or "0" for name in newest)

    @contextmanager
    def held(self) -> Iterator[Self]:
        """A store as it is now, for many questions: they share one connection. Not to be written to."""
        held = copy(self)
        held._state = self.state()
        with self.connect() as held._shared:
            yield held

    def connect(self) -> duckdb.DuckDBPyConnection:
        """A DuckDB connection (in memory) that sees the store's documented views as they are now."""
        import duckdb

        if self._shared is not None:
            return self._shared.cursor().begin()  # analyses change views, which ends with what they asked
        connection = duckdb.connect()
        connection.execute(f"SET memory_limit = '{os.environ.get('TELEMAP_MEMORY', MEMORY_LIMIT)}'")
        for setting, value in SETTINGS.items():
            connection.execute(f"SET {setting} = {value}")
        from telemap.model.tables import MADE_WHEN_ASKED_FOR, TABLES

        add_functions(connection)
        connection.execute("CREATE SCHEMA stored")
        for name, schema in (TABLES | MADE_WHEN_ASKED_FOR).items():
            self._expose(connection, name, schema)
        for statement in view_statements():
            connection.execute(statement)
        return connection

    def _expose(self, connection: duckdb.DuckDBPyConnection, name: str, schema: pa.Schema) -> None:
        paths = self._files(name)
        if paths:
            listed = ", ".join("'" + path.replace("'", "''") + "'" for path in paths)
            connection.execute(f"CREATE VIEW stored.{name} AS SELECT * FROM read_parquet([{listed}])")
        else:
            connection.register("nothing", schema.empty_table())
            connection.execute(f"CREATE TABLE stored.empty_{name} AS SELECT * FROM nothing")
            connection.unregister("nothing")
            connection.execute(f"CREATE VIEW stored.{name} AS SELECT * FROM stored.empty_{name}")

    def _files(self, name: str) -> list[str]:
        from deltalake import DeltaTable

        if not self.has(name):
            return []
        return sorted(uri.removeprefix("file://") for uri in DeltaTable(str(self.folder / name)).file_uris())

    def has(self, name: str) -> bool:
        """Whether the table ``name`` was ever written."""
        return (self.folder / name / "_delta_log").is_dir()

    def stored(self, name: str) -> pa.Table:
        """All of a table that fits into memory, as it lies in its files, without starting a query engine."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        from telemap.model.tables import TABLES

        schema = TABLES[name]
        parts = [pq.read_table(path).select(schema.names).cast(schema) for path in self._files(name)]
        return pa.concat_tables([schema.empty_table(), *parts])

    def stored_rows(self, name: str) -> list[Row]:
        """All rows of a small table, a dict a row."""
        rows: list[Row] = self.stored(name).to_pylist()
        return rows

    def rows(self, sql: str, parameters: Mapping[str, Any] | Sequence[Any] | None = None) -> list[Row]:
        """The result of one statement, a dict a row; for results that are small."""
        with self.connect() as connection:
            return fetch(connection, sql, parameters)


def fetch(
    connection: duckdb.DuckDBPyConnection, sql: str, parameters: Mapping[str, Any] | Sequence[Any] | None = None
) -> list[Row]:
    """The result of one statement on an open connection, a dict a row."""
    cursor = connection.execute(sql, parameters) if parameters else connection.execute(sql)
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def table_of(name: str, rows: Sequence[Row]) -> pa.Table:
    """``rows`` as they are written to the table ``name``."""
    import pyarrow as pa

    from telemap.model.tables import TABLES

    return pa.Table.from_pylist(rows, schema=TABLES[name])


def view_statements() -> Iterable[str]:
    """The statements that make the documented views, in the order of their dependence (file names are numbered)."""
    folder = files("telemap.store").joinpath("views")
    for file in sorted((f for f in folder.iterdir() if f.name.endswith(".sql")), key=lambda f: f.name):
        yield file.read_text(encoding="utf-8")
