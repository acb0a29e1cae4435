"""Which functions a call can reach, and how sure that is."""

from __future__ import annotations

from textwrap import dedent

import pytest

from telemap.code.calls import parse_calls
from telemap.code.languages import languages
from telemap.code.symbols import parse_symbols
from telemap.mapping.calls import CallEdge, resolve_calls
from telemap.model.code import Call, CodeSymbol, Import


def resolved(**texts: str) -> list[CallEdge]:
    """Edges of files whose paths are written with ``__`` for ``/`` and a last ``_`` for the dot."""
    from ast_grep_py import SgRoot

    symbols: list[CodeSymbol] = []
    calls: list[Call] = []
    imports: list[Import] = []
    for name, text in texts.items():
        file_path = ".".join(name.replace("__", "/").rsplit("_", 1))
        extension = "." + file_path.rpartition(".")[2]
        language = languages()[extension]
        found = parse_symbols(dedent(text), file_path, language).symbols
        root = SgRoot(dedent(text), language.extensions[extension].grammar).root()
        parsed = parse_calls(root, file_path, found, language)
        symbols, calls, imports = [*symbols, *found], [*calls, *parsed.calls], [*imports, *parsed.imports]
    return resolve_calls(calls, imports, symbols)


def edges(**texts: str) -> list[tuple[str, str, float, str]]:
    return [
        (
            edge.caller.qualified_name if edge.caller else "",
            f"{edge.callee.file_path} {edge.callee.qualified_name}",
            edge.confidence,
            edge.evidence,
        )
        for edge in resolved(**texts)
    ]


def test_a_method_of_the_own_class_is_sure() -> None:
    text = """\
        class Shop:
            def open(self): self.close()
            def close(self): ...
        class Till:
            def close(self): ...
        """
    assert edges(a_py=text) == [("Shop.open", "a.py Shop.close", 0.95, "own class")]


def test_the_nearest_function_of_a_name_counts() -> None:
    text = """\
        def run():
            def help(): ...
            help()
        def help(): ...
        class Shop:
            def help(self): ...
            def open(self): help()
        help()
        """
    assert edges(a_py=text) == [
        ("run", "a.py run.help", 0.95, "same file"),
        ("Shop.open", "a.py help", 0.95, "same file"),
        ("", "a.py help", 0.95, "same file"),
    ]


@pytest.mark.parametrize(
    ("texts", "callee", "confidence"),
    [
        ({"b_py": "from shop.pay import charge as c\nc()\n", "shop__pay_py": "def charge(): ...\n"}, "charge", 0.95),
        ({"b_py": "from shop import pay\npay.charge()\n", "shop__pay_py": "def charge(): ...\n"}, "charge", 0.95),
        ({"b_py": "import shop.pay\nshop.pay.charge()\n", "shop__pay_py": "def charge(): ...\n"}, "charge", 0.95),
        ({"b_py": "from shop import charge\ncharge()\n", "shop__pay_py": "def charge(): ...\n"}, "charge", 0.95),
        ({"shop__b_py": "from .pay import charge\ncharge()\n", "shop__pay_py": "def charge(): ...\n"}, "charge", 0.95),
        ({"b_py": "from web.pay import charge\ncharge()\n", "shop__pay_py": "def charge(): ...\n"}, "charge", 0.6),
        (
            {"b_py": "from shop import Till\nTill()\n", "shop_py": "class Till:\n    def __init__(self): ...\n"},
            "Till.__init__",
            0.95,
        ),
        (
            {
                "a__b_ts": 'import { charge } from "../shop/pay.js";\ncharge();\n',
                "shop__pay_ts": "function charge() {}\n",
            },
            "charge",
            0.95,
        ),
        ({"b_ts": 'import * as p from "./pay";\np.charge();\n', "pay_ts": "function charge() {}\n"}, "charge", 0.95),
        ({"b_ts": 'import p from "./pay";\np();\n', "pay_ts": "export default () => 1;\n"}, "default", 0.95),
        (
            {
                "b_js": 'const { Till } = require("./till");\nnew Till();\n',
                "till_js": "class Till { constructor() {} }\n",
            },
            "Till.constructor",
            0.95,
        ),
        (
            {
                "a__B_java": "import com.shop.Gate;\nclass B { void run() { Gate.open(); } }\n",
                "main__com__shop__Gate_java": "class Gate { static void open() {} }\n",
            },
            "Gate.open",
            0.95,
        ),
        (
            {
                "b_go": 'package b\nimport "x.org/shop/pay"\nfunc f() { pay.Charge() }\n',
                "pay__a_go": "func Charge() {}\n",
            },
            "Charge",
            0.6,
        ),
        (
            {
                "a_php": "<?php\nuse Shop\\Till;\nTill::ring();\n",
                "b_php": "<?php\nnamespace Shop;\nclass Till { static function ring() {} }\n",
            },
            "Shop.Till.ring",
            0.95,
        ),
        (
            {"b_rs": "use crate::pay::charge;\nfn f() { charge(); }\n", "src__pay_rs": "pub fn charge() {}\n"},
            "charge",
            0.95,
        ),
    ],
)
def test_what_is_imported_is_found_in_its_module(texts: dict[str, str], callee: str, confidence: float) -> None:
    assert [(e.callee.qualified_name, e.confidence, e.evidence) for e in resolved(**texts)] == [
        (callee, confidence, "import")
    ]


def test_what_is_imported_from_outside_is_nothing_of_the_tree() -> None:
    text = """\
        import json
        from os.path import exists
        def dumps(): ...
        class Shop:
            def exists(self): ...
        json.dumps()
        exists()
        """
    assert edges(a_py=text) == []


def test_a_bare_name_needs_an_import_where_the_language_says_so() -> None:
    assert edges(a_py="print()\n", b_py="def print(): ...\n") == []
    assert edges(a_go="func f() { help() }\n", b_go="func help() {}\n") == [("f", "b.go help", 0.8, "same folder")]
    star = edges(a_py="from b import *\nhelp()\n", b_py="def help(): ...\n")
    assert star == [("", "b.py help", 0.5, "name")]


def test_a_name_in_full_is_surer_than_a_name() -> None:
    till = "class Till { constructor() {} static ring() {} }\n"
    assert edges(a_ts="Till.ring();\nother.ring();\n", b_ts=till) == [
        ("", "b.ts Till.ring", 0.8, "name in full"),
        ("", "b.ts Till.ring", 0.5, "name"),
    ]
    assert edges(a_ts=f"{till}new Till();\n") == [("", "a.ts Till.constructor", 0.95, "same file")]


def test_several_share_and_too_many_are_none() -> None:
    shops = {f"shop{number}_py": "class Shop:\n    def ring(self): ...\n" for number in range(6)}
    two = dict(list(shops.items())[:2])
    assert edges(a_py="till.ring()\n", **two) == [
        ("", "shop0.py Shop.ring", 0.25, "name"),
        ("", "shop1.py Shop.ring", 0.25, "name"),
    ]
    assert edges(a_py="till.ring()\n", **shops) == []


def test_members_of_an_object_are_reached_through_it_only() -> None:
    text = "const till = {\n  ring() {},\n  open() { ring(); this.ring(); },\n};\n"
    assert edges(a_js=text) == [("till.open", "a.js till.ring", 0.95, "own class")]


def test_methods_are_seen_without_a_receiver_where_the_language_says_so() -> None:
    java = "class A {\n  void b() { c(); }\n  void c() {}\n  void c(int x) {}\n}\n"
    assert edges(A_java=java) == [
        ("A.b", "A.java A.c", 0.475, "same file"),
        ("A.b", "A.java A.c", 0.475, "same file"),
    ]
    assert edges(a_js="class A {\n  b() { c(); }\n  c() {}\n}\n") == []
