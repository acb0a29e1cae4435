"""Which format of traces a file is in: by what it holds, and only where that does not tell by its name."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from telemap.traces import (
    appmap,
    chrome,
    google,
    jaeger,
    ocel,
    otlp_json,
    otlp_protobuf,
    perfetto,
    xes,
    zipkin,
)
from telemap.traces.batches import TraceFormat
from telemap.traces.protobuf import MalformedError, fields, varint

FORMATS = (
    otlp_json.LINES,
    otlp_json.DOCUMENT,
    otlp_protobuf.MESSAGE,
    otlp_protobuf.SEQUENCE,
    jaeger.TRACES,
    jaeger.DEPENDENCIES,
    zipkin.SPANS,
    chrome.EVENTS,
    perfetto.TRACE,
    xes.LOG,
    ocel.JSON,
    ocel.XML,
    ocel.SQLITE,
    appmap.RECORDING,
    google.TRACE,
)
_SUFFIXES = {
    ".perfetto-trace": perfetto.TRACE,
    ".pftrace": perfetto.TRACE,
    ".xes": xes.LOG,
    ".jsonocel": ocel.JSON,
    ".xmlocel": ocel.XML,
    ".appmap.json": appmap.RECORDING,
}
_OTLP_KEYS = {"resourceSpans", "resourceLogs", "resourceMetrics", "resource_spans", "resource_logs", "resource_metrics"}
_TOKEN = re.compile(rb'"((?:[^"\\]++|\\.)*+)"(\s*:)?|[{}\[\]]|[^\s"{}\[\],:]+', re.DOTALL)
_DEPTH = 4
_PACKET = b"\x0a"


def detect(sample: bytes, name: str) -> TraceFormat | None:
    """The format of the file that begins with ``sample`` (64 KB are enough); None where it is none of traces.

    A JSON document tells its format by the keys that it begins with. A text of several JSON documents is a log, unless
    they are OTLP.
    """
    text = sample.removeprefix(b"\xef\xbb\xbf").lstrip()
    found = None
    if text[:1] in (b"{", b"["):
        found = _of_json(text)
    elif text[:1] == b"<":
        found = _of_xml(text)
    elif sample.startswith(b"SQLite format 3\0"):
        found = ocel.SQLITE if b"event_map_type" in sample else None
    else:
        found = _of_protobuf(sample)
    return found or _by_name(text, name)


def _by_name(text: bytes, name: str) -> TraceFormat | None:
    named = next((of for suffix, of in _SUFFIXES.items() if name.lower().endswith(suffix)), None)
    begins = {ocel.JSON: b"{", appmap.RECORDING: b"{", xes.LOG: b"<", ocel.XML: b"<"}.get(named) if named else None
    return named if begins is None or text.startswith(begins) else None


_JSON: tuple[tuple[TraceFormat, Callable[[set[str]], bool]], ...] = (
    (chrome.EVENTS, lambda has: "traceEvents" in has or ("[].ph" in has and bool(has & {"[].ts", "[].pid"}))),
    (jaeger.TRACES, lambda has: any({f"{at}traceID", f"{at}spans"} <= has for at in ("", "[].", "data.", "data[]."))),
    (zipkin.SPANS, lambda has: any(_is_zipkin(has, at) for at in ("[].", "[][]."))),
    (ocel.JSON, lambda has: {"eventTypes", "objectTypes"} <= has or {"events[].relationships", "objectTypes"} <= has),
    (appmap.RECORDING, lambda has: {"version", "classMap"} <= has or {"events[].event", "events[].id"} <= has),
    (google.TRACE, lambda has: {"traceId", "spans[].spanId", "spans[].startTime"} <= has),
    (jaeger.DEPENDENCIES, lambda has: any({f"{at}parent", f"{at}callCount"} <= has for at in ("[].", "data[]."))),
)


def _is_zipkin(has: set[str], at: str) -> bool:
    return {f"{at}traceId", f"{at}id"} <= has and bool(
        has & {f"{at}localEndpoint", f"{at}duration", f"{at}annotations"}
    )


def _of_json(text: bytes) -> TraceFormat | None:
    has, end = _paths(text)
    if has & _OTLP_KEYS:
        is_one = end is None and b"\n" in text.rstrip()
        return otlp_json.DOCUMENT if is_one or b"\n" in text[:end].rstrip() else otlp_json.LINES
    if end is not None and text[end:].strip(b" \t\r\n,]"):
        return None
    return next((of for of, fits in _JSON if fits(has)), None)


def _paths(text: bytes) -> tuple[set[str], int | None]:
    """The keys near the top of the first document of ``text``, as ``data[].spans``; and where it ends, if it does."""
    stack: list[str] = []
    found: set[str] = set()
    key = ""
    for token in _TOKEN.finditer(text):
        at = token[0][:1]
        if at in (b"{", b"["):
            prefix = stack[-1] if stack else ""
            here = prefix + (key if not prefix.endswith("[]") or key else "")
            stack.append(f"{here}[]" if at == b"[" else f"{here}." if here else "")
            key = ""
        elif at in (b"}", b"]"):
            if stack:
                stack.pop()
            if not stack:
                return found, token.end()
        elif token[2] and len(stack) <= _DEPTH:
            key = token[1].decode(errors="replace")
            found.add(stack[-1] + key if stack else key)
        else:
            key = ""
    return found, None


def _of_xml(text: bytes) -> TraceFormat | None:
    root = re.search(rb"<(?:\w+:)?log\b[^>]*>", text)
    if root is None or re.search(rb"<(?:\w+:)?(?!log\b)[A-Za-z]", text[: root.start()]):
        return None
    if re.search(rb"<(?:object-types|event-types|objects|events)\b", text):
        return ocel.XML
    is_xes = b"xes" in root[0] or re.search(rb"<(?:\w+:)?(?:trace|extension|global|classifier)\b", text)
    return xes.LOG if is_xes else None


def _of_protobuf(sample: bytes) -> TraceFormat | None:
    if sample.startswith(_PACKET) and otlp_protobuf.signal(sample):
        return otlp_protobuf.MESSAGE
    length = int.from_bytes(sample[:4], "big")
    if length and sample[4:5] == _PACKET and otlp_protobuf.signal(sample[4 : 4 + length]):
        return otlp_protobuf.SEQUENCE
    packets = list(_packets(sample))
    return perfetto.TRACE if packets and all(packets) else None


def _packets(sample: bytes) -> Iterator[bool]:
    """Of each whole packet that ``sample`` begins with, whether it says what all packets say."""
    at = 0
    while sample[at : at + 1] == _PACKET:
        try:
            length, at = varint(sample, at + 1)
            if at + length > len(sample):
                return
            yield _is_packet(sample[at : at + length])
        except MalformedError:
            yield False
            return
        at += length
    if at < len(sample):
        yield False


def _is_packet(data: bytes) -> bool:
    try:
        return any((number, wire) in ((3, 0), (10, 0), (8, 0), (36, 2), (50, 2)) for number, wire, _, _ in fields(data))
    except MalformedError:
        return False
