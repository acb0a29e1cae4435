"""The native kernel gives the rows that the specification gives, or leaves a document to it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telemap.traces import Batch
from telemap.traces.otlp_columns import IS_NATIVE, plain_batch
from telemap.traces.otlp_json import _document_batch, _lines_batch
from tests.traces.reading import ORIGIN
from tests.traces.test_otlp_json import attribute, span, traces

pytestmark = pytest.mark.skipif(not IS_NATIVE, reason="the kernel was not built")

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.sampled_from(
    ['"\\\b\f\n\r\t/', "\x7f", "𝄞é"]
)
WHOLE = st.integers(-(2**63), 2**63 - 1)
TIMES = st.sampled_from([0, 1, 1544712660000000000, 2**63 - 1]) | st.integers(0, 2**63 - 1)
DIGITS = "0123456789abcdefABCDEF"


def as_it_comes(value: st.SearchStrategy[int]) -> st.SearchStrategy[Any]:
    """A number, or as text, as both are OTLP."""
    return value | value.map(str)


VALUES = st.recursive(
    st.one_of(
        st.builds(lambda text: {"stringValue": text}, TEXTS),
        st.builds(lambda number: {"intValue": number}, as_it_comes(WHOLE)),
        st.builds(lambda truth: {"boolValue": truth}, st.booleans()),
        st.builds(lambda number: {"doubleValue": number}, st.floats(allow_nan=False, allow_infinity=False)),
        st.just({}),
    ),
    lambda inner: st.one_of(
        st.builds(lambda values: {"arrayValue": {"values": values}}, st.lists(inner, max_size=3)),
        st.builds(
            lambda found: {"kvlistValue": {"values": [attribute(key, **one) for key, one in found.items()]}},
            st.dictionaries(TEXTS, inner, max_size=2),
        ),
    ),
    max_leaves=4,
)
ATTRIBUTES = st.dictionaries(
    TEXTS | st.sampled_from(["code.function.name", "otel.trace_flags"]), VALUES, max_size=4
).map(lambda found: [attribute(key, **one) for key, one in found.items()])
EVENTS = st.fixed_dictionaries({"name": TEXTS}, optional={"timeUnixNano": as_it_comes(TIMES), "attributes": ATTRIBUTES})


def ids(digits: int) -> st.SearchStrategy[str]:
    return st.text(DIGITS, min_size=digits, max_size=digits) | st.sampled_from(["", "0" * digits, "abc"])


SPANS = st.fixed_dictionaries(
    {"traceId": ids(32), "spanId": ids(16)},
    optional={
        "parentSpanId": ids(16),
        "name": TEXTS,
        "kind": st.integers(0, 6),
        "startTimeUnixNano": as_it_comes(TIMES),
        "endTimeUnixNano": as_it_comes(TIMES),
        "attributes": ATTRIBUTES,
        "status": st.fixed_dictionaries({}, optional={"code": st.integers(0, 3), "message": TEXTS}),
        "events": st.lists(EVENTS, max_size=2),
        "links": st.lists(st.fixed_dictionaries({"traceId": ids(32), "spanId": ids(16)}), max_size=2),
        "flags": st.integers(0, 300),
        "traceState": TEXTS,
        "droppedAttributesCount": st.integers(0, 2),
    },
)
SCOPES = st.fixed_dictionaries({"name": TEXTS}, optional={"version": TEXTS, "attributes": ATTRIBUTES})
GROUPS = st.fixed_dictionaries({"spans": st.lists(SPANS, max_size=3)}, optional={"scope": SCOPES, "schemaUrl": TEXTS})


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    service = [attribute("service.name", stringValue="shop")]
    resources = [
        {
            "scopeSpans": draw(st.lists(GROUPS, max_size=2)),
            "resource": {"attributes": service + [one for one in draw(ATTRIBUTES) if one["key"] != "service.name"]},
            **draw(st.fixed_dictionaries({}, optional={"schemaUrl": TEXTS})),
        }
        for _ in range(draw(st.integers(0, 2)))
    ]
    return {"resourceSpans": resources}


def assert_same(found: Batch, specified: Batch) -> None:
    assert found.problems == specified.problems == ()
    assert (found.spans, found.records, found.bytes_read) == (specified.spans, specified.records, specified.bytes_read)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(documents(), max_size=3),
    st.booleans(),
    st.sampled_from([None, (",", ":")]),
    st.sampled_from(["\n", "\n\n", " \r\n"]),
)
def test_lines_are_what_they_are_specified_to_be(
    said: list[dict[str, Any]], is_ascii: bool, separators: tuple[str, str] | None, end: str
) -> None:
    lines = "".join(json.dumps(one, ensure_ascii=is_ascii, separators=separators) + end for one in said).encode()
    found = plain_batch(lines, ORIGIN, is_lines=True)
    if found:
        assert_same(found, _lines_batch(lines, ORIGIN))


@settings(max_examples=100, deadline=None)
@given(documents(), st.sampled_from([None, 1]))
def test_a_document_is_what_it_is_specified_to_be(said: dict[str, Any], indent: int | None) -> None:
    data = json.dumps(said, indent=indent).encode()
    found = plain_batch(data, ORIGIN, is_lines=False)
    if found:
        assert_same(found, _document_batch(data, ORIGIN))


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_damaged_documents_are_left_to_the_specification_or_read_as_it_says(data: st.DataObject) -> None:
    sound = json.dumps(traces(span(**PLAIN), span(**PLAIN))).encode() + b"\n"
    start = data.draw(st.integers(0, len(sound)))
    end = data.draw(st.integers(start, min(len(sound), start + 8)))
    inserted = data.draw(st.sampled_from([b"", b"null", b"\\", b'"', b"\xff", b"{", b"}", b"[]", b",", b"1", b"\n"]))
    damaged = sound[:start] + inserted + sound[end:]
    for is_lines, specified in ((True, _lines_batch), (False, _document_batch)):
        found = plain_batch(damaged, ORIGIN, is_lines=is_lines)
        if found:
            assert_same(found, specified(damaged, ORIGIN))


PLAIN: dict[str, Any] = {
    "kind": 3,
    "startTimeUnixNano": "5",
    "endTimeUnixNano": 9,
    "attributes": [
        attribute("text", stringValue='quo"te \\ 𝄞'),
        attribute("number", intValue="-12"),
        attribute("list", arrayValue={"values": [{"boolValue": True}]}),
    ],
    "status": {"code": 2, "message": "gone"},
    "events": [{"name": "retry", "timeUnixNano": "7"}],
    "links": [{"traceId": "a" * 32, "spanId": "b" * 16}],
    "flags": 257,
}


@pytest.mark.parametrize("indent", [None, 2])
def test_what_exporters_write_is_plain(indent: int | None) -> None:
    resource = [attribute("host.name", stringValue="h1")]
    data = json.dumps(traces(span(**PLAIN), span(), resource=resource), indent=indent).encode()
    found = plain_batch(data, ORIGIN, is_lines=False)
    assert found is not None
    assert_same(found, _document_batch(data, ORIGIN))


@pytest.mark.parametrize(
    "unusual",
    [
        {"name": None},
        {"kind": "SPAN_KIND_SERVER"},
        {"unknown": 1},
        {"startTimeUnixNano": "1.5"},
        {"endTimeUnixNano": 2**63},
        {"flags": -1, "attributes": [attribute("a"), attribute("a")]},
        {"attributes": [attribute("host.name", stringValue="both of the span and of the resource")]},
    ],
)
def test_what_is_unusual_is_left_to_the_specification(unusual: dict[str, Any]) -> None:
    resource = [attribute("host.name", stringValue="h1")]
    assert plain_batch(json.dumps(traces(span(**unusual), resource=resource)).encode(), ORIGIN, is_lines=False) is None


def test_two_documents_on_a_line_and_other_signals_are_left_to_the_specification() -> None:
    one = json.dumps(traces(span())).encode()
    twice = one.replace(b'"spanId"', b'"spanId":"a","spanId"')
    for data in (one + one, b'{"resourceLogs":[]}', b"{}x", one[:-1], twice):
        assert plain_batch(data, ORIGIN, is_lines=True) is None
