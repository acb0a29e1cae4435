"""Where settings are looked for, and how wrong ones are told."""

from __future__ import annotations

from pathlib import Path

import pytest

from telemap.config import Config, Demo, find_config
from telemap.errors import TelemapError


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_the_nearest_settings_upwards_count(tmp_path: Path) -> None:
    write(tmp_path / "telemap.toml", 'build = "outer"')
    write(tmp_path / "a" / "telemap.toml", 'build = "inner"')
    (tmp_path / "a" / "b").mkdir()
    found = find_config(tmp_path / "a" / "b")
    assert found == Config(tmp_path / "a", tmp_path / "a" / "telemap.toml", build="inner")


def test_a_table_in_pyproject_is_as_good(tmp_path: Path) -> None:
    write(tmp_path / "telemap.toml", "")
    write(tmp_path / "a" / "pyproject.toml", '[tool.telemap]\nlogs = ["x.log"]\n')
    assert find_config(tmp_path / "a") == Config(tmp_path / "a", tmp_path / "a" / "pyproject.toml", logs=("x.log",))


def test_a_pyproject_of_somebody_else_is_passed_over_even_if_broken(tmp_path: Path) -> None:
    write(tmp_path / "telemap.toml", "")
    write(tmp_path / "a" / "pyproject.toml", "[tool.ruff\n")
    assert find_config(tmp_path / "a").root == tmp_path


def test_a_repository_without_settings_is_a_project(tmp_path: Path) -> None:
    write(tmp_path / "telemap.toml", "")
    (tmp_path / "a" / ".git").mkdir(parents=True)
    (tmp_path / "a" / "b").mkdir()
    assert find_config(tmp_path / "a" / "b") == Config(tmp_path / "a")
    assert find_config(tmp_path / "a" / "b").store_folder == tmp_path / "a" / ".telemap" / "store"


def test_paths_are_told_as_seen_from_the_working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "telemap.toml", 'logs = ["logs/*.log", "/var/log/app.log"]')
    (tmp_path / "src").mkdir()
    monkeypatch.chdir(tmp_path / "src")
    assert find_config(Path.cwd()).found("logs") == ["../logs/*.log", "/var/log/app.log"]


@pytest.mark.parametrize(
    ("text", "summary", "line"),
    [
        ('logs = ["a"]\nspeed = 1\n', "there is no setting 'speed'", 2),
        ('\n\nlogs = "a"\n', "'logs' must be a list of texts", 3),
        ("code = [1]\n", "'code' must be a list of texts", 1),
        ("build = 1.0\n", "'build' must be a text", 1),
        ('build = "1"\n[demo]\nlog = "a"\n', "[demo] is not complete", 2),
    ],
)
def test_a_wrong_setting_is_told_with_its_line(
    text: str, summary: str, line: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "telemap.toml", text)
    with pytest.raises(TelemapError) as raised:
        find_config(Path.cwd())
    assert (raised.value.slug, raised.value.summary, raised.value.place) == (
        "bad-setting",
        summary,
        f"telemap.toml:{line}",
    )


def test_broken_toml_is_told_with_what_the_parser_says(tmp_path: Path) -> None:
    write(tmp_path / "telemap.toml", "logs = [\n")
    with pytest.raises(TelemapError, match="the settings cannot be read") as raised:
        find_config(tmp_path)
    assert "end of document" in (raised.value.reason or "").lower()


def test_how_to_run_an_example_is_a_setting(tmp_path: Path) -> None:
    write(tmp_path / "telemap.toml", '[demo]\ncommand = ["{python}", "x"]\nlog = "{build}.log"\nbuilds = ["1", "2"]\n')
    assert find_config(tmp_path).demo == Demo(("{python}", "x"), "{build}.log", ("1", "2"))
