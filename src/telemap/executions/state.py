"""What records say of the state that handlers share → rows of the state_change table."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from telemap.executions.spans import Sources, span_ids
from telemap.model.interning import as_text
from telemap.model.tables import STATE_CHANGE
from telemap.model.telemetry import UNKNOWN_TIME
from telemap.records.columns import Columns, Ints, Spans

_NONE = STATE_CHANGE.empty_table()

OPERATIONS = {"baton_added": "add", "baton_changed": "replace", "baton_removed": "remove"}
"""Groups of a format that list keys, and what was done to them (the words of JSON Patch, RFC 6902)."""


def state_table(columns: Columns, sources: Sources, span_of_row: Ints, revision: pa.Array) -> pa.Table:
    """A row a key that a record of ``columns`` says was added, replaced or removed.

    Args:
        columns: one block, or several joined.
        sources: of which source each record is.
        span_of_row: the ordinal of the span that each record belongs to, -1 for none.
        revision: of each record; marks those that hold only until the source is read on.
    """
    tables = [
        _of(columns, OPERATIONS[group], spans, sources, span_of_row, revision)
        for group in OPERATIONS
        for spans in columns.attributes.get(group, ())
    ]
    return pa.concat_tables(tables) if tables else _NONE


def _of(
    columns: Columns, operation: str, spans: Spans, sources: Sources, span_of_row: Ints, revision: pa.Array
) -> pa.Table:
    keys = pc.split_pattern(as_text(spans.values()), ",")
    row_of_key = spans.rows[pc.list_parent_indices(keys).to_numpy()]
    count = len(row_of_key)
    time = columns.time[row_of_key]
    values = {
        "span_id": span_ids(sources.only(row_of_key), span_of_row[row_of_key]),
        "key": pc.list_flatten(keys),
        "operation": pa.repeat(pa.scalar(operation, pa.string()), count),
        "before": pa.nulls(count, pa.string()),
        "after": pa.nulls(count, pa.string()),
        "time_unix_nano": pa.array(time, mask=np.asarray(time == UNKNOWN_TIME)),
        "source_id": sources.only(row_of_key).column().cast(pa.string()),
        "revision": revision.take(pa.array(row_of_key)),
    }
    return pa.table([values[name] for name in STATE_CHANGE.names], schema=STATE_CHANGE)
