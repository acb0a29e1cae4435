"""What is read of sequence diagrams, and what is told of those that are not understood."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from telemap.definitions.flow import Definitions, Flow
from telemap.definitions.reading import read_definitions
from telemap.flows.alignment import FlowChecker
from telemap.flows.net import net_of, sequence, step
from telemap.model.declared import Step

HELP = "docs/reference/definitions.md says which part of Mermaid is read"


def read(tmp_path: Path, text: str, name: str = "a.mmd") -> Definitions:
    (tmp_path / name).write_text(text, encoding="utf-8", newline="")
    return read_definitions([tmp_path])


def fitting(flow: Flow, *variants: str) -> list[str]:
    checker = FlowChecker(flow.net)
    return [variant for variant in variants if checker.fits(tuple(variant))]


def test_messages_are_steps_and_their_receivers_plugins_or_handlers(tmp_path: Path) -> None:
    text = """\
---
title: Check out
---
%% what everybody agreed on
%%{init: {
  "theme": "dark" }}%%
sequenceDiagram
    autonumber
    actor U as User
    participant C as Cart<br/>service
    create participant pay as pay()
    accDescr {
      what it shows
    }
    U->>+C: cart:priced
    activate C
    Note over U,C: U->>C: this is no message
    C ->> pay : wrap: cart#58;paid
    pay-->>C: paid
    C-x()Other-Service: cart:closed; Other-Service--)C: done
    destroy pay
    deactivate C
"""
    steps = (
        Step("cart:priced", "a.mmd", 15, plugin="Cart service"),
        Step("cart:paid", "a.mmd", 18, "pay"),
        Step("cart:closed", "a.mmd", 20, plugin="Other-Service"),
    )
    net = net_of(sequence(*(step(one.event, number) for number, one in enumerate(steps, start=1))))
    found = Definitions((Flow("Check out", "Check out", "mermaid", net, steps, "a.mmd", 7),), (), ())
    assert read(tmp_path, text) == found
    assert read(tmp_path, "\ufeff" + text.replace("\n", "\r\n")) == found


@pytest.mark.parametrize(
    ("body", "variants", "fitting_ones"),
    [
        ("alt x\nA->>B: a\nelse y\nA->>B: b\nelse\nend\nA->>B: c", ["ac", "bc", "c", "abc"], ["ac", "bc", "c"]),
        ("alt x\nA->>B: a\nend", ["a", "", "aa"], ["a", ""]),
        ("Alt x\nA->>B: a\nELSE\nA->>B: b\nEnd", ["a", "b", ""], ["a", "b"]),
        ("opt x\nA->>B: a\nend\nA->>B: b", ["ab", "b", "aab"], ["ab", "b"]),
        ("loop x\nA->>B: a\nA->>B: b\nend", ["", "ab", "abab", "aba"], ["", "ab", "abab"]),
        ("par x\nA->>B: a\nA->>B: b\nand y\nA->>B: c\nend", ["abc", "acb", "cab", "bac"], ["abc", "acb", "cab"]),
        ("critical x\nA->>B: a\noption y\nA->>B: b\noption z\nend", ["a", "ab", "b"], ["a", "ab"]),
        ("critical\nA->>B: a\nend", ["a", ""], ["a"]),
        ("A->>B: a\nbreak x\nA->>B: b\nend\nA->>B: c\nbreak y\nend\nA->>B: d", ["ab", "ac", "abc"], ["ab", "ac"]),
        ("rect rgb(0, 0, 0)\nA->>B: a\nbreak x\nA->>B: b\nend\nend\nA->>B: c", ["ac", "ab", "abc"], ["ac", "ab"]),
        ("box Aqua Group\nparticipant A\nend\nA->>B: a", ["a"], ["a"]),
        ("A-)B: a\nA->>B: b\nA->>B: c", ["abc", "bac", "bca", "cba"], ["abc", "bac", "bca"]),
        ("alt x\nloop y\nA->>B: a\nend\nelse\nopt\nA->>B: b\nend\nend", ["", "aa", "b", "ab"], ["", "aa", "b"]),
    ],
)
def test_frames_make_the_runs_that_they_say(
    tmp_path: Path, body: str, variants: list[str], fitting_ones: list[str]
) -> None:
    found = read(tmp_path, f"sequenceDiagram\n{body}\n")
    assert found.problems == ()
    assert fitting(found.flows[0], *variants) == fitting_ones


def test_diagrams_in_markdown_have_the_title_or_the_heading_above(tmp_path: Path) -> None:
    text = """\
# The `shop` #

````markdown
```mermaid
sequenceDiagram
A->>B: an example of an example
```
````

1. > ~~~ mermaid
   > sequenceDiagram
   > A->>B: a
   > ~~~

Returns
-------

```mermaid
flowchart
A --> B
```

```{mermaid}
sequenceDiagram
A->>B: b
```

```mermaid
sequenceDiagram
title: Refunds
A->>B: c
```
"""
    found = read(tmp_path, text, "shop.md")
    assert found.problems == ()
    assert [(flow.flow_id, flow.line_number, flow.steps) for flow in found.flows] == [
        ("The shop", 11, (Step("a", "shop.md", 12, plugin="B"),)),
        ("Returns", 24, (Step("b", "shop.md", 25, plugin="B"),)),
        ("Refunds", 29, (Step("c", "shop.md", 31, plugin="B"),)),
    ]


def test_a_diagram_without_a_title_or_heading_has_the_name_of_its_file(tmp_path: Path) -> None:
    diagram = "```{.Mermaid #id}\nsequenceDiagram\nA->>B: a\n```\n"
    (tmp_path / "refund.md").write_text(f"---\ntitle: of the page\n---\n{diagram}")
    found = read(tmp_path, "sequenceDiagram\nA->>B: a\n", "order.mermaid")
    assert [(flow.flow_id, flow.line_number) for flow in found.flows] == [("order", 1), ("refund", 5)]


@pytest.mark.parametrize(
    ("text", "line_number", "summary", "reason"),
    [
        ("loop x\nA->>B: a", 2, "'loop' without its 'end'", "the diagram ends before it does"),
        ("A->>B: a\nend", 3, "'end' without a frame", "everything before it is closed"),
        ("opt x\nelse y\nend", 3, "'else' outside of its frame", "it stands in opt"),
        ("and y", 2, "'and' outside of its frame", "it stands in no frame"),
        (
            "opt x\nbreak y\nend\nend",
            3,
            "'break' inside 'opt' is not supported",
            "it is open what is left out",
        ),
        ("A->>B", 2, "statement is not understood", "it is 'A->>B'"),
        ("A->>B->>C: a", 2, "statement is not understood", "it is 'A->>B->>C: a'"),
        (f"A->>B: {'a' * 1_000}", 2, "statement is too long", "it has more than 1,000 characters"),
        ("A=>B: a", 2, "statement is not understood", "it is 'A=>B: a'"),
        ("A->>B: ", 2, "message without a text", "the text is the name of its event"),
        ("opt x\n" * 60, 52, "diagram is nested too deeply", "more than 50 frames lie in each other"),
    ],
)
def test_what_is_not_understood_is_told_with_its_line_and_other_diagrams_are_used(
    tmp_path: Path, text: str, line_number: int, summary: str, reason: str
) -> None:
    (tmp_path / "other.mmd").write_text("sequenceDiagram\nA->>B: a\n")
    found = read(tmp_path, f"sequenceDiagram\n{text}")
    assert [flow.flow_id for flow in found.flows] == ["other"]
    assert [(one.file_path, one.line_number, one.summary, one.reason, one.help) for one in found.problems] == [
        ("a.mmd", line_number, summary, reason, HELP)
    ]


@pytest.mark.parametrize(
    ("text", "line_number", "summary"),
    [
        ("---\ntitle: [\n---\nsequenceDiagram\n", 3, "front matter is not usable YAML"),
        ("graph TD\nsequenceDiagram\n", 1, "diagram does not begin with 'sequenceDiagram'"),
        ("%%{\nsequenceDiagram\n}%%", 1, "diagram does not begin with 'sequenceDiagram'"),
    ],
)
def test_what_comes_before_the_diagram_is_told_where_it_is_wrong(
    tmp_path: Path, text: str, line_number: int, summary: str
) -> None:
    found = read(tmp_path, text)
    assert found.flows == ()
    assert [(problem.line_number, problem.summary) for problem in found.problems] == [(line_number, summary)]


def test_other_diagrams_and_files_that_are_no_text_are_left_alone_or_told(tmp_path: Path) -> None:
    (tmp_path / "b.mmd").write_bytes(b"sequenceDiagram\nA->>B: \xff\n")
    (tmp_path / "c.md").write_bytes(b"\xff\xfe")
    found = read(tmp_path, "flowchart TD\nA --> B\n")
    assert found.flows == ()
    assert [(one.file_path, one.line_number, one.summary) for one in found.problems] == [
        ("b.mmd", 2, "file cannot be read")
    ]


@pytest.mark.parametrize("begun", ["%%{\n", "accDescr {\n", "A->>", "- ", "&#;", "title ", "participant @{", "---\n"])
def test_what_is_begun_a_hundred_thousand_times_is_refused_soon(tmp_path: Path, begun: str) -> None:
    begin = time.process_time()
    found = read(tmp_path, f"sequenceDiagram\n{begun * 100_000}")
    assert time.process_time() - begin < 10
    assert [flow.steps for flow in found.flows] in ([], [()])
