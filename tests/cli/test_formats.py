"""``telemap formats``; where lines stop to fit is in the cases."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.conftest import APP_FORMAT, Telemap


def test_own_formats_come_before_the_bundled_ones(project: Path, telemap: Telemap) -> None:
    listed = json.loads(telemap("formats", "list", "--format", "json").out)["formats"]
    assert [(f["name"], f["origin"]) for f in listed] == [
        ("app", "formats/app.toml"),
        ("musical-conductor", "formats/musical-conductor.toml"),
    ]
    assert (listed[0]["patterns"], listed[0]["events"][:2]) == (["line"], ["sequence.started", "sequence.ended"])


def test_a_format_of_the_project_replaces_the_bundled_one_of_its_name(project: Path, telemap: Telemap) -> None:
    (project / "formats" / "app.toml").rename(project / "formats" / "musical-conductor.toml")
    said = telemap("formats", "show", "musical-conductor")
    assert said.out == APP_FORMAT.read_text()


def test_a_bundled_format_is_shown_as_its_file_stands(project: Path, telemap: Telemap) -> None:
    said = telemap("formats", "show", "musical-conductor")
    assert (said.out.splitlines()[0][:9], said.status) == ('title = "', 0)
    document = json.loads(telemap("formats", "show", "musical-conductor", "--format", "json").out)
    assert document["text"].rstrip("\n") == said.out.rstrip("\n")
    assert {"name", "regex"} == set(document["events"][0])


def test_a_pattern_that_matches_no_file_is_an_error(project: Path, telemap: Telemap) -> None:
    (project / "telemap.toml").write_text('formats = ["fromats/*.toml"]\n')
    assert telemap("formats", "list") == (
        "",
        "error[bad-setting]: formats: no file matches 'fromats/*.toml'\n  --> telemap.toml\n"
        "  help: mend the path; it is relative to the file that it stands in\n",
        2,
    )


def test_a_packed_log_is_tried_too(project: Path, telemap: Telemap) -> None:
    import gzip

    (project / "app.log.gz").write_bytes(gzip.compress((project / "logs" / "app.log").read_bytes()))
    document = json.loads(telemap("formats", "try", "app.log.gz", "--line", "3", "--format", "json").out)
    assert document == {
        "schemaVersion": 1,
        "source": "app.log.gz",
        "logFormat": "app",
        "lines": [
            {
                "line": 3,
                "text": "2026-01-02T03:04:05.000Z [r1] call price",
                "pattern": "line",
                "event": "handler.started",
                "groups": {
                    "timestamp": "2026-01-02T03:04:05.000Z",
                    "request_id": "r1",
                    "body": "call price",
                    "handler": "price",
                },
                "attempts": [],
            }
        ],
    }


def test_where_no_format_fits_the_nearest_pattern_of_any_is_shown(project: Path, telemap: Telemap) -> None:
    (project / "odd.log").write_text("2026-01-02T03:04:05Z <info> hello\n")
    document = json.loads(telemap("formats", "try", "odd.log", "--format", "json").out)
    nearest = document["lines"][0]["attempts"][0]
    assert document["logFormat"] is None
    assert nearest == {
        "pattern": "line",
        "logFormat": "app",
        "column": 22,
        "expected": r"\[(?P<request_id>[^\]]+)\] (?P<body>.*)$",
    }
