"""The net of a BPMN process or sub-process, which is over when nothing of it is left."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from telemap.flows.bpmn_graph import CHOICES, SCOPES, TASKS, WAITING, Graph
from telemap.flows.declared import DeclaredStep
from telemap.flows.located_xml import Element
from telemap.flows.markings import Encoding
from telemap.flows.net import Draft

MOST_MARKINGS = 10_000  # of a scope, where all of them must be known
MOST_INTERRUPTED = 200  # of a sub-process that may be broken off in any of them
MOST_DEPTH = 20  # of sub-processes in each other
_BITS = 4  # a place, when markings are gone through: up to seven tokens
_BREAKING = frozenset(f"{kind}EventDefinition" for kind in ("error", "cancel", "escalation"))
_ENDING = _BREAKING | {"terminateEventDefinition"}
_REPEATED, _MULTIPLE = "standardLoopCharacteristics", "multiInstanceLoopCharacteristics"

Tell = Callable[[Element, str, str], None]  # of what is not supported: where, what, why


class Scope:
    """A process or sub-process: a place for each flow, one for all flows among which a token has the choice.

    Args:
        element: the process or sub-process.
        file_path: of its file.
        tell: takes what is not supported; the net is of no use then.
        depth: in how many others it lies. In a process (0), tokens that come to an end are gone; in a sub-process
            they stay in ``ends``.
    """

    def __init__(self, element: Element, file_path: str, tell: Tell, depth: int = 0) -> None:
        self._element, self._file_path, self._report, self._depth = element, file_path, tell, depth
        self.is_usable = True
        self.draft = Draft()
        self.start = self.draft.place()
        self.ends: dict[int, Element] = {}
        self._graph = graph = Graph(element)
        self._regions = graph.regions()
        self._places = self._shared_places()
        self._check()
        starts = [one for one in graph.begins() if graph.nodes[one].name == "startEvent"]
        self._begun = {one: self.start if starts else self.draft.place() for one in graph.begins()}
        if not starts:
            self.draft.add(None, [self.start], self._begun.values())
        for one in graph.begins():
            if starts and one not in starts:
                self._tell(graph.nodes[one], "node that is never reached", "no sequence flow leads to it")
        for identity, node in graph.nodes.items():
            self._lay(identity, node)
        if depth == 0:
            self._check_endings()

    def _tell(self, element: Element, summary: str, reason: str) -> None:
        self.is_usable = False
        self._report(element, summary, reason)

    def _shared_places(self) -> dict[str, int]:
        graph = self._graph
        shared = {flow: flow for flow in graph.flows}

        def first(flow: str) -> str:
            while shared[flow] != flow:
                flow = shared[flow]
            return flow

        for identity, node in graph.nodes.items():
            if node.name not in WAITING:
                chosen = graph.outgoing[identity] if node.name in CHOICES else []
                together = graph.incoming[identity] + [flow for flow in chosen if self._is_plain(flow)]
                for flow in together[1:]:
                    shared[first(flow)] = first(together[0])
        numbers = {flow: self.draft.place() for flow in shared if first(flow) == flow}
        return {flow: numbers[first(flow)] for flow in shared}

    def _is_plain(self, flow: str) -> bool:
        """Whether tokens come to where a flow leads by this flow alone."""
        target = self._graph.target(flow)
        return len(self._graph.incoming[target]) == 1 and self._graph.nodes[target].name != "inclusiveGateway"

    def _check(self) -> None:
        graph = self._graph
        for flow in graph.strangers:
            self._tell(flow, "flow from or to an unsupported element", "one of its ends is no task, event or gateway")
        for element in self._element.named("complexGateway", "adHocSubProcess"):
            self._tell(element, f"{element.name} is not supported", "the order of what is in it is not declared")
        for identity, node in graph.nodes.items():
            for condition in (one for flow in graph.outgoing[identity] for one in graph.flows[flow].children):
                if condition.name == "conditionExpression" and node.name not in CHOICES | WAITING:
                    self._tell(condition, "condition on a flow that leaves no gateway", "it is open what else happens")
            for child in node.named("compensateEventDefinition", "linkEventDefinition"):
                self._tell(child, f"{child.name} is not supported", "it continues elsewhere, without a flow")
            told = node.attributes
            if told.get("isForCompensation") == "true" or told.get("triggeredByEvent") == "true":
                self._tell(node, f"{node.name} beside the flow is not supported", "no sequence flow says when it runs")
            if node.name == "boundaryEvent" and told.get("cancelActivity") == "false":
                self._tell(node, "boundary event that does not interrupt", "it may happen any number of times")
            is_join, is_split = len(graph.incoming[identity]) > 1, len(graph.outgoing[identity]) > 1
            if node.name == "inclusiveGateway" and is_join and (is_split or identity not in self._regions):
                reason = "which branches it waits for is not clear: no inclusive gateway splits into just these"
                self._tell(node, "inclusive gateway that joins other branches", reason)

    def _check_endings(self) -> None:
        """What ends the whole process at once may have nothing beside it: this cannot be left over in any amount."""
        graph = self._graph
        endings = [one for one, node in graph.nodes.items() if node.name == "endEvent" and _kind(node) in _ENDING]
        if not endings:
            return
        encoding = Encoding(self.draft.net([self.start], []), _BITS)
        reachable = encoding.reachable(MOST_MARKINGS)
        for identity in endings:
            alone = encoding.marking(((self._source(identity), 1),))
            if reachable is None or any(encoding.covers(one, alone) and one != alone for one in reachable):
                reason = "other paths may still run beside it, and may be in any state"
                self._tell(graph.nodes[identity], "end event that ends other paths", reason)

    def _source(self, identity: str) -> int:
        """The place of the tokens that a node waits for."""
        incoming = self._graph.incoming[identity]
        return self._places[incoming[0]] if incoming else self._begun[identity]

    def _targets(self, identity: str) -> list[int]:
        outgoing = self._graph.outgoing[identity]
        if outgoing or self._depth == 0:
            return [self._places[flow] for flow in outgoing]
        end = self.draft.place()
        self.ends[end] = self._graph.nodes[identity]
        return [end]

    def _lay(self, identity: str, node: Element) -> None:
        """Add the transitions of a node; those of boundary events are added with what they interrupt."""
        incoming, outgoing = self._graph.incoming[identity], self._graph.outgoing[identity]
        if node.name == "boundaryEvent":
            return
        source = self._source(identity)
        if node.name in TASKS | SCOPES:
            self._lay_activity(identity, node, source)
        elif node.name == "inclusiveGateway" and len(outgoing) > 1:
            self._lay_split(identity, node, source)
        elif node.name in WAITING:
            waited = [self._places[flow] for flow in incoming] or [source]
            self.draft.add(None, waited, self._targets(identity))
        elif node.name not in CHOICES:
            self._lay_event(node, [source], self._targets(identity))
        elif not outgoing:
            self.draft.add(None, [source], self._targets(identity))
        else:
            for place in sorted({self._places[flow] for flow in outgoing} - {source}):
                self.draft.add(None, [source], [place])

    def _lay_event(self, node: Element, inputs: Sequence[int], outputs: Sequence[int]) -> None:
        """An event with a name may be told by a log, but need not."""
        self.draft.add(None, inputs, outputs)
        if node.attributes.get("name"):
            step = self._step(node)
            self.draft.add(step.name, inputs, outputs, step)

    def _lay_split(self, identity: str, node: Element, source: int) -> None:
        """Any branches but at least one, the default only if no other; those not taken are told to the join at once."""
        region = self._regions[identity]
        taken = [[self._places[flow]] for flow in region.first]
        left: list[list[int]] = [[self._places[flow]] for flow in region.last] or [[] for _ in taken]
        default = node.attributes.get("default")
        free = [number for number, flow in enumerate(region.first) if flow != default]
        open_ = {number: self.draft.place() for number in free[1:]}
        for number, place in open_.items():
            self.draft.add(None, [place], taken[number])
            self.draft.add(None, [place], left[number])
        for at, number in enumerate(free):
            before = [place for other in range(len(taken)) if other not in free[at:] for place in left[other]]
            self.draft.add(None, [source], [*before, *taken[number], *(open_[later] for later in free[at + 1 :])])
        for number in set(range(len(taken))) - set(free):
            self.draft.add(None, [source], [*taken[number], *(place for other in free for place in left[other])])

    def _lay_activity(self, identity: str, node: Element, source: int) -> None:
        targets = self._targets(identity)
        for repetition in node.named(_REPEATED, _MULTIPLE):
            again, done = self.draft.place(), self.draft.place()
            for before, after in (([source], [again]), ([done], [again]), ([done], targets)):
                self.draft.add(None, before, after)
            if repetition.attributes.get("testBefore") == "true":
                self.draft.add(None, [source], targets)
            is_sequential = repetition.name == _REPEATED or repetition.attributes.get("isSequential") == "true"
            if node.name in SCOPES and not is_sequential:
                self._tell(repetition, "sub-process that runs beside itself", "how often is known only when it runs")
            source, targets = again, [done]
        if node.name in SCOPES and Graph(node).nodes:
            self._lay_scope(identity, node, source, targets)
            return
        step = self._step(node)
        self.draft.add(step.name, [source], targets, step)
        for boundary in self._graph.boundaries[identity]:
            event, after = self._graph.nodes[boundary], self._targets(boundary)
            broken_off = self.draft.place()  # logs may tell of an activity when it starts, or only when it is done
            self.draft.add(step.name, [source], [broken_off], step)
            self._lay_event(event, [source], after)
            self._lay_event(event, [broken_off], after)

    def _lay_scope(self, identity: str, node: Element, source: int, targets: list[int]) -> None:
        """A sub-process: it goes on where it ends, or from an event at its boundary."""
        if self._depth == MOST_DEPTH:
            self._tell(node, "sub-process in too many others", f"it lies in {MOST_DEPTH} others")
            return
        inner = Scope(node, self._file_path, self._report, self._depth + 1)
        self.is_usable &= inner.is_usable
        if not inner.is_usable:
            return
        net = inner.draft.net([inner.start], [])
        encoding, first = Encoding(net, _BITS), self.draft.embed(net)
        self.draft.add(None, [source], [first + inner.start])
        found = encoding.reachable(MOST_MARKINGS)
        markings = {one: encoding.tokens(one) for one in sorted(found or ())}
        over = [one for one, held in markings.items() if all(place in inner.ends for place, _ in held)]
        if not over or any(encoding.covers(other, one) and other != one for one in over for other in markings):
            reason = "it has too many states to tell" if found is None else "its ends do not say that nothing is left"
            self._tell(node, "sub-process of which it is not clear when it is over", reason)
            return
        boundaries = {one: self._graph.nodes[one] for one in self._graph.boundaries[identity]}
        after = {one: self._targets(one) for one in boundaries}
        for marking in over:
            held = [first + place for place, count in markings[marking] for _ in range(count)]
            breaking = [inner.ends[place - first] for place in held if _kind(inner.ends[place - first]) in _BREAKING]
            caught = [one for one in boundaries if any(_kind(end) == _kind(boundaries[one]) for end in breaking)]
            if not breaking:
                self.draft.add(None, held, targets)
            elif not caught or len(held) > 1:
                self._tell(breaking[0], "end event that is not caught", "no boundary event of its kind is there for it")
            for one in caught:
                self._lay_event(boundaries[one], held, after[one])
        interrupting = [one for one in boundaries if _kind(boundaries[one]) not in _BREAKING]
        if interrupting and (
            len(markings) > MOST_INTERRUPTED
            or any(encoding.covers(other, one) and other != one for one in markings for other in markings)
        ):
            self._tell(node, "sub-process that is interrupted", "it has too many states in which that may be")
            return
        for one in interrupting:
            for marking in markings.keys() - set(over):
                held = [first + place for place, count in markings[marking] for _ in range(count)]
                self._lay_event(boundaries[one], held, after[one])

    def _step(self, node: Element) -> DeclaredStep:
        identity = node.attributes.get("id", "")
        name = " ".join(node.attributes.get("name", "").split()) or identity
        return DeclaredStep(name, identity, self._file_path, node.line_number)


def _kind(event: Element) -> str | None:
    """The name of what defines an event; None for a plain one."""
    return next((child.name for child in event.children if child.name.endswith("EventDefinition")), None)
