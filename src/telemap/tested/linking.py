"""The files of a report → the functions of the indexed code, of the content that the report is about.

A report is of the code as it was when it was made. Where other code lies there now, what is told holds for the
functions that are still the same.
"""

from __future__ import annotations

import base64
import hashlib
import os
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

from telemap.code.commits import commit_at, content_hash, contents, entries
from telemap.code.files import is_vendored, own_bytes
from telemap.code.mapped_sources import text_bytes
from telemap.code.parsing import MAX_FILE_BYTES, dialect_of, language_of
from telemap.code.symbols import parse_symbols
from telemap.model.code import CodeSymbol
from telemap.tested.carrying import Unchanged
from telemap.tested.coverage_py import statements
from telemap.tested.functions import FunctionLines, function_lines
from telemap.tested.matching import IndexedFiles, Place
from telemap.tested.report import CoveredFile, TestReport

SECOND_NS = 1_000_000_000


@dataclass(frozen=True, slots=True)
class KnownFile:
    """A file as it was indexed: git's name of its content, the map that has its text if it is in one, its functions."""

    content_hash: str
    source_map_path: str | None
    symbols: tuple[CodeSymbol, ...]


@dataclass(frozen=True, slots=True)
class LinkedFile:
    """What a report tells of a file.

    Args:
        told: by the report; of the file as it lies there, unless ``problem`` says why that cannot be.
        place: the indexed file; None where the path is none of one.
        functions: what is told of its functions, as they are now.
        carried_from: the commit that the report is about, if another file was indexed.
        changed_count: how many functions it told of that were changed since.
        problem: why the file counts for nothing.
    """

    told: CoveredFile
    place: Place | None = None
    functions: tuple[FunctionLines, ...] = ()
    carried_from: str | None = None
    changed_count: int = 0
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class _Content:
    """A text that a report can be about: of a commit, or what lies there; either can be what was indexed."""

    text: str
    symbols: Sequence[CodeSymbol]
    commit_id: str | None
    is_indexed: bool
    lines: list[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "lines", self.text.replace("\r\n", "\n").removesuffix("\n").split("\n"))

    def misfit(self, file: CoveredFile) -> str | None:
        """Why the lines of a report are not those of the text; None where they can be."""
        for number in file.measured_lines:
            if number > len(self.lines):
                return f"it has {len(self.lines)} lines, and the report tells of line {number}"
            if not self.lines[number - 1].strip():
                return f"its line {number} is blank, which cannot have run"
        for number, told in file.checksums.items():
            if number > len(self.lines) or _checksum(self.lines[number - 1]) != told.rstrip("="):
                return f"the checksum of its line {number} is another"
        return None


class CodeLinker:
    """Links reports to the code that was indexed."""

    def __init__(self, files: Mapping[Place, KnownFile]) -> None:
        self._files = files
        self.paths = IndexedFiles(files)
        self._commit_at, self._entries = cache(commit_at), cache(_entries)

    def link(self, report: TestReport) -> Iterator[LinkedFile]:
        """What a report tells of each of its files, but for those of others' packages."""
        here = str(report.path.resolve().parent)
        folders = list(dict.fromkeys([*(os.path.join(here, one) for one in report.folders), here, os.getcwd()]))
        own = [file for file in report.files if not is_vendored(file.path.replace("\\", "/"))]
        base = report.folders[0] if len(report.folders) == 1 else ""
        places = {file.path: self.paths.find(os.path.join(base, file.path), folders) for file in own}
        sharing: dict[Place | None, int] = defaultdict(int)
        for place in places.values():
            sharing[place] += 1
        for file in own:
            place = places[file.path]
            if place is None:
                yield LinkedFile(file, problem="no indexed file, or more than one, has such a path")
            elif sharing[place] > 1:
                yield LinkedFile(file, place, problem="other paths of the report end like it")
            else:
                yield self._linked(file, place, report.made_unix_nano)

    def _linked(self, file: CoveredFile, place: Place, made_unix_nano: int) -> LinkedFile:
        reason = "it cannot be read any more"
        for content in self._contents(place, made_unix_nano):
            misfit = content.misfit(file)
            if misfit is None:
                return self._told(file, place, content)
            reason = misfit
        return LinkedFile(file, place, problem=f"the report is about other lines than those of the file: {reason}")

    def _told(self, file: CoveredFile, place: Place, content: _Content) -> LinkedFile:
        whole = _with_missed(file, content.text) if dialect_of(place.file_path) == "python" else file
        functions = function_lines(whole, content.symbols)
        if content.is_indexed:
            return LinkedFile(whole, place, tuple(functions))
        carried = Unchanged(content.symbols, self._files[place].symbols)
        moved = tuple(filter(None, map(carried.function, functions)))
        return LinkedFile(carried.file(whole), place, moved, content.commit_id, len(functions) - len(moved))

    def _contents(self, place: Place, made_unix_nano: int) -> Iterator[_Content]:
        """What the report can be about, the likeliest first."""
        known = self._files[place]
        present, then = _present(place, known), None
        commit_id = self._commit_at(Path(place.root), made_unix_nano // SECOND_NS)
        committed = self._entries(place.root, commit_id).get(place.file_path) if commit_id else None
        if committed and (present is None or content_hash(present, committed) != committed):
            then = next(contents(Path(place.root), [committed]))
        both = [(present, None), (then, commit_id)]
        if _modified(place) > made_unix_nano:  # or it is what ran, whether it was committed or not
            both.reverse()
        for data, commit in both:
            if isinstance(data, bytes):
                yield _content(place, known, data, commit)


def _content(place: Place, known: KnownFile, data: bytes, commit_id: str | None) -> _Content:
    text = data.decode("utf-8-sig", errors="replace")
    if content_hash(data, known.content_hash) == known.content_hash:
        return _Content(text, known.symbols, None, True)
    language = language_of(place.file_path)
    return _Content(text, parse_symbols(text, place.file_path, language).symbols if language else (), commit_id, False)


def _present(place: Place, known: KnownFile) -> bytes | None:
    """What is in the file, or for one that is not there, in the map that has it."""
    try:
        if known.source_map_path is None:
            return own_bytes(Path(place.root, place.file_path), MAX_FILE_BYTES)
        found = next(text_bytes(Path(place.root), known.source_map_path, [place.file_path]))
    except OSError:
        return None
    return found if isinstance(found, bytes) else None


def _entries(root: str, commit_id: str) -> Mapping[str, str]:
    return {entry.path: entry.content_hash for entry in entries(Path(root), commit_id) if entry.content_hash}


def _modified(place: Place) -> int:
    try:
        return os.stat(os.path.join(*place)).st_mtime_ns
    except OSError:
        return 0


def _checksum(line: str) -> str:
    digest = hashlib.md5(line.encode(), usedforsecurity=False).digest()
    return base64.b64encode(digest).decode().rstrip("=")


def _with_missed(file: CoveredFile, text: str) -> CoveredFile:
    """What is told of a Python file, with the lines that did not run where the report does not tell them."""
    from coverage.exceptions import CoverageException

    if file.missed_lines is not None:
        return file
    try:
        executed, missed = statements(text, file.executed_lines)
    except CoverageException:
        return file
    return replace(file, executed_lines=executed, missed_lines=missed)
