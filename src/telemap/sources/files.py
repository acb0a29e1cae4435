"""Where bytes come from: files, folders, globs, pipes and standard input, compressed or not."""

from __future__ import annotations

import glob
import hashlib
import os
import re
import stat
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, cast

from telemap.sources.text import Blocks, Readable, is_binary, text_of

BLOCK_BYTES = 10 * 2**20
LOG_SUFFIXES = (".log", ".txt", ".jsonl", ".ndjson", ".out", ".err")
PACKED_SUFFIXES = (".gz", ".bz2", ".zst", ".xz", ".lzma")
PADDING_STEP_BYTES = 4096
STANDARD_INPUT = "-"

# What must not reach a terminal, a table or a column of UTF-8 as it is: controls, and bytes that are no UTF-8.
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Skip:
    """Something given that cannot be read, and why."""

    uri: str
    reason: str


@dataclass(frozen=True, slots=True)
class FileSource:
    """A file to read, with what tells it from others even after a rename; all of it as found on one open file.

    Args:
        uri: its name as it was given, made printable.
        path: where it is.
        device: with the inode, which file it is, whatever its name.
        inode: see there.
        size_bytes: of an archive as it lies there; else of the text, without NUL bytes before and after it, so that
            a preallocated file grows with what is written into it.
        modified_unix_nano: when it was last written.
        lead_bytes: how many bytes are before the text.
        is_packed: whether it is an archive.
        is_decoded: whether its text comes from another encoding, so that places in it are not places in the file.
        head: the first kilobyte of its text, unpacked, in the file's encoding.
    """

    uri: str
    path: Path
    device: str
    inode: str
    size_bytes: int
    modified_unix_nano: int
    lead_bytes: int
    is_packed: bool
    is_decoded: bool
    head: bytes = field(repr=False)

    def fingerprint(self, length: int) -> str:
        """A hash of the first ``length`` bytes of the text, at most a kilobyte, as they were when it was found."""
        return hashlib.blake2b(self.head[:length], digest_size=16).hexdigest()

    def blocks(self, start: int) -> Blocks:
        """The text from ``start`` on, up to where a plain file ended when it was found.

        Raises:
            OSError: reading failed; ``ArchiveError`` is one, after all that could be read.
        """
        return self._blocks(start, BLOCK_BYTES)

    def beginning(self, size_bytes: int) -> bytes:
        """About ``size_bytes`` that the text begins with; all, if it is shorter.

        Raises:
            OSError: as ``blocks``.
        """
        return next(self._blocks(0, size_bytes), b"")

    def _blocks(self, start: int, block_bytes: int) -> Blocks:
        with _opened(self.path) as file:
            if _place(os.fstat(file.fileno())) != (self.device, self.inode):
                raise OSError("another file took its place before it was read; ingest again")
            if self.is_packed or self.is_decoded:
                yield from text_of(file).blocks(start, block_bytes)
            else:
                file.seek(self.lead_bytes + start)
                yield from _as_found(file, self.size_bytes - start, block_bytes)

    def reaches(self, place: int) -> bool:
        """Whether the text is at least ``place`` bytes long; an archive is unpacked up to there to know."""
        try:
            return place == 0 or any(self.blocks(place - 1))
        except OSError:
            return False


@dataclass(frozen=True, slots=True)
class Stream:
    """Standard input or a named pipe; it has no identity, so every run of it is a new source."""

    uri: str = STANDARD_INPUT
    path: Path | None = None

    def blocks(self, start: int) -> Blocks:
        """The text as it comes, until the writer closes."""
        assert start == 0
        if self.path is None:
            yield from _text_blocks(cast(Readable, sys.stdin.buffer))
        else:
            with _opened(self.path) as file:
                yield from _text_blocks(file)


Source = FileSource | Stream


def _opened(path: Path) -> BinaryIO:
    # Unbuffered: a buffer drops the pages that came before one that cannot be read.
    return cast(BinaryIO, path.open("rb", buffering=0))


def _text_blocks(file: Readable) -> Blocks:
    return text_of(file).blocks(0, BLOCK_BYTES)


def _as_found(file: BinaryIO, left: int, block_bytes: int) -> Blocks:
    again = 0
    while left > again:
        # Reading a few bytes twice costs less than copying a block to put them before it.
        file.seek(-again, os.SEEK_CUR)
        block = file.read(min(block_bytes + again, left))
        if len(block) <= again:
            file.read(1)  # if that is a failure of the disk, it is told as such
            raise OSError("became shorter while it was read; ingest again")
        left -= len(block)
        again = (yield block) or 0
        left += again


def find_sources(paths: Sequence[str]) -> Iterator[Source | Skip]:
    """What ``paths`` (files, folders, globs, ``-``) stand for, each file once, in the order given.

    They are found one by one: of a folder only the names are held, and no file stays open.
    """
    seen: set[int] = set()
    for given in paths:
        for found in _expand(given):
            if isinstance(found, FileSource):
                place = int(found.device) << 64 | int(found.inode)  # a third of what a pair of texts takes
                if place in seen:
                    continue
                seen.add(place)
            yield found


def _expand(given: str) -> Iterator[Source | Skip]:
    if given == STANDARD_INPUT:
        yield Stream()
        return
    path = Path(given)
    if os.path.isdir(path):  # Path.is_dir raises where a folder above may not be entered
        yield from _logs_below(given)
    elif glob.has_magic(given) and not os.path.exists(path):
        names = sorted(glob.glob(given, recursive=True))
        if not names:
            yield Skip(_printable(given), "no file matches")
        found = [name for name in names if not os.path.isdir(name)]
        if names and not found:
            yield Skip(_printable(given), "only folders match; give the folders themselves, or PATTERN/**/*.log")
        for name in found:
            yield _source(Path(name), is_named=False)
    else:
        yield _source(path, is_named=True)


def _logs_below(folder: str) -> Iterator[Source | Skip]:
    """The logs in a folder; folders that are links are left alone, so that none is entered twice or for ever."""
    closed: list[OSError] = []
    is_bare = True
    for base, folders, names in os.walk(folder, onerror=closed.append):
        folders[:] = sorted(f for f in folders if not f.startswith("."))
        for name in sorted(names):
            if _looks_like_a_log(name):
                is_bare = False
                yield _source(Path(base, name), is_named=False)
    for error in closed:
        yield Skip(_printable(str(error.filename)), _reason(error))
    if is_bare and not closed:
        looked_for = f"looked for *{', *'.join(LOG_SUFFIXES)}, plain or packed"
        yield Skip(_printable(folder), f"no logs in this folder ({looked_for})")


def _looks_like_a_log(name: str) -> bool:
    stem, suffix = os.path.splitext(name)
    if suffix in PACKED_SUFFIXES:
        stem, suffix = os.path.splitext(stem)
    return not name.startswith(".") and (suffix in LOG_SUFFIXES or ".log." in name or ".log-" in name)


def _source(path: Path, *, is_named: bool) -> Source | Skip:
    uri = _printable(str(path))
    try:
        mode = path.stat().st_mode  # before it is opened: that would wait for a pipe's writer, and wake some devices
        if stat.S_ISREG(mode):
            return _file(path, uri)
    except (OSError, ValueError) as error:
        return Skip(uri, _reason(error))
    if stat.S_ISFIFO(mode):
        return Stream(uri, path) if is_named else Skip(uri, "a named pipe; it is read only if given by its name")
    return Skip(uri, "a socket or a device, not a file")


def _file(path: Path, uri: str) -> FileSource:
    with _opened(path) as file:
        found = os.fstat(file.fileno())
        text = text_of(file)
        size_bytes, head = found.st_size, text.head
        if not text.is_packed:
            end = size_bytes if is_binary(head) else _end_of_text(file, size_bytes)
            size_bytes = max(0, end - text.lead_bytes)
            head = head[:size_bytes]
    return FileSource(
        uri,
        path,
        *_place(found),
        size_bytes,
        found.st_mtime_ns,
        text.lead_bytes,
        text.is_packed,
        text.codec is not None,
        head,
    )


def _end_of_text(file: BinaryIO, end: int) -> int:
    while end > 0:
        start = max(0, end - PADDING_STEP_BYTES)
        file.seek(start)
        if piece := file.read(end - start).rstrip(b"\0"):
            return start + len(piece)
        end = start
    return 0


def _place(found: os.stat_result) -> tuple[str, str]:
    return str(found.st_dev), str(found.st_ino)


def _reason(error: OSError | ValueError) -> str:
    return getattr(error, "strerror", None) or str(error)


def _printable(path: str) -> str:
    """``path`` with an escape for all that is no plain text; bytes that are no UTF-8 as ``\\xNN``."""

    def escaped(found: re.Match[str]) -> str:
        code = ord(found[0])
        return f"\\x{code - 0xDC00:02x}" if code >= 0xDC80 else found[0].encode("unicode_escape").decode()

    return _UNPRINTABLE.sub(escaped, path)
