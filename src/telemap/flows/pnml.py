"""Flows in PNML files (ISO/IEC 15909-2, place/transition nets), the exchange format of Petri nets."""

from __future__ import annotations

from collections import Counter

from telemap.flows.declared import DeclaredFlow, DeclaredStep, Reading
from telemap.flows.located_xml import Element, read_xml
from telemap.flows.net import Net, Tokens, Transition
from telemap.model.declared import Problem

_PLACES, _TRANSITIONS = ("place", "referencePlace"), ("transition", "referenceTransition")
_COLOURED = ("hlinitialMarking", "hlinscription", "condition")


def read_pnml(data: bytes, file_path: str) -> Reading:
    """The nets of a file; steps are transitions with a name that no tool marks as invisible.

    A net ends in the final markings it tells, else in the one place that nothing takes from.
    """
    document = read_xml(data, file_path)
    if isinstance(document, Problem):
        return Reading((), (document,))
    flows: list[DeclaredFlow] = []
    problems: list[Problem] = []
    for element in document.named("net"):
        reader = _Reader(element, file_path)
        net = reader.net()
        problems += reader.problems
        if not reader.problems:
            name, identity = element.text_at("name", "text") or "", element.attributes.get("id", "")
            flows.append(DeclaredFlow(name, identity, net, file_path, element.line_number))
    if not flows and not problems:
        problems.append(Problem(file_path, 1, "file holds no net", "it has no element 'net'", "save it as PNML"))
    return Reading(tuple(flows), tuple(problems))


class _Reader:
    """One net: its nodes by their ids, where a reference stands for what it refers to."""

    def __init__(self, net: Element, file_path: str) -> None:
        self._net, self._file_path = net, file_path
        self.problems: list[Problem] = []
        self._elements: dict[str, Element] = {}
        self._nodes = [node for page in net.walked("page") for node in page.children]
        for element in self._nodes:
            if element.name in (*_PLACES, *_TRANSITIONS):
                identity = element.attributes.get("id", "")
                if identity in self._elements:
                    self._problem(element, f"id {identity!r} is given twice", "arcs to it have no one meaning")
                self._elements[identity] = element
        places = [identity for identity, element in self._elements.items() if element.name == "place"]
        self._places = {identity: number for number, identity in enumerate(places)}

    def net(self) -> Net:
        """The net; only of use if there are no problems."""
        taken: dict[str, Counter[int]] = {}
        given: dict[str, Counter[int]] = {}
        for node in self._nodes:
            for element in node.named(*_COLOURED):
                self._problem(element, f"element {element.name!r} is not supported", "it is about kinds of tokens")
            if node.name == "arc":
                self._take_arc(node, taken, given)
        transitions = [
            Transition(label, _tokens(taken.get(identity)), _tokens(given.get(identity)), step)
            for identity, element in self._elements.items()
            if element.name == "transition"
            for label, step in [self._label(identity, element)]
        ]
        start: Counter[int] = Counter()
        for identity, place in self._places.items():
            element = self._elements[identity]
            start[place] = self._number(element, element.text_at("initialMarking", "text"), 0)
        if not start.total():
            self._problem(self._net, "net without a start", "no place has an initial marking")
        return Net(len(self._places), tuple(transitions), _tokens(start), self._ends(taken))

    def _take_arc(self, arc: Element, taken: dict[str, Counter[int]], given: dict[str, Counter[int]]) -> None:
        kinds = [arc.text_at("type", "text"), arc.text_at("arctype", "text")]
        kinds += [child.attributes.get("value") for child in arc.named("type")]
        unusual = next((kind for kind in kinds if kind and kind != "normal"), None)
        if unusual:
            self._problem(arc, f"arc of type {unusual!r} is not supported", "only arcs that move tokens are")
        source, target = (self._resolved(arc, key) for key in ("source", "target"))
        weight = self._number(arc, arc.text_at("inscription", "text"), 1)
        if source in self._places and target not in self._places:
            taken.setdefault(target, Counter())[self._places[source]] += weight
        elif target in self._places and source not in self._places:
            given.setdefault(source, Counter())[self._places[target]] += weight
        else:
            self._problem(arc, "arc does not join a place and a transition", f"it goes from {source!r} to {target!r}")

    def _resolved(self, arc: Element, key: str) -> str:
        """The id of the place or transition at an end of an arc."""
        identity = arc.attributes.get(key, "")
        for _ in self._elements:  # no chain of references is longer
            element = self._elements.get(identity)
            if element is None or "ref" not in element.attributes:
                break
            identity = element.attributes["ref"]
        if identity not in self._elements:
            self._problem(arc, f"arc with an unknown {key}", f"the net has no place or transition {identity!r}")
        return identity

    def _label(self, identity: str, element: Element) -> tuple[str | None, DeclaredStep | None]:
        name = element.text_at("name", "text")
        is_invisible = any("invisible" in tool.attributes.get("activity", "") for tool in element.named("toolspecific"))
        if is_invisible or not name:
            return None, None
        return name, DeclaredStep(name, identity, self._file_path, element.line_number)

    def _ends(self, taken: dict[str, Counter[int]]) -> tuple[Tokens, ...]:
        ends: list[Tokens] = []
        for marking in (one for all_ends in self._net.named("finalmarkings") for one in all_ends.named("marking")):
            counts: Counter[int] = Counter()
            for held in marking.named("place"):
                identity = held.attributes.get("idref", "")
                if identity in self._places:
                    counts[self._places[identity]] += self._number(held, held.text_at("text"), 1)
                else:
                    self._problem(held, "final marking of an unknown place", f"the net has no place {identity!r}")
            ends.append(_tokens(counts))
        if ends:
            return tuple(ends)
        left = set(self._places.values()).difference(*taken.values())
        if len(left) != 1:
            self._problem(
                self._net, "net without an end", f"it tells no final marking, and nothing takes from {len(left)} places"
            )
        return tuple(((place, 1),) for place in left)

    def _number(self, element: Element, text: str | None, default: int) -> int:
        if not text:
            return default
        if text.isdecimal() and len(text) < 10:
            return int(text)
        self._problem(
            element, f"{element.name} with an unusable count", f"it is {text!r}, not a whole number below a billion"
        )
        return default

    def _problem(self, element: Element, summary: str, reason: str) -> None:
        help = "export it as a place/transition net with a start and an end"
        self.problems.append(Problem(self._file_path, element.line_number, summary, reason, help))


def _tokens(counts: Counter[int] | None) -> Tokens:
    return tuple(sorted((place, count) for place, count in counts.items() if count)) if counts else ()
