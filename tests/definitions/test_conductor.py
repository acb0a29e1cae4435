"""What is read from definition files, and what is told of those that are wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telemap.definitions import reading
from telemap.definitions.flow import Definitions, Flow
from telemap.definitions.located_json import JsonObject, read_json
from telemap.definitions.reading import read_definitions
from telemap.errors import TelemapError
from telemap.flows.alignment import FlowChecker
from telemap.flows.net import net_of, sequence, step
from telemap.model.declared import Problem, Route, Step

DRAG = """\
{
  "pluginId": "DragPlugin",
  "id": "drag-symphony",
  "name": "Drag",
  "movements": [
    {
      "id": "move",
      "name": "Move",
      "beats": [
        {
          "beat": 1,
          "event": "drag:move",
          "title": "Move it",
          "handler": "moveIt",
          "timing": "immediate",
          "kind": "stage-crew"
        },
        { "event": "drag:end",
          "beat": 2, "handler": "endIt" }
      ]
    }
  ]
}
"""


def write(root: Path, files: dict[str, Any]) -> Path:
    for path, content in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        text = content if isinstance(content, str) else json.dumps(content, indent=2)
        (root / path).write_text(text, encoding="utf-8")
    return root


def declared(sequence_id: str, *beats: dict[str, Any]) -> dict[str, Any]:
    return {"id": sequence_id, "name": sequence_id, "movements": [{"id": "m", "name": "M", "beats": [*beats]}]}


def beat(number: Any, **changes: Any) -> dict[str, Any]:
    return {"beat": number, "event": f"event:{number}", "handler": "run"} | changes


def told(definitions: Definitions) -> list[tuple[str, int, str, str]]:
    return [(p.file_path, p.line_number, p.summary, p.reason) for p in definitions.problems]


def test_a_beat_names_its_test_with_slashes_of_either_kind(tmp_path: Path) -> None:
    tests = {"testFile": "pkg\\__tests__\\drag.spec.ts", "testCase": "drags"}
    write(tmp_path, {"drag.json": declared("drag", beat(1, **tests), beat(2, testFile="a/b.spec.ts"), beat(3))})
    [flow] = read_definitions([tmp_path]).flows
    assert [(one.test_file, one.test_case) for one in flow.steps] == [
        ("pkg/__tests__/drag.spec.ts", "drags"),
        ("a/b.spec.ts", None),
        (None, None),
    ]


def test_a_folder_of_definitions_is_read_whole(tmp_path: Path) -> None:
    topics = """\
{
  "topics": {
    "drag.moved": { "routes": [] },
    "drag.requested": {
      "routes": [{ "pluginId": "DragPlugin", "sequenceId": "drag-symphony" }]
    }
  }
}
"""
    write(
        tmp_path,
        {
            "json-sequences/drag/index.json": {"sequences": [{"file": "drag.json", "handlersPath": "@shop/drag"}]},
            "json-sequences/drag/drag.json": DRAG,
            "topics-manifest.json": topics,
            "interaction-manifest.json": {"routes": {"app.drag": {"pluginId": "P", "sequenceId": "drag-symphony"}}},
            "plugin-manifest.json": {"plugins": []},
            "package.json": {"name": "shop"},
        },
    )
    path = "json-sequences/drag/drag.json"
    steps = (
        Step("drag:move", path, 11, "moveIt", None, "Move it", "immediate", "stage-crew", "Move", 1, 1),
        Step("drag:end", path, 19, "endIt", movement="Move", movement_number=1, beat=2),
    )
    net = net_of(sequence(step("drag:move", 1), step("drag:end", 2)))
    drag = Flow(
        "drag-symphony",
        "Drag",
        "musical-conductor",
        net,
        steps,
        path,
        3,
        plugin="DragPlugin",
        handlers_path="@shop/drag",
    )
    assert read_definitions([tmp_path]) == Definitions(
        (drag,),
        (
            Route("app.drag", "P", "drag-symphony", "interaction-manifest.json", 3),
            Route("drag.moved", None, None, "topics-manifest.json", 3),
            Route("drag.requested", "DragPlugin", "drag-symphony", "topics-manifest.json", 4),
        ),
        (),
    )


def test_a_sequence_that_no_index_lists_is_read_without_the_place_of_its_handlers(tmp_path: Path) -> None:
    write(tmp_path, {"index.json": {"sequences": []}, "loose/drag.json": DRAG})
    [found] = read_definitions([tmp_path]).flows
    assert (found.flow_id, found.handlers_path, found.file_path) == ("drag-symphony", None, "loose/drag.json")


def test_single_files_are_read_with_what_they_list(tmp_path: Path) -> None:
    write(
        tmp_path, {"drag/index.json": {"sequences": [{"file": "one.json"}]}, "drag/one.json": DRAG, "other.json": DRAG}
    )
    assert [s.file_path for s in read_definitions([tmp_path / "drag" / "index.json"]).flows] == ["one.json"]
    assert [s.file_path for s in read_definitions([tmp_path / "other.json"]).flows] == ["other.json"]


def test_a_file_that_is_named_twice_is_read_once(tmp_path: Path) -> None:
    write(tmp_path, {"drag/drag.json": DRAG})
    found = read_definitions([tmp_path, tmp_path / "drag", tmp_path / "drag" / "drag.json"])
    assert ([s.file_path for s in found.flows], found.problems) == (["drag/drag.json"], ())


def test_of_two_sequences_with_one_id_the_listed_one_counts_and_both_places_are_told(tmp_path: Path) -> None:
    files = {"a.json": declared("s"), "z.json": declared("s"), "index.json": {"sequences": [{"file": "z.json"}]}}
    found = read_definitions([write(tmp_path, files)])
    assert [s.file_path for s in found.flows] == ["z.json"]
    assert found.problems == (
        Problem(
            "a.json",
            2,
            "sequence 's' is declared twice",
            "z.json:2 declares it first, and counts",
            "give one of the two another id, or remove it",
        ),
    )


def test_files_that_are_no_json_are_told_and_stop_nothing(tmp_path: Path) -> None:
    write(
        tmp_path,
        {"a.json": '{\n  "movements": [,]\n}', "b.json": "[" * 200_000 + '"movements"', "c.json": declared("s")},
    )
    write(tmp_path, {"tsconfig.json": "{ // no concern of ours\n}", "list.json": ["movements"]})
    (tmp_path / "d.json").write_bytes(b'{"movements": "\xff"}')
    found = read_definitions([tmp_path])
    assert [s.flow_id for s in found.flows] == ["s"]
    assert told(found) == [
        ("a.json", 2, "file is not valid JSON", "column 17: Expecting value"),
        ("b.json", 1, "file cannot be read", "nested too deeply"),
        (
            "d.json",
            1,
            "file cannot be read",
            "'utf-8' codec can't decode byte 0xff in position 15: invalid start byte",
        ),
        ("list.json", 1, "file holds no definition", "it holds a list"),
    ]


def test_listed_files_that_are_missing_or_outside_are_told(tmp_path: Path) -> None:
    entries = [{"file": "gone.json"}, {"file": "../outside.json"}, {"handlersPath": "x"}, "drag.json"]
    write(tmp_path, {"outside.json": DRAG, "in/index.json": {"sequences": entries}})
    found = read_definitions([tmp_path / "in"])
    assert found.flows == ()
    assert told(found) == [
        ("index.json", 2, "index with an unusable entry in 'sequences'", "number 4 is a text"),
        ("index.json", 4, "listed file 'gone.json' not read", "there is no such file"),
        ("index.json", 7, "listed file '../outside.json' not read", "it lies outside the folder"),
        ("index.json", 9, "entry without a usable 'file'", "'file' is missing"),
    ]


def test_a_sequence_without_an_id_is_told(tmp_path: Path) -> None:
    found = read_definitions([write(tmp_path, {"a.json": {"name": "A", "id": 7, "movements": []}})])
    assert (found.flows, told(found)) == ((), [("a.json", 3, "sequence without a usable 'id'", "'id' is 7")])


@pytest.mark.parametrize(
    ("wrong", "kept", "summary", "reason"),
    [
        (beat(2, event=None), None, "beat without a usable 'event'", "'event' is missing"),
        (beat(2, event=""), None, "beat without a usable 'event'", "'event' is an empty text"),
        (beat(2, event=["e"]), None, "beat without a usable 'event'", "'event' is a list"),
        (
            beat(2, handler=None),
            Step("event:2", "a.json", 15, None, movement="M", movement_number=1, beat=2),
            "beat without a usable 'handler'",
            "'handler' is missing",
        ),
        (
            beat(float("nan"), event="e"),
            Step("e", "a.json", 15, "run", movement="M", movement_number=1, beat=2),
            "beat without a number",
            "'beat' is NaN; its place in the movement, 2, is used",
        ),
        (
            beat("two", event="e"),
            Step("e", "a.json", 15, "run", movement="M", movement_number=1, beat=2),
            "beat without a number",
            "'beat' is a text; its place in the movement, 2, is used",
        ),
        (
            beat(True, event="e"),
            Step("e", "a.json", 15, "run", movement="M", movement_number=1, beat=2),
            "beat without a number",
            "'beat' is true; its place in the movement, 2, is used",
        ),
        (
            beat(2, kind={}),
            Step("event:2", "a.json", 15, "run", movement="M", movement_number=1, beat=2),
            "beat without a usable 'kind'",
            "'kind' is an object",
        ),
    ],
)
def test_a_wrong_beat_costs_only_what_is_wrong_in_it(
    tmp_path: Path, wrong: dict[str, Any], kept: Step | None, summary: str, reason: str
) -> None:
    found = read_definitions([write(tmp_path, {"a.json": declared("s", beat(1), wrong, beat(3))})])
    first, *rest = found.flows[0].steps
    assert first == Step("event:1", "a.json", 10, "run", movement="M", movement_number=1, beat=1)
    assert rest[:-1] == ([kept] if kept else [])
    assert (rest[-1].beat, rest[-1].event) == (3, "event:3")
    [problem] = found.problems
    assert (problem.file_path, problem.summary, problem.reason) == ("a.json", summary, reason)
    assert 15 <= problem.line_number <= 18


def test_wrong_movements_are_told_and_the_sequence_is_kept(tmp_path: Path) -> None:
    movements = [5, {"name": "A"}, {"id": "b", "beats": []}, {"beats": [[]]}]
    found = read_definitions([write(tmp_path, {"a.json": {"id": "s", "name": "S", "movements": movements}})])
    assert found.flows[0].steps == ()
    assert told(found) == [
        ("a.json", 4, "sequence with an unusable entry in 'movements'", "number 1 is 5"),
        ("a.json", 6, "movement without a usable 'beats'", "'beats' is missing"),
        ("a.json", 13, "movement without a usable 'name'", "'name' is missing"),
        ("a.json", 14, "movement with an unusable entry in 'beats'", "number 1 is a list"),
    ]


def test_wrong_routes_are_told_and_the_others_kept(tmp_path: Path) -> None:
    topics = {"a": 1, "b": {}, "c": {"routes": [{"pluginId": "P"}, {"sequenceId": "s"}]}}
    write(tmp_path, {"topics-manifest.json": {"topics": topics}, "interaction-manifest.json": {"routes": []}})
    found = read_definitions([tmp_path])
    assert found.routes == (
        Route("b", None, None, "topics-manifest.json", 4),
        Route("c", None, "s", "topics-manifest.json", 5),
    )
    assert told(found) == [
        ("interaction-manifest.json", 2, "manifest without a usable 'routes'", "'routes' is a list"),
        ("topics-manifest.json", 3, "manifest without a usable 'a'", "'a' is 1"),
        ("topics-manifest.json", 7, "route without a usable 'sequenceId'", "'sequenceId' is missing"),
    ]


def test_a_path_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TelemapError) as caught:
        read_definitions([tmp_path / "nowhere"])
    assert caught.value.slug == "no-such-file"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(JSON, st.sampled_from([None, 0, 2]), st.booleans())
def test_json_with_lines_is_the_same_json(value: Any, indent: int | None, ensure_ascii: bool) -> None:
    assert read_json(json.dumps(value, indent=indent, ensure_ascii=ensure_ascii)) == value


@given(st.dictionaries(st.text("ab{}:,", min_size=1), JSON, min_size=1))
def test_the_line_of_a_key_is_the_one_it_is_written_on(value: dict[str, Any]) -> None:
    text = json.dumps(value, indent=2)
    found = read_json(text)
    assert isinstance(found, JsonObject)
    assert found.line_number == 1
    for key in value:
        assert text.split("\n")[found.line_of(key) - 1].startswith(f'  "{key}": ')


def test_a_key_may_stand_on_another_line_than_its_colon() -> None:
    found = read_json('{"a"\n\n: 1,\n "b": "\\"c\\": {", "d":\n {"e": 2}}')
    assert [found.line_of(key) for key in "abd"] == [1, 4, 4]
    assert (found["d"].line_number, found["d"].line_of("e"), found["d"].line_of("missing")) == (5, 5, 5)


@pytest.mark.shared
@pytest.mark.parametrize(
    ("build", "sequences", "beats", "topics", "topics_without_route", "interactions", "problems"),
    [
        ("2025-11-15", 48, 103, 306, 198, 45, []),
        ("2025-11-17", 48, 103, 306, 220, 45, []),
        # 52 files and 112 beats: one file of three beats repeats the id of another
        (
            "2025-12-14",
            51,
            109,
            447,
            321,
            58,
            [("json-sequences/real-estate-analyzer/search-property.json", 2)],
        ),
        ("2026-01-17", 51, 109, 345, 249, 58, []),
    ],
)
def test_all_recorded_builds_are_read(
    shared_data: Path,
    build: str,
    sequences: int,
    beats: int,
    topics: int,
    topics_without_route: int,
    interactions: int,
    problems: list[tuple[str, int]],
) -> None:
    found = read_definitions([shared_data / "renderx" / "definitions" / build])
    by_topic = [route for route in found.routes if route.file_path == "topics-manifest.json"]
    assert (
        len(found.flows),
        sum(len(declared.steps) for declared in found.flows),
        len(by_topic),
        sum(route.sequence_id is None for route in by_topic),
        len(found.routes) - len(by_topic),
        [(problem.file_path, problem.line_number) for problem in found.problems],
    ) == (sequences, beats, topics, topics_without_route, interactions, problems)
    assert sum(declared.handlers_path is not None for declared in found.flows) == 48


@pytest.mark.shared
def test_the_lines_of_a_recorded_sequence_are_those_in_its_file(shared_data: Path) -> None:
    folder = shared_data / "renderx" / "definitions" / "2025-12-14"
    found = read_definitions([folder])
    for declared in found.flows:
        lines = (folder / declared.file_path).read_text(encoding="utf-8").split("\n")
        assert f'"id": "{declared.flow_id}"' in lines[declared.line_number - 1]
        for one in declared.steps:
            assert f'"beat": {one.beat},' in lines[one.line_number - 1]
    topics = (folder / "topics-manifest.json").read_text(encoding="utf-8").split("\n")
    for route in found.routes:
        if route.file_path == "topics-manifest.json":
            assert topics[route.line_number - 1].strip() == f'"{route.topic}": {{'


def test_beats_that_wait_for_others_run_from_their_turn_on(tmp_path: Path) -> None:
    timings = ["immediate", "after-beat", "next-measure", "delayed", "on-beat"]
    beats = [beat(number, event=event, timing=timings[number]) for number, event in enumerate("abcde")]
    [found] = read_definitions([write(tmp_path, {"a.json": declared("s", *beats)})]).flows
    checker = FlowChecker(found.net)
    assert [checker.fits(tuple(variant)) for variant in ("abcde", "aebcd", "aedcb", "bacde", "eabcd")] == [
        *(True, True, True),
        *(False, False),
    ]


def test_an_empty_file_is_told_where_an_index_lists_it(tmp_path: Path) -> None:
    write(tmp_path, {"index.json": {"sequences": [{"file": "a.json"}]}, "a.json": "", "b.json": "", "c.md": ""})
    assert told(read_definitions([tmp_path])) == [
        ("a.json", 1, "file is not valid JSON", "column 1: Expecting value"),
    ]


def test_a_flow_is_no_larger_than_what_can_be_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MOST_STEPS", 1_200)
    beats = [beat(number, timing="after-beat") for number in range(1_201)]
    texts = {"a.json": json.dumps(declared("s", *beats)), "b.json": json.dumps(declared("t", *beats[1:]))}
    found = read_definitions([write(tmp_path, texts)])
    assert [(flow.flow_id, len(flow.steps)) for flow in found.flows] == [("t", 1_200)]
    assert told(found) == [("a.json", 1, "sequence 's' is too large", "it has 1,201 steps, of 1,200 at most")]


def test_line_ends_and_byte_order_marks_of_windows_change_nothing(tmp_path: Path) -> None:
    [flow] = read_definitions([write(tmp_path, {"drag.json": DRAG})]).flows
    (tmp_path / "drag.json").write_bytes(b"\xef\xbb\xbf" + DRAG.replace("\n", "\r\n").encode())
    assert read_definitions([tmp_path]) == Definitions((flow,), (), ())
