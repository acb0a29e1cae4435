"""How long something may take, as people write it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telemap.definitions.limits import Amount, amount_of_criterion, amount_of_goal, read_amount
from telemap.definitions.reading import read_definitions
from telemap.model.declared import Limit

MS = 10**6


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("200ms", Amount(200 * MS, None)),
        (" 1.5 s p95 ", Amount(1_500 * MS, 0.95)),
        ("≤ 2 seconds P99.9", Amount(2_000 * MS, 0.999)),
        ("p95 < 2s", Amount(2_000 * MS, 0.95)),
        ("within 10µs", Amount(10_000, None)),
        ("2 minutes", Amount(120_000 * MS, None)),
        ("1 s 95th percentile", Amount(1_000 * MS, 0.95)),
        ("1s for 99% of all runs", Amount(1_000 * MS, 0.99)),
        *(
            (text, None)
            for text in ("", "5", "0ms", "-1s", "1s p100", "1s p0.9", "1h 3", "in 5s", "1s p95 p99", "soon")
        ),
    ],
)
def test_a_limit_is_a_duration_and_perhaps_a_percentile(text: str, amount: Amount | None) -> None:
    assert read_amount(text) == amount


@given(st.integers(1, 10**9 - 1), st.sampled_from([("ns", 1), ("us", 10**3), ("ms", MS), ("s", 10**9)]))
def test_numbers_are_exact(number: int, unit: tuple[str, int]) -> None:
    assert read_amount(f"{number}{unit[0]} p50") == Amount(number * unit[1], 0.5)


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("within 250 ms", Amount(250 * MS, None)),
        ("in under 2 seconds for 99% of requests", Amount(2_000 * MS, 0.99)),
        ("operation completes within 1s P95", Amount(1_000 * MS, 0.95)),
        ("it completes successfully within < 1 second", Amount(1_000 * MS, None)),
        ("pay returns in under 5 ms, always", Amount(5 * MS, None)),
        ("checks the card; latency ≤ 150ms", Amount(150 * MS, None)),
        ("the operation does not complete within 5s", None),
        ("refund completes within 1s", None),  # another operation
        ("the subscriber receives the event within 20ms", None),
        ("an event is published within 5ms", None),
        ("delivery completes within 20ms end-to-end", None),
        ("it completes within 1s or times out", None),
        ("it completes within 1s per item", None),
        ("it completes within 1s, and the page within 2s", None),
        ("operation retries within 5s", None),
        ("waits 200ms", None),
        ("it completes within 2s (95th percentile)", Amount(2_000 * MS, 0.95)),
        ("it completes within 2s, p95", Amount(2_000 * MS, 0.95)),
        ("it completes within 2s, median", None),
        ("it completes within 5s when offline", None),
    ],
)
def test_a_criterion_sets_a_limit_only_for_the_operation_itself(text: str, amount: Amount | None) -> None:
    assert amount_of_criterion(text, "pay") == amount


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("execute reliably with latency < 1 minute", Amount(60_000 * MS, None)),
        ("check the card and reserve the sum in ≤100ms P95, so that it is quick", Amount(100 * MS, 0.95)),
        ("load with P99 ≤ 2s and validate", Amount(2_000 * MS, 0.99)),
        ("draw views with <200ms render and ≤1s data fetch P95", None),
        ("draw views with <200ms render", None),
        ("be told of changes with <20ms delivery latency", None),
        ("take ≤1s P95 per beat", None),
        ("run 5 times in 10 minutes", None),
        ("check it, and p95 latency under 2s", Amount(2_000 * MS, 0.95)),
        ("add latency < 10ms to a call", None),
        ("play clips with duration < 30s", None),
        ("keep more than 500ms", None),
        ("succeed in 99.9% of cases", None),
    ],
)
def test_a_goal_sets_a_limit_where_it_holds_one_time(text: str, amount: Amount | None) -> None:
    assert amount_of_goal(text) == amount


def test_limits_of_a_definition_keep_their_places(tmp_path: Path) -> None:
    text = """\
{ "id": "s", "name": "S",
  "userStory": { "persona": "P",
    "goal": "pay within 2s P95" },
  "movements": [ { "name": "M",
    "userStory": { "goal": "pay within 3s" },
    "beats": [
      { "beat": 1, "event": "a", "handler": "pay",
        "userStory": "As a payer, I want pay to run with latency < 1 second so that I can go",
        "acceptanceCriteria": [ { "given": ["it returns within 9s"],
          "then": ["it returns within 1s", "it returns within 50ms P95", 7],
          "and": "pay completes within 60ms P95" }, null, "it ends within 70ms" ] } ] } ] }
"""
    (tmp_path / "s.json").write_text(text)
    found = read_definitions([tmp_path])
    assert found.problems == ()
    assert found.flows[0].limits == (
        Limit(None, 0.95, 2_000 * MS, "pay within 2s P95", "s.json", 3),
        Limit(
            1, None, 1_000 * MS, "As a payer, I want pay to run with latency < 1 second so that I can go", "s.json", 8
        ),
        Limit(1, 0.95, 50 * MS, "it returns within 50ms P95", "s.json", 10),
        Limit(1, 0.95, 60 * MS, "pay completes within 60ms P95", "s.json", 11),
        Limit(1, None, 70 * MS, "it ends within 70ms", "s.json", 9),
    )


@pytest.mark.shared
@pytest.mark.parametrize(("build", "of_flows", "of_steps"), [("2025-11-15", 0, 0), ("2025-12-14", 32, 64)])
def test_recorded_definitions_set_limits_of_operations_only(
    shared_data: Path, build: str, of_flows: int, of_steps: int
) -> None:
    folder = shared_data / "renderx" / "definitions" / build
    limits = [limit for flow in read_definitions([folder]).flows for limit in flow.limits]
    assert (
        sum(limit.step_number is None for limit in limits),
        sum(limit.step_number is not None for limit in limits),
    ) == (of_flows, of_steps)
    for limit in limits:
        line = (folder / limit.file_path).read_text(encoding="utf-8").split("\n")[limit.line_number - 1]
        assert json.dumps(limit.text, ensure_ascii=False) in line or line.rstrip().endswith(("[", "{"))
