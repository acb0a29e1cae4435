"""JSON lines: what their keys say, and that single lines and blocks of them are taken alike."""

from __future__ import annotations

import json

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from telemap.records.format_files import load_format
from telemap.records.json_rows import JsonReader
from telemap.records.members import members_of, values_of

JOBS = load_format('[json]\nrequires = ["when", "lvl"]\ntimestamp = ["when"]\nbody = ["msg", "text"]', "jobs.toml")
STEPS = load_format('[json]\nrequires = ["when"]\ntimestamp = ["when"]\nbody = ["msg"]', "steps.toml")

OBJECTS = st.dictionaries(
    st.sampled_from(["when", "lvl", "msg", "text"]), st.sampled_from([None, 1, "x", {"a": 2}, {}])
)
LINES = st.one_of(
    OBJECTS.map(lambda told: json.dumps(told).encode()),
    st.sampled_from([b"", b"text", b'{"when": 1', b'  {"when": 1} ']),
)


def blocks_of(lines: list[bytes]) -> list[int | None]:
    """The format that the lines of one block are taken for, by number."""
    lengths = np.array([len(line) for line in lines], np.int64)
    offsets = np.cumsum(lengths + 1) - lengths - 1
    rows = JsonReader([(0, JOBS), (1, STEPS)]).read(memoryview(b"\n".join(lines)), offsets, lengths)
    taken: dict[int, int] = dict(zip(rows.lines.tolist(), rows.formats.tolist(), strict=True))
    return [taken.get(number) for number in range(len(lines))]


def test_values_are_told_by_key_and_none_stands_for_null() -> None:
    lines = [b'{"a": 1, "b": null, "c": {"d": "x"}}', b"no object", b' {"a": [2]}']
    assert values_of(lines) == [{"a": (6, 7), "b": None, "c.d": (32, 33)}, None, {"a": (7, 10)}]
    assert members_of(lines[0]) == {"a": (6, 7), "c.d": (32, 33)}


@given(st.lists(LINES, max_size=8))
def test_lines_are_read_together_as_each_by_itself(lines: list[bytes]) -> None:
    assert values_of(lines) == [values_of([line])[0] for line in lines]


def test_a_key_that_is_required_may_be_null_and_then_holds_no_group() -> None:
    match = JOBS.match(b'{"when": 1, "lvl": null, "msg": null, "text": "x"}')
    assert match is not None
    assert match.spans == {"timestamp": (9, 10), "body": (47, 48)}


@given(st.lists(LINES, min_size=1, max_size=8))
def test_blocks_and_single_lines_are_taken_for_the_same_format(lines: list[bytes]) -> None:
    single = [next((n for n, f in enumerate([JOBS, STEPS]) if f.match(line) is not None), None) for line in lines]
    assert blocks_of(lines) == single
    reader = JsonReader([(0, JOBS), (1, STEPS)])
    assert [reader.takes(line) for line in lines] == [number is not None for number in single]
