"""Stores that pages are looked at with: a real application's, and awkward ones."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from shutil import copytree, ignore_patterns

from telemap.records.format_files import bundled_formats, read_formats
from telemap.store.declaring import index_definitions
from telemap.store.indexing import index_code
from telemap.store.linking import link_code
from telemap.store.loading import Ingest, ingest
from telemap.store.store import Store
from telemap.store.tested import index_coverage
from telemap.web.resources import Context
from tests.conftest import REPOSITORY

BUILDS = ("1.0.0", "2.0.0")
EXECUTIONS = 200
APP_FORMAT = REPOSITORY / "tests" / "cases" / "app.toml"

# Names that would say something in the console, and ask for a picture, if they were taken for markup.
IMAGE = "<img/src=x/onerror=console.error('markup')>"
SCRIPT = "</script><script>console.error('script')</script>"
RIGHT_TO_LEFT = "مُعالِج‮ab"
EMOJI = "👩‍👩‍👧‍👦🎼é"
LONG = "long" * 500

Line = tuple[float, str, str]
"""Milliseconds, the run, and what is said."""


def storefront(folder: Path) -> Context:
    """The example application: two builds run for real, with code, declared sequences and what tests run."""
    root = folder / "storefront"
    copytree(REPOSITORY / "examples" / "storefront", root, ignore=ignore_patterns("__pycache__", ".*", "*.log"))
    formats = (*read_formats([root / "formats" / "storefront.toml"]), *bundled_formats())
    store = Store(folder / "store", create=True)
    for build in BUILDS:
        log = f"storefront-{build}.log"
        run = ["-m", "storefront", "--build", build, "--log", log, "--executions", str(EXECUTIONS)]
        subprocess.run([sys.executable, *run], cwd=root, check=True, capture_output=True)
        ingest(store, [str(root / log)], Ingest(formats, build=build, service="storefront"))
    index_code(store, [root])
    index_definitions(store, [root / "definitions"])
    index_coverage(store, [root / "coverage.lcov"])
    link_code(store)
    return Context(store, root)


def renderx(folder: Path, data: Path, most_logs: int) -> Context:
    """Recordings of a real application in the browser, without its code."""
    store = Store(folder / "store", create=True)
    logs = sorted((data / "logs").glob("*.log"), key=lambda path: path.stat().st_size)[-most_logs:]
    ingest(store, [str(log) for log in logs], Ingest(bundled_formats()))
    index_definitions(store, [sorted((data / "definitions").iterdir())[2]])
    link_code(store)
    return Context(store, folder)


def of_lines(folder: Path, lines: Iterable[Line], log: str = "app.log", build: str | None = None) -> Context:
    """A store of a log, beside which ``code`` may lie."""
    store = Store(folder / "store", create=True)
    path = folder / log
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{at(ms)} [{run}] {said}\n" for ms, run, said in lines), encoding="utf-8")
    ingest(store, [str(path)], Ingest(tuple(read_formats([APP_FORMAT])), build=build))
    if (folder / "code").is_dir():
        index_code(store, [folder / "code"])
    link_code(store)
    return Context(store, folder)


def at(milliseconds: float) -> str:
    """A time after the beginning of the log, as it is written there."""
    time = datetime(2026, 1, 2, 3, 4) + timedelta(milliseconds=milliseconds)
    return time.isoformat(timespec="microseconds") + "Z"


def calls(run: str, sequence: str, handlers: Iterable[str], start: float = 0, each: float = 10) -> Iterable[Line]:
    """A run of a sequence in which handlers are called one after another."""
    yield start, run, f"begin {sequence}"
    yield start, run, f"beat 1 {sequence}:asked"
    clock = start
    for handler in handlers:
        yield clock, run, f"call {handler}"
        clock += each
        yield clock, run, f"done {handler}"
    yield clock, run, "beat 1 over"
    yield clock, run, f"end {sequence}"


def empty(folder: Path) -> Context:
    """A store that nothing was read into."""
    return Context(Store(folder / "store", create=True), folder)


def one_span(folder: Path) -> Context:
    """One execution, which takes no time."""
    return of_lines(folder, [(0, "r1", "call blink"), (0, "r1", "done blink")])


def far_apart(folder: Path) -> Context:
    """An execution of no time and one of three days in one log."""
    day = 86_400_000
    return of_lines(folder, [*calls("r1", "short", ["blink"], each=0), *calls("r2", "long", ["sleep"], each=3 * day)])


def many_handlers(folder: Path, handlers: int) -> Context:
    """A run in which so many handlers are called, each once."""
    return of_lines(folder, calls("r1", "all", (f"handler_{number}" for number in range(handlers)), each=0.1))


def hostile(folder: Path) -> Context:
    """Markup, right-to-left marks, emoji and very long names in every place that a name can be in."""
    code = folder / "code" / IMAGE / f"{SCRIPT.replace('/', ' ')}.py"
    code.parent.mkdir(parents=True)
    code.write_text(f"# {SCRIPT} {IMAGE}\ndef blink():\n    return {SCRIPT!r}\n", encoding="utf-8")
    lines: list[Line] = []
    for number, name in enumerate((IMAGE, SCRIPT, RIGHT_TO_LEFT, EMOJI, LONG)):
        start = number * 1000
        lines += calls(f"r{number}", name, [name, "blink"], start)
        lines += [
            (start + 100, f"f{number}", f"begin {name}"),
            (start + 100, f"f{number}", f"call {name}"),
            (start + 110, f"f{number}", f"failed {name}: {SCRIPT} {IMAGE}"),
            (start + 120, f"f{number}", f"end {name}"),
            (start + 130, f"u{number}", f"{IMAGE} {SCRIPT}"),
        ]
    return of_lines(folder, lines, f"{IMAGE.replace('/', ' ')} {EMOJI}.log", build=SCRIPT)
