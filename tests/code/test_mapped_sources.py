"""Sources that are not there, and where they are read from: the maps of bundles, or the bundles themselves."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest

from telemap.code import mapped_sources
from telemap.code.parsing import MAX_FILE_BYTES, Reading
from telemap.code.reading import read_tree
from telemap.model.code import CodeFile
from tests.repositories import git

RUN = "export function run() {}\n"
Known = dict[str, CodeFile]


def write(root: Path, *paths: str, text: str = RUN) -> Path:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
        os.utime(root / path, (1, 1))
    return root


def bundle(root: Path, path: str, texts: Mapping[str, str | None], second: int = 1, code: str = "f()") -> Path:
    """A bundle with a map that has the texts, both of some second."""
    document = {"version": 3, "sources": list(texts), "sourcesContent": list(texts.values()), "mappings": ""}
    for name, content in {path: code, f"{path}.map": json.dumps(document)}.items():
        write(root, name, text=content)
        os.utime(root / name, (second, second))
    return root


def functions(readings: Iterable[Reading]) -> list[tuple[str, str]]:
    return sorted((symbol.file_path, symbol.name) for reading in readings for symbol in reading.symbols)


def problems(readings: Iterable[Reading]) -> list[tuple[str, str]]:
    return sorted((problem.file_path, problem.summary) for reading in readings for problem in reading.file.problems)


def test_sources_that_only_a_map_has_are_read_as_if_they_stood_there(tmp_path: Path) -> None:
    bundle(write(tmp_path, "package.json"), "dist/ui/app.js", {"../../src/a.ts": RUN, "../../src/b.tsx": RUN})
    of = {reading.file.file_path: reading.file for reading in read_tree(tmp_path)}
    assert functions(read_tree(tmp_path)) == [("src/a.ts", "run"), ("src/b.tsx", "run")]
    assert of["src/a.ts"] == CodeFile(
        "src/a.ts",
        "typescript",
        size_bytes=25,
        content_hash=git(tmp_path, "hash-object", str(write(tmp_path, "x") / "x")),
        line_count=1,
        source_map_path="dist/ui/app.js.map",
    )


def test_what_is_there_or_was_removed_or_is_of_others_is_not_read_from_a_map(tmp_path: Path) -> None:
    left_out = ["../src/there.ts", "../src/old/removed.ts", "../node_modules/a/a.ts", "../../outside.ts", "/etc/a.ts"]
    made_up = ["\0helpers.js", "App.vue?script.ts", "style.css", "../lib/null.ts"]
    texts: dict[str, str | None] = dict.fromkeys([*left_out, *made_up, "../lib/kept.ts"], RUN)
    bundle(
        write(tmp_path, "src/there.ts", text="export function own() {}\n"), "dist/app.js", texts | {made_up[3]: None}
    )
    assert functions(read_tree(tmp_path)) == [("lib/kept.ts", "run"), ("src/there.ts", "own")]


def test_maps_are_looked_for_beside_own_files_and_not_among_installed_packages(tmp_path: Path) -> None:
    write(tmp_path, "packages/a/package.json", ".hidden/package.json")
    for path in ("packages/a/build/1.js", "venv/site/dist/2.js", "node_modules/b/dist/3.js", "packages/a/dist/.x/4.js"):
        bundle(tmp_path, path, {f"{Path(path).stem}.ts": RUN})
    write(tmp_path, ".gitignore", text="venv\nbuild\ndist\nnode_modules\n")
    git(tmp_path, "init")
    assert functions(read_tree(tmp_path)) == [("packages/a/build/1.ts", "run")]


def test_of_two_builds_the_texts_of_the_newer_are_read_and_the_others_told(tmp_path: Path) -> None:
    def text(name: str) -> dict[str, str | None]:
        return {"../a.ts": f"export function {name}() {{}}\n"}

    dated = tmp_path / "dated"
    bundle(dated, "dist/1.js", text("older"), second=1)
    bundle(dated, "dist/2.js", text("newer"), second=2)
    assert functions(read_tree(dated)) == [("a.ts", "newer")]
    assert problems(read_tree(dated)) == [("dist/1.js.map", "another a.ts is in another source map")]
    package = write(tmp_path / "package", "package.json", text='{"main": "./dist/index.js"}')
    bundle(package, "dist/chunk-A.js", text("older"), second=3)
    bundle(package, "dist/chunk-B.js", text("newer"))
    bundle(package, "dist/chunk-C.js", {}, code='import "./chunk-A.js"', second=3)
    bundle(package, "dist/index.js", {}, code='import "./chunk-B.js"')
    assert functions(read_tree(package)) == [("a.ts", "newer")]
    same = bundle(bundle(tmp_path / "same", "dist/1.js", text("run")), "dist/2.js", text("run"))
    assert (functions(read_tree(same)), problems(read_tree(same))) == ([("a.ts", "run")], [])


def test_a_map_that_cannot_be_used_is_told_and_stops_nothing(tmp_path: Path) -> None:
    bundle(tmp_path, "dist/good.js", {"../a.ts": RUN, "../large.ts": "x\n" * MAX_FILE_BYTES, "../bad.ts": "if ("})
    write(tmp_path, "dist/broken.js.map", text="{")
    write(tmp_path, "dist/link.js.map").joinpath("dist/link.js.map").unlink()
    (tmp_path / "dist/link.js.map").symlink_to(tmp_path / "dist/good.js.map")
    readings = list(read_tree(tmp_path))
    assert functions(readings) == [("a.ts", "run")]
    assert problems(readings) == [
        ("bad.ts", "syntax not understood"),
        ("dist/broken.js.map", "source map skipped"),
        ("large.ts", "file skipped"),
    ]


def test_only_changed_maps_are_opened_and_only_changed_sources_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle(write(tmp_path, "package.json"), "dist/app.js", {"../src/a.ts": RUN, "../src/b.ts": RUN})
    write(tmp_path, "dist/broken.js.map", text="{")
    opened: list[str] = []
    embedded = mapped_sources.embedded_sources
    monkeypatch.setattr(mapped_sources, "embedded_sources", lambda *at: (opened.append(at[0].name), embedded(*at))[1])

    def read(known: Known) -> tuple[Known, list[str], bool]:
        opened.clear()
        readings = list(read_tree(tmp_path, known))
        changed = sorted(reading.file.file_path for reading in readings if reading.found is not None)
        return {reading.file.file_path: reading.file for reading in readings}, changed, bool(opened)

    first, changed, _ = read({})
    assert changed == ["dist/app.js.map", "dist/broken.js.map", "src/a.ts", "src/b.ts"]
    assert read(first) == (first, [], False)
    bundle(tmp_path, "dist/app.js", {"../src/a.ts": RUN, "../src/b.ts": RUN * 2}, second=2)
    second, changed, _ = read(first)
    assert changed == ["dist/app.js.map", "src/b.ts"]
    assert read(second) == (second, [], False)
    # A source that comes to be there counts, and what its folder lacks was removed.
    write(tmp_path, "src/a.ts")
    third, changed, _ = read(second)
    assert (sorted(third), changed) == (["dist/app.js.map", "dist/broken.js.map", "src/a.ts"], [])
    assert third["src/a.ts"].source_map_path is None
    (tmp_path / "src/a.ts").unlink()
    (tmp_path / "src").rmdir()
    assert sorted(read(third)[0]) == sorted(second)
    (tmp_path / "dist/app.js.map").unlink()
    assert sorted(read(second)[0]) == ["dist/app.js", "dist/broken.js.map"]


def test_a_map_of_this_moment_is_opened_again(tmp_path: Path) -> None:
    bundle(write(tmp_path, "package.json"), "dist/app.js", {"../a.ts": RUN}, second=int(time.time()) + 9)
    known = {reading.file.file_path: reading.file for reading in read_tree(tmp_path)}
    bundle(tmp_path, "dist/app.js", {"../a.ts": "export function sun() {}\n"}, second=int(time.time()) + 9)
    assert functions(read_tree(tmp_path, known)) == [("a.ts", "sun")]


def test_functions_that_log_are_known_across_sources_of_maps(tmp_path: Path) -> None:
    texts = {
        "../log.ts": "export function tell(text) {\n  console.log(text);\n}\n",
        "../pay.ts": 'import { tell } from "./log";\nexport function pay() {\n  tell("paid");\n}\n',
    }
    bundle(tmp_path, "dist/app.js", texts)
    found = {reading.file.file_path: reading.found or {} for reading in read_tree(tmp_path)}
    assert [str(one.template) for one in found["pay.ts"]["log_statement"]] == ["paid"]


def test_a_folder_without_sources_is_read_with_what_a_build_has_left(tmp_path: Path) -> None:
    write(tmp_path, "package.json", "dist/a.js", "dist/b.min.js", "dist/node_modules/c.js")
    bundle(tmp_path, "build/d.js", {"../src/d.ts": None})
    write(tmp_path, ".gitignore", text="dist\nbuild\n")
    for _ in "as it is", "in a checkout":
        assert functions(read_tree(tmp_path)) == [("dist/a.js", "run")]
        git(tmp_path, "init")
    write(tmp_path, "src/e.ts")
    assert functions(read_tree(tmp_path)) == [("src/e.ts", "run")]


def test_a_folder_in_node_modules_is_read_when_it_is_named(tmp_path: Path) -> None:
    root = write(tmp_path, ".gitignore", text="node_modules\n") / "node_modules" / "@shop" / "pay"
    write(root, "lib/a.js", "node_modules/other/b.js", "package.json")
    bundle(root, "dist/c.js", {"../src/c.ts": RUN})
    for _ in "as it is", "in a checkout":
        assert functions(read_tree(root)) == [("lib/a.js", "run"), ("src/c.ts", "run")]
        git(tmp_path, "init")
