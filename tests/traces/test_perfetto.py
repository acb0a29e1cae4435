"""Perfetto's traces, written here byte by byte."""

from __future__ import annotations

import struct
import zlib
from typing import Any

from telemap.traces.perfetto import TRACE
from tests.traces.reading import columns, read, rows


def number(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def message(**said: Any) -> bytes:
    """Fields by number, as ``f11=…``: numbers, text, bytes, floats (of 64 bits), or lists of these."""
    out = b""
    for name, values in said.items():
        field = int(name[1:])
        for value in values if isinstance(values, list) else [values]:
            if isinstance(value, float):
                out += number(field << 3 | 1) + struct.pack("<d", value)
            elif isinstance(value, int):
                out += number(field << 3) + number(value)
            else:
                raw = value.encode() if isinstance(value, str) else value
                out += number(field << 3 | 2) + number(len(raw)) + raw
    return out


def fixed(field: int, value: int) -> bytes:
    return number(field << 3 | 1) + struct.pack("<Q", value)


def trace(*packets: bytes) -> bytes:
    return b"".join(message(f1=packet) for packet in packets)


PROCESS = message(f10=1, f60=message(f1=100, f3=message(f1=7, f6="browser")))
THREAD = message(f10=1, f60=message(f1=101, f5=100, f4=message(f1=7, f2=8, f5="main")))


def event(time: int, kind: int, more: bytes = b"", **said: Any) -> bytes:
    return message(f8=time, f10=1, f11=message(f9=kind, f11=101, **said) + more)


def test_slices_nest_on_their_track_and_know_thread_process_and_code() -> None:
    location = message(f2="ui/paint.cc", f3="ui::Paint", f4=42)
    annotations = [message(f10="deep", f11=[message(f10="x", f4=1), message(f10="y", f12=[message(f6="z")])])]
    batch = read(
        TRACE,
        trace(
            PROCESS,
            THREAD,
            event(10, 1, f23="paint", f22=["ui", "gpu"], f4=annotations, f33=location),
            event(20, 1, f23="clip"),
            event(25, 3, f23="tick"),
            event(30, 2),
            event(50, 2, f4=[message(f10="result", f6="done")]),
        ),
    )
    paint, clip = rows(batch.spans)
    assert paint == {
        "span_id": "0123456700000000",
        "trace_id": "0123456789abcdef0000000000000000",
        "kind": "span",
        "name": "paint",
        "handler": "ui::Paint",
        "start_time_unix_nano": 10,
        "end_time_unix_nano": 50,
        "duration_ns": 40,
        "status": "ok",
        "first_line": 1,
        "last_line": 1,
        "service_name": "browser",
        "attributes": {
            "process.pid": "7",
            "thread.id": "8",
            "thread.name": "main",
            "perfetto.categories": "ui,gpu",
            "code.file.path": "ui/paint.cc",
            "code.function.name": "ui::Paint",
            "code.line.number": "42",
            "deep": '{"x":1,"y":["z"]}',
            "result": "done",
        },
    }
    assert (clip["name"], clip["duration_ns"], clip["parent_span_id"]) == ("clip", 10, paint["span_id"])
    assert columns(batch.records, "event_name", "span_id") == [("tick", clip["span_id"])]
    assert batch.problems == ()


def test_interned_names_and_defaults_hold_until_the_state_is_cleared() -> None:
    def interned(name: str) -> bytes:
        return message(f1=[message(f1=1, f2="cat")], f2=[message(f1=5, f2=name)])

    def packet(time: int, kind: int, **more: Any) -> bytes:
        return message(f8=time, f10=3, f11=message(f9=kind, f10=5, f3=[1]), **more)

    batch = read(
        TRACE,
        trace(
            THREAD,
            message(f10=3, f13=1, f59=message(f11=message(f11=101)), f12=interned("before")),
            packet(1, 1),
            packet(2, 2),
            message(f10=3, f13=1, f59=message(f11=message(f11=101)), f12=interned("after")),
            packet(3, 1),
            packet(4, 2),
        ),
    )
    assert columns(batch.spans, "name", "start_time_unix_nano") == [("before", 1), ("after", 3)]
    assert {dict(row["attributes"])["perfetto.categories"] for row in batch.spans.to_pylist()} == {"cat"}
    assert {dict(row["attributes"])["thread.id"] for row in batch.spans.to_pylist()} == {"8"}


def test_clocks_are_brought_to_the_time_of_day() -> None:
    def clock(**said: int) -> bytes:
        return message(**said)

    clocks = [clock(f1=6, f2=1000), clock(f1=1, f2=5_000_000), clock(f1=64, f2=2, f3=1, f4=100)]
    batch = read(
        TRACE,
        trace(
            THREAD,
            message(f10=1, f6=message(f1=clocks)),
            event(1500, 3, f23="from boot"),
            message(f8=1, f10=1, f58=64, f11=message(f9=3, f23="first delta")),
            message(f8=2, f10=1, f58=64, f11=message(f9=3, f23="second delta")),
        ),
    )
    # The clock of its own showed 200 ns at boot time 1,000; the time of day was 4,999,000 ns ahead of boot time.
    assert columns(batch.records, "event_name", "time_unix_nano") == [
        ("first delta", 5_000_100),
        ("second delta", 5_000_300),
        ("from boot", 5_000_500),
    ]


def test_flows_counters_and_compressed_packets_are_read() -> None:
    counter = message(f10=1, f60=message(f1=200, f2="memory", f8=b""))
    inner = trace(event(1, 1, fixed(47, 9), f23="send"), event(2, 2))
    batch = read(
        TRACE,
        trace(
            THREAD,
            counter,
            message(f50=zlib.compress(inner)),
            event(5, 1, fixed(48, 9), f23="receive"),
            event(6, 2),
            message(f8=7, f10=1, f11=message(f9=4, f11=200, f30=12)),
        ),
    )
    send, receive = rows(batch.spans)
    assert receive["links"] == [
        {"trace_id": send["trace_id"], "span_id": send["span_id"], "attributes": {"flow.id": "9"}}
    ]
    (count,) = rows(batch.records)
    assert (count["event_name"], count["attributes"]["value"]) == ("memory", "12")


def test_old_events_with_a_phase_are_slices_too() -> None:
    whole = message(f8=1000, f10=1, f11=message(f11=101, f23="whole", f6=message(f2=ord("X"), f3=2)))
    begin = message(f8=1, f10=1, f11=message(f11=101, f23="request", f6=message(f2=ord("b"), f6=5)))
    end = message(f8=9, f10=1, f11=message(f11=101, f23="request", f6=message(f2=ord("e"), f6=5)))
    batch = read(TRACE, trace(THREAD, whole, begin, end))
    assert columns(batch.spans, "name", "duration_ns", "reported_duration_ns") == [
        ("request", 8, None),
        ("whole", 2000, 2000),
    ]


def test_what_is_not_read_and_where_a_file_breaks_off_are_told() -> None:
    data = trace(THREAD, event(1, 1, f23="open"), message(f10=1, f1=message(f1=3)), message(f10=1, f1=message(f1=4)))
    batch = read(TRACE, data + b"\x0a\x7f\x01")
    assert columns(batch.spans, "name", "status") == [("open", "incomplete")]
    assert [(problem.place, problem.reason) for problem in batch.problems] == [
        ("trace", f"byte {len(data) + 2}: field 1 of 127 bytes goes beyond the message"),
        ("field 1 of packets", "not read, in 2 packets"),
    ]
