"""From the frames of a bundle to those of the sources that it was made from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from telemap.code.source_maps import SourceMap, SourceMapError, find_source_map
from telemap.mapping.paths import Agreement, FilePaths, segments
from telemap.mapping.stack_traces import Frame, StackTrace, is_vendored

MOST_MAPS = 50  # kept in memory


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
        file_paths: the indexed files, relative to their roots likewise.
    """

    def __init__(self, map_paths: Iterable[tuple[str, str]], file_paths: Iterable[str]) -> None:
        self._indexed = frozenset(file_paths)
        self._roots: dict[str, list[str]] = {}
        for root, path in map_paths:
            self._roots.setdefault(path.removesuffix(".map"), []).append(root)
        self._paths = FilePaths(self._roots)
        self._find = lru_cache(MOST_MAPS)(_found)

    def original(self, trace: StackTrace) -> StackTrace:
        """The trace with the frames of its sources in place of those of bundles, as far as there are maps of them."""
        return replace(trace, frames=tuple(self.original_frame(frame) or frame for frame in trace.frames))

    def original_frame(self, frame: Frame) -> Frame | None:
        """The frame as an indexed source has it, or a library's; None where no map says, or more than one could."""
        if frame.column_number is None or not self._roots:
            return None
        agreement, bundles = self._paths.matching(frame.file_path)
        places = [(root, bundle) for bundle in bundles for root in self._roots[bundle]]
        if len(places) != 1 or not (agreement is Agreement.FOLDERS or _is_end(places[0][1], frame.file_path)):
            return None
        source_map = self._find(*places[0])
        found = original_frame(frame, source_map) if source_map else None
        return found if found and (found.is_vendored or found.file_path in self._indexed) else None


def _is_end(bundle: str, printed: str) -> bool:
    """Whether a path ends in that of the bundle: the name alone, index.js, says too little."""
    names = tuple(bundle.split("/"))
    return len(names) > 1 and segments(printed)[-len(names) :] == names


def _found(root: str, bundle: str) -> SourceMap | None:
    try:
        return find_source_map(Path(root, bundle), Path(root))
    except SourceMapError:  # the index has told of it
        return None
