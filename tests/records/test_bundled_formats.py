"""Every bundled format reads its own samples to exactly what they say, and is told from all others by them."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from benchmarks import formats
from telemap.records.format_files import bundled_formats
from telemap.records.formats import Format
from telemap.store.loading import Ingest, ingest
from telemap.store.store import Store, fetch

DATE = "2026-01-02"  # stands in the names of the files, for samples whose times tell no year or no day
TOLD = [f for f in bundled_formats() if any(sample.fields for sample in f.samples)]
COLUMNS = ("severity_text", "severity_number", "logger_name", "printed_location", "trace_id", "span_id", "body")

# Single words in front of a colon, clocks at the beginning of prose and the like: what must not begin a record.
NO_RECORDS = """\
once upon a time there was a log
He said: it is 12:34 already, and nothing has happened
Traceback (most recent call last):
  File "/srv/shop/cart.py", line 41, in add
AttributeError: 'NoneType' object has no attribute 'price'
java.lang.IllegalStateException: no card at 2026-01-02 03:04:05
Caused by: java.io.IOException: connection reset by peer on 2026-01-02T03:04:05Z
\tat com.shop.Pay.charge(Pay.java:77)
    at add (/srv/shop/cart.js:41:9)
   at Shop.Pay.Charge() in /src/Pay.cs:line 77
goroutine 1 [running]:
main.charge(0x1)
\t/src/pay/pay.go:77 +0x1d
thread 'main' panicked at src/pay.rs:77:9:
#0 /srv/shop/pay.php(77): charge()
<?xml version="1.0" encoding="UTF-8"?>
<time>2026-01-02T03:04:05Z</time>
  "time": "2026-01-02T03:04:05Z",
["2026-01-02", "03:04", 17]
SELECT * FROM cart WHERE added > '2026-01-02 03:04:05';
| id | price |
--- a/cart.py	2026-01-02 03:04:05
17,12.50,2026-01-02
total = 12.5; // computed
Not only this: that as well""".splitlines()


@dataclass(frozen=True, slots=True)
class Read:
    """What came of a file of samples: the name of the format that was found, and what each record says."""

    log_format: str | None
    records: list[dict[str, Any]]


@pytest.fixture(scope="module", params=[1, 5], ids=["line by line", "by plan"])
def read(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Read]:
    """The samples of each format, each so many times, as the store tells them; formats are found, not told."""
    folder = tmp_path_factory.mktemp("samples")
    paths = {f.name: folder / f"{f.name}-{DATE}.log" for f in TOLD}
    for log_format in TOLD:
        text = "".join(f"{sample.line}\n" for sample in log_format.samples)
        paths[log_format.name].write_text(text * request.param, encoding="utf-8", newline="")
    store = Store(folder / "store", create=True)
    ingest(store, [str(path) for path in paths.values()], Ingest(bundled_formats()))
    with store.connect() as connection:
        return {name: Read(*_told(connection, path)) for name, path in paths.items()}


def _told(connection: Any, path: Path) -> tuple[str | None, list[dict[str, Any]]]:
    source = fetch(connection, "SELECT source_id, log_format FROM source WHERE uri = ?", [str(path)])[0]
    rows = fetch(connection, "SELECT * FROM record WHERE source_id = ? ORDER BY line_number", [source["source_id"]])
    return source["log_format"], [dict(_fields(row)) for row in rows]


def _fields(row: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    if row["time_unix_nano"] is not None:
        seconds, nanoseconds = divmod(row["time_unix_nano"], 10**9)
        fraction = f"{nanoseconds:09}".rstrip("0")
        moment = datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")
        yield "timestamp", f"{moment}.{fraction.ljust(3, '0')}Z" if fraction else f"{moment}Z"
    yield from ((name, row[name]) for name in (*COLUMNS, "event_name", "unparsed_reason") if row[name] is not None)
    yield from dict(row["attributes"] or {}).items()


@pytest.mark.parametrize("log_format", TOLD, ids=lambda f: f.name)
def test_a_file_of_its_samples_is_in_this_format(log_format: Format, read: dict[str, Read]) -> None:
    assert read[log_format.name].log_format == log_format.name


@pytest.mark.parametrize("log_format", TOLD, ids=lambda f: f.name)
def test_each_sample_becomes_exactly_the_record_that_it_says(log_format: Format, read: dict[str, Read]) -> None:
    expected = [
        dict(sample.fields) | ({"event_name": sample.event_name} if sample.event_name else {})
        for sample in log_format.samples
    ]
    records = read[log_format.name].records
    assert records == expected * (len(records) // len(expected))


@pytest.mark.parametrize("log_format", TOLD, ids=lambda f: f.name)
def test_every_pattern_and_every_event_has_a_sample_with_fields(log_format: Format) -> None:
    assert all(sample.fields for sample in log_format.samples)
    found = [log_format.match(sample.line.partition("\n")[0].encode()) for sample in log_format.samples]
    matches = [match for match in found if match is not None]
    assert len(matches) == len(found)
    if log_format.members is None:
        assert {match.pattern.name for match in matches} == {pattern.name for pattern in log_format.patterns}
    assert {id(match.event) for match in matches if match.event} == {id(event) for event in log_format.events}


@pytest.mark.parametrize("log_format", TOLD, ids=lambda f: f.name)
def test_prose_traces_and_dumps_begin_no_record(log_format: Format) -> None:
    assert [line for line in NO_RECORDS if log_format.match(line.encode()) is not None] == []


def test_formats_by_which_nothing_specific_is_said_are_generic() -> None:
    generic = {f.name for f in TOLD if f.is_generic}
    assert generic == {"generic-json", "generic-levels", "generic-prefixed", "generic-text", "logfmt"}
    assert {f.name for f in TOLD if f.members is not None and not f.members.requires} == {"generic-json"}


@pytest.mark.shared
@pytest.mark.parametrize(("data", "least_detected"), [("log_formats", 0.95), ("loghub_2k", 1.0)])
def test_times_levels_and_fields_of_recorded_logs_are_right(
    shared_data: Path, data: str, least_detected: float
) -> None:
    told = formats.run(Namespace(data=str(shared_data / data), files=None))
    assert (told["recordsRight"], told["bytesAccounted"]) == (1.0, 1.0)
    assert told["detected"] >= least_detected  # some of the small ones are no logs
    assert min(told["timestampsRight"], told["levelsRight"], told["fieldsRight"] or 1.0) >= 0.99
