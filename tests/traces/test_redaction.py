"""Secrets in traces are overwritten before anything is stored, wherever they stand; what looks like them is not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from telemap.model.tables import RECORD, SPAN
from telemap.records.redaction import Redactor
from telemap.records.redaction_rules import bundled_rules
from telemap.traces.batches import Batch
from telemap.traces.redaction import redacted
from tests.builders import ingested

REDACTOR = Redactor(bundled_rules())
KEY = "k3yOf" + "Aa1Bb2Cc3" * 4
BODY = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC" * 2
BEGIN, END = "-----BEGIN RSA PRIVATE KEY-----", "-----END RSA PRIVATE KEY-----"


def filler(secret: str) -> str:
    return "9" * len(secret) if secret.isdigit() else "REDACTED"[: len(secret)].ljust(len(secret), "0")


def batch(spans: list[dict[str, Any]], records: list[dict[str, Any]] = []) -> Batch:  # noqa: B006
    return Batch(pa.Table.from_pylist(spans, SPAN), pa.Table.from_pylist(records, RECORD), 0)


def attributes(*said: dict[str, str]) -> list[dict[str, str]]:
    """What is left of the attributes of spans."""
    clean, _ = redacted(batch([{"attributes": list(one.items())} for one in said]), REDACTOR)
    clean.spans.validate(full=True)
    return [dict(one) for one in clean.spans.column("attributes").to_pylist()]


# `«…»` is the secret.
@pytest.mark.parametrize(
    ("name", "marked"),
    [
        ("db.password", "«hunter2»"),
        ("db.password", "«correct horse battery»"),
        ("db.password", "«12345»"),
        ("db.password", '«say "friend"\n»'),
        ("client_secret", "«Zürich12»"),
        ("http.request.header.authorization", "Bearer «" + KEY + "»"),
        ("http.request.header.authorization", '["Bearer «' + KEY + '»"]'),
        ("http.request.header.x-api-key", '["«' + KEY + '»"]'),
        ("http.request.header.cookie", '["«sid=' + KEY + '; theme=dark»"]'),
        ("http.response.header.set-cookie", '["sid=«' + KEY + '»; Path=/"]'),
        ("url.full", "https://bob:«hunter2»@shop.example/items?token=«" + KEY + "»"),
        ("db.connection_string", "Server=db;Password=«hunter2»;Encrypt=true"),
        ("process.command_line", "run --password «hunter2» --user bob"),
        ("http.request.body", '{"user":"bob","password":"«hunter2»"}'),
        ("http.request.body", '{\n  "user": "bob",\n  "password": "«hunter2»"\n}'),
        ("x", "«ghp_" + KEY + "»"),
        ("exception.message", f"cannot read\n{BEGIN}\n«{BODY}»\n«{BODY}»\n{END}\n"),
    ],
)
def test_attributes_lose_their_secrets_and_nothing_else(name: str, marked: str) -> None:
    parts = marked.replace("»", "«").split("«")
    (clean,) = attributes({"n": "1", name: "".join(parts), "o": "2"})
    if "\n" in parts[1] or '"' in parts[1] or not parts[1].isascii():  # as many bytes as they take in JSON
        assert (clean["n"], clean["o"], clean[name].rstrip("0")) == ("1", "2", "REDACTED")
    else:
        left = "".join(filler(part) if number % 2 else part for number, part in enumerate(parts))
        assert clean == {"n": "1", name: left, "o": "2"}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("gen_ai.usage.input_tokens", "3141592653"),
        ("password", "true"),
        ("password", ""),
        ("password.length", "12"),
        ("token.type", "IDENTIFIER"),
        ("http.request.header.authorization", '["[REDACTED]"]'),
        ("url.full", "https://shop.example:8080/items?page_token=CAESabc1234567890"),
        ("session.id", "123e4567-e89b-12d3-a456-426614174000"),
        ("message", "password: must have 8 characters"),
        ("name", "«ü𝄞\n\0»"),
    ],
)
def test_what_looks_like_a_secret_stays(name: str, text: str) -> None:
    assert attributes({name: text}) == [{name: text}]


def test_names_messages_bodies_events_and_links_lose_theirs_too() -> None:
    secret, clean = "password=hunter2 x", "password=REDACTE x"
    link = {"trace_id": "1" * 32, "span_id": "2" * 16}

    def made(text: str) -> Batch:
        said = [("k", text), ("o", "1")]
        return batch(
            [
                {"name": text, "status_message": text, "links": [link | {"attributes": said}, link], "trace_id": "1"},
                {"name": "b", "attributes": said},
                {"links": []},
            ],
            [{"body": text.encode(), "event_name": text, "attributes": said}, {"body": b"b"}, {"line_number": 3}],
        )

    (found, secrets), left = redacted(made(secret), REDACTOR), made(clean)
    assert (found.spans, found.records) == (left.spans, left.records)
    assert set(secrets) == {"password"}


def test_a_text_is_secret_only_where_its_name_says_so() -> None:
    assert attributes({"password": "hunter2", "user": "hunter2"}, {"password": "hunter2"}, {"user": "hunter2"}) == [
        {"password": filler("hunter2"), "user": "hunter2"},
        {"password": filler("hunter2")},
        {"user": "hunter2"},
    ]


def test_a_secret_does_not_reach_into_the_next_text() -> None:
    said = [{"a": "password="}, {"a": "hunter2"}, {"a": "x"}, {"a": "ghp_" + KEY}]
    assert attributes(*said) == [*said[:3], {"a": filler("ghp_" + KEY)}]


SIGNS = """=:,"'[]{}<>\\@ \n\0é𝄞"""
WORDS = (
    "\\n",
    "%22",
    "://",
    "u:",
    "password",
    "token",
    "cookie",
    "authorization",
    "value",
    "Bearer ",
    "hunter2",
    "12345",
)
PIECES = st.sampled_from([*SIGNS, *WORDS, KEY, f"ghp_{KEY}", BEGIN, END, BODY])
TEXTS = st.lists(PIECES, max_size=8).map("".join)


@given(st.lists(st.dictionaries(TEXTS, TEXTS, max_size=4), max_size=4))
@example([{"://": BEGIN + '\n"'}, {"a": "GET"}, {"token": BODY}])
def test_any_text_keeps_its_place_and_name_and_is_looked_at_by_itself(said: list[dict[str, str]]) -> None:
    together = attributes(*said)
    assert [list(one) for one in together] == [list(one) for one in said]
    if "PRIVATE KEY" not in "".join(name for one in said for name in one):
        assert together == [attributes(one)[0] for one in said]


# ---- ingest


def trace(message: str) -> dict[str, Any]:
    said = [{"key": "db.password", "value": {"stringValue": "hunter2"}}]
    spans = [
        {
            "traceId": "1" * 32,
            "spanId": "2" * 16,
            "name": "GET",
            "startTimeUnixNano": "1",
            "endTimeUnixNano": "2",
            "attributes": said,
            "status": {"code": 2, "message": message},
            "events": [{"timeUnixNano": "1", "name": "exception", "attributes": said}],
        }
    ]
    resource = {"attributes": [{"key": "service.name", "value": {"stringValue": "shop"}}, *said]}
    return {"resourceSpans": [{"resource": resource, "scopeSpans": [{"spans": spans}]}]}


@pytest.mark.parametrize("redacts", [True, False])
def test_an_ingest_redacts_traces_unless_told_not_to(redacts: bool, tmp_path: Path) -> None:
    file = tmp_path / "trace.json"
    file.write_text(json.dumps(trace(f"refused ghp_{KEY}")))
    store, _ = ingested(tmp_path, file, redacts=redacts)
    (span,) = store.rows("SELECT attributes, status_message FROM span")
    (event,) = store.rows("SELECT attributes FROM record")
    password, token = ("REDACTE", filler("ghp_" + KEY)) if redacts else ("hunter2", "ghp_" + KEY)
    assert span == {"attributes": {"db.password": password}, "status_message": "refused " + token}
    assert event == {"attributes": {"db.password": password}}
    stored = b"".join(path.read_bytes() for path in (tmp_path / "store").rglob("*.parquet"))
    assert stored.count(b"hunter2") == 0 or not redacts
