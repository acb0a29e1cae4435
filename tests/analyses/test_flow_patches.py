"""Corrected definitions: with them, what happened is what is declared."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telemap.analyses.flow_patches import proposed
from telemap.analyses.flows import Params, run
from telemap.records.format_files import read_formats
from telemap.store.declaring import index_definitions
from telemap.store.loading import Ingest, ingest
from telemap.store.store import Store
from tests.analyses.conftest import FORMAT
from tests.analyses.test_flows import DECLARED, Beat, lines_of, sequence

OTHER: Beat = ("cart:other", "fillOther", False)


def yaml_of(beats: list[Beat]) -> str:
    steps = "".join(
        f"  - event: {event}  # {number}\n    handler: {handler}\n" for number, (event, handler, _) in enumerate(beats)
    )
    return f"# what is bought\nflow: checkout\nname: Check out\nsteps:\n{steps}plugin: Shop\n"


WRITTEN = {
    "pretty.json": lambda beats: json.dumps(sequence("checkout", beats), indent=2) + "\n",
    "tabs.json": lambda beats: json.dumps(sequence("checkout", beats), indent="\t"),
    "in one line.json": lambda beats: json.dumps(sequence("checkout", beats)),
    "dense.json": lambda beats: json.dumps(sequence("checkout", beats), separators=(",", ":")) + "\n",
    "crlf.json": lambda beats: json.dumps(sequence("checkout", beats), indent=4).replace("\n", "\r\n"),
    "bom-ü.json": lambda beats: "\ufeff" + json.dumps(sequence("checkout", beats), indent=1) + "\n",
    "flow.yaml": yaml_of,
    "crlf.flow.yaml": lambda beats: yaml_of(beats).replace("\n", "\r\n"),
    "names.flow.yaml": lambda beats: f"flow: checkout\nsteps: [{', '.join(event for event, _, _ in beats)}]\n",
}


@contextmanager
def stored(name: str, text: str, *courses: list[Beat], cut: int = 0) -> Iterator[tuple[Store, Path]]:
    """A store of runs and of a definition, and the folder of the definitions."""
    with TemporaryDirectory() as parent:
        folder = Path(parent)
        log, definitions = folder / "app.log", folder / "definitions"
        definitions.mkdir()
        (definitions / name).write_text(text, encoding="utf-8", newline="")
        lines = [
            line
            for number, beats in enumerate(courses)
            for line in lines_of(beats, f"r{number}", 1000 * number, is_cut=number >= len(courses) - cut)
        ]
        log.write_text(
            "".join(f"2026-01-02T03:04:{ms // 1000:02}.{ms % 1000:03}Z [{run}] {said}\n" for ms, run, said in lines)
        )
        store = Store(folder / "store", create=True)
        ingest(store, [str(log)], Ingest(tuple(read_formats([FORMAT]))))
        index_definitions(store, [definitions])
        yield store, definitions


def applied(store: Store, definitions: Path) -> str:
    """The patch, once it is applied and the definitions are read again."""
    patch = proposed(store, Params())
    command = ["git", "apply", "--whitespace=nowarn", "-"]
    subprocess.run(command, cwd=definitions, input=patch.encode(), check=True, capture_output=True)
    index_definitions(store, [definitions])
    return patch


@st.composite
def changed(draw: st.DrawFn) -> list[Beat]:
    """Beats that are declared otherwise than they run."""
    beats = list(DECLARED)
    for kind in draw(
        st.lists(st.sampled_from(["drop", "move", "insert", "rename", "handler"]), min_size=1, max_size=2)
    ):
        place = draw(st.integers(0, len(beats) - 1))
        event, handler, _ = beats[place]
        match kind:
            case "drop":
                del beats[place]
            case "move":
                beats.insert(draw(st.integers(0, len(beats) - 1)), beats.pop(place))
            case "insert":
                beats.insert(place, (f"cart:added-{len(beats)}", "added", False))
            case "rename":
                beats[place] = (f"{event}-renamed", handler, False)
            case "handler":
                beats[place] = (event, f"{handler}Renamed", False)
    return beats


@pytest.fixture(scope="module")
def ran() -> Iterator[Store]:
    """A store of three runs."""
    with stored("none.json", "{}", DECLARED, DECLARED, DECLARED) as (store, _):
        yield store


@settings(max_examples=12)  # the text of files: tests/definitions/test_corrections.py
@given(st.sampled_from(sorted(WRITTEN)), changed())
def test_with_the_patch_nothing_deviates_any_more(ran: Store, name: str, declared: list[Beat]) -> None:
    with TemporaryDirectory() as folder:
        (Path(folder) / name).write_text(WRITTEN[name](declared), encoding="utf-8", newline="")
        index_definitions(ran, [Path(folder)])
        if any(run(ran, Params()).deviations()):
            assert "not corrected" not in applied(ran, Path(folder))
    found = run(ran, Params())
    assert list(found.deviations()) == []
    assert [one.conforming for one in found.sequences] == [3]


DEFINITION = """{
  "id": "checkout", "name": "Check out", "beats": 3,
  "movements": [
    {
      "name": "Pay",
      "beats": [
        { "beat": 1, "event": "cart:old", "title": "One", "handler": "step1", "kind": "pure" },
        {
          "beat": 2, "story": "I\\u00a0buy \\/ pay",
          "event": "cart:step-2", "handler": "step2",
          "timing": "immediate"
        },
        { "beat": 3, "event": "cart:gone", "title": "Two", "handler": "gone", "timing": "immediate" }
      ]
    }
  ]
}"""


def test_the_text_stays_as_it_was_and_beats_are_numbered_anew() -> None:
    runs = [DECLARED[1], ("cart:new", "step1", False), OTHER]
    with stored("a b.json", DEFINITION, runs, runs, runs) as (store, definitions):
        patch = applied(store, definitions)
        assert list(run(store, Params()).deviations()) == []
        folder = definitions.resolve()
    assert (
        patch
        == f"""# checkout: as 3 complete runs show
# removed: cart:old (beat 1), which never came
# removed: cart:gone (beat 3), which never came
# added: cart:new, after cart:step-2 (beat 2)
# added: cart:other, after cart:new
# in {folder}
--- a/a b.json\t
+++ b/a b.json\t
@@ -4,13 +4,13 @@
     {{
       "name": "Pay",
       "beats": [
-        {{ "beat": 1, "event": "cart:old", "title": "One", "handler": "step1", "kind": "pure" }},
         {{
-          "beat": 2, "story": "I\\u00a0buy \\/ pay",
+          "beat": 1, "story": "I\\u00a0buy \\/ pay",
           "event": "cart:step-2", "handler": "step2",
           "timing": "immediate"
         }},
-        {{ "beat": 3, "event": "cart:gone", "title": "Two", "handler": "gone", "timing": "immediate" }}
+        {{ "beat": 2, "event": "cart:new", "title": "Step 1", "handler": "step1", "timing": "immediate" }},
+        {{ "beat": 3, "event": "cart:other", "title": "Fill Other", "handler": "fillOther", "timing": "immediate" }}
       ]
     }}
   ]
"""
    )


@pytest.mark.parametrize(
    ("courses", "cut", "said"),
    [
        ([DECLARED[1:]] * 2, 0, "checkout: nothing is proposed, it has 2 complete runs of at least 3"),
        ([DECLARED[1:]] * 3 + [DECLARED[:1]], 1, "checkout: nothing is proposed, its complete runs do not agree"),
        ([DECLARED] * 3, 0, "nothing is to be corrected"),
    ],
)
def test_what_is_not_certain_is_only_said(courses: list[list[Beat]], cut: int, said: str) -> None:
    with stored("a.json", WRITTEN["pretty.json"](DECLARED), *courses, cut=cut) as (store, _):
        patch = proposed(store, Params())
    assert patch.startswith(f"# {said}")
    assert patch.count("\n") == 1


def test_what_all_runs_show_is_corrected_and_the_rest_is_told() -> None:
    courses = [DECLARED[1:], [*DECLARED[1:3], OTHER, *DECLARED[3:]], DECLARED[1:]]
    with stored("a.json", WRITTEN["pretty.json"](DECLARED), *courses) as (store, definitions):
        patch = applied(store, definitions)
        left = [(one.kind, one.event) for one in run(store, Params()).deviations()]
    assert left == [("undeclared-event", "cart:other")]
    assert [line for line in patch.splitlines() if line.startswith("# ")][:3] == [
        "# checkout: as 3 complete runs show",
        "# removed: cart:step-1 (beat 1), which never came",
        "# not corrected: undeclared-event, cart:other is not declared, in 1 of 3 runs",
    ]


def test_files_that_changed_or_are_gone_are_told() -> None:
    with stored("a.json", WRITTEN["pretty.json"](DECLARED), *[DECLARED[1:]] * 3) as (store, definitions):
        file = definitions / "a.json"
        file.write_text("\n" + file.read_text())
        assert proposed(store, Params()) == (
            "# checkout: nothing is proposed, a.json changed since; telemap index reads it again\n"
        )
        file.unlink()
        assert proposed(store, Params()) == (
            "# checkout: nothing is proposed, a.json cannot be read: No such file or directory\n"
        )


def test_other_formats_are_to_be_edited_by_hand() -> None:
    text = "sequenceDiagram\ntitle checkout\nA->>B: cart:step-1\nA->>B: cart:step-2\n"
    with stored("a.mmd", text, *[DECLARED[:1]] * 3) as (store, _):
        assert proposed(store, Params()) == (
            "# checkout: nothing is proposed, a.mmd (mermaid) is to be edited by hand\n"
        )


def test_a_flow_is_not_corrected_where_others_play_it() -> None:
    text = f"{yaml_of(DECLARED)}---\nflow: evening\nsteps:\n  - play: checkout\n"
    with stored("a.flow.yaml", text, *[DECLARED[1:]] * 3) as (store, _):
        assert proposed(store, Params()).startswith("# checkout: nothing is proposed")
