"""From places in bundles to their sources."""

from __future__ import annotations

import base64
import json
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telemap.code.source_maps import (
    OriginalPosition,
    SourceMapError,
    embedded_sources,
    find_source_map,
    read_source_map,
)
from tests.source_maps import Segment, source_map

SEGMENTS = st.one_of(
    st.tuples(st.integers(0, 1 << 30)),
    st.tuples(st.integers(0, 1 << 20), st.integers(0, 1), st.integers(0, 1 << 30), st.integers(0, 5000)),
    st.tuples(st.integers(0, 99), st.integers(0, 1), st.integers(0, 99), st.integers(0, 99), st.integers(0, 1)),
)
LINES = st.lists(st.lists(SEGMENTS, max_size=5, unique_by=lambda segment: segment[0]).map(sorted), max_size=6)


def told(segment: Segment | None) -> OriginalPosition | None:
    if segment is None or len(segment) == 1:
        return None
    _, source, line, column, *name = segment
    return OriginalPosition(["a.ts", "b.ts"][source], line + 1, column + 1, "xy"[name[0]] if name else "", False)


@settings(deadline=None)
@given(LINES, st.integers(0, 7), st.integers(0, 120))
def test_a_place_is_that_of_the_last_mapping_before_it_in_its_line(
    lines: list[list[Segment]], line: int, column: int
) -> None:
    read = read_source_map(source_map(lines))
    segments = lines[line] if line < len(lines) else []
    before = [segment for segment in segments if segment[0] <= column]
    assert read.original(line + 1, column + 1) == told(before[-1] if before else None)
    for number_, segments in enumerate(lines, start=1):
        for segment in segments:
            assert read.original(number_, segment[0] + 1) == told(segment)


def test_a_source_without_a_name_is_no_place() -> None:
    assert read_source_map(source_map([[(0, 0, 0, 0)]], sources=[None])).original(1, 1) is None


def test_sections_begin_where_they_say(tmp_path: Path) -> None:
    first = json.loads(source_map([[(0, 0, 0, 0, 1)], [(4, 1, 7, 0)]], sourcesContent=["text", None]))
    second = json.loads(source_map([[(2, 0, 3, 1)], [(2, 0, 4, 1, 0)]], sources=["c.ts"], names=["z"]))
    sections = [
        {"offset": {"line": 0, "column": 0}, "map": first},
        {"offset": {"line": 1, "column": 100}, "map": second},
    ]
    data = json.dumps({"version": 3, "sections": sections}).encode()
    read = read_source_map(data, "dist")
    assert [read.original(*place) for place in [(1, 1), (2, 50), (2, 102), (2, 103), (3, 3), (4, 1)]] == [
        OriginalPosition("dist/a.ts", 1, 1, "y", False),
        OriginalPosition("dist/b.ts", 8, 1, "", False),
        OriginalPosition("dist/b.ts", 8, 1, "", False),
        OriginalPosition("dist/c.ts", 4, 2, "", False),
        OriginalPosition("dist/c.ts", 5, 2, "z", False),
        None,
    ]
    (tmp_path / "a.js.map").write_bytes(data)
    assert embedded_sources(tmp_path / "a.js.map", tmp_path) == {"a.ts": "text"}


@pytest.mark.parametrize(
    ("source", "source_root", "path", "is_outside"),
    [
        ("../src/x.ts", "", "src/x.ts", False),
        ("x.ts", "../src/", "src/x.ts", False),
        ("webpack:///./src/x.ts", "", "src/x.ts", False),
        ("webpack://shop/./src/x.ts?a1b2", "/ignored", "src/x.ts", False),
        ("src/x.ts", "webpack://shop/", "src/x.ts", False),
        (r"..\src\x.ts", "", "src/x.ts", False),
        ("../../src/x.ts", "", "../src/x.ts", True),
        ("webpack:///../src/x.ts", "", "../src/x.ts", True),
        ("/etc/x.ts", "", "/etc/x.ts", True),
        ("file:///etc/x.ts", "", "/etc/x.ts", True),
        ("../..", "", "..", True),
    ],
)
def test_sources_are_relative_to_the_root(source: str | None, source_root: str, path: str, is_outside: bool) -> None:
    read = read_source_map(source_map([[(0, 0, 0, 0)]], sources=[source], sourceRoot=source_root), "dist")
    assert read.original(1, 1) == OriginalPosition(path, 1, 1, "", is_outside)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "no source map of version 3: DecodeError"),
        (b"[]", "no source map of version 3: TypeError"),
        (b"[" * 100_000, "no source map of version 3: RecursionError"),
        (b'{"version": 2}', "source map of version 2; only 3 is known"),
        (b'{"version": 3}', "no source map of version 3: KeyError"),
        (b'{"version": 3, "sources": [], "mappings": 1}', "no source map of version 3: AttributeError"),
        (b'{"version": 3, "sections": [{"offset": {"line": 0, "column": 0}}]}', "does not hold a plain map"),
        (source_map([], mappings="AA!A"), "a character that is no digit: '!'"),
        (source_map([], mappings="AAg,A"), "a number that does not end"),
        (source_map([], mappings="AAAg"), "a number that does not end"),
        (source_map([], mappings="ggggggggA"), "a number of more than 32 bits"),
        (source_map([], mappings="AAA"), "a segment of other than 1, 4 or 5 numbers"),
        (source_map([], mappings="ADAA"), "a place before the beginning"),
        (source_map([[(0, 2, 0, 0)]]), "names a source that it does not have"),
        (source_map([[(0, 0, 0, 0, 2)]]), "names a name that it does not have"),
    ],
)
def test_a_broken_map_is_a_reason(data: bytes, reason: str) -> None:
    with pytest.raises(SourceMapError) as error:
        read_source_map(data)
    assert reason in str(error.value)


def test_the_texts_of_sources_in_the_root_are_told_by_their_paths(tmp_path: Path) -> None:
    folder = tmp_path / "shop" / "dist"
    folder.mkdir(parents=True)
    (tmp_path / "shop" / "package.json").write_text("{}")
    (folder / "package.json").write_text("{}")  # says how to read the scripts beside it, and is none of a project
    texts = {
        "../src/a.ts": "a",
        "webpack://shop/./src/b.ts": "b",
        "webpack://shop/../c.ts": "c",
        "../../../outside.ts": "no",
        "../src/a.ts#": None,
        None: "no",
    }
    data = source_map([], sources=list(texts), sourcesContent=list(texts.values()))
    (folder / "app.js.map").write_bytes(b")]}'\n" + data)
    found = embedded_sources(folder / "app.js.map", tmp_path)
    assert found == {"shop/src/a.ts": "a", "shop/src/b.ts": "b", "c.ts": "c"}
    (folder / "app.js").write_text("")
    read = find_source_map(folder / "app.js", tmp_path)
    assert read is not None
    assert read.sources[:3] == ("shop/src/a.ts", "shop/src/b.ts", "c.ts")


@pytest.mark.parametrize("data", [b"", b"[]", b"[" * 100_000, b'{"sources": [1]}', b'"\xff"', b'{"version": 2}'])
def test_of_a_broken_map_no_texts_are_told(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "app.js.map").write_bytes(data)
    with pytest.raises(SourceMapError):
        embedded_sources(tmp_path / "app.js.map", tmp_path)


@settings(deadline=None)
@given(st.text(alphabet="ACDgAAAA,;", max_size=30))
def test_any_mappings_are_read_or_refused(mappings: str) -> None:
    with suppress(SourceMapError):
        read_source_map(source_map([], mappings=mappings)).original(1, 1)


def test_a_map_is_found_where_its_bundle_is_not(tmp_path: Path) -> None:
    (tmp_path / "a.js.map").write_bytes(source_map([[(0, 0, 0, 0)]]))
    found = find_source_map(tmp_path / "a.js", tmp_path)
    assert found is not None
    assert found.original(1, 1) == OriginalPosition("a.ts", 1, 1, "", False)


def test_a_map_is_found_beside_the_bundle_or_in_it(tmp_path: Path) -> None:
    folder = tmp_path / "dist"
    folder.mkdir()
    data = source_map([[(0, 0, 0, 0)]])
    (folder / "a b.map").write_bytes(b")]}'\n" + data)
    (folder / "silent.js.map").write_bytes(data)
    inline = base64.b64encode(data).decode()
    for name, comment in {
        "named.js": "//# sourceMappingURL=a%20b.map?v=1",
        "style.css": "/*# sourceMappingURL=a%20b.map */",
        "inline.js": f"//# sourceMappingURL=data:application/json;base64,{inline}",
        "silent.js": "",
    }.items():
        (folder / name).write_text(f"f()\n{comment}\n")
        found = find_source_map(folder / name, tmp_path)
        assert found is not None
        assert found.original(1, 1) == OriginalPosition("dist/a.ts", 1, 1, "", False)


def test_no_map_is_fetched_and_none_is_an_answer(tmp_path: Path) -> None:
    bundle = tmp_path / "a.js"
    for comment in ("", "//# sourceMappingURL=missing.map", "//# sourceMappingURL=https://shop.example/a.js.map"):
        bundle.write_text(f"f()\n{comment}")
        assert find_source_map(bundle, tmp_path) is None


@pytest.mark.parametrize(
    ("comment", "reason"),
    [
        ("//# sourceMappingURL=../outside.map", "the source map lies outside of the root"),
        ("//# sourceMappingURL=link.map", "the source map lies outside of the root"),
        ("//# sourceMappingURL=data:application/json;base64,???", "the source map in the bundle is no base64"),
        ("//# sourceMappingURL=%ff.map", "the source map cannot be read"),
    ],
)
def test_a_map_that_cannot_be_used_is_a_reason(tmp_path: Path, comment: str, reason: str) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (tmp_path / "outside.map").write_bytes(source_map([[(0, 0, 0, 0)]]))
    (root / "link.map").symlink_to(tmp_path / "outside.map")
    (root / "a.js").write_text(comment)
    with pytest.raises(SourceMapError, match=reason):
        find_source_map(root / "a.js", root)
