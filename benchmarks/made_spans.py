"""A made store of runs of declared sequences, most of them as declared, and what was made.

A thousand variants are worked out once; every run is one of them, and NumPy writes its spans: a sequence, a movement,
and for each beat the beat and its handler.
"""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute

from telemap.model.tables import SPAN
from telemap.store.declaring import index_definitions
from telemap.store.store import Store, table_of

if TYPE_CHECKING:
    from pathlib import Path

Ints = npt.NDArray[np.int64]
Beat = tuple[str, str, str]
"""Event, handler and status."""

SEQUENCES = 40
VARIANTS = 1000
DEVIATING_SHARE = 0.1
SPANS_A_GROUP = 50_000
START_NS = 1_767_323_045 * 10**9
SOURCE_ID = "made000000000000"


@dataclass(frozen=True, slots=True)
class Made:
    """How much there is of what; ``variants`` are those that really ran."""

    spans: int
    runs: int
    beats: int
    variants: int


def make(folder: Path, spans: int, seed: int) -> tuple[Store, Made]:
    """A store of at least so many spans, with the definitions that they were made of."""
    draw = random.Random(seed)
    declared = [_declared(number, draw) for number in range(SEQUENCES)]
    variants = [(number, beats) for number, beats in enumerate(declared)]
    seen = {(number, tuple(beats)) for number, beats in variants}
    while len(variants) < VARIANTS:
        number = draw.randrange(SEQUENCES)
        beats = _changed(list(declared[number]), draw)
        if (number, tuple(beats)) not in seen:
            seen.add((number, tuple(beats)))
            variants.append((number, beats))
    store = Store(folder / "store", create=True)
    _declare(store, folder, declared)
    return store, _write(store, variants, spans, np.random.default_rng(seed))


def _declared(number: int, draw: random.Random) -> list[Beat]:
    return [(f"made:{number}:step-{beat}", f"handle{number}Step{beat}", "ok") for beat in range(draw.randint(4, 12))]


def _changed(beats: list[Beat], draw: random.Random) -> list[Beat]:
    """One or two differences, as they come in production."""
    for _ in range(draw.randint(1, 2)):
        place = draw.randrange(len(beats))
        match draw.choice(("drop", "swap", "repeat", "insert", "replace", "fail")):
            case "drop" if len(beats) > 1:
                del beats[place]
            case "swap" if place:
                beats[place - 1], beats[place] = beats[place], beats[place - 1]
            case "repeat":
                beats.insert(place, beats[place])
            case "insert":
                beats.insert(place, ("made:unknown", "handleUnknown", "ok"))
            case "replace":
                beats[place] = (beats[place][0], "handleOther", "ok")
            case "fail":
                beats[place] = (*beats[place][:2], "error")
    return beats


def _declare(store: Store, folder: Path, declared: list[list[Beat]]) -> None:
    (folder / "definitions").mkdir()
    for number, beats in enumerate(declared):
        told = [{"beat": place, "event": beat[0], "handler": beat[1]} for place, beat in enumerate(beats, start=1)]
        sequence = {"id": _id(number), "name": f"Made {number}", "pluginId": "MadePlugin"}
        text = json.dumps(sequence | {"movements": [{"id": "move", "name": "Move", "beats": told}]}, indent=1)
        (folder / "definitions" / f"{number}.json").write_text(text)
    index_definitions(store, [folder / "definitions"])


def _id(number: int) -> str:
    return f"made-{number}-symphony"


class _Words:
    """A column of few words: each has a number."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}

    def number(self, word: str) -> int:
        return self.numbers.setdefault(word, len(self.numbers))

    def column(self, numbers: Ints) -> pa.DictionaryArray:
        return pa.DictionaryArray.from_arrays(
            pa.array(numbers.astype(np.int32), mask=numbers < 0), pa.array(list(self.numbers), pa.string())
        )


KINDS, STATUSES = ("sequence", "movement", "beat", "handler"), ("ok", "error")


def _write(store: Store, variants: list[tuple[int, list[Beat]]], spans: int, draw: np.random.Generator) -> Made:
    words = _Words()
    # Of each variant, one behind the other: kind, sequence, event, handler, status, parent (places before it), beat,
    # and how many are below it.
    templates = [_template(number, beats, words) for number, beats in variants]
    lengths = np.array([len(rows) for rows in templates])
    firsts = np.concatenate(([0], np.cumsum(lengths)[:-1]))
    table = np.array([row for rows in templates for row in rows], np.int64)
    weights = np.concatenate(
        (
            np.full(SEQUENCES, (1 - DEVIATING_SHARE) / SEQUENCES),
            np.full(VARIANTS - SEQUENCES, DEVIATING_SHARE / (VARIANTS - SEQUENCES)),
        )
    )
    part, written, runs, beats = store.part("span"), 0, 0, 0
    used: set[int] = set()
    while written < spans:
        chosen = draw.choice(len(variants), SPANS_A_GROUP // int(lengths.mean()), p=weights)
        used.update(chosen.tolist())
        counts = lengths[chosen]
        begins = np.concatenate(([0], np.cumsum(counts)[:-1]))
        rows = np.arange(counts.sum()) - np.repeat(begins - firsts[chosen], counts)
        part.write(_spans(table[rows], np.repeat(np.arange(len(chosen)) + runs, counts), written, words, draw))
        written, runs = written + len(rows), runs + len(chosen)
        beats += int((table[rows][:, 0] == KINDS.index("beat")).sum())
    store.append("span", [part])
    row = {"source_id": SOURCE_ID, "uri": "made.log", "revision": 1, "line_count": written, "span_count": written}
    store.replace("source", table_of("source", [row]))
    return Made(written, runs, beats, len(used))


def _template(number: int, beats: list[Beat], words: _Words) -> list[tuple[int, ...]]:
    own = words.number(_id(number)), words.number(f"Made {number}")
    count = 2 * len(beats)
    rows: list[tuple[int, ...]] = [(0, *own, -1, -1, 0, 0, -1, count + 1), (1, *own, -1, -1, 0, 1, -1, count)]
    for place, (event, handler, status) in enumerate(beats, start=1):
        known = words.number(event), words.number(handler), STATUSES.index(status)
        rows.append((2, *own, known[0], -1, 0, 2 * place - 1, place, 1))
        rows.append((3, *own, *known, 1, place, 0))
    return rows


def _spans(rows: Ints, run: Ints, before: int, words: _Words, draw: np.random.Generator) -> pa.Table:
    count = len(rows)
    ordinal = np.arange(count) + before
    start = START_NS + ordinal * 10**7
    end = (start + draw.integers(10**5, 10**7, count))[np.arange(count) + rows[:, 8]]  # that of the last below it
    columns: dict[str, Any] = {
        "span_id": _hex(ordinal),
        "parent_span_id": _hex(ordinal - rows[:, 6], rows[:, 6] > 0),
        "trace_id": pa.compute.binary_join_element_wise(SOURCE_ID, _hex(run), ""),
        "kind": pa.array(KINDS).take(pa.array(rows[:, 0])),
        "status": pa.array(STATUSES).take(pa.array(rows[:, 5])),
        "beat": pa.array(rows[:, 7], mask=rows[:, 7] < 0),
        "start_time_unix_nano": pa.array(start),
        "end_time_unix_nano": pa.array(end),
        "duration_ns": pa.array(end - start),
        "first_line": pa.array(ordinal + 1),
        "last_line": pa.array(ordinal + 1),
        "source_id": pa.array([SOURCE_ID]).take(pa.array(np.zeros(count, np.int64))),
    }
    for name, place in {"sequence_id": 1, "sequence_name": 2, "event_name": 3, "handler": 4, "name": 2}.items():
        columns[name] = words.column(rows[:, place])
    return pa.table([columns[f.name] if f.name in columns else pa.nulls(count, f.type) for f in SPAN], SPAN.names)


def _hex(numbers: Ints, is_there: npt.NDArray[np.bool_] | None = None) -> pa.Array:
    """Numbers as ids of sixteen digits; none where it is not there."""
    digits = np.frombuffer(b"0123456789abcdef", np.uint8)
    table = np.stack([digits[(numbers >> shift) & 15] for shift in range(60, -4, -4)], axis=1)
    offsets = pa.py_buffer(np.arange(0, len(numbers) * 16 + 1, 16, dtype=np.int32))
    ids = pa.StringArray.from_buffers(len(numbers), offsets, pa.py_buffer(np.ascontiguousarray(table)))
    return ids if is_there is None else pa.compute.if_else(pa.array(is_there), ids, pa.scalar(None, pa.string()))
