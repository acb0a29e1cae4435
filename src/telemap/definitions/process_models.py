"""The models of process mining, BPMN and PNML, as flows."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from dataclasses import replace

from telemap.definitions.files import DefinitionFile
from telemap.definitions.flow import Flow
from telemap.flows.bpmn import read_bpmn
from telemap.flows.declared import DeclaredFlow, DeclaredStep
from telemap.flows.net import Net, Transition
from telemap.flows.pnml import read_pnml
from telemap.model.declared import Step


def read_process_models(files: Iterable[DefinitionFile]) -> Iterator[Flow]:
    """The processes and nets of the files.

    Their ids are made by the tools that draw them, so a flow is known by the name of its file, and where that holds
    several, by both.
    """
    for file in files:
        flows = models_in(file)
        stem = file.path.name.partition(".")[0]
        for found in flows:
            flow_id = stem if len(flows) == 1 else f"{stem}/{found.identity}"
            yield replace(flow_of(found, flow_id), root=file.root)


def models_in(file: DefinitionFile) -> tuple[DeclaredFlow, ...]:
    """The processes or nets of a file."""
    data = file.data()
    if data is None:
        return ()
    reading = (read_pnml if _is_net(file.path.name) else read_bpmn)(data, file.file_path)
    file.problems.extend(reading.problems)
    return reading.flows


def flow_of(found: DeclaredFlow, flow_id: str) -> Flow:
    """A process or net as a flow."""
    declared = _in_order(found.net)
    numbers: dict[Hashable, int] = {one: number for number, one in enumerate(declared, start=1)}
    transitions = tuple(Transition(t.label, t.inputs, t.outputs, numbers.get(t.step)) for t in found.net.transitions)
    return Flow(
        flow_id,
        found.name or flow_id,
        "pnml" if _is_net(found.file_path) else "bpmn",
        Net(found.net.place_count, transitions, found.net.start, found.net.ends),
        tuple(Step(one.name, one.file_path, one.line_number) for one in declared),
        found.file_path,
        found.line_number,
    )


def _is_net(name: str) -> bool:
    return name.endswith(".pnml")


def _in_order(net: Net) -> list[DeclaredStep]:
    """The steps in the order in which tokens can first come to them, then those that none come to."""
    takers: list[list[int]] = [[] for _ in range(net.place_count)]
    missing = [len(transition.inputs) for transition in net.transitions]
    for number, transition in enumerate(net.transitions):
        for place, _ in transition.inputs:
            takers[place].append(number)
    places = [place for place, _ in net.start]
    reached = set(places)
    order: list[int] = []
    for place in places:  # which grows
        for number in takers[place]:
            missing[number] -= 1
            if not missing[number]:
                order.append(number)
                new = [given for given, _ in net.transitions[number].outputs if given not in reached]
                reached.update(new)
                places += new
    steps = (net.transitions[number].step for number in [*order, *range(len(missing))])
    return list(dict.fromkeys(step for step in steps if isinstance(step, DeclaredStep)))
