"""Flows as pictures: what is declared, with what happened on it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from telemap.analyses.flow_declarations import Declaration, Step
from telemap.analyses.flow_shapes import Deviation, DrawnNode, DrawnWay
from telemap.analyses.flow_shapes import Sequence as Flow
from telemap.flows.alignment import FlowChecker
from telemap.flows.chart import Node
from telemap.flows.net import NOTHING, net_of
from telemap.flows.passage import Passages, Surveyor, Way, WayKind
from telemap.model.drawings import Box, Drawing, Line, Mood, Shape
from telemap.store.store import Row

SHAPES: Mapping[str, Shape] = {"step": "box", "event": "event", "missing": "event", "gate": "dot", "choice": "diamond"}
MOODS: Mapping[str, Mood] = {
    "event": "wrong",
    "missing": "wrong",
    "failed": "wrong",
    "cut-start": "unknown",
    "cut-end": "unknown",
}
WAY_MOODS: Mapping[WayKind, Mood] = {"declared": "usual", "deviating": "wrong", "cut": "unknown"}
ENDS = {"start": "start", "end": "end", "failed": "failed", "cut-start": "log begins", "cut-end": "log ends"}
ON_WAYS = ("undeclared-event", "incomplete")
"""Deviations that have nodes or ways of their own; all others stand in the box of their step."""


class Survey(NamedTuple):
    """The nodes and ways of a sequence, steps in the order of their declaration; ``undrawn`` runs are too long."""

    nodes: list[DrawnNode]
    ways: list[DrawnWay]
    runs: int
    undrawn: int


def survey(flow: Flow, declared: Declaration | None, rows: Sequence[Row]) -> Survey:
    """What is to be drawn of a sequence, with how many runs came where.

    Args:
        flow: what is told of it.
        declared: its declaration; None if nothing declares it.
        rows: its variants, of ``flows.sql``.
    """
    surveyor = Surveyor(declared.checker if declared else FlowChecker(net_of(NOTHING)))
    for row in rows:
        surveyor.add(
            row["beats"],
            row["runs"],
            lacks_start=row["lacks_start"],
            lacks_end=row["lacks_end"],
            is_failed=row["is_failed"],
        )
    map_ = _Map(flow, declared, surveyor.passages)
    return Survey(list(map_.nodes()), list(map_.ways()), map_.runs, surveyor.passages.unknown)


class _Map:
    def __init__(self, flow: Flow, declared: Declaration | None, passages: Passages) -> None:
        self._declared, self._passages = declared, passages
        self.runs = flow.executions - passages.unknown
        allowed = [Way(*pair, "declared") for pair in passages.chart.ways] if declared else []
        ways = sorted({*passages.ways, *allowed}, key=self._order)
        self._ways = {way: passages.ways[way] for way in ways}
        seen = dict.fromkeys(node for way in self._ways for node in (way.source, way.target))
        self._nodes = {node: f"n{number}" for number, node in enumerate(sorted(seen, key=self._rank))}

    def nodes(self) -> Iterator[DrawnNode]:
        for node, identity in self._nodes.items():
            runs, visits = self._passages.runs[node], self._passages.visits[node]
            if (step := self._step(node)) is None:
                event = str(node.name) if node.kind == "event" else None
                yield DrawnNode(id=identity, kind=node.kind, event=event, runs=runs, visits=visits)
            else:
                yield DrawnNode(
                    id=identity,
                    kind=node.kind,
                    event=step.event,
                    step=step.number,
                    beat=step.beat,
                    movement=step.movement,
                    title=step.title,
                    handler=step.handler,
                    timing=step.timing,
                    runs=runs,
                    visits=visits,
                    code=step.code,
                    defined_in=step.defined_in,
                )

    def ways(self) -> Iterator[DrawnWay]:
        for way, count in self._ways.items():
            runs = self._passages.runs[way]
            yield DrawnWay(
                self._nodes[way.source],
                self._nodes[way.target],
                way.kind,
                runs if count and way.target.kind in ENDS else count,  # a run may end on several branches at once
                runs,
                runs / max(self.runs, 1),
            )

    def _step(self, node: Node) -> Step | None:
        if node.kind not in ("step", "missing") or self._declared is None:
            return None
        number = self._declared.checker.net.transitions[int(node.name)].step
        return self._declared.steps.get(number) if isinstance(number, int) else None

    def _rank(self, node: Node) -> tuple[bool, str, int]:
        """Start first, then the nodes of the net in its order, then what is not declared."""
        position = self._passages.chart.nodes.index(node) if node in self._passages.chart.nodes else -1
        return position < 0, "" if position >= 0 else str(node), position

    def _order(self, way: Way) -> tuple[object, ...]:
        return self._rank(way.source), self._rank(way.target), way.kind


def drawing(flow: Flow, declared: Declaration | None, rows: Sequence[Row]) -> Drawing:
    """A sequence with its runs, of what ``survey`` takes."""
    surveyed = survey(flow, declared, rows)
    picture = _Picture(flow, surveyed)
    lines = tuple(map(_line, surveyed.ways))
    return Drawing(flow.name or flow.sequence_id, picture.text(), tuple(picture.boxes()), lines)


class _Picture:
    def __init__(self, flow: Flow, surveyed: Survey) -> None:
        self._flow, self._surveyed = flow, surveyed
        self._runs = max(surveyed.runs, 1)
        self._deviations: dict[int, list[Deviation]] = defaultdict(list)
        for found in flow.deviations:
            if found.step is not None and found.kind not in ON_WAYS:
                self._deviations[found.step].append(found)

    def text(self) -> str:
        """What is said above the picture."""
        flow, ways = self._flow, self._surveyed.ways
        counts = {
            "as declared": flow.conforming,
            "deviating": flow.deviating,
            "incomplete": flow.incomplete,
            "too long to be drawn": self._surveyed.undrawn,
        }
        told = ", ".join(f"{count:,} {what}" for what, count in counts.items() if count)
        declared = f"declared at {flow.defined_in.place}" if flow.defined_in else "not declared"
        legend = " Red, dashed: not as declared." if any(way.kind == "deviating" for way in ways) else ""
        legend += " Grey, dotted: declared, never seen." if not all(way.count for way in ways) else ""
        return f"{_runs(flow.executions)}{': ' if told else ''}{told}; {declared}.{legend}"

    def boxes(self) -> Iterator[Box]:
        """The nodes; steps in the order of their declaration."""
        is_grouped = len({node.movement for node in self._surveyed.nodes if node.step is not None}) > 1
        for node in self._surveyed.nodes:
            yield Box(
                node.id,
                SHAPES.get(node.kind, "terminal"),
                tuple(self._lines_in(node)),
                self._mood(node),
                node.movement if is_grouped else None,
                node.defined_in.place if node.defined_in else None,
            )

    def _lines_in(self, node: DrawnNode) -> Iterator[str]:
        if node.kind in ENDS:
            yield ENDS[node.kind]
        elif node.kind == "event":
            yield from (node.event or "", self._share(node), "not declared")
        elif node.kind == "missing":
            yield f"no {node.event}"
        elif node.step is not None:
            first = node.title or node.event or ""
            yield f"{node.beat} · {first}" if node.beat is not None else first
            if node.title:
                yield node.event or ""
            if node.handler:
                yield f"{node.handler}()"
            yield self._share(node)
            for found in self._deviations[node.step]:
                observed = f", {found.observed}" if found.kind == "wrong-handler" and found.observed else ""
                yield f"{found.kind}: {_runs(found.count)}{observed}"

    def _share(self, node: DrawnNode) -> str:
        if not node.runs:
            return "never seen"
        again = f", {node.visits:,} times" if node.visits > node.runs else ""
        return (_runs(node.runs) if node.runs == self._runs else f"{node.runs:,} of {_runs(self._runs)}") + again

    def _mood(self, node: DrawnNode) -> Mood:
        if node.step is not None and any(found.severity.rank > 0 for found in self._deviations[node.step]):
            return "wrong"
        if node.kind not in MOODS and node.kind not in ("start", "end") and not node.visits:
            return "unseen"
        return MOODS.get(node.kind, "usual")


def _line(way: DrawnWay) -> Line:
    """A way with how many runs took it and, where those are not all, their share."""
    text = f"{way.count:,}" + (f" ({_percent(way.share)})" if way.share < 1 else "") if way.count else ""
    mood: Mood = WAY_MOODS[way.kind] if way.count else "unseen"
    return Line(way.source, way.target, text, mood, way.share)


def _percent(share: float) -> str:
    """A share that is neither nothing nor all, and does not look so."""
    return "<1%" if share < 0.01 else ">99%" if share > 0.99 else f"{share:.0%}"


def _runs(count: int) -> str:
    return f"{count:,} run" if count == 1 else f"{count:,} runs"
