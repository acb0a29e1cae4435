"""Limits of time as service levels: what took longer is told, and percentiles say no more than their numbers carry."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telemap.analyses.flow_shapes import Deviation, Flows, LimitCounts
from telemap.analyses.flows import Params, run
from telemap.model.declared import Budget
from telemap.model.documents import Defined
from telemap.model.findings import Severity
from telemap.records.format_files import bundled_formats, read_formats
from telemap.store.declaring import index_budgets, index_definitions
from telemap.store.loading import Ingest, ingest
from telemap.store.store import Store
from tests.analyses.conftest import FORMAT, Line
from tests.builders import ConductorLog

MS = 10**6
PAY = "flow: checkout\nsteps:\n  - event: cart:paid\n    handler: pay\n"


def bought(*milliseconds: int, handler: str | None = "pay", beats: int = 1) -> list[Line]:
    """Runs in which a beat's handler (or the beat itself) takes so long; beginning and ending take 5 ms more each."""
    lines: list[Line] = []
    for number, took in enumerate(milliseconds):
        at, name = 2000 * number, f"r{number}"
        lines.append((at, name, "begin checkout"))
        for beat in range(1, beats + 1):
            lines.append((at + 5, name, f"beat {beat} cart:paid"))
            lines += [(at + 5, name, f"call {handler}"), (at + 5 + took, name, f"done {handler}")] if handler else []
            lines.append((at + 5 + took, name, f"beat {beat} over"))
            at += took
        lines.append((at + 10, name, "end checkout"))
    return lines


def flows_of(lines: list[Line] | ConductorLog, declared: str | None = None, *budgets: Budget) -> Flows:
    with TemporaryDirectory() as name:
        folder = Path(name)
        log, formats = folder / "app.log", tuple(read_formats([FORMAT]))
        if isinstance(lines, ConductorLog):
            formats = bundled_formats()
            log.write_bytes(lines.text)
        else:
            told = (f"2026-01-02T03:04:{ms // 1000:02}.{ms % 1000:03}Z [{run}] {text}\n" for ms, run, text in lines)
            log.write_text("".join(told))
        store = Store(folder / "store", create=True)
        ingest(store, [str(log)], Ingest(formats))
        if declared is not None:
            (folder / "shop.flow.yaml").write_text(declared)
            index_definitions(store, [folder / "shop.flow.yaml"])
        index_budgets(store, budgets)
        return run(store, Params())


def late(flows: Flows) -> list[Deviation]:
    return [found for found in flows.deviations() if found.kind == "late"]


def test_what_is_late_has_its_limit_its_figures_and_the_slowest_runs() -> None:
    flows = flows_of(bought(30, 250, 100, 400, 300), PAY + "    within: 200ms\n")
    (found,) = late(flows)
    assert (found.severity, found.step, found.event, found.handler) == (Severity.WARNING, 1, "cart:paid", "pay")
    assert (found.title, found.reason) == ("pay took longer than 200 ms", "3 of 5 did")
    assert (found.expected, found.observed) == ("≤ 200 ms", "400 ms")
    assert (found.count, found.share, found.cost_ms) == (3, 0.6, 116.666667)
    assert (found.first_seen, found.last_seen) == ("2026-01-02T03:04:02.005Z", "2026-01-02T03:04:08.005Z")
    assert found.defined_in == Defined("shop.flow.yaml", 3)
    assert [place.line for place in found.examples] == [21, 27, 9]
    assert flows.summary.limits == LimitCounts(1, 1)


def test_a_run_that_is_too_long_deviates_where_the_limit_holds_for_each() -> None:
    counts = []
    for within in ("within: 200ms", "within: 200ms p50", "within: 2s"):
        (one,) = flows_of(bought(30, 250, 400, 400, 400, 400, 400, 400), f"{within}\n{PAY}").sequences
        counts.append((one.conforming, one.deviating, [found.observed for found in one.deviations]))
    assert counts == [(1, 7, ["410 ms"]), (8, 0, ["410 ms P50"]), (8, 0, [])]


@pytest.mark.parametrize(
    ("over", "of", "is_told"), [(1, 1, False), (2, 2, True), (1, 4, False), (3, 20, False), (4, 20, True)]
)
def test_a_percentile_is_broken_where_chance_does_not_explain_it(over: int, of: int, is_told: bool) -> None:
    took = [250] * over + [20] * (of - over)
    flows = flows_of(bought(*took), PAY + "    within: 200ms p95\n")
    (limit,) = flows.sequences[0].limits
    assert (limit.is_broken, limit.over, limit.executions, len(late(flows))) == (is_told, over, of, is_told)


@settings(max_examples=25)
@given(st.lists(st.integers(1, 1900), min_size=1, max_size=8), st.integers(1, 2000))
def test_a_limit_for_every_run_is_broken_by_those_that_took_longer(took: list[int], limit: int) -> None:
    flows = flows_of(bought(*took), PAY + f"    within: {limit}ms\n")
    over = [one for one in took if one > limit]
    (told,) = flows.sequences[0].limits
    assert (told.over, told.observed_ms, told.limit_ms, told.is_broken) == (len(over), max(took), limit, bool(over))
    assert [found.count for found in late(flows)] == ([len(over)] if over else [])
    assert flows.sequences[0].deviating == len(over)


def test_the_beat_stands_for_a_handler_that_the_log_never_shows() -> None:
    (found,) = late(flows_of(bought(300, 100, handler=None), PAY + "    within: 200ms\n"))
    assert (found.count, found.observed, found.handler) == (1, "300 ms", "pay")


def test_a_handler_that_goes_on_after_its_beat_is_late_though_the_beat_is_not() -> None:
    log = ConductorLog(step_ms=1)
    log.begin("Cart Add", "cart-add-symphony-1-a")
    log.begin_beat(1, "cart:priced", "Cart Add")
    log.call("cart:priced")
    log.settle("cart:priced")
    log.end_beat(1, "cart:priced", 3)
    log.end("Cart Add")
    log.clock_ms += 900
    log.resolve("cart:priced")
    log.baton("Cart Add", "cart:priced", "price")
    step = "{event: cart:priced, handler: price, within: 500ms}"
    (found,) = late(flows_of(log, f"flow: cart-add-symphony\nname: Cart Add\nsteps: [{step}]\n"))
    assert (found.handler, found.count, found.observed) == ("price", 1, "908 ms")


def test_handlers_of_other_names_that_answer_the_event_have_no_part_in_the_limit() -> None:
    flows = flows_of(bought(300, handler="note"), PAY + "    within: 200ms\n")
    assert [found.kind for found in flows.deviations()] == ["wrong-handler"]
    assert flows.summary.limits == LimitCounts(0, 0)


def test_of_steps_with_one_event_the_beat_says_which_is_limited() -> None:
    budget = Budget("cart:paid", None, 200 * MS, "200ms", "telemap.toml", 2)
    flows = flows_of(bought(300, beats=2), PAY + PAY.partition("steps:\n")[2], budget)
    assert [(found.count, found.step) for found in late(flows)] == [(2, 1)]


def test_a_budget_of_the_team_is_an_error_whether_anything_is_declared_or_not() -> None:
    budgets = [Budget(name, None, 200 * MS, "200ms", "telemap.toml", 2) for name in ("cart:paid", "checkout", "refund")]
    for declared in (PAY, None):
        found = late(flows_of(bought(300), declared, *budgets))
        assert [(one.severity, one.event, one.observed) for one in found if one.event] == [
            (Severity.ERROR, "cart:paid", "300 ms")
        ]
        assert [(one.sequence_id, one.observed) for one in found if not one.event] == [("checkout", "310 ms")]
