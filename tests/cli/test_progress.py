"""What stands on a terminal while ``telemap ingest`` reads."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import telemap
from tests.cli.conftest import APP_LOG

pty = pytest.importorskip("pty")  # which Windows has not


def seen(*arguments: str, **environment: str) -> str:
    """What a terminal is sent on standard error, without colours."""
    terminal, theirs = pty.openpty()
    command = [sys.executable, "-m", "telemap", *arguments]
    modules = str(Path(telemap.__file__).parents[1])
    environment = {**os.environ, "PYTHONPATH": modules, "TERM": "xterm", **environment}
    subprocess.run(command, stderr=theirs, stdout=subprocess.DEVNULL, env=environment, check=True)
    os.close(theirs)
    text = b""
    try:
        while part := os.read(terminal, 65536):
            text += part
    except OSError:  # Linux says so that the other end is closed
        pass
    os.close(terminal)
    return re.sub(r"\x1b\[[?\d;]*[A-Za-z]", "\n", text.decode())


@pytest.mark.parametrize(
    ("columns", "told"),
    [("100", r"^app.log +.*\d/\d[\d.]* \w+ +[\d,]+ records/s +(\d\d:\d\d)$"), ("40", r"^app\.log +100% (\d\d:\d\d)$")],
)
def test_progress_tells_as_much_as_there_is_room_for(project: Path, columns: str, told: str) -> None:
    lines = [re.sub(r"\s*\n\s*", " ", frame).strip() for frame in seen("ingest", "logs", COLUMNS=columns).split("\r")]
    assert [line for line in lines if re.search(told, line)] != []
    assert all(len(line) <= int(columns) for line in lines)


def test_names_of_logs_are_shown_as_they_are(project: Path) -> None:
    (project / "logs" / "app.log").unlink()
    (project / "logs" / "[red]app.log").write_text(APP_LOG)
    assert "[red]app.log" in seen("ingest", "logs", COLUMNS="100", NO_COLOR="1")


def test_a_terminal_that_cannot_move_is_left_alone(project: Path) -> None:
    assert "app.log" not in seen("ingest", "logs", TERM="dumb")
