"""Blocks of the heatmap and the executions of a handler, against sums in plain Python."""

from __future__ import annotations

import math
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telemap.analyses import heatmap, heatmap_blocks, heatmap_executions
from telemap.analyses.heatmap_blocks import Blocks
from telemap.analyses.heatmap_executions import HandlerExecutions
from telemap.errors import TelemapError
from telemap.model.documents import Place, iso_time
from telemap.store.store import Store, table_of
from telemap.web.resources import address
from tests.analyses.conftest import call

StoreOf = Callable[..., Store]
START = 1_767_323_045 * 10**9
MS = 10**6
Row = dict[str, Any]


@st.composite
def runs(draw: st.DrawFn) -> list[Row]:
    """Spans of two services and two builds, some failed, some without a duration or with one below zero."""
    return [
        {
            "trace_id": f"t{number}",
            "span_id": f"s{number}",
            "kind": "span",
            "name": draw(st.sampled_from(["pay", "ship"])),
            "service_name": draw(st.sampled_from(["shop", "store"])),
            "service_version": draw(st.sampled_from(["1", "2"])),
            "start_time_unix_nano": START + draw(st.integers(0, 1000)) * MS,
            "duration_ns": draw(st.none() | st.integers(-5, 10**9)),
            "status": draw(st.sampled_from(["ok", "error"])),
            "source_id": "log",
            "first_line": number + 1,
        }
        for number in range(draw(st.integers(1, 40)))
    ]


def store_with(folder: str, rows: Sequence[Row]) -> Store:
    store = Store(Path(folder), create=True)
    store.replace("span", table_of("span", rows))
    return store


def durations(rows: Iterable[Row]) -> list[int]:
    return sorted(row["duration_ns"] for row in rows if (row["duration_ns"] or -1) >= 0 or row["duration_ns"] == 0)


def quantile(ordered: Sequence[int], share: float) -> float | None:
    """With what lies between two values told in proportion, in milliseconds."""
    if not ordered:
        return None
    place = (len(ordered) - 1) * share
    low, high = ordered[math.floor(place)], ordered[math.ceil(place)]
    return (low + (high - low) * (place - math.floor(place))) / MS


def close(value: float | None) -> Any:
    return None if value is None else pytest.approx(value, rel=1e-3, abs=1e-6)


def listed(blocks: Blocks) -> dict[tuple[str, str | None, int], tuple[Any, ...]]:
    """The blocks by handler, service and part."""
    columns = zip(
        blocks.handler,
        blocks.part,
        blocks.executions,
        blocks.errors,
        blocks.p50_ms,
        blocks.p95_ms,
        blocks.max_ms,
        strict=True,
    )
    names = [(one.name, one.service) for one in blocks.handlers]
    return {(*names[handler], part): tuple(figures) for handler, part, *figures in columns}


@settings(max_examples=25, deadline=None)
@given(runs(), st.integers(1, 9), st.sampled_from([None, "1"]))
def test_blocks_are_what_their_executions_are(rows: list[Row], parts: int, build: str | None) -> None:
    meant = [row for row in rows if build in (None, row["service_version"])]
    if not meant:
        return
    first = min(row["start_time_unix_nano"] for row in meant)
    length = (max(row["start_time_unix_nano"] for row in meant) - first) // parts + 1
    expected = defaultdict(list)
    for row in meant:
        part = (row["start_time_unix_nano"] - first) // length
        expected[row["name"], row["service_name"], part].append(row)
    with tempfile.TemporaryDirectory() as folder:
        blocks = heatmap_blocks.run(store_with(folder, rows), heatmap_blocks.Params(build=build, parts=parts))
    assert (blocks.start_time, blocks.part_ms) == (iso_time(first), length / MS)
    assert listed(blocks) == {
        key: (
            len(same),
            sum(row["status"] == "error" for row in same),
            close(quantile(durations(same), 0.5)),
            close(quantile(durations(same), 0.95)),
            close(quantile(durations(same), 1)),
        )
        for key, same in expected.items()
    }


@settings(max_examples=25, deadline=None)
@given(runs())
def test_executions_are_those_of_the_handler_by_build(rows: list[Row]) -> None:
    wanted = heatmap_executions.Params(rows[0]["name"], service=rows[0]["service_name"], most=3)
    same = [row for row in rows if (row["name"], row["service_name"]) == (wanted.name, wanted.service)]
    with tempfile.TemporaryDirectory() as folder:
        found = heatmap_executions.run(store_with(folder, rows), wanted)
    assert (found.executions, found.errors) == (len(same), sum(row["status"] == "error" for row in same))
    builds = {build: [row for row in same if row["service_version"] == build] for build in ("1", "2")}
    assert {
        one.build: (one.executions, one.untimed, one.errors, one.min, one.p50, one.p95, one.p99, one.max)
        for one in found.builds
    } == {
        build: (
            len(of),
            len(of) - len(durations(of)),
            sum(row["status"] == "error" for row in of),
            *(close(quantile(durations(of), share)) for share in (0, 0.5, 0.95, 0.99, 1)),
        )
        for build, of in builds.items()
        if of
    }
    timed = sorted(
        (-row["duration_ns"], row["start_time_unix_nano"], row["first_line"]) for row in same if durations([row])
    )
    assert [one.duration_ms for one in found.slowest] == [-duration / MS for duration, *_ in timed[:3]]
    failed = sorted(-row["start_time_unix_nano"] for row in same if row["status"] == "error")
    assert [one.start_time for one in found.failed] == [iso_time(-start) for start in failed[:3]]
    check_bins(found, builds)


def check_bins(found: HandlerExecutions, builds: dict[str, list[Row]]) -> None:
    """Every duration is in one bin, between its edges."""
    for one in found.builds:
        assert len(one.counts) == max(0, len(found.edges_ms) - 1)
        for edge, (low, high) in enumerate(zip(found.edges_ms, found.edges_ms[1:], strict=False)):
            inside = sum(low * 0.9995 <= max(ns, 1) / MS < high * 1.0005 for ns in durations(builds[one.build or ""]))
            surely = sum(low * 1.0005 <= max(ns, 1) / MS < high * 0.9995 for ns in durations(builds[one.build or ""]))
            assert surely <= one.counts[edge] <= inside
        assert sum(one.counts) == one.executions - one.untimed


@settings(max_examples=15, deadline=None)
@given(runs())
def test_handlers_are_called_as_in_the_heatmap_and_every_archived_answer_is_of_one_of_them(rows: list[Row]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = store_with(folder, rows)
        heated = heatmap.run(store, heatmap.Params()).handlers
        blocks = heatmap_blocks.run(store, heatmap_blocks.Params())
        answers = [heatmap_executions.run(store, params) for params in heatmap_executions.archived(store)]
    names = sorted((one.name, one.plugin or "", one.service or "") for one in heated)
    assert sorted((one.name, one.plugin or "", one.service or "") for one in blocks.handlers) == names
    assert (
        sorted((one.name, one.plugin or "", one.service or "") for found in answers for one in found.handlers) == names
    )
    assert sum(found.executions for found in answers) == len(rows)


def test_a_time_is_cut_anew_and_what_began_outside_is_left_out(store_of: StoreOf) -> None:
    store = store_of([*call("price", 0, 10), *call("price", 500, 540, "r2"), *call("pay", 990, 995, "r3")])
    times = {"start": "2026-01-02T03:04:00.400Z", "end": "2026-01-02T03:04:00.600Z"}
    blocks = heatmap_blocks.run(store, heatmap_blocks.Params(parts=2, **times))  # type: ignore[arg-type]
    assert (blocks.start_time, blocks.end_time, blocks.part_ms) == (times["start"], times["end"], 100.000001)
    assert listed(blocks) == {("price", None, 0): (1, 0, 40.0, 40.0, 40.0)}
    found = heatmap_executions.run(store, heatmap_executions.Params("price", **times))  # type: ignore[arg-type]
    assert [one.duration_ms for one in found.slowest] == [40.0]


def test_a_block_names_the_line_of_its_slowest_execution(store_of: StoreOf, tmp_path: Path) -> None:
    store = store_of([*call("price", 0, 10), *call("price", 100, 140, "r2")], build="1.0")
    blocks = heatmap_blocks.run(store, heatmap_blocks.Params(parts=1))
    assert (blocks.sources, blocks.source, blocks.line) == ([str(tmp_path / "1.0.log")], [0], [9])
    assert [(one.build, one.start_time) for one in blocks.builds] == [("1.0", "2026-01-02T03:04:00.000Z")]
    (slowest, _) = heatmap_executions.run(store, heatmap_executions.Params("price")).slowest
    assert (slowest.log, slowest.build, slowest.duration_ms) == (Place(str(tmp_path / "1.0.log"), 9), "1.0", 40.0)


def test_addresses_of_archived_answers_are_those_that_the_pages_ask_at(store_of: StoreOf) -> None:
    store_of(call("price", 0, 10), build="1.0")
    store = store_of(call("pay", 5000, 5010, "r2"), build="2.0")
    blocks = [address("heatmap/blocks", params) for params in heatmap_blocks.DETAIL.archived(store)]
    executions = [address("heatmap/executions", params) for params in heatmap_executions.archived(store)]
    assert blocks == ["heatmap/blocks", "heatmap/blocks?build=1.0", "heatmap/blocks?build=2.0"]
    assert sorted(executions) == ["heatmap/executions?name=pay", "heatmap/executions?name=price"]


@pytest.mark.parametrize(
    ("look", "said"),
    [
        (lambda store: heatmap_blocks.run(store, heatmap_blocks.Params(parts=0)), "bad-setting"),
        (lambda store: heatmap_blocks.run(store, heatmap_blocks.Params(start="noon")), "bad-setting"),
        (lambda store: heatmap_blocks.run(store, heatmap_blocks.Params(build="3")), "no-build"),
        (lambda store: heatmap_executions.run(store, heatmap_executions.Params("pray")), "no-handler"),
        (lambda store: heatmap_executions.run(store, heatmap_executions.Params("pay", plugin="other")), "no-handler"),
        (lambda store: heatmap_executions.run(store, heatmap_executions.Params("pay", most=-1)), "bad-setting"),
    ],
)
def test_what_is_not_there_is_an_error(look: Callable[[Store], object], said: str, store_of: StoreOf) -> None:
    store = store_of(call("pay", 0, 10))
    with pytest.raises(TelemapError) as error:
        look(store)
    assert error.value.slug == said


def test_a_name_like_that_of_a_handler_is_told(store_of: StoreOf) -> None:
    with pytest.raises(TelemapError) as error:
        heatmap_executions.run(store_of(call("compute_tax", 0, 10)), heatmap_executions.Params("compute_tx"))
    assert error.value.help == "similar: compute_tax"


def test_an_empty_store_has_no_blocks(store_of: StoreOf) -> None:
    blocks = heatmap_blocks.run(store_of([(0, "r1", "begin checkout")]), heatmap_blocks.Params())
    assert (blocks.handlers, blocks.handler, blocks.start_time) == ([], [], None)
