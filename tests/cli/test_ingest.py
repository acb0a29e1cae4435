"""``telemap ingest``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import APP_LOG, Telemap


def test_ingest_is_safe_to_repeat_and_reads_what_was_appended(project: Path, telemap: Telemap) -> None:
    def totals() -> dict[str, int]:
        return json.loads(telemap("ingest", "logs", "--format", "json").out)["totals"]

    first, again = totals(), totals()
    with (project / "logs" / "app.log").open("a") as log:
        log.write(APP_LOG.replace("r1", "r2"))
    appended = totals()
    assert first == {
        "bytes": len(APP_LOG),
        "bytesAccounted": len(APP_LOG),
        "lines": 6,
        "records": 6,
        "unparsedRecords": 0,
        "events": 6,
        "spans": 3,
    }
    assert again == first
    assert appended == {name: 2 * count for name, count in first.items()}


def test_standard_input_is_a_source(project: Path, telemap: Telemap) -> None:
    said = telemap("ingest", "-", "--format", "json", stdin=APP_LOG.encode())
    assert json.loads(said.out)["sources"] == [
        {
            "source": "-",
            "logFormat": "app",
            "bytes": len(APP_LOG),
            "bytesAccounted": len(APP_LOG),
            "lines": 6,
            "records": 6,
            "unparsedRecords": 0,
            "events": 6,
            "spans": 3,
            "skipped": None,
            "assumedTimeZone": None,
            "outOfOrder": 0,
        }
    ]


def test_build_and_service_of_the_command_line_go_before_the_settings(project: Path, telemap: Telemap) -> None:
    (project / "telemap.toml").write_text('formats = ["formats/*.toml"]\nbuild = "1.0"\nservice = "shop"\n')
    telemap("ingest", "logs", "--build", "2.0")
    said = telemap("query", "SELECT service_name, service_version FROM source", "--format", "csv")
    assert said.out == "service_name,service_version\nshop,2.0\n"


def test_the_project_store_is_kept_out_of_git_and_another_place_is_left_alone(project: Path, telemap: Telemap) -> None:
    telemap("ingest", "logs")
    telemap("ingest", "logs", "--db", "elsewhere/store")
    assert (project / ".telemap" / ".gitignore").read_text() == "*\n"
    assert [path.name for path in (project / "elsewhere").iterdir()] == ["store"]


def test_the_store_is_found_from_a_folder_below(
    project: Path, telemap: Telemap, monkeypatch: pytest.MonkeyPatch
) -> None:
    telemap("ingest", "logs")
    monkeypatch.chdir(project / "src")
    assert telemap("query", "SELECT count(*) AS n FROM source", "--format", "csv").out == "n\n1\n"


def test_an_unknown_log_format_stops_before_anything_is_read(project: Path, telemap: Telemap) -> None:
    assert telemap("ingest", "logs", "--log-format", "nginx") == (
        "",
        "error[no-format]: there is no log format 'nginx'\n  help: telemap formats list shows what there is\n",
        2,
    )
