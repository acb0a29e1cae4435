"""No content of a file makes a reader fail: whatever it holds, there is a batch, and all its bytes are counted."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telemap.traces import FORMATS, TraceFormat
from tests.traces.reading import ORIGIN, read
from tests.traces.test_detect import SAMPLES, as_bytes

BY_NAME = {of.name: of for of in FORMATS}
PLAIN = {name: as_bytes(samples[0]) for name, samples in SAMPLES.items()}
DOCUMENTS = {name: json.loads(data) for name, data in PLAIN.items() if data[:1] in b"{["}
LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**70), 2**70), st.floats(), st.text(max_size=3), st.just([]), st.just({})
)


@pytest.mark.parametrize("of", FORMATS, ids=lambda of: of.name)
@settings(max_examples=50, deadline=None)
@given(data=st.data())
def test_bytes_that_were_damaged_are_read_or_told(of: TraceFormat, data: st.DataObject) -> None:
    sound = PLAIN.get(of.name, b"\x0a\x0b\x12\x09\x12\x07\x0a\x05hello")
    start = data.draw(st.integers(0, len(sound)))
    end = data.draw(st.integers(start, min(len(sound), start + 20)))
    damaged = sound[:start] + data.draw(st.binary(max_size=6)) + sound[end:]
    read(of, damaged or b"\0", data.draw(st.integers(1, 400)))


@pytest.mark.parametrize("name", sorted(DOCUMENTS))
@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_values_of_any_kind_in_any_place_are_read_or_told(name: str, data: st.DataObject) -> None:
    said = json.loads(json.dumps(DOCUMENTS[name]))
    for replace in data.draw(st.lists(st.sampled_from(list(places(said))), min_size=1, max_size=3)):
        replace(data.draw(LEAVES))
    read(BY_NAME[name], said)


def places(value: Any) -> list[Callable[[Any], None]]:
    """For each place within ``value``, what puts another value there."""
    found: list[Callable[[Any], None]] = []
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in list(items):
        found.append(lambda new, at=key: value.__setitem__(at, new))
        found += places(inner)
    return found


@pytest.mark.parametrize("of", FORMATS, ids=lambda of: of.name)
def test_an_empty_file_has_no_rows(of: TraceFormat) -> None:
    assert all(batch.spans.num_rows + batch.records.num_rows == 0 for batch in of.read(iter(()), ORIGIN))


def test_what_is_nested_too_deep_is_told() -> None:
    for name in DOCUMENTS:
        assert read(BY_NAME[name], b"[" * 100_000).problems
