"""OCEL 2.0: the same log in JSON, XML and SQLite."""

from __future__ import annotations

import sqlite3
from typing import Any

import pytest

from telemap.traces import TraceFormat
from telemap.traces.ocel import JSON, SQLITE, XML
from tests.traces.reading import columns, read, rows

LOG: dict[str, Any] = {
    "eventTypes": [{"name": "pay", "attributes": []}],
    "objectTypes": [{"name": "order", "attributes": []}, {"name": "item", "attributes": []}],
    "objects": [
        {
            "id": "o1",
            "type": "order",
            "attributes": [
                {"name": "price", "time": "1970-01-01T00:00:00Z", "value": "5"},
                {"name": "price", "time": "1970-01-01T00:00:09Z", "value": "7"},
            ],
            "relationships": [{"objectId": "i1", "qualifier": "contains"}],
        },
        {"id": "i1", "type": "item", "attributes": [], "relationships": []},
    ],
    "events": [
        {
            "id": "e1",
            "type": "pay",
            "time": "1970-01-01T00:00:02Z",
            "attributes": [{"name": "by", "value": "card"}],
            "relationships": [{"objectId": "o1", "qualifier": "order"}, {"objectId": "i1", "qualifier": "item"}],
        }
    ],
}


def as_xml() -> bytes:
    return b"""<?xml version="1.0"?><log>
    <object-types><object-type name="order"><attributes>
      <attribute name="price" type="string"/></attributes></object-type></object-types>
    <event-types><event-type name="pay"><attributes/></event-type></event-types>
    <objects><object id="o1" type="order"><attributes>
      <attribute name="price" time="1970-01-01T00:00:00Z">5</attribute>
      <attribute name="price" time="1970-01-01T00:00:09Z">7</attribute></attributes>
      <objects><relationship object-id="i1" qualifier="contains"/></objects></object>
      <object id="i1" type="item"/></objects>
    <events><event id="e1" type="pay" time="1970-01-01T00:00:02Z">
      <attributes><attribute name="by">card</attribute></attributes>
      <objects><relationship object-id="o1" qualifier="order"/><relationship object-id="i1" qualifier="item"/></objects>
    </event></events></log>"""


def as_sqlite() -> bytes:
    connection = sqlite3.connect(":memory:")
    connection.executescript("""
        CREATE TABLE event_map_type (ocel_type, ocel_type_map); INSERT INTO event_map_type VALUES ('pay', 'Pay');
        CREATE TABLE object_map_type (ocel_type, ocel_type_map);
        INSERT INTO object_map_type VALUES ('order', 'Order'), ('item', 'Item');
        CREATE TABLE event (ocel_id, ocel_type); INSERT INTO event VALUES ('e1', 'pay');
        CREATE TABLE object (ocel_id, ocel_type); INSERT INTO object VALUES ('o1', 'order'), ('i1', 'item');
        CREATE TABLE event_object (ocel_event_id, ocel_object_id, ocel_qualifier);
        INSERT INTO event_object VALUES ('e1', 'o1', 'order'), ('e1', 'i1', 'item');
        CREATE TABLE object_object (ocel_source_id, ocel_target_id, ocel_qualifier);
        INSERT INTO object_object VALUES ('o1', 'i1', 'contains');
        CREATE TABLE event_Pay (ocel_id, ocel_time, "by");
        INSERT INTO event_Pay VALUES ('e1', '1970-01-01T00:00:02Z', 'card');
        CREATE TABLE object_Order (ocel_id, ocel_time, ocel_changed_field, price);
        INSERT INTO object_Order VALUES ('o1', '1970-01-01T00:00:00Z', NULL, '5');
        INSERT INTO object_Order VALUES ('o1', '1970-01-01T00:00:09Z', 'price', '7');
        CREATE TABLE object_Item (ocel_id, ocel_time, ocel_changed_field);
    """)
    data = connection.serialize()
    connection.close()
    return data


@pytest.mark.parametrize(("of", "data"), [(JSON, LOG), (XML, as_xml()), (SQLITE, as_sqlite())])
def test_objects_are_sequences_and_events_are_spans_in_the_first_that_they_are_about(
    of: TraceFormat, data: Any
) -> None:
    batch = read(of, data)
    assert batch.problems == ()
    order, item, pay = rows(batch.spans)
    assert order == {
        "span_id": "0123456700000000",
        "trace_id": "0123456789abcdef0000000000000000",
        "kind": "sequence",
        "name": "o1",
        "sequence_name": "order",
        "start_time_unix_nano": 2 * 10**9,
        "end_time_unix_nano": 2 * 10**9,
        "duration_ns": 0,
        "status": "ok",
        "first_line": 1,
        "last_line": 1,
        "attributes": {"ocel.id": "o1", "ocel.type": "order", "price": "7"},
        "links": [
            {"trace_id": item["trace_id"], "span_id": item["span_id"], "attributes": {"ocel.qualifier": "contains"}}
        ],
    }
    assert (pay["name"], pay["parent_span_id"], pay["trace_id"]) == ("pay", order["span_id"], order["trace_id"])
    assert [link["attributes"]["ocel.qualifier"] for link in pay["links"]] == ["order", "item"]
    assert pay["attributes"] == {"ocel.id": "e1", "ocel.type": "pay", "by": "card"}
    assert columns(batch.records, "event_name", "time_unix_nano", "attributes") == [
        ("ocel.attribute", 0, [("price", "5")]),
        ("ocel.attribute", 9 * 10**9, [("price", "7")]),
    ]


def test_an_object_that_is_not_in_the_log_is_told() -> None:
    batch = read(JSON, LOG | {"objects": []})
    assert [problem.reason for problem in batch.problems] == [
        "object o1 is not in the log",
        "object i1 is not in the log",
    ]
    assert columns(batch.spans, "name", "parent_span_id") == [("pay", None)]


def test_text_of_a_database_that_is_no_utf_8_is_read_as_far_as_it_goes() -> None:
    batch = read(SQLITE, as_sqlite().replace(b"card", b"c\xffrd"))
    assert batch.problems == ()
    assert rows(batch.spans)[2]["attributes"] == {"ocel.id": "e1", "ocel.type": "pay", "by": "c\ufffdrd"}
