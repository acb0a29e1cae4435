"""Made JSON lines and traces, with what must be found in them."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from pathlib import Path

SPANS_A_LINE = 50
START_UNIX_NANO = 1_772_409_600 * 10**9
MESSAGES = ("request completed", "cache miss", "user logged in", "job queued", "query finished", "handler started")


@dataclass(frozen=True, slots=True)
class Lines:
    """What must be found in JSON lines."""

    bytes: int
    lines: int
    records: int


@dataclass(frozen=True, slots=True)
class Spans:
    """What must be found in a trace."""

    bytes: int
    spans: int


def json_lines(path: Path, lines: int, seed: int) -> Lines:
    """Write ``lines`` as pino writes them, of which each has three to six members beside time, level and message."""
    rng = random.Random(seed)
    time_ms = START_UNIX_NANO // 10**6
    with path.open("w", encoding="utf-8") as file:
        for _ in range(lines):
            time_ms += rng.randrange(3)
            kind = rng.randrange(len(MESSAGES))
            record: dict[str, object] = {
                "level": rng.choice((20, 30, 30, 30, 40, 50)),
                "time": time_ms,
                "pid": 4711,
                "hostname": "web-1",
            }
            if kind == 0:
                record |= {"status": 200, "responseTime": round(rng.random() * 100, 2)}
            elif kind == 1:
                record["key"] = f"user:{rng.randrange(10**5)}"
            elif kind == 4:
                record |= {"ms": rng.randrange(500), "rows": rng.randrange(100)}
            record["msg"] = f"{MESSAGES[kind]} {rng.randrange(1000)}" if kind % 2 else MESSAGES[kind]
            file.write(json.dumps(record, separators=(",", ":")) + "\n")
    return Lines(path.stat().st_size, lines, lines)


def otlp_json_lines(path: Path, spans: int, seed: int) -> Spans:
    """Write at least ``spans`` as the Collector's file exporter does: a request a line."""
    rng = random.Random(seed)
    requests = max(1, -(-spans // SPANS_A_LINE))
    service = {"key": "service.name", "value": {"stringValue": "shop"}}
    with path.open("w", encoding="utf-8") as file:
        for number in range(requests):
            made = [_span(rng, START_UNIX_NANO + number * 10**9) for _ in range(SPANS_A_LINE)]
            scope = {"scope": {"name": "shop.http"}, "spans": made}
            resource = {"resource": {"attributes": [service]}, "scopeSpans": [scope]}
            file.write(json.dumps({"resourceSpans": [resource]}, separators=(",", ":")) + "\n")
    return Spans(path.stat().st_size, requests * SPANS_A_LINE)


def _span(rng: random.Random, start: int) -> dict[str, object]:
    begun = start + rng.randrange(10**9)
    path = rng.choice(("/cart", "/checkout", "/item", "/search"))
    attributes = [
        {"key": "http.request.method", "value": {"stringValue": "GET"}},
        {"key": "http.response.status_code", "value": {"intValue": "200"}},
        {"key": "url.path", "value": {"stringValue": path}},
    ]
    return {
        "traceId": f"{rng.getrandbits(128):032x}",
        "spanId": f"{rng.getrandbits(64):016x}",
        "parentSpanId": f"{rng.getrandbits(64):016x}",
        "name": f"GET {path}",
        "kind": 2,
        "startTimeUnixNano": str(begun),
        "endTimeUnixNano": str(begun + rng.randrange(10**8)),
        "attributes": attributes,
        "status": {},
    }
