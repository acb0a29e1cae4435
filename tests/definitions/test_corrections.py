"""Definitions corrected in place: steps become others, everything else stays."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telemap.definitions.corrections import Correction, Item, NewStep, UneditableError, corrected
from telemap.definitions.flow import Flow
from telemap.definitions.reading import read_proposed

Steps = list[str]


def conductor(steps: Steps) -> dict[str, object]:
    beats = [{"beat": n, "event": event, "handler": f"of {event}", "x": [{}]} for n, event in enumerate(steps, 1)]
    return {"id": "f", "name": "F", "beats": len(beats), "movements": [{"name": "m", "beats": beats}], "z": "µ"}


def in_lines(steps: Steps) -> str:
    told = "".join(
        f"\n  # about {event}\n  - event: {event!r}  # {n}\n    handler: h\n" for n, event in enumerate(steps)
    )
    return f"name: F\nsteps:{told}flow: f\n"


WRITTEN: dict[str, Callable[[Steps], str]] = {
    "a.json": lambda steps: json.dumps(conductor(steps), indent=2),
    "tabs.json": lambda steps: json.dumps(conductor(steps), indent="\t", ensure_ascii=False) + "\n",
    "dense.json": lambda steps: json.dumps(conductor(steps), separators=(",", ":")),
    "crlf.json": lambda steps: json.dumps(conductor(steps), indent=1).replace("\n", "\r\n"),
    "a.flow.yaml": in_lines,
    "crlf.flow.yaml": lambda steps: in_lines(steps).replace("\n", "\r\n"),
    "several.flow.yaml": lambda steps: f"flow: g\nsteps: [x]\n---\n{in_lines(steps)}",
    "names.flow.yaml": lambda steps: f"flow: f\nsteps: [{', '.join(map(json.dumps, steps))}]\n",
    "column.flow.yaml": lambda steps: "flow: f\nsteps:\n" + "".join(f"- {json.dumps(event)}\n" for event in steps),
}
names = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn", "Zl", "Zp")), min_size=1).filter(
    lambda name: name.strip() == name and "\ufeff" not in name and "\ufffe" not in name
)


def read(name: str, text: str) -> Flow:
    found = read_proposed(Path(), {name: text.encode()})
    assert found.problems == ()
    return next(flow for flow in found.flows if flow.flow_id == "f")


@st.composite
def changes(draw: st.DrawFn) -> tuple[Steps, Correction, list[str]]:
    """Steps, what is to be changed of them, and the events that must be there then."""
    count = draw(st.integers(2, 5))
    before = [f"e:{number}" for number in range(1, count + 1)]
    numbers = list(range(1, count + 1))
    removed = frozenset(draw(st.lists(st.sampled_from(numbers), max_size=count - 1, unique=True)))
    kept = [number for number in numbers if number not in removed]
    renamed = draw(st.dictionaries(st.sampled_from(kept), names, max_size=2))
    after: list[Item] = list(kept)
    placed: list[tuple[Item, Item | None]] = []
    moved = draw(st.lists(st.sampled_from(kept), max_size=2, unique=True)) if len(kept) > 1 else []
    for item in [*moved, *(NewStep(draw(names), n, "newOne", "New") for n in range(draw(st.integers(0, 2))))]:
        if item in after:
            after.remove(item)
        anchor = draw(st.sampled_from([None, *after]))
        after.insert(0 if anchor is None else after.index(anchor) + 1, item)
        placed.append((item, anchor))
    events = [one.event if isinstance(one, NewStep) else renamed.get(one, before[one - 1]) for one in after]
    return before, Correction(renamed, {}, removed, tuple(placed)), events


@settings(max_examples=400)
@given(st.sampled_from(sorted(WRITTEN)), changes())
def test_the_steps_are_as_they_are_meant(name: str, change: tuple[Steps, Correction, list[str]]) -> None:
    before, correction, events = change
    text = WRITTEN[name](before)
    found = read(name, corrected(text, read(name, text), correction))
    assert [step.event for step in found.steps] == events
    if name.endswith(".json"):
        assert [step.beat for step in found.steps] == list(range(1, len(events) + 1))


@pytest.mark.parametrize("form", ["flow: f\nsteps:\n- a\n- event: b\n", "flow: f\nsteps: [a, event: b]\n"])
@pytest.mark.parametrize(
    "event", ["-", "?", "- a", "a: b", "a #b", "a, b", "]", "'", '"', "|", "null", "*a", "%a", "é"]
)
def test_whatever_an_event_is_called_it_is_read_again(event: str, form: str) -> None:
    correction = Correction({1: event, 2: event}, placed=((NewStep(event, 0), 2),))
    found = read("a.flow.yaml", corrected(form, read("a.flow.yaml", form), correction))
    assert [step.event for step in found.steps] == [event] * 3


@given(st.sampled_from(sorted(WRITTEN)), st.integers(1, 5))
def test_nothing_else_is_touched(name: str, count: int) -> None:
    text = WRITTEN[name]([f"e:{number}" for number in range(count)])
    flow = read(name, text)
    assert corrected(text, flow, Correction()) == text
    lines = zip(text.split("\n"), corrected(text, flow, Correction({1: "other"})).split("\n"), strict=True)
    assert sum(one != other for one, other in lines) == 1


def test_lines_and_comments_go_with_their_step() -> None:
    text = """# top
flow: f
steps:
  # first
  - a:1     # one
  - event: a:2
    handler: 'pay'
    within: 2s

  # about mail
  - parallel: [b:1, b:2]
  - a:3   # last
name: Foo
"""
    new = NewStep("b:3", 0, "send", "Send"), NewStep("a: 4", 1)
    correction = Correction({2: "it's"}, {2: "pay's"}, frozenset(), ((new[0], 3), (5, None), (new[1], 1)))
    assert (
        corrected(text, read("a.flow.yaml", text), correction)
        == """# top
flow: f
steps:
  # first
  - a:3   # last
  - a:1     # one
  - "a: 4"
  - event: it's
    handler: 'pay''s'
    within: 2s

  # about mail
  - parallel: [b:1, {event: b:3, handler: send}, b:2]
name: Foo
"""
    )


def test_a_new_beat_is_written_as_those_beside_it() -> None:
    text = """{
  "id": "f", "name": "F",
  "movements": [
    {"name": "m", "beats": [
      { "beat": 3, "event": "a", "title": "A", "handler": "h", "dynamics": "mf", "timing": "immediate", "kind": "io" },
      { "beat": 4, "story": "I\\u00a0buy \\/ pay",
        "event": "b", "handler": "h" }
    ]},
    {"name": "n", "beats": [{"beat": 5, "event": "c", "handler": "h"}]}
  ]
}"""
    correction = Correction({}, {}, frozenset(), ((NewStep("new", 0, "makeNew", "Make New"), 1),))
    assert corrected(text, read("a.json", text), correction) == text.replace(
        '"kind": "io" },\n',
        '"kind": "io" },\n      { "beat": 4, "event": "new", "title": "Make New", "handler": "makeNew", '
        '"dynamics": "mf", "timing": "immediate" },\n',
    ).replace('"beat": 4, "story"', '"beat": 5, "story"').replace('{"beat": 5,', '{"beat": 6,')


@pytest.mark.parametrize(
    ("text", "correction"),
    [
        ("flow: f\nsteps:\n  - play: g\n---\nflow: g\nsteps: [a, b]\n", Correction(removed=frozenset([1]))),
        ("flow: f\nsteps:\n  - event: a\n    between: b\n", Correction(removed=frozenset([2]))),
        ("flow: f\nsteps: [a, b]\n", Correction(handlers={1: "other"})),
    ],
)
def test_what_cannot_be_changed_in_place_is_refused(text: str, correction: Correction) -> None:
    with pytest.raises(UneditableError):
        corrected(text, read("a.flow.yaml", text), correction)
