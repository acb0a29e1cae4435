"""Commits of the checkout that a folder lies in: which one is there, which one a build is of, and what it holds."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from telemap.code.git import git, git_command, git_environment

SHORTEST_HASH = 7  # what git abbreviates to; shorter ones are build numbers

_BUILD = re.compile(r"[\w.+/-]+")
_HASH = re.compile(rf"[0-9a-f]{{{SHORTEST_HASH},64}}")
_DESCRIBED = re.compile(r"(?:^|[-+.])g([0-9a-f]{4,64})$")  # v1.2.3-4-gabc1234, and 1.2.4.dev4+gabc1234 of Python

_PLAIN_FILES, _SUBMODULE = ("100644", "100755"), "160000"


class Entry(NamedTuple):
    """A file of a commit: its path, git's name of its content, and its size; both are None for a submodule."""

    path: str
    content_hash: str | None
    size_bytes: int | None


def head(root: Path) -> str | None:
    """The commit that is checked out in ``root``; None where git keeps nothing of that folder."""
    # An ignored folder inside of a checkout is no part of its commits.
    return _answer(root, "HEAD^{commit}") if _answer(root, "HEAD:./") else None


def resolve(root: Path, build: str) -> str | None:
    """The commit that a build (``service.version``) is of; None where that cannot be said.

    A build is a tag, with or without its ``v``, a commit's hash of at least seven digits, or what ``git describe``
    says. Branches move, and a build that calls itself dirty is of no commit.
    """
    if not _BUILD.fullmatch(build):
        return None
    bare = build.removeprefix("v")
    for tag in dict.fromkeys((build, f"v{bare}", bare)):
        if commit := _answer(root, f"refs/tags/{tag}^{{commit}}"):
            return commit
    found = _DESCRIBED.search(build)
    start = found[1] if found else build
    if not found and not _HASH.fullmatch(build):
        return None
    commit = _answer(root, f"{start}^{{commit}}")
    return commit if commit and commit.startswith(start) else None  # a branch can have such a name too


def commit_at(root: Path, unix_seconds: int) -> str | None:
    """The last commit before what is checked out in ``root`` that was made by a time; None where there is none."""
    found = git(root, "rev-list", "-1", f"--min-age={unix_seconds}", "HEAD", "--") if head(root) else None
    return found.stdout.decode().strip() or None if found else None


def commit_of(root: Path, revision: str) -> str | None:
    """The commit that a build, or anything else that git takes for one (``HEAD~3``, a branch), stands for."""
    return resolve(root, revision) or _answer(root, f"{revision}^{{commit}}")


def entries(root: Path, commit_id: str) -> list[Entry]:
    """The plain files and submodules that a commit has in ``root``, paths relative to it; none where it is not there.

    What a link points to is none of them.
    """
    listing = git(root, "ls-tree", "--full-tree", "-r", "-l", "-z", f"{commit_id}:./")
    found = []
    for line in os.fsdecode(listing.stdout).split("\0")[:-1] if listing else ():
        about, _, path = line.partition("\t")
        mode, _, content_hash, size_bytes = about.split()
        if mode in _PLAIN_FILES and size_bytes.isdigit():
            found.append(Entry(path, content_hash, int(size_bytes)))
        elif mode == _SUBMODULE:
            found.append(Entry(path, None, None))
    return found


def contents(root: Path, content_hashes: Iterable[str]) -> Iterator[bytes | OSError]:
    """The content of each hash, in their order; an error for what is not there, as in a partial clone.

    Raises:
        OSError: there is no git, or ``root`` is in no repository.
    """
    with subprocess.Popen(
        git_command("cat-file", "--batch"),
        cwd=root,
        env=git_environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            for content_hash in content_hashes:
                process.stdin.write(content_hash.encode() + b"\n")
                process.stdin.flush()
                said = process.stdout.readline().split()
                if not said:
                    raise OSError("in no repository")
                _, kind, *size_bytes = said
                is_there = kind == b"blob"
                yield process.stdout.read(int(size_bytes[0]) + 1)[:-1] if is_there else OSError("not in the repository")
        finally:
            with suppress(OSError):
                process.stdin.close()


def content_hash(data: bytes, like: str | None = None) -> str:
    """Git's name of a content, made the way that the hash ``like`` was; by SHA-1 without one."""
    method = "sha256" if like and len(like) == 64 else "sha1"
    return hashlib.new(method, b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


def is_dirty(
    root: Path, commit_id: str, present: Mapping[str, str | None], is_counted: Callable[[str], bool] = bool
) -> bool:
    """Whether files in ``root`` are others than those of a commit; a checkout may have changed their line ends.

    Args:
        root: a folder of the checkout.
        commit_id: what is checked out.
        present: path → hash of its content, of all files that count; None for a file that was not read.
        is_counted: whether the file of a path counts.
    """
    found = entries(root, commit_id)
    others = tuple(f"{entry.path}/" for entry in found if entry.content_hash is None)  # have commits of their own
    committed = {entry.path: entry.content_hash for entry in found if entry.content_hash and is_counted(entry.path)}
    own = {path: now for path, now in present.items() if not path.startswith(others)}
    return committed.keys() != own.keys() or any(
        now not in {None, committed[path]} and committed[path] != _with_plain_line_ends(root / path, commit_id)
        for path, now in own.items()
    )


def _with_plain_line_ends(file: Path, like: str) -> str | None:
    try:
        return content_hash(file.read_bytes().replace(b"\r\n", b"\n"), like)
    except OSError:
        return None


def _answer(root: Path, revision: str) -> str | None:
    """The hash that a revision stands for; None for one that is not there, as in a shallow clone."""
    found = git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", revision)
    return found.stdout.decode().strip() if found else None


def changes(root: Path, since: str) -> Counter[str] | None:
    """In how many commits since a time, as git reads it, each file of ``root`` was changed; None without git."""
    log = git(
        root, "log", f"--since={since}", "--format=", "--name-only", "-z", "--relative", "--no-renames", "--", "."
    )
    return Counter(os.fsdecode(path) for path in log.stdout.split(b"\0") if path) if log else None
