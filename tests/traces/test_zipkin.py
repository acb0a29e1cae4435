"""Zipkin's JSON."""

from __future__ import annotations

from telemap.traces.zipkin import SPANS
from tests.traces.reading import columns, read, rows

SPAN = {
    "traceId": "4E441824EC2B6A44FFDC9BB9A6453DF3",
    "id": "ffdc9bb9a6453df3",
    "parentId": "5e441824ec2b6a44",
    "name": "get /cart",
    "kind": "CLIENT",
    "timestamp": 1502787600000000,
    "duration": 150000,
    "localEndpoint": {"serviceName": "shop", "ipv4": "10.0.0.1", "port": 80},
    "remoteEndpoint": {"serviceName": "stock"},
    "annotations": [{"timestamp": 1502787600000010, "value": "wire send"}],
    "tags": {"http.path": "/cart", "error": "500", "otel.scope.name": "http"},
    "shared": True,
}


def test_everything_that_a_span_says_is_in_its_row() -> None:
    batch = read(SPANS, [SPAN])
    assert batch.problems == ()
    assert rows(batch.spans) == [
        {
            "span_id": "ffdc9bb9a6453df3",
            "parent_span_id": "5e441824ec2b6a44",
            "trace_id": "4e441824ec2b6a44ffdc9bb9a6453df3",
            "kind": "span",
            "name": "get /cart",
            "start_time_unix_nano": 1502787600000000000,
            "end_time_unix_nano": 1502787600150000000,
            "duration_ns": 150000000,
            "reported_duration_ns": 150000000,
            "status": "error",
            "status_message": "500",
            "first_line": 1,
            "last_line": 1,
            "service_name": "shop",
            "span_kind": "client",
            "scope_name": "http",
            "attributes": {
                "network.local.address": "10.0.0.1",
                "network.local.port": "80",
                "peer.service": "stock",
                "zipkin.shared": "true",
                "http.path": "/cart",
            },
        }
    ]
    assert columns(batch.records, "event_name", "time_unix_nano", "span_id") == [
        ("wire send", 1502787600000010000, "ffdc9bb9a6453df3")
    ]


def test_a_list_of_traces_is_read_like_a_list_of_spans() -> None:
    assert read(SPANS, [[SPAN], [SPAN]]).spans == read(SPANS, [SPAN, SPAN]).spans


def test_a_span_without_duration_is_incomplete() -> None:
    (row,) = rows(read(SPANS, [{"traceId": "1", "id": "2", "timestamp": 3}]).spans)
    assert (row["status"], row["start_time_unix_nano"], "end_time_unix_nano" in row) == ("incomplete", 3000, False)
