"""The heatmap: times, order, heat. What it looks like is in the cases."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from pathlib import Path

import pytest

from telemap.analyses.heatmap import Params, Timing, heat, run
from telemap.reports.blocks import Next, Text
from telemap.reports.sections.heatmap import blocks
from telemap.store.indexing import index_code
from telemap.store.linking import link_code
from telemap.store.store import Store
from tests.analyses.conftest import call

StoreOf = Callable[..., Store]


def test_timing_is_of_all_runs_of_a_handler(store_of: StoreOf) -> None:
    durations = [5, 1, 9, 3, 100, 7, 2, 8, 4, 6]
    lines = [line for n, ms in enumerate(durations) for line in call("price", n * 1000, n * 1000 + ms, f"r{n}")]
    (handler,) = run(store_of(lines), Params()).handlers
    percentiles = statistics.quantiles(durations, n=100, method="inclusive")
    assert handler.timing == Timing(
        min=1.0,
        max=100.0,
        avg=14.5,
        p50=percentiles[49],
        p95=pytest.approx(percentiles[94]),
        p99=pytest.approx(percentiles[98]),
    )
    assert (handler.executions, handler.total_time, handler.self_time) == (10, 145.0, 145.0)


@pytest.mark.parametrize(
    ("by", "order"),
    [
        ("p95", ["peaky", "steady", "frequent"]),
        ("max", ["peaky", "steady", "frequent"]),
        ("avg", ["steady", "peaky", "frequent"]),
        ("total", ["frequent", "steady", "peaky"]),
        ("self", ["frequent", "steady", "peaky"]),
    ],
)
def test_handlers_are_ordered_by_what_is_asked_for(by: str, order: list[str], store_of: StoreOf) -> None:
    durations = {"peaky": [2, 90], "steady": [60, 60], "frequent": [30] * 5}
    lines, number = [], 0
    for name, times in durations.items():
        for ms in times:
            number += 1
            lines += call(name, number * 1000, number * 1000 + ms, f"r{number}")
    heatmap = run(store_of(lines), Params(by=by))  # type: ignore[arg-type]
    assert [handler.name for handler in heatmap.handlers] == order
    assert (heatmap.summary.slowest_handler, heatmap.summary.fastest_handler) == (order[0], order[-1])
    assert heatmap.handlers[0].heat == 1.0


def test_self_time_counts_what_overlaps_once_and_only_inside_the_handler(store_of: StoreOf) -> None:
    lines = [
        *call("pay", 0, 100),
        *[
            (ms, run_, text)
            for run_, start, end in (("r2", 10, 40), ("r3", 30, 60), ("r4", 90, 150), ("r5", 120, 130))
            for ms, text in (
                (start, "begin payment for pay of r1"),
                (end, "end payment"),
            )
        ],
    ]
    handlers = run(store_of(sorted(lines, key=lambda line: (line[0], line[1]))), Params()).handlers
    # of 100 ms, 10 to 60 and 90 to 100 go to nested runs
    assert [(handler.name, handler.total_time, handler.self_time) for handler in handlers] == [("pay", 100.0, 40.0)]


def test_a_build_has_its_own_figures_and_top_leaves_the_summary_whole(store_of: StoreOf) -> None:
    store_of([*call("price", 0, 10), *call("pay", 1000, 1020, "r2")], build="1")
    store = store_of(call("price", 5000, 5060), build="2")
    first, second = (run(store, Params(build=build, top=1)) for build in ("1", "2"))
    assert [(h.name, h.timing and h.timing.max) for h in first.handlers] == [("pay", 20.0)]
    assert [(h.name, h.timing and h.timing.max) for h in second.handlers] == [("price", 60.0)]
    assert (first.summary.total_handlers, first.summary.total_executions, first.summary.total_time) == (2, 2, 30.0)
    assert (first.summary.fastest_handler, second.summary.fastest_handler) == ("price", "price")
    assert first.summary.window is not None
    assert (first.summary.window.start, first.summary.window.end) == (
        "2026-01-02T03:04:00.000Z",
        "2026-01-02T03:04:01.020Z",
    )


@pytest.mark.parametrize("top", [None, 1])
def test_what_is_said_of_places_is_about_all_handlers_however_few_are_shown(
    top: int | None, store_of: StoreOf, tmp_path: Path
) -> None:
    store = store_of([*call("nowhere", 0, 90), *call("price", 100, 110, "r2"), *call("pay", 200, 220, "r3")])
    for name, text in {"a": "def price(): ...\n", "b": "def price(): ...\ndef pay(): ...\n"}.items():
        (tmp_path / "code").mkdir(exist_ok=True)
        (tmp_path / "code" / f"{name}.py").write_text(text)
    index_code(store, [tmp_path / "code"])
    link_code(store)
    *_, notes, then = blocks(run(store, Params(top=top)), "store")
    assert notes == Text(
        "1 handler without a place in the indexed code.\n"
        "1 uncertain place, marked ?: several functions of the name, or declared elsewhere."
    )
    assert then == Next("telemap executions --kind handler", "every single execution")


def test_sequences_of_a_handler_are_listed(store_of: StoreOf) -> None:
    lines = [*call("price", 0, 10, "r1", "checkout"), *call("price", 50, 60, "r2", "browse")]
    (handler,) = run(store_of(lines), Params()).handlers
    assert (handler.sequences, handler.executions, handler.plugin, handler.code) == (
        ["browse", "checkout"],
        2,
        None,
        None,
    )


def test_an_empty_store_has_an_empty_heatmap(store_of: StoreOf) -> None:
    heatmap = run(store_of([(0, "r1", "begin checkout")]), Params())
    assert (heatmap.handlers, heatmap.summary.total_handlers, heatmap.summary.slowest_handler) == ([], 0, None)


def test_heat_falls_by_a_third_for_each_factor_of_ten() -> None:
    assert [heat(value, 20.0) for value in (20.0, 2.0, 0.2, 0.02, 0.001, 0.0, None)] == [
        1.0,
        0.667,
        0.333,
        0.0,
        0.0,
        0.0,
        0.0,
    ]
