"""One text, one content of the store: in one go or in pieces, in any order of files, again and again."""

from __future__ import annotations

import gzip
import os
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from telemap.sources import files
from telemap.store.parts import Part
from telemap.store.store import Store
from tests.awkward_logs import DOCUMENTS, KINDS
from tests.builders import content, ingested

LONG_AGO_NS = 1790000000 * 10**9  # years and days that a log leaves out are those of its last change


def zstd(text: bytes) -> bytes:
    return bytes(pa.compress(text, "zstd", asbytes=True))


def encoded(codec: str) -> Callable[[bytes], bytes]:
    return lambda text: text.decode(errors="replace").encode(codec)


WRITTEN: dict[str, Callable[[bytes], bytes]] = {
    "": lambda text: text,
    "CRLF": lambda text: text.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"),
    "mark": lambda text: b"\xef\xbb\xbf" + text,
    "UTF-16": encoded("utf-16"),
    "UTF-16 without a mark": encoded("utf-16-be"),
    "UTF-32": encoded("utf-32"),
}
PACKED = {".gz": gzip.compress, ".zst": zstd}


class Growing(NamedTuple):
    """A file of which more and more is there: as many bytes of ``text`` as each of ``places`` says, packed anew."""

    name: str
    text: bytes
    places: list[int]

    def write(self, folder: Path, number: int) -> Path:
        path = folder / self.name
        text = self.text[: self.places[number]] if number < len(self.places) else self.text
        path.write_bytes(PACKED.get(path.suffix, bytes)(text))
        os.utime(path, ns=(LONG_AGO_NS, LONG_AGO_NS + number))
        return path


@st.composite
def growing(draw: st.DrawFn) -> Growing:
    name = draw(st.sampled_from([*KINDS, *DOCUMENTS]))
    if name in DOCUMENTS:
        text = DOCUMENTS[name]
    else:
        fragments = draw(st.lists(st.sampled_from(KINDS[name]), min_size=1, max_size=14))
        text = WRITTEN[draw(st.sampled_from([*WRITTEN]))](b"".join(fragments))
    places = draw(st.lists(st.integers(1, len(text)), max_size=4).map(sorted))
    return Growing(name + draw(st.sampled_from(["", "", *PACKED])), text, places)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(  # more text in a smaller archive
    logs=[Growing("chrome-open.json.zst", DOCUMENTS["chrome-open.json"], [120, 128])],
    orders=random.Random(0),
    sample=1,
    block=1000,
)
@example(  # and in one of the same size
    logs=[Growing("python.log.gz", b"2026-01-02 03:04:05,678 INFO shop.cart: item 17 added\n" * 2, [57])],
    orders=random.Random(0),
    sample=1,
    block=1000,
)
@given(
    logs=st.lists(growing(), min_size=1, max_size=6, unique_by=lambda log: log.name),
    orders=st.randoms(use_true_random=False),
    sample=st.sampled_from([1, 300, 2**16]),
    block=st.sampled_from([97, 1000, 2**24]),
)
def test_logs_in_pieces_in_any_order_say_the_same_as_in_one_go(
    logs: list[Growing], orders: Any, sample: int, block: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("pieces")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("telemap.records.detection.SAMPLE_BYTES", sample)  # the fewer, the more is settled before the end
        patch.setattr(files, "BLOCK_BYTES", block)
        for number in range(max(len(log.places) for log in logs) + 1):
            paths = [log.write(folder, number) for log in orders.sample(logs, len(logs))]
            in_pieces, reports = ingested(folder, *paths)
        grown = content(in_pieces)
        assert content(ingested(folder, *paths)[0]) == grown
        patch.setattr(files, "BLOCK_BYTES", 2**24)
        at_once, _ = ingested(folder / "whole", *(folder / log.name for log in logs))
    assert grown == content(at_once)
    assert [report.bytes_accounted for report in reports] == [report.bytes for report in reports]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    texts=st.lists(st.lists(st.sampled_from(KINDS["python.log"][:10]), min_size=2, max_size=8), min_size=2, max_size=4),
    share=st.floats(0.1, 1),
    pack=st.sampled_from(["", ".gz", ".zst"]),
    is_copied=st.booleans(),
)
def test_rotated_logs_say_the_same_as_when_they_are_first_seen_at_the_end(
    texts: list[list[bytes]], share: float, pack: str, is_copied: bool, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("rotated")
    logs = folder / "logs"
    logs.mkdir()
    log = logs / "app.log"
    for number, fragments in enumerate(texts):
        text = b"2026-01-02 03:04:%02d,000 INFO shop.cart: begin\n" % number + b"".join(fragments)
        _rotate(logs, len(texts), pack, is_copied=is_copied)
        for size in (int(len(text) * share), len(text)):
            with log.open("ab") as file:
                file.write(text[log.stat().st_size : size])
            os.utime(log, ns=(LONG_AGO_NS, LONG_AGO_NS))
            store, _ = ingested(folder, logs)
    assert content(store) == content(ingested(folder / "whole", logs)[0])


def _rotate(logs: Path, most: int, pack: str, *, is_copied: bool) -> None:
    log = logs / "app.log"
    for number in range(most, 0, -1):
        for old in logs.glob(f"app.log.{number}*"):
            old.rename(logs / old.name.replace(f".{number}", f".{number + 1}"))
    if not log.exists():
        return
    if is_copied:
        (logs / "app.log.1").write_bytes(log.read_bytes())
        os.truncate(log, 0)
    else:
        log.rename(logs / "app.log.1")
    if pack:
        plain = logs / "app.log.1"
        (logs / f"app.log.1{pack}").write_bytes(PACKED[pack](plain.read_bytes()))
        plain.unlink()


def test_traces_of_a_run_cut_short_between_two_tables_are_there_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = b"".join(KINDS["collector.jsonl"][:6])
    log = Growing("collector.jsonl", text * 2, [len(text)])
    path = log.write(tmp_path, 0)
    append = Store.append

    def cut_short(self: Store, name: str, parts: list[Part], transactions: dict[str, int] | None = None) -> None:
        if name == "source":
            raise KeyboardInterrupt
        append(self, name, parts, transactions)

    with monkeypatch.context() as patch:
        patch.setattr(Store, "append", cut_short)
        with pytest.raises(KeyboardInterrupt):
            ingested(tmp_path, path)
    log.write(tmp_path, 1)
    assert content(ingested(tmp_path, path)[0]) == content(ingested(tmp_path / "whole", path)[0])


def test_traces_on_which_reading_fails_are_read_on_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = Growing("collector.jsonl", b"".join(KINDS["collector.jsonl"]) * 9, []).write(tmp_path, 0)
    as_found = files._as_found

    def failing(file: Any, left: int, block_bytes: int) -> Any:
        blocks = as_found(file, left, block_bytes)
        block = next(blocks)
        for _ in range(3):
            block = blocks.send((yield block))
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(files, "BLOCK_BYTES", 1000)
        patch.setattr(files, "_as_found", failing)
        _, reports = ingested(tmp_path, path)
    assert [(report.skipped, report.bytes_accounted) for report in reports] == [("Input/output error", 3000)]
    assert content(ingested(tmp_path, path)[0]) == content(ingested(tmp_path / "whole", path)[0])
