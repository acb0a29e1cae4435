"""Sources and stores that misbehave: all that can be read is, the rest is told, and the same command goes on."""

from __future__ import annotations

import codecs
import errno
import gzip
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from deltalake import DeltaTable

from telemap.errors import TelemapError
from telemap.sources import files
from telemap.store import store as stores
from telemap.store import writing
from telemap.store.loading import totals
from telemap.store.parts import Part
from telemap.store.store import MARKER, Store
from tests.builders import ConductorLog, ingested


def page(runs: int = 3) -> bytes:
    log = ConductorLog()
    for number in range(runs):
        log.run("Cart Add", f"cart-{number}", price="priceItem", show="showItem")
        log.changed("Cart Add", "price", f"cart-{number}")
    return log.text


def content(store: Store) -> list[tuple[Any, ...]]:
    """What every record says and where it stands, and every span."""
    with store.connect() as connection:
        records = connection.execute("SELECT line_number, byte_offset, body, unparsed_reason FROM record").fetchall()
        spans = connection.execute("SELECT kind, first_line, last_line, status, duration_ns FROM span").fetchall()
    return sorted(records, key=repr) + sorted(spans, key=repr)


def expected(folder: Path, text: bytes) -> list[tuple[Any, ...]]:
    """What a store says of ``text`` in a file without any trouble."""
    whole = folder / "whole"
    whole.mkdir()
    (whole / "page.log").write_bytes(text)
    return content(ingested(whole, whole / "page.log")[0])


# ---- what is in the file


@pytest.mark.parametrize(
    "wrap",
    [
        lambda text: codecs.BOM_UTF8 + text,
        lambda text: text.decode().encode("utf-16"),
        lambda text: text.decode().encode("utf-16-be"),
        lambda text: text.decode().encode("utf-32"),
        lambda text: gzip.compress(gzip.compress(text)),
        lambda text: bytes(70_000) + text,
        lambda text: text + bytes(70_000),
    ],
    ids=["utf-8 mark", "utf-16 mark", "utf-16-be", "utf-32 mark", "gz of gz", "hole before", "hole after"],
)
def test_a_wrapped_log_says_what_the_plain_one_says_and_grows_like_it(
    wrap: Callable[[bytes], bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "BLOCK_BYTES", 5000)
    text, path = page(20), tmp_path / "page.log"
    for runs in (5, 5, 12, 20):
        path.write_bytes(wrap(page(runs)))
        store, reports = ingested(tmp_path, path)
    assert [(report.skipped, report.bytes, report.bytes_accounted) for report in reports] == [
        (None, len(text), len(text))
    ]
    assert content(store) == expected(tmp_path, text)


def test_a_log_with_nuls_in_it_is_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "page.log"
    text = page(2) + b"Bus.ts:9 2026-01-02T03:04:06.000Z a\0b\n" + bytes(5000) + b"\n" + page(1)
    path.write_bytes(text)
    (tmp_path / "binary.log").write_bytes(Path(sys.executable).read_bytes()[:100_000])
    store, reports = ingested(tmp_path, path, tmp_path / "binary.log")
    assert [(report.skipped, report.bytes_accounted) for report in reports] == [(None, len(text)), ("binary file", 0)]
    assert reports[0].unparsed_records == 0
    (row,) = store.rows("SELECT body FROM record WHERE body LIKE 'a%'")
    assert row["body"].encode() == b"a\0b\n" + bytes(5000)  # a line of padding goes on with the record above it


def test_a_pretty_json_array_is_taken_for_no_log_whatever_its_lines_look_like(tmp_path: Path) -> None:
    path = tmp_path / "array.json"
    path.write_text(json.dumps([{"time": "2026-01-02T03:04:05Z", "msg": f"m{n}"} for n in range(50)], indent=1))
    _, reports = ingested(tmp_path, path)
    assert (reports[0].log_format, reports[0].unparsed_records) == (None, 2)
    assert reports[0].bytes_accounted == path.stat().st_size


def test_a_timestamp_that_says_no_time_is_kept_as_it_was_printed(tmp_path: Path) -> None:
    path = tmp_path / "app.log"
    stamps = [
        "2026-01-02 03:04:05,000",
        "2026-02-30 01:02:03,000",
        "0001-01-01 00:00:00,000",
        "9999-12-31 23:59:59,999",
    ]
    path.write_text("".join(f"{stamp} INFO shop.cart: x\n" for stamp in stamps))
    store, _ = ingested(tmp_path, path)
    rows = store.rows("SELECT time_unix_nano AS at, attributes AS told FROM record ORDER BY line_number")
    assert [(row["at"], row["told"]) for row in rows] == [
        (1767323045000000000, {}),
        *((None, {"timestamp": stamp}) for stamp in stamps[1:]),
    ]


def test_sources_without_number_are_committed_now_and_then(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "SOURCES_A_COMMIT", 3)
    monkeypatch.setattr(writing, "TABLES_WAITING", 1)
    logs = tmp_path / "logs"
    logs.mkdir()
    for number in range(8):
        (logs / f"{number}.log").write_bytes(page(1))
    store, reports = ingested(tmp_path, logs)
    assert [report.bytes_accounted for report in reports] == [len(page(1))] * 8
    assert DeltaTable(tmp_path / "store" / "source").version() == 3
    assert {store.position("record", row["source_id"]) for row in store.rows("SELECT source_id FROM source")} == {-1}


def test_a_file_on_which_reading_fails_is_kept_as_far_as_it_goes_and_read_on_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, other, text = tmp_path / "page.log", tmp_path / "other.log", page(600)
    path.write_bytes(text)
    other.write_bytes(page(1))
    as_found = files._as_found

    def failing(file: Any, left: int, block_bytes: int) -> Iterator[bytes]:
        for block in as_found(file, left, block_bytes):
            yield block
            if len(block) == 50_000:
                raise OSError(errno.EIO, os.strerror(errno.EIO))

    with monkeypatch.context() as patch:
        patch.setattr(files, "BLOCK_BYTES", 50_000)
        patch.setattr(files, "_as_found", failing)
        for _ in range(2):  # the second goes on behind what the first has settled
            _, reports = ingested(tmp_path, path, other)
            assert [report.skipped for report in reports] == ["Input/output error", None]
            assert 0 < reports[0].bytes_accounted < len(text)
    store, reports = ingested(tmp_path, path)
    assert [(report.skipped, report.bytes_accounted) for report in reports] == [(None, len(text))]
    ours = store.rows("SELECT count(*) AS n FROM record JOIN source USING (source_id) WHERE uri = ?", [str(path)])
    assert ours[0]["n"] == reports[0].records == text.count(b"\n")


def test_a_file_that_is_emptied_while_it_is_read_keeps_what_was_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "page.log"
    path.write_bytes(page(40))
    as_found = files._as_found

    def emptied(file: Any, left: int, block_bytes: int) -> Iterator[bytes]:
        for block in as_found(file, left, block_bytes):
            yield block
            os.truncate(path, 0)

    with monkeypatch.context() as patch:
        patch.setattr(files, "BLOCK_BYTES", 20_000)
        patch.setattr(files, "_as_found", emptied)
        _, reports = ingested(tmp_path, path)
    assert [(report.skipped, report.bytes_accounted) for report in reports] == [
        ("became shorter while it was read; ingest again", 20_000)
    ]
    path.write_bytes(page(2))
    store, _ = ingested(tmp_path, path)
    rows = store.rows("SELECT read_bytes FROM source ORDER BY read_bytes")
    assert [row["read_bytes"] for row in rows] == [len(page(2)), 20_000]


@pytest.mark.parametrize("is_copied", [False, True])
def test_nothing_is_read_twice_when_a_log_is_rotated_and_packed(is_copied: bool, tmp_path: Path) -> None:
    logs, text = tmp_path / "logs", page(40)
    logs.mkdir()
    log, packed = logs / "page.log", logs / "page.log.1.gz"
    log.write_bytes(page(10))
    ingested(tmp_path, logs)
    log.write_bytes(text)  # some of it was not read before the rotation
    packed.write_bytes(gzip.compress(text))
    if is_copied:
        os.truncate(log, 0)
    else:
        log.unlink()
    for _ in range(2):
        store, reports = ingested(tmp_path, logs)
    assert totals(reports)["bytes"] == len(text)
    assert content(store) == expected(tmp_path, text)


# ---- the store


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own, of which there is soon nothing left."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = os.geteuid() == 0 and shutil.which("mount")
    if (
        not mounted
        or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", folder], check=False).returncode
    ):
        pytest.skip("no small file system can be mounted here")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)  # Delta may still be putting away what it had open


@pytest.mark.parametrize("free_kb", range(0, 44, 4))
def test_a_full_disk_is_told_and_the_same_command_goes_on_when_there_is_room(
    free_kb: int, small_disk: Path, tmp_path: Path
) -> None:
    first, second = tmp_path / "first.log", tmp_path / "second.log"
    first.write_bytes(page(1))
    second.write_bytes(page(40))
    expected = content(ingested(tmp_path, first, second)[0])
    before = content(ingested(small_disk, first)[0])
    ballast, disk = small_disk / "ballast", os.statvfs(small_disk)
    ballast.write_bytes(bytes(disk.f_bavail * disk.f_frsize - free_kb * 1024))
    # By what is free it is the files of one table or the other that do not fit, or a commit of one of them.
    with pytest.raises(TelemapError) as told:
        ingested(small_disk, first, second)
    assert told.value.slug == "disk-full"
    assert "No space left on device" in (told.value.reason or "")
    ballast.unlink()
    assert set(before) <= set(content(Store(small_disk / "store")))
    store, reports = ingested(small_disk, first, second)
    assert [report.bytes_accounted for report in reports] == [len(page(1)), len(page(40))]
    assert content(store) == expected


def test_a_store_that_may_not_be_written_is_told_before_anything_is_read(small_disk: Path, tmp_path: Path) -> None:
    path = tmp_path / "page.log"
    path.write_bytes(page())
    ingested(small_disk, path)
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    with pytest.raises(TelemapError) as told:
        ingested(small_disk, path)
    assert (told.value.slug, told.value.place) == ("not-writable", str(small_disk / "store"))
    assert "Read-only file system" in (told.value.reason or "")


def test_a_store_that_is_removed_while_it_is_written_is_told_and_not_made_in_part(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "page.log"
    path.write_bytes(page())
    append = Store.append

    def removed(self: Store, name: str, parts: list[Part], transactions: dict[str, int] | None = None) -> None:
        shutil.rmtree(tmp_path / "store", ignore_errors=True)
        append(self, name, parts, transactions)

    with monkeypatch.context() as patch:
        patch.setattr(Store, "append", removed)
        with pytest.raises(TelemapError) as told:
            ingested(tmp_path, path)
    assert told.value.slug == "not-writable"
    assert not (tmp_path / "store").exists()
    assert content(ingested(tmp_path, path)[0]) == expected(tmp_path, page())


def test_files_that_a_killed_run_has_left_are_removed_when_they_are_old(tmp_path: Path) -> None:
    path = tmp_path / "page.log"
    path.write_bytes(page())
    store, _ = ingested(tmp_path, path)
    before = content(store)
    old, young = (tmp_path / "store" / "record" / f"{name}.parquet" for name in ("old", "young"))
    old.write_bytes(b"PAR1")
    young.write_bytes(b"PAR1")
    os.utime(old, (0, time.time() - 2 * 3600))
    path.write_bytes(page(4))
    ingested(tmp_path, path)
    assert (old.exists(), young.exists()) == (False, True)
    assert set(before) - set(content(store)) == set()


def test_while_one_process_writes_another_waits_and_then_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "page.log"
    path.write_bytes(page())
    first, second = (Store(tmp_path / "store", create=True) for _ in range(2))
    monkeypatch.setattr(stores, "MOST_WAITING_SECONDS", 0.3)
    with first.writing(), first.writing(), pytest.raises(TelemapError) as told, second.writing():
        pass
    assert (told.value.slug, told.value.place) == ("store-in-use", str(tmp_path / "store"))
    with second.writing():
        pass


# ---- processes


def start(*arguments: Path | str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "telemap", *map(str, arguments)]
    # What a shell runs in the background ignores Ctrl-C, and so would this where it runs the tests.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    finally:
        signal.signal(signal.SIGINT, before)


def test_two_ingests_of_the_same_logs_at_once_store_them_once(tmp_path: Path) -> None:
    path, text = tmp_path / "page.log", page(60)
    path.write_bytes(text)
    running = [start("ingest", path, "--db", tmp_path / "store") for _ in range(3)]
    said = [process.communicate() for process in running]
    assert [process.returncode for process in running] == [0, 0, 0], said
    assert content(Store(tmp_path / "store")) == expected(tmp_path, text)


@pytest.mark.parametrize(
    ("number", "status", "words"),
    [
        (signal.SIGINT, 130, "interrupted; what was stored is whole, and the same command goes on from there\n"),
        (signal.SIGTERM, 143, ""),
        (signal.SIGKILL, -9, ""),
    ],
)
def test_an_interrupted_ingest_leaves_a_whole_store_and_the_same_command_goes_on(
    number: signal.Signals, status: int, words: str, tmp_path: Path
) -> None:
    paths = [tmp_path / f"{name}.log" for name in range(2)]
    for path in paths:
        path.write_bytes(page(300))
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    ingested(tmp_path, paths[0])
    # The run has the second log in hand when it comes to the pipe, which keeps it waiting.
    process = start("ingest", *paths, pipe, "--db", tmp_path / "store")
    with pipe.open("wb"):
        time.sleep(0.2)
        process.send_signal(number)
        _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (status, words)
    named = {Path(uri).name for uri in DeltaTable(tmp_path / "store" / "record").file_uris()}
    left = {file.name for file in (tmp_path / "store" / "record").glob("*.parquet")} - named
    assert len(left) <= (number == signal.SIGKILL)
    assert len(content(Store(tmp_path / "store"))) == len(expected(tmp_path, page(300)))
    _, reports = ingested(tmp_path, *paths)
    assert [report.bytes_accounted for report in reports] == [len(page(300))] * 2
    assert (tmp_path / "store" / MARKER).exists()
