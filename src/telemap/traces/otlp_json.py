"""OTLP in JSON: a document, or a document a line as the Collector's file exporter writes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import msgspec

from telemap.model.collecting import no_collection
from telemap.traces.batches import Batch, Origin, Problem, TraceFormat
from telemap.traces.json_documents import decoded, decoded_document
from telemap.traces.otlp import Collector
from telemap.traces.otlp_columns import plain_batch
from telemap.traces.otlp_messages import Document

_DECODER = msgspec.json.Decoder(Document, strict=False)
_UNUSUAL = (b'"resource_', b"_unix_nano", b"instrumentationLibrary")
_RENAMED = {"instrumentationLibrarySpans": "scopeSpans", "instrumentationLibraryLogs": "scopeLogs"} | {
    "instrumentationLibrary": "scope"
}
_LINE = re.compile(rb"[^\n]*\n|[^\n]+")
_LOOK_BYTES = 1 << 16


def decode(data: bytes) -> Document:
    """The document that ``data`` is, whether its names are in camelCase, in snake_case or of before OTLP 0.19."""
    beginning = data[:_LOOK_BYTES]
    if any(name in beginning for name in _UNUSUAL):
        return msgspec.convert(_usual(msgspec.json.decode(data)), Document, strict=False)
    return _DECODER.decode(data)


def _usual(value: Any) -> Any:
    """``value`` with the names of OTLP of today; keys of attributes are values in OTLP, so that every key is a name."""
    if isinstance(value, list):
        return [_usual(one) for one in value]
    if isinstance(value, dict):
        named = ((re.sub("_([a-z])", lambda found: found[1].upper(), key), one) for key, one in value.items())
        return {_RENAMED.get(key, key): _usual(one) for key, one in named}
    return value


def read_document(blocks: Iterator[bytes], origin: Origin) -> Iterator[Batch]:
    """One batch of the one document."""
    data = b"".join(blocks)
    yield plain_batch(data, origin, is_lines=False) or _document_batch(data, origin)


def _document_batch(data: bytes, origin: Origin) -> Batch:
    collector = Collector(origin)
    with no_collection():
        document, size_bytes, collector.problems = decoded_document(decode, iter([data]), Document())
        collector.add(document, "document", byte_length=size_bytes)
        return collector.batch(size_bytes)


def read_lines(blocks: Iterator[bytes], origin: Origin) -> Iterator[Batch]:
    """A batch for each block, of the documents on the lines that end in it."""
    for whole in whole_lines(blocks):
        yield plain_batch(whole, origin, is_lines=True) or _lines_batch(whole, origin)
        origin = replace(
            origin, first_line=origin.first_line + whole.count(b"\n"), byte_base=origin.byte_base + len(whole)
        )


def _lines_batch(whole: bytes, origin: Origin) -> Batch:
    collector, offset = Collector(origin), origin.byte_base
    with no_collection():
        for line, text in enumerate(_LINE.findall(whole), origin.first_line):
            if not text.isspace():
                document = decoded(decode, text, f"line {line}")
                if isinstance(document, Problem):
                    collector.add_unread(document, line, offset, len(text))
                else:
                    collector.add(document, f"line {line}", line, offset, len(text))
            offset += len(text)
        return collector.batch(len(whole))


def whole_lines(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """The same bytes, cut behind newlines."""
    kept = b""
    for block in blocks:
        end = block.rfind(b"\n") + 1
        if end:
            yield kept + block[:end]
            kept = block[end:]
        else:
            kept += block
    if kept:
        yield kept


DOCUMENT = TraceFormat("otlp-json", is_appendable=False, read=read_document)
LINES = TraceFormat("otlp-json-lines", is_appendable=True, read=read_lines)
