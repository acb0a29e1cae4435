"""Which commit a folder and a build are of, and what is in it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from telemap.code.commits import content_hash, contents, entries, head, is_dirty, resolve
from telemap.code.files import own_files
from telemap.mapping.carrying import changes
from tests.repositories import commit, git


def present(root: Path) -> dict[str, str | None]:
    return {path: content_hash((root / path).read_bytes()) for path in own_files(root)}


def test_a_build_is_a_tag_a_hash_or_a_description(tmp_path: Path) -> None:
    first, second, third = commit(tmp_path, "v1.2.3"), commit(tmp_path, "1.3.0"), commit(tmp_path, "service/v2")
    git(tmp_path, "tag", "1.2.3-light", first)
    builds = {
        "v1.2.3": first,
        "1.2.3": first,
        "1.2.3-light": first,
        "v1.3.0": second,
        "service/v2": third,
        second: second,
        second[:7]: second,
        f"v1.2.3-1-g{second[:8]}": second,
        f"1.3.1.dev1+g{third[:7]}": third,
        f"g{third[:10]}": third,
    }
    assert {build: resolve(tmp_path, build) for build in builds} == builds


def test_what_is_no_build_of_one_commit_is_not_resolved(tmp_path: Path) -> None:
    commit_id = commit(tmp_path, "v1")
    git(tmp_path, "branch", "feature")
    git(tmp_path, "branch", "abcdef0")  # which could be a hash
    git(tmp_path, "branch", "g" + commit_id[:3])
    none = [
        "1.0",
        "feature",
        "main",
        "HEAD",
        "abcdef0",
        commit_id[:6],
        "0" * 40,
        "f" * 12,
        "v1-dirty",
        "v1~0",
        "v1^{tree}",
    ]
    none += [f"v1-3-g{commit_id[:7]}-dirty", f"1.0+g{commit_id[:7]}.d20260101", "--all", "", "v1..v1", "v1\nv1", "\0"]
    assert {build: resolve(tmp_path, build) for build in none} == dict.fromkeys(none)


def test_a_tag_goes_before_a_hash_and_a_spelling_before_another(tmp_path: Path) -> None:
    first, second = commit(tmp_path, "v1"), commit(tmp_path, "1")
    git(tmp_path, "tag", second[:7], first)
    assert (resolve(tmp_path, "v1"), resolve(tmp_path, "1"), resolve(tmp_path, second[:7])) == (first, second, first)


def test_only_what_git_keeps_has_a_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tmp_path / "root"
    (root / "ignored").mkdir(parents=True)
    (root / "kept").mkdir()
    (root / "ignored" / "a.py").touch()
    (root / "kept" / "a.py").touch()
    (root / ".gitignore").write_text("ignored\n")
    assert head(root) is None
    git(root, "init", "-q")
    assert head(root) is None  # nothing was committed
    commit_id = commit(root)
    assert [head(folder) for folder in (root, root / "kept", root / "ignored")] == [commit_id, commit_id, None]
    monkeypatch.setenv("PATH", str(tmp_path))  # where there is no git
    assert (head(root), resolve(root, commit_id), entries(root, commit_id)) == (None, None, [])
    assert changes(root, commit_id) is None


def test_files_of_a_commit_are_read_by_their_hashes(tmp_path: Path) -> None:
    files = {"a b.py": b"x\r\n", "naïve/☕.py": b"\xff\n\0", "empty.py": b"", 'q"\n.py': b"1"}
    for name, data in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(data)
    (tmp_path / "link.py").symlink_to("empty.py")
    commit_id = commit(tmp_path)
    found = entries(tmp_path, commit_id)
    hashes = [entry.content_hash or "" for entry in found]
    assert dict(zip([entry.path for entry in found], contents(tmp_path, hashes), strict=True)) == files
    assert {entry.path: entry.size_bytes for entry in found} == {name: len(data) for name, data in files.items()}
    assert hashes == [content_hash(files[entry.path]) for entry in found]
    [lost] = contents(tmp_path, ["0" * 40])
    assert str(lost) == "not in the repository"


def test_a_checkout_is_dirty_when_a_file_that_counts_differs(tmp_path: Path) -> None:
    for name in ("a.py", "b.py", "notes.txt"):
        (tmp_path / name).write_text("x\n")
    commit_id = commit(tmp_path)

    def dirty() -> bool:
        counted = {path: name for path, name in present(tmp_path).items() if path.endswith(".py")}
        return is_dirty(tmp_path, commit_id, counted, lambda path: path.endswith(".py"))

    states = {"clean": dirty()}
    (tmp_path / "notes.txt").write_text("y\n")
    (tmp_path / "a.py").write_bytes(b"x\r\n")
    states["other line ends"] = dirty()
    (tmp_path / "a.py").write_text("y\n")
    states["changed"] = dirty()
    git(tmp_path, "checkout", "-q", ".")
    (tmp_path / "c.py").touch()
    states["new"] = dirty()
    (tmp_path / "c.py").unlink()
    (tmp_path / "b.py").unlink()
    states["gone"] = dirty()
    assert states == {"clean": False, "other line ends": False, "changed": True, "new": True, "gone": True}
    assert not is_dirty(tmp_path, commit_id, {"a.py": None}, lambda path: path == "a.py")  # it was not read


def test_a_shallow_clone_has_only_its_own_commits(tmp_path: Path) -> None:
    whole = tmp_path / "whole"
    whole.mkdir()
    first, second = commit(whole), commit(whole)
    git(tmp_path, "clone", "-q", "--depth", "1", whole.as_uri(), "shallow")
    shallow = tmp_path / "shallow"
    assert (head(shallow), resolve(shallow, first), resolve(shallow, second)) == (second, None, second)
    assert (entries(shallow, first), changes(shallow, first), changes(shallow, first, second)) == ([], None, None)


def test_nothing_that_a_repository_names_is_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root, mark = tmp_path / "root", tmp_path / "ran"
    root.mkdir()
    (root / "a.py").write_text("a\n" * 50)
    (root / ".gitattributes").write_text("*.py filter=evil diff=evil\n")
    first = commit(root)
    (root / "a.py").write_text("a\n" * 49)
    second = commit(root)
    (root / "a.py").write_text("a\n" * 48)
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\ntouch {mark}\ncat\n")
    program.chmod(0o755)
    named = ["core.fsmonitor", "core.sshCommand", "diff.external", "diff.evil.command", "diff.evil.textconv"]
    named += ["filter.evil.clean", "filter.evil.smudge", "filter.evil.process", "core.pager", "core.editor"]
    for name in named:
        git(root, "config", name, str(program))
    git(root, "config", "core.hooksPath", str(tmp_path / "hooks"))
    (tmp_path / "hooks").mkdir()
    (tmp_path / "hooks" / "post-index-change").symlink_to(program)
    git(root, "config", "extensions.partialClone", "origin")
    git(root, "config", "remote.origin.url", f"ext::{program}")
    git(root, "config", "remote.origin.promisor", "true")
    git(root, "config", "protocol.ext.allow", "always")
    monkeypatch.setenv("GIT_EXTERNAL_DIFF", str(program))
    mark.unlink(missing_ok=True)
    assert (own_files(root), head(root)) == ([".gitattributes", "a.py"], second)
    assert not is_dirty(root, second, {"a.py": content_hash(b"a\n" * 49)}, lambda path: path == "a.py")
    for found in (changes(root, first, second), changes(root, first)):
        assert found is not None
        assert found.moved.keys() == {"a.py"}
    assert resolve(root, "1" * 40) is None
    assert [str(content) for content in contents(root, ["1" * 40])] == ["not in the repository"]
    assert not mark.exists()
    # That the trap works.
    subprocess.run(["git", "diff"], cwd=root, env=os.environ, check=False, capture_output=True)
    assert mark.exists()


def test_the_repository_is_only_read(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("a\n")
    commit_id = commit(tmp_path)
    (tmp_path / "a.py").write_text("b\n")

    def state() -> dict[Path, tuple[int, int]]:
        kept = (tmp_path / ".git").rglob("*")
        return {file: (file.stat().st_mtime_ns, file.stat().st_size) for file in kept if file.is_file()}

    before = state()
    own_files(tmp_path)
    is_dirty(tmp_path, commit_id, present(tmp_path))
    assert changes(tmp_path, commit_id) is not None
    assert state() == before
