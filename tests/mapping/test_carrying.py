"""Where the lines of a commit are by now."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from telemap.code.parsing import MAX_FILE_BYTES
from telemap.mapping import carrying
from telemap.mapping.carrying import Carried, Changes, changes
from tests.repositories import commit, git

LINES = [f"line {number}" for number in range(1, 31)]


def write(root: Path, path: str, lines: list[str], end: str = "\n") -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_bytes("".join(line + end for line in lines).encode())


def both(root: Path, before: str) -> list[Changes]:
    """The changes since a commit to what lies there, and once that is committed."""
    found = changes(root, before), changes(root, before, commit(root))
    assert all(found)
    return [one for one in found if one]


def carried(found: Changes, path: str, *line_numbers: int) -> list[int | None]:
    places = [found.carried(path, line_number) for line_number in line_numbers]
    assert all(place and place.file_path == path for place in places)
    return [place.line_number for place in places if place]


def test_lines_move_with_what_is_added_and_removed_before_them(tmp_path: Path) -> None:
    write(tmp_path, "a.py", LINES)
    before = commit(tmp_path)
    write(tmp_path, "a.py", ["new", "new", *LINES[:9], *LINES[12:19], "other", *LINES[20:], "new"])
    for found in both(tmp_path, before):
        assert carried(found, "a.py", 1, 9, 10, 12, 13, 19, 20, 21, 30) == [3, 11, None, None, 12, 18, None, 20, 29]


@pytest.mark.parametrize("seed", range(20))
def test_a_line_that_is_carried_has_the_same_text(tmp_path: Path, seed: int) -> None:
    random = Random(seed)
    write(tmp_path, "a.py", LINES)
    before = commit(tmp_path)
    now = [line for line in LINES if random.random() > 0.2]
    for _ in range(random.randrange(6)):
        now.insert(random.randrange(len(now)), f"new {random.random()}")
    write(tmp_path, "a.py", now)
    found = changes(tmp_path, before)
    assert found is not None
    kept = {line: at for at, line in enumerate(carried(found, "a.py", *range(1, 31)), start=1) if line}
    assert [now[line - 1] for line in kept] == [LINES[at - 1] for at in kept.values()]
    assert len(kept) == len(set(now) & set(LINES))


def test_files_are_followed_or_told_as_gone(tmp_path: Path) -> None:
    for path in ("same.py", "old name.py", "gone.py", "link.py", "notes.txt"):
        write(tmp_path, path, [f"{path} {line}" for line in LINES])
    before = commit(tmp_path)
    (tmp_path / "old name.py").unlink()
    write(tmp_path, "naïve ☕/new name.py", ["new", *(f"old name.py {line}" for line in LINES)])
    (tmp_path / "gone.py").unlink()
    (tmp_path / "link.py").unlink()
    (tmp_path / "link.py").symlink_to("same.py")
    write(tmp_path, "added.py", ["x"])
    for found in both(tmp_path, before):
        places = {path: found.carried(path, 5) for path in ("same.py", "old name.py", "gone.py", "link.py")}
        assert places == {
            "same.py": Carried("same.py", 5),
            "old name.py": Carried("naïve ☕/new name.py", 6),
            "gone.py": Carried(None, None),
            "link.py": Carried(None, None),
        }
        # Of what the commit did not have, or what is no source, nothing is said.
        assert [found.carried(path, 1) for path in ("added.py", "notes.txt", "nowhere.py")] == [None, None, None]


def test_paths_are_those_of_the_root_and_lines_are_not_followed_out_of_it(tmp_path: Path) -> None:
    for path in ("src/a.py", "src/moved.py", "other/a.py"):
        write(tmp_path, path, [f"{path} {line}" for line in LINES])
    before = commit(tmp_path)
    write(tmp_path, "src/a.py", ["new", *(f"src/a.py {line}" for line in LINES)])
    (tmp_path / "src" / "moved.py").rename(tmp_path / "moved.py")
    for found in both(tmp_path / "src", before):
        assert found.file_paths == {"a.py", "moved.py"}
        assert found.carried("a.py", 1) == Carried("a.py", 2)
        assert found.carried("moved.py", 1) == Carried(None, None)


def test_other_line_ends_move_nothing(tmp_path: Path) -> None:
    write(tmp_path, "a.py", LINES)
    write(tmp_path, "b.py", LINES)
    before = commit(tmp_path)
    write(tmp_path, "a.py", LINES, "\r\n")
    write(tmp_path, "b.py", ["new", *LINES], "\r\n")
    for found in both(tmp_path, before):
        assert carried(found, "a.py", 1, 30) == [1, 30]
        assert carried(found, "b.py", 1, 30) == [2, 31]


def test_what_a_file_holds_is_not_taken_for_what_git_says_of_it(tmp_path: Path) -> None:
    awkward = ["@@ -1,9 +1,99 @@", "index 0..1", "diff --git a/x b/x", "-- a", "\0", "caf\u00e9"]
    write(tmp_path, "a.py", [*LINES, "end"])
    before = commit(tmp_path)
    write(tmp_path, "a.py", [*LINES[:5], *awkward, *LINES[5:], "end"])
    for found in both(tmp_path, before):
        assert carried(found, "a.py", 5, 6, 31) == [5, 12, 37]


def test_a_root_whose_path_needs_quotes(tmp_path: Path) -> None:
    root = tmp_path / 'a:b "c" \\d'
    root.mkdir()
    write(root, "a.py", LINES)
    before = commit(root)
    write(root, "a.py", ["new", *LINES])
    for found in both(root, before):
        assert carried(found, "a.py", 1) == [2]


def test_of_files_that_are_not_read_nothing_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tmp_path / "root"
    write(root, "a.py", LINES)
    write(root, "b.py", LINES[::-1])
    write(root, "large.py", ["x = 1"] * (MAX_FILE_BYTES // 5))
    before = commit(root)
    git(root, "worktree", "add", "-q", str(tmp_path / "linked"))
    write(tmp_path / "linked", "a.py", ["new", *LINES])
    own_bytes = carrying.own_bytes

    def refuse(file: Path, most_bytes: int) -> bytes:
        if file.name == "b.py":
            raise PermissionError(13, "Permission denied")
        return own_bytes(file, most_bytes)

    monkeypatch.setattr(carrying, "own_bytes", refuse)
    found = changes(tmp_path / "linked", before)
    assert found is not None
    assert carried(found, "a.py", 1) == [2]
    assert (found.carried("b.py", 1), found.carried("large.py", 1)) == (None, None)
