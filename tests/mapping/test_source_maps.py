"""From places in bundles to their sources."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telemap.mapping.source_maps import (
    DIGITS,
    OriginalPosition,
    SourceMapError,
    find_source_map,
    original_frame,
    read_source_map,
)
from telemap.mapping.stack_traces import Frame, stack_traces

ESBUILD = "esbuild@0.25.12"
Segment = tuple[int, ...]  # column, and maybe source, line, column, and maybe name


def encoded(lines: Sequence[Sequence[Segment]]) -> str:
    """Mappings, from 0, as a bundler writes them: numbers as differences, five bits a digit."""
    before = [0] * 5
    written = []
    for line in lines:
        before[0] = 0
        segments = []
        for segment in line:
            segments.append("".join(number(new - old) for new, old in zip(segment, before, strict=False)))
            before[: len(segment)] = segment
        written.append(",".join(segments))
    return ";".join(written)


def number(value: int) -> str:
    rest = abs(value) << 1 | (value < 0)
    digits = ""
    while True:
        rest, digit = rest >> 5, rest & 31
        digits += chr(DIGITS[digit | (32 if rest else 0)])
        if not rest:
            return digits


def source_map(lines: Sequence[Sequence[Segment]], **members: Any) -> bytes:
    document = {"version": 3, "sources": ["a.ts", "b.ts"], "names": ["x", "y"], "mappings": encoded(lines)}
    return json.dumps(document | members).encode()


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


def test_sections_begin_where_they_say() -> None:
    first = json.loads(source_map([[(0, 0, 0, 0, 1)], [(4, 1, 7, 0)]], sourcesContent=["text", None]))
    second = json.loads(source_map([[(2, 0, 3, 1)], [(2, 0, 4, 1, 0)]], sources=["c.ts"], names=["z"]))
    sections = [
        {"offset": {"line": 0, "column": 0}, "map": first},
        {"offset": {"line": 1, "column": 100}, "map": second},
    ]
    read = read_source_map(json.dumps({"version": 3, "sections": sections}).encode(), "dist")
    assert [read.original(*place) for place in [(1, 1), (2, 50), (2, 102), (2, 103), (3, 3), (4, 1)]] == [
        OriginalPosition("dist/a.ts", 1, 1, "y", False),
        OriginalPosition("dist/b.ts", 8, 1, "", False),
        OriginalPosition("dist/b.ts", 8, 1, "", False),
        OriginalPosition("dist/c.ts", 4, 2, "", False),
        OriginalPosition("dist/c.ts", 5, 2, "z", False),
        None,
    ]
    assert read.sources_content == {"dist/a.ts": "text"}


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


@settings(deadline=None)
@given(st.text(alphabet="ACDgAAAA,;", max_size=30))
def test_any_mappings_are_read_or_refused(mappings: str) -> None:
    with suppress(SourceMapError):
        read_source_map(source_map([], mappings=mappings)).original(1, 1)


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


def test_a_frame_outside_of_the_root_is_not_the_programs() -> None:
    read = read_source_map(source_map([[(0, 0, 0, 0), (9, 1, 4, 2)]], sources=["src/a.ts", "../b.ts"]))
    frame = Frame("e", "/srv/app.js", 1, 1, "javascript", is_vendored=False)
    at_b = Frame("e", "/srv/app.js", 1, 12, "javascript", is_vendored=False)
    assert original_frame(frame, read) == Frame("", "src/a.ts", 1, 1, "javascript", is_vendored=False)
    assert original_frame(at_b, read) == Frame("", "../b.ts", 5, 3, "javascript", is_vendored=True)
    assert original_frame(Frame("e", "", None, None, "javascript", is_vendored=False), read) is None
    assert original_frame(Frame("e", "/srv/app.js", 2, 1, "javascript", is_vendored=False), read) is None


@pytest.fixture(scope="module")
def esbuild(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A real bundler, installed for the test; the test is skipped where that cannot be."""
    folder = tmp_path_factory.mktemp("bundler")
    if not shutil.which("npm") or not shutil.which("node"):
        pytest.skip("no node and npm on this machine")
    (folder / "package.json").write_text("{}")
    command = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--silent", ESBUILD]
    if subprocess.run(command, cwd=folder, capture_output=True, timeout=120).returncode:
        pytest.skip(f"npm cannot install {ESBUILD} here")
    return folder / "node_modules" / "esbuild" / "bin" / "esbuild"


@pytest.mark.parametrize("kind", ["linked", "inline"])
def test_an_error_in_a_real_bundle_leads_to_the_line_of_typescript(tmp_path: Path, esbuild: Path, kind: str) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "pay.ts").write_text(
        "export interface Cart { total: number }\n\nexport function charge(cart: Cart): number {\n"
        "  if (cart.total < 0) {\n    throw new RangeError(`no such total: ${cart.total}`);\n  }\n  return 1;\n}\n"
    )
    (tmp_path / "src" / "main.ts").write_text(
        'import { charge } from "./pay";\n\nconst run = (total: number): number => charge({ total });\nrun(-1);\n'
    )
    options = ["--bundle", "--minify", f"--sourcemap={kind}", "--platform=node", "--outfile=dist/app.js"]
    command = ["node", str(esbuild), "src/main.ts", *options]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    ran = subprocess.run(["node", "dist/app.js"], cwd=tmp_path, capture_output=True, text=True)
    (trace,) = stack_traces(ran.stderr)
    bundle = tmp_path / "dist" / "app.js"
    read = find_source_map(bundle, tmp_path)
    assert read is not None
    frames = [original_frame(frame, read) for frame in trace.frames if frame.file_path == str(bundle)]
    assert [(frame.file_path, frame.line_number) for frame in frames if frame] == [
        ("src/pay.ts", 5),
        ("src/main.ts", 3),
        ("src/main.ts", 4),
    ]
    assert read.sources_content["src/main.ts"] == (tmp_path / "src" / "main.ts").read_text()
