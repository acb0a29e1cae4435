"""Drawings as Mermaid text: what Mermaid itself reads of it is what was drawn."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telemap.model.drawings import Box, Drawing, Line
from telemap.reports.mermaid import MOST_LINES, flowchart, write_mermaid

PACKAGES = ("mermaid@11.17.2", "jsdom@27.0.0")
# What Mermaid makes of entities until it draws them.
READ = """
import {JSDOM} from "jsdom";
const {window} = new JSDOM("");
Object.assign(globalThis, {window, document: window.document});
const {default: mermaid} = await import("mermaid");
let input = "";
for await (const chunk of process.stdin) input += chunk;
const told = [];
for (const text of JSON.parse(input)) {
  try {
    await mermaid.parse(text);
    const {db} = await mermaid.mermaidAPI.getDiagramFromText(text);
    const broken = (label) => label.replace(/<br>/g, "<br/>");
    const plain = (label) => broken(label).replace(/ﬂ°°(\\d+)¶ß/g, (_, code) => String.fromCodePoint(code));
    told.push({
      boxes: [...db.getVertices().values()].map(({id, text}) => [id, plain(text)]),
      lines: db.getEdges().map(({start, end, text}) => [start, end, plain(text)]),
      groups: db.getSubGraphs().map(({title, nodes}) => [plain(title), nodes]),
    });
  } catch (error) { told.push({error: String(error)}); }
}
console.log(JSON.stringify(told));
"""

Reader = Callable[[list[str]], list[dict[str, Any]]]


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> Reader:
    """Reads texts with Mermaid itself; the test is skipped where it cannot be had."""
    folder = tmp_path_factory.mktemp("mermaid")
    if not (shutil.which("npm") and shutil.which("node")):
        pytest.skip("no npm on this machine")
    command = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(folder), *PACKAGES]
    if subprocess.run(command, cwd=folder, capture_output=True, timeout=300).returncode:
        pytest.skip(f"npm cannot get {' and '.join(PACKAGES)} here")
    (folder / "read.mjs").write_text(READ, encoding="utf-8")

    def reader(texts: list[str]) -> list[dict[str, Any]]:
        told = subprocess.run(
            ["node", "read.mjs"], cwd=folder, input=json.dumps(texts).encode(), capture_output=True, timeout=120
        )
        assert told.returncode == 0, told.stderr.decode()
        found: list[dict[str, Any]] = json.loads(told.stdout)
        return found

    return reader


AWKWARD = [
    "end",
    "1. first",
    "12.5 ms",
    "- dash",
    'say "x" `y` $$z$$',
    "a[b](c){d}|e|<f>&amp;#35;",
    "%%{init: {}}%%",
    "C:\\new\\table",
    "ünï 🎼 日本",
    "style x; class y --> z",
    "subgraph",
    "x fa:fa-car",
    "@{ shape: dot }",
    "*a* _b_ __c__",
]


def drawing(names: list[str], group: str | None = None) -> Drawing:
    boxes = tuple(
        Box(f"n{number}", shape, (name, "more"), mood, group, f"{name}.json:3")
        for number, name in enumerate(names)
        for shape in [("box", "event", "dot", "diamond", "terminal")[number % 5]]
        for mood in [("usual", "wrong", "unseen", "unknown")[number % 4]]
    )
    lines = tuple(
        Line(f"n{number}", f"n{number + 1}", name, ("usual", "wrong", "unseen", "unknown")[number % 4], 0.5)
        for number, name in enumerate(names[1:])
    )
    return Drawing("Title", "Text.", boxes, lines)


def told_by(found: Drawing) -> dict[str, Any]:
    def invisible(text: str) -> str:
        return "".join(character for character in text if character != "\u200b").strip()

    return {
        "boxes": [[box.identity, "<br/>".join(map(invisible, box.lines))] for box in found.boxes],
        "lines": [[line.source, line.target, invisible(line.text)] for line in found.lines],
    }


def test_mermaid_reads_what_was_drawn(read: Reader) -> None:
    drawn = [drawing(AWKWARD), drawing(AWKWARD[::-1], "a group [1]"), *(drawing([name, name]) for name in AWKWARD)]
    for one, found in zip(drawn, read([flowchart(one)[0] for one in drawn]), strict=True):
        for part in ("boxes", "lines"):
            for entry in found[part]:
                entry[-1] = "<br/>".join(line.replace("\u200b", "").strip() for line in entry[-1].split("<br/>"))
        assert found["boxes"] == told_by(one)["boxes"]
        assert found["lines"] == told_by(one)["lines"]
        grouped = {box.group for box in one.boxes} - {None}
        assert [title for title, _ in found["groups"]] == sorted(str(group) for group in grouped)


labels = st.text(st.characters(exclude_categories=("Cs", "Cc", "Cn", "Zl", "Zp", "Zs", "Cf")), min_size=1, max_size=12)


def test_mermaid_reads_any_text(read: Reader) -> None:
    drawn: list[Drawing] = []

    @settings(max_examples=60, database=None)
    @given(st.lists(labels, min_size=2, max_size=6))
    def collect(names: list[str]) -> None:
        drawn.append(drawing(names))

    collect()
    for one, found in zip(drawn, read([flowchart(one)[0] for one in drawn]), strict=True):
        plain = [[key, text.replace("\u200b", "")] for key, text in found.get("boxes", [("", str(found))])]
        assert plain == told_by(one)["boxes"]


def written(*drawings: Drawing) -> str:
    out = StringIO()
    write_mermaid(drawings, out)
    return out.getvalue()


def test_a_drawing_is_a_fence_below_its_title() -> None:
    boxes = (Box("n0", "terminal", ("start",)), Box("n1", "box", ("a:b", "2 runs"), "wrong", None, "x.json:3"))
    found = written(Drawing("Check_out", "2 runs", boxes, (Line("n0", "n1", "2", "wrong", 1.0),)))
    assert (
        found
        == """### Check\\_out

2 runs

```mermaid
%%{init: {"flowchart": {"wrappingWidth": 400}}}%%
flowchart TD
  n0(["start"])
  n1["a:b<br/>2 runs"]
  %% x.json:3
  n0 -->|"2"| n1
  classDef c0 stroke:#e5484d,stroke-width:2px
  class n1 c0
  linkStyle 0 stroke:#e5484d,stroke-dasharray:6 4,stroke-width:4px
```
"""
    )


def test_rare_deviations_give_way_where_there_are_too_many_and_it_is_said() -> None:
    boxes = tuple(Box(f"n{number}", "box", ("x",)) for number in range(30))
    pairs = [(one, other) for one in boxes for other in boxes]
    lines = tuple(
        Line(one.identity, other.identity, "", "usual" if number < 10 else "wrong", number / 900)
        for number, (one, other) in enumerate(pairs)
    )
    drawn = Drawing("Wide", "Text", boxes, lines)
    text, left_out = flowchart(drawn)
    assert left_out == len(lines) - MOST_LINES
    assert text.count("-->") == MOST_LINES
    assert "n29 --> n29" in text
    assert f"The {left_out} rarest of 900 lines are not drawn." in written(drawn)


def test_what_mermaid_would_refuse_is_not_written() -> None:
    boxes = tuple(Box(f"n{number}", "box", ("x" * 100,)) for number in range(600))
    lines = tuple(Line(f"n{number}", f"n{number + 1}") for number in range(599))
    assert written(Drawing("Long", "Text", boxes, lines)) == (
        "### Long\n\nText\n\nToo large to be drawn: 600 boxes and 599 lines.\n"
    )


def test_the_text_says_where_each_box_is_from(tmp_path: Path) -> None:
    text, _ = flowchart(drawing(["a", "b"]))
    assert [line.strip() for line in text.splitlines() if "%% " in line and "init" not in line] == [
        "%% a.json:3",
        "%% b.json:3",
    ]
