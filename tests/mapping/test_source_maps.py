"""From frames in bundles to their sources."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from telemap.analyses.mapped_records import mapped_records
from telemap.code.commits import content_hash
from telemap.code.reading import CodeIndex, read_tree
from telemap.code.source_maps import find_source_map, read_source_map
from telemap.mapping.source_maps import BundleMaps, original_frame
from telemap.mapping.stack_traces import Frame, FrameLocator, stack_traces
from telemap.model.code import CodeLocation, CodeSymbol
from telemap.records.format_files import bundled_formats
from telemap.store.indexing import index_code
from telemap.store.loading import Ingest, ingest
from telemap.store.store import Store
from tests.source_maps import source_map

ESBUILD = "esbuild@0.25.12"


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
    if kind == "linked":  # an inline map is in what the index leaves out
        log = tmp_path / "app.log"
        log.write_text(f"2026-01-02T03:04:05.000Z ERROR pay failed\n{ran.stderr}")
        assert place(tmp_path, log) == ("src/pay.ts", 5, "charge")


def place(root: Path, log: Path) -> tuple[str, int, str]:
    """Where the first record of a log comes from, by the code of a folder."""
    store = Store(root / "store", create=True)
    index_code(store, [root])
    ingest(store, [str(log)], Ingest(bundled_formats()))
    best = next(mapped_records(store)).candidates[0]
    return best.file_path, best.line_number, best.function_name


def test_a_frame_of_a_bundle_is_led_to_the_source_that_only_its_map_has(tmp_path: Path) -> None:
    text = "export const id = 1;\nexport function pay() {\n  throw new Error();\n}\n"
    bundled(tmp_path, "../src/pay.ts", text)
    readings = list(read_tree(tmp_path))
    files = {(str(tmp_path), r.file.file_path): r.file.content_hash for r in readings if r.file.content_hash}
    # Another root has another file at the same path.
    other = CodeSymbol("src/pay.ts", 1, 9, "other", "other", "function", "typescript", True, "", root="/other")
    symbols = (replace(symbol, root=str(tmp_path)) for reading in readings for symbol in reading.symbols)
    index = CodeIndex((*symbols, other), ("src/pay.ts", "src/pay.ts"))
    maps = BundleMaps([(str(tmp_path), "dist/app.js.map")], files)
    (trace,) = stack_traces("Error: no\n    at a (https://shop.example/dist/app.js?v=1:1:2345)\n")
    frame = maps.original(trace).in_app_frame()
    assert frame is not None
    expected = CodeLocation("src/pay.ts", 3, "pay", 0.8, "stack", root=str(tmp_path))
    assert FrameLocator(index).locate(frame).locations == (expected,)


def bundled(root: Path, source: str, text: str | None = None) -> None:
    (root / "dist").mkdir(parents=True)
    (root / "dist" / "app.js").write_text("f()\n")
    (root / "dist" / "app.js.map").write_bytes(
        source_map([[(0, 0, 0, 0), (2340, 0, 2, 2)]], sources=[source, "b.ts"], sourcesContent=[text])
    )


AT = Frame("a", "https://shop.example/dist/app.js", 1, 2345, "javascript", is_vendored=False)


def led(frame: Frame, *roots: Path, path: str = "src/pay.ts", text: str = "") -> Frame | None:
    """The frame as the maps of the roots have it, of which each has one indexed file."""
    files = {(str(root), path): content_hash(text.encode()) for root in roots}
    return BundleMaps([(str(root), "dist/app.js.map") for root in roots], files).original_frame(frame)


def test_a_frame_that_no_single_map_leads_to_an_indexed_source_stays_as_it_is(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    bundled(one, "../src/pay.ts")
    bundled(two, "../src/pay.ts")
    original = Frame("", "src/pay.ts", 3, 3, "javascript", is_vendored=False, root=str(one))
    assert led(AT, one) == original
    assert led(AT, one, path="dist/app.js") is None
    assert led(AT) is None
    for changed in ({"column_number": None}, {"line_number": 2}, {"file_path": "/other/app.js"}):
        assert led(replace(AT, **changed), one) is None
    assert led(AT, one, two) is None
    assert led(replace(AT, file_path="/srv/one/dist/app.js"), one, two) == original
    (one / "dist" / "app.js.map").write_text("{")
    assert led(AT, one) is None


def test_the_line_of_a_source_that_has_changed_since_it_was_bundled_is_carried_or_not_known(tmp_path: Path) -> None:
    before = "one\ntwo\nthree\nfour\n"
    bundled(tmp_path, "../src/pay.ts", before)
    (tmp_path / "src").mkdir()

    def line_number(now: str, indexed: str) -> int | None:
        (tmp_path / "src" / "pay.ts").write_text(now)
        frame = led(AT, tmp_path, text=indexed)
        return frame and frame.line_number

    assert line_number(before, before) == 3
    assert line_number(f"new\n{before}", f"new\n{before}") == 4
    for changed in (before.replace("three", "3"), "one\ntwo\n"):
        assert line_number(changed, changed) is None
    assert line_number(f"new\n{before}", "what was indexed") is None
    (tmp_path / "src" / "pay.ts").unlink()
    assert led(AT, tmp_path, text="in another map") is None


def test_a_library_in_a_bundle_is_not_the_programs(tmp_path: Path) -> None:
    bundled(tmp_path, "../node_modules/react/index.js")
    frame = led(AT, tmp_path)
    assert frame is not None
    assert (frame.file_path, frame.is_vendored) == ("node_modules/react/index.js", True)
