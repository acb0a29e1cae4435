"""Many short sources: their rows are made together, and are those of each by itself."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telemap.model.interning import Interner
from telemap.records.columns import Columns, joined
from telemap.records.detection import Detector
from telemap.records.format_files import bundled_formats
from telemap.records.redaction import Redactor
from telemap.records.redaction_rules import bundled_rules
from telemap.store import writing
from telemap.store.rows import record_values
from tests.awkward_logs import KINDS
from tests.builders import ConductorLog, content, ingested

FORMATS = bundled_formats()
DETECTOR, REDACTOR = Detector(FORMATS), Redactor(bundled_rules())
TEXTS = st.sampled_from([*KINDS]).flatmap(
    lambda kind: st.lists(st.sampled_from(KINDS[kind]), min_size=1, max_size=4).map(b"".join)
)


def told(parts: Sequence[Columns], interner: Interner) -> dict[str, list[Any]]:
    """What the records of several blocks say, the blocks one after the other."""
    values = [record_values(part, interner, keeps_text=True) for part in parts]
    return {name: [item for of in values for item in of[name].to_pylist()] for name in values[0]}


@settings(deadline=None)
@given(st.lists(TEXTS, min_size=1, max_size=5))
def test_blocks_that_are_joined_say_what_they_say_one_by_one(texts: list[bytes]) -> None:
    interner = Interner()
    parts = [DETECTOR.choose(t).reader(FORMATS, interner, REDACTOR).read(memoryview(t)) for t in texts]
    whole = joined(parts)
    assert told([whole], interner) == told(parts, interner)
    assert (whole.size, whole.lines) == (sum(map(len, texts)), sum(part.lines for part in parts))
    assert whole.offset.tolist() == (np.cumsum(whole.length) - whole.length).tolist()
    before = [sum(part.lines for part in parts[:number]) for number in range(len(parts))]
    assert whole.line.tolist() == [n + b for part, b in zip(parts, before, strict=True) for n in part.line.tolist()]


@pytest.mark.parametrize("held", [1, 2, 500])
def test_however_many_are_held_the_store_says_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, held: int
) -> None:
    logs = tmp_path / "logs"
    logs.mkdir()
    for number in range(7):
        log = ConductorLog()
        log.run(f"Sequence {number}", f"request-{number}", **{f"event:{number}": f"handler{number}"})
        log.changed(f"Sequence {number}", f"event:{number}", f"request-{number}")
        kinds = [log.text, b"no format\nat all\n", b'{"level":30,"time":1767323045000,"msg":"m","a":%d}\n' % number]
        path = logs / f"{number}.log"
        path.write_bytes(kinds[number % 3] if number % 3 else log.text)
        os.utime(path, ns=(10**18, 10**18))
    expected = content(ingested(tmp_path / "whole", logs)[0])
    monkeypatch.setattr(writing, "PIECES_HELD", held)
    monkeypatch.setattr(writing, "BYTES_HELD", 2**20 if held > 1 else 0)
    assert len(expected["span"]) > 10
    assert len(expected["state_change"]) == 12
    assert content(ingested(tmp_path / "pieces", logs)[0]) == expected
