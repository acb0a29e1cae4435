"""Logs of many formats, each found by itself: what comes of every record against what was read by hand.

``log_formats`` is compared with oracles of its own (``format_oracles``), ``loghub_2k`` with the columns of its
``*_structured.csv``. A time without a year is compared from the month on.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import io
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks import format_oracles
from benchmarks.format_oracles import ANYTHING, Expected, Oracle

NAME = "formats"
HELP = "formats found, and times, levels and fields read right, in logs of many programs"

COLONS_WITH_MILLISECONDS = 3
EPOCH_DIGITS = 10  # fewer are a clock
NO_LOGS = ("LICENSE*", "README*", "log-samples")
FIELDS = ("logger_name", "printed_location", "trace_id", "span_id")

# The layouts of loghub's columns, joined: the first that fits is meant.
LAYOUTS = (
    *("%Y-%m-%d %H:%M:%S,%f", "%Y-%m-%d %H:%M:%S.%f", "%Y-%m-%d %H:%M:%S", "%Y%m%d-%H:%M:%S:%f", "%y/%m/%d %H:%M:%S"),
    *("%y%m%d %H%M%S", "%a %b %d %H:%M:%S %Y"),
)
YEARLESS_LAYOUTS = ("%Y %b %d %H:%M:%S", "%Y %m-%d %H:%M:%S.%f", "%Y %m.%d %H:%M:%S")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this benchmark beside the common ones."""
    parser.add_argument("--files", nargs="*", help="only logs whose name contains one of these")


@dataclass(slots=True)
class Score:
    """Counts of what was compared and what was right, over all files, and what fell short in which."""

    compared: Counter[str] = field(default_factory=Counter)
    right: Counter[str] = field(default_factory=Counter)
    shortfalls: list[dict[str, Any]] = field(default_factory=list)

    def share(self, what: str) -> float | None:
        """The share of ``what`` that was right; None where nothing was compared."""
        return self.right[what] / self.compared[what] if self.compared[what] else None


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    """The figures of all logs in ``--data``: the folder of either data set, or one that holds both."""
    from telemap.records.format_files import bundled_formats
    from telemap.store.loading import Ingest, ingest, totals
    from telemap.store.store import Store, fetch

    logs = [path for path in _logs(Path(arguments.data)) if _is_wanted(path, arguments.files)]
    score, formats = Score(), {}
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder) / "store", create=True)
        reports = ingest(store, [str(path) for path in logs], Ingest(bundled_formats()))
        with store.connect() as connection:
            for path in logs:
                source = fetch(connection, "SELECT source_id, log_format FROM source WHERE uri = ?", [str(path)])
                formats[path] = source[0]["log_format"] if source else None
                of = [source[0]["source_id"]] if source else [""]
                rows = fetch(connection, "SELECT * FROM record WHERE source_id = ? ORDER BY line_number", of)
                _compare(path, formats[path], {row["line_number"]: row for row in rows}, score)
    sums = totals(reports)
    return {
        "files": len(logs),
        "detected": sum(name is not None for name in formats.values()) / max(len(logs), 1),
        "recordsRight": score.share("records"),
        "fieldsRight": score.share("fields"),
        "timestampsRight": score.share("timestamps"),
        "levelsRight": score.share("levels"),
        "bytesAccounted": sums["bytes_accounted"] / max(sums["bytes"], 1),
        "formats": {path.name: name for path, name in formats.items()},
        "shortfalls": score.shortfalls,
    }


def _logs(data: Path) -> Iterator[Path]:
    for path in sorted(data.rglob("*")):
        parts = [Path(part) for part in path.relative_to(data).parts]
        is_log = not any(part.match(pattern) for part in parts for pattern in NO_LOGS)
        if path.is_file() and is_log and ".csv" not in path.suffixes and path.stat().st_size:
            yield path


def _is_wanted(path: Path, wanted: list[str] | None) -> bool:
    return not wanted or any(part in str(path) for part in wanted)


def _text(path: Path) -> str:
    content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return content.decode(errors="replace").replace("\ufffd", "?")  # as the store shows bytes that are no text


def _lines(path: Path) -> list[str]:
    return [line.removesuffix("\r") for line in _text(path).split("\n")]


def _compare(path: Path, log_format: str | None, rows: dict[int, dict[str, Any]], score: Score) -> None:
    table = next(path.parent.glob(f"{path.name.removesuffix('.gz')}_structured.csv*"), None)
    oracle = format_oracles.oracle_for(path)
    if table is not None:
        expected: dict[int, Expected | None] = dict(_structured(table))
    elif oracle is not None:
        expected = {n: _asked(oracle, line) for n, line in enumerate(_lines(path), 1) if line.strip()}
    else:
        return
    compared, right, example = Counter[str](), Counter[str](), None
    for number, told in expected.items():
        if told is ANYTHING:
            continue
        row = rows.get(number)
        begins = row is not None and row["unparsed_reason"] is None
        verdicts = {"records": [begins is (told is not None)]}
        if told is not None:
            verdicts |= _verdicts(told, row if begins else None)
        for what, results in verdicts.items():
            compared[what] += len(results)
            right[what] += sum(results)
            if not all(results):
                example = example or {"line": number, "what": what, "expected": told, "found": row and _brief(row)}
    score.compared += compared
    score.right += right
    if compared != right:
        missed = {what: f"{right[what]} of {count}" for what, count in compared.items() if right[what] < count}
        score.shortfalls.append({"file": path.name, "logFormat": log_format, **missed, "example": example})


def _asked(oracle: Oracle, line: str) -> Expected | None:
    try:
        return oracle(line)
    except (IndexError, KeyError, ValueError):  # a line that is not of the kind that the oracle was written for
        return ANYTHING


def _verdicts(told: Expected, row: dict[str, Any] | None) -> dict[str, list[bool]]:
    """What is right of what a record must hold; of one that is missing, nothing is."""
    found = row or {}
    attributes = dict(found.get("attributes") or {})
    verdicts: dict[str, list[bool]] = {}
    if "time" in told:
        verdicts["timestamps"] = [_is_time(told["time"], found.get("time_unix_nano"))]
    if "severity" in told:
        verdicts["levels"] = [row is not None and found["severity_number"] == told["severity"]]
    texts = [name for name in told if name not in ("time", "severity", "body", "rest")]
    fields = [(found if name in FIELDS else attributes).get(name) == told[name] for name in texts]
    body = found.get("body")
    first = None if body is None else body.split("\n")[0].removesuffix("\r")
    if "body" in told:
        fields.append(first == told["body"])
    if "rest" in told:
        fields.append(first is not None and told["rest"].endswith(first))
    return verdicts | ({"fields": fields} if fields else {})


def _is_time(told: int | str, found_ns: int | None) -> bool:
    if found_ns is None:
        return False
    if isinstance(told, int):
        return told == found_ns // 1000
    found = datetime.fromtimestamp(found_ns // 10**9, UTC).strftime("%m-%d %H:%M:%S")
    whole, _, fraction = told.partition(".")
    return found.endswith(whole) and (not fraction or f"{found_ns % 10**9:09}".startswith(fraction))


def _structured(path: Path) -> Iterator[tuple[int, Expected]]:
    """What the columns of loghub say of each line; the host of Linux logs stands in a column called Level."""
    for row in csv.DictReader(io.StringIO(_text(path), newline="")):
        number = format_oracles.severity(row.get("Level") or "")
        told: Expected = {"time": _loghub_time(row)}
        yield int(row["LineId"]), told | ({"severity": number} if number is not None else {})


def _loghub_time(row: dict[str, str]) -> int | str:
    stamp = row.get("Timestamp") or row.get("Time") or ""
    if stamp.isdigit() and len(stamp) == EPOCH_DIGITS:
        return int(stamp) * 10**6
    text = " ".join(row[name] for name in ("Month", "Date", "Day", "Time") if row.get(name))
    if text.count(":") == COLONS_WITH_MILLISECONDS:  # which are printed as a number, without leading zeros
        head, _, milliseconds = text.rpartition(":")
        text = f"{head}:{milliseconds:0>3}"
    for layout in LAYOUTS:
        try:
            return format_oracles.at(text, layout)
        except ValueError:
            continue
    for layout in YEARLESS_LAYOUTS:
        try:
            parsed = datetime.strptime(f"2000 {text}", layout)  # a leap year
        except ValueError:
            continue
        return parsed.strftime("%m-%d %H:%M:%S.%f" if "%f" in layout else "%m-%d %H:%M:%S")
    raise ValueError(f"no layout for the time {text!r}")


def _brief(row: dict[str, Any]) -> dict[str, Any]:
    names = ("time_unix_nano", "severity_text", "severity_number", "logger_name", "body", "attributes")
    return {name: str(row[name])[:200] for name in names if row[name] is not None}
