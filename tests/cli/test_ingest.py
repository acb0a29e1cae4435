"""``telemap ingest``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import APP_LOG, Said, Telemap


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
            "clockSteps": 0,
            "redacted": {},
            "fittingFormat": None,
        }
    ]


def test_build_and_service_of_the_command_line_go_before_the_settings(project: Path, telemap: Telemap) -> None:
    (project / "telemap.toml").write_text('formats = ["formats/*.toml"]\nbuild = "1.0"\nservice = "shop"\n')
    telemap("ingest", "logs", "--build", "2.0")
    said = telemap("query", "SELECT service_name, service_version FROM source", "--format", "csv")
    assert said.out == "service_name,service_version\nshop,2.0\n"


def test_without_texts_a_store_holds_only_where_they_stand(project: Path, telemap: Telemap) -> None:
    record = '{"timeUnixNano":"1","body":{"stringValue":"paid"}}'
    log = f'{{"resourceLogs":[{{"resource":{{}},"scopeLogs":[{{"scope":{{}},"logRecords":[{record}]}}]}}]}}\n'
    (project / "logs/otlp.jsonl").write_text(log)
    for option, bodies in (("--no-text", 0), ("--text", 7)):
        telemap("ingest", "logs", option, "--db", option[2:])
        said = telemap("query", "SELECT count(*) AS records, count(body) AS bodies FROM record", "--db", option[2:])
        assert lines_of(said)[-1].split() == ["7", str(bodies)]


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


def lines_of(said: Said) -> list[str]:
    return said.out.splitlines()


def test_many_logs_are_summed_up_by_format_and_data_files_have_each(project: Path, telemap: Telemap) -> None:
    for number in range(101):
        (project / "logs" / f"{number}.log").write_text(APP_LOG)
    (project / "logs" / "odd.txt").write_text("Welcome\nto the shop\n")
    (project / "logs" / "empty.txt").write_text("")
    said = lines_of(telemap("ingest", "logs"))
    assert said[:6] == [
        "format       logs  lines  records  unparsed  events  spans",
        "app           102    612      612         0     612    306",
        "(none fits)     1      2        2         2       0      0",
        "",
        "104 logs, 614 lines, 612 events, 306 executions; 1 skipped",
        "",
    ]
    assert len(telemap("ingest", "logs", "--format", "csv").out.splitlines()) == 1 + 104


def test_reasons_of_many_logs_are_told_once_the_most_frequent_first(project: Path, telemap: Telemap) -> None:
    for number in range(5):
        (project / "logs" / f"{number}.log").write_text("")
    (project / "logs" / "a.log").write_bytes(b"\0\1\2\3" * 100)
    assert [line for line in lines_of(telemap("ingest", "logs")) if line.startswith("- ")] == [
        "- skipped: logs/0.log, logs/1.log, logs/2.log and 2 more (empty file)",
        "- skipped: logs/a.log (binary file)",
    ]


def test_a_log_is_read_anew_in_a_format_that_was_made_for_it_while_nothing_of_it_is_settled(
    project: Path, telemap: Telemap
) -> None:
    settings = project / "telemap.toml"
    own = settings.read_text()
    settings.write_text("")
    before = json.loads(telemap("ingest", "logs", "--format", "json").out)["sources"][0]
    settings.write_text(own)
    after = json.loads(telemap("ingest", "logs", "--format", "json").out)["sources"][0]
    stored = telemap("query", "SELECT count(*) AS n, count(event_name) AS events FROM record", "--format", "csv")
    assert (before["logFormat"], before["fittingFormat"]) == ("generic-text", None)
    assert (after["logFormat"], after["fittingFormat"]) == ("app", None)
    assert stored.out == "n,events\n6,6\n"


def test_of_a_log_that_is_settled_in_another_format_it_is_told_how_to_read_it_anew(
    project: Path, telemap: Telemap
) -> None:
    (project / "logs" / "app.log").write_text(APP_LOG * 300)
    settings = project / "telemap.toml"
    own = settings.read_text()
    settings.write_text("")
    telemap("ingest", "logs")
    settings.write_text(own)
    said = lines_of(telemap("ingest", "logs"))
    assert said[5:7] == ["- logs/app.log: still as first read, in generic-text; another --db reads anew in", "app"]
    asked = telemap("ingest", "logs", "--db", "other", "--log-format", "app")
    assert lines_of(asked)[-1] == "next: telemap index DIR --db other  (gives every handler its place in the code)"


@pytest.mark.parametrize(
    ("text", "command"),
    [
        (APP_LOG, "telemap index DIR"),
        ("Welcome\nto the shop\n", "telemap formats try 'logs/the app.log'"),
        ("2026-01-02T03:04:05Z INFO ready\n", "telemap formats new 'logs/the app.log'"),
    ],
)
def test_the_next_command_is_what_the_logs_lack(project: Path, telemap: Telemap, text: str, command: str) -> None:
    (project / "logs" / "app.log").rename(project / "logs" / "the app.log")
    (project / "logs" / "the app.log").write_text(text)
    assert lines_of(telemap("ingest", "logs"))[-1].startswith(f"next: {command}  (")


def test_after_an_index_handlers_are_next(project: Path, telemap: Telemap) -> None:
    telemap("index", "src")
    assert lines_of(telemap("ingest", "logs"))[-1] == "next: telemap heatmap  (how long every handler took)"


def test_the_worst_understood_logs_are_warned_of_first_and_no_more_than_five(project: Path, telemap: Telemap) -> None:
    for number in range(1, 8):
        (project / "logs" / f"{number}.log").write_text("Welcome\n" * number + APP_LOG)
    said = telemap("ingest", "logs").err.splitlines()
    assert [line.split(":")[1] for line in said[:5]] == [f" logs/{number}.log" for number in (7, 6, 5, 4, 3)]
    assert said[0] == "warning: logs/7.log: 54% of the records are not understood; telemap formats try logs/7.log"
    assert said[5:] == ["warning: 2 more logs are as badly understood; telemap query unparsed"]


def test_secrets_in_wrapped_lines_are_counted_once(project: Path, telemap: Telemap) -> None:
    inside = ["password=hunter2", "-----BEGIN PRIVATE KEY-----", "MIIB" * 16, "-----END PRIVATE KEY-----"]
    lines = (
        f"2026-01-02T03:04:0{n}.000000000Z stdout F 2026-01-02 03:04:05 INFO {text}" for n, text in enumerate(inside)
    )
    (project / "logs" / "app.log").write_text("\n".join(lines) + "\n")
    source = json.loads(telemap("ingest", "logs", "--format", "json").out)["sources"][0]
    assert "/" in source["logFormat"]
    assert source["redacted"] == {"password": 1, "private key": 1}
