"""Flows: what was planted into runs is what is told, no more and no less."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telemap.analyses.flow_shapes import Deviation, Flows
from telemap.analyses.flows import Params, run
from telemap.errors import TelemapError
from telemap.model.findings import Severity
from telemap.records.format_files import read_formats
from telemap.store.declaring import index_definitions
from telemap.store.loading import Ingest, ingest
from telemap.store.store import Store
from tests.analyses.conftest import FORMAT, Line
from tests.builders import ConductorLog, ingested

Beat = tuple[str, str, bool]
"""Event, handler, and whether the handler fails."""

DECLARED: list[Beat] = [(f"cart:step-{number}", f"step{number}", False) for number in range(1, 7)]


def declare(folder: Path, *sequences: dict[str, Any], topics: dict[str, list[str]] | None = None) -> Path:
    """A folder of definitions; topics by name, with the sequences that they start."""
    folder.mkdir(exist_ok=True)
    for sequence in sequences:
        (folder / f"{sequence['id']}.json").write_text(json.dumps(sequence, indent=1))
    routes = {
        topic: {"routes": [{"pluginId": "P", "sequenceId": target} for target in targets]}
        for topic, targets in (topics or {}).items()
    }
    (folder / "topics-manifest.json").write_text(json.dumps({"topics": routes}, indent=1))
    return folder


def sequence(sequence_id: str, beats: list[Beat], name: str | None = None) -> dict[str, Any]:
    told = [{"beat": n, "event": event, "handler": handler} for n, (event, handler, _) in enumerate(beats, start=1)]
    return {
        "id": sequence_id,
        "name": name or sequence_id,
        "pluginId": "P",
        "movements": [{"id": "m", "name": "Move", "beats": told}],
    }


def lines_of(beats: list[Beat], run: str, start: int, *, is_cut: bool = False) -> Iterator[Line]:
    """The lines of a run; a cut one ends inside of its last beat."""
    yield start, run, "begin checkout"
    for number, (event, handler, fails) in enumerate(beats, start=1):
        at = start + 10 * number
        yield at, run, f"beat {number} {event}"
        yield at + 1, run, f"call {handler}"
        if is_cut and number == len(beats):
            return
        yield at + 4, run, f"failed {handler}: no money" if fails else f"done {handler}"
        yield at + 5, run, f"beat {number} over"
    yield start + 10 * len(beats) + 10, run, "end checkout"


def flows_of(lines: list[Line], *declared: dict[str, Any], params: Params | None = None) -> Flows:
    with TemporaryDirectory() as name:
        folder = Path(name)
        store = Store(folder / "store", create=True)
        log = folder / "app.log"
        log.write_text(
            "".join(f"2026-01-02T03:04:{ms // 1000:02}.{ms % 1000:03}Z [{run}] {text}\n" for ms, run, text in lines)
        )
        ingest(store, [str(log)], Ingest(tuple(read_formats([FORMAT]))))
        if declared:
            index_definitions(store, [declare(folder / "definitions", *declared)])
        return run(store, params or Params())


def told(flows: Flows) -> list[tuple[str, int | None, str | None, str | None]]:
    return sorted((one.kind, one.beat, one.event, one.handler) for one in flows.deviations())


@st.composite
def changes(draw: st.DrawFn) -> tuple[list[Beat], bool, list[tuple[str, int | None, str | None, str | None]]]:
    """Beats with one change, whether the log cuts them off, and what must be told of them."""
    place = draw(st.integers(0, len(DECLARED) - 1))
    event, handler, _ = DECLARED[place]
    before, after = DECLARED[:place], DECLARED[place + 1 :]
    kind = draw(
        st.sampled_from(["as-declared", "drop", "swap", "repeat", "insert", "replace", "handler", "fail", "cut"])
    )
    match kind:
        case "drop":
            return before + after, False, [("missing-beat", place + 1, event, handler)]
        case "swap" if after:
            swapped = [*before, after[0], DECLARED[place], *after[1:]]
            return swapped, False, [("out-of-order", place + 1, event, handler)]
        case "repeat":
            again = draw(st.integers(place, len(DECLARED) - 1))
            beats = [*DECLARED[: again + 1], DECLARED[place], *DECLARED[again + 1 :]]
            return beats, False, [("repeated-beat", place + 1, event, handler)]
        case "insert":
            beats = [*before, ("cart:other", "other", False), DECLARED[place], *after]
            return beats, False, [("undeclared-event", None, "cart:other", None)]
        case "replace":
            beats = [*before, ("cart:other", handler, False), *after]
            return beats, False, [("undeclared-event", place + 1, "cart:other", handler)]
        case "handler":
            return [*before, (event, "other", False), *after], False, [("wrong-handler", place + 1, event, "other")]
        case "fail":
            return [*before, (event, handler, True), *after], False, [("failed-beat", place + 1, event, handler)]
        case "cut":
            return [*before, DECLARED[place]], True, [("incomplete", place + 1, event, handler)]
    return list(DECLARED), False, []


@settings(max_examples=40)
@given(changes(), st.integers(0, 2))
def test_what_was_changed_in_a_run_is_what_is_told(
    change: tuple[list[Beat], bool, list[tuple[str, int | None, str | None, str | None]]], others: int
) -> None:
    beats, is_cut, expected = change
    lines = [line for n in range(others) for line in lines_of(DECLARED, f"r{n}", 1000 * n)]
    flows = flows_of([*lines, *lines_of(beats, "changed", 5000, is_cut=is_cut)], sequence("checkout", DECLARED))
    assert told(flows) == expected
    (one,) = flows.sequences
    deviating = bool(expected) and not is_cut
    assert (one.executions, one.conforming, one.deviating, one.incomplete) == (
        others + 1,
        others + (not expected),
        deviating,
        is_cut,
    )


def test_the_same_deviation_has_one_id_in_every_store_and_another_one_elsewhere() -> None:
    first = flows_of([*lines_of(DECLARED[1:], "r1", 0)], sequence("checkout", DECLARED))
    later = flows_of(
        [*lines_of(DECLARED, "r1", 0), *lines_of(DECLARED[1:], "r2", 2000), *lines_of(DECLARED[:-1], "r3", 3000)],
        sequence("checkout", DECLARED),
    )
    (only,) = first.deviations()
    assert only.id in {one.id for one in later.deviations()}
    assert len({one.id for one in later.deviations()}) == 2


def test_a_deviation_has_its_share_its_cost_and_its_places() -> None:
    lines = [*lines_of(DECLARED, "r1", 0), *lines_of(DECLARED[:-1], "r2", 1000), *lines_of(DECLARED[:-1], "r3", 2000)]
    flows = flows_of(lines, sequence("checkout", DECLARED))
    (found,) = flows.deviations()
    assert found.defined_in is not None
    assert found.defined_in.file_path == "checkout.json"
    assert (found.count, found.share, found.cost_ms) == (2, 0.666667, -10.0)
    assert (found.first_seen, found.last_seen) == ("2026-01-02T03:04:01.000Z", "2026-01-02T03:04:02.000Z")
    assert [place.line for place in found.examples] == [47, 69]
    assert found.severity is Severity.ERROR


def test_after_a_failure_of_the_whole_run_nothing_more_is_missing() -> None:
    log = ConductorLog()
    log.request("Cart Add")
    log.begin("Cart Add", "cart-add-symphony-1-a")
    log.begin_beat(1, "cart:step-1", "Cart Add")
    log.say("❌ BeatExecutor: Beat 1 (cart:step-1) failed: Error: no price")
    log.say('❌ SequenceExecutor: Sequence "Cart Add" failed: Error: no price')
    found = conductor(log, sequence("cart-add-symphony", DECLARED, "Cart Add"))
    assert [(one.kind, one.beat) for one in found.deviations()] == [("failed-beat", 1)]


def conductor(log: ConductorLog, *declared: dict[str, Any], topics: dict[str, list[str]] | None = None) -> Flows:
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "a.log").write_bytes(log.text)
        store, _ = ingested(folder, folder / "a.log")
        index_definitions(store, [declare(folder / "definitions", *declared, topics=topics)])
        return run(store, Params())


CART = sequence("cart-add-symphony", DECLARED[:2], "Cart Add")
FIRST, SECOND = (event for event, _, _ in DECLARED[:2])


def test_a_beat_without_subscriber_is_told_and_whether_one_came_later() -> None:
    log = ConductorLog()
    log.begin("Cart Add", "cart-add-symphony-1-a")
    log.beat(1, FIRST, "Cart Add", "step1")
    log.begin_beat(2, SECOND, "Cart Add")
    log.say(f'🕐 [EVENTBUS] No subscribers for "{SECOND}", returning immediately')
    log.end_beat(2, SECOND, 1)
    log.end("Cart Add")
    log.say(f'📡 EventBus: Subscribed to "{SECOND}" (1 total subscribers) (plugin: P:cart-add-symphony)')
    found = [(one.kind, one.event, one.expected) for one in conductor(log, CART).deviations()]
    assert found == [("wrong-handler", SECOND, "step2"), ("late-subscription", SECOND, None)]


def test_a_beat_whose_handler_the_log_shows_at_other_times_was_answered_by_nothing() -> None:
    lines = [*lines_of(DECLARED, "r1", 0), *lines_of(DECLARED, "r2", 1000)]
    silent = [line for line in lines if not (line[1] == "r2" and line[2].endswith("step3"))]
    assert told(flows_of(silent, sequence("checkout", DECLARED))) == [("wrong-handler", 3, "cart:step-3", "step3")]


def test_a_log_that_never_shows_handlers_of_a_beat_says_nothing_of_them() -> None:
    silent = [line for line in lines_of(DECLARED, "r1", 0) if not line[2].endswith("step3")]
    assert told(flows_of(silent, sequence("checkout", DECLARED))) == []


def test_handlers_of_another_sequence_with_the_same_event_are_told_once_each() -> None:
    log = ConductorLog()
    for number in range(3):
        log.begin("Cart Add", f"cart-add-symphony-{number}-a")
        log.beat(1, FIRST, "Cart Add", "step1")
        log.begin_beat(2, SECOND, "Cart Add")
        for subscriber, owner in enumerate(("Cart Add", "Cart Fill")):
            log.call(SECOND, subscriber)
            log.resolve(SECOND, subscriber)
            log.baton(owner, SECOND, "step2")
        log.settle(SECOND)
        log.end_beat(2, SECOND, 5)
        log.end("Cart Add")
    flows = conductor(log, CART, sequence("cart-fill-symphony", DECLARED[1:2], "Cart Fill"))
    (found,) = flows.deviations()
    assert (found.kind, found.severity, found.count, found.observed) == (
        "wrong-handler",
        Severity.WARNING,
        3,
        "step2 (Cart Fill)",
    )


def test_sequences_that_nothing_declares_are_told_only_where_something_is_declared() -> None:
    lines = list(lines_of(DECLARED, "r1", 0))
    assert told(flows_of(lines)) == []
    assert told(flows_of(lines, sequence("refund", DECLARED))) == [("undeclared-sequence", None, None, None)]


def routing(flows: Flows) -> list[tuple[str, str | None, str | None, int]]:
    return [(one.kind, one.topic or one.plugin or one.event, one.sequence_id, one.count) for one in flows.routing]


def test_publications_are_held_against_the_routes_that_are_declared() -> None:
    log = ConductorLog()
    for topic, routes in (("cart.add", 1), ("cart.add", 0), ("cart.noted", 0), ("cart.fill", 1)):
        log.say(f"[EventRouter] Starting delivery for '{topic}' with {routes} routes")
        if routes:
            log.say(f"[topics] Routing '{topic}' -> P::cart-add-symphony (hasPlay=true)")
    log.say("[EventRouter] No topic definition found for 'cart.lost'")
    log.say(f"[EventRouter] Starting delivery for '{FIRST}' with 0 routes")
    topics = {"cart.add": ["cart-add-symphony"], "cart.noted": [], "cart.fill": ["cart-fill-symphony"], FIRST: []}
    flows = conductor(log, CART, topics=topics)
    assert routing(flows) == [
        ("misrouted-topic", "cart.fill", "cart-add-symphony", 1),
        *sorted(
            [
                ("unrouted-topic", "cart.add", "cart-add-symphony", 1),
                ("unrouted-topic", "cart.lost", None, 1),
                ("unrouted-topic", FIRST, "cart-add-symphony", 1),
            ],
            key=lambda one: [found.id for found in flows.routing if found.topic == one[1]],
        ),
    ]
    assert [
        (one.topic, one.declared_routes, one.observed_routes, one.publishes, one.unrouted) for one in flows.topics
    ] == [
        ("cart.add", 1, 1, 2, 1),
        ("cart.fill", 1, 1, 1, 0),
        ("cart.lost", 0, 0, 1, 1),
        ("cart.noted", 0, 0, 1, 1),
        (FIRST, 0, 0, 1, 1),
    ]


def test_what_is_asked_for_and_not_there_is_told() -> None:
    log = ConductorLog()
    for plugin in ("P", "P", "Q"):
        log.say(f"🧠 PluginManager: Attempting to mount plugin: {plugin}")
    log.say("✅ Plugin mounted successfully: Q")
    log.say('🎼 SequenceRegistry: Registered sequence "Cart Fill" (id: cart-fill-symphony)')
    log.say('📡 EventBus: Subscribed to "cart:odd" (1 total subscribers) (plugin: Q:cart-fill-symphony)')
    log.say('❌ SequenceOrchestrator: Sequence with ID "cart-add-symphony" not found!')
    log.say("🧠 Plugin not found: R. Available plugins: [Q]")
    flows = conductor(log, CART, sequence("cart-fill-symphony", DECLARED, "Cart Fill"))
    assert sorted(routing(flows)) == [
        ("missing-plugin", "R", None, 1),
        ("missing-sequence", None, "cart-add-symphony", 1),
        ("rejected-mount", "P", None, 2),
        ("undeclared-subscriber", "Q", "cart-fill-symphony", 1),
    ]
    assert {one.sequence_id: one.is_registered for one in flows.sequences} == {
        "cart-add-symphony": False,
        "cart-fill-symphony": True,
    }


@pytest.mark.parametrize("stops", [False, True])
def test_a_sequence_that_starts_itself_without_end_is_told(stops: bool) -> None:
    log = ConductorLog()
    for number in range(8):
        log.begin("Cart Add", f"cart-add-symphony-{number}-a")
        log.begin_beat(1, FIRST, "Cart Add")
        log.call(FIRST)
        if not (stops and number == 3):
            log.request("Cart Add")
        log.resolve(FIRST)
        log.baton("Cart Add", FIRST, "step1")
        log.settle(FIRST)
        log.end_beat(1, FIRST, 5)
        log.end("Cart Add")
        if stops and number == 3:
            log.request("Cart Add")  # of somebody else, once nothing runs
    flows = conductor(log, sequence("cart-add-symphony", DECLARED[:1], "Cart Add"))
    assert [(one.kind, one.beat) for one in flows.routing] == ([] if stops else [("endless-restart", 1)])


def test_one_sequence_can_be_asked_for_by_its_name_or_id(store_of: Callable[..., Store]) -> None:
    flows = flows_of(list(lines_of(DECLARED, "r1", 0)), CART, sequence("checkout", DECLARED, "Checkout"))
    assert [one.sequence_id for one in flows.sequences] == ["checkout", "cart-add-symphony"]
    only = flows_of(list(lines_of(DECLARED, "r1", 0)), CART, sequence("checkout", DECLARED), params=Params("checkout"))
    assert [one.sequence_id for one in only.sequences] == ["checkout"]
    with pytest.raises(TelemapError, match="no sequence is called 'refund'"):
        flows_of([], CART, params=Params("refund"))


def test_only_runs_of_a_build_are_looked_at(store_of: Callable[..., Store]) -> None:
    store = store_of(list(lines_of(DECLARED, "r1", 0)), "1.0")
    store_of(list(lines_of(DECLARED[1:], "r1", 0)), "1.1")
    assert [run(store, Params(build=build)).summary.executions for build in ("1.0", "1.1", None)] == [1, 1, 2]
    with pytest.raises(TelemapError, match="no build '2'"):
        run(store, Params(build="2"))


def severities(found: list[Deviation]) -> list[Severity]:
    return [one.severity for one in found]


def test_the_gravest_comes_first() -> None:
    beats = [*DECLARED[:2], DECLARED[1], *DECLARED[3:]]
    (one,) = flows_of(list(lines_of(beats, "r1", 0)), sequence("checkout", DECLARED)).sequences
    assert severities(one.deviations) == [Severity.ERROR, Severity.WARNING]
