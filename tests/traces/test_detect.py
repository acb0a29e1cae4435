"""Which format a file is in: by what it holds, and never a plain log."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from telemap.traces import FORMATS, detect
from tests.traces import (
    test_appmap,
    test_chrome,
    test_jaeger,
    test_ocel,
    test_otlp_json,
    test_perfetto,
    test_xes,
    test_zipkin,
)

OTLP = test_otlp_json.traces(test_otlp_json.span())
PERFETTO = test_perfetto.trace(test_perfetto.PROCESS, test_perfetto.event(1, 1, f23="a"))
SLICES = [test_chrome.event("X", 1, "a", dur=2)]
SAMPLES: dict[str, list[Any]] = {
    "otlp-json": [json.dumps(OTLP, indent=1), json.dumps({"resource_spans": []}, indent=1)],
    "otlp-json-lines": [OTLP, json.dumps(OTLP) + "\n" + json.dumps(OTLP) + "\n", '{"resourceLogs":[]}\n'],
    "jaeger-json": [test_jaeger.document(test_jaeger.span()), [{"traceID": "a", "spans": []}]],
    "jaeger-dependencies": [[{"parent": "a", "child": "b", "callCount": 1}]],
    "zipkin-json": [[test_zipkin.SPAN], [[test_zipkin.SPAN]]],
    "chrome-trace": [
        SLICES,
        {"traceEvents": SLICES},
        "[" + json.dumps(SLICES[0]) + ",",
        {"a": {"b": 1}, "traceEvents": []},
    ],
    "perfetto": [PERFETTO, PERFETTO + b"\x0a\x7f\x01"],
    "xes": [test_xes.log(), "<log><trace/></log>"],
    "ocel-json": [test_ocel.LOG],
    "ocel-xml": [test_ocel.as_xml()],
    "ocel-sqlite": [test_ocel.as_sqlite()],
    "appmap": [test_appmap.recording(test_appmap.call(1))],
    "google-cloud-trace": [{"traceId": "a", "spans": [{"spanId": "1", "startTime": "2015-09-03T16:40:00Z"}]}],
}
LOGS = [
    "",
    "\n",
    "\n\n2025-01-01 one\n",
    "[INFO] started\n[WARN] late\n",
    "[2025-11-13T06:05:51.274Z] INFO BeatExecutor: Beat 2 completed\n",
    '{"ph":"X","ts":1,"name":"a","pid":2}\n{"ph":"X","ts":2,"name":"a","pid":2}\n',
    '{"traceId":"a","id":"b","duration":3,"localEndpoint":{}}\n{"traceId":"a"}\n',
    '{"traceID":"a","spans":[{"traceID":"a"}]}\n{"traceID":"b","spans":[]}\n',
    '{"msg":"has \\"traceEvents\\": [] inside"}\n',
    '{"data":{"traceEvents":[]},"msg":"x"}',
    '{"time":"2025","traceId":"a","spans":3,"msg":"ok"}',
    '[{"traceId":"a","id":"b","message":"an array of log lines"}]',
    "<14>Nov 13 06:05:51 host app: message\n",
    "<html><log>no</log></html>",
    "<?xml version='1.0'?><catalog><log/></catalog>",
    "SQLite format 3\0" + "x" * 100,
    "\n\x05hello\n\x03abc",
]


def as_bytes(sample: Any) -> bytes:
    if isinstance(sample, bytes):
        return sample
    return (sample if isinstance(sample, str) else json.dumps(sample)).encode()


def detected(sample: Any, name: str = "file") -> str | None:
    of = detect(as_bytes(sample)[: 1 << 16], name)
    return of and of.name


@pytest.mark.parametrize(
    ("name", "sample"), [(name, sample) for name, samples in SAMPLES.items() for sample in samples]
)
def test_each_format_is_known_by_what_it_holds(name: str, sample: Any) -> None:
    assert detected(sample) == name
    assert detected(b"\xef\xbb\xbf" + as_bytes(sample)) == name or as_bytes(sample)[:1] not in b"[{<"


@pytest.mark.parametrize("log", LOGS)
def test_a_log_is_no_trace_whatever_it_speaks_of(log: str) -> None:
    assert detected(log) is None
    assert detected(log, "trace.json") is None


def test_formats_that_are_tried_are_those_that_there_are_but_for_those_that_need_the_library() -> None:
    missing = {of.name for of in FORMATS} - set(SAMPLES)
    assert missing == {"otlp-protobuf", "otlp-protobuf-sequence"}


def test_a_name_decides_only_where_the_content_does_not() -> None:
    assert detected(b"", "run.perfetto-trace") == "perfetto"
    assert detected("{}", "login.appmap.json") == "appmap"
    assert detected("started\n", "login.appmap.json") is None
    assert detected(OTLP, "run.perfetto-trace") == "otlp-json-lines"


@pytest.mark.parametrize("said", ["TRACES", "LOGS"])
def test_protobuf_of_otlp_is_known_even_when_the_sample_ends_within_it(said: str) -> None:
    written = pytest.importorskip("tests.traces.test_otlp_protobuf")
    data = written.protobuf(getattr(written, said))
    behind_length = len(data).to_bytes(4, "big") + data
    for end in (len(data), 160):
        assert detected(data[:end]) == "otlp-protobuf"
        assert detected(behind_length[: end + 4]) == "otlp-protobuf-sequence"


@pytest.mark.shared
def test_of_all_recorded_files_only_the_traces_are_traces(shared_data: Path) -> None:
    folders = {"traces_otlp_jaeger", "chrome_traces"}
    found = set()
    for file in sorted(file for file in shared_data.rglob("*") if file.is_file()):
        with gzip.open(file) if file.suffix == ".gz" else file.open("rb") as opened:
            of = detect(opened.read(1 << 16), file.name)
        in_traces = file.relative_to(shared_data).parts[0] in folders and ".json" in file.name
        assert (of is not None) == (in_traces or ".xes" in file.name), file
        found.add(of and of.name)
    assert {"otlp-json", "jaeger-json", "jaeger-dependencies", "chrome-trace", "google-cloud-trace"} <= found
