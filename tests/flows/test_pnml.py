from __future__ import annotations

import pytest

from telemap.flows.alignment import FlowChecker
from telemap.flows.declared import DeclaredFlow, DeclaredStep, Reading
from telemap.flows.net import Net, Transition
from telemap.flows.pnml import read_pnml
from telemap.model.declared import Problem

HELP = "export it as a place/transition net with a start and an end"
NODES = """\
<place id="p"><initialMarking><text>1</text></initialMarking></place>
<place id="q"/>
<transition id="t"><name><text>pay</text></name></transition>
<arc id="in" source="p" target="t"/>
<arc id="out" source="t" target="q"/>
"""
PAID = DeclaredFlow(
    "",
    "n",
    Net(2, (Transition("pay", ((0, 1),), ((1, 1),), DeclaredStep("pay", "t", "f", 4)),), ((0, 1),), (((1, 1),),)),
    "f",
    1,
)


def read(nodes: str, rest: str = "") -> Reading:
    """What is read of a net: ``nodes`` stand from the second line on."""
    text = (
        f'<pnml xmlns="http://www.pnml.org/version-2009/grammar/pnml"><net id="n"><page id="g">\n{nodes}</page>{rest}'
    )
    return read_pnml(f"{text}</net></pnml>".encode(), "f")


def problems(nodes: str, rest: str = "") -> list[tuple[int, str, str]]:
    reading = read(nodes, rest)
    assert reading.flows == ()
    assert {problem.help for problem in reading.problems} == {HELP}
    return [(problem.line_number, problem.summary, problem.reason) for problem in reading.problems]


def test_a_net_keeps_the_lines_of_its_steps() -> None:
    assert read(NODES) == Reading((PAID,), ())


def test_final_markings_are_those_that_the_file_tells() -> None:
    ends = '<place idref="p"><text>2</text></place><place idref="q"><text>0</text></place>'
    told = f"<finalmarkings><marking>{ends}</marking><marking/></finalmarkings>"
    assert read(NODES, told).flows[0].net.ends == (((0, 2),), ())


def test_transitions_without_a_name_or_marked_as_invisible_are_silent() -> None:
    nodes = """\
<place id="p"><initialMarking><text>1</text></initialMarking></place><place id="q"/><place id="r"/>
<transition id="t"><name><text>tau</text></name><toolspecific tool="ProM" activity="$invisible$"/></transition>
<transition id="u"/>
<arc source="p" target="t"/><arc source="t" target="q"/><arc source="q" target="u"/><arc source="u" target="r"/>"""
    assert [transition.label for transition in read(nodes).flows[0].net.transitions] == [None, None]
    assert FlowChecker(read(nodes).flows[0].net).fits(()) is True


def test_weights_of_arcs_count() -> None:
    nodes = NODES.replace('target="t"/>', 'target="t"><inscription><text>2</text></inscription></arc>')
    nodes = nodes.replace("<text>1</text>", "<text>4</text>")
    net = read(nodes, '<finalmarkings><marking><place idref="q"><text>2</text></place></marking></finalmarkings>')
    assert FlowChecker(net.flows[0].net).fits(("pay", "pay")) is True
    assert FlowChecker(net.flows[0].net).fits(("pay",)) is False


def test_pages_lie_in_each_other_and_references_stand_for_nodes() -> None:
    inner = '<page id="h"><referencePlace id="x" ref="y"/><referencePlace id="y" ref="q"/>'
    inner += '<transition id="u"><name><text>ship</text></name></transition><place id="z"/>'
    inner += '<arc source="x" target="u"/><arc source="u" target="z"/></page>'
    net = read(NODES + inner).flows[0].net
    assert FlowChecker(net).fits(("pay", "ship")) is True


@pytest.mark.parametrize(
    ("nodes", "line_number", "summary", "reason"),
    [
        (
            NODES.replace('target="t"/>', 'target="t"><type value="inhibitor"/></arc>'),
            5,
            "arc of type 'inhibitor' is not supported",
            "only arcs that move tokens are",
        ),
        (
            NODES.replace('target="t"/>', 'target="t"><arctype><text>reset</text></arctype></arc>'),
            5,
            "arc of type 'reset' is not supported",
            "only arcs that move tokens are",
        ),
        (
            NODES.replace('target="t"/>', 'target="t"><hlinscription/></arc>'),
            5,
            "element 'hlinscription' is not supported",
            "it is about kinds of tokens",
        ),
        (
            NODES.replace('target="t"/>', 'target="t"><inscription><text>many</text></inscription></arc>'),
            5,
            "arc with an unusable count",
            "it is 'many', not a whole number below a billion",
        ),
        (
            NODES.replace('target="t"/>', 'target="q"/>'),
            5,
            "arc does not join a place and a transition",
            "it goes from 'p' to 'q'",
        ),
        (NODES + '<place id="p"/>', 7, "id 'p' is given twice", "arcs to it have no one meaning"),
        (NODES.replace("<text>1</text>", ""), 1, "net without a start", "no place has an initial marking"),
        (
            NODES + '<place id="r"/>',
            1,
            "net without an end",
            "it tells no final marking, and nothing takes from 2 places",
        ),
    ],
)
def test_what_is_not_supported_is_told_and_the_net_not_used(
    nodes: str, line_number: int, summary: str, reason: str
) -> None:
    assert (line_number, summary, reason) in problems(nodes)


def test_arcs_and_final_markings_of_unknown_nodes_are_told() -> None:
    missing = "the net has no place or transition 'x'"
    assert (6, "arc with an unknown target", missing) in problems(NODES.replace('target="q"/>', 'target="x"/>'))
    end = '<finalmarkings><marking><place idref="x"/></marking></finalmarkings>'
    assert problems(NODES, end) == [(7, "final marking of an unknown place", "the net has no place 'x'")]


def test_references_in_a_circle_end() -> None:
    circle = '<referencePlace id="x" ref="y"/><referencePlace id="y" ref="x"/><arc source="x" target="t"/>'
    assert len(problems(NODES + circle)) == 1


def test_a_broken_net_leaves_the_others_of_the_file() -> None:
    text = f'<pnml><net id="n"><page>\n{NODES}</page></net><net id="m"><page><place id="p"/></page></net></pnml>'
    reading = read_pnml(text.encode(), "f")
    assert (reading.flows, len(reading.problems)) == ((PAID,), 1)


def test_a_file_without_a_net_is_told() -> None:
    told = Problem("f", 1, "file holds no net", "it has no element 'net'", "save it as PNML")
    assert read_pnml(b"<bpmn/>", "f") == Reading((), (told,))
