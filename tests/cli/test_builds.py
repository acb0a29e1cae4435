"""Telemetry of a build of the code as it was: its places are those where that code is now, or it is told as gone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Telemap
from tests.repositories import commit

BEFORE = """\
import logging

log = logging.getLogger("shop")


def pay(order):
    log.info("paid %s", order)


def ship(order):
    log.info("shipped %s", order)


def refund(order):
    log.info("refunded %s", order)


def count(orders):
    log.info("%d orders", len(orders))
"""
# Lines are added above, the template of one message is another, a value of another message, and a function is gone.
AFTER = """\
import logging
import sys

log = logging.getLogger("shop")


def pay(order):
    log.info("paid %s", order)


def ship(order):
    log.info("sent %s", order)


def count(orders):
    if orders:
        log.info("%d orders", sum(1 for _ in orders))
"""
MESSAGES = ("paid o1", "shipped o1", "refunded o1", "7 orders")
LOG = "".join(f"2026-01-02 03:04:0{at},000 INFO shop: {text}\n" for at, text in enumerate(MESSAGES))


@pytest.fixture
def moved(project: Path) -> Path:
    """Code of two commits, ``v1`` and the one that is there, and a log of the first."""
    (project / "src" / "shop.py").write_text(BEFORE)
    commit(project, "v1")
    (project / "src" / "shop.py").write_text(AFTER)
    commit(project, "v2")
    (project / "old.log").write_text(LOG)
    return project


def candidates(telemap: Telemap) -> list[list[tuple[str, int, bool]]]:
    said = telemap("map", "--format", "jsonl")
    assert (said.status, said.err) == (0, "")
    records = [json.loads(line)["candidates"] for line in said.out.splitlines()]
    return [[(c["functionName"], c["lineNumber"], "commitId" in c) for c in found] for found in records]


def test_records_of_another_commit_are_told_by_its_code(moved: Path, telemap: Telemap) -> None:
    telemap("ingest", "old.log", "--build", "v1")
    telemap("index", "src")
    telemap("index", "src", "--at", "v1")
    assert candidates(telemap) == [
        [("pay", 8, False)],  # the line is another
        [("ship", 11, True)],  # it logs another text
        [("refund", 15, True)],  # the function is gone
        [("count", 17, False)],  # the line was changed, the text is the same
    ]
    told = [json.loads(telemap("explain", f"old.log:{line}", "--format", "json").out)["steps"] for line in (1, 2, 4)]
    reasons = [next(step for step in steps if step["about"] == "log statement") for steps in told]
    commit_id = reasons[1]["code"]["commitId"][:10]
    assert [step["says"].split("; ")[-1] for step in reasons] == [
        f"was shop.py:7 of {commit_id}",
        f"gone since: shop.py:11 of {commit_id}",
        f"its line was changed since {commit_id}",
    ]
    assert f"shop.py:11 of {commit_id}" in telemap("explain", "old.log:2", "--format", "md").out


def test_of_a_build_whose_code_was_not_read_it_is_said_how(moved: Path, telemap: Telemap) -> None:
    telemap("ingest", "old.log", "--build", "v1")
    telemap("index", "src")
    said = telemap("map")
    assert said.err.startswith("warning: build v1 is of commit ")
    assert "help: telemap index DIR --at v1 " in said.err
    assert [len(json.loads(line)["candidates"]) for line in said.out.splitlines()] == [1, 0, 0, 1]


@pytest.mark.parametrize("build", ["v2", "v3", "main"])
def test_a_build_of_what_is_there_or_of_no_commit_is_told_by_what_is_there(
    moved: Path, telemap: Telemap, build: str
) -> None:
    telemap("ingest", "old.log", "--build", build)
    telemap("index", "src")
    assert candidates(telemap) == [[("pay", 8, False)], [], [], [("count", 17, False)]]


def span(name: str, **code: Any) -> dict[str, Any]:
    attributes = [
        {
            "key": f"code.{key.replace('__', '.')}",
            "value": {"intValue" if isinstance(value, int) else "stringValue": value},
        }
        for key, value in code.items()
    ]
    times = {"startTimeUnixNano": "1767323045000000000", "endTimeUnixNano": "1767323045001000000"}
    return {
        "traceId": "5b" * 16,
        "spanId": f"{abs(hash(name)):016x}"[:16],
        "name": name,
        "attributes": attributes,
    } | times


SPANS = [
    span("moved", function__name="pay", file__path="/srv/src/shop.py", line__number=6),
    span("edited", function__name="shop.count", file__path="/srv/src/shop.py", line__number=19),
    span("gone", function__name="refund", file__path="/srv/src/shop.py", line__number=14),
    span("library", function__name="send", file__path="/usr/lib/python3/http/client.py", line__number=9),
    span("old names", function="ship", namespace="shop", filepath="src/shop.py", lineno=11),
]


def test_spans_of_another_commit_are_told_by_its_code(moved: Path, telemap: Telemap) -> None:
    said = (("name", "shop"), ("version", "v1"))
    service = [{"key": f"service.{key}", "value": {"stringValue": value}} for key, value in said]
    document = {"resourceSpans": [{"resource": {"attributes": service}, "scopeSpans": [{"spans": SPANS}]}]}
    (moved / "traces.json").write_text(json.dumps(document))
    telemap("index", "src")
    telemap("index", "src", "--at", "v1")
    telemap("ingest", "traces.json")
    spans = [json.loads(line) for line in telemap("executions").out.splitlines()]
    places = {one["name"]: one["code"] and (one["code"]["filePath"], one["code"]["lineNumber"]) for one in spans}
    assert places == {
        "moved": ("shop.py", 7),
        "edited": ("shop.py", 15),  # the line is gone, the function is there
        "gone": None,
        "library": ("/usr/lib/python3/http/client.py", 9),  # as it is told
        "old names": ("shop.py", 11),
    }
    ids = {one["name"]: one["spanId"] for one in spans}
    steps = {name: json.loads(telemap("explain", ids[name], "--format", "json").out)["steps"][-1] for name in ids}
    assert {name: (step["about"], step["says"].rpartition(" of ")[0]) for name, step in steps.items()} == {
        "moved": ("told place", "was shop.py:6"),
        "edited": ("told place", ""),
        "gone": ("told place", "gone since: shop.py:14"),
        "library": ("told place", ""),
        "old names": ("told place", ""),
    }
