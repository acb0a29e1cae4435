"""What a change of code can be felt in: the handlers that reach it, by the code or by what was observed."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import msgspec

from telemap.analyses.graph_shapes import Changed, Edge, Impact, Node, Reached, ReachedSequence
from telemap.analyses.graph_static import CodeGraph, Function
from telemap.analyses.graph_structure import is_called
from telemap.code.commits import commit_of
from telemap.errors import TelemapError
from telemap.model.code import CodeFile, CodeSymbol
from telemap.store.store import Row, fetch

if TYPE_CHECKING:
    import duckdb

ROOTS = "SELECT root FROM code_index WHERE commit_id IS NULL ORDER BY root"
FILES = "SELECT * EXCLUDE (root, commit_id) FROM stored.code_file WHERE commit_id IS NULL AND root = $root"
SYMBOLS = """
SELECT * EXCLUDE (commit_id)
FROM stored.code_symbol
WHERE commit_id IS NULL AND root = $root
ORDER BY file_path, line_number
"""
RUNS = """
SELECT coalesce(sequence_id, sequence_name) AS sequence, count(*) AS runs
FROM told_span
WHERE kind = 'sequence' AND ($build IS NULL OR service_version = $build)
GROUP BY ALL
"""

TESTS = "SELECT root, file_path, line_number, executed_lines > 0 AS is_tested, tests FROM function_test"

Spot = Function | str
"""A function, or a node by its id."""


def impact(
    connection: duckdb.DuckDBPyConnection,
    since: str,
    code: CodeGraph,
    nodes_of_function: Mapping[Function, list[tuple[str, float]]],
    nodes: Mapping[str, Node],
    edges: Iterable[Edge],
    build: str | None,
) -> Impact:
    """What the changes of the indexed code since a commit can be felt in.

    Args:
        connection: to the store.
        since: a commit, tag, branch or build.
        code: the functions and their calls.
        nodes_of_function: the nodes that functions are part of, and how sure that is.
        nodes: all nodes.
        edges: all edges; calls and topics are gone against their direction.
        build: whose runs are counted; None for all.

    Raises:
        TelemapError: ``no-commit``: no indexed folder lies in a checkout that knows it.
    """
    tests: dict[Spot, Row] = {
        Function(row["root"], row["file_path"], row["line_number"]): row for row in fetch(connection, TESTS)
    }
    functions = list(_changes(connection, since, tests))
    starts = {one for one, told in functions if told.change != "removed"}
    spots = dict(_spread(starts, code, nodes_of_function, edges))
    total = sum(node.runs for node in nodes.values())
    found = [_reached(node, *spots[one], starts, code, total) for one, node in sorted(nodes.items()) if one in spots]
    runs = {row["sequence"]: row["runs"] for row in fetch(connection, RUNS, {"build": build})}
    told = {name for one in found for name in one.sequences}
    return Impact(
        since=since,
        functions=[told for _, told in functions],
        handlers=sorted(found, key=lambda one: (-one.confidence, -one.runs, one.node)),
        sequences=sorted(
            (ReachedSequence(name, runs.get(name, 0), _share(runs.get(name, 0), sum(runs.values()))) for name in told),
            key=lambda one: (-one.runs, one.sequence),
        ),
        tests=sorted({name for spot in spots if spot in tests for name in tests[spot]["tests"]}),
        runs=sum(one.runs for one in found),
        share=_share(sum(one.runs for one in found), total),
    )


def _changes(
    connection: duckdb.DuckDBPyConnection, since: str, tests: Mapping[Spot, Row]
) -> Iterator[tuple[Function, Changed]]:
    """The functions that are others than at a commit, by their bodies; those of tests left out."""
    from telemap.code.reading import read_tree

    roots = [row["root"] for row in fetch(connection, ROOTS)]
    commits = {root: commit_of(Path(root), since) for root in roots}
    if not any(commits.values()):
        raise TelemapError(
            "no-commit",
            f"no commit {since}",
            place=", ".join(roots) or None,
            help="name a commit, tag or branch that the indexed code has: telemap index DIR",
        )
    for root, commit_id in commits.items():
        files = msgspec.convert(fetch(connection, FILES, {"root": root}), list[CodeFile])
        known = {file.file_path: file for file in files}
        now = msgspec.convert(fetch(connection, SYMBOLS, {"root": root}), list[CodeSymbol])
        # Only what is another file now is read as it was.
        readings = list(read_tree(Path(root), known, commit_id=commit_id)) if commit_id else []
        same = {reading.file.file_path for reading in readings if reading.found is None}
        before = [symbol for reading in readings for symbol in reading.symbols]
        present = [symbol for symbol in now if symbol.file_path not in same] if commit_id else []
        yield from _differences(root, before, present, tests)


def _differences(
    root: str, before: Iterable[CodeSymbol], now: Iterable[CodeSymbol], tests: Mapping[Spot, Row]
) -> Iterator[tuple[Function, Changed]]:
    """What is another function now; one that was only moved is not."""
    from telemap.code.files import is_test_file

    was, present = (_by_name(one for one in told if not is_test_file(one.file_path)) for told in (before, now))
    gone, new = (
        {(one.name, one.body_hash) for name in here.keys() - there.keys() for one in here[name]}
        for here, there in ((was, present), (present, was))
    )
    for name, functions in sorted(present.items()):
        bodies = {one.body_hash for one in was.get(name, ())}
        for one in functions:
            if one.body_hash not in bodies and (bodies or (one.name, one.body_hash) not in gone):
                yield _change(root, one, "changed" if bodies else "added", tests)
    for name in sorted(was.keys() - present.keys()):
        for one in was[name]:
            if (one.name, one.body_hash) not in new:
                yield _change(root, one, "removed", tests)


def _by_name(symbols: Iterable[CodeSymbol]) -> dict[tuple[str, str], list[CodeSymbol]]:
    """The functions by file and name; several of a file may have one."""
    found: dict[tuple[str, str], list[CodeSymbol]] = defaultdict(list)
    for one in symbols:
        found[one.file_path, one.qualified_name].append(one)
    return found


def _change(
    root: str, symbol: CodeSymbol, change: Literal["changed", "added", "removed"], tests: Mapping[Spot, Row]
) -> tuple[Function, Changed]:
    function = Function(root, symbol.file_path, symbol.line_number)
    told = tests.get(function, {}) if change != "removed" else {}
    return function, Changed(
        symbol.qualified_name,
        symbol.file_path,
        symbol.line_number,
        change,
        told.get("is_tested"),
        told.get("tests", []),
    )


def _spread(
    starts: set[Function],
    code: CodeGraph,
    nodes_of_function: Mapping[Function, list[tuple[str, float]]],
    edges: Iterable[Edge],
) -> Iterator[tuple[Spot, tuple[float, Spot | None]]]:
    """All that reaches the starts: how sure that is, by its weakest step, and the next spot on the surest way there."""
    before: dict[Spot, list[tuple[Spot, float]]] = defaultdict(list)
    for caller, steps in code.steps.items():
        for step in steps:
            before[step.callee].append((caller, step.confidence))
    functions: dict[str, list[tuple[Spot, float]]] = defaultdict(list)
    for function, own in nodes_of_function.items():
        before[function] += own
        for node, certainty in own:
            functions[node].append((function, certainty))
    for edge in edges:
        if is_called(edge):  # which function of the source it was, what was seen does not tell
            before[edge.target] += [(edge.source, 1.0), *functions[edge.source]]
    heap: list[tuple[float, int, Spot, Spot | None]] = [
        (-1.0, number, one, None) for number, one in enumerate(sorted(starts))
    ]
    heapq.heapify(heap)
    pushed, known = len(heap), set[Spot]()
    while heap:
        confidence, _, spot, after = heapq.heappop(heap)
        if spot in known:
            continue
        known.add(spot)
        yield spot, (-confidence, after)
        for other, certainty in before.get(spot, ()):
            if other not in known:
                pushed += 1
                heapq.heappush(heap, (max(confidence, -certainty), pushed, other, spot))


def _reached(
    node: Node, confidence: float, after: Spot | None, starts: set[Function], code: CodeGraph, total: int
) -> Reached:
    by: Literal["changed", "static", "observed"] = "observed"
    if isinstance(after, Function):
        by = "changed" if after in starts else "static"
    return Reached(
        node=node.id,
        by=by,
        through=code.names.get(after) if isinstance(after, Function) else after,
        confidence=round(confidence, 3),
        runs=node.runs,
        share=_share(node.runs, total),
        sequences=node.sequences,
    )


def _share(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 0.0
