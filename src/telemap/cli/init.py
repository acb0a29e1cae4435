"""``telemap init``: the settings of a project, written from what is found in its folder."""

import json
import os.path
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePosixPath
from typing import Annotated

import typer

from telemap.code.files import own_files, walked_files
from telemap.code.languages import languages
from telemap.config import SETTINGS_FILE, Paths
from telemap.errors import TelemapError

EXAMPLE = "telemap init --force"

LOG_SUFFIXES = (".log", ".jsonl", ".ndjson", ".log.gz")
COVERAGE_FILES = frozenset({".coverage", "coverage.xml", "coverage.json", "lcov.info", "coverage-final.json"})
MANIFESTS = frozenset({"topics-manifest.json", "interaction-manifest.json"})
# Files that hold declared flows and nothing else; diagrams in Markdown are mostly not about events of logs.
FLOW_FILES = (".flow.yaml", ".flow.yml", ".mmd", ".mermaid", ".bpmn", ".bpmn20.xml", ".pnml")
TEST_FOLDERS = frozenset({"test", "tests", "__tests__", "spec", "e2e", "cypress"})
OUTSIDERS = frozenset({"setup.py", "conftest.py", "noxfile.py", "manage.py"})  # beside the code rather than of it

# The settings that are lists, each with what it is for and an example for where nothing is found.
LISTS = {
    "logs": ("Logs that `telemap ingest` reads: files, folders, globs.", "logs/*.log"),
    "code": ("Folders of source code that `telemap index` reads.", "src"),
    "definitions": ("Folders and files of declared flows, for `telemap index`.", "definitions"),
    "coverage": ("Files that say what the tests ran: coverage.py, Cobertura, lcov, Istanbul.", "coverage.json"),
    "formats": (
        "Log formats of your own, beside the bundled ones that `telemap formats list` shows.",
        "formats/*.toml",
    ),
}
HEAD = "# Settings of Telemap. Paths and globs are relative to this file; what the command line says goes before them."
TAIL = """\
# Noted with the logs where --service and --build do not say otherwise.
# service = "shop"
# build = "1.0.0"

# How long a sequence, or the steps of an event, may take at most.
# [budgets]
# "order:placed" = "200ms p95"
"""


def init(
    force: Annotated[bool, typer.Option("--force", help=f"Replace the {SETTINGS_FILE} that is there.")] = False,
) -> None:
    """Write a commented telemap.toml for this folder.

    It names the code, definitions, logs, test coverage and log formats that are found in the folder.
    """
    target = Path.cwd() / SETTINGS_FILE
    if target.exists() and not force:
        raise TelemapError(
            "settings-exist",
            f"there is a {SETTINGS_FILE} already",
            place=str(target),
            help="telemap init --force replaces it",
        )
    found = find_settings(Path.cwd())
    target.write_text(settings_text(found), encoding="utf-8")
    for name, paths in found.items():
        typer.echo(f"{name:12} {', '.join(paths) or '(none found)'}")
    verb = "ingest" if found["logs"] else "ingest PATH"
    typer.echo(f"{SETTINGS_FILE} is written\nnext: telemap {verb}, then telemap index")


def settings_text(found: dict[str, Paths]) -> str:
    """The text of a settings file; what was not found stands there as an example, commented out."""
    parts = [HEAD]
    for name, (purpose, example) in LISTS.items():
        setting = f"{name} = {json.dumps(found[name])}" if found[name] else f'# {name} = ["{example}"]'
        parts.append(f"# {purpose}\n{setting}")
    return "\n\n".join([*parts, TAIL])


def find_settings(folder: Path) -> dict[str, Paths]:
    """What ``folder`` holds, by setting."""
    # Logs and coverage are mostly not in git, code and definitions are.
    walked, own = walked_files(folder), own_files(folder)
    return {
        "logs": _globs(path for path in walked if path.endswith(LOG_SUFFIXES)),
        "code": _code_folders(own),
        "definitions": _definitions(folder, own),
        "coverage": tuple(path for path in walked if PurePosixPath(path).name in COVERAGE_FILES),
        "formats": _globs(path for path in own if _is_format(folder, path)),
    }


def _globs(paths: Iterable[str]) -> Paths:
    """A glob for each folder and kind of file."""
    found: dict[str, None] = {}
    for path in paths:
        ending = next((ending for ending in (".log.gz",) if path.endswith(ending)), PurePosixPath(path).suffix)
        found[f"{PurePosixPath(path).parent}/*{ending}".removeprefix("./")] = None
    return tuple(found)


def _code_folders(paths: Iterable[str]) -> Paths:
    """The outermost folders that hold source code other than tests; the folder itself if code lies in it."""
    sources = [
        path.parts
        for path in map(PurePosixPath, paths)
        if path.suffix in languages() and TEST_FOLDERS.isdisjoint(path.parts) and path.name not in OUTSIDERS
    ]
    return (".",) if any(len(parts) == 1 for parts in sources) else tuple(dict.fromkeys(parts[0] for parts in sources))


def _definitions(folder: Path, paths: Sequence[str]) -> Paths:
    """The innermost folder that holds all declarations of MusicalConductor, and the files of flows outside of it."""
    holders = {
        os.path.dirname(path)
        for path in paths
        if os.path.basename(path) in MANIFESTS or (path.endswith("index.json") and _lists_sequences(folder / path))
    }
    common = [os.path.commonpath(holders) or "."] if holders else []
    flows = [path for path in paths if path.endswith(FLOW_FILES)]
    return (*common, *(path for path in flows if not any(PurePosixPath(path).is_relative_to(one) for one in common)))


def _lists_sequences(path: Path) -> bool:
    try:
        return isinstance(json.loads(path.read_bytes())["sequences"], list)
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _is_format(folder: Path, path: str) -> bool:
    if not path.endswith(".toml"):
        return False
    try:
        from telemap.records.format_files import load_format

        load_format((folder / path).read_text(encoding="utf-8"), path)
    except (OSError, ValueError, TelemapError):
        return False
    return True
