"""The code index: what is found in every source file of a tree, as it is now or was at a commit."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from telemap.code.commits import content_hash as hash_of
from telemap.code.commits import contents, entries
from telemap.code.files import generated_files, is_vendored, own_bytes, own_files
from telemap.code.mapped_sources import is_source_map, mapped_sources, text_bytes
from telemap.code.parsing import MAX_FILE_BYTES, Reading, dialect_of, generated
from telemap.code.readers import told
from telemap.code.workers import parse_all
from telemap.code.wrappers import Wrapper, by_name
from telemap.model.code import CodeFact, CodeFile, CodeSymbol
from telemap.model.declared import Problem

# A file can be written twice within a tick of the file system's clock.
TICK_NS = 2_000_000_000

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class CodeIndex:
    """All functions found, ordered by file and line, and the paths of the files that were read.

    ``by_name`` holds the same functions by their unqualified name.
    """

    symbols: tuple[CodeSymbol, ...]
    file_paths: tuple[str, ...]
    by_name: Mapping[str, tuple[CodeSymbol, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        by_name: dict[str, list[CodeSymbol]] = {}
        for symbol in self.symbols:
            by_name.setdefault(symbol.name, []).append(symbol)
        object.__setattr__(self, "by_name", {name: tuple(symbols) for name, symbols in by_name.items()})


class _Listed(NamedTuple):
    path: str  # to open it by; what is stored and printed has to be text, which a file's name need not be
    file: CodeFile


def read_tree(
    root: Path,
    known: Mapping[str, CodeFile] | None = None,
    facts: Sequence[CodeFact] = (),
    *,
    commit_id: str | None = None,
    progress: Progress | None = None,
) -> Iterator[Reading]:
    """Every source file of a folder, as it is now or was at a commit; each that is not known is parsed once.

    What git ignores is left out, and so are vendored, generated and minified files; but of sources that only source
    maps have, those are read, and where there is no source at all, what a build has left. What cannot be read or parsed
    in full has problems, and stops nothing.

    Args:
        root: the folder that paths are relative to.
        known: the files by path as they were read before; what is still the same is not parsed.
        facts: what they told then.
        commit_id: read the files of this commit instead of those that lie there.
        progress: called after each file with the number of files done and of all files.
    """
    listed = list(_committed(root, commit_id) if commit_id else _present(root, known or {}))
    readings = []
    for done, reading in enumerate(_readings(root, listed, known or {}, commit_id), start=1):
        readings.append(reading)
        if progress:
            progress(done, len(listed))
    again = _read_again(root, listed, readings, facts, commit_id)
    yield from (again.get(reading.file.file_path, reading) for reading in readings)


def is_source(path: str) -> bool:
    """Whether the file of a path is one that is read."""
    return dialect_of(path) is not None and not is_vendored(path)


def _present(root: Path, known: Mapping[str, CodeFile]) -> Iterator[_Listed]:
    refusals: list[OSError] = []
    own = own_files(root, refusals.append)
    made = generated_files(root, own, lambda name: is_source(name) or is_source_map(name))
    lying = partial(_lying, root, time.time_ns())
    maps = [lying(path).file for path in sorted({*own, *made}) if is_source_map(path)]
    sources = [path for path in own if is_source(path)]
    mapped = mapped_sources(root, maps, sources, known)
    if not sources and not any(file.source_map_path for file in mapped):
        sources = [path for path in made if is_source(path)]
    for listed in map(lying, sources):
        yield _Listed(listed.path, _sized(listed.file))
    for file in sorted(mapped, key=lambda one: one.source_map_path or ""):  # so that each map is opened once
        yield _Listed(file.file_path, _sized(file) if file.source_map_path else file)
    for refusal in refusals:
        path = Path(refusal.filename).relative_to(root).as_posix()
        yield _Listed(path, _refused(CodeFile(_printable(path)), refusal))


def _lying(root: Path, now: int, path: str) -> _Listed:
    file = CodeFile(_printable(path), dialect_of(path))
    try:
        status = (root / path).lstat()
    except OSError as error:
        return _Listed(path, _refused(file, error))
    modified = status.st_mtime_ns if status.st_mtime_ns < now - TICK_NS else None
    return _Listed(path, replace(file, size_bytes=status.st_size, modified_unix_nano=modified))


def _committed(root: Path, commit_id: str) -> Iterator[_Listed]:
    for path, content_hash, size_bytes in entries(root, commit_id):
        if content_hash is None or size_bytes is None:
            problem = Problem(path, 1, "submodule skipped", "its commits are kept elsewhere", "index it by itself")
            yield _Listed(path, CodeFile(_printable(path), problems=(problem,)))
        elif is_source(path):
            file = CodeFile(_printable(path), dialect_of(path), content_hash=content_hash)
            yield _Listed(path, _sized(replace(file, size_bytes=size_bytes)))


def _readings(
    root: Path, listed: Iterable[_Listed], known: Mapping[str, CodeFile], commit_id: str | None
) -> Iterator[Reading]:
    new = []
    for path, file in listed:
        before = known.get(file.file_path)
        if before and _is_same(file, before):
            yield Reading(before, None)
        elif file.problems or not file.language:
            yield _unread(file, before)
        else:
            new.append(_Listed(path, file))
    settled: list[Reading] = []
    loaded = _loaded(root, new, commit_id)
    yield from parse_all(_changed(loaded, known, settled), sum(file.size_bytes for _, file in new))
    yield from settled


def _read_again(
    root: Path,
    listed: Iterable[_Listed],
    readings: Iterable[Reading],
    facts: Sequence[CodeFact],
    commit_id: str | None,
) -> dict[str, Reading]:
    """The files, by path, that may use functions of others as loggers; unchanged ones only where those have changed."""
    changed = {reading.file.file_path: reading for reading in readings if reading.found is not None}
    if not changed:
        return {}
    present = {file.file_path for _, file in listed}
    kept = [fact for fact in facts if fact.file_path in present and fact.file_path not in changed]
    now = told([*kept, *(fact for reading in changed.values() for fact in reading.facts)], Wrapper)
    former = by_name(set(told(facts, Wrapper)) - set(now))
    are_others = former or set(now) - set(told(facts, Wrapper))
    due = {r.file.file_path: r.file for r in readings if r.file.content_hash and (are_others or r.found is not None)}
    if not now and not former:
        return {}
    again = [_Listed(path, due[file.file_path]) for path, file in listed if file.file_path in due]
    loaded = ((file, data) for file, data in _loaded(root, again, commit_id) if isinstance(data, bytes))
    found = parse_all(loaded, sum(file.size_bytes for _, file in again), by_name(now), former)
    return {reading.file.file_path: reading for reading in found if reading.found is not None}


def _loaded(root: Path, listed: Sequence[_Listed], commit_id: str | None) -> Iterator[tuple[CodeFile, bytes | OSError]]:
    hashes = (file.content_hash or "" for _, file in listed)
    found = contents(root, hashes) if commit_id else _contents(root, listed)
    return zip((file for _, file in listed), found, strict=True)


def _changed(
    loaded: Iterable[tuple[CodeFile, bytes | OSError]], known: Mapping[str, CodeFile], settled: list[Reading]
) -> Iterator[tuple[CodeFile, bytes]]:
    """The files that are to be parsed; what need not be, or cannot, is added to ``settled``."""
    for file, data in loaded:
        before = known.get(file.file_path)
        if isinstance(data, OSError):
            settled.append(_unread(_refused(file, data), before))
        elif len(data) > MAX_FILE_BYTES:
            settled.append(_unread(_sized(replace(file, size_bytes=len(data))), before))
        elif (content_hash := file.content_hash or hash_of(data)) == (before and before.content_hash):
            assert before
            now = replace(before, modified_unix_nano=file.modified_unix_nano, source_map_path=file.source_map_path)
            settled.append(Reading(now, None))
        else:
            yield replace(file, content_hash=content_hash, size_bytes=len(data)), data


def _is_same(file: CodeFile, before: CodeFile) -> bool:
    if file.source_map_path != before.source_map_path:
        return False
    if file.content_hash:
        return file.content_hash == before.content_hash
    states = ((one.size_bytes, one.modified_unix_nano) for one in (file, before))
    return None not in (before.content_hash, file.modified_unix_nano) and len(set(states)) == 1


def _unread(file: CodeFile, before: CodeFile | None) -> Reading:
    return Reading(file, None if file == before else {})


def _contents(root: Path, listed: Iterable[_Listed]) -> Iterator[bytes | OSError]:
    for map_path, group in groupby(listed, key=lambda one: one.file.source_map_path):
        paths = (path for path, _ in group)
        yield from text_bytes(root, map_path, paths) if map_path else (_content(root / path) for path in paths)


def _content(file: Path) -> bytes | OSError:
    try:
        return own_bytes(file, MAX_FILE_BYTES)
    except OSError as error:
        return error


def _sized(file: CodeFile) -> CodeFile:
    if file.size_bytes <= MAX_FILE_BYTES:
        return file
    return replace(file, content_hash=None, problems=(generated(file.file_path, f"{file.size_bytes:,} bytes"),))


def _refused(file: CodeFile, error: OSError) -> CodeFile:
    what = "file skipped" if file.language else "folder skipped"
    help = "make it readable, or list it in .gitignore"
    problem = Problem(file.file_path, 1, what, error.strerror or str(error), help)
    return replace(file, content_hash=None, problems=(problem,))


def _printable(path: str) -> str:
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
