"""One small round of each benchmark keeps it working; how fast it is shows elsewhere."""

from __future__ import annotations

import gzip
import importlib
import json
import pkgutil
import re
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import benchmarks
from benchmarks import corpus, made_spans
from benchmarks.__main__ import main
from telemap.analyses.flows import Params
from telemap.analyses.flows import run as run_flows
from telemap.errors import TelemapError
from telemap.mapping.confidence import FITTED
from telemap.web.front_end import front_end
from tests.web.browser import chromium, missing

LINES = 3000
COMMON = {"seconds", "peakMb", "versions"}
INGEST_FIELDS = {
    "lines",
    "linesPerSecond",
    "mbPerSecond",
    "cpuSeconds",
    "bytesPerRecord",
    "threads",
    "ratioToRg",
    "ratioToWc",
    "peers",
    "residentMb",
    "expected",
    "found",
}


def figures(capsys: pytest.CaptureFixture[str], *command: str) -> dict[str, Any]:
    main(command)
    printed: dict[str, Any] = json.loads(capsys.readouterr().out)
    return printed


def test_every_benchmark_has_a_small_round_here() -> None:
    modules = [importlib.import_module(f"benchmarks.{m.name}") for m in pkgutil.iter_modules(benchmarks.__path__)]
    rounds = Path(__file__).read_text()
    names = [module.NAME for module in modules if hasattr(module, "NAME")]
    assert [name for name in names if f'figures(capsys, "{name}"' not in rounds] == []


def test_ingest_finds_in_each_variant_what_was_planted(capsys: pytest.CaptureFixture[str]) -> None:
    told = figures(capsys, "ingest", "--make", str(10 * LINES), "--runs", "1", "--all")
    told_of = {variant["variant"]: variant for variant in told["variants"]}
    assert list(told_of) == ["native", "two-threads", "pure-python", "adversarial", "json-lines", "otlp-json"]
    assert (told_of["two-threads"]["threads"], told_of["pure-python"]["native"]) == (2, False)
    assert told.keys() >= COMMON | INGEST_FIELDS
    for variant in told["variants"]:
        assert variant["found"] == variant["expected"]
        assert variant["expected"].get("beats", 1) > 0
        assert variant["peers"].keys() >= {"wc -l"}
        assert variant["ratioToWc"] == pytest.approx(variant["peers"]["wc -l"] / variant["cpuSeconds"])
        assert variant["linesPerSecond"] == pytest.approx(variant["lines"] / variant["cpuSeconds"])
    assert told_of["json-lines"]["expected"]["records"] > 0
    assert told_of["otlp-json"]["spansPerSecond"] > 0


def test_ingest_measures_a_folder_with_archives_as_the_bytes_in_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    truth = corpus.make(tmp_path / "plain.log", LINES, 1)
    (tmp_path / "packed.log.gz").write_bytes(gzip.compress((tmp_path / "plain.log").read_bytes()))
    told = figures(capsys, "ingest", "--data", str(tmp_path), "--runs", "1")
    assert told["found"] == told["expected"] == {"bytes": 2 * truth.bytes}
    assert told["lines"] == 2 * truth.lines


@pytest.mark.parametrize("given", [[], ["--make", "10", "--data", "."]])
def test_ingest_wants_either_a_made_log_or_a_folder(given: list[str]) -> None:
    with pytest.raises(SystemExit, match="give one of --make LINES and --data DIR"):
        main(["ingest", *given])


def test_renderx_measures_recorded_logs(shared_data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = figures(capsys, "renderx", "--data", str(shared_data / "renderx"), "--files", "cli-drop")
    assert told.keys() >= COMMON | {"files", "bytes", "bytesAccounted", "recall", "precision"}
    assert (told["files"], told["bytesAccounted"]) == (1, told["bytes"])


def test_formats_compares_records_with_what_oracles_and_tables_say(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "lnav").mkdir()
    (tmp_path / "lnav" / "logfile_glog.9").write_text("I0102 03:04:05.678901 17 cart.cc:41] added\n  twice\n" * 2)
    (tmp_path / "lnav" / "logfile_spark.9").write_text("26/01/02 03:04:05 WARN shop.Cart: low\n\tat x\n")
    (tmp_path / "App").mkdir()
    (tmp_path / "App" / "App_2k.log").write_text("2026-01-02 03:04:05,678 INFO up\n2026-01-02 03:04:06,000 ERROR x\n")
    table = 'LineId,Date,Time,Level,Content\n1,2026-01-02,"03:04:05,678",INFO,up\n2,2026-01-02,"03:04:06,001",WARN,x\n'
    (tmp_path / "App" / "App_2k.log_structured.csv").write_text(table)
    told = figures(capsys, "formats", "--data", str(tmp_path))
    assert told.keys() >= COMMON
    assert {name: told[name] for name in ("files", "detected", "fieldsRight", "bytesAccounted")} == {
        "files": 3,
        "detected": 1.0,
        "fieldsRight": 1.0,
        "bytesAccounted": 1.0,
    }
    assert (told["recordsRight"], told["timestampsRight"], told["levelsRight"]) == (1.0, 4 / 5, 4 / 5)
    assert [short["file"] for short in told["shortfalls"]] == ["App_2k.log"]


@pytest.mark.parametrize("digits", [True, False])
def test_a_made_log_holds_what_its_truth_says(tmp_path: Path, digits: bool) -> None:
    log = tmp_path / "made.log"
    truth = corpus.make(log, LINES, 1, digits=digits)
    text = log.read_bytes()
    ends = [int(found) for found in re.findall(rb"BeatExecutor: Beat \d+ \(.*\) completed in (\d+)ms", text)]
    assert LINES <= truth.lines < LINES + 1000
    assert asdict(truth) == asdict(truth) | {
        "bytes": len(text),
        "lines": text.count(b"\n"),
        "sequences": len(re.findall(rb"Now executing", text)),
        "movements": len(re.findall(rb"Started timing movement", text)),
        "beats": len(ends),
        "handlers": len(re.findall(rb"Calling subscriber", text)),
        "errors": len(re.findall(rb"Handler execution failed", text)),
        "beat_duration_ns": sum(ends) * 10**6,
    }


def test_a_made_log_is_the_same_for_the_same_seed_only(tmp_path: Path) -> None:
    logs = [tmp_path / name for name in ("first", "same", "other")]
    for log, seed in zip(logs, (1, 1, 2), strict=True):
        corpus.make(log, LINES, seed)
    first, same, other = (log.read_bytes() for log in logs)
    assert first == same
    assert first != other


def test_a_long_made_log_repeats_its_chapter_with_later_times_and_other_ids(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(corpus, "CHAPTER_LINES", LINES)
    once = corpus.make(tmp_path / "once.log", LINES, 1)
    twice = corpus.make(tmp_path / "twice.log", 2 * LINES, 1)
    text = (tmp_path / "twice.log").read_bytes()
    assert replace(twice, beat_duration_ns=0) == corpus.Truth(
        **{name: 2 * count for name, count in asdict(once).items()} | {"beat_duration_ns": 0}
    )
    times = [found[1] for found in re.finditer(rb"^EventBus\.ts:70 (\S+)", text, re.MULTILINE)]
    requests = re.findall(rb"Request ID: (\S+)", text)
    assert times == sorted(times)
    assert len(set(requests)) == twice.sequences


def test_redaction_finds_what_was_planted(capsys: pytest.CaptureFixture[str]) -> None:
    told = figures(capsys, "redaction", "--make", str(LINES), "--secrets", "500", "--runs", "1")
    assert told.keys() >= COMMON | {"secrets", "found", "falseRedactions", "slowdown"}
    assert told["found"] >= 0.99


SHOP = """
import logging

logger = logging.getLogger(__name__)
PAID = "order %d was paid"


def charge(order, card):
    logger.info("charging card %s for order %d", card, order)
    logger.info(PAID, order)
    logger.error(f"card {card!r} was refused, {order:.2f} EUR are due")
    logger.warning("retrying" + " order {}".format(order))
    logger.debug(card)


def refund(order):
    logger.info("refunding order %d", order)
    logger.info(PAID, order)
"""


@pytest.fixture
def packages(tmp_path: Path) -> list[str]:
    for name, text in {"shop": SHOP, "store": SHOP.replace("order", "shelf").replace("card", "crate")}.items():
        (tmp_path / name / name).mkdir(parents=True)
        (tmp_path / name / name / "pay.py").write_text(text)
    return [str(tmp_path / name) for name in ("shop", "store")]


def test_callsites_links_messages_of_packages_to_their_calls(
    packages: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    told = figures(capsys, "callsites", "--packages", *packages)
    assert told.keys() >= COMMON | {"packages", "packageReliability", "recordsPerCpuSecond"}
    shop = told["packages"][packages[0]]
    assert (shop["calls"], shop["messages"]) == (7, 7)
    assert {kind: shop[kind]["ceiling"] for kind in ("none", "logger", "moduleAndFunction")} == {
        "none": 5 / 7,
        "logger": 5 / 7,
        "moduleAndFunction": 1.0,
    }
    assert shop["moduleAndFunction"]["right"] == 1.0
    assert all(shop[kind]["staticAmongCandidates"] == 1.0 for kind in ("none", "logger", "moduleAndFunction"))
    assert all(shop[kind]["confidentlyWrong"] == 0.0 for kind in ("none", "logger", "moduleAndFunction"))
    assert sum(row["n"] for row in told["packageReliability"]) >= 2 * 3 * 6


def test_callsites_fits_a_weight_for_everything_that_speaks_for_a_statement(
    packages: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    told = figures(capsys, "callsites", "--packages", *packages, "--fit")
    assert told["weights"].keys() | {"raise"} == FITTED.keys()


def test_callsites_compares_lines_with_the_place_that_they_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    texts = {3: "cart {} was stored", 9: "cart {} was dropped after {} s", 12: "card of user-{} was refused"}
    for day, shift in {"2023-01-29": 0, "2023-01-30": 50}.items():
        for part in ("fault_free", "log"):
            folder = tmp_path / "trainticket" / day / part
            folder.mkdir(parents=True)
            lines = [
                f"18:00:{n:02}.001 INFO  c.s.CartService#{line} TraceID: 0a SpanID: 0b {text.format(n + shift, n)}\n"
                for n in range(10)
                for line, text in texts.items()
            ]
            stored = [json.dumps({"log": line, "stream": "stdout", "time": "2023-01-29T10:00:00.1Z"}) for line in lines]
            rows = (f'{at},pod,t,"' + text.replace('"', '""') + '"\n' for at, text in enumerate(stored))
            table = "TimeUnixNano,PodName,TraceID,Log\n" + "".join(rows)
            with pa.CompressedOutputStream(str(folder / "10_00_log.csv.zst"), "zstd") as packed:
                packed.write(table.encode())
    told = figures(capsys, "callsites", "--data", str(tmp_path))
    assert told.keys() >= COMMON | {"lines", "withLocation", "withoutLocation", "reliability"}
    assert (told["lines"], told["withLocation"]) == (120, {"right": 1.0, "wrong": 0.0, "none": 0.0})
    without = {"right": 1.0, "topFive": 1.0, "confidentlyWrong": 0.0, "none": 0.0}
    assert all(told[lines] == told[lines] | without for lines in ("withoutLocation", "inOrder"))
    assert sum(row["n"] for row in told["reliability"]) == 60


def test_callsites_wants_something_to_measure() -> None:
    with pytest.raises(SystemExit, match="give --data DIR or --packages NAME"):
        main(["callsites"])


def test_conformance_compares_each_log_with_the_models_of_its_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "made").mkdir()
    net = (
        '<net id="n"><place id="q"/><place id="r"/>'
        '<place id="p"><initialMarking><text>1</text></initialMarking></place>'
        '<transition id="a"><name><text>a</text></name></transition><transition id="b"><name><text>b</text></name>'
        '</transition><arc source="p" target="a"/><arc source="a" target="q"/><arc source="q" target="b"/>'
        '<arc source="b" target="r"/></net>'
    )
    (tmp_path / "made" / "m.pnml").write_text(f"<pnml>{net}</pnml>")
    (tmp_path / "made" / "m-two.pnml").write_text(f"<pnml>{net}{net}</pnml>")
    (tmp_path / "made" / "m.bpmn").write_text('<definitions><process id="p"><task id="a"/></process></definitions>')
    (tmp_path / "made" / "other.pnml").write_text("<pnml>")
    event = '<event><string key="concept:name" value="%s"/></event>'
    traces = "".join(f"<trace>{''.join(event % name for name in case)}</trace>" for case in ("ab", "ab", "a", "ba"))
    with gzip.open(tmp_path / "made" / "mf0n50.xes.gz", "wt") as packed:
        packed.write(f"<log>{traces}</log>")
    rows = [("1", "b", "2020-01-01 11:30:00+02:00"), ("1", "a", "2020-01-01 09:00:00+00:00")]
    lines = [";".join(row) for row in [("case:concept:name", "concept:name", "time:timestamp"), *rows]]
    (tmp_path / "made" / "m_timed.csv").write_text("\n".join(lines))
    told = figures(capsys, "conformance", "--data", str(tmp_path))
    assert told.keys() >= COMMON | {"pairs", "problems", "cpuSeconds"}
    fields = ("log", "model", "traces", "variants", "fittingTraces", "fittingVariants", "meanCost", "notKnown")
    assert [tuple(pair[field] for field in fields) for pair in told["pairs"]] == [
        ("made/m_timed.csv", "made/m.bpmn", 1, 1, 0.0, 0.0, 1.0, 0),
        ("made/m_timed.csv", "made/m.pnml", 1, 1, 1.0, 1.0, 0.0, 0),
        ("made/mf0n50.xes.gz", "made/m.bpmn", 4, 3, 0.25, 1 / 3, 0.75, 0),
        ("made/mf0n50.xes.gz", "made/m.pnml", 4, 3, 0.5, 1 / 3, 0.75, 0),
    ]
    assert [problem["summary"] for problem in told["problems"]] == [
        "no one flow to compare logs with",
        "file is not valid XML",
    ]


def test_analyses_takes_the_time_of_each_on_made_spans(capsys: pytest.CaptureFixture[str]) -> None:
    told = figures(capsys, "analyses", "--make", "60000")
    assert told.keys() >= COMMON | {"spans", "analyses", "cpuSeconds"}
    assert told["spans"] == told["made"]["spans"] >= 60_000
    assert told["analyses"].keys() >= {"flows", "heatmap", "criticalPath"}


def test_made_spans_hold_the_variants_that_they_say(tmp_path: Path) -> None:
    store, made = made_spans.make(tmp_path, 60_000, 1)
    flows = run_flows(store, Params())
    assert flows.summary.executions == made.runs
    assert (flows.summary.validated, flows.summary.undeclared) == (made_spans.SEQUENCES, 0)
    deviating = sum(one.deviating for one in flows.sequences)
    assert 0.05 * made.runs < deviating < 0.15 * made.runs


def test_analyses_wants_either_a_store_or_something_to_make() -> None:
    with pytest.raises(SystemExit, match="give one of --make SPANS and --data DIR"):
        main(["analyses"])


def test_the_timeline_is_drawn_from_a_server_and_from_a_report_file(capsys: pytest.CaptureFixture[str]) -> None:
    if chromium() is None:
        missing("no Chromium (apt install chromium, or name one in TELEMAP_CHROMIUM)")
    try:
        front_end("index.html")
    except TelemapError as error:
        missing(str(error))
    told = figures(capsys, "timeline", "--make", "1000", "--report", "1000")
    drawn = {"firstPaintSeconds", "zoomFramesPerSecond", "panFramesPerSecond"}
    assert told["serve"].keys() == drawn | {"spans"}
    assert told["serveAgain"].keys() == drawn
    assert told["report"].keys() == drawn | {"spans", "mb"}
    assert all(told[one][name] > 0 for one in ("serve", "serveAgain", "report") for name in drawn)
