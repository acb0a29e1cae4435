"""Where bytes come from: files, folders, globs and standard input, compressed or not."""

from __future__ import annotations

import bz2
import glob
import gzip
import hashlib
import os
import sys
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

import pyarrow as pa

BLOCK_BYTES = 10 * 2**20
FINGERPRINT_BYTES = 1024
LOG_SUFFIXES = (".log", ".txt", ".jsonl", ".ndjson", ".out", ".err")
PACKED_SUFFIXES = (".gz", ".bz2", ".zst")
PIECE_BYTES = 2**16  # of an archive at a time, so that a damage costs no more than this
STANDARD_INPUT = "-"


@dataclass(frozen=True, slots=True)
class Skip:
    """Something given that cannot be read, and why."""

    uri: str
    reason: str


@dataclass(frozen=True, slots=True)
class FileSource:
    """A file to read, named as it was given, with what tells it from others even after a rename."""

    uri: str
    path: Path
    device: str
    inode: str
    size_bytes: int

    def fingerprint(self, length: int) -> str:
        """A hash of the first ``length`` bytes as they lie in the file."""
        with self.path.open("rb") as file:
            return hashlib.blake2b(file.read(length), digest_size=16).hexdigest()

    def blocks(self, start: int) -> Iterator[bytes]:
        """The decompressed bytes from ``start`` on, in blocks.

        Raises:
            OSError: reading failed; a truncated or damaged archive is one, after all that could be read.
        """
        with _opened(self.path) as file:
            file.seek(start)
            while block := file.read(BLOCK_BYTES):
                yield block


@dataclass(frozen=True, slots=True)
class StandardInput:
    """What is piped in; it has no identity, so every run of it is a new source."""

    uri: str = STANDARD_INPUT

    def blocks(self, start: int) -> Iterator[bytes]:
        """Blocks as they come, until the writer closes."""
        assert start == 0
        while block := sys.stdin.buffer.read(BLOCK_BYTES):
            yield block


Source = FileSource | StandardInput


class _Archive:
    """Reads an archive as far as it goes: what was unpacked before a damage is not lost with it."""

    def __init__(self, file: IO[bytes]) -> None:
        # One unpacked piece at a time where that is to be had: `read` keeps back what comes before a damage.
        self._read = getattr(file, "read1", file.read)
        self._file = file
        self._error: Exception | None = None

    def __enter__(self) -> _Archive:
        return self

    def __exit__(self, *exc: object) -> None:
        self._file.close()

    def seek(self, place: int) -> None:
        while place > 0 and (skipped := len(self.read(min(place, BLOCK_BYTES)))):
            place -= skipped

    def read(self, size: int) -> bytes:
        if self._error is not None:
            raise self._error
        parts: list[bytes] = []
        wanted = size
        while wanted:
            try:
                part = self._read(min(wanted, PIECE_BYTES))
            except (EOFError, OSError, zlib.error) as error:
                self._error = OSError(f"damaged or truncated archive: {error}")
                if not parts:
                    raise self._error from error
                break
            if not part:
                break
            parts.append(part)
            wanted -= len(part)
        return b"".join(parts)


def _opened(path: Path) -> IO[bytes] | _Archive:
    if path.suffix == ".gz":
        return _Archive(cast("IO[bytes]", gzip.open(path)))
    if path.suffix == ".bz2":
        return _Archive(bz2.open(path))
    if path.suffix == ".zst":
        return _Archive(pa.CompressedInputStream(pa.OSFile(str(path)), "zstd"))
    return path.open("rb")


def find_sources(paths: Sequence[str]) -> Iterator[Source | Skip]:
    """What ``paths`` (files, folders, globs, ``-``) stand for, each file once, in the order given."""
    seen: set[tuple[str, str]] = set()
    for given in paths:
        for found in _expand(given):
            if isinstance(found, FileSource):
                if (found.device, found.inode) in seen:
                    continue
                seen.add((found.device, found.inode))
            yield found


def _expand(given: str) -> Iterator[Source | Skip]:
    if given == STANDARD_INPUT:
        yield StandardInput()
        return
    path = Path(given)
    if os.path.isdir(path):  # Path.is_dir raises where a folder above may not be entered
        found = list(_logs_below(path))
        yield from found or [
            Skip(given, f"no logs in this folder (looked for *{', *'.join(LOG_SUFFIXES)}, plain or packed)")
        ]
    elif glob.has_magic(given) and not os.path.exists(path):
        names = sorted(glob.glob(given, recursive=True))
        if not names:
            yield Skip(given, "no file matches")
        for name in names:
            if not os.path.isdir(name):
                yield _source(Path(name))
    else:
        yield _source(path)


def _logs_below(folder: Path) -> Iterator[Source | Skip]:
    closed: list[OSError] = []
    for base, folders, names in os.walk(folder, onerror=closed.append):
        folders[:] = sorted(f for f in folders if not f.startswith("."))
        for name in sorted(names):
            if _looks_like_a_log(name):
                yield _source(Path(base) / name)
    for error in closed:
        yield Skip(str(error.filename), error.strerror or str(error))


def _looks_like_a_log(name: str) -> bool:
    stem, suffix = os.path.splitext(name)
    if suffix in PACKED_SUFFIXES:
        stem, suffix = os.path.splitext(stem)
    return not name.startswith(".") and (suffix in LOG_SUFFIXES or ".log." in name)


def _source(path: Path) -> Source | Skip:
    try:
        stat = path.stat()
        if path.is_dir():
            return Skip(str(path), "a folder, not a file")
        if not path.is_file():
            return Skip(str(path), "not a regular file")
        with path.open("rb"):
            pass
    except OSError as error:
        return Skip(str(path), error.strerror or str(error))
    return FileSource(str(path), path, str(stat.st_dev), str(stat.st_ino), stat.st_size)
