"""Flows as pictures: what is declared, with what happened on it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from telemap.analyses.flow_declarations import Declaration, Step
from telemap.analyses.flow_shapes import Deviation
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


def drawing(flow: Flow, declared: Declaration | None, rows: Sequence[Row]) -> Drawing:
    """A sequence with its runs.

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
    picture = _Picture(flow, declared, surveyor.passages)
    return Drawing(flow.name or flow.sequence_id, picture.text(), tuple(picture.boxes()), tuple(picture.lines()))


class _Picture:
    def __init__(self, flow: Flow, declared: Declaration | None, passages: Passages) -> None:
        self._flow, self._declared, self._passages = flow, declared, passages
        self._runs = max(flow.executions - passages.unknown, 1)
        self._deviations: dict[int, list[Deviation]] = defaultdict(list)
        for found in flow.deviations:
            if found.step is not None and found.kind not in ON_WAYS:
                self._deviations[found.step].append(found)
        allowed = [Way(*pair, "declared") for pair in passages.chart.ways] if declared else []
        ways = sorted({*passages.ways, *allowed}, key=self._order)
        self._ways = {way: passages.ways[way] for way in ways}
        seen = dict.fromkeys(node for way in self._ways for node in (way.source, way.target))
        self._nodes = {node: f"n{number}" for number, node in enumerate(sorted(seen, key=self._rank))}

    def text(self) -> str:
        """What is said above the picture."""
        flow = self._flow
        counts = {
            "as declared": flow.conforming,
            "deviating": flow.deviating,
            "incomplete": flow.incomplete,
            "too long to be drawn": self._passages.unknown,
        }
        told = ", ".join(f"{count:,} {what}" for what, count in counts.items() if count)
        declared = f"declared at {flow.defined_in.place}" if flow.defined_in else "not declared"
        legend = " Red, dashed: not as declared." if any(way.kind == "deviating" for way in self._ways) else ""
        legend += " Grey, dotted: declared, never seen." if not all(self._ways.values()) else ""
        return f"{_runs(flow.executions)}{': ' if told else ''}{told}; {declared}.{legend}"

    def boxes(self) -> Iterator[Box]:
        """The nodes; steps in the order of their declaration."""
        steps = [step for node in self._nodes if (step := self._step(node))]
        is_grouped = len({step.movement for step in steps}) > 1
        for node, identity in self._nodes.items():
            step = self._step(node)
            yield Box(
                identity,
                SHAPES.get(node.kind, "terminal"),
                tuple(self._lines_in(node, step)),
                self._mood(node, step),
                step.movement if step and is_grouped else None,
                step.defined_in.place if step else None,
            )

    def lines(self) -> Iterator[Line]:
        """The ways, with how many runs took them and, where those are not all, their share."""
        for way, count in self._ways.items():
            share = self._passages.runs[way] / self._runs
            if way.target.kind in ENDS:
                count = self._passages.runs[way]  # a run may end on several branches at once
            text = f"{count:,}" + (f" ({_percent(share)})" if share < 1 else "") if count else ""
            mood: Mood = WAY_MOODS[way.kind] if count else "unseen"
            yield Line(self._nodes[way.source], self._nodes[way.target], text, mood, share)

    def _step(self, node: Node) -> Step | None:
        if node.kind not in ("step", "missing") or self._declared is None:
            return None
        return self._declared.steps.get(self._number(node) or 0)

    def _number(self, node: Node) -> int | None:
        """The number of a node's step."""
        assert self._declared is not None
        number = self._declared.checker.net.transitions[int(node.name)].step
        return number if isinstance(number, int) else None

    def _lines_in(self, node: Node, step: Step | None) -> Iterator[str]:
        if node.kind in ENDS:
            yield ENDS[node.kind]
        elif node.kind == "event":
            yield from (str(node.name), self._share(node), "not declared")
        elif node.kind == "missing" and step:
            yield f"no {step.event}"
        elif node.kind == "step" and step:
            first = step.title or step.event
            yield f"{step.beat} · {first}" if step.beat is not None else first
            if step.title:
                yield step.event
            if step.handler:
                yield f"{step.handler}()"
            yield self._share(node)
            for found in self._deviations[step.number]:
                observed = f", {found.observed}" if found.kind == "wrong-handler" and found.observed else ""
                yield f"{found.kind}: {_runs(found.count)}{observed}"

    def _share(self, node: Node) -> str:
        came, times = self._passages.runs[node], self._passages.visits[node]
        if not came:
            return "never seen"
        again = f", {times:,} times" if times > came else ""
        return (_runs(came) if came == self._runs else f"{came:,} of {_runs(self._runs)}") + again

    def _mood(self, node: Node, step: Step | None) -> Mood:
        if step and any(found.severity.rank > 0 for found in self._deviations[step.number]):
            return "wrong"
        if node.kind not in MOODS and node.kind not in ("start", "end") and not self._passages.visits[node]:
            return "unseen"
        return MOODS.get(node.kind, "usual")

    def _rank(self, node: Node) -> tuple[bool, str, int]:
        """Start first, then the nodes of the net in its order, then what is not declared."""
        position = self._passages.chart.nodes.index(node) if node in self._passages.chart.nodes else -1
        return position < 0, "" if position >= 0 else str(node), position

    def _order(self, way: Way) -> tuple[object, ...]:
        return self._rank(way.source), self._rank(way.target), way.kind


def _percent(share: float) -> str:
    """A share that is neither nothing nor all, and does not look so."""
    return "<1%" if share < 0.01 else ">99%" if share > 0.99 else f"{share:.0%}"


def _runs(count: int) -> str:
    return f"{count:,} run" if count == 1 else f"{count:,} runs"
