"""Lines of code from one commit to another, or to the files as they lie there: where they went, or that they are gone.

A line is carried only where no change touched it. A file is followed when it was renamed, as long as git finds it
similar enough.
"""

from __future__ import annotations

import os
import re
import tempfile
import zlib
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from telemap.code.commits import content_hash, entries
from telemap.code.files import own_bytes, own_files
from telemap.code.git import git
from telemap.code.languages import languages
from telemap.code.parsing import MAX_FILE_BYTES
from telemap.code.reading import is_source

# External programs are not asked, and a change of line ends is none.
_DIFF = (
    *("-r", "-z", "--raw", "--patch", "-U0", "-M", "--no-abbrev", "--full-index", "--text", "--diff-filter=a"),
    *("--irreversible-delete", "--no-ext-diff", "--no-textconv", "--ignore-cr-at-eol", "--ignore-submodules=all"),
)
_HUNK = re.compile(rb"@@ -(\d+)(?:,(\d+))? \+\d+(?:,(\d+))? @@")
_INDEX = re.compile(rb"index ([0-9a-f]+)\.\.([0-9a-f]+)")


@dataclass(frozen=True, slots=True)
class Carried:
    """Where a line is; no ``line_number`` where it was changed or removed, no ``file_path`` where its file was."""

    file_path: str | None
    line_number: int | None


class Hunk(NamedTuple):
    """Lines that were replaced: the first of them, the first behind them, and how far those behind were moved."""

    start: int
    end: int
    shift: int


@dataclass(frozen=True, slots=True)
class Changes:
    """How the files of a commit became others: path → new path, None for files that are gone, and what changed in it.

    Files that ``moved`` does not name are the same; ``file_paths`` are all that the commit had.
    """

    file_paths: frozenset[str]
    moved: Mapping[str, tuple[str | None, tuple[Hunk, ...]]]

    def carried(self, file_path: str, line_number: int) -> Carried | None:
        """Where a line of the commit is now; None where the commit had no such file."""
        if file_path not in self.file_paths:
            return None
        new_path, hunks = self.moved.get(file_path, (file_path, ()))
        if new_path is None:
            return Carried(None, None)
        at = bisect_right(hunks, line_number, key=lambda hunk: hunk.start) - 1
        if at < 0:
            return Carried(new_path, line_number)
        return Carried(new_path, line_number + hunks[at].shift if line_number >= hunks[at].end else None)


def changes(root: Path, from_commit: str, to_commit: str | None = None) -> Changes | None:
    """What changed in ``root`` between two commits, or since one; None where git does not have them.

    Args:
        root: a folder of a checkout; paths are relative to it.
        from_commit: full hash of the commit that the lines are of.
        to_commit: full hash of the one that they are carried to; None for the files as they lie there.
    """
    return _between(root.resolve(), from_commit, to_commit) if to_commit else _since(root.resolve(), from_commit)


@lru_cache(maxsize=32)
def _between(root: Path, from_commit: str, to_commit: str) -> Changes | None:
    listing = git(root, "diff-tree", *_DIFF, f"{from_commit}:./", f"{to_commit}:./", "--", *_sources())
    return Changes(_file_paths(root, from_commit), dict(_moves(listing.stdout))) if listing else None


def _since(root: Path, commit_id: str) -> Changes | None:
    # Git itself would compare what lies there through programs that the repository names (filters). So the files
    # become an index and objects of their own, in a folder that goes again; the repository is only read.
    objects = git(root, "rev-parse", "--git-path", "objects")
    if objects is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        environment = {
            "GIT_INDEX_FILE": os.path.join(folder, "index"),
            "GIT_OBJECT_DIRECTORY": folder,
            "GIT_ALTERNATE_OBJECT_DIRECTORIES": _quoted(root / os.fsdecode(objects.stdout).rstrip("\n")),
        }
        unread: set[str] = set()
        index = _snapshot(root, commit_id, Path(folder), unread)
        told = git(root, "update-index", "-z", "--index-info", stdin=index, environment=environment)
        compare = ("diff-index", "--cached", *_DIFF, f"{commit_id}:./", "--", *_sources())
        listing = told and git(root, *compare, environment=environment)
    return Changes(_file_paths(root, commit_id) - unread, dict(_moves(listing.stdout))) if listing else None


def _snapshot(root: Path, commit_id: str, objects: Path, unread: set[str]) -> bytes:
    """The files as they lie in ``root``, as git takes them into an index; those that the commit lacks are written.

    Args:
        root: the folder.
        commit_id: the commit.
        objects: where the contents are written.
        unread: takes the paths of files that cannot be read or are too large, which is not to say that they are gone.
    """
    committed = {entry.content_hash for entry in entries(root, commit_id)}
    index = []
    for path in filter(is_source, own_files(root)):
        data: bytes | None
        try:
            data = own_bytes(root / path, MAX_FILE_BYTES)
        except OSError:
            data = None
        if data is None or len(data) > MAX_FILE_BYTES:
            unread.add(path)
            continue
        name = content_hash(data, like=commit_id)
        index.append(f"100644 {name}\t{path}\0")
        if name not in committed:
            (objects / name[:2]).mkdir(exist_ok=True)
            (objects / name[:2] / name[2:]).write_bytes(zlib.compress(b"blob %d\0" % len(data) + data, 1))
    return os.fsencode("".join(index))


def _file_paths(root: Path, commit_id: str) -> frozenset[str]:
    return frozenset(entry.path for entry in entries(root, commit_id) if entry.content_hash and is_source(entry.path))


def _sources() -> list[str]:
    return [f":(top,glob)**/*{ending}" for ending in languages()]


def _quoted(path: Path) -> str:
    # The variable is a list, in which a path that holds its separator stands in quotes.
    return '"' + str(path).replace("\\", "\\\\").replace('"', '\\"') + '"'


def _moves(listing: bytes) -> Iterator[tuple[str, tuple[str | None, tuple[Hunk, ...]]]]:
    """Path, new path and hunks of each file that git lists as another."""
    raw, _, patch = listing.partition(b"\0\0")
    hunks = _hunks(patch)
    fields = iter(os.fsdecode(raw).rstrip("\0").split("\0"))
    for about in filter(None, fields):
        _, mode, before, after, status = about.split()
        path = next(fields)
        new_path = next(fields) if status[0] == "R" else path
        is_plain = mode.startswith("100")  # or it is gone, or a link by now
        yield path, (new_path, hunks.get((before, after), ())) if is_plain else (None, ())


def _hunks(patch: bytes) -> dict[tuple[str, str], tuple[Hunk, ...]]:
    """The hunks between two contents; none for two that differ in nothing that counts."""
    found: dict[tuple[str, str], tuple[Hunk, ...]] = {}
    pair, shift = ("", ""), 0
    for line in patch.split(b"\n"):  # what files hold has a sign before it
        if names := _INDEX.match(line):
            pair, shift = (names[1].decode(), names[2].decode()), 0
            found[pair] = ()
        elif counts := _HUNK.match(line):
            start, removed, added = (1 if count is None else int(count) for count in counts.groups())
            start += not removed  # which are added behind the line that is named
            shift += added - removed
            found[pair] += (Hunk(start, start + removed, shift),)
    return found
