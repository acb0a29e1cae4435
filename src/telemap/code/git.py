"""What git answers about a folder, kept from running anything that the repository names."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

# A repository can name programs: to watch its files, after its index is written, to fetch what a partial clone lacks.
_SETTINGS = {"core.fsmonitor": "false", "core.hooksPath": os.devnull}
_ENVIRONMENT = {
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
}


def git(
    root: Path, *arguments: str, stdin: bytes = b"", environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[bytes] | None:
    """What ``git ARGUMENTS`` said in ``root``; None where it failed, or where there is no git or no repository."""
    try:
        command = git_command(*arguments)
        return subprocess.run(
            command, cwd=root, env=git_environment(environment), input=stdin, capture_output=True, check=True
        )
    except (OSError, ValueError, subprocess.CalledProcessError):
        return None


def git_command(*arguments: str) -> list[str]:
    """The command line that runs git with ``arguments``."""
    return ["git", *(part for name, value in _SETTINGS.items() for part in ("-c", f"{name}={value}")), *arguments]


def git_environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment to run git in: GIT_DIR and its like, which are set while a hook runs, mean another repository."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return own | _ENVIRONMENT | dict(more or {})
