"""From a path that a report tells to the indexed file that it means."""

from __future__ import annotations

import os
from collections.abc import Iterable
from difflib import get_close_matches
from typing import NamedTuple

from telemap.mapping.paths import Agreement, FilePaths, segments

MOST_SEARCHED = 20_000  # paths, beyond which the nearest one is not looked for


class Place(NamedTuple):
    """A file: the indexed folder, and the path in it."""

    root: str
    file_path: str


class IndexedFiles:
    """The indexed files, to be found by what reports call them."""

    def __init__(self, places: Iterable[Place]) -> None:
        self._places = set(places)
        self._roots = sorted({place.root for place in self._places})
        self._by_path: dict[str, list[Place]] = {}
        for place in sorted(self._places):
            self._by_path.setdefault(place.file_path, []).append(place)
        self._ends = FilePaths(place.file_path for place in self._places)

    def __len__(self) -> int:
        return len(self._places)

    def find(self, told: str, folders: Iterable[str]) -> Place | None:
        """The one file that a path means; None where there is none, or more than one.

        Args:
            told: as the report has it, absolute or relative to one of the folders, or to one that nobody knows.
            folders: absolute ones.
        """
        for path in (os.path.normpath(os.path.join(folder, told)) for folder in (*folders, os.sep)):
            for root in self._roots:
                if path.startswith(os.path.join(root, "")):
                    place = Place(root, os.path.relpath(path, root).replace(os.sep, "/"))
                    if place in self._places:
                        return place
                    if os.path.exists(path):  # it is a file that was not indexed, and no other one
                        return None
        agreement, found = self._ends.matching(told)
        places = [place for path in found for place in self._by_path[path]]
        if len(places) > 1 or agreement is not Agreement.FOLDERS:
            names = segments(told)
            whole = [place for place in places if _is_end(_with_root(place), names)]
            places = whole or [place for place in places if _is_alike(tuple(place.file_path.split("/")), names)]
        return places[0] if len(places) == 1 else None

    def nearest(self, told: str) -> str | None:
        """The indexed path that looks most like one that was told."""
        names = segments(told)
        if not names or len(self._by_path) > MOST_SEARCHED:
            return None
        same_name = [path for path in self._by_path if path.rpartition("/")[2] == names[-1]]
        return next(
            iter(get_close_matches("/".join(names), same_name or self._by_path, 1, 0 if same_name else 0.6)), None
        )


def _is_alike(path: tuple[str, ...], told: tuple[str, ...]) -> bool:
    """Whether one of two paths ends in the other with a folder, or neither has any: a name alone says too little."""
    return path == told or (min(len(path), len(told)) > 1 and (_is_end(path, told) or _is_end(told, path)))


def _is_end(end: tuple[str, ...], names: tuple[str, ...]) -> bool:
    return end == names[-len(end) :]


def _with_root(place: Place) -> tuple[str, ...]:
    return (os.path.basename(place.root), *place.file_path.split("/"))
