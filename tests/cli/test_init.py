"""``telemap init``: settings from what a folder holds."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from telemap.config import find_config
from tests.cli.conftest import Telemap

PROCESS = """\
<definitions><process id="p"><startEvent id="s"/><task id="a" name="pay"/>
<sequenceFlow id="f" sourceRef="s" targetRef="a"/></process></definitions>
"""


def test_the_settings_name_what_is_found(project: Path, telemap: Telemap) -> None:
    for name in ("tests/test_shop.py", "coverage.json", "node_modules/x/index.js", "logs/old.log.gz", "logs/notes.md"):
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).write_text("")
    (project / "coverage.json").write_text('{"meta": {"branch_coverage": false}, "files": {}}')
    (project / "json").mkdir()
    (project / "json" / "jobs.toml").write_text('[json]\nrequires = ["when"]\nbody = ["msg"]\n')
    (project / "tests" / "other.toml").write_text("[json]\nindent = 2\n")
    (project / "telemap.toml").unlink()
    for name in ("definitions/pay.flow.yaml", "flows/refund.flow.yaml", "orders.bpmn", "README.md"):
        (project / name).parent.mkdir(exist_ok=True)
        (project / name).write_text(f"flow: {name}\nsteps: [a]\n" if "flow" in name else "```mermaid\n")
    (project / "orders.bpmn").write_text(PROCESS)
    assert telemap("init") == (
        "logs         logs/*.log, logs/*.log.gz\n"
        "code         src\n"
        "definitions  definitions, flows/refund.flow.yaml, orders.bpmn\n"
        "coverage     coverage.json\n"
        "formats      formats/*.toml, json/*.toml\n"
        "telemap.toml is written\n"
        "next: telemap ingest, then telemap index\n",
        "",
        0,
    )
    assert tomllib.loads((project / "telemap.toml").read_text()) == {
        "logs": ["logs/*.log", "logs/*.log.gz"],
        "code": ["src"],
        "definitions": ["definitions", "flows/refund.flow.yaml", "orders.bpmn"],
        "coverage": ["coverage.json"],
        "formats": ["formats/*.toml", "json/*.toml"],
    }
    assert telemap("ingest").status == 0
    assert telemap("index").err == ""
    found = "SELECT sequence_id FROM declared_flow ORDER BY ALL"
    assert telemap("query", found, "--format", "csv").out.splitlines()[1:] == [
        "checkout",
        "definitions/pay.flow.yaml",
        "flows/refund.flow.yaml",
        "orders",
    ]


def test_settings_that_are_there_are_replaced_only_if_told(project: Path, telemap: Telemap) -> None:
    before = (project / "telemap.toml").read_text()
    said = telemap("init")
    assert (said.out, said.status, (project / "telemap.toml").read_text()) == ("", 2, before)
    assert said.err.startswith("error[settings-exist]: there is a telemap.toml already\n")
    assert telemap("init", "--force").status == 0
    assert (project / "telemap.toml").read_text() != before


def test_an_empty_folder_gives_settings_that_are_all_commented_out(
    tmp_path: Path, telemap: Telemap, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    said = telemap("init")
    assert said.out.splitlines()[:2] == ["logs         (none found)", "code         (none found)"]
    config = find_config(tmp_path)
    assert (config.origin, config.logs, config.code) == (tmp_path / "telemap.toml", (), ())
