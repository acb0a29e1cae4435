"""The files of a folder that are its own: neither vendored, nor generated, nor reached through a link."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Iterable, Iterator, Set
from functools import cache
from pathlib import Path

from telemap.code.git import git

VENDORED = frozenset({"node_modules", "bower_components", "Pods", ".gradle", ".venv", "__pycache__"})
GENERATED = frozenset({"dist", "build", "target", "obj"})

_TEST = re.compile(
    r"(^|/)(tests?|__tests__|__mocks__|e2e|cypress)/|(^|/)test_[^/]*$|[._](test|spec)\.\w+$|[a-z]Tests?\.\w+$"
)
_REFUSED = b"warning: could not open directory '"

Refused = Callable[[OSError], object]


def is_test_file(file_path: str) -> bool:
    """Whether a path looks like that of a file of tests.

    >>> is_test_file("src/shop.test.ts"), is_test_file("src/contest.ts")
    (True, False)
    """
    return _TEST.search(file_path) is not None


def own_files(root: Path, refused: Refused | None = None) -> list[str]:
    """What git would keep of ``root``, or without git what a walk finds: paths as ``walked_files`` gives them.

    Args:
        root: the folder.
        refused: told of each folder that cannot be listed; its files are missing.
    """
    paths = set(_listed_by_git(root, refused))
    # An ignored folder that somebody names is meant: git lists nothing there, so it is walked.
    return sorted(paths) if paths else walked_files(root, refused)


def walked_files(
    root: Path,
    refused: Refused | None = None,
    left_out: Set[str] = VENDORED | GENERATED,
    is_wanted: Callable[[str], object] = bool,
) -> list[str]:
    """Paths relative to ``root``, with forward slashes, sorted; none in folders that are hidden or ``left_out``.

    Args:
        root: the folder.
        refused: told of each folder that cannot be listed; its files are missing.
        left_out: names of folders.
        is_wanted: whether a file of a name is looked for.
    """
    paths = []
    for folder, folders, names in os.walk(root, onerror=refused):
        folders[:] = [name for name in folders if name[0] != "." and name not in left_out]
        here = Path(folder).relative_to(root).as_posix()
        below = "" if here == "." else f"{here}/"
        wanted = filter(is_wanted, names)
        paths += [below + name for name in wanted if _is(stat.S_ISREG, os.path.join(folder, name))]
    return sorted(paths)


def generated_files(root: Path, own: Iterable[str], is_wanted: Callable[[str], object]) -> list[str]:
    """What a build has left in ``root`` beside its ``own`` files, paths as ``walked_files`` gives them.

    Other ignored folders, in which others' packages may be installed, are not looked into.
    """
    folders = (f"{folder}/{name}".lstrip("/") for folder in folders_around(own) for name in GENERATED)
    made = [folder for folder in folders if _is(stat.S_ISDIR, f"{root}/{folder}")]
    return sorted(
        {f"{folder}/{path}" for folder in made for path in walked_files(root / folder, None, VENDORED, is_wanted)}
    )


def folders_around(paths: Iterable[str]) -> set[str]:
    """The folders that files lie in, up to the root, which is ``""``."""
    around = {""}
    for path in paths:
        folder = path.rpartition("/")[0]
        while folder not in around:
            around.add(folder)
            folder = folder.rpartition("/")[0]
    return around


def is_vendored(path: str) -> bool:
    """Whether a path relative to a root leads through a folder that holds code of others."""
    return not VENDORED.isdisjoint(path.split("/"))


def own_bytes(file: Path, most_bytes: int) -> bytes:
    """The content of a file, or its first ``most_bytes`` + 1 bytes.

    Raises:
        OSError: it cannot be read, or is no plain file any more since it was listed.
    """
    flags = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    with open(os.open(file, flags), "rb") as content:
        if not stat.S_ISREG(os.fstat(content.fileno()).st_mode):
            raise OSError("it is no plain file")
        return content.read(most_bytes + 1)


def _listed_by_git(root: Path, refused: Refused | None) -> Iterator[str]:
    listing = git(root, "ls-files", "-z", "-co", "--exclude-standard")
    if listing is None:
        return
    for line in listing.stderr.splitlines():
        if refused and line.startswith(_REFUSED):
            folder, _, reason = os.fsdecode(line.removeprefix(_REFUSED)).rpartition("': ")
            refused(OSError(0, reason, str(root / folder)))

    @cache
    def is_inside(folder: str) -> bool:
        # What git once took in may lie behind a link by now, and behind that anything.
        return not folder or (is_inside(folder.rpartition("/")[0]) and _is(stat.S_ISDIR, f"{root}/{folder}"))

    for path in os.fsdecode(listing.stdout).split("\0")[:-1]:
        if is_vendored(path) or not is_inside(path.rstrip("/").rpartition("/")[0]):
            continue
        if _is(stat.S_ISREG, f"{root}/{path}"):
            yield path
        elif _is(stat.S_ISDIR, f"{root}/{path.rstrip('/')}"):  # a submodule, or another repository inside
            # In a submodule that was not fetched, git would answer about the repository around it.
            files = own_files if os.path.lexists(f"{root}/{path}/.git") else walked_files
            yield from (f"{path.rstrip('/')}/{below}" for below in files(root / path, refused))


def _is(kind: Callable[[int], bool], path: str) -> bool:
    """Whether what lies there is of this kind; a link is none, and what may not be looked at is taken for it."""
    # Where a link leads inside the folder the file is read anyway; outside it is not ours.
    try:
        return kind(os.lstat(path).st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:  # whoever reads it is told why that cannot be done
        return True
