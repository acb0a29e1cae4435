"""The files of a folder that are its own: neither vendored, nor generated, nor reached through a link."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

VENDORED = frozenset({"node_modules", ".venv", "__pycache__"})
GENERATED = frozenset({"dist", "build"})


def own_files(root: Path) -> list[str]:
    """What git would keep of ``root``, or without git what a walk finds: paths as ``walked_files`` gives them."""
    paths = set(_listed_by_git(root))
    # An ignored folder that somebody names is meant: git lists nothing there, so it is walked.
    return sorted(paths) if paths else walked_files(root)


def walked_files(root: Path) -> list[str]:
    """Paths relative to ``root``, with forward slashes, sorted; none in hidden, vendored or generated folders."""
    paths = []
    for folder, folders, names in os.walk(root):
        folders[:] = [name for name in folders if name[0] != "." and name not in VENDORED | GENERATED]
        here = Path(folder)
        paths += [(here / name).relative_to(root).as_posix() for name in names if _is_own(here / name)]
    return sorted(paths)


def _listed_by_git(root: Path) -> Iterator[str]:
    # A repository can name a program in core.fsmonitor; GIT_DIR and its like are set while a hook runs.
    command = ["git", "-c", "core.fsmonitor=false", "ls-files", "-z", "-co", "--exclude-standard"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    try:
        listing = subprocess.run(command, cwd=root, env=environment, capture_output=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return
    for path in os.fsdecode(listing).split("\0")[:-1]:
        if not VENDORED.isdisjoint(path.split("/")):
            continue
        file = root / path
        if _is_own(file):
            yield path
        elif file.is_dir() and not file.is_symlink():  # a submodule, or another repository inside
            yield from (f"{path.rstrip('/')}/{below}" for below in own_files(file))


def _is_own(path: Path) -> bool:
    # Where a link leads inside the folder the file is read anyway; outside it is not ours.
    return path.is_file() and not path.is_symlink()
