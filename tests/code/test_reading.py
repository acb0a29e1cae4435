"""Which files of a tree are read, and what is told of those that cannot be."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import chain
from pathlib import Path

import pytest

from telemap.code import readers, reading, workers
from telemap.code.parsing import MAX_FILE_BYTES, MAX_LINE_BYTES, Reading, readers_version
from telemap.code.reading import read_tree
from telemap.model.code import CodeFile
from telemap.model.declared import Problem
from tests.repositories import commit, git


def write(root: Path, files: Mapping[str, str | bytes]) -> Path:
    for path, content in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(content if isinstance(content, bytes) else content.encode())
    return root


def places(readings: Iterable[Reading]) -> list[tuple[str, str]]:
    return sorted((symbol.file_path, symbol.qualified_name) for reading in readings for symbol in reading.symbols)


def problems(readings: Iterable[Reading]) -> list[Problem]:
    return sorted(
        (problem for reading in readings for problem in reading.file.problems), key=lambda problem: problem.file_path
    )


RUN = "def run(): ...\n"


def test_every_file_is_told_with_what_is_found_in_it(tmp_path: Path) -> None:
    write(tmp_path, {"b.py": "def two(): ...\ndef one(): ...", "a/z.ts": "const run = () => 1;\n", "a/notes.txt": RUN})
    of = {reading.file.file_path: reading for reading in read_tree(tmp_path)}
    assert {path: [symbol.name for symbol in reading.symbols] for path, reading in of.items()} == {
        "a/z.ts": ["run"],
        "b.py": ["two", "one"],
    }
    assert of["a/z.ts"].file == CodeFile(
        "a/z.ts",
        "typescript",
        size_bytes=21,
        modified_unix_nano=None,  # it may be written once more in the same moment
        content_hash=subprocess.run(
            ["git", "hash-object", tmp_path / "a/z.ts"], capture_output=True, text=True, check=True
        ).stdout.strip(),
        line_count=1,
    )
    assert of["b.py"].file.line_count == 2


def test_without_git_hidden_vendored_generated_and_minified_files_are_left_out(tmp_path: Path) -> None:
    skipped = [
        ".hidden/a.py",
        "node_modules/a.js",
        ".venv/a.py",
        "dist/a.js",
        "build/a.js",
        "__pycache__/a.py",
        "a.min.js",
    ]
    write(tmp_path, dict.fromkeys(skipped, RUN) | {"src/kept.py": RUN})
    assert places(read_tree(tmp_path)) == [("src/kept.py", "run")]


def test_in_a_checkout_what_git_ignores_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = {".gitignore": "generated/\n", "generated/a.py": RUN, "build/kept.py": RUN, "node_modules/a.js": RUN}
    write(tmp_path, files)
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))  # as it is set while a hook runs
    assert places(read_tree(tmp_path)) == [("build/kept.py", "run")]
    # Named itself, an ignored folder is meant.
    assert places(read_tree(tmp_path / "generated")) == [("a.py", "run")]


def test_a_repository_inside_a_repository_is_read(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": RUN, "inner/b.py": RUN, "inner/.gitignore": "c.py\n", "inner/c.py": RUN})
    for folder in (tmp_path, tmp_path / "inner"):
        subprocess.run(["git", "init", "-q", str(folder)], check=True)
    assert places(read_tree(tmp_path)) == [("a.py", "run"), ("inner/b.py", "run")]


def test_links_are_not_followed(tmp_path: Path) -> None:
    root = write(tmp_path, {"outside/secret.py": RUN, "root/real.py": RUN}) / "root"
    (root / "loop").symlink_to(root)
    (root / "outside").symlink_to(tmp_path / "outside")
    (root / "secret.py").symlink_to(tmp_path / "outside" / "secret.py")
    (root / "again.py").symlink_to(root / "real.py")
    (root / "broken.py").symlink_to(root / "nowhere.py")
    assert places(read_tree(root)) == [("real.py", "run")]
    subprocess.run(["git", "init", "-q", str(root)], check=True)
    assert places(read_tree(root)) == [("real.py", "run")]


def test_what_cannot_be_read_is_told_and_stops_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(
        tmp_path,
        {
            "a_large.py": "#" * 100 + "\n" + "x = 1\n" * (MAX_FILE_BYTES // 6),
            "b_bundle.js": "var a = 1;\nvar b = '" + "x" * MAX_LINE_BYTES + "';\n",
            "c_latin.py": "# one\n# caf\xe9\ndef run(): ...\n".encode("latin-1"),
            "d_broken.py": "def first(): ...\n\ndef second(\n",
            "e_locked.py": RUN,
            "f_good.py": "\ufeffdef run(): ...\n",
            "g_vanished.py": RUN,
        },
    )
    own_bytes = reading.own_bytes

    def refuse(file: Path, most_bytes: int) -> bytes:
        if file.name == "e_locked.py":
            raise PermissionError(13, "Permission denied")
        if file.name == "g_vanished.py":
            file.unlink()
        return own_bytes(file, most_bytes)

    monkeypatch.setattr(reading, "own_bytes", refuse)
    readings = list(read_tree(tmp_path))
    assert places(readings) == [("c_latin.py", "run"), ("d_broken.py", "first"), ("f_good.py", "run")]
    assert {reading.file.file_path for reading in readings if reading.file.content_hash} == {
        "b_bundle.js",
        "c_latin.py",
        "d_broken.py",
        "f_good.py",
    }
    told = problems(readings)
    assert [(problem.file_path, problem.line_number, problem.summary) for problem in told] == [
        ("a_large.py", 1, "file skipped"),
        ("b_bundle.js", 1, "file skipped"),
        ("c_latin.py", 2, "text is not UTF-8"),
        ("d_broken.py", 3, "syntax not understood"),
        ("e_locked.py", 1, "file skipped"),
        ("g_vanished.py", 1, "file skipped"),
    ]
    assert told[1] == Problem(
        "b_bundle.js",
        1,
        "file skipped",
        "a line of 20,011 bytes, as generated files have",
        "index what it was made from, and list it in .gitignore",
    )


def test_a_file_that_is_nested_too_deep_for_one_reader_is_read_by_the_others(tmp_path: Path) -> None:
    deep = "function run() { console.log('runs'); }\nconst app = require('express')();\napp"
    files = {"deep.js": deep + ".use(run)\n" * 3000 + ";", "good.py": RUN, "near.js": deep + ".use(run)\n" * 50 + ";"}
    readings = list(read_tree(write(tmp_path, files)))
    assert places(readings) == [("deep.js", "run"), ("good.py", "run"), ("near.js", "run")]
    [problem] = problems(readings)
    assert problem == Problem(
        "deep.js",
        1,
        "file read in part",
        "expressions are nested too deep; log statements, registrations or calls in it are missing",
        "list it in .gitignore if it is generated",
    )
    read = {reading.file.file_path: reading.found for reading in readings}
    assert {path: len((found or {})["code_call"]) > 50 for path, found in read.items() if path.endswith(".js")} == {
        "deep.js": True,
        "near.js": True,
    }


def test_progress_is_told_after_each_file(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": RUN, "b.py": RUN})
    told: list[tuple[int, int]] = []
    list(read_tree(tmp_path, progress=lambda done, of: told.append((done, of))))
    assert told == [(1, 2), (2, 2)]


def test_what_is_known_is_not_parsed_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = write(tmp_path, dict.fromkeys(("same.py", "touched.py", "changed.py", "empty.py", "gone.py"), RUN))
    age(root)
    (root / "empty.py").write_text("")
    known = {one.file.file_path: one.file for one in read_tree(root)}
    age(root / "touched.py", seconds=50)
    write(root, {"changed.py": "def other(): ...\n"})
    (root / "gone.py").unlink()
    opened: list[str] = []
    own_bytes = reading.own_bytes
    monkeypatch.setattr(reading, "own_bytes", lambda file, most: opened.append(file.name) or own_bytes(file, most))
    again = {one.file.file_path: one for one in read_tree(root, known)}
    # A file of this moment may have changed within its time stamp: its content is compared.
    assert sorted(opened) == ["changed.py", "empty.py", "touched.py"]
    assert {path for path, one in again.items() if one.found is None} == {"same.py", "touched.py", "empty.py"}
    assert again["same.py"].file == known["same.py"]
    modified = (root / "touched.py").stat().st_mtime_ns
    assert again["touched.py"].file == replace(known["touched.py"], modified_unix_nano=modified)
    assert places(again.values()) == [("changed.py", "other")]


def age(path: Path, seconds: int = 100) -> None:
    """Make files look as if they had been written some time ago."""
    for file in path.rglob("*") if path.is_dir() else [path]:
        os.utime(file, (time.time() - seconds, time.time() - seconds))


def test_a_file_that_could_not_be_read_is_tried_again(tmp_path: Path) -> None:
    root = write(tmp_path, {"a.py": RUN})
    age(root)
    [first] = read_tree(root)
    refused = replace(first.file, content_hash=None)
    assert places(read_tree(root, {"a.py": refused})) == [("a.py", "run")]


def test_several_processes_find_what_one_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = write(tmp_path, {f"{n}.py": f"def run_{n}(): ...\nx = (\n" for n in range(30)})
    alone = list(read_tree(root))
    started: list[int] = []
    worker = workers._worker
    monkeypatch.setattr(workers, "_worker", lambda: started.append(1) or worker())
    monkeypatch.setattr(workers, "_cores", lambda: 3)
    monkeypatch.setattr(workers, "BYTES_A_WORKER", 1)
    monkeypatch.setattr(workers, "BYTES_A_BATCH", 50)
    assert (list(read_tree(root)), len(started)) == (alone, 3)
    readings = read_tree(root)
    next(readings)
    readings.close()  # as when it is interrupted: no process is left, which would be told as a warning


def test_the_size_of_a_file_is_asked_once_however_many_share_a_batch() -> None:
    asked: list[int] = []

    class Content(bytes):
        def __len__(self) -> int:
            asked.append(1)
            return super().__len__()

    files = [(CodeFile(f"{n}.py"), Content(b"x = 1\n")) for n in range(50)]
    assert [*chain.from_iterable(workers._batches(files))] == files
    assert len(asked) == 50


def test_a_finding_is_one_more_reader_of_the_same_tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, {"a.py": RUN})
    monkeypatch.setattr(
        readers,
        "READERS",
        (lambda tree: {"shape": [(tree.root.kind(), tree.file_path, tree.symbols[0].name, tree.language.name)]},),
    )
    [one] = read_tree(tmp_path)
    assert one.found == {"code_symbol": one.symbols, "shape": [("module", "a.py", "run", "python")]}


def test_the_version_of_the_readers_is_that_of_their_text_and_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    readers_version.cache_clear()
    before = readers_version()
    assert (before, len(before)) == (readers_version(), 16)
    read_bytes = Path.read_bytes
    for changed in ("functions.toml", "symbols.py"):
        readers_version.cache_clear()
        with monkeypatch.context() as patched:
            patched.setattr(
                Path, "read_bytes", lambda file, name=changed: read_bytes(file) + b"#" * (file.name == name)
            )
            assert readers_version() != before
    readers_version.cache_clear()


@pytest.mark.parametrize("is_checkout", [False, True])
def test_a_folder_that_cannot_be_listed_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_checkout: bool
) -> None:
    root = write(tmp_path, {"a.py": RUN, "locked/b.py": RUN})
    if is_checkout:
        if os.geteuid() == 0:
            pytest.skip("nothing is locked to the system's administrator")
        git(root, "init", "-q")
        (root / "locked").chmod(0)
    else:
        scandir = os.scandir

        def refuse(path: str) -> object:
            if os.path.basename(path) == "locked":
                raise PermissionError(13, "Permission denied", path)
            return scandir(path)

        monkeypatch.setattr(os, "scandir", refuse)
    readings = list(read_tree(root))
    (root / "locked").chmod(0o700)
    assert places(readings) == [("a.py", "run")]
    assert problems(readings) == [
        Problem("locked", 1, "folder skipped", "Permission denied", "make it readable, or list it in .gitignore")
    ]


def test_what_git_once_listed_is_not_read_through_a_link(tmp_path: Path) -> None:
    root = write(tmp_path, {"outside/secret.py": RUN, "root/folder/secret.py": RUN, "root/a.py": RUN}) / "root"
    git(root, "init", "-q")
    git(root, "add", ".")
    (root / "folder" / "secret.py").unlink()
    (root / "folder").rmdir()
    (root / "folder").symlink_to(tmp_path / "outside")
    assert places(read_tree(root)) == [("a.py", "run")]


def test_a_file_that_becomes_a_link_or_a_pipe_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = write(tmp_path, {"outside.py": RUN, "root/link.py": RUN, "root/pipe.py": RUN}) / "root"
    own_bytes = reading.own_bytes

    def swapped(file: Path, most_bytes: int) -> bytes:
        file.unlink()
        if file.name == "link.py":
            file.symlink_to(tmp_path / "outside.py")
        else:
            os.mkfifo(file)
        return own_bytes(file, most_bytes)

    monkeypatch.setattr(reading, "own_bytes", swapped)
    readings = list(read_tree(root))
    assert [problem.file_path for problem in problems(readings)] == ["link.py", "pipe.py"]
    assert places(readings) == []


def test_a_bundle_of_twenty_megabytes_is_not_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, {"bundle.js": b"var a=1;" * 2_500_000, "bundle.js.map": "{}"})
    monkeypatch.setattr(reading, "own_bytes", None)
    [told] = problems(read_tree(tmp_path))
    assert (told.file_path, told.reason) == ("bundle.js", "20,000,000 bytes, as generated files have")


def test_names_that_are_no_text_are_kept_apart(tmp_path: Path) -> None:
    if sys.platform != "linux":
        pytest.skip("file names are text here")
    for name in (b"caf\xe9.py", b"caf\xe8.py", "naïve ☕.py".encode()):
        Path(os.fsdecode(bytes(tmp_path) + b"/" + name)).write_text(RUN)
    assert places(read_tree(tmp_path)) == [("caf\\xe8.py", "run"), ("caf\\xe9.py", "run"), ("naïve ☕.py", "run")]


def test_a_commit_is_read_without_a_checkout(tmp_path: Path) -> None:
    files = {"a.py": RUN, "naïve dir/b.ts": "const run = () => 1;", "node_modules/x.js": "", "notes.txt": RUN}
    root = write(tmp_path / "root", files)
    (root / "link.py").symlink_to("a.py")
    write(root, {"large.py": "x = 1\n" * (MAX_FILE_BYTES // 5)})
    commit_id = commit(root)
    write(root, {"a.py": "def other(): ...\n"})
    (root / "naïve dir" / "b.ts").unlink()
    readings = {one.file.file_path: one for one in read_tree(root, commit_id=commit_id)}
    assert places(readings.values()) == [("a.py", "run"), ("naïve dir/b.ts", "run")]
    assert readings["a.py"].file.content_hash == git(root, "rev-parse", "HEAD:a.py")
    assert readings["large.py"].file.content_hash is None
    assert [problem.file_path for problem in problems(readings.values())] == ["large.py"]
    again = read_tree(root, {path: one.file for path, one in readings.items()}, commit_id=commit_id)
    assert [one.found for one in again] == [None, None, None]
    assert places(read_tree(root / "naïve dir", commit_id=commit_id)) == [("b.ts", "run")]


def test_a_submodule_is_read_where_it_lies_and_told_at_a_commit(tmp_path: Path) -> None:
    inner, root = write(tmp_path / "inner", {"b.py": RUN}), write(tmp_path / "root", {"a.py": RUN})
    commit(inner)
    commit(root)
    git(root, "submodule", "--quiet", "add", str(inner), "inner")
    commit_id = commit(root)
    assert places(read_tree(root)) == [("a.py", "run"), ("inner/b.py", "run")]
    readings = list(read_tree(root, commit_id=commit_id))
    assert places(readings) == [("a.py", "run")]
    assert [(problem.file_path, problem.summary) for problem in problems(readings)] == [("inner", "submodule skipped")]
    git(root, "submodule", "--quiet", "deinit", "-f", "inner")  # what is left is an empty folder
    assert places(read_tree(root)) == [("a.py", "run")]
