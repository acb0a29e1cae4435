"""Fragments of logs, kind by kind, with all in them that is awkward where a file is cut; to be joined in any order."""

from __future__ import annotations

import json
from typing import Any

KEY = b"".join(b"%s\n" % (bytes([letter]) * 64) for letter in b"MIQA")
SECRETS = (b"password=hunter22 ", b"Authorization: Bearer abcdefabcdef.ghijklmn0123456789 ", b"AKIAIOSFODNN7EXAMPLE ")


def _json(**members: Any) -> bytes:
    return json.dumps(members, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _docker(text: str, second: int, stream: str = "stdout") -> bytes:
    return _json(log=text, stream=stream, time=f"2026-01-02T03:04:{second:02}.5Z")


def _cri(text: str, second: int, flag: str = "F") -> bytes:
    return f"2026-01-02T03:04:{second:02}.123456789Z stdout {flag} {text}\n".encode()


def _journal(message: Any, microseconds: int) -> bytes:
    return _json(__REALTIME_TIMESTAMP=str(1767323045000000 + microseconds), PRIORITY="6", _PID="7", MESSAGE=message)


def _pino(message: str, milliseconds: int, **more: Any) -> bytes:
    return _json(level=30, time=1767323045000 + milliseconds, pid=1, hostname="web-1", msg=message, **more)


def _otlp(span: int, **more: Any) -> bytes:
    start = 1767323045000000000 + span
    said = {
        "traceId": f"{span % 2 + 1:032x}", "spanId": f"{span:016x}", "name": "GET /cart 🎼",
        "startTimeUnixNano": str(start), "endTimeUnixNano": str(start + 10**6), **more,
    }  # fmt: skip
    resource = {"attributes": [{"key": "service.name", "value": {"stringValue": "shop"}}]}
    return _json(resourceSpans=[{"resource": resource, "scopeSpans": [{"scope": {"name": "s"}, "spans": [said]}]}])


def _otlp_log(second: int) -> bytes:
    record = {"timeUnixNano": str(1767323045000000000 + second), "body": {"stringValue": f"priced {second}"}}
    return _json(resourceLogs=[{"scopeLogs": [{"logRecords": [record]}]}])


_STACK = (
    "java.lang.IllegalStateException: no price\n\tat shop.Cart.add(Cart.java:41)\n\n\tat shop.Main.main(Main.java:9)\n"
)
_TRACEBACK = (
    b'Traceback (most recent call last):\n  File "/srv/shop/cart.py", line 41, in add\n'
    + "    price[\N{MUSICAL SCORE}]\n".encode()
    + b"KeyError: 'price'\n"
)

_PYTHON = (
    b"2026-01-02 03:04:05,678 INFO shop.cart: item 17 added\n",
    b"2026-01-02 03:04:06,001 ERROR shop.cart: failed\n" + _TRACEBACK,
    "2026-01-02 03:04:04,001 WARNING shop.cart: late \u2028 line \N{MUSICAL SCORE}\n".encode(),
    b"2026-01-02 02:00:00,000 INFO shop.cart: a clock set back\r\n",
    b"2026-01-02 03:04:07,100 DEBUG shop.db: \xff\xfe\xc3( no UTF-8 \x00 \x1b[31mred\x1b[0m\n",
    b"2026-02-30 25:61:00,000 INFO shop.cart: no date\n",
    b"2026-01-02 03:04:08,100 INFO shop.db: {\"password\": \"hunter22\"}\r\n    continued\r\n\r\n",
    *(b"2026-01-02 03:04:09,000 INFO shop.auth: " + secret + b"\n" for secret in SECRETS),
    b"2026-01-02 03:04:10,000 INFO shop.auth: -----BEGIN RSA PRIVATE KEY-----\n" + KEY
    + b"-----END RSA PRIVATE KEY-----\n",
    b"\n",
    b"    indented\n",
    _pino("one JSON line in a text", 5),
    b"plain text after it\n",
)  # fmt: skip

KINDS: dict[str, tuple[bytes, ...]] = {
    "python.log": _PYTHON,
    "syslog.log": (
        b"Dec 31 23:59:58 web-1 sshd[1234]: Accepted publickey for alice\n",
        b"Dec 31 23:59:57 web-1 sshd[1234]: late\n",
        b"Jan  1 00:00:01 web-1 shop: happy new year \xf0\x9f\x8e\xbc\n",
        b"Feb 29 12:00:00 web-1 shop: a day that not every year has\n",
        b"Jul  1 00:00:01 web-1 shop: half a year on\n",
        b"Jan  2 00:00:01 web-1 shop[12]: boom\n  at shop\n",
        b"Jan  2 00:00:01 web-1 last message repeated 2 times\n",
        b"no syslog at all\n",
    ),
    "clock.log": (
        b"23:59:58.100 INFO tick\n",
        b"23:59:57.100 INFO late tick\n",
        b"00:00:01.000 WARN after midnight\n",
        b"12:00:00.000 ERROR noon\n" + _TRACEBACK,
        b"24:61:00.000 INFO no time\n",
    ),
    "pino.jsonl": (
        _pino("item added", 1, item=17),
        _pino("naïve \N{MUSICAL SCORE} \u2028", 0, err={"type": "TypeError", "stack": _STACK}),
        _pino("with a secret", 900, password="hunter22"),
        _pino("nested", 70000, a={"b": {"c": [1, 2, {"d": None}]}}, reqId="r-1"),
        b'{"level":30,"time":1767323045009,"pid":1,"hostname":"w","msg":"twice","msg":"once","x":1e400,"a":1,"a":{"b":2}}\n',
        b'{"level":30,"time":99999999999999999999,"pid":1,"hostname":"w","msg":"\\ud83c no pair"}\r\n',
        b'{"level":30,"time":17673230450',
        b"(node:7) Warning: not JSON\n    at x (y.js:1:2)\n",
        b"\n",
        b"-----BEGIN RSA PRIVATE KEY-----\n" + KEY + b"-----END RSA PRIVATE KEY-----\n",
        b'{"other":"object"}\n',
        b"[1,2]\n",
    ),
    "clef.jsonl": (
        b'{"@t":"2026-01-02T03:04:05.6781234Z","@mt":"added item {Item}","Item":17}\n',
        b'{"@t":"2026-01-02T03:04:05Z","@m":"failed","@l":"Error","@x":"E: no\\n   at Shop.Pay()","@tr":"0123"}\n',
        b'{"@t":"0001-01-01T00:00:00Z","@m":"year one"}\n{"@t":"9999-12-31T23:59:59Z","@m":"the last"}\n',
        b'  {"@t":"2026-01-02T02:04:05+01:00","@m":"an hour on","Token":"Bearer abcdefabcdef0123456789"}\n',
    ),
    "journal.jsonl": (
        _journal("item added", 1),
        _journal([98, 121, 116, 101, 115], 2),
        _journal("2026-01-02 03:04:05,678 INFO shop.cart: inside", 3),
        _journal("Traceback (most recent call last):", 4),
        _journal("  File 'x'", 5),
        _journal("", 6),
        _journal(None, 7),
    ),
    "docker-text.jsonl": (
        _docker("2026-01-02 03:04:05,678 INFO shop.cart: item 17 added\n", 5),
        _docker("2026-01-02 03:04:06,678 INFO shop.cart: a long line ", 6) + _docker("in two parts\r\n", 6),
        _docker("2026-01-02 03:04:07,678 ERROR shop.cart: failed\n", 7) + _docker("  at shop\n", 7, "stderr"),
        _docker("part without an end", 8),
        _docker("password=hunter22 \N{MUSICAL SCORE}\n", 9),
        _docker("\n", 9),
        b"not of Docker\n",
    ),
    "docker-json.jsonl": (
        *(_docker(_pino("item added", n).decode(), n) for n in range(3)),
        _docker(_pino("cut in two", 4).decode()[:30], 4) + _docker(_pino("cut in two", 4).decode()[30:], 4),
        _docker("no JSON\n", 6),
    ),
    "cri-text.log": (
        _cri("2026-01-02 03:04:05,678 INFO shop.cart: item 17 added", 5),
        _cri("2026-01-02 03:04:06,678 INFO shop.cart: one that ", 6, "P") + _cri("goes ", 6, "P") + _cri("on", 6),
        _cri("Traceback:", 7) + _cri("  File 'x'", 7),
        _cri("left open", 8, "P"),
        _cri("", 9),
        b"not of CRI\n",
    ),
    "cri-json.log": (
        _cri(_pino("item added", 1).decode()[:-1], 1),
        _cri(_pino("in two", 2).decode()[:40], 2, "P") + _cri(_pino("in two", 2).decode()[40:-1], 2),
        _cri("no JSON", 3),
    ),
    "tale.log": (
        b"once upon a time\n",
        b"\n",
        b"  there was \xf0\x9f\x8e\xbc a log\r\n",
        b"-----BEGIN RSA PRIVATE KEY-----\n" + KEY + b"-----END RSA PRIVATE KEY-----\n",
        b"\ra page that was\r\x85 typed, as of old, \x0c on paper\n",
    ),
    "collector.jsonl": (
        *(_otlp(n) for n in range(1, 5)),
        _otlp(5, status={"code": 2, "message": "no price"}, events=[{"timeUnixNano": "1", "name": "exception"}]),
        _otlp_log(1),
        b"\n",
        b"{not json\n",
        b'{"resourceMetrics":[]}\n',
    ),
}  # fmt: skip
"""What a file of the name may consist of, whole lines and some that lack their end."""


def _chrome(number: int) -> dict[str, Any]:
    return {"ph": "X", "name": f"paint {number} 🎼", "ts": number * 10, "dur": 7, "pid": 1, "tid": number % 2}


_TAGS = [{"key": "http.method", "type": "string", "value": "GET"}]
_JAEGER = {
    "data": [
        {
            "traceID": "1",
            "processes": {"p1": {"serviceName": "shop", "tags": []}},
            "spans": [
                {"traceID": "1", "spanID": f"{n}", "operationName": "GET 🎼", "processID": "p1", "startTime": n * 1000,
                 "duration": 500, "references": [], "tags": _TAGS, "logs": [{"timestamp": n * 1000, "fields": _TAGS}]}
                for n in range(1, 5)
            ],
        }
    ]
}  # fmt: skip

DOCUMENTS: dict[str, bytes] = {
    "chrome.json": json.dumps({"traceEvents": [_chrome(n) for n in range(12)]}, indent=1).encode(),
    "chrome-open.json": b"[\n" + b",\n".join(json.dumps(_chrome(n)).encode() for n in range(12)),
    "jaeger.json": json.dumps(_JAEGER).encode(),
    "otlp.json": json.dumps(json.loads(_otlp(1)), indent=2).encode(),
}
"""Files that are read as a whole."""
