"""What the records around a record say of where it was written."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telemap.mapping.neighbours import AROUND, MOST, SURE, Placed, among_neighbours
from telemap.mapping.records import Candidate, Origins
from telemap.model.code import CodeLocation, Template

TEMPLATE = Template(("cart is empty",))


def at(file_path: str, line_number: int, confidence: float) -> Candidate:
    location = CodeLocation(file_path, line_number, "f", confidence, "template", "text matches")
    return Candidate(location, TEMPLATE)


def records(*written: Sequence[Candidate], traces: str = "") -> list[Placed[int]]:
    told = traces or "-" * len(written)
    return [
        Placed("s", trace, Origins(tuple(candidates), message="cart is empty"), number)
        for number, (candidates, trace) in enumerate(zip(written, told, strict=True))
    ]


def ranked(placed: list[Placed[int]], number: int) -> list[tuple[str, int, float, str]]:
    (found,) = (one for one in among_neighbours(placed) if one.record == number)
    places = (candidate.location for candidate in found.origins.written)
    return [(place.file_path, place.line_number, place.confidence, place.reason) for place in places]


EQUAL = (at("a.py", 10, 0.49), at("b.py", 20, 0.49))


def test_the_file_that_wrote_the_records_around_is_likelier() -> None:
    assert ranked(records([at("b.py", 90, 0.95)], EQUAL), 1) == [
        ("b.py", 20, 0.882, "text matches; records around it are from b.py"),
        ("a.py", 10, 0.098, "text matches"),
    ]


def test_a_file_tells_nothing_where_all_of_them_wrote_records_around() -> None:
    both = records([at("b.py", 90, 0.95)], EQUAL, [at("a.py", 5, 0.95)], traces="xyz")
    assert ranked(both, 1) == [("a.py", 10, 0.49, "text matches"), ("b.py", 20, 0.49, "text matches")]


def test_the_next_line_of_what_the_trace_logged_before_is_likelier_and_the_last_before_what_it_logged_after() -> None:
    three = [at("a.py", line, 0.3) for line in (10, 20, 30)]
    log = records([at("a.py", 12, 0.95)], [at("a.py", 25, 0.95)], three, [at("a.py", 28, 0.95)], traces="xyxx")
    assert ranked(log, 2) == [
        ("a.py", 20, 0.736, "text matches; after what line 12 logged; before what line 28 logged"),
        ("a.py", 10, 0.082, "text matches"),
        ("a.py", 30, 0.082, "text matches"),
    ]


def test_neighbours_make_nothing_sure() -> None:
    close = (at("b.py", 91, 0.88), at("a.py", 10, 0.1))
    log = records([at("b.py", 90, 0.95)], close, [at("b.py", 99, 0.95)])
    assert ranked(log, 1)[0][:3] == ("b.py", 91, MOST)


def test_a_place_that_was_only_printed_is_no_statement_that_others_make_likelier() -> None:
    printed = Candidate(CodeLocation("log.py", 5, "f", 0.5, "location", "printed with the message"))
    found = (printed, at("a.py", 9, 0.45), at("b.py", 9, 0.45))
    assert [one[:3] for one in ranked(records([at("log.py", 1, 0.95)], found), 1)] == [
        ("log.py", 5, 0.5),
        ("a.py", 9, 0.45),
        ("b.py", 9, 0.45),
    ]


@pytest.mark.parametrize(
    "neighbour",
    [
        [at("b.py", 90, SURE - 0.01)],
        [],
        [Candidate(CodeLocation("b.py", 90, "f", 0.95, "template", commit_id="c" * 40), TEMPLATE)],
    ],
)
def test_only_what_is_sure_and_still_there_is_a_neighbour(neighbour: list[Candidate]) -> None:
    log = records(neighbour, EQUAL)
    assert [one.origins for one in among_neighbours(log)] == [one.origins for one in log]


@pytest.mark.parametrize(("distance", "is_seen"), [(AROUND, True), (AROUND + 1, False)])
@pytest.mark.parametrize("is_before", [True, False])
def test_records_are_neighbours_only_so_far(distance: int, is_seen: bool, is_before: bool) -> None:
    log = [[at("b.py", 90, 0.95)], *[[]] * (distance - 1), EQUAL]
    placed = records(*(log if is_before else log[::-1]))
    assert (ranked(placed, distance if is_before else 0)[0][0] == "b.py") == is_seen


def test_another_source_is_no_neighbour() -> None:
    first, second = records([at("b.py", 90, 0.95)], EQUAL)
    other = Placed("t", second.trace_id, second.origins, second.record)
    assert [one.origins for one in among_neighbours([first, other])] == [first.origins, second.origins]


candidates = st.lists(
    st.builds(at, st.sampled_from(("a.py", "b.py")), st.integers(1, 5), st.sampled_from((0.1, 0.3, 0.49, 0.95))),
    max_size=3,
    unique_by=lambda one: (one.location.file_path, one.location.line_number),
).filter(lambda found: sum(one.location.confidence for one in found) <= 1)


@given(st.lists(st.tuples(candidates, st.sampled_from("xy")), max_size=12))
def test_records_stay_and_their_places_are_no_surer_together(log: list[tuple[list[Candidate], str]]) -> None:
    placed = records(*(found for found, _ in log), traces="".join(trace for _, trace in log))
    after = list(among_neighbours(placed))
    assert [one.record for one in after] == [one.record for one in placed]
    for one, other in zip(placed, after, strict=True):
        before, now = ([c.location for c in each.origins.written] for each in (one, other))
        assert sorted((p.file_path, p.line_number) for p in before) == sorted((p.file_path, p.line_number) for p in now)
        assert sum(p.confidence for p in now) <= sum(p.confidence for p in before) + 0.002
        assert [p.confidence for p in now] == sorted((p.confidence for p in now), reverse=True) or before == now
