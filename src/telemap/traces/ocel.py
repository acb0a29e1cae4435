"""OCEL 2.0, in JSON, XML or SQLite: an object → a sequence, an event → a span within the first object it is about."""

from __future__ import annotations

import sqlite3
import xml.etree.ElementTree as ElementTree
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import msgspec

from telemap.traces.batches import Batch, Link, Origin, Problem, Record, Span, TraceFormat, document_batch
from telemap.traces.json_documents import decoded_document, text
from telemap.traces.times import iso_nanoseconds
from telemap.traces.xml_documents import Elements, local_name

_QUALIFIER = "ocel.qualifier"


class Attribute(msgspec.Struct):
    """A value of an event, or of an object from a time on."""

    name: str
    value: Any = None
    time: str | None = None


class Relationship(msgspec.Struct, rename="camel"):
    """An object that an event or object is about."""

    object_id: str
    qualifier: str | None = None


class Entity(msgspec.Struct):
    """An event (which has a time) or an object."""

    id: str
    type: str
    time: str | None = None
    attributes: list[Attribute] | None = None
    relationships: list[Relationship] | None = None


class Log(msgspec.Struct):
    """All that was logged."""

    events: list[Entity] = []
    objects: list[Entity] = []


_DECODER = msgspec.json.Decoder(Log)


def read_json(blocks: Iterator[bytes], origin: Origin) -> Iterator[Batch]:
    """One batch of the one document."""
    log, size_bytes, problems = decoded_document(_DECODER.decode, blocks, Log())
    yield _batch(log, origin, size_bytes, problems)


def read_xml(blocks: Iterator[bytes], origin: Origin) -> Iterator[Batch]:
    """One batch of the one document."""
    elements, log = Elements(blocks), Log()
    kinds = {"event": log.events, "object": log.objects}
    for element, depth in elements:
        found = kinds.get(local_name(element))
        if found is not None and depth == 2:
            found.append(_entity(element))
            element.clear()
    yield _batch(log, origin, elements.taken_bytes(), [elements.problem] if elements.problem else [])


def _entity(element: ElementTree.Element) -> Entity:
    inner = list(element.iter())
    return Entity(
        id=element.get("id", ""),
        type=element.get("type", ""),
        time=element.get("time"),
        attributes=[
            Attribute(one.get("name", ""), one.text or "", one.get("time"))
            for one in inner
            if local_name(one) == "attribute"
        ],
        relationships=[
            Relationship(one.get("object-id", ""), one.get("qualifier"))
            for one in inner
            if local_name(one) in ("relationship", "relobj")
        ],
    )


def read_sqlite(blocks: Iterator[bytes], origin: Origin) -> Iterator[Batch]:
    """One batch of the one database."""
    data = b"".join(blocks)
    connection = sqlite3.connect(":memory:")
    connection.row_factory = sqlite3.Row
    connection.text_factory = lambda data: data.decode(errors="replace")
    log, problems = Log(), []
    try:
        if data:  # nothing at all is refused with an error of memory
            connection.deserialize(data)
        log = Log(
            _entities(connection, "event", "SELECT ocel_event_id, ocel_object_id, ocel_qualifier FROM event_object"),
            _entities(connection, "object", "SELECT ocel_source_id, ocel_target_id, ocel_qualifier FROM object_object"),
        )
    except (sqlite3.Error, IndexError, UnicodeDecodeError) as error:  # the last of the names of columns
        problems.append(Problem("database", str(error)))
    finally:
        connection.close()
    yield _batch(log, origin, len(data), problems)


def _entities(connection: sqlite3.Connection, kind: str, relations: str) -> list[Entity]:
    related: dict[str, list[Relationship]] = defaultdict(list)
    for source, target, qualifier in connection.execute(relations):
        related[source].append(Relationship(target, qualifier))
    found = {
        row["ocel_id"]: Entity(row["ocel_id"], row["ocel_type"], attributes=[], relationships=related[row["ocel_id"]])
        for row in connection.execute(f"SELECT ocel_id, ocel_type FROM {kind} ORDER BY rowid")
    }
    tables = [row[0] for row in connection.execute(f"SELECT ocel_type_map FROM {kind}_map_type ORDER BY rowid")]
    for table in tables:
        quoted = f"{kind}_{table}".replace('"', '""')
        for row in connection.execute(f'SELECT * FROM "{quoted}" ORDER BY rowid'):
            entity = found.get(row["ocel_id"])
            if entity is None:
                continue
            if kind == "event":
                entity.time = row["ocel_time"]
            entity.attributes = [*(entity.attributes or ()), *_values(row)]
    return list(found.values())


def _values(row: sqlite3.Row) -> list[Attribute]:
    return [
        Attribute(name, row[name], row["ocel_time"])
        for name in row.keys()  # noqa: SIM118 - a row iterates over its values
        if not name.startswith("ocel_") and row[name] is not None
    ]


def _batch(log: Log, origin: Origin, size_bytes: int, problems: list[Problem]) -> Batch:
    sequences = {entity.id: _span(entity, origin, number, number) for number, entity in enumerate(log.objects)}
    records: list[Record] = []
    for entity in log.objects:
        span = sequences[entity.id]
        span.kind, span.sequence_name = "sequence", entity.type
        span.links = _links(entity.relationships or [], sequences)
        records += [_change(one, span) for one in entity.attributes or () if one.time]
    spans = list(sequences.values())
    for number, entity in enumerate(sorted(log.events, key=lambda one: iso_nanoseconds(one.time) or 0), len(spans)):
        span = _span(entity, origin, number, number)
        about = [one for one in entity.relationships or () if one.object_id in sequences]
        if about:
            sequence = sequences[about[0].object_id]
            span.trace_id, span.parent_span_id = sequence.trace_id, sequence.span_id
            span.sequence_name = sequence.sequence_name
        span.name = entity.type
        span.start_time_unix_nano = span.end_time_unix_nano = iso_nanoseconds(entity.time)
        span.links = _links(entity.relationships or [], sequences)
        for one in about:
            _widen(sequences[one.object_id], span.start_time_unix_nano)
        spans.append(span)
    yield_problems = [*problems, *_unknown(log, sequences)]
    return document_batch(spans, records, origin, size_bytes, yield_problems)


def _span(entity: Entity, origin: Origin, number: int, trace: int) -> Span:
    """A span named for its id; of an attribute that changes, it has the latest value."""
    latest = sorted(entity.attributes or (), key=lambda one: iso_nanoseconds(one.time) or 0)
    return Span(
        span_id=origin.span_id(number),
        trace_id=origin.trace_id(trace),
        name=entity.id,
        attributes={"ocel.id": entity.id, "ocel.type": entity.type} | {one.name: text(one.value) for one in latest},
    )


def _links(relationships: list[Relationship], sequences: dict[str, Span]) -> list[Link]:
    return [
        Link(to.trace_id, to.span_id, {_QUALIFIER: one.qualifier or ""})
        for one in relationships
        if (to := sequences.get(one.object_id))
    ]


def _change(attribute: Attribute, span: Span) -> Record:
    return Record(
        event_name="ocel.attribute",
        attributes={attribute.name: text(attribute.value)},
        time_unix_nano=iso_nanoseconds(attribute.time),
        trace_id=span.trace_id,
        span_id=span.span_id,
    )


def _widen(sequence: Span, time: int | None) -> None:
    if time is not None:
        start, end = sequence.start_time_unix_nano, sequence.end_time_unix_nano
        sequence.start_time_unix_nano = time if start is None else min(start, time)
        sequence.end_time_unix_nano = time if end is None else max(end, time)
        sequence.duration_ns = sequence.end_time_unix_nano - sequence.start_time_unix_nano


def _unknown(log: Log, sequences: dict[str, Span]) -> Iterator[Problem]:
    for entity in (*log.events, *log.objects):
        for one in entity.relationships or ():
            if one.object_id not in sequences:
                yield Problem(f"{entity.type} {entity.id}", f"object {one.object_id} is not in the log")


JSON = TraceFormat("ocel-json", is_appendable=False, read=read_json)
XML = TraceFormat("ocel-xml", is_appendable=False, read=read_xml)
SQLITE = TraceFormat("ocel-sqlite", is_appendable=False, read=read_sqlite)
