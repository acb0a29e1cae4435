"""The settings of a project: ``telemap.toml``, or ``[tool.telemap]`` in ``pyproject.toml``."""

from __future__ import annotations

import glob
import os.path
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from telemap.errors import TelemapError
from telemap.model.declared import Budget

SETTINGS_FILE = "telemap.toml"
PYPROJECT = "pyproject.toml"
STORE_FOLDER = Path(".telemap") / "store"

Paths = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Demo:
    """How an example application is run; ``{python}``, ``{build}`` and ``{log}`` stand for what is meant each time.

    Args:
        command: program and arguments, run in the folder of the settings file.
        log: the log file that a build leaves.
        builds: the builds to run, oldest first.
    """

    command: Paths
    log: str
    builds: Paths


@dataclass(frozen=True, slots=True)
class Config:
    """What verbs use where no argument says otherwise; paths and globs are relative to ``root``.

    Args:
        root: the project's folder.
        origin: the file that the settings stand in; None without one.
        logs: what ``telemap ingest`` reads.
        code: folders that ``telemap index`` reads.
        definitions: folders and files of declared sequences.
        coverage: files that say what tests ran, and folders of such.
        formats: files of the project's own log formats.
        service: noted as service.name.
        build: noted as service.version.
        budgets: how long sequences and events may take.
        demo: how to run the project as an example.
    """

    root: Path
    origin: Path | None = None
    logs: Paths = ()
    code: Paths = ()
    definitions: Paths = ()
    coverage: Paths = ()
    formats: Paths = ()
    service: str | None = None
    build: str | None = None
    budgets: tuple[Budget, ...] = ()
    demo: Demo | None = None

    @property
    def store_folder(self) -> Path:
        """Where the project's store is, or is to be."""
        return self.root / STORE_FOLDER

    def found(self, name: str) -> list[str]:
        """The paths of a setting as people would write them from the working folder; globs stay globs."""
        return [shown_path(self.root / path) for path in getattr(self, name)]

    def coverage_files(self) -> list[Path]:
        """The reports and folders of test coverage that are there: tests make them, so that they need not be."""
        found = (glob.glob(pattern, root_dir=self.root, recursive=True) for pattern in self.coverage)
        return [Path(shown_path(self.root / name)) for names in found for name in sorted(names)]

    def format_files(self) -> list[Path]:
        """The project's own log formats.

        Raises:
            TelemapError: ``bad-setting``: a glob matches nothing.
        """
        files: list[Path] = []
        for pattern in self.formats:
            names = sorted(glob.glob(pattern, root_dir=self.root, recursive=True))
            if not names:
                raise TelemapError(
                    "bad-setting",
                    f"formats: no file matches '{pattern}'",
                    place=shown_path(self.origin) if self.origin else None,
                    help="mend the path; it is relative to the file that it stands in",
                )
            files += [Path(shown_path(self.root / name)) for name in names]
        return files


def shown_path(path: Path) -> str:
    """A path as people would write it from the working folder: relative if that is no detour."""
    relative = os.path.relpath(path)
    return str(path) if relative.count("..") > 2 else relative


def find_config(start: Path) -> Config:
    """The settings of the project that ``start`` lies in; those of a folder without any where there is no project.

    Raises:
        TelemapError: ``bad-setting``, with the place in the file and what to do.
    """
    for folder in (start, *start.parents):
        for name, section in ((SETTINGS_FILE, ()), (PYPROJECT, ("tool", "telemap"))):
            table = _table(folder / name, section)
            if table is not None:
                return read_config(folder / name, table)
        if (folder / ".git").exists():
            return Config(folder)
    return Config(start)


def _table(path: Path, section: tuple[str, ...]) -> Mapping[str, Any] | None:
    if not path.is_file():
        return None
    try:
        text = path.read_text(encoding="utf-8")
        if section and "telemap" not in text:  # whatever else is wrong with it is nothing to us
            return None
        table: Any = tomllib.loads(text)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise TelemapError(
            "bad-setting",
            "the settings cannot be read",
            reason=str(error),
            place=shown_path(path),
            help="mend the file",
        ) from error
    for key in section:
        table = table.get(key) if isinstance(table, dict) else None
        if table is None:
            return None
    if not isinstance(table, dict):
        raise TelemapError("bad-setting", "the settings are no table", place=shown_path(path), help="mend the file")
    return table


def read_config(path: Path, table: Mapping[str, Any]) -> Config:
    """The settings that ``table`` of the file ``path`` holds.

    Raises:
        TelemapError: ``bad-setting``: an unknown key, or a value of the wrong type.
    """
    reader = _Reader(path)
    reader.check(table, {field.name for field in fields(Config)} - {"root", "origin"})
    return Config(
        root=path.parent,
        origin=path,
        logs=reader.texts(table, "logs"),
        code=reader.texts(table, "code"),
        definitions=reader.texts(table, "definitions"),
        coverage=reader.texts(table, "coverage"),
        formats=reader.texts(table, "formats"),
        service=reader.text(table, "service"),
        build=reader.text(table, "build"),
        budgets=reader.budgets(table.get("budgets", {})),
        demo=reader.demo(table["demo"]) if "demo" in table else None,
    )


@dataclass(frozen=True, slots=True)
class _Reader:
    path: Path

    def check(self, table: Mapping[str, Any], known: set[str]) -> None:
        for key in table:
            if key not in known:
                raise self._bad(key, f"there is no setting '{key}'", f"known here: {', '.join(sorted(known))}")

    def text(self, table: Mapping[str, Any], key: str) -> str | None:
        value = table.get(key)
        if value is not None and not isinstance(value, str):
            raise self._bad(key, f"'{key}' must be a text", f"it is {value!r}")
        return value

    def texts(self, table: Mapping[str, Any], key: str) -> Paths:
        value = table.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self._bad(key, f"'{key}' must be a list of texts", f"it is {value!r}")
        return tuple(value)

    def demo(self, table: Any) -> Demo:
        known = {field.name for field in fields(Demo)}
        if not isinstance(table, dict) or table.keys() != known:
            raise self._bad("[demo", "[demo] is not complete", f"it needs {', '.join(sorted(known))}, and nothing else")
        return Demo(self.texts(table, "command"), self.text(table, "log") or "", self.texts(table, "builds"))

    def budgets(self, table: Any) -> tuple[Budget, ...]:
        if not isinstance(table, dict):
            raise self._bad("[budgets", "'budgets' must be a table", f"it is {table!r}")
        from telemap.definitions.limits import read_amount  # every command reads the settings, few have budgets

        budgets: list[Budget] = []
        for name, text in table.items():
            amount = read_amount(text) if isinstance(text, str) else None
            if amount is None:
                reason = f'it is {text!r}; "200ms", "1.5s p95" and "2 min p99" are'
                raise self._bad(name, f"the budget of '{name}' is no time", reason)
            budgets.append(Budget(name, amount.quantile, amount.limit_ns, text, self.path.name, self._line(name) or 1))
        return tuple(budgets)

    def _line(self, key: str) -> int | None:
        text = self.path.read_text(encoding="utf-8")
        found = re.search(rf"""(?m)^[ \t]*["']?{re.escape(key)}(?!\w)""", text)
        return text.count("\n", 0, found.start()) + 1 if found else None

    def _bad(self, key: str, summary: str, reason: str) -> TelemapError:
        name = shown_path(self.path)
        line_number = self._line(key)
        place = f"{name}:{line_number}" if line_number else name
        help = "telemap init --force writes a fresh file with every setting explained"
        return TelemapError("bad-setting", summary, reason=reason, place=place, help=help)
