"""Flows that are written are read as the same flows."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from telemap.definitions.flow import Flow
from telemap.definitions.flow_yaml_writing import yaml_of
from telemap.definitions.reading import read_definitions
from telemap.flows.learning import Variant, learned
from telemap.flows.net import Block, choice, net_of, option
from telemap.flows.net import step as step_block
from tests.flows.nets import composed

NAMES = st.text(min_size=1).filter(lambda text: text.strip() != "" and text.isprintable()) | st.sampled_from(
    ["true", "1", "a: b", "- a", "#a", "é\u2028", "\x1f!", "null", "'", '"', " a ", "🎼"]
)
STEPS = st.builds(step_block, NAMES, st.none() | NAMES)
BLOCKS = st.recursive(STEPS, composed, max_leaves=8)


def read_again(folder: Path, text: str) -> Flow:
    (folder / "learned.flow.yaml").write_text(text, encoding="utf-8")
    found = read_definitions([folder])
    assert found.problems == ()
    return found.flows[0]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(BLOCKS, NAMES, NAMES)
def test_what_is_written_is_read_as_the_same_net(tmp_path: Path, block: Block, flow_id: str, name: str) -> None:
    flow = read_again(tmp_path, yaml_of(block, flow_id, name, {((name, None),): 1}))
    handlers = {number: one.handler for number, one in enumerate(flow.steps, start=1)}
    transitions = tuple(
        replace(one, step=None if one.step is None else handlers[one.step]) for one in flow.net.transitions
    )
    assert replace(flow.net, transitions=transitions) == net_of(block)
    assert (flow.flow_id, flow.name) == (flow_id, name)


def test_a_learned_flow_can_be_read_by_people(tmp_path: Path) -> None:
    variants: dict[Variant, int] = {
        (("cart:priced", "price"), ("cart:paid", "pay"), ("mail:sent", None)): 1_200,
        (("cart:priced", "price"), ("coupon:used", None), ("cart:paid", "pay"), ("cart:paid", "pay")): 30,
    }
    text = yaml_of(learned(variants), "checkout", "Check out", variants)
    assert (
        text
        == """\
# learned from 1,230 runs in 2 variants:
#   1,200 × cart:priced → cart:paid → mail:sent
#      30 × cart:priced → coupon:used → cart:paid → cart:paid
flow: checkout
name: Check out
steps:
- event: cart:priced
  handler: price
- event: coupon:used
  optional: true
- event: cart:paid
  handler: pay
  repeat: true
- event: mail:sent
  optional: true
"""
    )
    assert [one.line_number for one in read_again(tmp_path, text).steps] == [7, 9, 11, 14]


def test_options_of_options_and_loops_of_options_stay_what_they_are(tmp_path: Path) -> None:
    block = option(choice(option(step_block("a")), step_block("b")))
    text = yaml_of(block, "f", "f", {})
    assert (
        text.partition("\n")[2]
        == """\
flow: f
steps:
- one-of:
  - event: a
    optional: true
  - b
  optional: true
"""
    )
    assert read_again(tmp_path, text).net.place_count == 2
