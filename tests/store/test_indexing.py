"""What the store has of the code: as it is now, and as it was at commits."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from telemap.errors import TelemapError
from telemap.mapping.stack_traces import Frame, FrameLocator
from telemap.model.code import CodeLocation
from telemap.store import indexing
from telemap.store.indexed import bundle_maps, code_index
from telemap.store.indexing import IndexedTree, index_code
from telemap.store.linking import link_code
from telemap.store.store import Store
from tests.repositories import commit, git

RUN = "def run(): ...\n"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store", create=True)


def write(root: Path, **files: str) -> Path:
    root.mkdir(exist_ok=True)
    for name, text in files.items():
        (root / f"{name}.py").write_text(text)
        os.utime(root / f"{name}.py", (time.time() - 100, time.time() - 100 + len(text)))
    return root


def functions(store: Store) -> list[tuple[str, bool, str, str]]:
    """Folder, whether at a commit, path and name of all functions."""
    rows = store.rows("FROM code_symbol ORDER BY ALL")
    return sorted((Path(r["root"]).name, r["commit_id"] is not None, r["file_path"], r["name"]) for r in rows)


def counts(trees: Sequence[IndexedTree]) -> list[tuple[int, int]]:
    return [(tree.files_read, tree.files_unchanged) for tree in trees]


def versions(store: Store) -> list[int]:
    return [store.table(name).version() for name in ("code_symbol", "log_statement", "registration", "code_file")]


def test_only_what_changed_is_read_and_replaced(tmp_path: Path, store: Store) -> None:
    root = write(tmp_path / "src", same=RUN, changed=RUN, gone=RUN)
    assert counts(index_code(store, [root])) == [(3, 0)]
    write(root, changed="def other(): ...\n", new="def more(): ...\n")
    (root / "gone.py").unlink()
    assert counts(index_code(store, [root])) == [(2, 1)]
    expected = [("changed.py", "other"), ("new.py", "more"), ("same.py", "run")]
    assert functions(store) == [("src", False, path, name) for path, name in expected]
    assert [row["file_path"] for row in store.rows("FROM code_file ORDER BY file_path")] == [p for p, _ in expected]


def test_an_index_of_what_did_not_change_leaves_the_tables_as_they_are(tmp_path: Path, store: Store) -> None:
    root = write(tmp_path / "src", a=RUN, broken="def run(\n")
    (root / "large.py").write_text("x = 1\n" * 400_000)
    os.utime(root / "large.py", (1, 1))
    [first] = index_code(store, [root])
    before = versions(store)
    [again] = index_code(store, [root])
    assert (counts([first, again]), versions(store)) == ([(2, 0), (0, 2)], before)
    assert [problem.summary for problem in again.problems] == ["syntax not understood", "file skipped"]
    assert again.problems == first.problems


SHOP = """
import logging

from flask import Flask

app = Flask(__name__)
log = logging.getLogger("shop")


@app.get("/run")
def run(amount, name):
    tell(f"run by {name}")
    log.info("paid %.2f EUR to %s", amount, name, extra={"order_id": 1})


def tell(text):
    log.warning("[shop] %s", text)
"""


def test_what_is_found_in_code_is_stored(tmp_path: Path, store: Store) -> None:
    root = write(tmp_path / "src", shop=SHOP)
    index_code(store, [root])
    columns = "* EXCLUDE (root, commit_id, language, template_id)"
    statements = store.rows(f"SELECT {columns} FROM log_statement ORDER BY line_number")
    assert statements[1] == {
        "file_path": "shop.py",
        "line_number": 13,
        "end_line_number": 13,
        "function_name": "run",
        "kind": "log",
        "severity_text": "INFO",
        "logger_name": "shop",
        "template": "paid {amount} EUR to {name}",
        "literals": ["paid ", " EUR to ", ""],
        "variables": [{"name": "amount", "kind": "float"}, {"name": "name", "kind": ""}],
        "attributes": ["order_id"],
    }
    assert [(s["line_number"], s["severity_text"], s["template"]) for s in statements] == [
        (12, "WARN", "[shop] run by {name}"),
        (13, "INFO", "paid {amount} EUR to {name}"),
        (17, "WARN", "[shop] {text}"),
    ]
    assert store.rows("SELECT * EXCLUDE (root, commit_id) FROM registration") == [
        {
            "file_path": "shop.py",
            "line_number": 10,
            "kind": "http",
            "framework": "flask",
            "method": "GET",
            "name": "/run",
            "handler": "run",
            "handler_file_path": "shop.py",
            "handler_line_number": 11,
        }
    ]
    assert store.rows("SELECT function_name, callee FROM code_call WHERE name = 'tell'") == [
        {"function_name": "run", "callee": "tell"}
    ]
    assert store.rows("SELECT module, names FROM code_import ORDER BY line_number") == [
        {"module": "logging", "names": [["", "logging"]]},
        {"module": "flask", "names": [["Flask", "Flask"]]},
    ]


def told(store: Store) -> list[tuple[str, int, str]]:
    rows = store.rows("SELECT file_path, line_number, template FROM log_statement ORDER BY ALL")
    return [(row["file_path"], row["line_number"], row["template"]) for row in rows]


def test_functions_that_log_for_other_files_are_noticed_whichever_file_changes(tmp_path: Path, store: Store) -> None:
    wrapper = "import logging\n\ndef tell(text):\n    logging.info('[shop] ' + text)\n"
    caller = "from notes import tell\n\ndef run():\n    tell('begun')\n"
    root = write(tmp_path / "src", notes=wrapper, run=caller)
    index_code(store, [root])
    both = [("notes.py", 4, "[shop] {text}"), ("run.py", 4, "[shop] begun")]
    assert told(store) == both
    write(root, run=caller.replace("begun", "ended"))
    index_code(store, [root])
    assert told(store) == [both[0], ("run.py", 4, "[shop] ended")]
    write(root, notes=wrapper.replace("shop", "store"))
    index_code(store, [root])
    assert told(store) == [("notes.py", 4, "[store] {text}"), ("run.py", 4, "[store] ended")]
    write(root, notes="def tell(text):\n    return text\n")
    index_code(store, [root])
    assert told(store) == []


def test_other_readers_read_everything_anew(tmp_path: Path, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    root = write(tmp_path / "src", a=RUN)
    index_code(store, [root])
    assert counts(index_code(store, [root])) == [(0, 1)]
    monkeypatch.setattr(indexing, "readers_version", lambda: "another")
    assert counts(index_code(store, [root])) == [(1, 0)]
    assert functions(store) == [("src", False, "a.py", "run")]


def test_a_commit_is_kept_beside_what_lies_there(tmp_path: Path, store: Store) -> None:
    root = write(tmp_path / "src", a=RUN)
    first = commit(root, "v1")
    write(root, a="def other(): ...\n")
    second = commit(root)
    write(root, b=RUN)
    [present] = index_code(store, [root])
    [past] = index_code(store, [root], at="1")
    assert (present.commit_id, present.head_commit_id, present.is_dirty) == (None, second, True)
    assert (past.commit_id, past.head_commit_id, past.is_dirty) == (first, first, False)
    everything = [("src", False, "a.py", "other"), ("src", False, "b.py", "run"), ("src", True, "a.py", "run")]
    assert functions(store) == everything
    assert counts(index_code(store, [root], at=first)) == [(0, 1)]
    (root / "b.py").unlink()
    [present] = index_code(store, [root])
    assert (present.is_dirty, functions(store)) == (False, [everything[0], everything[2]])
    rows = store.rows("SELECT commit_id, head_commit_id, is_dirty FROM code_index ORDER BY commit_id NULLS FIRST")
    assert [tuple(row.values()) for row in rows] == [(None, second, False), (first, first, False)]


def test_what_is_no_commit_is_refused(tmp_path: Path, store: Store) -> None:
    root = write(tmp_path / "src", a=RUN)
    commit(root)
    git(root, "branch", "feature")
    for name in ("feature", "v9", "0" * 40):
        with pytest.raises(TelemapError) as caught:
            index_code(store, [root], at=name)
        assert caught.value.slug == "no-commit"
    assert functions(store) == []


def test_a_root_that_is_no_folder_is_refused(tmp_path: Path, store: Store) -> None:
    with pytest.raises(TelemapError) as caught:
        index_code(store, [tmp_path / "nowhere"])
    assert caught.value.slug == "no-such-folder"


def test_roots_are_all_that_the_store_has_and_a_file_under_two_is_read_once(tmp_path: Path, store: Store) -> None:
    root, other = write(tmp_path / "src", a=RUN), write(tmp_path / "other", a=RUN)
    write(root / "inner", b=RUN)
    index_code(store, [other])
    commit(other, "v1")
    index_code(store, [other], at="v1")
    assert counts(index_code(store, [root, root / "inner"])) == [(2, 0)]
    assert functions(store) == [("src", False, "a.py", "run"), ("src", False, "inner/b.py", "run")]


def test_the_same_path_under_two_roots_is_told_apart(tmp_path: Path, store: Store) -> None:
    roots = [write(tmp_path / "one", a=RUN), write(tmp_path / "two", a=RUN)]
    index_code(store, roots)
    assert functions(store) == [("one", False, "a.py", "run"), ("two", False, "a.py", "run")]
    step = dict.fromkeys(store.stored("declared_step").schema.names) | {"sequence_id": "s", "handler": "run"}
    from telemap.store.store import table_of

    store.replace("declared_step", table_of("declared_step", [step]))
    link_code(store)
    links = store.rows("SELECT code_root, code_file_path, code_confidence FROM code_link ORDER BY rank")
    assert [tuple(row.values()) for row in links] == [(str(root), "a.py", 0.475) for root in roots]
    write(roots[1], a="def other(): ...\n")
    assert counts(index_code(store, roots)) == [(0, 1), (1, 0)]
    assert functions(store) == [("one", False, "a.py", "run"), ("two", False, "a.py", "other")]


def test_a_frame_of_a_path_that_two_roots_have_is_of_one_of_them(tmp_path: Path, store: Store) -> None:
    roots = [write(tmp_path / "one", shop_a=RUN), write(tmp_path / "two", shop_b=RUN)]
    told = Frame("run", "/srv/shop_a.py", 1, None, "python", is_vendored=False)
    expected = CodeLocation("shop_a.py", 1, "run", 0.85, "stack", root=str(roots[0]))

    def found() -> tuple[CodeLocation, ...]:
        index_code(store, roots)
        with store.connect() as connection:
            return FrameLocator(code_index(connection)).locate(told).locations

    assert found() == (expected,)
    write(roots[1], shop_a=RUN)
    assert found() == (replace(expected, confidence=0.425, root=""),)


@pytest.mark.parametrize("table", ["log_statement", "registration", "code_file", "code_index"])
def test_an_index_that_is_cut_short_is_made_good(
    tmp_path: Path, store: Store, monkeypatch: pytest.MonkeyPatch, table: str
) -> None:
    root = write(tmp_path / "src", a=RUN, gone=RUN)
    index_code(store, [root])
    write(root, a="def other(): ...\n", new=RUN)
    (root / "gone.py").unlink()
    replace = Store.replace

    def stop(self: Store, name: str, rows: object) -> None:
        if name == table:
            raise KeyboardInterrupt
        replace(self, name, rows)

    with monkeypatch.context() as patched:
        patched.setattr(Store, "replace", stop)
        with pytest.raises(KeyboardInterrupt):
            index_code(store, [root])
    (root / "new.py").unlink()
    index_code(store, [root])
    assert functions(store) == [("src", False, "a.py", "other")]
    assert [row["file_path"] for row in store.rows("FROM code_file")] == ["a.py"]


def test_sources_of_maps_are_counted_and_change_no_commit(tmp_path: Path, store: Store) -> None:
    root = write(tmp_path / "shop", own=RUN)
    (root / ".gitignore").write_text("dist\n")
    commit(root)
    (root / "dist").mkdir()
    document = {"version": 3, "sources": ["../src/pay.ts"], "sourcesContent": ["export function pay() {}\n"]}
    (root / "dist" / "app.js.map").write_text(json.dumps(document))
    [tree] = index_code(store, [root])
    assert (tree.files_read, tree.files_from_maps, tree.is_dirty) == (2, 1, False)
    assert functions(store) == [("shop", False, "own.py", "run"), ("shop", False, "src/pay.ts", "pay")]
    [again] = index_code(store, [root])
    assert (again.files_read, again.files_unchanged, again.files_from_maps) == (0, 2, 1)
    with store.connect() as connection:
        index = code_index(connection)
        frame = Frame("a", "/srv/shop/dist/app.js", 1, 1, "javascript", is_vendored=False)
        assert index.file_paths == ("own.py", "src/pay.ts")
        assert bundle_maps(connection).original_frame(frame) is None  # no mappings
        document |= {"mappings": "AAAA"}
        (root / "dist" / "app.js.map").write_text(json.dumps(document))
        found = bundle_maps(connection).original_frame(frame)
    assert found == Frame("", "src/pay.ts", 1, 1, "javascript", is_vendored=False, root=str(root))


def test_edges_between_functions_are_those_of_the_code_as_it_is_now(tmp_path: Path) -> None:
    def edges() -> list[tuple[str, int, int]]:
        rows = store.rows("SELECT file_path, function_line_number, callee_line_number FROM code_edge ORDER BY ALL")
        return [tuple(row.values()) for row in rows]

    code = tmp_path / "code"
    code.mkdir()
    (code / "shop.py").write_text("def pay():\n    bill()\n    bill()\n\n\ndef bill():\n    return 1\n")
    store = Store(tmp_path / "edges", create=True)
    index_code(store, [code])
    assert edges() == [("shop.py", 1, 6)]
    (code / "shop.py").write_text("def pay():\n    return 1\n\n\ndef bill():\n    pay()\n")
    index_code(store, [code])
    assert edges() == [("shop.py", 5, 1)]
    (code / "shop.py").unlink()
    index_code(store, [code])
    assert edges() == []
