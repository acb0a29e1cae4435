"""Flows in BPMN 2.0 files: the processes, each by itself.

Tasks (and call activities, and sub-processes without content) are steps. Events with a name may stand in a log, but
need not; all else orders the steps. What a process does with messages to others, with data and with lanes is left
aside; what would change the order and is not supported is told, and the process is not used.
"""

from __future__ import annotations

from telemap.flows.bpmn_graph import Graph
from telemap.flows.bpmn_net import Scope
from telemap.flows.declared import DeclaredFlow, Reading
from telemap.flows.located_xml import Element, read_xml
from telemap.model.declared import Problem


def read_bpmn(data: bytes, file_path: str) -> Reading:
    """The processes of a file; each ends when no token is left in it."""
    document = read_xml(data, file_path)
    if isinstance(document, Problem):
        return Reading((), (document,))
    flows: list[DeclaredFlow] = []
    problems: list[Problem] = []

    def tell(element: Element, summary: str, reason: str) -> None:
        help = "declare it with tasks, events and gateways that are supported"
        problems.append(Problem(file_path, element.line_number, summary, reason, help))

    for process in document.named("process"):
        if not Graph(process).nodes:
            continue  # of a partner that is only talked to
        scope = Scope(process, file_path, tell)
        if scope.is_usable:
            name, identity = (process.attributes.get(key, "") for key in ("name", "id"))
            net = scope.draft.net([scope.start], [])
            flows.append(DeclaredFlow(name, identity, net, file_path, process.line_number))
    if not flows and not problems:
        tell(document, "file holds no process", "it has no element 'process' with nodes")
    return Reading(tuple(flows), tuple(problems))
