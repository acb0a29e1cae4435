"""A project folder to work in, and the command line in this process."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from typer.testing import CliRunner

from telemap.cli.app import app

APP_FORMAT = Path(__file__).parents[1] / "cases" / "app.toml"
APP_LOG = """\
2026-01-02T03:04:05.000Z [r1] begin checkout
2026-01-02T03:04:05.000Z [r1] beat 1 cart:priced
2026-01-02T03:04:05.000Z [r1] call price
2026-01-02T03:04:05.010Z [r1] done price
2026-01-02T03:04:05.010Z [r1] beat 1 over in 9.5ms
2026-01-02T03:04:05.010Z [r1] end checkout
"""


class Said(NamedTuple):
    """What a command wrote, and its exit status."""

    out: str
    err: str
    status: int


Telemap = Callable[..., Said]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with a log format, a log, code and a declared sequence; the working folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    files = {
        "telemap.toml": 'formats = ["formats/*.toml"]\n',
        "logs/app.log": APP_LOG,
        "src/shop.py": "def price(cart):\n    return sum(cart)\n",
        "definitions/index.json": '{"sequences": [{"file": "checkout.json", "handlersPath": "shop"}]}',
        "definitions/checkout.json": '{"id": "checkout", "name": "Checkout", "pluginId": "Shop", "movements": '
        '[{"name": "M", "beats": [{"beat": 1, "event": "cart:priced", "handler": "price"}]}]}',
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "formats").mkdir()
    shutil.copy(APP_FORMAT, tmp_path / "formats")
    return tmp_path


@pytest.fixture
def telemap() -> Telemap:
    """The command line: called with arguments, and with what stands on standard input."""

    def run(*arguments: str, stdin: bytes | None = None) -> Said:
        result = CliRunner().invoke(app, arguments, input=stdin, prog_name="telemap")
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Said(result.stdout, result.stderr, result.exit_code)

    return run
