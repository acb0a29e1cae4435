"""Flows whose runs are traces, or the cases of logs without a name."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from telemap.analyses.flow_shapes import Flows, Sequence
from telemap.analyses.flows import Params, run
from telemap.records.format_files import bundled_formats
from telemap.store.declaring import index_definitions
from telemap.store.loading import Ingest, ingest
from telemap.store.store import Store

Span = tuple[int, int | None, str, int, int]
"""Its number, that of its parent, its name, and the milliseconds of its start and end."""

CHECKOUT: list[Span] = [
    (1, None, "POST /checkout", 0, 90),
    (2, 1, "price", 10, 80),
    (3, 2, "tax", 10, 20),
    (4, 1, "pay", 30, 70),
]
DECLARED = "flow: checkout\nroot: POST /checkout\nsteps:\n  - price\n  - tax\n  - {event: pay, within: 50ms}\n"

Asked = Callable[..., dict[str, Sequence]]


def otlp(*traces: list[Span], failed: str = "") -> str:
    """Traces in OTLP/JSON, as an exporter sends them: what ended first stands first."""
    spans = [
        {
            "traceId": f"{number:032x}",
            "spanId": f"{number:08x}{own:08x}",
            "parentSpanId": "" if parent is None else f"{number:08x}{parent:08x}",
            "name": name,
            "startTimeUnixNano": str((1_767_323_045_000 + 1000 * number + start) * 10**6),
            "endTimeUnixNano": str((1_767_323_045_000 + 1000 * number + end) * 10**6),
            "status": {"code": "STATUS_CODE_ERROR"} if name == failed else {},
        }
        for number, trace in enumerate(traces, start=1)
        for own, parent, name, start, end in sorted(trace, key=lambda span: span[4])
    ]
    return json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": spans}]}]})


def xes(*cases: list[str], name: str = "") -> str:
    """A log without times, whose order is that of its events."""
    told = "".join(
        "<trace>" + "".join(f'<event><string key="concept:name" value="{one}"/></event>' for one in case) + "</trace>"
        for case in cases
    )
    named = f'<string key="concept:name" value="{name}"/>' if name else ""
    return f'<?xml version="1.0"?><log xes.version="1.0">{named}{told}</log>'


@pytest.fixture
def asked(tmp_path: Path) -> Asked:
    """Makes the sequences of a log and of flows, by their ids."""

    def made(log: str, *flows: str) -> dict[str, Sequence]:
        return {one.sequence_id: one for one in whole(tmp_path, log, *flows).sequences}

    return made


def whole(folder: Path, log: str, *flows: str) -> Flows:
    path = folder / ("log.json" if log.startswith("{") else "log.xes")
    path.write_text(log)
    store = Store(folder / "store", create=True)
    ingest(store, [str(path)], Ingest(bundled_formats(), service="shop"))
    (folder / "flows").mkdir()
    (folder / "flows" / "all.flow.yaml").write_text("\n---\n".join(flows))
    assert index_definitions(store, [folder / "flows"]).problems == ()
    return run(store, Params())


def counts(one: Sequence) -> tuple[int, int, int, int]:
    return one.executions, one.conforming, one.deviating, one.incomplete


def told(one: Sequence) -> list[tuple[str, str | None, int]]:
    return [(found.kind, found.event, found.count) for found in one.deviations]


def test_the_spans_of_a_trace_below_its_root_are_its_events_in_the_order_of_their_starts(asked: Asked) -> None:
    one = asked(otlp(CHECKOUT, CHECKOUT), DECLARED)["checkout"]
    assert counts(one) == (2, 2, 0, 0)
    assert [(variant.beats, variant.count) for variant in one.variants] == [(["price", "tax", "pay"], 2)]


def test_activities_that_the_flow_does_not_know_are_deviations(asked: Asked) -> None:
    trace = [*CHECKOUT, (5, 4, "retry", 35, 60)]
    one = asked(otlp(CHECKOUT, trace), DECLARED)["checkout"]
    assert (counts(one), told(one)) == ((2, 1, 1, 0), [("undeclared-event", "retry", 1)])
    (found,) = one.deviations
    assert [place.line for place in found.examples] == [1]


def test_each_flow_has_only_its_runs(asked: Asked) -> None:
    other = [(1, None, "GET /cart", 0, 9), (2, 1, "load", 1, 2)]
    stray = [(1, None, "GET /health", 0, 9)]
    found = asked(
        otlp(CHECKOUT, other, other, stray),
        DECLARED,
        "flow: cart\nroot: GET /cart\nsteps: [load]",
        "flow: x\nsteps: []",
    )
    assert {name: counts(one) for name, one in found.items()} == {
        "checkout": (1, 1, 0, 0),
        "cart": (2, 2, 0, 0),
        "x": (0, 0, 0, 0),
    }


def test_a_flow_of_any_trace_has_all_of_them_and_another_with_a_root_has_its_own_too(asked: Asked) -> None:
    found = asked(otlp(CHECKOUT, CHECKOUT[:2]), DECLARED, "flow: any\nruns: trace\nsteps: [price]")
    assert {name: counts(one) for name, one in found.items()} == {"any": (2, 1, 1, 0), "checkout": (2, 1, 1, 0)}


def test_a_trace_whose_root_never_came_is_incomplete_and_nothing_else_is_told_of_it(asked: Asked) -> None:
    one = asked(otlp(CHECKOUT[1:]), "flow: any\nruns: trace\nsteps: [pay, ship]")["any"]
    assert (counts(one), told(one)) == ((1, 0, 0, 1), [("incomplete", None, 1)])


def test_a_span_that_failed_is_a_failed_beat_and_what_it_took_is_held_against_its_limit(asked: Asked) -> None:
    slow = [*CHECKOUT[:3], (4, 1, "pay", 30, 85)]
    one = asked(otlp(CHECKOUT, slow, failed="tax"), DECLARED)["checkout"]
    assert told(one) == [("failed-beat", "tax", 2), ("late", "pay", 1)]
    assert (counts(one), one.deviations[1].observed) == ((2, 0, 2, 0), "55 ms")


def test_the_length_of_a_trace_is_that_of_its_root(asked: Asked) -> None:
    later = [*CHECKOUT[:3], (4, 1, "pay", 30, 500)]
    one = asked(otlp(CHECKOUT, later), DECLARED.replace("steps:", "within: 90ms\nsteps:"))["checkout"]
    assert [(limit.event, limit.observed_ms) for limit in one.limits] == [("pay", 470.0), (None, 90.0)]


@pytest.mark.parametrize("name", ["", "orders"])
def test_cases_of_a_log_are_runs_by_its_name_or_as_traces_where_it_has_none(name: str, asked: Asked) -> None:
    runs = "" if name else "runs: trace\n"
    one = asked(xes(["ask", "pay"], ["pay", "ask"], ["ask"], name=name), f"flow: orders\n{runs}steps: [ask, pay]")[
        "orders"
    ]
    assert counts(one) == (3, 1, 2, 0)
    assert told(one) == [
        (found.kind, found.event, 1) for found in sorted(one.deviations, key=lambda found: (found.step or 0, found.id))
    ]
    assert {kind for kind, _, _ in told(one)} == {"out-of-order", "missing-beat"}


def test_cases_that_no_flow_is_about_are_counted_and_traces_are_not(tmp_path: Path) -> None:
    assert whole(tmp_path, xes(["ask"], ["pay"]), DECLARED).summary.unnamed_executions == 2


def test_traces_that_no_flow_is_about_are_no_sequences(tmp_path: Path) -> None:
    flows = whole(tmp_path, otlp(CHECKOUT), "flow: x\nsteps: []")
    assert (flows.summary.unnamed_executions, flows.summary.observed) == (0, 0)


@pytest.mark.shared
@pytest.mark.parametrize(
    ("log", "model", "fitting"),
    [
        ("running-example.xes", "running-example.bpmn", 6),
        ("running-example.xes", "running-example.pnml", 6),
        ("synthetic/a12f0n20.xes.gz", "synthetic/a12.pnml", 793),
        ("synthetic/a22f0n10.xes.gz", "synthetic/a22.pnml", 897),
    ],
)
def test_recorded_logs_fit_their_models_as_often_as_published(
    log: str, model: str, fitting: int, shared_data: Path, tmp_path: Path
) -> None:
    folder = shared_data / "process_conformance"
    store = Store(tmp_path / "store", create=True)
    ingest(store, [str(folder / log)], Ingest(bundled_formats()))
    (tmp_path / Path(model).name).write_bytes((folder / model).read_bytes())
    names = [row["sequence_name"] for row in store.rows("SELECT DISTINCT sequence_name FROM flow_run")]
    runs = "runs: trace" if names == [None] else f"name: {json.dumps(names[0])}"
    (tmp_path / "log.flow.yaml").write_text(f"flow: log\n{runs}\nmodel: {Path(model).name}\n")
    assert index_definitions(store, [tmp_path / "log.flow.yaml"]).problems == ()
    (one,) = run(store, Params()).sequences
    assert (one.conforming, one.unchecked) == (fitting, 0)
    assert one.executions == one.conforming + one.deviating
