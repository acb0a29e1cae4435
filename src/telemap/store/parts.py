"""Parquet files of a table while they are written: row group by row group, known to no reader until committed."""

from __future__ import annotations

import json
import time
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

if TYPE_CHECKING:
    from deltalake.transaction import AddAction

# Written as they are: a dictionary of texts that hardly repeat costs more than it saves.
_UNIQUE_TEXT = frozenset(("trace_id", "span_id", "parent_span_id", "body", "checkpoint"))

# Readers skip row groups by these alone; statistics of all columns cost a sixth of the time that writing takes.
_WITH_STATISTICS = ("time_unix_nano", "start_time_unix_nano", "line_number", "revision")


def stored_schema(schema: pa.Schema) -> pa.Schema:
    """``schema`` as it is handed to the file: texts that repeat as dictionaries."""
    dictionary = pa.dictionary(pa.int32(), pa.string())
    return pa.schema(
        [
            pa.field(f.name, dictionary if pa.types.is_string(f.type) and f.name not in _UNIQUE_TEXT else f.type)
            for f in schema
        ]
    )


class Part:
    """One file of a table.

    Args:
        folder: the table's folder.
        schema: its columns.
    """

    def __init__(self, folder: Path, schema: pa.Schema) -> None:
        self.rows = 0
        self.path = folder / f"{uuid.uuid4().hex}.parquet"
        self.schema = stored_schema(schema)
        self._writer = pq.ParquetWriter(
            self.path,
            self.schema,
            compression="zstd",
            compression_level=1,
            use_dictionary=[f.name for f in self.schema if pa.types.is_dictionary(f.type)],
            column_encoding={f.name: "DELTA_BINARY_PACKED" for f in self.schema if pa.types.is_integer(f.type)},
            write_statistics=[name for name in _WITH_STATISTICS if name in schema.names],
            store_schema=False,
        )

    def write(self, rows: pa.Table) -> None:
        """Add ``rows`` as one row group."""
        self._writer.write_table(rows.cast(self.schema), row_group_size=max(rows.num_rows, 1))
        self.rows += rows.num_rows

    def close(self) -> AddAction:
        """Finish the file; what is returned makes it part of the table."""
        from deltalake.transaction import AddAction

        self._writer.close()
        statistics = json.dumps({"numRecords": self.rows})
        return AddAction(self.path.name, self.path.stat().st_size, {}, time.time_ns() // 10**6, True, statistics)

    def discard(self) -> None:
        """Remove the file, which is part of no table yet."""
        self._writer.close()
        self.path.unlink(missing_ok=True)
