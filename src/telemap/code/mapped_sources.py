"""Sources that lie nowhere but in source maps, into which a bundler puts their texts."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import replace
from math import inf
from pathlib import Path

from telemap.code.commits import content_hash
from telemap.code.files import folders_around, is_vendored, own_bytes
from telemap.code.languages import languages
from telemap.code.parsing import MAX_FILE_BYTES, dialect_of
from telemap.code.source_maps import SourceMapError, embedded_sources
from telemap.model.code import CodeFile
from telemap.model.declared import Problem

ENDING = ".map"
ENTRIES = ("package.json", "index.html")


def is_source_map(path: str) -> bool:
    """Whether the file of a path is named as the source map of a bundle in a language that is read."""
    bundle, _, ending = path.rpartition(".")
    return ending == ENDING[1:] and "." + bundle.rpartition(".")[2] in languages() and not is_vendored(path)


def mapped_sources(
    root: Path, maps: Sequence[CodeFile], present: Collection[str], known: Mapping[str, CodeFile]
) -> list[CodeFile]:
    """The maps as they were read, and the sources in ``root`` that are not there but in one of them.

    What a folder of other sources lacks was removed, and is left out.

    Args:
        root: the folder that paths are relative to.
        maps: as they lie there.
        present: the paths of the sources that lie there.
        known: the files by path as they were read before; where maps and sources are still the same, none is read.
    """
    mapped = {path for path, file in known.items() if file.source_map_path}
    paths = _paths(maps)
    if known.keys() - mapped == paths | set(present) and all(_is_same(file, known[file.file_path]) for file in maps):
        return [known[path] for path in sorted(mapped | paths) if path in paths or not os.path.lexists(root / path)]
    return list(_read(root, maps, folders_around(present) - {""}))


def text_bytes(root: Path, map_path: str, paths: Iterable[str]) -> Iterator[bytes | OSError]:
    """What a map has of each of some sources; an error for what it does not have any more."""
    try:
        texts = embedded_sources(root / map_path, root)
    except SourceMapError as error:
        yield from (OSError(str(error)) for _ in paths)
    else:
        yield from (texts[path].encode() if path in texts else OSError(f"{map_path} has it no more") for path in paths)


def _is_same(file: CodeFile, before: CodeFile) -> bool:
    states = {(one.size_bytes, one.modified_unix_nano) for one in (file, before)}
    return file.modified_unix_nano is not None and len(states) == 1


def _read(root: Path, maps: Sequence[CodeFile], source_folders: Set[str]) -> Iterator[CodeFile]:
    problems: dict[str, list[Problem]] = defaultdict(list)
    holding: dict[str, dict[str, list[CodeFile]]] = defaultdict(lambda: defaultdict(list))  # by path and content
    for file in maps:
        try:
            texts = embedded_sources(root / file.file_path, root)
        except SourceMapError as error:
            help = "build the bundle again, or remove the map"
            problems[file.file_path].append(Problem(file.file_path, 1, "source map skipped", str(error), help))
            continue
        beside = source_folders - folders_around([file.file_path])
        for path, text in texts.items():
            if _is_own(path) and beside.isdisjoint(folders_around([path])) and not os.path.lexists(root / path):
                source = _source(path, text.encode(), file)
                holding[path][source.content_hash or ""].append(source)
    newest = _newest_first(root, maps) if any(len(held) > 1 for held in holding.values()) else {}
    for path, held in holding.items():
        first, *others = sorted(held.values(), key=lambda same: min(newest.get(one.source_map_path, 0) for one in same))
        yield first[0]
        for other in (source.source_map_path or "" for same in others for source in same):
            problems[other].append(_outdated(other, path, first[0].source_map_path))
    yield from (replace(file, problems=tuple(problems[file.file_path])) for file in maps)


def _is_own(path: str) -> bool:
    # Bundlers name modules that they made up like files: "\0helpers.js", "App.vue?type=script.ts".
    return dialect_of(path) is not None and not is_vendored(path) and path.isprintable() and "?" not in path


def _source(path: str, data: bytes, map_file: CodeFile) -> CodeFile:
    return CodeFile(
        path,
        dialect_of(path),
        size_bytes=len(data),
        content_hash=content_hash(data),
        source_map_path=map_file.file_path,
    )


def _newest_first(root: Path, maps: Sequence[CodeFile]) -> dict[str | None, int]:
    """The place of each map in an order that begins with those of the newest build.

    What is left of former builds is in no page and no package any more, nor in a bundle that is. Dates come second:
    copies have those of the copying.
    """
    pages = (f"{folder}/{name}".lstrip("/") for folder in folders_around(_paths(maps)) for name in ENTRIES)
    bundles = {file.file_path: file.file_path.removesuffix(ENDING) for file in maps}
    due, live = [_begin(root / page) for page in pages], set[str]()
    while due:
        text = due.pop()
        named = [path for path, bundle in bundles.items() if os.path.basename(bundle).encode() in text]
        due += [_begin(root / bundles[path]) for path in named if path not in live]
        live.update(named)

    def age(file: CodeFile) -> tuple[bool, float, str]:
        modified = file.modified_unix_nano if file.modified_unix_nano is not None else inf
        return file.file_path not in live, -modified, file.file_path

    return {file.file_path: place for place, file in enumerate(sorted(maps, key=age))}


def _paths(files: Iterable[CodeFile]) -> set[str]:
    return {file.file_path for file in files}


def _begin(file: Path) -> bytes:
    """The beginning of a file, where bundles name others; of none, nothing."""
    try:
        return own_bytes(file, MAX_FILE_BYTES)
    except OSError:
        return b""


def _outdated(map_path: str, path: str, newer: str | None) -> Problem:
    reason = f"{newer} is of a newer build, as what is imported, or else the dates, show"
    return Problem(map_path, 1, f"another {path} is in another source map", reason, "empty the folder before a build")
