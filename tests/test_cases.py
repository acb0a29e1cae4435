"""The Markdown files of ``cases/``: logs, commands and what they must say."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from telemap.cli.app import app

CASES = Path(__file__).parent / "cases"
FILES = sorted(path for path in CASES.rglob("*.md") if path.name != "README.md")
BLOCK = re.compile(r"^```(?P<language>\w+)(?: (?P<name>\S+))?\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("case", FILES, ids=lambda path: path.relative_to(CASES).with_suffix("").as_posix())
def test_case(case: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    (tmp_path / "formats").mkdir()
    shutil.copy(CASES / "app.toml", tmp_path / "formats")
    (tmp_path / "telemap.toml").write_text('formats = ["formats/*.toml"]\n')
    text = case.read_text(encoding="utf-8")
    said = BLOCK.sub(lambda block: played(block, tmp_path), text)
    if request.config.getoption("--accept"):
        case.write_text(said, encoding="utf-8")
    else:
        assert said == text


def played(block: re.Match[str], folder: Path) -> str:
    """The block as it is once its file is written, or its commands have been run."""
    if block["name"]:
        path = folder / block["name"]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(block["text"], encoding="utf-8")
    if block["language"] != "console":
        return block[0]
    commands = re.findall(r"^\$ telemap (.*)$", block["text"], re.MULTILINE)
    return "```console\n" + "".join(f"$ telemap {command}\n{run(command)}" for command in commands) + "```"


def run(command: str) -> str:
    """What a command says."""
    result = CliRunner().invoke(app, shlex.split(command), prog_name="telemap")
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    # Ids are made from the place of a file on the disk.
    said = re.sub(r"\b[0-9a-f]{16}(?:[0-9a-f]{16})?\b", "<id>", result.output)
    return said + (f"[exit status {result.exit_code}]\n" if result.exit_code else "")
