"""BPMN and PNML files as declared flows."""

from __future__ import annotations

from pathlib import Path

import pytest

from telemap.definitions.flow import Flow
from telemap.definitions.reading import read_definitions
from telemap.flows.alignment import FlowChecker
from telemap.flows.bpmn import read_bpmn
from telemap.flows.net import Net, Transition
from telemap.flows.pnml import read_pnml
from telemap.model.declared import Problem, Step

PNML = """\
<pnml xmlns="http://www.pnml.org/version-2009/grammar/pnml"><net id="net1"><name><text>Shop</text></name><page id="g">
<transition id="t"><name><text>ship</text></name></transition>
<transition id="u"><name><text>pay</text></name></transition>
<place id="p"><initialMarking><text>1</text></initialMarking></place><place id="q"/><place id="r"/>
<arc source="p" target="u"/><arc source="u" target="q"/><arc source="q" target="t"/><arc source="t" target="r"/>
</page></net></pnml>
"""
PROCESS = """\
<process id="{}">
<startEvent id="s"/><task id="a" name="{}"/>
<sequenceFlow id="f" sourceRef="s" targetRef="a"/></process>
"""


def test_steps_are_numbered_in_the_order_of_the_flow(tmp_path: Path) -> None:
    (tmp_path / "orders.pnml").write_text(PNML)
    found = read_definitions([tmp_path])
    net = Net(
        3,
        (Transition("ship", ((1, 1),), ((2, 1),), 2), Transition("pay", ((0, 1),), ((1, 1),), 1)),
        ((0, 1),),
        (((2, 1),),),
    )
    steps = (Step("pay", "orders.pnml", 3), Step("ship", "orders.pnml", 2))
    assert found.flows == (Flow("orders", "Shop", "pnml", net, steps, "orders.pnml", 1),)
    assert found.problems == ()


def test_several_processes_of_a_file_have_its_name_and_their_ids(tmp_path: Path) -> None:
    processes = PROCESS.format("one", "pay") + PROCESS.format("two", "ship")
    (tmp_path / "orders.bpmn20.xml").write_text(f"<definitions>\n{processes}</definitions>")
    found = read_definitions([tmp_path]).flows
    assert [(flow.flow_id, flow.name, flow.declared_in, flow.line_number) for flow in found] == [
        ("orders/one", "orders/one", "bpmn", 2),
        ("orders/two", "orders/two", "bpmn", 5),
    ]
    assert [step for flow in found for step in flow.steps] == [
        Step("pay", "orders.bpmn20.xml", 3),
        Step("ship", "orders.bpmn20.xml", 6),
    ]


def test_a_model_that_cannot_be_used_is_told_and_the_others_are_read(tmp_path: Path) -> None:
    (tmp_path / "a.bpmn").write_text("<definitions>\n<process>")
    (tmp_path / "b.pnml").write_text(PNML)
    (tmp_path / "c.bpmn").write_bytes(b"")
    found = read_definitions([tmp_path])
    assert [flow.flow_id for flow in found.flows] == ["b"]
    assert found.problems == (
        Problem("a.bpmn", 2, "file is not valid XML", "column 10: no element found", "mend the syntax"),
        Problem("c.bpmn", 1, "file is not valid XML", "column 1: no element found", "mend the syntax"),
    )


def test_a_flow_with_one_id_in_two_formats_counts_once(tmp_path: Path) -> None:
    (tmp_path / "orders.pnml").write_text(PNML)
    (tmp_path / "orders.json").write_text('{"id": "orders", "name": "O", "movements": []}')
    found = read_definitions([tmp_path])
    assert [flow.file_path for flow in found.flows] == ["orders.json"]
    assert [(problem.file_path, problem.reason) for problem in found.problems] == [
        ("orders.pnml", "orders.json:1 declares it first, and counts")
    ]


@pytest.mark.shared
def test_recorded_models_are_the_nets_that_their_readers_give(shared_data: Path) -> None:
    folder = shared_data / "process_conformance"
    flows = read_definitions([folder]).flows
    assert len(flows) == 12
    for flow in flows:
        data = (folder / flow.file_path).read_bytes()
        [net] = [one.net for one in (read_pnml if flow.declared_in == "pnml" else read_bpmn)(data, "").flows]
        labels = [(one.label, one.inputs, one.outputs) for one in net.transitions]
        assert [(one.label, one.inputs, one.outputs) for one in flow.net.transitions] == labels
        for one in flow.net.transitions:
            assert one.label is None or flow.steps[one.step - 1].event == one.label
    [example] = [flow for flow in flows if flow.flow_id == "running-example"]
    assert FlowChecker(example.net).fits(("register request",)) is False
