"""The command line as a whole: help, examples, start-up, errors."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import telemap as package
from telemap.cli.app import verbs
from tests.cli.conftest import Telemap

HEAVY = ("ast_grep_py", "deltalake", "duckdb", "numpy", "pyarrow", "pydantic", "rich", "starlette", "uvicorn")
VERBS = [
    ("demo",),
    ("init",),
    ("ingest",),
    ("index",),
    ("coverage",),
    ("flows",),
    ("graph",),
    ("heatmap",),
    ("timeline",),
    ("report",),
    ("serve",),
    ("executions",),
    ("map",),
    ("explain",),
    ("export", "lcov"),
    ("export", "chrome"),
    ("export", "speedscope"),
    ("export", "cobertura"),
    ("export", "mermaid"),
    ("export", "dot"),
    ("export", "graphml"),
    ("query",),
    ("formats", "list"),
    ("formats", "show"),
    ("formats", "try"),
]
UNTRIED = [("formats", "new"), ("formats", "import")]  # their examples name files that no project has
ELSEWHERE = {("demo",), ("report",), ("serve",)}  # their examples run in test_demo.py, test_report.py, test_serve.py


def test_help_lists_every_verb_with_what_its_own_help_says_first(telemap: Telemap) -> None:
    assert list(verbs()) == list(dict.fromkeys(verb[0] for verb in VERBS))
    listed = telemap("--help").out
    for name, purpose in verbs().items():
        assert f"\n  {name.ljust(10)}  {purpose}\n" in listed
        assert telemap(name, "--help").out.splitlines()[2] == f"  {purpose}"


@pytest.mark.parametrize("verb", [verb for verb in VERBS if verb not in ELSEWHERE], ids=" ".join)
def test_help_ends_in_an_example_that_works(verb: tuple[str, ...], project: Path, telemap: Telemap) -> None:
    assert (telemap("ingest", "logs").status, telemap("index", "src").status) == (0, 0)
    said = telemap(*verb, "--help")
    found = re.search(r"\n  Example:\n    telemap (.+)\n$", said.out)
    assert found is not None
    assert (said.status, shlex.split(found[1])[: len(verb)]) == (0, list(verb))
    ran = telemap(*shlex.split(found[1]))
    assert (ran.status, ran.err) == (0, "")


def test_version(telemap: Telemap) -> None:
    assert telemap("--version") == (f"telemap {package.__version__}\n", "", 0)


def program(text: str, *arguments: str, **settings: Any) -> subprocess.CompletedProcess[bytes]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **settings.pop("env", {})}
    return subprocess.run([sys.executable, "-c", text, *arguments], capture_output=True, env=environment, **settings)


MAIN = "from telemap.cli import main; main()"


@pytest.mark.parametrize("verb", [(), *VERBS, ("formats",), *UNTRIED], ids=" ".join)
def test_help_loads_nothing_heavy(verb: tuple[str, ...]) -> None:
    run = program(
        "import atexit, sys; from telemap.cli import main\n"
        f"atexit.register(lambda: print('heavy:', [name for name in {HEAVY!r} if name in sys.modules]))\nmain()",
        *verb,
        "--help",
    )
    assert run.stdout.startswith(f"Usage: {' '.join(('telemap', *verb))} ".encode())
    assert run.stdout.splitlines()[-1] == b"heavy: []"


def test_the_program_ends_with_status_2_and_no_traceback(tmp_path: Path) -> None:
    run = program(MAIN, "heatmap", "--db", "nothing-here", cwd=tmp_path)
    assert (run.returncode, run.stdout, run.stderr.decode()) == (
        2,
        b"",
        "error[no-store]: there is no telemap store here\n  --> nothing-here\n  help: telemap ingest LOGS makes one\n",
    )


def test_answers_are_utf_8_wherever_they_are_piped_to(project: Path, telemap: Telemap) -> None:
    telemap("ingest", "logs")
    run = program(MAIN, "query", "SELECT 'é✓' AS marks", env={"PYTHONIOENCODING": "latin-1"})
    assert run.stdout.decode("utf-8") == "marks\né✓\n"


def test_an_answer_goes_to_a_file(project: Path, telemap: Telemap) -> None:
    telemap("ingest", "logs")
    sql = "SELECT kind FROM span WHERE kind = 'beat'"
    assert telemap("query", sql, "--format", "csv", "-o", "kinds.csv") == ("", "", 0)
    assert (project / "kinds.csv").read_bytes() == b"kind\nbeat\n"
    assert telemap("query", sql, "-o", "no/such/folder.csv") == (
        "",
        "error[no-output]: the answer cannot be written\n  reason: No such file or directory\n"
        "  --> no/such/folder.csv\n  help: choose another -o FILE\n",
        2,
    )
