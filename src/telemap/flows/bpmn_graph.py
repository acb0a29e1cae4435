"""The nodes of a BPMN process or sub-process, and the sequence flows between them."""

from __future__ import annotations

from dataclasses import dataclass

from telemap.flows.located_xml import Element

_KINDS_OF_TASKS = ("user", "manual", "service", "script", "send", "receive", "businessRule")
TASKS = frozenset({"task", "callActivity", *(f"{kind}Task" for kind in _KINDS_OF_TASKS)})
SCOPES = frozenset({"subProcess", "transaction"})
EVENTS = frozenset(["startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent"])
CHOICES = frozenset({"exclusiveGateway", "eventBasedGateway"})
WAITING = frozenset({"parallelGateway", "inclusiveGateway"})
NODES = TASKS | SCOPES | EVENTS | CHOICES | WAITING


@dataclass(frozen=True, slots=True)
class Region:
    """The branches between an inclusive gateway that splits and the one that waits for them: first and last flows."""

    first: tuple[str, ...]
    last: tuple[str, ...]


class Graph:
    """Nodes and flows by their ids, in the order of the file."""

    def __init__(self, scope: Element) -> None:
        self.flows = {flow.attributes.get("id", ""): flow for flow in scope.named("sequenceFlow")}
        self.nodes = {node.attributes.get("id", ""): node for node in scope.named(*NODES)}
        self.incoming: dict[str, list[str]] = {identity: [] for identity in self.nodes}
        self.outgoing: dict[str, list[str]] = {identity: [] for identity in self.nodes}
        self.boundaries: dict[str, list[str]] = {identity: [] for identity in self.nodes}
        self.strangers: list[Element] = []  # flows that come from or lead to what is no node here
        for identity, flow in self.flows.items():
            source, target = self.source(identity), self.target(identity)
            if source in self.nodes and target in self.nodes:
                self.outgoing[source].append(identity)
                self.incoming[target].append(identity)
            else:
                self.strangers.append(flow)
        for identity, node in self.nodes.items():
            if node.name == "boundaryEvent":
                self.boundaries.setdefault(node.attributes.get("attachedToRef", ""), []).append(identity)

    def source(self, flow: str) -> str:
        """The id of the node that a flow comes from."""
        return self.flows[flow].attributes.get("sourceRef", "")

    def target(self, flow: str) -> str:
        """The id of the node that a flow leads to."""
        return self.flows[flow].attributes.get("targetRef", "")

    def begins(self) -> list[str]:
        """The nodes that no flow leads to, which begin when their scope does."""
        return [one for one, node in self.nodes.items() if not self.incoming[one] and node.name != "boundaryEvent"]

    def regions(self) -> dict[str, Region]:
        """For inclusive gateways that split, and for those that join all branches of one: these branches."""
        inclusive = [identity for identity, node in self.nodes.items() if node.name == "inclusiveGateway"]
        splits = [identity for identity in inclusive if len(self.outgoing[identity]) > 1]
        found = {split: Region(tuple(self.outgoing[split]), ()) for split in splits}
        for join in (identity for identity in inclusive if len(self.incoming[identity]) > 1):
            for split in splits:
                last = [flow for first in self.outgoing[split] if (flow := self._last(first, join)) is not None]
                if sorted(last) == sorted(self.incoming[join]) and len(last) == len(self.outgoing[split]):
                    found[split] = found[join] = Region(tuple(self.outgoing[split]), tuple(last))
        return found

    def _last(self, first: str, join: str) -> str | None:
        """The flow into the join with which a branch ends, if the branch is entered and left nowhere else."""
        within: set[str] = set()
        flows, waiting = {first}, [first]
        while waiting:
            node = self.target(waiting.pop())
            if node == join or node in within:
                continue
            within.add(node)
            for one in (node, *self.boundaries[node]):
                if not self.outgoing[one]:
                    return None
                waiting += [flow for flow in self.outgoing[one] if flow not in flows]
                flows.update(self.outgoing[one])
        last = [flow for flow in flows if self.target(flow) == join]
        is_closed = all(flow in flows for node in within for flow in self.incoming[node])
        return last[0] if len(last) == 1 and is_closed else None
