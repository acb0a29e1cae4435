"""From a path as a stack trace prints it to the indexed files that it can mean."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from enum import IntEnum
from itertools import takewhile
from urllib.parse import unquote

from telemap.mapping.handlers import SOURCE_FOLDERS

_SCHEME = re.compile(r"[a-z][\w+.-]+:(?:///*|(?=\w))", re.ASCII)
_VERSION = re.compile(r"@v\d[^/]*")


class Agreement(IntEnum):
    """How much a printed path and the path of a file have in common."""

    NAME = 1  # the name of the file, while the folders differ
    ALONE = 2  # the name of the file, and one of both has no folders but those that only hold sources
    FOLDERS = 3  # all folders that both have, and at least one


def segments(path: str) -> tuple[str, ...]:
    """The names that a printed path consists of: no scheme or query, no ``.`` and ``..``, no version of a Go module.

    >>> segments("webpack://shop/./src/cart.ts?a1b2")
    ('shop', 'src', 'cart.ts')
    """
    path = path.replace("\\", "/")
    if scheme := _SCHEME.match(path):
        path = unquote(re.split(r"[?#]", path[scheme.end() :], maxsplit=1)[0])
    return tuple(name for name in _VERSION.sub("", path).split("/") if name not in ("", ".", ".."))


class FilePaths:
    """The paths of the indexed files, to be found by their ends.

    Args:
        file_paths: with forward slashes, relative to the root; as often as there are roots that have such a file.
    """

    def __init__(self, file_paths: Iterable[str]) -> None:
        self._by_name: dict[str, dict[str, int]] = {}
        for path in file_paths:
            copies = self._by_name.setdefault(path.rpartition("/")[2], {})
            copies[path] = copies.get(path, 0) + 1

    def matching(self, printed: str) -> tuple[Agreement, Mapping[str, int]]:
        """The files that have most folders in common with the printed path, each with the number of its copies.

        Only files of the same name come into question; there may be none.
        """
        names = segments(printed)
        found: dict[str, int] = {}
        best = (Agreement.NAME, 0, 0)
        for path, copies in (self._by_name.get(names[-1], {}) if names else {}).items():
            standing = _standing(names, tuple(path.split("/")))
            if standing > best:
                best, found = standing, {}
            if standing == best:
                found[path] = copies
        return best[0], found


def _standing(printed: tuple[str, ...], path: tuple[str, ...]) -> tuple[Agreement, int, int]:
    """How two paths of the same file name agree, and how many names both end in, without and with source folders."""
    own_printed, own_path = _own(printed), _own(path)
    common = _common(own_printed, own_path)
    if common < min(len(own_printed), len(own_path)):
        agreement = Agreement.NAME
    else:
        agreement = Agreement.FOLDERS if common > 1 or printed == path != own_path else Agreement.ALONE
    return agreement, common, _common(printed, path)


def _common(one: tuple[str, ...], other: tuple[str, ...]) -> int:
    pairs = zip(reversed(one), reversed(other), strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def _own(names: tuple[str, ...]) -> tuple[str, ...]:
    # A build moves files out of the folders that only hold sources.
    return tuple(name for name in names[:-1] if name not in SOURCE_FOLDERS) + names[-1:]
