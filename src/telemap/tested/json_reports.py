"""Reports in JSON: objects with a member for each file, of which one that is broken costs only itself."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TypeVar

import msgspec

from telemap.model.declared import Problem

Kind = TypeVar("Kind")

HELP = "make the report again"
_BYTE = re.compile(r"\(byte (\d+)\)")


def document(path: Path, data: bytes, kind: type[Kind], problems: list[Problem]) -> Kind | None:
    """What is in a file, as ``kind``; None, with a problem, where it is something else."""
    try:
        return msgspec.json.decode(data, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        at = _BYTE.search(str(error))
        line_number = data.count(b"\n", 0, int(at[1])) + 1 if at else 1
        problems.append(Problem(str(path), line_number, "report cannot be read", str(error), HELP))
        return None


def members(
    path: Path, data: bytes, files: Mapping[str, msgspec.Raw], kind: type[Kind], problems: list[Problem]
) -> Iterator[tuple[str, Kind]]:
    """The files of a report by their paths, each as ``kind``; a problem for each that is something else."""
    for name, raw in files.items():
        try:
            yield name, msgspec.json.decode(raw, type=kind)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            at = max(data.find(json.dumps(name).encode()), 0)
            summary = f"file {name!r} of the report not used"
            problems.append(Problem(str(path), data.count(b"\n", 0, at) + 1, summary, str(error), HELP))
