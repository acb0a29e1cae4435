"""Parquet files of a table while they are written: row group by row group, known to no reader until committed."""

from __future__ import annotations

import errno
import json
import re
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from telemap.errors import TelemapError

if TYPE_CHECKING:
    from deltalake.transaction import AddAction

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_NESTED = re.compile("\\s*\x1b\\[31m↳\x1b\\[0m")  # Delta sets the cause of an error below it, in colour

# Written as they are: a dictionary of texts that hardly repeat costs more than it saves.
_UNIQUE_TEXT = frozenset(("trace_id", "span_id", "parent_span_id", "request_id", "body", "checkpoint", "content"))

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


@contextmanager
def told(folder: Path) -> Iterator[None]:
    """Around what writes into ``folder``: a failure of the system is said in a way that people can act on.

    Raises:
        TelemapError: ``disk-full``, ``not-writable``.
    """
    from deltalake.exceptions import DeltaError

    try:
        yield
    except (OSError, DeltaError) as error:
        reason = _NESTED.sub(":", str(error)).strip()
        # Of errors from native code the number stands only in the text.
        if any(getattr(error, "errno", None) == code or f"os error {code})" in reason for code in _FULL):
            raise TelemapError(
                "disk-full",
                "there is no room left for the store",
                reason=reason,
                place=str(folder),
                help="free some room, then repeat the command: it goes on where it was",
            ) from error
        raise TelemapError(
            "not-writable",
            "the store cannot be written",
            reason=reason,
            place=str(folder),
            help="see that the folder exists and may be written, then repeat the command, or choose another --db",
        ) from error


def _to_compress(name: str, kind: pa.DataType) -> Iterator[str]:
    """The paths of a column's leaves that compressing makes smaller; small numbers are packed anyway."""
    if pa.types.is_map(kind):
        yield from _to_compress(f"{name}.key_value.key", kind.key_type)
        yield from _to_compress(f"{name}.key_value.value", kind.item_type)
    elif pa.types.is_list(kind):
        yield from _to_compress(f"{name}.list.element", kind.value_type)
    elif pa.types.is_struct(kind):
        for field in kind:
            yield from _to_compress(f"{name}.{field.name}", field.type)
    elif not pa.types.is_dictionary(kind) and (not pa.types.is_integer(kind) or name.endswith("time_unix_nano")):
        yield name


class Part:
    """One file of a table.

    Args:
        folder: the table's folder.
        schema: its columns.

    Raises:
        TelemapError: ``disk-full``, ``not-writable``; so do its methods.
    """

    def __init__(self, folder: Path, schema: pa.Schema) -> None:
        self.rows = 0
        self.path = folder / f"{uuid.uuid4().hex}.parquet"
        self.schema = stored_schema(schema)
        compressed = [path for f in self.schema for path in _to_compress(f.name, f.type)]
        with told(folder):
            self._writer = pq.ParquetWriter(
                self.path,
                self.schema,
                compression=dict.fromkeys(compressed, "zstd"),
                compression_level=dict.fromkeys(compressed, 1),
                use_dictionary=[f.name for f in self.schema if pa.types.is_dictionary(f.type)],
                column_encoding={f.name: "DELTA_BINARY_PACKED" for f in self.schema if pa.types.is_integer(f.type)},
                write_statistics=[name for name in _WITH_STATISTICS if name in schema.names],
                # Pages of the first version are put together before they are compressed: another copy of a long text.
                data_page_version="2.0",
                store_schema=False,
            )

    def write(self, rows: pa.Table) -> None:
        """Add ``rows`` as one row group."""
        with told(self.path.parent):
            self._writer.write_table(rows.cast(self.schema), row_group_size=max(rows.num_rows, 1))
        self.rows += rows.num_rows

    def close(self) -> AddAction:
        """Finish the file; what is returned makes it part of the table."""
        from deltalake.transaction import AddAction

        with told(self.path.parent):
            self._writer.close()
            size_bytes = self.path.stat().st_size
        statistics = json.dumps({"numRecords": self.rows})
        return AddAction(self.path.name, size_bytes, {}, time.time_ns() // 10**6, True, statistics)

    def discard(self) -> None:
        """Remove the file, which is part of no table yet."""
        with suppress(OSError):  # its end does not fit either where the disk is full
            self._writer.close()
        with suppress(OSError):
            self.path.unlink()
