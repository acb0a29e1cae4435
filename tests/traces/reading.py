"""What the tests of the readers have in common: a source, and batches as plain rows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from telemap.model.tables import RECORD, SPAN
from telemap.traces import Batch, Origin, TraceFormat

ORIGIN = Origin("0123456789abcdef")


def read(of: TraceFormat, data: bytes | str | Any, block_bytes: int = 1 << 20) -> Batch:
    """Everything that a format yields of ``data`` (bytes, text, or a value to be written as JSON), as one batch."""
    if not isinstance(data, bytes):
        data = (data if isinstance(data, str) else json.dumps(data)).encode()

    def blocks() -> Iterator[bytes]:
        for start in range(0, len(data), block_bytes):
            yield data[start : start + block_bytes]

    batches = list(of.read(blocks(), ORIGIN))
    for batch in batches:
        batch.spans.validate(full=True)
        batch.records.validate(full=True)
    problems = tuple(problem for batch in batches for problem in batch.problems)
    bytes_read = sum(batch.bytes_read for batch in batches)
    assert bytes_read == len(data)
    return Batch(
        pa.concat_tables([SPAN.empty_table(), *(batch.spans for batch in batches)]),
        pa.concat_tables([RECORD.empty_table(), *(batch.records for batch in batches)]),
        bytes_read,
        problems,
    )


def rows(table: pa.Table) -> list[dict[str, Any]]:
    """Rows without what they do not say and without their source; maps as dicts."""
    return [{key: _plain(value) for key, value in row.items() if _says(key, value)} for row in table.to_pylist()]


def _says(key: str, value: Any) -> bool:
    return key != "source_id" and value is not None and value != []


def _plain(value: Any) -> Any:
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return [{**link, "attributes": dict(link["attributes"])} for link in value]
    return dict(value) if isinstance(value, list) else value


def columns(table: pa.Table, *names: str) -> list[tuple[Any, ...]]:
    """Some columns, as a tuple a row."""
    return [tuple(row[name] for name in names) for row in table.select(list(names)).to_pylist()]
