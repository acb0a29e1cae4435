"""``telemap report``: one file with all answers, whole or not at all."""

from __future__ import annotations

import errno
import json
import os
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from telemap.analyses.registry import analyses
from telemap.web import front_end, report_file
from tests.cli.conftest import Said, Telemap


@pytest.fixture(autouse=True)
def stand_in(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A front end that is small."""
    built = tmp_path_factory.mktemp("built")
    (built / "index.html").write_text("<!doctype html><html><body></body></html>")
    (built / "app.js").write_text("")
    (built / "app.css").write_text("")
    monkeypatch.setattr(front_end, "BUILT", str(built))


def test_its_example_reads_the_logs_and_writes_the_pages(project: Path, telemap: Telemap) -> None:
    example = re.search(r"Example:\n    telemap (.+)\n$", telemap("report", "--help").out)
    assert example is not None
    said = telemap(*example[1].split())
    assert (said.out, said.status) == ("", 0)
    assert re.fullmatch(r"report\.html: \d+\.\d MB, opens in any browser, offline\n", said.err)
    assert (project / "report.html").read_text().startswith("<!doctype html>")
    assert telemap("query", "SELECT count(*) AS n FROM source", "--format", "csv").out == "n\n1\n"


def test_it_reads_what_is_new_and_keeps_what_was_there(project: Path, telemap: Telemap) -> None:
    telemap("report", "logs", "--build", "1.0", "--format", "json", "-o", "first.json")
    log = (project / "logs" / "app.log").read_text().replace("r1", "r2")
    (project / "more.log").write_text(log)
    telemap("report", "more.log", "--build", "2.0", "--service", "shop", "--format", "json", "-o", "second.json")
    runs = [
        json.loads((project / f"{name}.json").read_text())["heatmap"]["handlers"][0]["executions"]
        for name in ("first", "second")
    ]
    assert runs == [1, 2]
    sources = telemap("query", "SELECT service_name, service_version FROM source ORDER BY ALL", "--format", "csv").out
    assert sources == "service_name,service_version\nshop,2.0\n,1.0\n"


def test_without_logs_it_is_of_the_store(project: Path, telemap: Telemap) -> None:
    telemap("ingest", "logs")
    assert telemap("report").err.startswith("telemap-report.html: ")
    assert telemap("report", "--db", "nothing-here") == (
        "",
        "error[no-store]: there is no telemap store here\n  --> nothing-here\n  help: telemap ingest LOGS makes one\n",
        2,
    )


def test_as_json_it_is_what_every_analysis_answers(project: Path, telemap: Telemap) -> None:
    telemap("ingest", "logs")
    telemap("index", "src", "--definitions", "definitions")
    said = telemap("report", "--format", "json")
    assert (said.err, said.status) == ("", 0)
    documents: dict[str, Any] = json.loads(said.out)
    assert documents.pop("schemaVersion") == 1
    assert documents == {name: json.loads(telemap(name, "--format", "json").out) for name in analyses()}


def test_it_goes_to_standard_output(project: Path, telemap: Telemap) -> None:
    telemap("ingest", "logs")
    said = telemap("report", "-o", "-")
    assert said.out.startswith("<!doctype html>")
    assert said.out.endswith("</html>")
    assert (said.err, said.status) == ("", 0)
    telemap("report", "-o", "page.html")
    assert (project / "page.html").read_text() == said.out


def refused(said: Said, place: str, reason: str) -> bool:
    return said == (
        "",
        f"error[no-output]: the report cannot be written\n  reason: {reason}\n"
        f"  --> {place}\n  help: choose another -o FILE\n",
        2,
    )


def test_where_it_cannot_be_written_that_is_said(project: Path, telemap: Telemap) -> None:
    telemap("ingest", "logs")
    assert refused(telemap("report", "-o", "no/such/page.html"), "no/such/page.html", "No such file or directory")
    (project / "folder").mkdir()
    assert refused(telemap("report", "-o", "folder"), "folder", "Is a directory")
    assert [path.name for path in project.glob("*.part")] == []


def test_on_a_full_disk_the_last_report_stays(project: Path, telemap: Telemap, monkeypatch: pytest.MonkeyPatch) -> None:
    telemap("ingest", "logs")
    (project / "page.html").write_text("the last one")

    def full(context: Any, out: Any, progress: Any) -> None:
        out.write(b"half of it")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(report_file, "write_report", full)
    assert refused(telemap("report", "-o", "page.html"), "page.html", "No space left on device")
    assert (project / "page.html").read_text() == "the last one"
    assert [path.name for path in project.glob("*.part")] == []


def test_what_is_no_file_is_written_to_and_not_replaced(project: Path, telemap: Telemap) -> None:
    telemap("ingest", "logs")
    os.mkfifo(project / "pipe")
    with ThreadPoolExecutor(1) as pool:
        read = pool.submit((project / "pipe").read_text)
        assert telemap("report", "-o", "pipe").status == 0
        assert read.result().startswith("<!doctype html>")
    assert (project / "pipe").is_fifo()
    (project / "there.html").touch()
    (project / "link.html").symlink_to("there.html")
    telemap("report", "-o", "link.html")
    assert (project / "link.html").is_symlink()
    assert (project / "there.html").read_text().startswith("<!doctype html>")


def test_what_found_no_room_is_told(project: Path, telemap: Telemap, monkeypatch: pytest.MonkeyPatch) -> None:
    telemap("ingest", "logs")
    monkeypatch.setattr(report_file, "write_report", lambda context, out, progress: {"log": 1234})
    assert telemap("report").err.splitlines()[1] == (
        "  1,234 answers of 'log' found no room in it; telemap serve has them"
    )


def test_without_pages_it_says_how_to_get_them_and_leaves_nothing(
    project: Path, telemap: Telemap, monkeypatch: pytest.MonkeyPatch
) -> None:
    telemap("ingest", "logs")
    monkeypatch.setattr(front_end, "BUILT", "not-built")
    said = telemap("report")
    assert said.err.startswith("error[no-front-end]: this installation has no pages to show\n")
    assert (said.out, said.status, list(project.glob("*.html*"))) == ("", 2, [])
