"""What the whole program writes, and whether what is planted in the builds shows in it."""

import json
import re
import subprocess
import sys
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import pytest

EXAMPLE = Path(__file__).parents[1]
FORMAT = tomllib.loads((EXAMPLE / "formats" / "storefront.toml").read_text())
PLANTED = json.loads((EXAMPLE / "planted.json").read_text())


class Event(NamedTuple):
    """A line that a pattern of the format fits, and the event in it, if it is one."""

    name: str | None
    fields: dict[str, str]


def read(line: str) -> Event | None:
    """What the format makes of one line."""
    for pattern in FORMAT["patterns"].values():
        if head := re.search(pattern, line):
            for event in FORMAT["events"]:
                if found := re.search(event["body"], head["body"]):
                    return Event(event["name"], head.groupdict() | found.groupdict())
            return Event(None, head.groupdict())
    return None


def start(log: Path, build: str, executions: int) -> subprocess.Popen[bytes]:
    options = ["--build", build, "--seed", "6", "--executions", str(executions), "--log", str(log)]
    return subprocess.Popen([sys.executable, "-W", "error", "-m", "storefront", *options], cwd=EXAMPLE)


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """The lines that each build writes; seed 6 has customers with a gift card and a coupon."""
    files = {build: tmp_path_factory.mktemp("logs") / f"{build}.log" for build in PLANTED}
    running = [start(log, build, 300) for build, log in files.items()]
    assert [process.wait(timeout=60) for process in running] == [0, 0]
    return {build: log.read_text().splitlines() for build, log in files.items()}


@pytest.fixture(scope="module")
def events(logs: dict[str, list[str]]) -> dict[str, list[Event]]:
    """The lines of each build that the format understands."""
    return {build: [event for line in lines if (event := read(line))] for build, lines in logs.items()}


def declared() -> Iterator[dict[str, Any]]:
    """Every beat of the definitions, with the id of its sequence."""
    for path in sorted(EXAMPLE.glob("definitions/*/*.json")):
        score = json.loads(path.read_text())
        for movement in score.get("movements", ()):
            yield from (beat | {"sequence": score["id"]} for beat in movement["beats"])


@pytest.mark.parametrize("sample", FORMAT["samples"], ids=lambda sample: sample.get("event_name", "no event"))
def test_a_sample_is_read_as_the_event_it_names(sample: dict[str, str]) -> None:
    event = read(sample["line"])
    assert event is not None
    assert event.name == sample.get("event_name")


def test_samples_exercise_every_event() -> None:
    named = {sample["event_name"] for sample in FORMAT["samples"] if "event_name" in sample}
    assert named == {event["name"] for event in FORMAT["events"]}


@pytest.mark.parametrize("build", PLANTED)
def test_every_line_fits_the_format_or_belongs_to_a_traceback(build: str, logs: dict[str, list[str]]) -> None:
    strange = re.compile(r"(?!Traceback |  |ZeroDivisionError: division by zero$)")
    assert [line for line in logs[build] if read(line) is None and strange.match(line)] == []


@pytest.mark.parametrize("build", PLANTED)
def test_every_line_of_the_conductor_is_an_event(build: str, events: dict[str, list[Event]]) -> None:
    conducted = [event for event in events[build] if event.fields["logger_name"] == "storefront.conductor"]
    assert conducted
    assert [event.fields["body"] for event in conducted if event.name is None] == []


def test_the_same_seed_plays_the_same_runs(tmp_path: Path) -> None:
    files = [tmp_path / "first.log", tmp_path / "second.log"]
    assert [process.wait(timeout=60) for process in [start(log, "1.0.0", 40) for log in files]] == [0, 0]
    first, second = (paths(log.read_text().splitlines()) for log in files)
    assert len(first) > 40
    assert first == second


def paths(lines: list[str]) -> dict[str, list[str]]:
    """For each run what the conductor said of it, without times and values that depend on them."""
    runs = defaultdict(list)
    for event in filter(None, map(read, lines)):
        if event.name:
            untimed = re.sub(r"(duration=|after )[\d.]+", "", event.fields["body"])
            runs[event.fields.get("request_id", "")].append(untimed)
    return runs


def test_planted_places_exist() -> None:
    beats = [(beat["handler"], beat["sequence"], beat["event"], beat["beat"]) for beat in declared()]
    for entry in [entry for entries in PLANTED.values() for entry in entries]:
        assert (entry["handler"], entry["sequence"], entry["event"], entry["beat"]) in beats
        code = (EXAMPLE / entry["file"]).read_text()
        assert f"def {entry['function']}(" in code
        assert entry.get("line", "") in code


def test_handlers_without_a_test_are_the_ones_said_to_be() -> None:
    tests = "".join(path.read_text() for path in Path(__file__).parent.glob("test_*.py"))
    untested = {entry["handler"] for entry in PLANTED["1.0.0"] if entry["kind"].startswith("untested")}
    assert {beat["handler"] for beat in declared() if beat["handler"] not in tests} == untested


def planted(kind: str) -> dict[str, Any]:
    [entry] = [entry for entry in PLANTED["2.0.0"] if entry["kind"] == kind]
    return dict(entry)


def named(events: list[Event], name: str) -> list[dict[str, str]]:
    return [event.fields for event in events if event.name == name]


def test_only_the_planted_handler_computes_longer(events: dict[str, list[Event]]) -> None:
    typical_ms: dict[str, dict[str, float]] = {}
    waiting = {beat["handler"] for beat in declared() if beat["kind"] == "io"}
    for build in PLANTED:
        durations = defaultdict(list)
        for call in named(events[build], "handler.ended"):
            durations[call["handler"]].append(float(call["duration_ms"]))
        typical_ms[build] = {handler: median(values) for handler, values in durations.items()}
    before, after = typical_ms["1.0.0"], typical_ms["2.0.0"]
    slower = {
        handler for handler in after.keys() - waiting if after[handler] > max(3 * before[handler], before[handler] + 1)
    }
    assert slower == {planted("slower")["handler"]}


def test_only_the_planted_beat_is_out_of_order(events: dict[str, list[Event]]) -> None:
    late: dict[str, set[tuple[str, int]]] = {}
    for build in PLANTED:
        last: Counter[str] = Counter()
        late[build] = set()
        for beat in named(events[build], "beat.started"):
            run, number = beat["request_id"], int(beat["beat"])
            if number < last[run]:
                late[build].add((beat["event_name"], number))
            last[run] = number
    entry = planted("reordered")
    assert late == {"1.0.0": set(), "2.0.0": {(entry["event"], entry["beat"])}}


def test_only_the_planted_handler_fails_and_rarely(logs: dict[str, list[str]], events: dict[str, list[Event]]) -> None:
    entry = planted("exception")
    assert named(events["1.0.0"], "handler.failed") == []
    failures = named(events["2.0.0"], "handler.failed")
    assert {(failure["handler"], failure["beat"]) for failure in failures} == {(entry["handler"], str(entry["beat"]))}
    calls = sum(call["handler"] == entry["handler"] for call in named(events["2.0.0"], "handler.started"))
    assert len(failures) < 0.1 * calls
    last = logs["2.0.0"].index("ZeroDivisionError: division by zero")
    assert f", in {entry['function']}" in "".join(logs["2.0.0"][last - 3 : last])
    assert f"    {entry['line']}" in logs["2.0.0"][last - 3 : last]


def test_only_the_planted_handler_never_runs(events: dict[str, list[Event]]) -> None:
    handlers = {beat["handler"] for beat in declared()}
    idle = {
        build: handlers - {call["handler"] for call in named(events[build], "handler.started")} for build in PLANTED
    }
    assert idle == {"1.0.0": set(), "2.0.0": {planted("never-runs")["handler"]}}


def test_only_the_planted_key_is_overwritten(events: dict[str, list[Event]]) -> None:
    overwritten = {
        build: {
            (change["baton_changed"], change["handler"])
            for change in named(events[build], "baton.changed")
            if change["baton_changed"]
        }
        for build in PLANTED
    }
    entry = planted("overwritten")
    assert overwritten == {"1.0.0": set(), "2.0.0": {(entry["key"], entry["handler"])}}
