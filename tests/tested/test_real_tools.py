"""Reports as the tools themselves write them, of programs that are really run."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from telemap.store.indexing import index_code
from telemap.store.store import Store
from telemap.store.tested import index_coverage

CART = """\
RATE = 2


def price(items):
    return sum(
        items,
    )


class Cart:
    def total(self, items=()):
        def doubled():
            return 2 * price(items)

        return doubled()


def refund(items):
    return -price(items)
"""
TEST = """\
from cart import Cart, price


def test_price():
    assert price([1]) == 1


class TestCart:
    def test_total(self):
        assert Cart().total([1]) == 2
"""
SCRIPT = """\
const rate = () => 2; // 😀
function refund(items) { return -rate(); }
exports.price = function price(items) {
  return items * rate();
};
exports.refund = refund;
"""

TESTED = "SELECT qualified_name, measured_lines, executed_lines, tests FROM function_test ORDER BY line_number"


def run(folder: Path, *command: str, **variables: str) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("COV_", "PYTEST"))}
    result = subprocess.run(command, cwd=folder, env=environment | variables, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr


def outcome(folder: Path, report: str) -> list[tuple[str, int, int, list[str]]]:
    store = Store(folder / f"store-{report}", create=True)
    index_code(store, [folder / "src"])
    [read] = index_coverage(store, [folder / report])
    assert [one for one in read.problems if "test_cart" not in one.summary] == []
    return [tuple(row.values()) for row in store.rows(TESTED)]


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("measured")
    (folder / "src").mkdir()
    (folder / "src" / "cart.py").write_text(CART)
    (folder / "test_cart.py").write_text(TEST)
    (folder / "pytest.ini").write_text("[pytest]\npythonpath = src\n")
    (folder / ".coveragerc").write_text("[run]\ndynamic_context = test_function\n")
    python = (sys.executable, "-m")
    run(
        folder,
        *python,
        "coverage",
        "run",
        "-m",
        "pytest",
        "-p",
        "no:randomly",
        "--junitxml",
        "junit.xml",
        "test_cart.py",
    )
    run(folder, *python, "coverage", "json", "--show-contexts")
    run(folder, *python, "coverage", "lcov")
    run(folder, *python, "coverage", "xml")
    return folder


@pytest.mark.parametrize("report", [".coverage", "coverage.json"])
def test_coverage_py_tells_which_tests_ran_a_function(measured: Path, report: str) -> None:
    both = ["test_cart.TestCart.test_total", "test_cart.test_price"]
    assert outcome(measured, report) == [
        ("price", 1, 1, both),
        ("Cart.total", 1, 1, both[:1]),
        ("Cart.total.doubled", 1, 1, both[:1]),
        ("refund", 1, 0, []),
    ]


@pytest.mark.parametrize("report", ["coverage.lcov", "coverage.xml"])
def test_other_formats_of_coverage_py_tell_the_same_without_the_tests(measured: Path, report: str) -> None:
    assert outcome(measured, report) == [
        ("price", 1, 1, []),
        ("Cart.total", 1, 1, []),
        ("Cart.total.doubled", 1, 1, []),
        ("refund", 1, 0, []),
    ]


def test_pytest_names_its_tests(measured: Path) -> None:
    store = Store(measured / "store-junit", create=True)
    index_coverage(store, [measured / "junit.xml"])
    assert store.rows(
        "SELECT name, class_name, file, status, duration_ns >= 0 AS timed FROM test_case ORDER BY ALL"
    ) == [
        {"name": "test_price", "class_name": "test_cart", "file": None, "status": "passed", "timed": True},
        {"name": "test_total", "class_name": "test_cart.TestCart", "file": None, "status": "passed", "timed": True},
    ]


def test_node_tells_what_ran_where_functions_are_one_line(tmp_path: Path) -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("no node here")
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "cart.js").write_text(SCRIPT, encoding="utf-8")
    (tmp_path / "run.mjs").write_text('import cart from "./src/cart.js";\ncart.price(1);\n')
    run(tmp_path, node, "run.mjs", NODE_V8_COVERAGE="v8")
    [report] = (tmp_path / "v8").iterdir()
    (tmp_path / "run.mjs").unlink()
    shutil.copy(report, tmp_path / "report.json")
    store = Store(tmp_path / "store", create=True)
    index_code(store, [tmp_path / "src"])
    index_coverage(store, [tmp_path / "report.json"])
    assert [tuple(row.values()) for row in store.rows(TESTED)] == [
        ("rate", 1, 1, []),
        ("refund", 1, 0, []),
        ("price", 2, 2, []),
    ]
