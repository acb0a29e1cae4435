"""What paths stand for, and files that are not what they seem."""

from __future__ import annotations

import gzip
import os
import socket
import threading
from pathlib import Path

import pytest

from telemap.sources import files
from telemap.sources.files import FileSource, Skip, Stream, find_sources

LINE = b"2026-01-02T03:04:05.000Z INFO all is well\n"


def found(*paths: Path | str) -> dict[str, str | None]:
    """The last part of the name of what is found, with the reason if it cannot be read."""
    return {
        os.path.basename(source.uri): source.reason if isinstance(source, Skip) else None
        for source in find_sources([str(path) for path in paths])
    }


def only(path: Path) -> FileSource:
    (source,) = find_sources([str(path)])
    assert isinstance(source, FileSource)
    return source


def text(source: FileSource | Stream) -> bytes:
    return b"".join(source.blocks(0))


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "app.log"
    path.write_bytes(LINE * 1000)
    return path


def test_a_file_is_known_by_what_is_in_it_not_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "plain.gz").write_bytes(LINE)
    (tmp_path / "packed.log").write_bytes(gzip.compress(LINE))
    plain, packed = only(tmp_path / "plain.gz"), only(tmp_path / "packed.log")
    assert (plain.is_packed, text(plain)) == (False, LINE)
    assert (packed.is_packed, text(packed)) == (True, LINE)
    assert plain.fingerprint(1024) == packed.fingerprint(1024)


def test_padding_around_the_text_of_a_file_is_not_of_it(tmp_path: Path) -> None:
    path = tmp_path / "app.log"
    path.write_bytes(bytes(5000) + LINE * 3 + bytes(100_000))
    source = only(path)
    assert (source.size_bytes, text(source), source.head) == (3 * len(LINE), LINE * 3, LINE * 3)
    assert b"".join(source.blocks(len(LINE))) == LINE * 2
    path.write_bytes(bytes(5000))
    assert (only(path).size_bytes, text(only(path))) == (0, b"")


def test_zeros_of_what_is_no_text_are_of_it(tmp_path: Path) -> None:
    path, data = tmp_path / "app.log", b"\0\0\1\x02" + bytes(range(1, 32)) * 20 + b"\0\0\0"
    path.write_bytes(data)
    assert (only(path).size_bytes, text(only(path))) == (len(data), data)


def test_whether_a_text_reaches_a_place(tmp_path: Path, log: Path) -> None:
    packed = tmp_path / "app.log.gz"
    packed.write_bytes(gzip.compress(log.read_bytes()))
    damaged = tmp_path / "damaged.log.gz"
    damaged.write_bytes(packed.read_bytes()[:-20])
    size = log.stat().st_size
    assert [only(path).reaches(place) for path in (log, packed) for place in (0, 1, size, size + 1)] == [
        True,
        True,
        True,
        False,
    ] * 2
    assert not only(damaged).reaches(size + 1)


def test_a_file_that_grows_is_read_up_to_where_it_was_found(log: Path) -> None:
    source = only(log)
    with log.open("ab") as file:
        file.write(LINE)
    assert text(source) == LINE * 1000


def test_a_file_that_is_truncated_while_it_is_read_gives_what_there_was(
    log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "BLOCK_BYTES", 1000)
    blocks = only(log).blocks(0)
    assert next(blocks) == (LINE * 1000)[:1000]
    os.truncate(log, 0)
    with pytest.raises(OSError, match="became shorter while it was read"):
        next(blocks)


def test_a_file_that_is_renamed_or_removed_while_it_is_read_is_read_to_its_end(
    log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "BLOCK_BYTES", 1000)
    blocks = only(log).blocks(0)
    first = next(blocks)
    log.rename(log.with_suffix(".1"))
    log.write_bytes(b"another\n" * 9000)
    log.with_suffix(".1").unlink()
    assert first + b"".join(blocks) == LINE * 1000


def test_a_file_that_is_replaced_between_finding_and_reading_is_not_taken_for_what_was_found(log: Path) -> None:
    source = only(log)
    log.rename(log.with_suffix(".1"))
    log.write_bytes(b"another\n" * 9000)
    with pytest.raises(OSError, match="another file took its place"):
        text(source)


def test_what_comes_before_a_failure_is_handed_out(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Failing:
        """A file on a disk with a bad sector, which begins after 700 bytes."""

        def __init__(self, path: Path) -> None:
            self.file = path.open("rb", buffering=0)

        def __enter__(self) -> Failing:
            return self

        def __exit__(self, *exc: object) -> None:
            self.file.close()

        def fileno(self) -> int:
            return self.file.fileno()

        def seek(self, place: int, whence: int = os.SEEK_SET) -> int:
            return self.file.seek(place, whence)

        def read(self, size: int) -> bytes:
            if self.file.tell() >= 700:
                raise OSError(5, "Input/output error")
            return self.file.read(min(size, 700 - self.file.tell()))

    source = only(log)
    monkeypatch.setattr(files, "_opened", Failing)
    blocks = source.blocks(0)
    assert next(blocks) == (LINE * 1000)[:700]
    with pytest.raises(OSError, match="Input/output error"):
        next(blocks)


def test_named_pipes_are_read_if_named_and_never_waited_for_in_a_folder(tmp_path: Path, log: Path) -> None:
    pipe = tmp_path / "pipe.log"
    os.mkfifo(pipe)
    reason = "a named pipe; it is read only if given by its name"
    assert found(tmp_path, tmp_path / "p*.log") == {"app.log": None, "pipe.log": reason}
    writer = threading.Thread(target=lambda: pipe.write_bytes(gzip.compress(LINE * 9000)))
    writer.start()
    (source,) = find_sources([str(pipe)])
    assert isinstance(source, Stream)
    assert text(source) == LINE * 9000
    writer.join()


def test_sockets_and_devices_are_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # the name of a socket must be short
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind("a.log")
        reason = "a socket or a device, not a file"
        assert found(".", "/dev/zero", "/dev/null") == {"a.log": reason, "zero": reason, "null": reason}


def test_links_to_files_are_followed_once_and_links_to_folders_only_if_given(tmp_path: Path) -> None:
    logs, other = tmp_path / "logs", tmp_path / "other"
    logs.mkdir()
    other.mkdir()
    (logs / "b.log").write_bytes(LINE)
    (other / "c.log").write_bytes(LINE)
    (logs / "a.log").symlink_to("b.log")
    (logs / "hard.log").hardlink_to(logs / "b.log")
    (logs / "linked.log").symlink_to(other / "c.log")
    (logs / "loop.log").symlink_to("loop.log")
    (logs / "gone.log").symlink_to("nowhere")
    (logs / "up").symlink_to(tmp_path)
    (logs / "sub").symlink_to(other)
    (tmp_path / "given").symlink_to(logs)
    expected = {
        "a.log": None,
        "gone.log": "No such file or directory",
        "linked.log": None,
        "loop.log": "Too many levels of symbolic links",
    }
    assert found(logs) == found(tmp_path / "given") == found(logs, logs / "b.log", other) == expected


def test_names_that_are_no_plain_text_are_shown_with_escapes(tmp_path: Path) -> None:
    for name in (b"new\nline.log", b"caf\xe9.log", "über✅ all.log".encode(), b"x" * 251 + b".log"):
        Path(os.fsdecode(os.path.join(os.fsencode(tmp_path), name))).write_bytes(LINE)
    assert found(tmp_path) == dict.fromkeys(("caf\\xe9.log", "new\\nline.log", "x" * 251 + ".log", "über✅ all.log"))
    assert found("x" * 300, "nul\0.log", "caf\udce9") == {
        "x" * 300: "File name too long",
        "nul\\x00.log": "embedded null byte",
        "caf\\xe9": "No such file or directory",
    }


def test_archives_of_many_files_are_told(tmp_path: Path) -> None:
    (tmp_path / "logs.zip").write_bytes(b"PK\3\4" + bytes(100))
    assert found(tmp_path / "logs.zip") == {
        "logs.zip": "a zip archive; unpack it (unzip FILE), then ingest what was in it"
    }


def test_a_folder_is_read_as_it_is_asked_for(tmp_path: Path) -> None:
    for number in range(100):
        (tmp_path / f"{number:02}.log").write_bytes(LINE)
    sources = find_sources([str(tmp_path)])
    first = next(sources)
    for number in range(1, 99):
        (tmp_path / f"{number:02}.log").unlink()
    rest = list(sources)
    assert os.path.basename(first.uri) == "00.log"
    assert [source.uri for source in rest if isinstance(source, FileSource)] == [str(tmp_path / "99.log")]
    assert {source.reason for source in rest if isinstance(source, Skip)} == {"No such file or directory"}


@pytest.mark.parametrize("suffix", ["log", "gz"])
def test_what_a_reader_sends_back_comes_again_before_what_follows(
    tmp_path: Path, suffix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "BLOCK_BYTES", 10)
    path = tmp_path / f"a.{suffix}"
    text = bytes(range(40, 75))
    path.write_bytes(gzip.compress(text) if suffix == "gz" else text)
    blocks = only(path).blocks(0)
    assert next(blocks) == text[:10]
    assert blocks.send(10) == text[:20]  # nothing of it was used
    assert blocks.send(3) == text[17:30]
    assert next(blocks) == text[30:]
    with pytest.raises(StopIteration):
        blocks.send(2)


def test_a_glob_that_matches_folders_only_says_so(tmp_path: Path) -> None:
    (tmp_path / "2026-01").mkdir()
    pattern = str(tmp_path / "2026-*")
    reason = "only folders match; give the folders themselves, or PATTERN/**/*.log"
    assert list(find_sources([pattern])) == [Skip(pattern, reason)]
