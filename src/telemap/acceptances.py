"""Findings that a team has accepted, in a file of its repository that is reviewed like any other.

Each is known by the id that every run gives it; the reason is for those who read the file.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import msgspec

from telemap.config import shown_path
from telemap.errors import TelemapError

ACCEPTED_FILE = "telemap.accepted.toml"
_HEAD = """\
# Findings that are accepted: shown apart, and no reason to fail.
# telemap VERB --accept ID --reason TEXT adds one.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Acceptance:
    """An accepted finding: its id, by which verb and as what it was told, and why and when it was accepted."""

    id: str
    verb: str
    title: str
    reason: str
    accepted: date


class _File(msgspec.Struct, forbid_unknown_fields=True):
    accepted: list[Acceptance] = []


def read_acceptances(root: Path, verb: str) -> Mapping[str, Acceptance]:
    """What is accepted of the findings of ``verb`` in the project at ``root``, by id.

    Raises:
        TelemapError: ``bad-acceptances``, with the place in the file and what to do.
    """
    path = root / ACCEPTED_FILE
    try:
        found = msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8-sig")), _File)
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:  # of TOML, of UTF-8 and of msgspec
        raise _refused("what is accepted cannot be read", path, error) from error
    return {one.id: one for one in found.accepted if one.verb == verb}


def accept(root: Path, acceptance: Acceptance) -> Path:
    """The file in the project at ``root``, to which an acceptance was added.

    Raises:
        TelemapError: ``bad-acceptances``: it cannot be written, or could not be read any more.
    """
    path = root / ACCEPTED_FILE
    texts = ((name, getattr(acceptance, name)) for name in ("id", "verb", "title", "reason"))
    lines = "".join(f"{name} = {_quoted(text)}\n" for name, text in texts)
    added = f"\n[[accepted]]\n{lines}accepted = {acceptance.accepted.isoformat()}\n"
    try:
        with path.open("a+b") as file:
            file.seek(0)
            before = file.read()
            added = added if before else _HEAD + added
            tomllib.loads(before.decode("utf-8-sig") + added)
            file.write(added.encode())
    except (OSError, ValueError) as error:
        raise _refused("nothing can be added to what is accepted", path, error) from error
    return path


def _refused(summary: str, path: Path, error: Exception) -> TelemapError:
    help = "mend the file; each [[accepted]] has id, verb, title, reason and a date"
    return TelemapError("bad-acceptances", summary, reason=str(error), place=shown_path(path), help=help)


def _quoted(text: str) -> str:
    """A text as TOML: JSON's quoting, but that delete is a control character too, and what is no UTF-8 is lost."""
    readable = text.encode(errors="replace").decode()
    return json.dumps(readable, ensure_ascii=False).replace("\x7f", "\\u007f")
