"""Self time of recorded traces by the SQL of the heatmap: never below zero, and no time is taken off twice."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Any

import duckdb
import pytest

from telemap.traces.jaeger import TRACES
from tests.traces.reading import read

MICROSECOND = 1000


def self_times(file: Path) -> dict[str, int]:
    """The self time of each operation in ns; every span stands as the run of a handler and as the child of one."""
    connection = duckdb.connect()
    connection.register("read_span", read(TRACES, file.read_bytes()).spans)
    unlinked = ", ".join(
        f"NULL::{kind} AS code_{name}"
        for name, kind in {
            "file_path": "VARCHAR",
            "line_number": "BIGINT",
            "function_name": "VARCHAR",
            "confidence": "DOUBLE",
            "evidence": "VARCHAR",
        }.items()
    )
    connection.execute(f"""
        CREATE VIEW span AS
        SELECT * REPLACE ('handler' AS kind, name AS handler, NULL AS parent_span_id), {unlinked} FROM read_span
        UNION ALL BY NAME
        SELECT * REPLACE (NULL AS handler), {unlinked} FROM read_span
    """)
    connection.execute("CREATE TABLE declared_step (sequence_id VARCHAR, plugin VARCHAR)")
    sql = files("telemap.analyses").joinpath("heatmap.sql").read_text(encoding="utf-8")
    found = connection.execute(f"SELECT handler, self_ns::BIGINT FROM ({sql})", {"build": None}).fetchall()
    connection.close()
    return dict(found)


def expected(file: Path) -> dict[str, int]:
    """The same, counted plainly: of each span, what no child covers."""
    spans = read(TRACES, file.read_bytes()).spans.to_pylist()
    found: dict[str, int] = {}
    for span in spans:
        own = free_time(span, [child for child in spans if is_child(child, span)])
        found[span["name"]] = found.get(span["name"], 0) + own
    return found


def is_child(child: dict[str, Any], span: dict[str, Any]) -> bool:
    return (child["trace_id"], child["parent_span_id"]) == (span["trace_id"], span["span_id"])


def free_time(span: dict[str, Any], children: list[dict[str, Any]]) -> int:
    own, reached = 0, span["start_time_unix_nano"]
    for child in sorted(children, key=lambda child: child["start_time_unix_nano"]):
        own += max(0, min(child["start_time_unix_nano"], span["end_time_unix_nano"]) - reached)
        reached = max(reached, child["end_time_unix_nano"])
    return own + max(0, int(span["end_time_unix_nano"]) - reached)


@pytest.fixture(scope="module")
def folder(shared_data: Path) -> Path:
    return shared_data / "traces_otlp_jaeger" / "jaeger_self_time"


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "own_us"),
    [
        ("traceWithOverlappingChildrenLongerThanParent", 30),  # of 40; one child of 10 within, two after its end
        ("traceWithThreeShortChildren", 5),  # of 36; children from 3 to 13, 9 to 17 and 16 to 34
        ("traceWithTwoChildrenStartedAtTraceStart", 0),  # one child lasts longer than the whole
        ("traceWithMultipleSpansWithTheSameValueInDifferentTags", 40),  # no children
    ],
)
def test_children_that_overlap_or_outlive_their_parent_count_once_and_within_it(
    folder: Path, name: str, own_us: int
) -> None:
    assert self_times(folder / f"{name}.json")["send"] == own_us * MICROSECOND


@pytest.mark.shared
def test_self_times_of_all_recorded_traces_are_what_no_child_covers(folder: Path) -> None:
    recorded = sorted(folder.glob("*.json"))
    assert len(recorded) >= 4
    for file in recorded:
        assert self_times(file) == expected(file), file.name
        assert min(self_times(file).values()) >= 0
