"""``telemap formats``; where lines stop to fit is in the cases."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from telemap.records.format_files import bundled_formats, load_format
from tests.cli.conftest import APP_FORMAT, Telemap


def test_own_formats_come_before_the_bundled_ones(project: Path, telemap: Telemap) -> None:
    listed = json.loads(telemap("formats", "list", "--format", "json").out)["formats"]
    assert [f["name"] for f in listed] == ["app", *(f.name for f in bundled_formats())]
    assert (listed[0]["kind"], listed[0]["origin"]) == ("text", "formats/app.toml")
    assert (listed[0]["patterns"], listed[0]["events"][:2]) == (["line"], ["sequence.started", "sequence.ended"])


def test_the_kinds_of_formats_are_told(project: Path, telemap: Telemap) -> None:
    listed = json.loads(telemap("formats", "list", "--format", "json").out)["formats"]
    kinds = {f["name"]: f["kind"] for f in listed}
    names = ("app", "docker-json", "pino", "generic-text", "generic-json")
    assert [kinds[name] for name in names] == ["text", "wrapper", "json", "generic", "generic"]


@pytest.mark.parametrize("columns", [80, 120])
def test_the_list_fits_the_terminal(
    project: Path, telemap: Telemap, monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    lines = telemap("formats", "list").out.splitlines()
    assert max(map(len, lines)) <= columns
    assert lines[1].split()[:2] == ["app", "text"]


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


def tried(telemap: Telemap, *arguments: str) -> dict[str, Any]:
    """What is told of the only line that is tried."""
    document = json.loads(telemap("formats", "try", *arguments, "--format", "json").out)
    (line,) = document["lines"]
    return {"logFormat": document["logFormat"], "line": line}


def test_a_packed_log_is_tried_too(project: Path, telemap: Telemap) -> None:
    import gzip

    (project / "app.log.gz").write_bytes(gzip.compress((project / "logs" / "app.log").read_bytes()))
    assert tried(telemap, "app.log.gz", "--line", "3") == {
        "logFormat": "app",
        "line": {
            "line": 3,
            "text": "2026-01-02T03:04:05.000Z [r1] call price",
            "logFormat": "app",
            "pattern": "line",
            "event": "handler.started",
            "timestamp": {"time": "2026-01-02T03:04:05.000Z", "missing": None},
            "groups": {
                "timestamp": "2026-01-02T03:04:05.000Z",
                "request_id": "r1",
                "body": "call price",
                "handler": "price",
            },
            "keys": {},
            "attributes": {},
            "wrapper": None,
            "inside": None,
            "attempts": [],
        },
    }


def test_where_no_format_fits_the_nearest_pattern_of_any_is_shown(project: Path, telemap: Telemap) -> None:
    (project / "odd.log").write_text("2026-01-02T::Z [r1]once\n")
    told = tried(telemap, "odd.log")
    own = [miss for miss in told["line"]["attempts"] if miss["logFormat"] == "app"]
    assert (told["logFormat"], own) == (
        None,
        [
            {
                "pattern": "line",
                "logFormat": "app",
                "column": 20,
                "expected": " (?P<body>.*)$",
                "reason": None,
            }
        ],
    )


def test_of_a_wrapped_line_both_the_wrapper_and_what_is_inside_are_told(project: Path, telemap: Telemap) -> None:
    lines = [
        {"log": f'{{"level":30,"time":1767323045678,"pid":1,"hostname":"h","msg":"a\\tb {n}"}}\n', "stream": "stdout"}
        for n in range(3)
    ]
    wrapped = [json.dumps({**line, "time": "2026-01-02T03:04:06.5Z"}) for line in lines]
    (project / "docker.log").write_text("\n".join(wrapped) + "\n")
    told = tried(telemap, "docker.log", "--line", "2")
    assert told["logFormat"] == "docker-json/pino"
    line = told["line"]
    assert (line["text"], line["inside"]) == (wrapped[1], lines[1]["log"].rstrip("\n"))
    assert (line["wrapper"]["timestamp"], line["wrapper"]["body"]) == ("2026-01-02T03:04:06.5Z", lines[1]["log"])
    assert (line["logFormat"], line["pattern"], line["timestamp"]) == (
        "pino",
        "json",
        {"time": "2026-01-02T03:04:05.678Z", "missing": None},
    )
    assert (line["groups"]["body"], line["keys"]["body"]) == ("a\tb 1", "msg")


def test_a_line_in_another_format_than_its_source_is_told_as_such(project: Path, telemap: Telemap) -> None:
    log = project / "logs" / "app.log"
    log.write_text(log.read_text() + '{"level":30,"time":1767323045678,"pid":1,"hostname":"h","msg":"x"}\n')
    told = tried(telemap, "logs/app.log", "--line", "7")
    assert (told["logFormat"], told["line"]["logFormat"], told["line"]["pattern"]) == ("app", "pino", "json")


@pytest.mark.parametrize(
    ("text", "next_command"),
    [
        ("2026-01-02T03:04:05.000Z [r1] begin checkout\n", "telemap formats show app"),
        ("2026-01-02 03:04:05 anything\n", "telemap formats new 'logs/the app.log'"),
        ("Welcome\nto the shop\n", "telemap formats new 'logs/the app.log'"),
    ],
)
def test_what_says_little_of_a_log_leads_to_a_format_of_its_own(
    project: Path, telemap: Telemap, text: str, next_command: str
) -> None:
    (project / "logs" / "the app.log").write_text(text)
    said = telemap("formats", "try", "logs/the app.log").out
    assert said.splitlines()[-1].startswith(f"next: {next_command}  (")
    assert "stop at the mark" not in said


def test_of_a_folder_the_log_that_is_looked_at_is_named(project: Path, telemap: Telemap) -> None:
    assert telemap("formats", "try", "logs").out.splitlines()[0] == "logs/app.log: log format app"


def test_traces_are_not_tried_as_lines(project: Path, telemap: Telemap) -> None:
    (project / "trace.json").write_text('{"resourceSpans":[]}\n')
    said = telemap("formats", "try", "trace.json")
    assert said.err.startswith("error[nothing-read]: there are no lines to look at\n  reason: it holds traces (otlp")
    assert (said.out, said.status) == ("", 2)


def test_the_examples_of_the_docs_are_formats() -> None:
    page = (Path(__file__).parents[2] / "docs" / "reference" / "formats.md").read_text(encoding="utf-8")
    texts = [text for text in re.findall(r"^```toml\n(.*?)^```$", page, re.MULTILINE | re.DOTALL) if "title" in text]
    worker, jobs = (load_format(text, "docs.toml") for text in texts)
    (sample,) = worker.samples
    match = worker.match(sample.line.encode())
    assert match is not None
    assert match.event is not None
    assert (match.event.name, worker.severities) == (sample.event_name, {"BAD": "ERROR"})
    assert jobs.match(b'{"when":1767323045678,"lvl":"info","error":{"message":"x"}}') is not None


# ---- new

JOBS = """\
I 1767323045.678 scheduler> start resize
    with care
W 1767323045.700 worker> slow
"""


def test_a_proposal_is_a_format_that_reads_its_log(project: Path, telemap: Telemap) -> None:
    (project / "logs" / "jobs.log").write_text(JOBS)
    said = telemap("formats", "new", "logs/jobs.log", "-o", "formats/jobs.toml")
    assert said == (
        "formats/jobs.toml: a proposal for logs/jobs.log\n"
        "100.0% of 3 lines explained: 2 begin a record, 1 indented or blank\n"
        "\n"
        "next: telemap formats try logs/jobs.log  (how the lines are understood now)\n",
        "",
        0,
    )
    told = tried(telemap, "logs/jobs.log", "--line", "3")
    assert (told["logFormat"], told["line"]["groups"]) == (
        "jobs",
        {"severity_text": "W", "timestamp": "1767323045.700", "logger_name": "worker", "body": "slow"},
    )


def test_a_proposal_to_the_terminal_is_the_file_itself(project: Path, telemap: Telemap) -> None:
    (project / "logs" / "jobs.log").write_text(JOBS)
    said = telemap("formats", "new", "logs/jobs.log", "--name", "night jobs")
    assert load_format(said.out, "x.toml").title == "night jobs"
    document = json.loads(telemap("formats", "new", "logs/jobs.log", "--name", "night jobs", "--format", "json").out)
    assert document.pop("text") == said.out
    assert document == {
        "schemaVersion": 1,
        "name": "night jobs",
        "file": None,
        "lines": 3,
        "records": 2,
        "continued": 1,
        "others": 0,
    }


def test_for_wrapped_lines_the_proposal_is_about_what_is_inside(project: Path, telemap: Telemap) -> None:
    lines = [
        json.dumps({"log": f"{line}\n", "stream": "stdout", "time": "2026-01-02T03:04:05Z"})
        for line in JOBS.splitlines()
    ]
    (project / "docker.log").write_text("\n".join(lines) + "\n")
    document = json.loads(telemap("formats", "new", "docker.log", "--format", "json").out)
    assert (document["lines"], document["records"], document["continued"]) == (3, 2, 1)


def test_it_is_told_that_a_format_fits_already_and_which_lines_are_left(project: Path, telemap: Telemap) -> None:
    log = project / "logs" / "app.log"
    log.write_text(log.read_text() + "Killed\n")
    assert telemap("formats", "new", "logs/app.log").err == (
        "warning: the log format app fits already; telemap formats try logs/app.log\n"
        "warning: no pattern fits 1 line of 7: Killed\n"
    )


def test_a_log_without_anything_to_go_by_gets_no_proposal(project: Path, telemap: Telemap) -> None:
    (project / "odd.log").write_text("once upon a time\n")
    said = telemap("formats", "new", "odd.log", "-o", "formats/odd.toml")
    assert said.err.startswith("error[no-proposal]: nothing in the log looks like the beginning of a record\n")
    assert (said.status, (project / "formats" / "odd.toml").exists()) == (2, False)


@pytest.mark.parametrize("command", [("new", "logs/app.log", "-o", "formats/app.toml"), ("import", "app.json")])
def test_no_file_is_replaced(project: Path, telemap: Telemap, command: tuple[str, ...]) -> None:
    (project / "app.json").write_text('{"b": {"json": true}, "app": {"json": true}}')
    said = telemap("formats", *command)
    assert "error[format-exists]: there is such a file already\n  --> formats/app.toml\n" in said.err
    assert [file.name for file in (project / "formats").iterdir()] == ["app.toml"]
    assert (project / "formats" / "app.toml").read_text() == APP_FORMAT.read_text()


# ---- import

LNAV = r"""{
    // a comment
    "worker_log": {
        "title": "Worker",
        "multiline": false,
        "regex": {"std": {"pattern": "^(?<timestamp>\\S+) (?<level>\\w+) (?<body>.*)$"}, "odd": {"pattern": "^\\Kx"}},
        "sample": [{"line": "2026-01-02T03:04:05Z ERROR gone", "level": "error"}, {"line": "more"}]
    },
    "part": {"title": "More of another"}
}"""


def test_imported_formats_are_used_at_once_where_the_settings_take_them(project: Path, telemap: Telemap) -> None:
    (project / "worker.json").write_text(LNAV)
    document = json.loads(telemap("formats", "import", "worker.json", "--format", "json").out)
    assert document == {
        "schemaVersion": 1,
        "source": "worker.json",
        "formats": [
            {
                "name": "worker_log",
                "file": "formats/worker_log.toml",
                "patterns": 1,
                "samples": 2,
                "samplesUnderstood": 1,
                "notTranslated": [
                    {
                        "setting": "regex.odd",
                        "reason": r"\K forgets what was matched so far, which Python does not have",
                    },
                    {"setting": "sample 2", "reason": "no pattern fits"},
                ],
                "notNeeded": ["multiline"],
            },
            {
                "name": "part",
                "file": None,
                "patterns": 0,
                "samples": 0,
                "samplesUnderstood": 0,
                "notTranslated": [
                    {"setting": "regex", "reason": "there is none: it changes a format that stands elsewhere"}
                ],
                "notNeeded": [],
            },
        ],
    }
    listed = json.loads(telemap("formats", "list", "--format", "json").out)["formats"]
    assert [f["name"] for f in listed[:2]] == ["app", "worker_log"]


@pytest.mark.parametrize("settings", ['formats = ["formats/app.toml"]\n', 'formats = ["none/*.toml"]\n'])
def test_where_the_settings_do_not_take_the_files_the_line_to_add_is_told(
    project: Path, telemap: Telemap, settings: str
) -> None:
    (project / "worker.json").write_text(LNAV)
    (project / "telemap.toml").write_text(settings)
    said = telemap("formats", "import", "worker.json", "-o", "mine")
    assert 'add to telemap.toml: formats = ["mine/*.toml"]\n' in said.out
    assert (project / "mine" / "worker_log.toml").exists()


def test_a_file_that_cannot_be_read_is_told(project: Path, telemap: Telemap) -> None:
    assert telemap("formats", "import", "none.json") == (
        "",
        "error[bad-lnav-format]: the file cannot be read\n"
        "  reason: [Errno 2] No such file or directory: 'none.json'\n  --> none.json\n",
        2,
    )
