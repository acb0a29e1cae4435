"""Which source a file is, through rotations."""

from __future__ import annotations

import gzip
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from telemap.sources.files import FileSource, find_sources
from telemap.sources.identity import Identity, Known

LINE = b"2026-01-02T03:04:05.%03dZ INFO all is well\n"


def lines(first: int, last: int) -> bytes:
    return b"".join(LINE % number for number in range(first, last))


class Runs:
    """Ingests of a folder one after the other, as far as identity goes: every file is read to its end."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.rows: list[dict[str, Any]] = []

    def run(self, *paths: Path) -> dict[str, Identity]:
        """Who every file is."""
        known, found = Known(self.rows), {}
        for source in find_sources([str(path) for path in paths or (self.folder,)]):
            assert isinstance(source, FileSource)
            found[os.path.basename(source.uri)] = identity = known.find(source)
            if not identity.is_unchanged:
                self.rows.append(self.row(source, identity))
        return found

    def row(self, source: FileSource, identity: Identity) -> dict[str, Any]:
        """What the store notes."""
        length = len(source.head)
        return {
            "source_id": identity.source_id,
            "revision": len(self.rows),
            "uri": source.uri,
            "device": source.device,
            "inode": source.inode,
            "fingerprint": source.fingerprint(length),
            "fingerprint_bytes": length,
            "generation": identity.generation,
            "size_bytes": source.size_bytes,
            "modified_unix_nano": source.modified_unix_nano,
            "read_bytes": sum(map(len, source.blocks(0))),
        }


@pytest.fixture
def runs(tmp_path: Path) -> Runs:
    return Runs(tmp_path)


def test_a_renamed_file_is_unchanged_and_its_successor_new(runs: Runs) -> None:
    log = runs.folder / "app.log"
    log.write_bytes(lines(0, 100))
    first = runs.run()["app.log"]
    log.rename(runs.folder / "app.log.1")
    log.write_bytes(lines(100, 200))
    found = runs.run()
    assert (found["app.log.1"].source_id, found["app.log.1"].is_unchanged) == (first.source_id, True)
    assert found["app.log"].before is None


def test_an_emptied_file_is_a_new_generation_and_its_copy_goes_on(runs: Runs) -> None:
    log = runs.folder / "app.log"
    log.write_bytes(lines(0, 100))
    first = runs.run()["app.log"]
    with log.open("ab") as file:
        file.write(lines(100, 120))
    shutil.copy(log, runs.folder / "app.log-20260102")
    with log.open("r+b") as file:
        file.truncate()
        file.write(lines(200, 300))
    found = runs.run()
    moved, emptied = found["app.log-20260102"], found["app.log"]
    assert (moved.source_id, moved.is_unchanged, moved.before) == (first.source_id, False, runs.rows[0])
    assert (emptied.generation, emptied.before) == (1, None)
    assert all(identity.is_unchanged for identity in runs.run().values())


@pytest.mark.parametrize("count", [3, 100])
def test_a_rotated_file_that_was_packed_goes_on(count: int, runs: Runs) -> None:
    log, packed = runs.folder / "app.log", runs.folder / "app.log.2.gz"
    log.write_bytes(lines(0, count))
    first = runs.run()["app.log"]
    packed.write_bytes(gzip.compress(log.read_bytes()))
    inode = log.stat().st_ino
    log.unlink()
    moved = runs.run()["app.log.2.gz"]
    assert (moved.source_id, moved.is_unchanged, moved.before) == (first.source_id, False, runs.rows[0])
    assert runs.run()["app.log.2.gz"].is_unchanged
    # Its old inode is free for another file, which must not get its id.
    runs.rows.append(runs.rows[-1] | {"inode": str(inode), "revision": -1})
    log.write_bytes(lines(500, 600))
    fresh = runs.run()["app.log"]
    assert (fresh.before, fresh.source_id != first.source_id) == (None, True)


def test_a_packed_file_that_lacks_some_of_what_was_read_is_new(runs: Runs) -> None:
    log = runs.folder / "app.log"
    log.write_bytes(lines(0, 100))
    runs.run()
    (runs.folder / "app.log.1.gz").write_bytes(gzip.compress(lines(0, 99)))
    log.unlink()
    assert runs.run()["app.log.1.gz"].before is None


def test_a_copy_beside_its_original_is_another_source(runs: Runs) -> None:
    (runs.folder / "app.log").write_bytes(lines(0, 100))
    runs.run()
    (runs.folder / "app.log.gz").write_bytes(gzip.compress(lines(0, 100)))
    assert runs.run()["app.log.gz"].before is None
    assert all(identity.is_unchanged for identity in runs.run().values())


def test_equal_logs_of_other_names_or_folders_are_other_sources(runs: Runs) -> None:
    for place in ("one", "two", "three"):
        (runs.folder / place).mkdir()
    (runs.folder / "one" / "app.log").write_bytes(lines(0, 100))
    runs.run(runs.folder / "one")
    (runs.folder / "one" / "other.log.1").write_bytes(lines(0, 100))
    (runs.folder / "two" / "app.log.1").write_bytes(lines(0, 100))
    (runs.folder / "three" / "app.log").write_bytes(lines(0, 100))
    later = [runs.folder / "one" / "other.log.1", runs.folder / "two", runs.folder / "three"]
    assert [identity.before for path in later for identity in runs.run(path).values()] == [None] * 3


def test_of_two_sources_that_begin_alike_none_is_guessed(runs: Runs) -> None:
    log = runs.folder / "app.log"
    for number in range(2):
        log.write_bytes(lines(0, 100))
        runs.run()
        log.rename(runs.folder / f"kept-{number}")
    (runs.folder / "app.log.1.gz").write_bytes(gzip.compress(lines(0, 100)))
    assert runs.run(runs.folder / "app.log.1.gz")["app.log.1.gz"].before is None


def test_a_preallocated_file_grows_with_what_is_written_into_it(runs: Runs) -> None:
    log = runs.folder / "app.log"
    log.write_bytes(lines(0, 50) + bytes(10_000))
    first = runs.run()["app.log"]
    assert runs.run()["app.log"].is_unchanged
    log.write_bytes(lines(0, 60) + bytes(9_000))
    grown = runs.run()["app.log"]
    assert (grown.source_id, grown.is_unchanged, grown.before) == (first.source_id, False, runs.rows[0])
