"""What is read of flows in YAML, and what is told of those that are wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from telemap.definitions.flow import Definitions, Flow
from telemap.definitions.reading import read_definitions
from telemap.flows.alignment import FlowChecker
from telemap.flows.net import net_of, sequence, step
from telemap.model.declared import Limit, Step

MS = 10**6


def read(tmp_path: Path, text: str, name: str = "a.flow.yaml") -> Definitions:
    (tmp_path / name).write_text(text, encoding="utf-8", newline="")
    return read_definitions([tmp_path])


def told(definitions: Definitions) -> list[tuple[int, str, str]]:
    return [(problem.line_number, problem.summary, problem.reason) for problem in definitions.problems]


def fitting(flow: Flow, *variants: str) -> list[str]:
    checker = FlowChecker(flow.net)
    return [variant for variant in variants if checker.fits(tuple(variant))]


def test_a_flow_has_all_that_is_told_of_it(tmp_path: Path) -> None:
    text = """\
# the way of an order
flow: checkout
name: Check out
plugin: Shop
handlers: shop.checkout
root: POST /checkout
within: 2s p95
steps:
  - cart:priced
  - event: cart:paid
    handler: pay
    plugin: Payments
    title: Pay the cart
    kind: io
    within: 200ms
    test: {file: 'tests\\pay.spec.ts', case: pays the cart}
"""
    steps = (
        Step("cart:priced", "a.flow.yaml", 9),
        Step(
            "cart:paid",
            "a.flow.yaml",
            10,
            "pay",
            "Payments",
            "Pay the cart",
            kind="io",
            test_file="tests/pay.spec.ts",
            test_case="pays the cart",
        ),
    )
    limits = (
        Limit(None, 0.95, 2_000 * MS, "2s p95", "a.flow.yaml", 7),
        Limit(2, None, 200 * MS, "200ms", "a.flow.yaml", 10),
    )
    net = net_of(sequence(step("cart:priced", 1), step("cart:paid", 2)))
    checkout = Flow(
        "checkout",
        "Check out",
        "yaml",
        net,
        steps,
        "a.flow.yaml",
        2,
        limits,
        "trace",
        "POST /checkout",
        "Shop",
        "shop.checkout",
    )
    assert read(tmp_path, text) == Definitions((checkout,), (), ())
    assert read(tmp_path, "\ufeff" + text.replace("\n", "\r\n")) == Definitions((checkout,), (), ())


@pytest.mark.parametrize(
    ("steps", "variants", "fitting_ones"),
    [
        ("[a, [b, c], {steps: [d]}]", ["abcd", "abdc", "abc"], ["abcd"]),
        ("[a, {event: b, optional: true}, c]", ["abc", "ac", "abbc"], ["abc", "ac"]),
        ("[{event: a, repeat: true}, b]", ["b", "ab", "aaab", "aba"], ["ab", "aaab"]),
        ("[{event: a, repeat: true, optional: true}, b]", ["b", "ab", "aaab"], ["b", "ab", "aaab"]),
        ("[{steps: [a, b], between: c}]", ["ab", "abcab", "abab", "abc"], ["ab", "abcab"]),
        ("[{one-of: [a, [b, c], []]}, d]", ["ad", "bcd", "d", "abcd", "bd"], ["ad", "bcd", "d"]),
        ("[{parallel: [a, [b, c]]}]", ["abc", "bac", "bca", "cba", "bc"], ["abc", "bac", "bca"]),
        ("[a, {event: b, deferred: true}, c, d]", ["abcd", "acbd", "acdb", "bacd"], ["abcd", "acbd", "acdb"]),
        ("[]", ["", "a"], [""]),
    ],
)
def test_steps_make_the_runs_that_they_say(
    tmp_path: Path, steps: str, variants: list[str], fitting_ones: list[str]
) -> None:
    found = read(tmp_path, f"flow: f\nsteps: {steps}\n")
    assert found.problems == ()
    assert fitting(found.flows[0], *variants) == fitting_ones


def test_a_play_stands_for_the_steps_of_the_other_flow_in_any_file(tmp_path: Path) -> None:
    (tmp_path / "b.flow.yml").write_text("flows:\n- flow: pay\n  within: 1s\n  steps: [b, {event: c, within: 5ms}]\n")
    found = read(tmp_path, "flow: shop\nsteps: [a, {play: pay, optional: true}, {play: pay}]\n---\n")
    shop = next(flow for flow in found.flows if flow.flow_id == "shop")
    assert fitting(shop, "abc", "abcbc", "a") == ["abc", "abcbc"]
    paid = [Step("b", "b.flow.yml", 4), Step("c", "b.flow.yml", 4)]
    assert shop.steps == (Step("a", "a.flow.yaml", 2), *paid, *paid)
    assert shop.limits == tuple(Limit(number, None, 5 * MS, "5ms", "b.flow.yml", 4) for number in (3, 5))


def test_flows_that_play_each_other_are_told_with_their_way_and_others_are_used(tmp_path: Path) -> None:
    text = """\
flows:
  - {flow: a, steps: [{play: b}]}
  - {flow: b, steps: [x, {play: c}]}
  - {flow: c, steps: [{play: b}]}
  - {flow: d, steps: [{play: d}]}
  - {flow: e, steps: [{play: f}]}
  - {flow: g, steps: [x]}
"""
    found = read(tmp_path, text)
    assert [flow.flow_id for flow in found.flows] == ["g"]
    endless = "the flows play each other without an end: "
    assert told(found) == [
        (2, "play of 'b' cannot be used", f"{endless}b → c → b"),
        (3, "play of 'c' cannot be used", f"{endless}b → c → b"),
        (4, "play of 'b' cannot be used", f"{endless}c → b → c"),
        (5, "play of 'd' cannot be used", f"{endless}d → d"),
        (6, "play of 'f' cannot be used", "no YAML file declares a usable flow of this id"),
    ]


def test_plays_that_double_each_time_end_before_memory_does(tmp_path: Path) -> None:
    flows = [f"- {{flow: f{n}, steps: [{{play: f{n + 1}}}, {{play: f{n + 1}}}]}}" for n in range(40)]
    found = read(tmp_path, "\n".join(["flows:", *flows, "- {flow: f40, steps: [x]}"]))
    assert [len(flow.steps) for flow in found.flows] == [2**n for n in reversed(range(15))]
    assert {problem.reason for problem in found.problems} == {
        "with all that is played the flow has more than 50,000 parts"
    }


def test_plays_may_follow_each_other_for_long_but_not_for_ever(tmp_path: Path) -> None:
    flows = [f"- {{flow: f{n}, steps: [{{play: f{n + 1}}}]}}" for n in range(60)]
    found = read(tmp_path, "\n".join(["flows:", *flows, "- {flow: f60, steps: [x]}"]))
    assert told(found)[0] == (2, "play of 'f1' cannot be used", "more than 50 flows play each other")
    assert len(found.flows) == 51


@pytest.mark.parametrize(
    ("text", "line_number", "summary", "reason"),
    [
        ("", 1, "flow is no mapping", "it is empty"),
        ("just a text", 1, "flow is no mapping", "it is 'just a text'"),
        ("- flow: a", 1, "flow is no mapping", "it is a list"),
        ("name: N\n", 1, "flow without 'flow'", "it has name"),
        ("flow: f\n", 1, "flow without 'steps'", "it has flow"),
        ("flow: f\nsteps: []\nmodel: m.pnml", 3, "flow with 'steps' and a 'model'", "both say what happens"),
        ("flow: f\nmodel: none.pnml", 2, "model 'none.pnml' cannot be used", "there is no such file"),
        ("flow: f\nsteps: x", 2, "steps are no list", "they are 'x'"),
        ("flow: [f]\nsteps: []", 1, "'flow' is no text", "it is a list"),
        (
            "flow: f\nstep: []\nsteps: []",
            2,
            "flow with unknown key 'step'",
            "known here: flow, name, plugin, handlers, runs, root, within, steps, model",
        ),
        (
            "flow: f\nflows:\n- flow: g\n  steps: []\nsteps: []",
            3,
            "flow with unknown key 'flows'",
            "known here: flow, name, plugin, handlers, runs, root, within, steps, model",
        ),
        ("flow: f\nruns: case\nsteps: []", 2, "flow with unusable 'runs'", "it is neither 'sequence' nor 'trace'"),
        (
            "flow: f\nruns: sequence\nroot: r\nsteps: []",
            2,
            "flow with unusable 'runs'",
            "what has a 'root' are traces",
        ),
        (
            "flow: f\nwithin: soon\nsteps: []",
            2,
            "'within' is no time",
            "it is 'soon'; 200ms, 1.5s p95 and 2 min p99 are",
        ),
        (
            "flow: f\nsteps:\n- optional: true",
            3,
            "step of no one kind",
            "it has none of event, play, steps, one-of, parallel, and needs one",
        ),
        (
            "flow: f\nsteps:\n- event: a\n  play: b",
            3,
            "step of no one kind",
            "it has event, play of event, play, steps, one-of, parallel, and needs one",
        ),
        ("flow: f\nsteps:\n- play: a\n  handler: h", 4, "'play' with 'handler'", "only an event has it"),
        ("flow: f\nsteps:\n- one-of: []", 3, "'one-of' of nothing", "it is an empty list"),
        ("flow: f\nsteps:\n- event: a\n  optional: yes", 4, "'optional' is neither true nor false", "it is 'yes'"),
        ("flow: f\nsteps:\n- ''", 3, "'event' is no text", "it is empty"),
        ("flow: f\nsteps: [\n", 3, "file is not usable YAML", "column 1: did not find expected node content"),
        ("flow: f\nflow: g\n", 2, "file is not usable YAML", "the key 'flow' is given twice"),
        ("? [a]\n: b\n", 1, "file is not usable YAML", "a key is no text"),
        ("a: &a [x]\nb: *a\n", 2, "file is not usable YAML", "the alias *a is not supported"),
        ("flow: \x07", 1, "file is not usable YAML", "control characters are not allowed"),
        ("\n" + "[" * 100_000, 2, "file is not usable YAML", "it is nested more than 50 levels deep"),
    ],
)
def test_what_is_wrong_is_told_with_its_line_and_other_files_are_used(
    tmp_path: Path, text: str, line_number: int, summary: str, reason: str
) -> None:
    (tmp_path / "other.flow.yaml").write_text("flow: other\nsteps: [a]\n")
    found = read(tmp_path, text)
    assert [flow.flow_id for flow in found.flows] == ["other"]
    assert told(found) == [(line_number, summary, reason)]


def test_bombs_of_aliases_are_refused_at_once(tmp_path: Path) -> None:
    lines = ["a0: &a0 [x]", *(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30))]
    assert told(read(tmp_path, "\n".join(lines))) == [(2, "file is not usable YAML", "the alias *a0 is not supported")]


def test_bytes_that_are_no_utf_8_are_told(tmp_path: Path) -> None:
    (tmp_path / "a.flow.yaml").write_bytes(b"flow: f\nsteps: [\xff]\n")
    [problem] = read_definitions([tmp_path]).problems
    assert (problem.line_number, problem.summary) == (2, "file cannot be read")


def test_yaml_of_others_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "docker-compose.yml").write_text("services: {a: *b}\n")
    (tmp_path / "workflow.yaml").write_text("name: flow\njobs:\n  build:\n    steps: [\n")
    found = read(tmp_path, "flow: f\nsteps: [a]\n", "ours.yaml")
    assert ([flow.flow_id for flow in found.flows], found.problems) == (["f"], ())


def test_values_are_the_texts_that_are_written(tmp_path: Path) -> None:
    found = read(tmp_path, 'flow: 007\nsteps: [no, 1.0, "a: b", null]\n')
    assert [one.event for one in found.flows[0].steps] == ["no", "1.0", "a: b", "null"]
    assert found.flows[0].flow_id == "007"


def test_a_flow_can_have_a_model_which_is_then_no_flow_by_itself(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "shop.bpmn").write_text(
        '<definitions><process id="p" name="Shop">\n<startEvent id="s"/><task id="t" name="pay"/>'
        '<sequenceFlow id="f" sourceRef="s" targetRef="t"/></process></definitions>'
    )
    (tmp_path / "flows").mkdir()
    found = read(
        tmp_path, "root: POST /checkout\nflow: f\nwithin: 2s\nmodel: ../models/shop.bpmn\n", "flows/a.flow.yaml"
    )
    (flow,) = found.flows
    assert (flow.flow_id, flow.name, flow.declared_in, flow.runs, flow.root_name) == (
        "f",
        "Shop",
        "bpmn",
        "trace",
        "POST /checkout",
    )
    assert (flow.file_path, flow.line_number) == ("flows/a.flow.yaml", 2)
    assert flow.steps == (Step("pay", "models/shop.bpmn", 2),)
    assert flow.limits == (Limit(None, None, 2_000 * MS, "2s", "flows/a.flow.yaml", 3),)
    assert fitting(flow, "") == []
    assert FlowChecker(flow.net).fits(("pay",))
    assert found.problems == ()


def test_what_is_wrong_with_a_model_is_told_once_and_where(tmp_path: Path) -> None:
    (tmp_path / "m.bpmn").write_text("<definitions>\n<process>")
    (tmp_path / "two.pnml").write_text("<pnml/>")
    found = read(tmp_path, "flow: f\nmodel: m.bpmn\n---\nflow: g\nmodel: two.pnml\n")
    assert found.flows == ()
    assert [(one.file_path, one.line_number, one.summary) for one in found.problems] == [
        ("a.flow.yaml", 2, "model 'm.bpmn' cannot be used"),
        ("a.flow.yaml", 5, "model 'two.pnml' cannot be used"),
        ("m.bpmn", 2, "file is not valid XML"),
        ("two.pnml", 1, "file holds no net"),
    ]
