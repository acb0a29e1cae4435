"""``telemap demo``: the bundled example runs, and what was planted in it shows."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from telemap.errors import TelemapError
from telemap.web.front_end import front_end
from tests.cli.conftest import Said, Telemap

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Said]:
    """A demo, played once: its folder and what it said."""
    from typer.testing import CliRunner

    from telemap.cli.app import app

    folder = tmp_path_factory.mktemp("demo") / "shop"
    result = CliRunner().invoke(app, ["demo", str(folder)], prog_name="telemap")
    assert result.exception is None
    return folder, Said(result.stdout, result.stderr, result.exit_code)


def test_it_writes_the_report_beside_the_logs_and_says_where(played: tuple[Path, Said]) -> None:
    folder, said = played
    report = folder / "telemap-report.html"
    last = said.err.splitlines()[-1]
    if is_built():
        assert last.startswith("the same as pages, for any browser: ")
        assert last.endswith("shop/telemap-report.html")
        assert report.read_text(encoding="utf-8").startswith("<!doctype html>")
    else:
        assert last == "no HTML report: this installation was built without the pages"
        assert not report.exists()


def is_built() -> bool:
    try:
        return bool(front_end("index.html"))
    except TelemapError:
        return False


def heatmap(folder: Path, build: str, telemap: Telemap) -> dict[str, dict]:
    said = telemap("heatmap", "--build", build, "--format", "json", "--db", str(folder / ".telemap" / "store"))
    return {handler["name"]: handler for handler in json.loads(said.out)["handlers"]}


def test_it_shows_a_heatmap_of_each_build_and_what_else_the_last_one_shows_and_says_what_is_next(
    played: tuple[Path, Said],
) -> None:
    said = played[1]
    titles = [
        line.split(":")[0]
        for line in said.out.splitlines()
        if line.startswith(("Heatmap", "Flows", "Coverage", "Timeline"))
    ]
    assert titles == [
        "Heatmap of build 1.0.0",
        "Heatmap of build 2.0.0",
        "Flows of build 2.0.0",
        "Coverage of build 2.0.0",
        "Timeline",
    ]
    assert said.out.splitlines()[-1].startswith("next: cd ")
    assert said.err.splitlines()[0].startswith("the example application, its logs and the store are in ")
    assert said.status == 0


def test_every_handler_is_linked_to_its_function(played: tuple[Path, Said], telemap: Telemap) -> None:
    handlers = heatmap(played[0], "1.0.0", telemap)
    places = {
        name: (handler["code"]["functionName"], handler["code"]["evidence"]) for name, handler in handlers.items()
    }
    assert places == {name: (name, "definition") for name in handlers}
    assert len(handlers) == 27
    for handler in handlers.values():
        line = (played[0] / handler["code"]["filePath"]).read_text().splitlines()[handler["code"]["lineNumber"] - 1]
        assert f"def {handler['name']}(" in line


def test_what_is_planted_shows_in_the_figures(played: tuple[Path, Said], telemap: Telemap) -> None:
    before, after = (heatmap(played[0], build, telemap) for build in ("1.0.0", "2.0.0"))
    planted = {
        fault["kind"]: fault["handler"]
        for fault in json.loads((EXAMPLES / "storefront/planted.json").read_text())["2.0.0"]
    }
    slowed = max(after, key=lambda name: after[name]["timing"]["p50"] / before[name]["timing"]["p50"])
    assert slowed == planted["slower"]
    assert [name for name in after if after[name]["errors"]] == [planted["exception"]]
    assert set(before) - set(after) == {planted["never-runs"]}


@pytest.mark.parametrize(
    ("build", "found"),
    [
        ("1.0.0", []),
        (
            "2.0.0",
            [
                ("out-of-order", "checkout:stock:requested", None),
                ("failed-beat", "checkout:coupon:presented", None),
                ("unrouted-topic", None, "parcel.dispatched"),
            ],
        ),
    ],
)
def test_what_is_planted_shows_in_the_flows_and_nothing_else(
    played: tuple[Path, Said], telemap: Telemap, build: str, found: list[tuple[str, str | None, str | None]]
) -> None:
    store = str(played[0] / ".telemap" / "store")
    document = json.loads(telemap("flows", "--build", build, "--format", "json", "--db", store).out)
    told = [one for sequence in document["sequences"] for one in sequence["deviations"]] + document["routing"]
    assert [(one["kind"], one.get("event"), one.get("topic")) for one in told] == found
    assert all(one["examples"] for one in told)


@pytest.mark.parametrize(
    ("build", "found"),
    [
        (None, [("no-longer-seen", "award_points"), ("untested-hot", "search_products")]),
        ("1.0.0", [("untested-hot", "search_products")]),
        ("2.0.0", [("no-longer-seen", "award_points"), ("untested-hot", "search_products")]),
    ],
)
def test_what_is_planted_shows_in_the_coverage_and_nothing_else(
    played: tuple[Path, Said], telemap: Telemap, build: str | None, found: list[tuple[str, str]]
) -> None:
    store = str(played[0] / ".telemap" / "store")
    of_build = ("--build", build) if build else ()
    document = json.loads(telemap("coverage", *of_build, "--format", "json", "--db", store).out)
    assert [(one["kind"], one["handler"]) for one in document["found"]] == found
    planted = json.loads((EXAMPLES / "storefront/planted.json").read_text())["1.0.0"]
    untested = {one["handler"] for one in planted if one["kind"].startswith("untested")}
    assert {one["name"] for one in document["handlers"] if one["quadrant"] == "production-only"} == untested
    lost = {"award_points"} if build == "2.0.0" else set()
    assert {one["name"] for one in document["handlers"] if one["quadrant"] == "test-only"} == lost
    assert len(document["handlers"]) == document["summary"]["declared"] == 27


def test_the_report_of_the_tests_of_the_example_is_of_these_tests(tmp_path: Path) -> None:
    example = tmp_path / "storefront"
    shutil.copytree(EXAMPLES / "storefront", example, ignore=shutil.ignore_patterns("__pycache__", "*.log"))
    files = [f"tests/test_storefront_{name}.py" for name in ("handlers", "conductor")]
    options = ["--rcfile=coverage.ini"]
    for arguments in (["run", *options, "-m", "pytest", "-q", "-p", "no:randomly", *files], ["lcov", *options]):
        subprocess.run([sys.executable, "-m", "coverage", *arguments], cwd=example, check=True, capture_output=True)
    made, kept = (lines(folder / "coverage.lcov") for folder in (example, EXAMPLES / "storefront"))
    assert made == kept


def lines(lcov: Path) -> dict[str, dict[str, bool]]:
    """By file and line of a tracefile, whether it ran."""
    found: dict[str, dict[str, bool]] = {}
    for line in lcov.read_text().splitlines():
        kind, _, told = line.partition(":")
        if kind == "SF":
            found[told] = one = {}
        elif kind == "DA":
            number, hits, *_ = told.split(",")
            one[number] = hits != "0"
    return found


@pytest.mark.parametrize("build", ["1.0.0", "2.0.0"])
def test_the_planted_call_that_never_happens_shows_in_the_graph_and_no_other(
    played: tuple[Path, Said], telemap: Telemap, build: str
) -> None:
    store = str(played[0] / ".telemap" / "store")
    graph = json.loads(telemap("graph", "--build", build, "--format", "json", "--db", store).out)
    faults = json.loads((EXAMPLES / "storefront/planted.json").read_text())[build]
    (planted,) = (fault for fault in faults if fault["kind"] == "static-only-edge")
    (found,) = (edge for edge in graph["edges"] if edge["layer"] == "static")
    assert (found["source"], found["target"]) == (planted["handler"], planted["calls"]["handler"])
    (called,) = found["calls"]
    line = (played[0] / called["filePath"]).read_text().splitlines()[called["lineNumber"] - 1]
    assert (called["filePath"], f"{planted['calls']['function']}(" in line) == (planted["file"], True)


def test_the_folder_is_a_project_to_go_on_with(
    played: tuple[Path, Said], telemap: Telemap, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(played[0])
    sources = "SELECT uri, service_name, service_version FROM source ORDER BY service_version"
    assert [
        Path(line.split(",")[0]).name for line in telemap("query", sources, "--format", "csv").out.splitlines()[1:]
    ] == [
        "storefront-1.0.0.log",
        "storefront-2.0.0.log",
    ]
    again = json.loads(telemap("ingest", "--format", "json").out)
    assert [source["skipped"] for source in again["sources"]] == [None, None]


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path, telemap: Telemap) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    said = telemap("demo", str(tmp_path))
    assert (said.out, said.status, [path.name for path in tmp_path.iterdir()]) == ("", 2, ["mine.txt"])
    assert said.err.startswith("error[folder-in-use]: the demo needs a new or empty folder\n")
