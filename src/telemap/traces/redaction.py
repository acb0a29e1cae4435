"""Rows of spans and records → the same without the secrets in their texts, before anything of them is stored.

Of equal texts one is looked at, as the lines of a log are, and counted. Where a hint stands in the name that a text is
given for, both are looked at as JSON: ``"password":"…"`` tells what the text alone does not.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from telemap.records.columns import Ints
from telemap.records.redaction import Redaction, Redactor, filler
from telemap.traces.batches import Batch

_TOLD = ("name", "event_name", "status_message", "body", "attributes", "links")
_NEWLINE = ord("\n")
_PRIVATE_KEY = "PRIVATE KEY"


def redacted(batch: Batch, redactor: Redactor) -> tuple[Batch, Counter[str]]:
    """``batch`` without what the rules take for secrets in names, messages, bodies and attributes; how many by name."""
    counting = _Counting(redactor)
    clean = replace(batch, spans=_table(batch.spans, counting), records=_table(batch.records, counting))
    return clean, counting.secrets


@dataclass(slots=True)
class _Counting:
    """A redactor, and what it has overwritten."""

    redactor: Redactor
    secrets: Counter[str] = field(default_factory=Counter)

    def redacted(self, text: bytes, begins: Ints, ends: Ints, suspects: Ints) -> Redaction:
        redaction = self.redactor.redacted(memoryview(text), begins, ends, suspects)
        self.secrets += redaction.secrets
        return redaction


def _table(rows: pa.Table, redactor: _Counting) -> pa.Table:
    for place, column in enumerate(rows.schema):
        if column.name in _TOLD and rows.column(place).null_count < len(rows):
            rows = rows.set_column(place, column, _column(rows.column(place).combine_chunks(), redactor))
    return rows


def _column(column: pa.Array, redactor: _Counting) -> pa.Array:
    if pa.types.is_map(column.type):
        return _rebuilt(column, column.keys, _texts(column.items, column.keys, redactor))
    if pa.types.is_list(column.type):
        return _rebuilt(column, _column(column.values, redactor))
    if pa.types.is_struct(column.type):
        fields = [_column(column.field(place), redactor) for place in range(column.type.num_fields)]
        return pa.StructArray.from_arrays(fields, fields=list(column.type), mask=column.is_null())
    return _texts(column.cast(pa.string()), None, redactor).cast(column.type)


def _rebuilt(column: pa.Array, *values: pa.Array) -> pa.Array:
    mask = column.is_null() if column.null_count else None
    return type(column).from_arrays(column.offsets, *values, type=column.type, mask=mask)


def _texts(texts: pa.StringArray, names: pa.StringArray | None, redactor: _Counting) -> pa.StringArray:
    """``texts``, given for the names at their places if there are any, with the secrets overwritten."""
    distinct = texts.dictionary_encode("encode")
    codes = distinct.indices.to_numpy().astype(np.int64)
    has_key = pc.match_substring(distinct.dictionary, _PRIVATE_KEY).fill_null(False).to_numpy(zero_copy_only=False)
    clean = _alone(distinct.dictionary, has_key, redactor)
    if clean is not distinct.dictionary:
        texts = clean.take(distinct.indices)
    if names is None:
        return texts
    named = names.dictionary_encode()
    has_hint = np.array([redactor.redactor.has_hint(name.encode()) for name in named.dictionary.to_pylist()], np.bool_)
    is_told = has_hint[named.indices.to_numpy()] & ~has_key[codes]
    codes += named.indices.to_numpy().astype(np.int64) * len(clean)
    pairs, which = np.unique(codes[is_told], return_inverse=True)
    if not len(pairs):
        return texts
    name, text = np.divmod(pairs, len(clean))
    told = _named(named.dictionary.take(name).to_pylist(), clean.take(text).to_pylist(), redactor)
    return pc.replace_with_mask(texts, pa.array(is_told), pa.array(told, pa.string()).take(pa.array(which)))


def _alone(texts: pa.StringArray, has_key: npt.NDArray[np.bool_], redactor: _Counting) -> pa.StringArray:
    """``texts`` without the secrets that show in themselves; itself if there are none."""
    # A private key is looked for by itself: from its edges on, the rules take other lines for its text.
    keys = {number: texts[number].as_py() for number in np.flatnonzero(has_key).tolist()}
    changed = {number: clean for number, text in keys.items() for clean in _overwritten([text], redactor).values()}
    listed = texts.to_pylist()
    changed |= _overwritten(["" if n in keys else text or "" for n, text in enumerate(listed)], redactor)
    return pa.array([changed.get(n, text) for n, text in enumerate(listed)], pa.string()) if changed else texts


def _overwritten(texts: list[str], redactor: _Counting) -> dict[int, str]:
    """What is left of those texts, by their number, that hold secrets."""
    data = "\n".join(texts).encode()
    ends = np.append(np.flatnonzero(np.frombuffer(data, np.uint8) == _NEWLINE), len(data))
    begins = np.append(0, ends[:-1] + 1)
    redaction = redactor.redacted(data, begins, ends, redactor.redactor.lines_with_secrets(data, ends))
    if not len(redaction.lines):
        return {}
    bounds = np.cumsum([0, *(len(text.encode()) + 1 for text in texts)])
    changed = np.unique(np.searchsorted(bounds, begins[redaction.lines], "right") - 1)
    return {
        number: bytes(redaction.block[bounds[number] : bounds[number + 1] - 1]).decode() for number in changed.tolist()
    }


def _named(names: list[str], texts: list[str], redactor: _Counting) -> list[str]:
    """``texts`` without what their names tell to be secret."""
    beginnings = [msgspec.json.encode(name) + b":" for name in names]
    values = [text.encode() if _is_json(text) else msgspec.json.encode(text) for text in texts]
    lines = [beginning + value for beginning, value in zip(beginnings, values, strict=True)]
    ends = np.cumsum([len(line) + 1 for line in lines]) - 1
    begins = ends - [len(line) for line in lines]
    redaction = redactor.redacted(b"\n".join(lines), begins, ends, np.arange(len(lines)))
    for line in redaction.lines.tolist():
        value = bytes(redaction.block[ends[line] - len(values[line]) : ends[line]])
        texts[line] = value.decode() if _is_json(texts[line]) else _said(value)
    return texts


def _said(value: bytes) -> str:
    try:
        return msgspec.json.decode(value, type=str)
    except msgspec.DecodeError:  # what was overwritten ended within an escape
        return filler(value[1:-1]).decode()


def _is_json(text: str) -> bool:
    """Whether ``text`` is a list or a map on one line, as the values of headers are."""
    return text.startswith(("[", "{")) and "\n" not in text
