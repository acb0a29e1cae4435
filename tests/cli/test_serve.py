"""``telemap serve``: a process that answers until it is told to stop."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from telemap.web import front_end
from tests.cli.conftest import Telemap

# The command line, with a front end that is small.
MAIN = """
import sys
from telemap.web import front_end
front_end.BUILT = sys.argv.pop(1)
from telemap.cli import main
main()
"""


@pytest.fixture(autouse=True)
def built(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Path:
    built = tmp_path_factory.mktemp("built")
    for name in front_end.FILES:
        (built / name).write_text(name)
    monkeypatch.setattr(front_end, "BUILT", str(built))
    return built


@contextmanager
def served(built: Path, *arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The process, and what it said first."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", MAIN, str(built), "serve", *arguments]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, env=environment) as process:
        assert process.stderr is not None
        try:
            yield process, process.stderr.readline()
        finally:
            process.kill()


def test_it_says_where_it_is_answers_there_and_stops_when_told(project: Path, telemap: Telemap, built: Path) -> None:
    telemap("ingest", "logs")
    with served(built, "--port", "0") as (process, said):
        found = re.fullmatch(r"(http://127\.0\.0\.1:\d+)  \(Ctrl-C stops\)\n", said)
        assert found is not None
        with urllib.request.urlopen(f"{found[1]}/api/heatmap", timeout=30) as answer:
            assert [one["name"] for one in json.load(answer)["handlers"]] == ["price"]
        with urllib.request.urlopen(f"{found[1]}/", timeout=30) as answer:
            assert answer.read() == b"index.html"
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
        assert (process.stdout and process.stdout.read(), process.stderr and process.stderr.read()) == ("", "")


def test_its_example_is_how_it_is_called(project: Path, telemap: Telemap, built: Path) -> None:
    telemap("ingest", "logs")
    example = re.search(r"Example:\n    telemap serve (--port) (\d+)\n$", telemap("serve", "--help").out)
    assert example is not None
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
    with served(built, example[1], port) as (_, said):
        assert said == f"http://127.0.0.1:{port}  (Ctrl-C stops)\n"


def test_a_port_that_is_taken_is_told(project: Path, telemap: Telemap) -> None:
    telemap("ingest", "logs")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = telemap("serve", "--port", str(port))
    assert said == (
        "",
        f"error[no-address]: cannot listen at 127.0.0.1:{port}\n  reason: Address already in use\n"
        "  help: choose another --port, or 0 for any that is free\n",
        2,
    )


def test_an_address_of_another_machine_is_told(project: Path, telemap: Telemap) -> None:
    telemap("ingest", "logs")
    said = telemap("serve", "--host", "192.0.2.1")  # of no machine: it is for examples
    assert (said.out, said.status) == ("", 2)
    assert said.err.startswith("error[no-address]: cannot listen at 192.0.2.1:4330\n")


@pytest.mark.parametrize("package", ["starlette.applications", "uvicorn"])
def test_without_the_extra_it_says_what_to_install(
    project: Path, telemap: Telemap, monkeypatch: pytest.MonkeyPatch, package: str
) -> None:
    telemap("ingest", "logs")
    monkeypatch.setitem(sys.modules, package, None)
    said = telemap("serve", "--port", "0")
    assert (said.out, said.status) == ("", 2)
    assert said.err.startswith("error[no-server]: the dashboard's server is not installed\n")
    assert said.err.endswith("  help: pip install 'telemap[serve]'; telemap report writes the same pages into a file\n")


def test_without_pages_it_says_how_to_get_them(
    project: Path, telemap: Telemap, monkeypatch: pytest.MonkeyPatch
) -> None:
    telemap("ingest", "logs")
    monkeypatch.setattr(front_end, "BUILT", "not-built")
    said = telemap("serve", "--port", "0")
    assert (said.out, said.status) == ("", 2)
    assert said.err.startswith("error[no-front-end]: this installation has no pages to show\n")


def test_without_a_store_it_says_which_command_makes_one(project: Path, telemap: Telemap) -> None:
    said = telemap("serve", "--port", "0")
    assert (said.out, said.status) == ("", 2)
    assert said.err.startswith("error[no-store]: ")
