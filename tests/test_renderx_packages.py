"""The recorded application's packages, in other versions than the recordings are of, and what is led back to them.

What is right is read from their texts by plain searches, without the readers of the product.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tarfile
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from telemap.mapping.hints import Hints
from telemap.mapping.matching import Matcher
from telemap.mapping.stack_traces import Frame, FrameLocator
from telemap.store.declaring import index_definitions
from telemap.store.indexed import bundle_maps, code_index, log_statements
from telemap.store.indexing import IndexedTree, index_code
from telemap.store.linking import link_code
from telemap.store.store import Store

CONDUCTOR = "musical-conductor"
PLUGINS = ("control-panel", "header", "library", "library-component")
VERSIONS = {
    CONDUCTOR: "1.4.5",
    "@renderx-plugins/control-panel": "0.1.0-rc.4",
    "@renderx-plugins/header": "0.1.1",
    "@renderx-plugins/library": "0.1.1-rc.3",
    "@renderx-plugins/library-component": "0.1.0-rc.5",
}
BUILDS = ("2025-11-15", "2025-11-17", "2025-12-14", "2026-01-17")
SURE = 0.8
CERTAIN = 0.9
SHORTEST = 6  # beginning of a message, in characters, that says where it is from

Texts = dict[str, str]  # by path in the package
Place = tuple[str, int]  # path in the package, line

pytestmark = pytest.mark.shared


class Installed(NamedTuple):
    """A store that has the packages, and what came of reading each."""

    folder: Path
    store: Store
    trees: dict[str, IndexedTree]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """The packages, where a package manager puts them; the test is skipped where there is none."""
    root = tmp_path_factory.mktemp("renderx")
    folder = root / "node_modules"
    if not shutil.which("npm"):
        pytest.skip("no npm on this machine")
    for name, version in VERSIONS.items():
        command = ["npm", "pack", "--silent", f"{name}@{version}"]
        packed = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=120)
        if packed.returncode:
            pytest.skip(f"npm cannot get {name} {version} here")
        with tarfile.open(root / packed.stdout.strip()) as archive:
            archive.extractall(root, filter="data")
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (root / "package").rename(folder / name)
    store = Store(root / "store", create=True)
    trees = index_code(store, [folder / name for name in VERSIONS])
    return Installed(folder, store, {tree.root.relative_to(folder).as_posix(): tree for tree in trees})


def test_sources_are_read_wherever_a_package_has_them(installed: Installed) -> None:
    read = {name: (tree.files_read, tree.files_from_maps) for name, tree in installed.trees.items()}
    assert read == {
        CONDUCTOR: (96, 0),
        "@renderx-plugins/control-panel": (41, 0),
        "@renderx-plugins/header": (7, 7),
        "@renderx-plugins/library": (6, 6),
        "@renderx-plugins/library-component": (5, 0),
    }


@pytest.fixture(scope="module")
def texts(installed: Installed) -> dict[str, Texts]:
    """The sources of each plugin: those that lie there, else those of the bundles that the package leads to."""
    found = {}
    for plugin in PLUGINS:
        package = installed.folder / "@renderx-plugins" / plugin
        lying = {file.relative_to(package).as_posix(): file.read_text() for file in (package / "src").rglob("*.ts*")}
        found[plugin] = lying or dict(mapped(package))
    return found


def mapped(package: Path) -> Iterator[tuple[str, str]]:
    """The sources in the maps of those bundles that are not left over from former builds."""
    exports = json.loads((package / "package.json").read_text())["exports"].values()
    due = [file for export in exports for file in package.glob(export["import"])]
    done: set[Path] = set()
    while due:
        bundle = due.pop()
        if bundle not in done:
            done.add(bundle)
            imported = re.findall(r'(?:from|import) "(\.[^"]+\.js)"', bundle.read_text())
            due += [Path(os.path.normpath(bundle.parent / name)) for name in imported]
            document = json.loads(Path(f"{bundle}.map").read_text())
            for source, text in zip(document["sources"], document.get("sourcesContent", ()), strict=True):
                yield os.path.relpath(bundle.parent / source, package), text


def places(name: str, of_package: Texts) -> list[Place]:
    """Where a package has a handler: exported itself, or written in the object of that name."""
    exported = re.compile(rf"export (async )?(function|const|let) {name}\b")
    inside = re.compile(rf"\s+(async )?{name}\s*[(:]")
    found = []
    for path, text in of_package.items():
        in_handlers = False
        for number, line in enumerate(text.split("\n"), start=1):
            in_handlers = (in_handlers or line.startswith("export const handlers")) and not line.startswith("}")
            if exported.match(line) or (in_handlers and inside.match(line)):
                found.append((path, number))
    return found


def right(link: dict[str, Any], texts: Mapping[str, Texts]) -> set[tuple[str, str, int]]:
    """The package, path and line of each place of a declared handler that its module leaves open.

    Those in the folder of the module count, and the module itself before others.
    """
    package, _, module = (link["handlers_path"] or "").partition("/")[2].partition("/")
    folder, name = f"src/{module}".rpartition("/")[::2] if module else ("src", "")
    found = [(path, line) for path, line in places(link["handler"], texts.get(package, {})) if path.startswith(folder)]
    own = [(path, line) for path, line in found if module and Path(path).stem == name]
    return {(package, path, line) for path, line in own or found}


@pytest.fixture(scope="module", params=BUILDS)
def links(request: pytest.FixtureRequest, installed: Installed, shared_data: Path) -> list[dict[str, Any]]:
    """Each handler that a build declares, with the places that the product found, best first."""
    index_definitions(installed.store, [shared_data / "renderx" / "definitions" / request.param])
    link_code(installed.store)
    return installed.store.rows("""
        SELECT
            d.sequence_id, d.handler, any_value(d.handlers_path) AS handlers_path,
            (
                SELECT list([parse_filename(l.code_root), l.code_file_path, l.code_line_number::VARCHAR] ORDER BY rank)
                FROM code_link AS l
                WHERE (l.sequence_id, l.handler) = (d.sequence_id, d.handler)
            ) AS places,
            max(d.code_confidence) AS confidence
        FROM declared_step AS d
        WHERE d.handler IS NOT NULL
        GROUP BY d.sequence_id, d.handler
        ORDER BY d.sequence_id, d.handler
    """)


def test_every_declared_handler_that_the_packages_have_is_located_where_they_have_it(
    links: list[dict[str, Any]], texts: dict[str, Texts]
) -> None:
    wrong, sure, shared, unknown = [], 0, 0, 0
    for link in links:
        truth = right(link, texts)
        found = [(package, path, int(line)) for package, path, line in link["places"] or ()]
        confidence = link["confidence"] or 0.0
        if not truth:
            # The version that is installed does not have it, or the package is none of those installed.
            unknown += 1
            is_right = confidence < SURE
        elif len(truth) > 1:
            shared += 1
            is_right = set(found[: len(truth)]) == truth and confidence <= 1 / len(truth)
        else:
            sure += 1
            is_right = set(found[:1]) == truth and confidence >= SURE
        if not is_right:
            wrong.append((link, truth))
    assert wrong == []
    assert (sure, shared) == (43, 2)
    assert unknown >= 58


def test_frames_in_the_bundles_are_led_to_the_functions_that_were_bundled(installed: Installed) -> None:
    with installed.store.connect() as connection:
        maps, locator = bundle_maps(connection), FrameLocator(code_index(connection))
    led, left, wrong = 0, set(), []
    for bundle in sorted((installed.folder / "@renderx-plugins").rglob("dist/**/*.js")):
        path = bundle.relative_to(installed.folder).as_posix()
        for number, line in enumerate(bundle.read_text().split("\n"), start=1):
            if function := re.match(r"(?:async )?function (\w+)\(", line):
                place = f"https://renderx.example/{path}", number, function.start(1) + 1
                frame = maps.original_frame(Frame("x", *place, "javascript", is_vendored=True))
                if frame is None:
                    left.add((bundle.name, function[1] if function[1] == "styleInject" else ""))
                    continue
                led += 1
                names = [found.function_name for found in locator.locate(frame).locations]
                if names != [function[1]]:
                    wrong.append((path, function[1], names))
    assert (led, wrong) == (81, [])
    # Bundles of former builds, whose sources are not those that are indexed, and what the bundler adds itself.
    assert left == {
        *((f"chunk-{name}.js", "") for name in ("DRDU6FAC", "I3MZJLAP", "SH4VL2MG", "ZDTCKDK3")),
        *((f"chunk-{name}.js", "styleInject") for name in ("OAOBJ7HD", "XIR2ZRQZ")),
    }


@pytest.fixture(scope="module")
def messages(shared_data: Path) -> list[tuple[str, str]]:
    """Printed places, each with one message of each shape that was printed there."""
    found: dict[tuple[str, str], tuple[str, str]] = {}
    for log in sorted((shared_data / "renderx" / "logs").glob("localhost-*.log")):
        for line in log.read_text(encoding="utf-8", errors="replace").split("\n"):
            if told := re.match(r"(\w+\.ts:\d+) (?:\S+Z )?(.*)", line):
                found.setdefault((told[1], re.sub(r"\"[^\"]*\"|[\d.]+|{.*", "#", told[2])[:40]), (told[1], told[2]))
    return list(found.values())


def written(message: str, code: Texts) -> Iterator[Place]:
    """Where a message can be printed: the first prints at or below the texts that have most of its beginning."""
    message = message.replace("🎽 DataBaton", "${indent}${prefix}")  # the one that the code puts together
    whole = "\n".join(code.values())
    length = bisect_left(range(len(message) + 1), True, key=lambda length: message[:length] not in whole) - 1
    for path, text in code.items():
        is_begun = False
        for number, line in enumerate(text.split("\n"), start=1):
            is_begun = is_begun or (length >= SHORTEST and message[:length] in line)
            if is_begun and re.search(r"\bconsole\.\w+\(", line):
                yield path, number
                is_begun = False


def test_statements_of_another_version_are_found_and_the_shift_is_told(
    installed: Installed, messages: list[tuple[str, str]]
) -> None:
    folder = installed.folder / CONDUCTOR
    code = {file.relative_to(folder).as_posix(): file.read_text() for file in sorted(folder.rglob("*.js"))}
    with installed.store.connect() as connection:
        matcher = Matcher(one for one in log_statements(connection) if one.root == str(folder))
    right, wrong = [], []
    for printed, message in messages:
        for match in matcher.match(message, Hints(printed_location=printed)):
            if match.confidence >= CERTAIN:
                place = match.statement.file_path, match.statement.line_number
                (right if place in set(written(message, code)) else wrong).append((printed, message, match))
    assert wrong == []
    found = {(match.statement.file_path, match.statement.line_number) for _, _, match in right}
    assert len(found) >= 60
    # The printed place is that of another build, most often of the function that prints for others.
    for printed, _, match in right:
        name, line = printed.split(":")
        path, begin = match.statement.file_path, match.statement.line_number
        shift = f"line {line} is not {begin}"
        is_same_file = Path(path).stem == Path(name).stem
        assert (shift if is_same_file else f"file {name} is not {path}") in match.evidence
    subscribed = {match.evidence[2] for _, message, match in right if message.startswith("📡 EventBus: Subscribed to")}
    assert subscribed == {"line 56 is not 61", "line 70 is not 61"}
