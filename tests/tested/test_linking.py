"""Reports linked to the code that they are about, which may be that of another commit."""

from __future__ import annotations

import base64
import hashlib
import os
from pathlib import Path

import pytest

from telemap.store.indexing import index_code
from telemap.store.store import Row, Store
from telemap.store.tested import IndexedReport, index_coverage
from telemap.tested.matching import IndexedFiles, Place
from tests.cli.conftest import Telemap
from tests.repositories import commit, git

CART = "import os\n\n\ndef price(xs):\n    return sum(xs)\n\n\ndef pay(xs):\n    return price(xs)\n"
DAY = 86_400

TESTED = "SELECT file_path, line_number, qualified_name, measured_lines, executed_lines FROM function_test"


def lcov(folder: Path, path: str, executed: list[int], missed: list[int], **checked: str) -> Path:
    sums = {int(line[1:]): sum_of(text) for line, text in checked.items()}
    hits = [(line, 1) for line in executed] + [(line, 0) for line in missed]
    lines = [f"DA:{line},{count}" + (f",{sums[line]}" if line in sums else "") for line, count in hits]
    report = folder / "lcov.info"
    report.write_text("\n".join([f"TN:a\nSF:{path}", *lines, "end_of_record\n"]))
    return report


def sum_of(line: str) -> str:
    return base64.b64encode(hashlib.md5(line.encode()).digest()).decode()


def indexed(tmp_path: Path, *reports: Path) -> tuple[Store, list[IndexedReport]]:
    store = Store(tmp_path / "store", create=True)
    index_code(store, [tmp_path / "code"])
    return store, index_coverage(store, reports)


def outcome(store: Store) -> list[tuple[str, int, str, int, int]]:
    rows = store.rows(f"{TESTED} ORDER BY ALL")
    return [
        (r["file_path"], r["line_number"], r["qualified_name"], r["measured_lines"], r["executed_lines"]) for r in rows
    ]


def coverage(store: Store) -> Row:
    [row] = store.rows("SELECT * EXCLUDE (report_path, root, functions) FROM test_coverage")
    return row


def write(path: Path, text: str, age_seconds: int = 0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    past = path.stat().st_mtime - age_seconds
    os.utime(path, (past, past))
    return path


def at(path: Path, age_seconds: int) -> Path:
    """The report, made so long ago."""
    past = path.stat().st_mtime - age_seconds
    os.utime(path, (past, past))
    return path


@pytest.fixture
def changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Code that was committed two days ago, and since then got a line in front and another ``pay``."""
    cart = write(tmp_path / "code" / "cart.py", CART)
    monkeypatch.setenv("GIT_COMMITTER_DATE", f"@{int(cart.stat().st_mtime) - 2 * DAY} +0000")
    commit(tmp_path / "code")
    monkeypatch.delenv("GIT_COMMITTER_DATE")
    write(cart, "# Carts.\n" + CART.replace("return price(xs)", "return price(xs) + 1"))
    commit(tmp_path / "code")
    return tmp_path


def test_what_a_report_tells_stands_with_its_functions(tmp_path: Path) -> None:
    write(tmp_path / "code" / "cart.py", CART)
    store, [report] = indexed(tmp_path, lcov(tmp_path, "/ci/code/cart.py", [1, 4, 5, 8], [9]))
    assert report.problems == ()
    assert outcome(store) == [("cart.py", 4, "price", 1, 1), ("cart.py", 8, "pay", 1, 0)]
    assert coverage(store) == {
        "told_path": "/ci/code/cart.py",
        "file_path": "cart.py",
        "executed_lines": [1, 4, 5, 8],
        "missed_lines": [9],
        "tests": [{"name": "a", "lines": [1, 4, 5, 8]}],
        "carried_from": None,
        "problem": None,
    }


def test_reports_are_taken_together_and_each_is_replaced_as_a_whole(tmp_path: Path) -> None:
    write(tmp_path / "code" / "cart.py", CART)
    first, second = tmp_path / "a", tmp_path / "b"
    first.mkdir()
    second.mkdir()
    store, _ = indexed(tmp_path, lcov(first, "code/cart.py", [5], [9]), lcov(second, "code/cart.py", [9], [5]))
    assert outcome(store) == [("cart.py", 4, "price", 1, 1), ("cart.py", 8, "pay", 1, 1)]
    index_coverage(store, [lcov(second, "code/cart.py", [], [5, 9])])
    assert outcome(store) == [("cart.py", 4, "price", 1, 1), ("cart.py", 8, "pay", 1, 0)]
    (first / "lcov.info").unlink()
    index_coverage(store, [first])
    assert outcome(store) == [("cart.py", 4, "price", 1, 0), ("cart.py", 8, "pay", 1, 0)]


def test_what_is_told_stays_with_functions_that_are_moved_and_ends_with_those_that_are_changed(tmp_path: Path) -> None:
    cart = write(tmp_path / "code" / "cart.py", CART)
    store, _ = indexed(tmp_path, lcov(tmp_path, "cart.py", [5, 9], []))
    write(cart, "# Carts.\n" + CART.replace("return price(xs)", "return 0"))
    index_code(store, [tmp_path / "code"])
    assert outcome(store) == [("cart.py", 5, "price", 1, 1)]


def test_a_report_of_what_was_written_since_the_index_holds_for_the_functions_that_are_the_same(tmp_path: Path) -> None:
    cart = write(tmp_path / "code" / "cart.py", CART)
    store, _ = indexed(tmp_path)
    write(cart, "# Carts.\n" + CART.replace("return price(xs)", "return 0"))
    index_coverage(store, [lcov(tmp_path, "cart.py", [5, 6, 9, 10], [])])
    assert outcome(store) == [("cart.py", 4, "price", 1, 1)]


def test_a_report_of_an_earlier_commit_holds_for_the_functions_that_are_the_same(changed: Path) -> None:
    report = at(lcov(changed, "code/cart.py", [1, 4, 5, 8, 9], []), DAY)
    store, [told] = indexed(changed, report)
    [file] = told.files
    assert (outcome(store), len(file.functions), file.changed_count) == ([("cart.py", 5, "price", 1, 1)], 1, 1)
    row = coverage(store)
    assert (row["executed_lines"], row["tests"], row["problem"]) == ([5, 6], [{"name": "a", "lines": [5, 6]}], None)
    assert row["carried_from"] == file.carried_from is not None


def test_what_is_carried_is_told_in_a_line(changed: Path, telemap: Telemap, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(changed)
    at(lcov(changed, "code/cart.py", [5, 9], []), DAY)
    first = git(changed / "code", "rev-parse", "HEAD~1")
    said = telemap("index", "code", "--coverage", "lcov.info")
    assert (said.err, said.out.splitlines()[2:5]) == (
        "",
        [
            "lcov.info: lcov, 1 file matched",
            f"  cart.py: as of commit {first[:10]}, 1 of 2 functions still the same",
            "tested: 1 of 1 measured function",
        ],
    )


def test_a_report_of_what_was_committed_later_is_of_the_code_as_it_is(changed: Path) -> None:
    # Run before the commit, on what was then committed: the checkout has it from before the report.
    at(changed / "code" / "cart.py", DAY + 60)
    store, _ = indexed(changed, at(lcov(changed, "code/cart.py", [5, 6, 9, 10], []), DAY))
    assert outcome(store) == [("cart.py", 5, "price", 1, 1), ("cart.py", 9, "pay", 1, 1)]
    assert coverage(store)["carried_from"] is None


@pytest.mark.parametrize(
    ("executed", "checked", "reason"),
    [
        ([5, 99], {}, "it has 9 lines, and the report tells of line 99"),
        ([2, 5], {}, "its line 2 is blank, which cannot have run"),
        ([4, 5], {"_5": "    return max(xs)"}, "the checksum of its line 5 is another"),
    ],
)
def test_lines_that_cannot_be_those_of_the_file_count_for_nothing(
    tmp_path: Path, executed: list[int], checked: dict[str, str], reason: str
) -> None:
    write(tmp_path / "code" / "cart.py", CART)
    report = lcov(tmp_path, "code/cart.py", executed, [], **checked)
    store, [told] = indexed(tmp_path, report)
    assert outcome(store) == []
    problem = f"the report is about other lines than those of the file: {reason}"
    assert (coverage(store)["problem"], [one.reason for one in told.problems]) == (problem, [problem])


def test_checksums_find_the_content_that_a_report_is_about(changed: Path) -> None:
    # The report looks younger than the change, as one that was copied does.
    report = lcov(changed, "code/cart.py", [5, 6], [], _5="def price(xs):", _6="    return sum(xs)")
    store, _ = indexed(changed, at(report, DAY))
    assert outcome(store) == [("cart.py", 5, "price", 1, 1)]
    assert coverage(store)["carried_from"] is None


def test_a_path_that_matches_nothing_is_told_with_the_nearest(tmp_path: Path) -> None:
    write(tmp_path / "code" / "shop" / "cart.py", CART)
    store, [told] = indexed(tmp_path, lcov(tmp_path, "src/shop/carts.py", [5], []))
    [problem] = told.problems
    assert (problem.summary, problem.reason) == (
        "covered file src/shop/carts.py is not indexed",
        "no indexed file, or more than one, has such a path; the nearest is shop/cart.py",
    )
    assert (outcome(store), coverage(store)["file_path"]) == ([], None)


PLACES = [
    Place("/app/code", "cart.py"),
    Place("/app/code", "shop/pay.py"),
    Place("/app/web", "shop/pay.py"),
    Place("/app/code", "src/lib.py"),
    Place("/app/code", "shop/one.py"),
]


@pytest.mark.parametrize(
    ("path", "folders", "place"),
    [
        ("/app/code/shop/pay.py", [], PLACES[1]),
        ("shop/pay.py", ["/app/web"], PLACES[2]),
        ("/ci/build/shop/pay.py", [], None),
        ("/ci/build/web/shop/pay.py", [], PLACES[2]),
        ("cart.py", ["/elsewhere"], PLACES[0]),
        ("C:\\ci\\code\\cart.py", [], PLACES[0]),
        ("/venv/other/cart.py", [], None),
        ("/ci/cart.pyx", [], None),
        ("pay.py", [], None),
        ("/ci/build/src/lib.py", [], PLACES[3]),
        ("/ci/build/lib.py", [], None),
        ("code/src/lib.py", [], PLACES[3]),
        ("/ci/py/src/shop/one.py", [], PLACES[4]),
    ],
)
def test_paths_are_matched_by_their_ends_only_where_one_file_has_them(
    path: str, folders: list[str], place: Place | None
) -> None:
    assert IndexedFiles(PLACES).find(path, folders) == place


def test_paths_of_a_report_that_end_alike_count_for_nothing(tmp_path: Path) -> None:
    write(tmp_path / "code" / "shop" / "cart.py", CART)
    report = tmp_path / "lcov.info"
    report.write_text("".join(f"SF:/{one}/shop/cart.py\nDA:5,1\nend_of_record\n" for one in "ab"))
    store, [told] = indexed(tmp_path, report)
    assert outcome(store) == []
    assert {problem.reason for problem in told.problems} == {"other paths of the report end like it"}
