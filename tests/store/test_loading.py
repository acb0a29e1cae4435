"""Nothing lost, nothing twice: repeats, growth, cut-short runs, and input that is no log."""

from __future__ import annotations

import bz2
import gzip
import os
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest
from deltalake import write_deltalake
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from telemap.errors import TelemapError
from telemap.model.tables import SOURCE
from telemap.records import lines
from telemap.records.format_files import bundled_formats
from telemap.sources import files
from telemap.store import writing
from telemap.store.loading import Ingest, ingest, totals
from telemap.store.parts import Part
from telemap.store.store import MARKER, Store
from tests.builders import ConductorLog, content, ingested, spans


def page(runs: int = 3) -> bytes:
    """A log with all that is awkward at the edges: late handlers, stacks, untimed and multi-line records."""
    log = ConductorLog()
    log.raw("Navigated to http://localhost:8080/")
    for number in range(runs):
        log.run("Cart Add", f"cart-{number}", price="priceItem", show="showItem")
        log.changed("Cart Add", "price", f"cart-{number}")
        log.say("[vite] TypeError: circular structure")
        log.raw("    --> starting at object")
        log.raw("")
        log.raw("    at JSON.stringify (<anonymous>)")
        log.request("Late")
        log.begin("Late", f"late-{number}")
        log.begin_beat(1, "load", "Late")
        log.call("load")
        log.resolve("load")
        log.settle("load")
        log.end_beat(1, "load", 9)
        log.end("Late")
        log.say("unrelated 🎼 text")
        log.baton("Late", "load", "loadAll", f"late-{number}")
    return log.text


def test_the_records_tile_the_file(tmp_path: Path) -> None:
    path = tmp_path / "page.log"
    path.write_bytes(b"\n\n" + page() + b"\n")
    store, reports = ingested(tmp_path, path)
    rows = store.rows("SELECT byte_offset, byte_length FROM record ORDER BY byte_offset")
    place = 0
    for row in rows:
        assert row["byte_offset"] == place
        place += row["byte_length"]
    assert place == path.stat().st_size == reports[0].bytes == reports[0].bytes_accounted
    assert reports[0].lines == path.read_bytes().count(b"\n")


def test_a_repeated_ingest_adds_nothing(tmp_path: Path) -> None:
    path = tmp_path / "page.log"
    path.write_bytes(page())
    store, first = ingested(tmp_path, path)
    before = content(store)
    store, second = ingested(tmp_path, path)
    assert content(store) == before
    assert second == first


def test_a_renamed_file_is_still_itself(tmp_path: Path) -> None:
    path = tmp_path / "page.log"
    path.write_bytes(page())
    ingested(tmp_path, path)
    path.rename(tmp_path / "page.log.1")
    store, reports = ingested(tmp_path, tmp_path / "page.log.1")
    assert [report.source for report in reports] == [str(tmp_path / "page.log.1")]
    assert len(store.rows("SELECT * FROM source")) == 1


def test_a_file_whose_format_shows_only_when_it_has_grown_is_read_like_a_whole_one(tmp_path: Path) -> None:
    log = ConductorLog()
    log.request("Late")
    log.begin("Late", "late-1")
    for number, event in ((1, "load"), (2, "show")):
        log.begin_beat(number, event, "Late")
        log.call(event)
        log.resolve(event)
        log.settle(event)
        log.end_beat(number, event, 9)
    log.baton("Late", "load", "loadAll")
    log.baton("Late", "show", "showAll")
    path, whole = tmp_path / "page.log", tmp_path / "whole"
    whole.mkdir()
    path.write_bytes(log.text[:1])
    ingested(tmp_path, path)
    path.write_bytes(log.text)
    grown, _ = ingested(tmp_path, path)
    assert [row[0] for row in spans(grown, "handler", "inferred_by")] == [None, "after-predecessor"]
    assert content(grown) == content(ingested(whole, path)[0])


def test_a_file_read_with_a_format_that_is_gone_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "page.log"
    path.write_bytes(page(40))
    before = content(ingested(tmp_path, path)[0])
    with path.open("ab") as file:
        file.write(page(1))
    store = Store(tmp_path / "store")
    reports = ingest(store, [str(path)], Ingest(()))
    assert [report.skipped for report in reports] == [
        "was read with the log format 'musical-conductor', which is not known here"
    ]
    assert content(store) == before


def test_a_truncated_file_is_a_new_generation(tmp_path: Path) -> None:
    path = tmp_path / "page.log"
    path.write_bytes(page(4))
    ingested(tmp_path, path)
    path.write_bytes(page(1))
    store, _ = ingested(tmp_path, path)
    assert [row["record_count"] for row in store.rows("SELECT record_count FROM source ORDER BY record_count")] == [
        len(page_records(page(1))),
        len(page_records(page(4))),
    ]


def page_records(text: bytes) -> list[bytes]:
    return [line for line in text.split(b"\n") if line and not line.startswith(b"    ")]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    cuts=st.lists(st.integers(min_value=1, max_value=len(page(2)) - 1), max_size=8),
    block=st.sampled_from([97, 4096, 2**24]),
)
def test_a_file_ingested_as_it_grows_says_the_same_as_in_one_go(
    cuts: list[int], block: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    text, folder = page(2), tmp_path_factory.mktemp("grow")
    path, whole = folder / "page.log", folder / "whole"
    whole.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(files, "BLOCK_BYTES", block)
        for place in [*sorted(set(cuts)), len(text)]:
            path.write_bytes(text[:place])
            grown, _ = ingested(folder, path)
    at_once, _ = ingested(whole, path)
    assert content(grown) == content(at_once)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    begin=st.integers(min_value=0, max_value=page(2).count(b"\n") - 1),
    cuts=st.lists(st.integers(min_value=1, max_value=len(page(2)) - 1), max_size=6),
    block=st.sampled_from([97, 1000, 2**24]),
)
def test_a_file_that_begins_in_the_middle_of_a_run_says_the_same_however_it_is_cut(
    begin: int, cuts: list[int], block: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    text, folder = page(2).split(b"\n", begin)[begin], tmp_path_factory.mktemp("middle")
    path, whole = folder / "page.log", folder / "whole"
    whole.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(files, "BLOCK_BYTES", block)
        patch.setattr("telemap.records.detection.SAMPLE_BYTES", 1)  # else nothing of so short a file is settled
        for place in [*sorted({cut for cut in cuts if cut < len(text)}), len(text)]:
            path.write_bytes(text[:place])
            grown, _ = ingested(folder, path, log_format="musical-conductor")
    at_once, _ = ingested(whole, path, log_format="musical-conductor")
    assert content(grown) == content(at_once)


def test_a_run_cut_short_between_two_tables_is_made_good(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "page.log"
    path.write_bytes(page(2))
    whole = tmp_path / "whole"
    whole.mkdir()
    expected = content(ingested(whole, path)[0])
    written: list[str] = []
    append = Store.append

    def cut_short(self: Store, name: str, parts: list[Part], transactions: dict[str, int] | None = None) -> None:
        if written:
            raise KeyboardInterrupt
        written.append(name)
        append(self, name, parts, transactions)

    with monkeypatch.context() as patch:
        patch.setattr(Store, "append", cut_short)
        with pytest.raises(KeyboardInterrupt):
            ingested(tmp_path, path)
    assert written == ["record"]
    assert content(ingested(tmp_path, path)[0]) == expected


def test_a_run_cut_short_between_two_commits_goes_on_where_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "page.log"
    path.write_bytes(page(600))
    whole = tmp_path / "whole"
    whole.mkdir()
    expected = content(ingested(whole, path)[0])
    commit, commits = writing.Writer.commit, []

    def only_twice(self: writing.Writer) -> None:
        if len(commits) == 2:
            raise KeyboardInterrupt
        commits.append(1)
        commit(self)

    with monkeypatch.context() as patch:
        patch.setattr(files, "BLOCK_BYTES", 70_000)
        patch.setattr(writing, "ROWS_A_GROUP", 10)
        patch.setattr(writing, "ROWS_A_COMMIT", 30)
        patch.setattr(writing.Writer, "commit", only_twice)
        with pytest.raises(KeyboardInterrupt):
            ingested(tmp_path, path)
    partly = Store(tmp_path / "store").rows("SELECT count(*) AS records FROM record")[0]["records"]
    assert 0 < partly < len(expected["record"])
    assert content(ingested(tmp_path, path)[0]) == expected


def test_a_file_that_grew_after_a_run_cut_short_is_made_good(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "page.log"
    text = page(3)
    path.write_bytes(text[: len(text) // 2])
    append = Store.append

    def without_source(self: Store, name: str, parts: list[Part], transactions: dict[str, int] | None = None) -> None:
        if name == "source":
            raise KeyboardInterrupt
        append(self, name, parts, transactions)

    with monkeypatch.context() as patch:
        patch.setattr(Store, "append", without_source)
        with pytest.raises(KeyboardInterrupt):
            ingested(tmp_path, path)
    path.write_bytes(text)
    whole = tmp_path / "whole"
    whole.mkdir()
    assert content(ingested(tmp_path, path)[0]) == content(ingested(whole, path)[0])


def test_small_commits_and_forgotten_texts_change_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "page.log"
    path.write_bytes(page(4))
    whole = tmp_path / "whole"
    whole.mkdir()
    expected = content(ingested(whole, path)[0])
    monkeypatch.setattr(files, "BLOCK_BYTES", 2000)
    monkeypatch.setattr(writing, "ROWS_A_GROUP", 10)
    monkeypatch.setattr(writing, "ROWS_A_COMMIT", 30)
    monkeypatch.setattr("telemap.store.session.MOST_TEXTS", 20)
    monkeypatch.setattr(lines, "AVERAGE_LINE_BYTES", 100_000)
    assert content(ingested(tmp_path, path)[0]) == expected


@pytest.mark.parametrize("suffix", [".gz", ".bz2", ".zst"])
def test_a_packed_file_says_what_the_plain_one_says(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"page.log{suffix}"
    packers = {".gz": gzip.compress, ".bz2": bz2.compress, ".zst": zstd}
    path.write_bytes(packers[suffix](page()))
    plain = tmp_path / "plain"
    plain.mkdir()
    (plain / "page.log").write_bytes(page())
    packed = content(ingested(tmp_path, path)[0])
    expected = content(ingested(plain, plain / "page.log")[0])
    assert (packed["record"], packed["span"]) == (expected["record"], expected["span"])


def zstd(text: bytes) -> bytes:
    return bytes(pa.compress(text, "zstd", asbytes=True))


@pytest.mark.parametrize(("suffix", "pack"), [(".gz", gzip.compress), (".bz2", bz2.compress), (".zst", zstd)])
def test_a_truncated_archive_gives_what_can_be_read_and_says_so(
    suffix: str, pack: Callable[[bytes], bytes], tmp_path: Path
) -> None:
    path = tmp_path / f"page.log{suffix}"
    packed = pack(page(4000))
    path.write_bytes(packed[: len(packed) * 9 // 10])
    _, reports = ingested(tmp_path, path)
    assert reports[0].skipped is not None
    assert reports[0].skipped.startswith("damaged or truncated archive")
    assert reports[0].bytes_accounted > len(page(4000)) * 7 // 10


def test_what_cannot_be_read_is_told_and_the_rest_is_ingested(tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    logs.mkdir()
    (logs / "a.log").write_bytes(page())
    (logs / "binary.log").write_bytes(b"\x7fELF\0\0\1")
    (logs / "noise.log").write_bytes(bytes(range(1, 256)) * 3)
    (logs / "empty.log").write_bytes(b"")
    (logs / "notes.md").write_text("no log")
    (tmp_path / "bare").mkdir()
    _, reports = ingested(tmp_path, logs, tmp_path / "gone.log", tmp_path / "bare", str(tmp_path / "*.nothing"))
    told = {Path(report.source).name: report.skipped for report in reports}
    assert told == {
        "a.log": None,
        "binary.log": "binary file",
        "noise.log": "binary file",
        "empty.log": "empty file",
        "gone.log": "No such file or directory",
        "bare": "no logs in this folder (looked for *.log, *.txt, *.jsonl, *.ndjson, *.out, *.err, plain or packed)",
        "*.nothing": "no file matches",
    }
    assert totals(reports)["records"] == len(page_records(page()))


def test_a_file_or_folder_without_permission_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(page())
    path.chmod(0)
    closed = tmp_path / "closed"
    closed.mkdir(0)
    is_superuser = os.geteuid() == 0  # who may read everything
    if is_superuser:
        os.seteuid(65534)
    try:
        found = list(files.find_sources([str(path), str(closed)]))
    finally:
        if is_superuser:
            os.seteuid(0)
    assert found == [files.Skip(str(path), "Permission denied"), files.Skip(str(closed), "Permission denied")]


def test_a_file_of_no_known_format_is_kept_as_unparsed_records(tmp_path: Path) -> None:
    path = tmp_path / "tale.log"
    path.write_bytes(b"once upon a time\n\nthere was a log\n")
    store, reports = ingested(tmp_path, path)
    assert (reports[0].records, reports[0].unparsed_records, reports[0].bytes_accounted) == (2, 2, 34)
    rows = store.rows("SELECT line_number, body, unparsed_reason FROM unparsed ORDER BY line_number")
    assert [tuple(row.values()) for row in rows] == [
        (1, "once upon a time", "no log format fits this file"),
        (3, "there was a log", "no log format fits this file"),
    ]


def test_lines_before_the_first_record_are_unparsed_with_the_reason(tmp_path: Path) -> None:
    path = tmp_path / "page.log"
    path.write_bytes(b"    at lost (frame.ts:1:2)\n" + page())
    store, reports = ingested(tmp_path, path)
    assert reports[0].unparsed_records == 1
    assert store.rows("SELECT line_number, unparsed_reason FROM unparsed") == [
        {"line_number": 1, "unparsed_reason": "no record start above this line"}
    ]


def test_awkward_bytes_stay_in_their_line(tmp_path: Path) -> None:
    log = ConductorLog()
    for text in ("caf\xe9", "a\u2028b", "a\u0085b", "a\rb", "✅ emoji", "\x01\x02"):
        log.say(text)
    raw = log.text.replace("caf\xe9".encode(), b"caf\xe9")
    path = tmp_path / "page.log"
    path.write_bytes(raw)
    store, reports = ingested(tmp_path, path, log_format="musical-conductor")
    assert reports[0].records == 6
    bodies = [row["body"] for row in store.rows("SELECT body FROM record ORDER BY line_number")]
    assert bodies == ["caf\ufffd", "a\u2028b", "a\u0085b", "a\rb", "✅ emoji", "\x01\x02"]


def test_of_a_text_that_is_not_utf8_only_what_is_none_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "latin.log"
    path.write_bytes(b"caf\xe9 1\n\xff\xfe\nplain\n\xe2\x82 half\n")
    store, _ = ingested(tmp_path, path)
    bodies = [row["body"] for row in store.rows("SELECT body FROM record ORDER BY line_number")]
    assert bodies == ["caf\ufffd 1", "\ufffd\ufffd", "plain", "\ufffd half"]


def test_a_line_of_fifty_megabytes_is_one_record(tmp_path: Path) -> None:
    log = ConductorLog()
    log.run("Cart Add", "cart-1", price="priceItem")
    path = tmp_path / "page.log"
    path.write_bytes(log.text + b"Bus.ts:9 2026-01-02T03:05:00.000Z " + b"x1 " * (50 * 2**20 // 3) + b"\n" + log.text)
    store, reports = ingested(tmp_path, path)
    assert reports[0].bytes_accounted == path.stat().st_size
    assert store.rows("SELECT max(byte_length) AS longest FROM record")[0]["longest"] > 50 * 2**20 - 10
    assert len(spans(store, "beat", "beat")) == 2


def test_an_unknown_format_name_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(TelemapError) as told:
        ingested(tmp_path, tmp_path, log_format="klingon")
    assert told.value.slug == "no-format"


def test_standard_input_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = tmp_path / "piped"
    source.write_bytes(page())
    with source.open() as piped:
        monkeypatch.setattr("sys.stdin", piped)
        _, reports = ingested(tmp_path, "-")
    assert (reports[0].source, reports[0].records) == ("-", len(page_records(page())))


def test_the_build_and_service_are_noted(tmp_path: Path) -> None:
    path = tmp_path / "page.log"
    path.write_bytes(page())
    store, _ = ingested(tmp_path, path, build="1.2.3", service="shop")
    assert store.rows("SELECT service_name, service_version FROM source") == [
        {"service_name": "shop", "service_version": "1.2.3"}
    ]
    assert store.rows("SELECT DISTINCT service_version FROM span") == [{"service_version": "1.2.3"}]


@pytest.mark.parametrize(
    ("now", "noted"), [({}, ("1.0", "shop")), ({"build": "2.0", "service": "store"}, ("2.0", "store"))]
)
def test_the_build_and_service_of_a_file_stay_until_others_are_told(
    tmp_path: Path, now: dict[str, str], noted: tuple[str, str]
) -> None:
    path = tmp_path / "page.log"
    path.write_bytes(page(1))
    ingested(tmp_path, path, build="1.0", service="shop")
    renamed = path.rename(tmp_path / "page.1.log")
    for _ in range(2):  # read under another name, then grown
        store, _ = ingested(tmp_path, renamed, **now)
        assert store.rows("SELECT service_version AS v, service_name AS n FROM source") == [
            {"v": noted[0], "n": noted[1]}
        ]
        with renamed.open("ab") as file:
            file.write(page(1))
    builds = store.rows("SELECT DISTINCT service_version AS v FROM span ORDER BY v")
    assert builds == [{"v": noted[0]}]  # all of so short a file is read again with what follows


@pytest.mark.parametrize(("version", "slug"), [(999, "newer-store"), (1, "older-store")])
def test_a_store_of_another_version_is_refused(tmp_path: Path, version: int, slug: str) -> None:
    Store(tmp_path / "store", create=True)
    (tmp_path / "store" / MARKER).write_text(f'{{"storeVersion": {version}}}')
    with pytest.raises(TelemapError) as told:
        Store(tmp_path / "store")
    assert told.value.slug == slug


def test_a_store_from_an_older_version_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    folder, log = tmp_path / "store", tmp_path / "page.log"
    log.write_bytes(page(1))
    later = ("assumed_time_zone", "out_of_order_count", "clock_step_count")  # columns that version 1 did not have
    first = pa.schema([field for field in SOURCE if field.name not in later])
    write_deltalake(folder / "source", pa.table({field.name: pa.nulls(1, field.type) for field in first}))
    (folder / MARKER).write_text('{"storeVersion": 1}\n')
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    for open_store in (lambda: Store(folder), lambda: Store(folder, create=True), lambda: ingested(tmp_path, log)):
        with pytest.raises(TelemapError) as told:
            open_store()
        assert (told.value.slug, told.value.place) == ("older-store", str(folder))
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def test_a_missing_store_says_which_command_makes_one(tmp_path: Path) -> None:
    with pytest.raises(TelemapError) as told:
        Store(tmp_path / "store")
    assert (told.value.slug, told.value.help) == ("no-store", "telemap ingest LOGS makes one")


def test_progress_is_told_in_bytes_and_records_and_tells_what_was_read_before(tmp_path: Path) -> None:
    path = tmp_path / "page.log"
    path.write_bytes(page())
    told: list[tuple[str, int, int]] = []
    store = Store(tmp_path / "store", create=True)
    for _ in range(2):
        ingest(store, [str(path)], Ingest(bundled_formats()), lambda *progress: told.append(progress))
    size, records = path.stat().st_size, len(page_records(page()))
    assert [(uri, size, records) for uri, size, records in told if size] == [
        (str(path), size, records),
        (str(path), size, 0),
    ]


def test_a_line_that_nothing_wraps_has_its_own_place(tmp_path: Path) -> None:
    path = tmp_path / "pod.log"
    wrapper = "2026-01-02T03:04:05.123456789Z stdout F "
    lines = [
        f"{wrapper}Traceback:",
        f"{wrapper}  File 'x'",
        "not of the container",
        f"{wrapper}2026-01-02 03:04:05,678 INFO shop.cart: item 17 added",
    ]
    path.write_text("".join(f"{line}\n" for line in lines))
    store, _ = ingested(tmp_path, path)
    rows = store.rows("SELECT line_number, byte_offset, byte_length FROM record ORDER BY line_number")
    begins = [sum(len(line) + 1 for line in lines[:number]) for number in range(4)]
    assert rows == [
        {"line_number": number, "byte_offset": begin, "byte_length": len(line) + 1}
        for number, (begin, line) in enumerate(zip(begins, lines, strict=True), start=1)
    ]
