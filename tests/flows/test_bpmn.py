from __future__ import annotations

import re
from collections import Counter
from itertools import permutations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telemap.flows.alignment import FlowChecker
from telemap.flows.bpmn import read_bpmn
from telemap.flows.declared import DeclaredStep, Reading
from telemap.model.declared import Problem

HELP = "declare it with tasks, events and gateways that are supported"
KINDS = {"X": "exclusiveGateway", "P": "parallelGateway", "I": "inclusiveGateway", "E": "eventBasedGateway"}


def nodes(flows: str, **attributes: str) -> str:
    """The XML of flows such as ``s>a a>X1 X1>b``: s starts, e ends, capitals are gateways, others are tasks."""
    pairs = [flow.split(">") for flow in flows.split()]
    written = []
    for name in dict.fromkeys(name for pair in pairs for name in pair):
        kind = {"s": "startEvent", "e": "endEvent"}.get(name[0]) or KINDS.get(name[0], "task")
        label = f' name="{name}"' if kind == "task" else ""
        written.append(f'<{kind} id="{name}"{label} {attributes.get(name, "")}/>')
    written += [f'<sequenceFlow id="{a}-{b}" sourceRef="{a}" targetRef="{b}"/>' for a, b in pairs]
    return "\n".join(written)


def read(content: str) -> Reading:
    head = '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL">'
    return read_bpmn(f'{head}<process id="p">\n{content}\n</process></definitions>'.encode(), "f.bpmn")


def runs(content: str, most: int = 4, letters: str = "abcd") -> set[str]:
    """The runs of a process that have no more than ``most`` of the letters."""
    reading = read(content)
    assert reading.problems == ()
    checker = FlowChecker(reading.flows[0].net)
    tried = ("".join(run) for size in range(most + 1) for run in product(letters, repeat=size))
    return {run for run in tried if checker.fits(tuple(run))}


def problems(content: str) -> list[tuple[str, str]]:
    reading = read(content)
    assert reading.flows == ()
    assert {(problem.file_path, problem.help) for problem in reading.problems} == {("f.bpmn", HELP)}
    return [(problem.summary, problem.reason) for problem in reading.problems]


def orders(letters: str) -> set[str]:
    return {"".join(order) for order in permutations(letters)}


def test_tasks_follow_each_other_and_keep_their_lines() -> None:
    content = nodes("s>a a>b b>e")
    assert runs(content) == {"ab"}
    steps = [transition.step for transition in read(content).flows[0].net.transitions if transition.label]
    assert steps == [DeclaredStep("a", "a", "f.bpmn", 3), DeclaredStep("b", "b", "f.bpmn", 4)]


def test_exclusive_gateways_choose_and_loop() -> None:
    assert runs(nodes("s>X1 X1>a X1>b a>X2 b>X2 X2>c c>e")) == {"ac", "bc"}
    assert runs(nodes("s>X1 X1>a a>X2 X2>X1 X2>e"), 3) == {"a", "aa", "aaa"}


def test_event_based_gateways_choose() -> None:
    assert runs(nodes("s>E1 E1>a E1>b a>e b>e1")) == {"a", "b"}


def test_parallel_gateways_interleave_and_wait() -> None:
    assert runs(nodes("s>P1 P1>a P1>b a>P2 b>P2 P2>c c>e")) == {"abc", "bac"}


def test_paths_that_end_by_themselves_end_the_process_together() -> None:
    assert runs(nodes("s>P1 P1>a P1>b a>e b>e1")) == {"ab", "ba"}


def test_several_flows_from_a_task_are_all_taken_and_each_into_one_starts_it() -> None:
    assert runs(nodes("s>a a>b a>c b>d c>d d>e"), 5) == {"abcdd", "acbdd", "abdcd", "acdbd"}


def test_inclusive_gateways_take_any_branches_but_one_and_wait_for_those() -> None:
    content = nodes("s>I1 I1>a I1>b I1>c a>I2 b>I2 c>I2 I2>d d>e")
    some = {"".join(run) for size in (1, 2, 3) for run in permutations("abc", size)}
    assert runs(content) == {f"{run}d" for run in some}


def test_the_default_of_an_inclusive_gateway_is_taken_only_alone() -> None:
    content = nodes("s>I1 I1>a I1>b I1>c a>I2 b>I2 c>I2 I2>d d>e", I1='default="I1-b"')
    assert runs(content) == {"ad", "cd", "acd", "cad", "bd"}


def test_branches_of_an_inclusive_gateway_may_hold_other_gateways_or_nothing() -> None:
    content = nodes("s>I1 I1>X1 X1>a X1>b a>X2 b>X2 X2>I2 I1>I2 I2>d d>e")
    assert runs(content) == {"ad", "bd", "d"}


def test_branches_of_an_inclusive_gateway_need_not_meet() -> None:
    assert runs(nodes("s>I1 I1>a I1>b a>e b>e1")) == {"a", "b", "ab", "ba"}


def test_an_inclusive_gateway_that_joins_what_none_has_split_is_told() -> None:
    reason = "which branches it waits for is not clear: no inclusive gateway splits into just these"
    told = [("inclusive gateway that joins other branches", reason)]
    assert problems(nodes("s>P1 P1>a P1>b a>I2 b>I2 I2>e")) == told
    assert problems(nodes("s>I1 I1>a I1>b a>X1 X1>I2 X1>e b>I2 I2>e2")) == told


def test_events_with_a_name_may_be_told_but_need_not() -> None:
    content = nodes("s>a a>b b>e").replace('<task id="b" name="b" />', "").replace(' id="s"', ' id="s" name="c"')
    content += '<intermediateCatchEvent id="b" name="b"><timerEventDefinition/></intermediateCatchEvent>'
    assert runs(content) == {"a", "ab", "ca", "cab"}


def sub(flows: str, rest: str = "") -> str:
    """A process ``a, sub-process, d``."""
    inner = f'<subProcess id="u">{nodes(flows)}{rest}</subProcess>'
    return nodes("s>a a>u u>d d>e").replace('<task id="u" name="u" />', inner)


def boundary(definition: str, attributes: str = "") -> str:
    event = f'<boundaryEvent id="v" attachedToRef="u" {attributes}><{definition}EventDefinition/></boundaryEvent>'
    return event + nodes("v>c c>e9").replace('<task id="v" name="v" />', "")


def test_sub_processes_are_gone_through() -> None:
    assert runs(sub("s1>b b>e1")) == {"abd"}
    assert runs(sub("s1>X1 X1>b X1>c b>e1 c>e2")) == {"abd", "acd"}
    assert runs(sub("s1>P1 P1>b P1>c b>e1 c>e2")) == {"abcd", "acbd"}
    assert runs(sub("b>e1 c>e1")) == {"abcd", "acbd"}


def test_a_sub_process_without_content_and_a_call_are_tasks() -> None:
    content = (
        nodes("s>a a>b b>e").replace('task id="a"', 'subProcess id="a"').replace('task id="b"', 'callActivity id="b"')
    )
    assert runs(content) == {"ab"}


def test_the_end_of_a_sub_process_that_is_broken_off_leads_to_its_boundary() -> None:
    inner = sub("s1>X1 X1>b b>e1 X1>e2").replace(
        '<endEvent id="e2" />', '<endEvent id="e2"><cancelEventDefinition/></endEvent>'
    )
    assert runs(inner + boundary("cancel")) == {"abd", "ac"}


def test_a_sub_process_can_be_interrupted_in_each_of_its_states() -> None:
    assert runs(sub("s1>P1 P1>b P1>b2 b>e1 b2>e2") + boundary("timer")) == {"abc", "ac"}
    assert runs(sub("s1>b b>e1") + boundary("timer")) == {"abd", "abc", "ac"}


def test_a_task_that_is_interrupted_may_be_told_or_not() -> None:
    content = nodes("s>u u>d d>e").replace('name="u"', 'name="a"') + boundary("message")
    assert runs(content) == {"ad", "ac", "c"}


def test_repeated_activities_run_once_or_more_often() -> None:
    once = '<task id="b" name="b"><standardLoopCharacteristics/></task>'
    content = nodes("s>a a>b b>e")
    assert runs(content.replace('<task id="b" name="b" />', once), 3) == {"ab", "abb"}
    tested = once.replace("Characteristics", 'Characteristics testBefore="true"')
    assert runs(content.replace('<task id="b" name="b" />', tested), 3) == {"a", "ab", "abb"}
    multiple = sub("s1>b b>e1", '<multiInstanceLoopCharacteristics isSequential="true"/>')
    assert runs(multiple) == {"abd", "abbd"}


def test_an_end_of_everything_is_a_plain_end_where_nothing_runs_beside_it() -> None:
    def terminating(flows: str) -> str:
        return nodes(flows).replace('<endEvent id="e1" />', '<endEvent id="e1"><terminateEventDefinition/></endEvent>')

    assert runs(terminating("s>X1 X1>a X1>b a>e b>e1")) == {"a", "b"}
    reason = "other paths may still run beside it, and may be in any state"
    assert problems(terminating("s>P1 P1>a P1>b a>e b>e1")) == [("end event that ends other paths", reason)]


UNCLEAR = "sub-process of which it is not clear when it is over"


@pytest.mark.parametrize(
    ("content", "summary", "reason"),
    [
        (
            nodes("s>a a>b b>e").replace('task id="b"', 'complexGateway id="b"'),
            "complexGateway is not supported",
            "the order of what is in it is not declared",
        ),
        (
            nodes("s>a a>b b>e").replace('task id="b"', 'adHocSubProcess id="b"'),
            "flow from or to an unsupported element",
            "one of its ends is no task, event or gateway",
        ),
        (nodes("s>a a>e b>e"), "node that is never reached", "no sequence flow leads to it"),
        (
            nodes("s>a a>e", a='isForCompensation="true"'),
            "task beside the flow is not supported",
            "no sequence flow says when it runs",
        ),
        (
            nodes("s>a a>e") + '<subProcess id="u" triggeredByEvent="true"/>',
            "subProcess beside the flow is not supported",
            "no sequence flow says when it runs",
        ),
        (
            nodes("s>a a>e").replace('<endEvent id="e" />', '<endEvent id="e"><linkEventDefinition/></endEvent>'),
            "linkEventDefinition is not supported",
            "it continues elsewhere, without a flow",
        ),
        (
            nodes("s>a a>b a>e b>e").replace('targetRef="b"/>', 'targetRef="b"><conditionExpression/></sequenceFlow>'),
            "condition on a flow that leaves no gateway",
            "it is open what else happens",
        ),
        (
            sub("s1>b b>e1") + boundary("timer", 'cancelActivity="false"'),
            "boundary event that does not interrupt",
            "it may happen any number of times",
        ),
        (
            sub("s1>b b>e1", "<multiInstanceLoopCharacteristics/>"),
            "sub-process that runs beside itself",
            "how often is known only when it runs",
        ),
        (sub("s1>I1 I1>b I1>c b>e1 c>e2"), UNCLEAR, "its ends do not say that nothing is left"),
        (sub("s1>X1 X1>P1 P1>b P1>c b>e1 c>X1"), UNCLEAR, "it has too many states to tell"),
        (
            sub("s1>b b>e1").replace('<endEvent id="e1" />', '<endEvent id="e1"><errorEventDefinition/></endEvent>'),
            "end event that is not caught",
            "no boundary event of its kind is there for it",
        ),
    ],
)
def test_what_is_not_supported_is_told_and_the_process_not_used(content: str, summary: str, reason: str) -> None:
    assert (summary, reason) in problems(content)


def test_a_problem_has_the_line_of_its_element() -> None:
    told = read(nodes("s>a a>e", a='isForCompensation="true"')).problems
    assert [problem.line_number for problem in told] == [3]


def test_sub_processes_lie_in_each_other_only_so_deep() -> None:
    content = '<task id="t" name="t"/>'
    for depth in range(3000):
        content = f'<subProcess id="u{depth}">{content}</subProcess>'
    assert problems(content) == [("sub-process in too many others", "it lies in 20 others")]


def test_each_process_is_a_flow_and_partners_without_nodes_are_none() -> None:
    text = (
        '<definitions><process id="p"><task id="a"/></process><process id="q"/><process id="r" name="R"><task id="b"/>'
    )
    flows = read_bpmn(f"{text}</process></definitions>".encode(), "f.bpmn").flows
    assert [(flow.name, flow.identity) for flow in flows] == [("", "p"), ("R", "r")]
    assert [FlowChecker(flow.net).fits((label,)) for flow, label in zip(flows, "ab", strict=True)] == [True, True]


def test_a_file_without_a_process_is_told() -> None:
    told = Problem("f", 1, "file holds no process", "it has no element 'process' with nodes", HELP)
    assert read_bpmn(b"<pnml/>", "f") == Reading((), (told,))


@st.composite
def graphs(draw: st.DrawFn) -> str:
    """Flows between tasks and gateways; each node has a way in, most have one out."""
    names = [f"{draw(st.sampled_from('abXXPP'))}{number}" for number in range(draw(st.integers(1, 6)))]
    flows = [f"s>{names[0]}"]
    flows += [f"{draw(st.sampled_from(names[:at]))}>{names[at]}" for at in range(1, len(names))]
    for name in names:
        ends = st.lists(st.sampled_from([*names, "e"]), max_size=2)
        flows += [f"{name}>{end}" for end in draw(ends)]
    return " ".join(dict.fromkeys(flows))


def plays(flows: str, run: str) -> bool | None:
    """Whether tokens on the flows can play a run, by the rules of BPMN; None where they pile up."""
    pairs = [tuple(flow.split(">")) for flow in flows.split()]
    into = {name: [pair for pair in pairs if pair[1] == name] for pair in pairs for name in pair}
    out = {name: [pair for pair in pairs if pair[0] == name] for pair in pairs for name in pair}
    waiting = [(tuple(sorted(out["s"])), 0)]
    found = set(waiting)
    for tokens, position in waiting:
        if not tokens and position == len(run):
            return True
        for name in into:
            ways_in = [into[name]] if name[0] == "P" else [[pair] for pair in into[name]]
            ways_out = [[pair] for pair in out[name]] if name[0] == "X" and out[name] else [out[name]]
            is_task = name[0] in "ab"
            if name == "s" or (is_task and run[position : position + 1] != name[0]):
                continue
            for taken, put in product(ways_in, ways_out):
                left = Counter(tokens)
                left.subtract(taken)
                if min(left.values(), default=0) >= 0:
                    state = (tuple(sorted((left + Counter(put)).elements())), position + is_task)
                    if len(state[0]) > 8:
                        return None
                    if state not in found:
                        found.add(state)
                        waiting.append(state)
    return False


@given(graphs(), st.lists(st.text("ab", max_size=5), min_size=1, max_size=5))
def test_any_graph_of_tasks_and_gateways_plays_as_tokens_on_its_flows_do(flows: str, asked: list[str]) -> None:
    content = nodes(flows)
    for letter in "ab":
        content = re.sub(rf'name="{letter}\d"', f'name="{letter}"', content)
    checker = FlowChecker(read(content).flows[0].net, 5_000)
    for run in asked:
        assert checker.fits(tuple(run)) in {plays(flows, run), None} or plays(flows, run) is None
