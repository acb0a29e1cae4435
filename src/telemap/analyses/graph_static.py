"""Who can call whom by the code: between functions, and between handlers by way of functions that are none."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from telemap.stats.graphs import components, reached

if TYPE_CHECKING:
    import duckdb

LEAST_CONFIDENCE = 0.5  # of edges: below, a name is all that a call and several functions have in common

EDGES = """
SELECT root, file_path, function_line_number, line_number, callee_file_path, callee_line_number, confidence, evidence
FROM code_edge
WHERE confidence >= $least
ORDER BY ALL
"""
CALLS = """
SELECT DISTINCT c.root, c.file_path, s.line_number, c.name
FROM code_call AS c
JOIN code_symbol AS s
    ON c.root = s.root AND c.file_path = s.file_path AND c.function_name = s.qualified_name
    AND c.line_number BETWEEN s.line_number AND s.end_line_number
WHERE c.commit_id IS NULL AND s.commit_id IS NULL AND c.name IN (SELECT unnest($names::VARCHAR[]))
ORDER BY ALL
"""
FUNCTIONS = """
SELECT root, file_path, line_number, end_line_number, qualified_name
FROM code_symbol
WHERE commit_id IS NULL
ORDER BY root, file_path, line_number, end_line_number DESC
"""


class Function(NamedTuple):
    """A function by where it begins; line 0 is what stands in a file outside of all functions."""

    root: str
    file_path: str
    line_number: int


class Step(NamedTuple):
    """A call to a function, on a line of the file of the caller."""

    callee: Function
    line_number: int
    confidence: float
    evidence: str


class Found(NamedTuple):
    """A way from a node to another: the call that it begins with, and how sure its weakest step is."""

    source: str
    target: str
    first: Function
    step: Step
    confidence: float
    is_direct: bool = True


@dataclass(frozen=True, slots=True)
class CodeGraph:
    """The functions of the indexed code outside of tests, and their calls."""

    steps: Mapping[Function, list[Step]]
    names: Mapping[Function, str]
    by_place: Mapping[tuple[str, int], list[Function]] = field(default_factory=dict)

    def functions_at(self, file_path: str, line_number: int) -> list[Function]:
        """The functions at a line, one for each root that has such a file: the innermost."""
        return self.by_place.get((file_path, line_number), [])

    def between(self, node_of: Mapping[Function, tuple[str, float]]) -> list[Found]:
        """The surest way from each node to each other that it reaches through functions that are of none.

        Args:
            node_of: the node that a function is of, and how sure that is.
        """
        best: dict[tuple[str, str], Found] = {}
        near = reached({one: [s.callee for s in steps] for one, steps in self.steps.items()}, node_of)
        certainties = {step.confidence for one in near for step in self.steps.get(one, ())}
        for least in sorted(certainties, reverse=True):
            for found in self._ways(node_of, near, least):
                best.setdefault((found.source, found.target), found)
        return [best[pair] for pair in sorted(best)]

    def between_files(self) -> list[Found]:
        """The surest call from each file to each other."""
        best: dict[tuple[str, str], Found] = {}
        for one in sorted(self.steps):
            for step in self.steps[one]:
                pair = (one.file_path, step.callee.file_path)
                if pair[0] != pair[1] and (pair not in best or best[pair].confidence < step.confidence):
                    best[pair] = Found(*pair, one, step, step.confidence)
        return [best[pair] for pair in sorted(best)]

    def _ways(
        self, node_of: Mapping[Function, tuple[str, float]], near: Iterable[Function], least: float
    ) -> Iterator[Found]:
        """The ways whose steps are all at least so sure."""
        numbers = {one: number for number, one in enumerate(sorted(node_of))}
        handlers = list(numbers)
        between = {one: self._callees(one, least) for one in sorted(near) if one not in node_of}
        # Sets of handlers as the bits of numbers: what is reached is reached by all that goes round with it.
        masks: dict[Function, int] = {one: 1 << number for one, number in numbers.items()}
        inner = {one: [two for two in callees if two not in numbers] for one, callees in between.items()}
        for component in components(inner):
            mask = 0
            for one in component:
                for callee in between.get(one, ()):
                    mask |= masks.get(callee, 0)
            masks.update(dict.fromkeys(component, mask))
        for one in handlers:
            told = 0
            for step in self.steps.get(one, ()):
                fresh = masks.get(step.callee, 0) & ~told if step.confidence >= least else 0
                told |= fresh
                while fresh:
                    low = fresh & -fresh
                    fresh ^= low
                    end = handlers[low.bit_length() - 1]
                    (source, is_source), (target, is_target) = node_of[one], node_of[end]
                    confidence = round(min(least, is_source, is_target), 3)
                    yield Found(source, target, one, step, confidence, step.callee == end)

    def _callees(self, one: Function, least: float) -> list[Function]:
        return [step.callee for step in self.steps.get(one, ()) if step.confidence >= least]


def possible_calls(connection: duckdb.DuckDBPyConnection, code: CodeGraph, handlers: Iterable[Function]) -> CodeGraph:
    """All that the code may call, if only by the name of a handler: too little for an edge, too much to deny one."""
    named: dict[str, list[Function]] = defaultdict(list)
    for one in sorted(handlers):
        named[code.names[one].rpartition(".")[2]].append(one)
    steps = _steps(connection, 0.0)
    for root, path, line, name in connection.execute(CALLS, {"names": [*named]}).fetchall():
        steps[Function(root, path, line)] += [Step(callee, line, 0.0, "name") for callee in named[name]]
    alike = {one: [step._replace(confidence=0.0) for step in own] for one, own in steps.items()}
    return CodeGraph(alike, code.names)


def _steps(connection: duckdb.DuckDBPyConnection, least: float) -> dict[Function, list[Step]]:
    from telemap.code.files import is_test_file

    steps: dict[Function, list[Step]] = defaultdict(list)
    cursor = connection.execute(EDGES, {"least": least})
    for root, path, function_line, line, callee_path, callee_line, confidence, evidence in cursor.fetchall():
        if not is_test_file(path) and not is_test_file(callee_path):
            callee = Function(root, callee_path, callee_line)
            steps[Function(root, path, function_line or 0)].append(Step(callee, line, confidence, evidence))
    return steps


def code_graph(connection: duckdb.DuckDBPyConnection, places: Iterable[tuple[str, int]]) -> CodeGraph:
    """The calls that the code has, and which functions are at some places (file, line)."""
    names: dict[Function, str] = {}
    wanted: dict[str, set[int]] = defaultdict(set)
    for path, line in places:
        wanted[path].add(line)
    at: dict[tuple[str, int, str], Function] = {}
    for root, path, line, end, name in connection.execute(FUNCTIONS).fetchall():
        function = Function(root, path, line)
        names.setdefault(function, name)
        for place in wanted.get(path, ()):
            if line <= place <= end:
                at[path, place, root] = function  # inner functions come after outer ones
    by_place: dict[tuple[str, int], list[Function]] = defaultdict(list)
    for (path, place, _), function in at.items():
        by_place[path, place].append(function)
    return CodeGraph(_steps(connection, LEAST_CONFIDENCE), names, by_place)
