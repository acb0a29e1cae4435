"""RenderX recordings against their oracles: what ran inside the page, told independently of the log's text.

A log may show only a part of the page's life (console cleared, opened late, page reloaded without "preserve log"). An
execution that lies wholly within the time that the log covers must be found; one that crosses its edge may be; one
that the oracle does not know must not.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.flow_faults import FaultScore, flows_of, judge, judge_limits

NAME = "renderx"
HELP = "executions found in recorded logs against what was recorded inside the page"
SLACK_MS = 50.0  # the log's clock and the oracle's differ by the time that printing takes
OPEN_END_MS = 1e15

KINDS = ("sequence", "beat", "handler")

Execution = dict[str, Any]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this benchmark beside the common ones."""
    parser.add_argument("--files", nargs="*", help="only logs whose name contains one of these")
    parser.add_argument("--differences", action="store_true", help="list what differs on stderr")


@dataclass
class Tally:
    """How many executions of one kind were expected, found, and right."""

    expected: int = 0
    found: int = 0
    expected_found: int = 0
    right: int = 0

    def report(self) -> dict[str, Any]:
        """Counts and shares, as every kind of execution is told."""
        return {
            "expected": self.expected,
            "found": self.found,
            "recall": self.expected_found / self.expected if self.expected else None,
            "precision": self.right / self.found if self.found else None,
        }


@dataclass
class Score:
    """The sums over all recordings."""

    tallies: dict[str, Tally] = field(default_factory=lambda: {kind: Tally() for kind in KINDS})
    parents: Counter[str] = field(default_factory=Counter)
    duration_errors_ms: list[float] = field(default_factory=list)
    state_changes: Counter[bool] = field(default_factory=Counter)
    named: int = 0
    beats: int = 0
    differences: list[str] = field(default_factory=list)


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    """The figures of all recordings in ``--data``; see the interface page for the meaning of each field."""
    from telemap.records.format_files import bundled_formats
    from telemap.store.loading import Ingest, ingest, totals
    from telemap.store.store import Store

    data = Path(arguments.data)
    manifest = json.loads((data / "logs" / "manifest.json").read_text())
    logs = manifest["logs"]
    wanted = [log for log in logs if not arguments.files or any(part in log["file"] for part in arguments.files)]
    present = [log for log in wanted if (data / log["file"]).exists()]
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder) / "store", create=True)
        paths = [str(data / log["file"]) for log in present]
        reports = ingest(store, paths, Ingest(bundled_formats()))
        score, oracles = Score(), 0
        with store.connect() as connection:
            for log in present:
                if log["oracle"] and (data / log["oracle"]).exists():
                    oracles += 1
                    compare(connection, data, log, score)
    faults = FaultScore()
    for log in present:
        if not (definitions := _definitions(arguments, log)).exists():
            continue
        flows, begins = flows_of(data / log["file"], definitions)
        judge(log, flows, begins, manifest["known_defects"], faults)
        if log["oracle"] and (data / log["oracle"]).exists():
            judge_limits(log, flows, _oracle(data, log), faults)
    sums = totals(reports)
    beats = score.tallies["beat"].report()
    if arguments.differences:
        import sys

        print("\n".join(score.differences), file=sys.stderr)
    return {
        "files": len(present),
        "missingFiles": [log["file"] for log in wanted if log not in present],
        "oracles": oracles,
        "bytes": sum(log["bytes"] for log in present),
        "bytesAccounted": sums["bytes_accounted"],
        "records": sums["records"],
        "unparsedRecords": sums["unparsed_records"],
        **beats,
        "durationErrorMs": _mean(score.duration_errors_ms),
        "handlersNamed": score.named / score.beats if score.beats else None,
        "sequences": score.tallies["sequence"].report(),
        "handlers": score.tallies["handler"].report(),
        "parents": dict(sorted(score.parents.items())),
        **faults.report(),
        "stateChangesEqual": score.state_changes[True] / score.state_changes.total() if score.state_changes else None,
    }


def executions_of_handlers(data: Path) -> Iterator[tuple[str, dict[str, tuple[int, int, int]]]]:
    """For each recording with an oracle: by handler the executions that coverage tells, between the least and the most.

    Those that were going on at its first line, or began within the slack of its ends, may be in the log or not.
    Recordings whose clock was set back are left out: nobody can say what of the oracle is in them.
    """
    from telemap.analyses.coverage import Params
    from telemap.analyses.coverage import run as coverage
    from telemap.records.format_files import bundled_formats
    from telemap.store.declaring import index_definitions
    from telemap.store.loading import Ingest, ingest
    from telemap.store.store import Store

    for log in json.loads((data / "logs" / "manifest.json").read_text())["logs"]:
        if not log["oracle"] or (log["fault"] or {}).get("id") == "clock_back":
            continue
        with tempfile.TemporaryDirectory() as folder:
            store = Store(Path(folder) / "store", create=True)
            ingest(store, [str(data / log["file"])], Ingest(bundled_formats()))
            index_definitions(store, [data / log["definitions"]])
            told = Counter[str]()
            for one in coverage(store, Params()).handlers:
                told[one.name] += one.executions
            (times,) = store.rows(
                "SELECT min(time_unix_nano) / 1e6 AS first, max(time_unix_nano) / 1e6 AS last FROM record"
            )
        ran = [one for one in _oracle(data, log) if one["k"] == "handler"]
        first, last = times["first"] + SLACK_MS, times["last"] - SLACK_MS
        least = Counter(one["handler"] for one in ran if first <= one["wall_ms"] <= last)
        first, last = times["first"] - SLACK_MS, times["last"] + SLACK_MS
        most = Counter(one["handler"] for one in ran if one["wall_ms"] <= last and first <= one["wall_ms"] + one["dur"])
        yield log["file"], {name: (least[name], told[name], most[name]) for name in {*told, *most}}


def _definitions(arguments: argparse.Namespace, log: dict[str, Any]) -> Path:
    """The folder of a log's definitions: in ``--definitions`` it goes by its last name."""
    if arguments.definitions is None:
        return Path(arguments.data, log["definitions"])
    return Path(arguments.definitions, Path(log["definitions"]).name)


def _oracle(data: Path, log: dict[str, Any]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (data / log["oracle"]).read_text().splitlines()]


def _mean(values: list[float]) -> float | None:
    return sum(values) / len(values) if values else None


def compare(connection: Any, data: Path, log: dict[str, Any], score: Score) -> None:
    """Add what one recording shows to ``score``."""
    from telemap.store.store import fetch

    oracle = _oracle(data, log)
    spans = fetch(
        connection,
        "SELECT s.*, p.request_id AS parent_request_id FROM span AS s JOIN source AS f USING (source_id) "
        "LEFT JOIN span AS p ON p.span_id = s.parent_span_id AND s.kind = 'sequence' "
        "WHERE f.uri = ? ORDER BY s.first_line",
        [str(data / log["file"])],
    )
    window = fetch(
        connection,
        "SELECT min(time_unix_nano) / 1e6 AS first, max(time_unix_nano) / 1e6 AS last "
        "FROM record JOIN source AS f USING (source_id) WHERE f.uri = ?",
        [str(data / log["file"])],
    )[0]
    for kind in score.tallies:
        told = [o for o in oracle if o["k"] == kind]
        found = [s for s in spans if s["kind"] == kind]
        pairs, extra = _pair(told, found, kind)
        _count(score, kind, log, told, pairs, extra, window)
        if kind == "beat":
            score.beats += len(found)
            score.named += sum(1 for s in found if s["handler"])
            score.duration_errors_ms += [
                abs(s["reported_duration_ns"] / 1e6 - o["app_ms"])
                for o, s in pairs
                if o["app_ms"] is not None and s["reported_duration_ns"] is not None
            ]
        if kind == "sequence":
            _count_parents(score, log, pairs)
        if kind == "handler":
            _count_state_changes(score, connection, log, pairs)


def _pair(
    told: list[Execution], found: list[Execution], kind: str
) -> tuple[list[tuple[Execution, Execution]], list[Execution]]:
    """Each found execution with the one of the oracle that it is; and those that the oracle does not know."""
    waiting: dict[Any, list[Execution]] = {}
    for execution in told:
        waiting.setdefault(_key(execution["request"], execution, kind), []).append(execution)
    pairs: list[tuple[Execution, Execution]] = []
    extra: list[Execution] = []
    nameless: list[Execution] = []
    for span in found:
        candidates = waiting.get(_key(span["request_id"], span, kind)) or _without_beat(waiting, span, kind)
        if candidates:
            pairs.append((candidates.pop(0), span))
        else:
            (extra if span["request_id"] else nameless).append(span)
    for span in nameless:  # the line with the request id lies before the log: the time must tell
        match = next((e for es in waiting.values() for e in es if _same_time(e, span, kind)), None)
        if match is None:
            extra.append(span)
        else:
            waiting[_key(match["request"], match, kind)].remove(match)
            pairs.append((match, span))
    return pairs, extra


def _without_beat(waiting: dict[Any, list[Execution]], span: Execution, kind: str) -> list[Execution] | None:
    """A handler whose beat was not seen any more is told by its run, event and name."""
    if kind != "handler" or span["beat"] is not None:
        return None
    wanted = (span["request_id"], span["event_name"], span["handler"])
    return next((es for key, es in waiting.items() if es and (key[0], *key[2:]) == wanted), None)


def _key(request: str | None, execution: Execution, kind: str) -> Any:
    if kind == "sequence":
        return request
    event = execution.get("event") or execution.get("event_name")
    key = (request, execution["beat"], event)
    return (*key, execution["handler"]) if kind == "handler" else key


def _same_time(told: Execution, span: Execution, kind: str) -> bool:
    if span["end_time_unix_nano"] is None or told["dur"] is None:
        return False
    same = _key(None, told, kind) == _key(None, span, kind) and told["sequence"] in (span["sequence_name"], None)
    return same and abs(told["wall_ms"] + told["dur"] - span["end_time_unix_nano"] / 1e6) <= SLACK_MS


def _count(
    score: Score,
    kind: str,
    log: dict[str, Any],
    told: list[Execution],
    pairs: list[tuple[Execution, Execution]],
    extra: list[Execution],
    window: dict[str, float],
) -> None:
    tally = score.tallies[kind]
    paired = {id(o) for o, _ in pairs}
    for execution in told:
        end = execution["wall_ms"] + (OPEN_END_MS if execution["dur"] is None else execution["dur"])
        if execution["wall_ms"] >= window["first"] + SLACK_MS and end <= window["last"] - SLACK_MS:
            tally.expected += 1
            tally.expected_found += id(execution) in paired
            if id(execution) not in paired:
                score.differences.append(f"{log['file']}: {kind} missing {_key(execution['request'], execution, kind)}")
    tally.found += len(pairs) + len(extra)
    tally.right += len(pairs)
    for span in extra:
        score.differences.append(
            f"{log['file']}:{span['first_line']}: {kind} unknown to the oracle {_key(span['request_id'], span, kind)}"
        )


def _count_state_changes(
    score: Score, connection: Any, log: dict[str, Any], pairs: list[tuple[Execution, Execution]]
) -> None:
    """Count the handlers whose changes of the baton are those that the oracle saw; it tells no removals."""
    from telemap.store.store import fetch

    found: dict[str, set[tuple[str, str]]] = {}
    ids = [span["span_id"] for _, span in pairs]
    for row in fetch(connection, "SELECT * FROM state_change WHERE span_id IN (SELECT unnest(?))", [ids]):
        if row["operation"] != "remove":
            found.setdefault(row["span_id"], set()).add((row["operation"], row["key"]))
    for execution, span in pairs:
        if execution["status"] == "ok" and span["status"] == "ok":
            told = {("add", key) for key in execution["baton_added"]}
            told |= {("replace", key) for key in execution["baton_updated"]}
            is_equal = told == found.get(span["span_id"], set())
            score.state_changes[is_equal] += 1
            if not is_equal:
                score.differences.append(f"{log['file']}:{span['first_line']}: state of {span['handler']} differs")


def _count_parents(score: Score, log: dict[str, Any], pairs: list[tuple[Execution, Execution]]) -> None:
    for execution, span in pairs:
        expected, found = execution["parent_request"], span["parent_request_id"]
        if expected == found:
            verdict = "right"
        else:
            verdict = "missing" if found is None else "wrong"
            score.differences.append(f"{log['file']}:{span['first_line']}: parent {verdict}: {found} for {expected}")
        score.parents[verdict if expected or found else "rightlyNone"] += 1
