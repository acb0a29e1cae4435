"""From the frames of a bundle to those of the sources that it was made from."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import replace
from difflib import SequenceMatcher
from functools import lru_cache
from pathlib import Path

from telemap.code.commits import content_hash
from telemap.code.files import own_bytes
from telemap.code.parsing import MAX_FILE_BYTES
from telemap.code.source_maps import SourceMap, SourceMapError, embedded_sources, find_source_map
from telemap.mapping.paths import Agreement, FilePaths, segments
from telemap.mapping.stack_traces import Frame, StackTrace, is_vendored

MOST_MAPS = 10  # kept in memory

Place = tuple[str, str]


def original_frame(frame: Frame, source_map: SourceMap) -> Frame | None:
    """The frame, whose file is the bundle of the map, as the source has it; None where the map does not say.

    Its function is left open, since a bundler may have renamed it.
    """
    if frame.line_number is None or frame.column_number is None:
        return None
    place = source_map.original(frame.line_number, frame.column_number)
    if place is None:
        return None
    return replace(
        frame,
        function_name="",
        file_path=place.file_path,
        line_number=place.line_number,
        column_number=place.column_number,
        is_vendored=place.file_path.startswith("../") or is_vendored(frame.language, place.file_path, ""),
    )


class BundleMaps:
    """The source maps of indexed folders, by the bundles that stack traces name.

    Args:
        map_paths: root, and path relative to it with forward slashes, of each map.
        content_hashes: git's name of the content of each indexed file, by root and path likewise.
    """

    def __init__(self, map_paths: Iterable[Place], content_hashes: Mapping[Place, str]) -> None:
        self._roots: dict[str, list[str]] = {}
        for root, path in map_paths:
            self._roots.setdefault(path.removesuffix(".map"), []).append(root)
        self._paths = FilePaths(self._roots)
        self._hashes = content_hashes
        self._found = lru_cache(MOST_MAPS)(_found)

    def original(self, trace: StackTrace) -> StackTrace:
        """The trace with the frames of its sources in place of those of bundles, as far as there are maps of them."""
        return replace(trace, frames=tuple(self.original_frame(frame) or frame for frame in trace.frames))

    def original_frame(self, frame: Frame) -> Frame | None:
        """The frame as an indexed source has it, or a library's; None where no map says, or more than one could.

        Where the source has changed since it was bundled, the line is carried; None for one that was changed itself.
        """
        if frame.column_number is None or not (place := self._bundle(frame.file_path)):
            return None
        source_map, texts = self._found(*place)
        found = original_frame(frame, source_map) if source_map else None
        if found is None or found.is_vendored:
            return found
        line_number = self._line_now(place[0], found.file_path, found.line_number or 0, texts.get(found.file_path))
        return replace(found, line_number=line_number, root=place[0]) if line_number else None

    def _line_now(self, root: str, path: str, line_number: int, bundled: str | None) -> int | None:
        """Where a line of a bundled text is in the indexed file; where nobody knows that text, it is taken for it."""
        indexed = self._hashes.get((root, path))
        if indexed is None or bundled is None or content_hash(bundled.encode()) == indexed:
            return line_number if indexed else None
        try:
            data = own_bytes(Path(root, path), MAX_FILE_BYTES)
        except OSError:  # it is in another map
            return None
        return _carried(bundled, data.decode(errors="replace"), line_number) if content_hash(data) == indexed else None

    def _bundle(self, printed: str) -> Place | None:
        """The root and the path of the one bundle that a printed path means."""
        agreement, bundles = self._paths.matching(printed)
        places = [(root, bundle) for bundle in bundles for root in self._roots[bundle]]
        if len(places) > 1:  # of several packages, the one that is named
            places = [place for place in places if _is_end(f"{os.path.basename(place[0])}/{place[1]}", printed)]
        if len(places) == 1 and (agreement is Agreement.FOLDERS or _is_end(places[0][1], printed)):
            return places[0]
        return None


def _is_end(bundle: str, printed: str) -> bool:
    """Whether a path ends in that of the bundle: the name alone, index.js, says too little."""
    names = tuple(bundle.split("/"))
    return len(names) > 1 and segments(printed)[-len(names) :] == names


def _found(root: str, bundle: str) -> tuple[SourceMap | None, Mapping[str, str]]:
    """The map of a bundle, and the texts that it has of sources, by path."""
    try:
        source_map = find_source_map(Path(root, bundle), Path(root))
        return source_map, embedded_sources(Path(root, f"{bundle}.map"), Path(root)) if source_map else {}
    except SourceMapError:  # the index has told of it
        return None, {}


@lru_cache(maxsize=1000)
def _carried(before: str, now: str, line_number: int) -> int | None:
    """Where a line of a text is in another version of it; None where it was changed or removed."""
    blocks = SequenceMatcher(None, before.split("\n"), now.split("\n")).get_matching_blocks()
    shifts = (block.b - block.a for block in blocks if block.a < line_number <= block.a + block.size)
    return next((line_number + shift for shift in shifts), None)
