"""The correlation and its twin: what their edges have in common with no log line, and that both do the same."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from telemap.executions import checkpoint, correlate, correlation
from telemap.executions.edges import EdgePicker
from telemap.executions.runs import EdgeRow, SpanRow
from telemap.model.interning import Interner
from telemap.model.telemetry import UNKNOWN_CODE, UNKNOWN_TIME, Edge, Rule, SpanKind, Status
from telemap.records.blocks import BlockReader
from telemap.records.format_files import bundled_formats
from telemap.records.stack import Stack
from telemap.sources.files import FileSource, find_sources

SEQUENCE, MOVEMENT, BEAT, HANDLER, SPAN = SpanKind
Twin = correlate.Correlator


@pytest.fixture(scope="session")
def native() -> type:
    if correlation.kernel is None:
        pytest.skip("the native kernel is not built: python setup.py build_ext --inplace")
    return correlation.NativeCorrelator


@pytest.fixture(scope="session", params=["python", "native"])
def correlator(request: pytest.FixtureRequest) -> type:
    return Twin if request.param == "python" else request.getfixturevalue("native")


def edges(*told: tuple[Any, ...]) -> np.ndarray:
    """Rows, one a line and a nanosecond, each of (edge, kind or -1, {field: value})."""
    nothing = dict.fromkeys(EdgeRow._fields, UNKNOWN_CODE) | {"duration": UNKNOWN_TIME, "clock": UNKNOWN_TIME}
    rows = [
        EdgeRow(**nothing | {"line": line, "last_line": line, "time": line, "edge": edge, "kind": kind} | dict(*more))
        for line, (edge, kind, *more) in enumerate(told, 1)
    ]
    return np.array(rows, np.int64).reshape(len(rows), len(EdgeRow._fields))


def columns(spans: np.ndarray, *names: str) -> list[tuple[int, ...]]:
    return [tuple(row) for row in spans[:, [SpanRow._fields.index(name) for name in names]].tolist()]


def over(spans: np.ndarray, *names: str) -> list[tuple[int, ...]]:
    """Those columns of the spans that have ended."""
    return columns(spans[spans[:, SpanRow._fields.index("status")] != Status.INCOMPLETE], *names)


# ---- What no recorded log shows


def test_an_end_yields_what_stands_inside_it_and_itself_once(correlator):
    rows = edges((Edge.START, SEQUENCE), (Edge.START, MOVEMENT), (Edge.START, BEAT), (Edge.END, SEQUENCE))
    finished, places = correlator().feed(rows)
    assert columns(finished, "kind", "ordinal", "parent", "status") == [
        (BEAT, 3, 2, Status.INCOMPLETE),
        (MOVEMENT, 2, 1, Status.INCOMPLETE),
        (SEQUENCE, 1, -1, Status.OK),
    ]
    assert places.tolist() == [[1, 1], [2, 1], [3, 1], [1, 1]]


def test_a_run_waits_for_the_handlers_inside_and_is_yielded_with_the_last(correlator):
    some = correlator()
    rows = edges((Edge.START, BEAT), (Edge.START, HANDLER), (Edge.START, HANDLER), (Edge.END, SEQUENCE))
    assert columns(some.feed(rows)[0], "kind") == []
    assert columns(some.unfinished(), "kind", "status") == [
        (SEQUENCE, Status.OK),
        (MOVEMENT, Status.INCOMPLETE),
        (BEAT, Status.INCOMPLETE),
        (HANDLER, Status.INCOMPLETE),
        (HANDLER, Status.INCOMPLETE),
    ]
    assert columns(some.feed(edges((Edge.END, HANDLER)))[0], "kind") == []
    assert over(some.unfinished(), "kind") == [(SEQUENCE,), (HANDLER,)]
    finished, _ = some.feed(edges((Edge.END, HANDLER)))
    assert columns(finished, "kind") == [(HANDLER,), (HANDLER,), (BEAT,), (MOVEMENT,), (SEQUENCE,)]
    assert columns(some.unfinished(), "kind") == []


def test_what_a_run_tells_late_stands_on_its_spans_that_were_over_before(correlator):
    some = correlator()
    told = {"request_id": 7, "sequence_id": 8, "sequence_name": 9}
    some.feed(edges((Edge.END, BEAT)))
    assert columns(some.unfinished(), "kind", *told) == [(kind, -1, -1, -1) for kind in (SEQUENCE, MOVEMENT, BEAT)]
    some.feed(edges((Edge.NOTE, SEQUENCE, told)))
    assert columns(some.unfinished(), "kind", *told) == [(kind, 7, 8, 9) for kind in (SEQUENCE, MOVEMENT, BEAT)]
    finished, _ = some.feed(edges((Edge.END, SEQUENCE)))
    assert columns(finished, "kind", *told) == [(kind, 7, 8, 9) for kind in (BEAT, MOVEMENT, SEQUENCE)]


def test_a_span_does_not_wait_where_its_run_has_told_everything(correlator):
    some = correlator()
    told = {"request_id": 7, "sequence_id": 8, "sequence_name": 9}
    rows = edges((Edge.START, BEAT, told), (Edge.START, HANDLER), (Edge.END, BEAT), (Edge.END, HANDLER))
    assert columns(some.feed(rows)[0], "kind") == [(HANDLER,), (BEAT,)]
    assert columns(some.unfinished(), "kind") == [(SEQUENCE,), (MOVEMENT,)]


def test_a_handler_that_is_only_implied_can_ask_for_a_run(correlator):
    some, first, second = correlator(serial_handlers=True), {"sequence_name": 1}, {"sequence_name": 2}
    inner = first | {"handler": 3}
    some.feed(edges((Edge.START, SPAN, inner), (Edge.REQUEST, SEQUENCE), (Edge.QUEUE, SEQUENCE, second)))
    finished, _ = some.feed(edges((Edge.START, SEQUENCE, second), (Edge.END, SEQUENCE, second)))
    assert columns(finished, "parent", "inferred_by") == [(4, Rule.REQUESTED_BY_RUNNING_HANDLER)]
    some.feed(edges((Edge.END, HANDLER)))
    assert over(some.unfinished(), "kind", "ordinal") == [(HANDLER, 4)]
    finished, _ = some.feed(edges((Edge.END, SPAN), (Edge.END, SEQUENCE)))
    assert columns(finished, "kind", "ordinal") == [(SPAN, 5), (HANDLER, 4), (BEAT, 3), (MOVEMENT, 2), (SEQUENCE, 1)]


@pytest.mark.parametrize(("serial_handlers", "ended"), [(False, 5), (True, 9)])
def test_only_of_serial_handlers_the_first_of_its_run_must_end_first(correlator, serial_handlers, ended):
    first, second, a, b = {"sequence_id": 1}, {"sequence_id": 2}, {"event_name": 7}, {"event_name": 8}
    rows = edges(
        (Edge.START, BEAT, first),  # sequence 1, movement 2, beat 3
        (Edge.START, HANDLER, first | a),  # 4
        (Edge.START, HANDLER, first | b),  # 5
        (Edge.START, BEAT, second),  # sequence 6, movement 7, beat 8
        (Edge.START, HANDLER, second | b),  # 9
        (Edge.END, HANDLER, b),
    )
    some = correlator(serial_handlers)
    some.feed(rows)
    assert over(some.unfinished(), "ordinal", "inferred_by") == [(ended, 0 if serial_handlers else Rule.OLDEST_OPEN)]
    assert some.ambiguous == (0 if serial_handlers else 1)


def test_a_beat_keeps_the_name_of_the_first_of_its_own_handlers(correlator):
    own, foreign = {"handler_sequence": 1}, {"handler_sequence": 2}
    rows = edges(
        (Edge.START, BEAT, {"sequence_name": 1}),
        *[(Edge.START, HANDLER)] * 4,
        (Edge.END, HANDLER, foreign | {"handler": 3}),
        (Edge.END, HANDLER, own | {"handler": 4}),
        (Edge.END, HANDLER, own | {"handler": 5}),
        (Edge.END, HANDLER, foreign | {"handler": 6}),
        (Edge.END, BEAT),
    )
    some = correlator()
    some.feed(rows)
    assert over(some.unfinished(), "kind", "handler", "handler_sequence") == [
        (BEAT, 4, UNKNOWN_CODE),
        (HANDLER, 3, 2),
        (HANDLER, 4, 1),
        (HANDLER, 5, 1),
        (HANDLER, 6, 2),
    ]


def test_a_difference_that_64_bits_cannot_hold_is_unknown(correlator):
    rows = edges(
        (Edge.START, SEQUENCE, {"time": 2**63 - 1}),
        (Edge.END, SEQUENCE, {"time": -2}),
        (Edge.START, SEQUENCE, {"clock": 2**63 - 1}),
        (Edge.END, SEQUENCE, {"clock": -2}),
        (Edge.END, SEQUENCE, {"time": -(2**63) + 1, "duration": 2}),
        (Edge.START, SEQUENCE, {"time": -1}),
        (Edge.END, SEQUENCE, {"time": 2**63 - 2}),
    )
    finished, _ = correlator().feed(rows)
    assert columns(finished, "start_time", "duration") == [
        (2**63 - 1, UNKNOWN_TIME),
        (3, 1),
        (UNKNOWN_TIME, 2),
        (-1, 2**63 - 1),
    ]


@pytest.mark.parametrize(
    ("edge", "kind"), [(0, 0), (10, 0), (-1, 0), (Edge.NOTE, -1), (Edge.END, 5), (Edge.START, -(2**63))]
)
def test_a_row_without_edge_or_kind_is_refused_before_any_is_taken(correlator, edge, kind):
    some = correlator()
    before = some.state()
    with pytest.raises(ValueError, match="a row has no edge, or no kind"):
        some.feed(edges((Edge.START, SEQUENCE), (edge, kind)))
    assert some.state() == before


def test_the_oldest_are_forgotten_first_and_naming_again_does_not_renew(correlator):
    many = correlate.MOST_REMEMBERED
    some = correlator()
    told = [{"request_id": n, "handler": n, "correlation_id": n} for n in [*range(many), 0, many, many + 1]]
    some.feed(edges(*((Edge.END, HANDLER, what) for what in told)))
    state = some.state()
    assert [row[0] for row in state["orphans"]] == [*range(2, many + 2)]
    assert [row[0] for row in state["run_of_correlation"]] == [*range(2, many + 2)]
    assert [row[:2] for row in state["finished_handlers"]] == [[n, n] for n in range(2, many + 2)]


def test_of_too_many_open_spans_of_a_kind_the_oldest_is_given_up_with_what_cannot_outlive_it(correlator):
    some = correlator(most_kept=2)
    first, second, third = ({"request_id": n} for n in (1, 2, 3))
    finished, places = some.feed(
        edges(
            (Edge.START, SEQUENCE, first),  # 1
            (Edge.START, HANDLER, first),  # 2: a handler can outlive its run
            (Edge.START, SEQUENCE, second),  # 3
            (Edge.START, MOVEMENT, second),  # 4
            (Edge.START, SEQUENCE, third),  # 5
        )
    )
    assert (finished.tolist(), places[:, 0].tolist()) == ([], [1, 2, 3, 4, 5])
    assert [spans[:2] for spans in some.state()["open"]] == [[3, 5], [4], [], [2], []]
    finished, _ = some.feed(edges((Edge.START, SEQUENCE, {"request_id": 4}), (Edge.END, HANDLER, first)))
    assert columns(finished, "kind", "ordinal", "status") == [
        (MOVEMENT, 4, Status.INCOMPLETE),
        (SEQUENCE, 3, Status.INCOMPLETE),
        (HANDLER, 2, Status.OK),
        (SEQUENCE, 1, Status.INCOMPLETE),
    ]


def test_of_too_many_queued_runs_the_oldest_is_forgotten(correlator):
    names = [{"sequence_name": n} for n in (1, 2, 3)]
    asked = [(Edge.QUEUE, SEQUENCE, name) for name in names]
    _, places = correlator(most_kept=2).feed(edges(*asked, *((Edge.START, SEQUENCE, name) for name in names)))
    assert places[3:, 0].tolist() == [4, 2, 3]


def test_of_too_many_spans_that_wait_those_of_the_oldest_run_are_yielded_with_what_is_known_then(correlator):
    some = correlator(most_kept=2)
    first, second = ({"request_id": n} for n in (1, 2))
    rows = edges(
        (Edge.START, MOVEMENT, first),
        (Edge.START, MOVEMENT, second),
        (Edge.END, MOVEMENT, second),
        (Edge.END, BEAT, first),
        (Edge.NOTE, SEQUENCE, first | {"sequence_id": 5}),
        (Edge.NOTE, SEQUENCE, second | {"sequence_id": 6}),
        (Edge.END, MOVEMENT, first),
        (Edge.NOTE, SEQUENCE, first | {"sequence_name": 7}),
        (Edge.END, SEQUENCE, first),
    )
    known = ("kind", "request_id", "sequence_id", "sequence_name")
    yielded = [columns(some.feed(row[None])[0], *known) for row in rows]
    assert yielded[:6] == [[]] * 6
    assert yielded[6:] == [
        [(MOVEMENT, 2, 6, -1)],
        [],
        [(BEAT, 1, 5, 7), (MOVEMENT, 1, 5, 7), (SEQUENCE, 1, 5, 7)],
    ]


def test_of_too_many_learnt_names_the_oldest_are_forgotten(correlator):
    some = correlator(most_kept=2)
    asked = [(Edge.REQUEST, SEQUENCE, {"sequence_id": n}) for n in (1, 2, 1, 3)]
    ended = [(Edge.END, HANDLER, {"handler": n, "event_name": n + 10}) for n in (4, 5, 4, 6)]
    some.feed(edges(*asked, *ended, (Edge.START, HANDLER, {"handler": 7}), *asked))
    state = some.state()
    assert state["requests_outside"] == [[2, 1], [3, 1]]
    assert state["requests_inside"] == [[2, 1], [3, 1]]
    assert state["event_of_handler"] == [[5, 15], [6, 16]]


@pytest.mark.parametrize("kind", [SEQUENCE, HANDLER])
def test_a_log_that_only_starts_things_takes_bounded_memory(correlator, kind):
    some, many = correlator(), correlate.MOST_KEPT
    some.feed(edges((Edge.RESET, -1)))  # what begins now was not inside of something before the log
    finished, _ = some.feed(np.tile(edges((Edge.START, kind)), (many + 5, 1)))
    some.feed(np.tile(edges((Edge.QUEUE, SEQUENCE)), (many + 5, 1)))
    assert len(finished) == 5
    assert len(some.unfinished()) == len(some.state()["queue"]) == many


def test_at_least_one_is_kept(correlator):
    with pytest.raises(ValueError, match="at least one must be kept"):
        correlator(most_kept=0)
    state = correlator(True, most_kept=1).state()
    assert (correlator.restored(state).most_kept, correlator.restored(state).serial_handlers) == (1, True)
    with pytest.raises(ValueError, match="at least one must be kept"):
        correlator.restored(state | {"scalars": [*state["scalars"][:-1], 0]})


def test_nothing_is_nothing(correlator):
    some = correlator()
    finished, places = some.feed(edges())
    assert (finished.shape, places.shape, some.unfinished().shape) == ((0, 23), (0, 2), (0, 23))
    assert some.state() == correlator.restored(some.state()).state()


# ---- Both do the same

KINDS = [(edge, kind) for edge in Edge if edge < Edge.REQUEST for kind in SpanKind]
EDGES = [
    *KINDS,
    *([(Edge.START, SEQUENCE), (Edge.START, BEAT), (Edge.START, HANDLER)] * 3),
    *([(Edge.END, HANDLER), (Edge.END, BEAT), (Edge.ENTER, HANDLER), (Edge.SETTLE, HANDLER)] * 3),
    *([(Edge.REQUEST, SEQUENCE), (Edge.REQUEST, -1), (Edge.QUEUE, SEQUENCE)] * 3),
    (Edge.RESET, -1),
]
ROW_BYTES = 8


def rows_of(told: bytes, first_line: int = 1) -> np.ndarray:
    """Rows of few distinct values, so that edges meet and contradict one another: a row for every eight bytes."""

    def few(byte: int, values: int = 3) -> int:
        return byte % (values + 2) - 1 if byte % (values + 2) else UNKNOWN_CODE

    def row(line: int, edge: int, *b: int) -> tuple[Any, ...]:
        kind = EDGES[edge % len(EDGES)]
        return *kind, {
            "line": line,
            "last_line": line + b[6] % 3,
            "time": UNKNOWN_TIME if b[6] % 7 == 6 else 10 * line + b[6] // 64,
            "request_id": few(b[0] // 16, 4),
            "sequence_id": few(b[0] % 16, 1),
            "sequence_name": few(b[1] // 16, 2),
            "movement": few(b[1] % 16, 1),
            "event_name": few(b[2] // 16),
            "beat": few(b[2] % 16, 2),
            "handler": few(b[3] // 16),
            "handler_sequence": few(b[3] % 16, 2),
            "parent_request_id": few(b[4] // 16),
            "parent_handler": few(b[4] % 16),
            "correlation_id": few(b[5] // 32, 2),
            "plugin": few(b[5] // 4, 2),
            "title": few(b[5], 2),
            "status_message": few(b[5] // 2, 2),
            "duration": b[6] if b[6] % 5 == 1 else UNKNOWN_TIME,
            "clock": 3 * line + b[6] % 11 if b[6] % 3 == 1 else UNKNOWN_TIME,
        }

    places = range(0, len(told) // ROW_BYTES * ROW_BYTES, ROW_BYTES)
    return edges(*(row(first_line + n, *told[place : place + ROW_BYTES]) for n, place in enumerate(places)))


def outcome(kinds: list[type], pieces: list[np.ndarray], *arguments: Any) -> list[Any]:
    """All that comes out when each piece is fed to a correlator of the next kind, restored from the one before."""
    told: list[Any] = []
    state = kinds[0](*arguments).state()
    for number, piece in enumerate(pieces):
        some = kinds[number % len(kinds)].restored(state)
        finished, places = some.feed(piece)
        state = some.state()
        told += [finished.tolist(), places.tolist(), some.unfinished().tolist(), state]
        told += [(some.ambiguous, some.serial_handlers, some.most_kept)]
    return told


streams = st.lists(st.binary(max_size=50 * ROW_BYTES), min_size=1, max_size=4)
arguments = st.tuples(st.booleans(), st.sampled_from([1, 2, 5, correlate.MOST_KEPT]))


@settings(deadline=None, max_examples=600)
@given(streams, arguments)
@example([b"\x00" * 800], (True, 10))
def test_both_find_the_same_in_whole_and_in_pieces(native, stream, arguments):
    pieces, line = [], 1
    for part in stream:
        pieces.append(rows_of(part, line))
        line += len(pieces[-1])
    expected = outcome([Twin], pieces, *arguments)
    assert outcome([native], pieces, *arguments) == expected
    assert outcome([native, Twin], pieces, *arguments) == expected
    assert outcome([Twin, native], pieces, *arguments) == expected


def final(some: Any, pieces: list[np.ndarray], goes_on: Callable[[Any], Any] = lambda some: some) -> tuple[Any, ...]:
    """All that is told in the end, when ``some`` is fed piece by piece and what ``goes_on`` makes of it goes on."""
    spans, belongs = [], []
    for piece in pieces:
        finished, places = some.feed(piece)
        spans += finished.tolist()
        belongs += places.tolist()
        some = goes_on(some)
    return spans + some.unfinished().tolist(), belongs, some.ambiguous, some.state()


@settings(deadline=None, max_examples=400)
@given(st.binary(max_size=150 * ROW_BYTES), st.sets(st.integers(0, 150)), arguments)
def test_the_same_spans_come_out_wherever_the_rows_are_cut(correlator, told, cuts, arguments):
    interner, rows = Interner(), rows_of(told)
    for text in "abcdefgh":
        interner.code(text)
    pieces = np.split(rows, sorted(cuts))
    expected = final(correlator(*arguments), [rows])
    assert final(correlator(*arguments), pieces) == expected
    assert final(correlator(*arguments), pieces, lambda some: correlator.restored(some.state())) == expected
    checkpointed = final(
        correlation.Correlator(*arguments),
        pieces,
        lambda some: checkpoint.thaw(checkpoint.freeze(some, interner), interner),
    )
    assert checkpointed == expected


@pytest.mark.parametrize("spread", [1, 2, 40])
@pytest.mark.parametrize("serial_handlers", [False, True])
@pytest.mark.parametrize("most_kept", [30, correlate.MOST_KEPT])
def test_both_find_the_same_in_long_streams(native, spread, serial_handlers, most_kept):
    """``spread``: so many requests for each of the few; the more, the more runs go on at once."""
    random = np.random.default_rng(spread)
    edge, request = EdgeRow._fields.index("edge"), EdgeRow._fields.index("request_id")
    pieces = [rows_of(random.bytes(700 * ROW_BYTES), 1 + 700 * number) for number in range(5)]
    for rows in pieces:
        rows[rows[:, edge] == Edge.RESET, edge] = Edge.QUEUE
        turns = rows[:, request] * spread + random.integers(spread, size=len(rows))
        rows[:, request] = np.where(rows[:, request] >= 0, turns, UNKNOWN_CODE)
    arguments = serial_handlers, most_kept
    assert outcome([native], pieces, *arguments) == outcome([Twin], pieces, *arguments)


@pytest.mark.shared
def test_both_find_the_same_in_the_recordings(native, shared_data: Path):
    conductor = next(f for f in bundled_formats() if f.name == "musical-conductor")
    interner, count = Interner(), 0
    for source in find_sources([str(shared_data / "renderx" / "logs")]):
        if isinstance(source, FileSource):
            data = b"".join(source.blocks(0))
            columns = BlockReader(Stack(conductor), interner).read(memoryview(data))
            _, rows = EdgePicker(conductor.events).pick(columns, 1)
            pieces = np.array_split(rows, 3)
            assert outcome([native], pieces, True) == outcome([Twin], pieces, True)
            count += len(rows)
    assert count > 100_000


# ---- The native one


def test_the_twin_is_used_on_request_and_otherwise_the_native_one_if_built():
    program = "from telemap.executions import correlation as c; print(c.IS_NATIVE, c.Correlator.__name__)"
    environment = {key: value for key, value in os.environ.items() if key != "TELEMAP_PURE_PYTHON"}
    environment["PYTHONPATH"] = str(Path(correlation.__file__).parents[2])

    def run(**more: str) -> str:
        command = [sys.executable, "-c", program]
        done = subprocess.run(command, env=environment | more, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    assert run(TELEMAP_PURE_PYTHON="1") == "False Correlator"
    assert run() == ("False Correlator" if correlation.kernel is None else "True NativeCorrelator")


def test_one_correlator_is_for_one_thread_at_a_time(native):
    some, rows = native(), np.tile(edges((Edge.NOTE, SEQUENCE)), (2_000_000, 1))
    refused = set()
    with ThreadPoolExecutor(1) as pool:
        fed = pool.submit(some.feed, rows)
        while not fed.done():
            try:
                some.unfinished()
            except ValueError as error:
                refused.add(str(error))
    assert refused == {"the correlation is in use by another thread"}
    assert fed.result()[1].shape == (2_000_000, 2)
    assert some.unfinished().shape == (0, 23)


def test_arrays_that_do_not_fit_are_refused(native):
    kernel, rows, places = correlation.kernel(False, 1), edges((Edge.NOTE, SEQUENCE)), np.zeros((1, 2), np.int64)
    read_only = places.copy()
    read_only.flags.writeable = False
    for arguments in (
        (rows, np.zeros((2, 2), np.int64)),
        (rows[:, :20].copy(), places),
        (np.asfortranarray(np.tile(rows, (2, 1))), np.zeros((2, 2), np.int64)),
        (rows.astype(np.float64), places),
        (rows, np.zeros(4, np.int32)),
        (rows, read_only),
    ):
        with pytest.raises(ValueError, match=r"differ|column|contiguous|another type|read-only"):
            kernel.feed(*arguments)
    with pytest.raises(TypeError):
        kernel.feed([1], places)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("scalars", lambda part: part[:5]),
        ("runs", lambda part: part * 2),
        ("runs", lambda part: part[1:]),
        ("spans", lambda part: part * 2),
        ("spans", lambda part: [[*row[:2], 7, *row[3:]] for row in part]),
        ("spans", lambda part: [[row[0], 4, *row[2:]] for row in part]),
        ("spans", lambda part: [[*row[:21], Status.OK, *row[22:]] for row in part]),
        ("open", lambda part: part[::-1]),
        ("open", lambda part: [ordinals * 2 for ordinals in part]),
        ("open", lambda part: [[99], *part[1:]]),
        ("queue", lambda part: [99]),
        ("queue", lambda part: part * 2),
        ("queue", lambda part: [2]),
        ("held", lambda part: part * 2),
        ("held", lambda part: part[1:]),
        ("held", lambda part: part[::-1]),
        ("held", lambda part: [99]),
        ("held", lambda part: [*part, 2]),
        ("held", lambda part: [*part, 7]),
    ],
)
def test_a_state_that_cannot_be_is_refused(native, name, change):
    some = native()
    some.feed(
        edges(
            (Edge.QUEUE, SEQUENCE, {"sequence_name": 5}),  # 1
            (Edge.START, SPAN),  # sequence 2, movement 3, beat 4, handler 5, span 6
            (Edge.END, SPAN),
            (Edge.END, HANDLER),
            (Edge.START, HANDLER),  # 7
            (Edge.REQUEST, SEQUENCE),  # 8
        )
    )
    state = some.state()
    assert state["held"] == [6, 5]
    assert native.restored(state).state() == state
    with pytest.raises(ValueError, match=r"\w"):
        native.restored(state | {name: change(state[name])})
