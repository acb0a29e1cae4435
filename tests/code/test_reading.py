"""Which files of a tree are read, and what is told of those that cannot be."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from telemap.code.reading import MAX_FILE_BYTES, MAX_LINE_BYTES, CodeIndex, read_tree
from telemap.errors import TelemapError
from telemap.model.declared import Problem


def write(root: Path, files: Mapping[str, str | bytes]) -> Path:
    for path, content in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(content if isinstance(content, bytes) else content.encode())
    return root


def places(index: CodeIndex) -> list[tuple[str, str]]:
    return [(symbol.file_path, symbol.qualified_name) for symbol in index.symbols]


RUN = "def run(): ...\n"


def test_a_tree_is_read_in_the_order_of_paths_and_lines(tmp_path: Path) -> None:
    write(tmp_path, {"b.py": "def two(): ...\ndef one(): ...\n", "a/z.ts": "const run = () => 1;", "a/notes.txt": RUN})
    index = read_tree([tmp_path])
    assert places(index) == [("a/z.ts", "run"), ("b.py", "two"), ("b.py", "one")]
    assert (index.file_paths, index.files_read, index.problems) == (("a/z.ts", "b.py"), 2, ())
    assert index.by_name["one"] == (index.symbols[2],)


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
    assert places(read_tree([tmp_path])) == [("src/kept.py", "run")]


def test_in_a_checkout_what_git_ignores_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = {".gitignore": "generated/\n", "generated/a.py": RUN, "build/kept.py": RUN, "node_modules/a.js": RUN}
    write(tmp_path, files)
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))  # as it is set while a hook runs
    assert places(read_tree([tmp_path])) == [("build/kept.py", "run")]
    # Named itself, an ignored folder is meant.
    assert places(read_tree([tmp_path / "generated"])) == [("a.py", "run")]


def test_a_repository_inside_a_repository_is_read(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": RUN, "inner/b.py": RUN, "inner/.gitignore": "c.py\n", "inner/c.py": RUN})
    for folder in (tmp_path, tmp_path / "inner"):
        subprocess.run(["git", "init", "-q", str(folder)], check=True)
    assert places(read_tree([tmp_path])) == [("a.py", "run"), ("inner/b.py", "run")]


def test_links_are_not_followed(tmp_path: Path) -> None:
    root = write(tmp_path, {"outside/secret.py": RUN, "root/real.py": RUN}) / "root"
    (root / "loop").symlink_to(root)
    (root / "outside").symlink_to(tmp_path / "outside")
    (root / "secret.py").symlink_to(tmp_path / "outside" / "secret.py")
    (root / "again.py").symlink_to(root / "real.py")
    (root / "broken.py").symlink_to(root / "nowhere.py")
    assert places(read_tree([root])) == [("real.py", "run")]
    subprocess.run(["git", "init", "-q", str(root)], check=True)
    assert places(read_tree([root])) == [("real.py", "run")]


def test_several_roots_may_hold_the_same_path(tmp_path: Path) -> None:
    write(tmp_path, {"one/a.py": RUN, "two/a.py": "def other(): ...\n"})
    assert places(read_tree([tmp_path / "one", tmp_path / "two"])) == [("a.py", "other"), ("a.py", "run")]


def test_a_file_under_two_roots_is_read_once(tmp_path: Path) -> None:
    write(tmp_path, {"src/a.py": RUN})
    assert places(read_tree([tmp_path, tmp_path / "src"])) == [("a.py", "run")]


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
        },
    )
    read_bytes = Path.read_bytes

    def refuse(path: Path) -> bytes:
        if path.name == "e_locked.py":
            raise PermissionError(13, "Permission denied")
        return read_bytes(path)

    monkeypatch.setattr(Path, "read_bytes", refuse)
    index = read_tree([tmp_path])
    assert places(index) == [("c_latin.py", "run"), ("d_broken.py", "first"), ("f_good.py", "run")]
    assert index.files_read == 3
    assert [(problem.file_path, problem.line_number, problem.summary) for problem in index.problems] == [
        ("a_large.py", 1, "file skipped"),
        ("b_bundle.js", 1, "file skipped"),
        ("c_latin.py", 2, "text is not UTF-8"),
        ("d_broken.py", 3, "syntax not understood"),
        ("e_locked.py", 1, "file skipped"),
    ]
    assert index.problems[1] == Problem(
        "b_bundle.js",
        1,
        "file skipped",
        "a line of 20,011 bytes, as generated files have",
        "index what it was made from, and list it in .gitignore",
    )


def test_progress_is_told_after_each_file(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": RUN, "b.py": RUN})
    told: list[tuple[int, int]] = []
    read_tree([tmp_path], lambda done, of: told.append((done, of)))
    assert told == [(1, 2), (2, 2)]


def test_a_root_that_is_no_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TelemapError) as caught:
        read_tree([tmp_path / "nowhere"])
    assert caught.value.slug == "no-such-folder"


def test_reading_twice_gives_the_same_index(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": RUN, "b.ts": "export const run = () => 1;"})
    assert read_tree([tmp_path]) == read_tree([tmp_path])
