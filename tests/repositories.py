"""Git repositories that tests make."""

from __future__ import annotations

import subprocess
from pathlib import Path

SETTINGS = {
    "user.name": "a",
    "user.email": "a@example.org",
    "init.defaultBranch": "main",
    "protocol.file.allow": "always",
    "commit.gpgSign": "false",
    "tag.gpgSign": "false",
}


def git(root: Path, *arguments: str) -> str:
    """What git says, done with settings of our own."""
    settings = [part for name, value in SETTINGS.items() for part in ("-c", f"{name}={value}")]
    command = ["git", *settings, *arguments]
    return subprocess.run(command, cwd=root, check=True, capture_output=True, text=True).stdout.strip()


def commit(root: Path, tag: str | None = None) -> str:
    """Commit all that lies there, tagged if need be; its hash."""
    if not any((folder / ".git").exists() for folder in (root, *root.parents)):
        git(root, "init", "-q")
    git(root, "add", "-A", ".")
    git(root, "commit", "-q", "--allow-empty", "-m", "x")
    if tag:
        git(root, "tag", "-a", "-m", "x", tag)
    return git(root, "rev-parse", "HEAD")
