"""What lines and counted calls say of functions."""

from __future__ import annotations

from textwrap import dedent

import pytest

from telemap.code.parsing import language_of
from telemap.code.symbols import parse_symbols
from telemap.tested.functions import function_lines
from telemap.tested.report import CoveredFile, CoveredFunction, CoveringTest

PYTHON = """\
@memo
def price(
    items, rate=default(),
):
    def rounded(total):
        return round(total)

    return rounded(sum(items))
def one(): return 1
"""

SCRIPT = """\
const rate = () => 2;
const price = (xs) => xs.map((x) => x);
class Cart {
  total() {
    return 1;
  }
  empty() { return []; }
}
"""


def told(file_path: str, text: str, file: CoveredFile) -> dict[str, tuple[tuple[int, ...], tuple[int, ...]]]:
    language = language_of(file_path)
    assert language is not None
    symbols = parse_symbols(dedent(text), file_path, language).symbols
    return {one.qualified_name: (one.measured_lines, one.executed_lines) for one in function_lines(file, symbols)}


def test_a_module_that_is_only_imported_runs_no_function() -> None:
    imported = CoveredFile("a.py", (1, 2, 3, 9), (5, 6, 8))
    assert told("a.py", PYTHON, imported) == {"price": ((8,), ()), "price.rounded": ((6,), ())}


def test_lines_of_a_function_within_are_not_those_around_it() -> None:
    file = CoveredFile("a.py", (1, 2, 3, 5, 6, 9), (8,))
    assert told("a.py", PYTHON, file) == {"price": ((8,), ()), "price.rounded": ((6,), (6,))}


def test_calls_that_a_tool_makes_up_of_lines_say_nothing_of_python() -> None:
    file = CoveredFile("a.py", (9,), (), functions=(CoveredFunction("one", 9, 1),))
    assert told("a.py", PYTHON, file) == {}


def test_counted_calls_tell_what_ran_where_head_and_body_share_a_line() -> None:
    calls = (
        CoveredFunction("(anonymous_0)", 1, 0),
        CoveredFunction("(anonymous_1)", 2, 4),
        CoveredFunction("(anonymous_2)", 2, 0),
        CoveredFunction("total", 4, 1),
        CoveredFunction("Cart.empty", 7, 0),
    )
    lines = (1, 2, 5, 7)
    assert told("a.js", SCRIPT, CoveredFile("a.js", lines, (), functions=calls)) == {
        "rate": ((1,), ()),
        "price": ((2,), (2,)),
        "Cart.total": ((5,), (5,)),
        "Cart.empty": ((7,), ()),
    }
    assert told("a.js", SCRIPT, CoveredFile("a.js", lines, ())) == {"Cart.total": ((5,), (5,))}


def test_tests_are_told_of_functions_whose_bodies_they_ran() -> None:
    tests = (CoveringTest("test_a", (2, 8)), CoveringTest("test_b", (1, 2)))
    language = language_of("a.py")
    assert language is not None
    symbols = parse_symbols(PYTHON, "a.py", language).symbols
    [price] = function_lines(CoveredFile("a.py", (1, 2, 8), (), tests), symbols)
    assert (price.qualified_name, price.tests) == ("price", ("test_a",))


@pytest.mark.parametrize(
    ("file_path", "text", "line_number"),
    [
        ("a.py", "def f(\n  a): # why\n  # so\n  return 1\n", 4),
        ("a.ts", "function f(\n a,\n) {\n return 1 }\n", 4),
        ("A.java", "class A { void f()\n {\n a(); } }\n", 2),
        ("a.go", "package a\nfunc f() {\n a()\n}\n", 3),
        ("A.cs", "class A { int F()\n => 1; }\n", 2),
        ("a.rs", "fn f() {\n a()\n}\n", 2),
        ("a.kt", "fun f(): Int {\n return 1\n}\n", 2),
        ("a.rb", "def f(a)\n  1\nend\n", 2),
        ("a.php", "<?php\nfunction f($a)\n{\n return 1;\n}\n", 3),
    ],
)
def test_a_body_begins_where_its_head_has_ended(file_path: str, text: str, line_number: int) -> None:
    language = language_of(file_path)
    assert language is not None
    assert [one.body_line_number for one in parse_symbols(text, file_path, language).symbols] == [line_number]
