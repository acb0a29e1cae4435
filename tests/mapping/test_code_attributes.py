"""Places that ``code.*`` attributes mean, and how surely."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from telemap.code.reading import CodeIndex
from telemap.mapping.code_attributes import AttributeIndex, plain_name
from telemap.model.code import CodeLocation, CodeSymbol


def symbol(qualified_name: str, file_path: str, line_number: int) -> CodeSymbol:
    name = qualified_name.rpartition(".")[2]
    return CodeSymbol(file_path, line_number, line_number + 9, name, qualified_name, "function", "any", True, "")


SYMBOLS = (
    symbol("main", "cmd/main.go", 5),
    symbol("charge", "shop/pay.py", 10),
    symbol("refund", "shop/pay.py", 30),
    symbol("Users.list", "shop/users.py", 10),
    symbol("charge", "tools/pay.py", 7),
)
INDEX = CodeIndex(SYMBOLS, ("cmd/main.go", "setup.py", "shop/pay.py", "shop/users.py", "tools/pay.py"))
ATTRIBUTES = AttributeIndex(INDEX)


def places(**attributes: Any) -> list[tuple[str, int, str, float]]:
    found = ATTRIBUTES.locate({f"code.{key.replace('__', '.')}": value for key, value in attributes.items()})
    assert {place.evidence for place in found} <= {"attribute"}
    return [(place.file_path, place.line_number, place.function_name, place.confidence) for place in found]


def test_function_file_and_line_that_agree_are_sure() -> None:
    expected = [("shop/pay.py", 14, "charge", 0.99)]
    assert places(function__name="shop.pay.charge", file__path="/app/shop/pay.py", line__number=14) == expected
    assert places(function="charge", filepath="/app/shop/pay.py", lineno="14") == expected
    assert places(function="charge", namespace="shop.pay", filepath="C:\\app\\shop\\pay.py", lineno=14) == expected


def test_a_function_in_a_file_needs_no_line() -> None:
    assert places(function__name="charge", file__path="/app/shop/pay.py") == [("shop/pay.py", 10, "charge", 0.97)]


def test_a_line_in_another_function_makes_both_unsure() -> None:
    assert places(function__name="charge", file__path="shop/pay.py", line__number=33) == [
        ("shop/pay.py", 10, "charge", 0.5),
        ("shop/pay.py", 33, "refund", 0.4),
    ]


def test_a_function_that_the_file_has_not_is_unsure_elsewhere() -> None:
    assert places(function__name="Users.list", file__path="shop/pay.py") == [("shop/users.py", 10, "Users.list", 0.5)]
    assert places(function__name="unknown", file__path="shop/pay.py", line__number=12) == []


def test_a_function_alone_is_as_sure_as_its_module() -> None:
    assert places(function__name="shop.users.Users.list") == [("shop/users.py", 10, "Users.list", 0.98)]
    assert places(function="list", namespace="Users") == [("shop/users.py", 10, "Users.list", 0.9)]
    assert places(function="charge", namespace="tools.pay") == [
        ("tools/pay.py", 7, "charge", 0.941),
        ("shop/pay.py", 10, "charge", 0.009),
    ]
    assert places(function__name="Users.list", namespace="elsewhere") == [("shop/users.py", 10, "Users.list", 0.9)]


def test_the_first_line_of_a_function_is_one_of_its_own() -> None:
    assert places(file__path="/app/shop/pay.py", line__number=10) == [("shop/pay.py", 10, "charge", 0.9)]


def test_a_file_and_a_line_are_enough() -> None:
    assert places(file__path="/app/shop/pay.py", line__number=12) == [("shop/pay.py", 12, "charge", 0.9)]
    assert places(file__path="/app/shop/pay.py", line__number=99) == [("shop/pay.py", 99, "", 0.8)]
    assert places(file__path="/usr/lib/setup.py", line__number=3) == [("setup.py", 3, "", 0.6)]


def test_what_is_not_of_this_tree_has_no_place() -> None:
    assert places(function__name="django.core.handle", file__path="/lib/django/core.py", line__number=4) == []
    assert places(file__path="/app/shop/pay.py") == []
    assert places() == []


@pytest.mark.parametrize(
    ("told", "confidence"),
    [
        ("/app/shop/users.py", 0.99),
        ("file:///srv/shop/users.py", 0.99),
        ("users.py", 0.85),
        ("/elsewhere/users.py", 0.5),
    ],
)
def test_a_function_is_as_sure_as_its_file(told: str, confidence: float) -> None:
    line_number = 12 if confidence > 0.5 else 10
    expected = [("shop/users.py", line_number, "Users.list", confidence)]
    assert places(function__name="Users.list", file__path=told, line__number=12) == expected


def test_a_library_with_a_file_and_a_function_so_named_is_not_the_program() -> None:
    assert places(function__name="django.http.refund", file__path="/lib/django/http/client.py") == [
        ("shop/pay.py", 30, "refund", 0.5)
    ]
    index = CodeIndex((symbol("run", "app.py", 20),), ("app.py",))
    told = {"code.function.name": "flask.app.Flask.run", "code.file.path": "/lib/flask/app.py", "code.line.number": 25}
    assert AttributeIndex(index).locate(told) == (CodeLocation("app.py", 25, "run", 0.85, "attribute"),)


def test_of_several_files_those_count_that_have_the_function() -> None:
    assert places(function__name="refund", file__path="pay.py") == [("shop/pay.py", 30, "refund", 0.85)]
    charged = [("shop/pay.py", 10, "charge", 0.425), ("tools/pay.py", 7, "charge", 0.425)]
    assert places(function__name="charge", file__path="pay.py") == charged
    assert places(file__path="pay.py", line__number=12) == []


def test_code_outside_of_named_functions_is_known_by_its_line() -> None:
    assert places(function__name="<module>", file__path="/app/shop/pay.py", line__number=99) == [
        ("shop/pay.py", 99, "", 0.8)
    ]
    assert places(function__name="charge.<locals>.<lambda>", file__path="/app/shop/pay.py", line__number=12) == [
        ("shop/pay.py", 12, "charge", 0.9)
    ]


@pytest.mark.parametrize("line", ["²", "9" * 5000, True, -4, 0, None])
def test_what_is_no_line_number_counts_for_nothing(line: Any) -> None:
    assert places(function__name="charge", file__path="/app/shop/pay.py", line__number=line) == [
        ("shop/pay.py", 10, "charge", 0.97)
    ]
    assert places(file__path="/app/shop/pay.py", line__number=line) == []


def test_a_place_has_the_root_of_its_function() -> None:
    functions = tuple(replace(symbol("charge", "shop/pay.py", 10), root=root) for root in ("one", "two"))
    told = {"code.function.name": "charge", "code.file.path": "shop/pay.py", "code.line.number": 12}
    expected = CodeLocation("shop/pay.py", 12, "charge", 0.495, "attribute")
    alone = AttributeIndex(CodeIndex(functions[:1], ("shop/pay.py",)))
    assert alone.locate({"code.file.path": "shop/pay.py", "code.line.number": 99}) == (
        CodeLocation("shop/pay.py", 99, "", 0.8, "attribute", root="one"),
    )
    for paths in (("shop/pay.py",), ("shop/pay.py", "shop/pay.py")):
        found = AttributeIndex(CodeIndex(functions, paths)).locate(told)
        assert found == (replace(expected, root="one"), replace(expected, root="two"))


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("main.(*server).show", "main.server.show"),
        ("App\\Http::list", "App.Http.list"),
        ("shop.Users#list", "shop.Users.list"),
        ("outer.<locals>.inner", "outer.inner"),
        ("example.com/shop/users.(*Handler).stats", "example.com.shop.users.Handler.stats"),
    ],
)
def test_names_of_all_languages_are_joined_by_dots(name: str, plain: str) -> None:
    assert plain_name(name) == plain


def test_a_line_without_a_file_is_that_of_the_function_it_lies_in() -> None:
    assert places(function__name="shop.users.Users.list", line__number=14) == [
        ("shop/users.py", 14, "Users.list", 0.98)
    ]
    assert places(function__name="shop.users.Users.list", line__number=40) == [("shop/users.py", 10, "Users.list", 0.5)]
