"""Which calls and imports are found in a text, in which function, and how they are written."""

from __future__ import annotations

import tomllib
from dataclasses import fields
from importlib import resources
from textwrap import dedent

import pytest

from telemap.code.calls import CallRules, Calls, call_rules, parse_calls
from telemap.code.languages import languages
from telemap.code.symbols import parse_symbols
from telemap.model.code import Call, Import


def parsed(text: str, file_path: str) -> Calls:
    from ast_grep_py import SgRoot

    extension = "." + file_path.rpartition(".")[2]
    language = languages()[extension]
    root = SgRoot(dedent(text), language.extensions[extension].grammar).root()
    return parse_calls(root, file_path, parse_symbols(dedent(text), file_path, language).symbols, language)


def test_a_call_is_on_the_line_of_its_name_and_in_the_innermost_function() -> None:
    text = """\
        class Shop:
            def open(self):
                def later():
                    self.till.ring()
                (query
                    .filter(1)
                    .all())
        start()
        """
    assert parsed(text, "shop/a.py").calls == [
        Call("shop/a.py", 4, "Shop.open.later", "self.till.ring", "ring"),
        Call("shop/a.py", 7, "Shop.open", ".all", "all"),
        Call("shop/a.py", 6, "Shop.open", "query.filter", "filter"),
        Call("shop/a.py", 8, "", "start", "start"),
    ]


@pytest.mark.parametrize(
    ("text", "file_path", "expected"),
    [
        ("f(); a.b.c(); g()(); a[0].h(); super().i()\n", "a.py", ["f", "a.b.c", "g", ".h", ".i", "super"]),
        (
            "f(); this.a?.b(); new A.B(); g()(); a[0].h(); this.#i(); t<string>(1); j`x`; (0, k)()\n",
            "a.ts",
            ["f", "this.a?.b", "A.B", "g", ".h", "this.#i", "t", "j"],
        ),
        (
            "class A { void b() { c(); this.d.e(); F.<T>g(); new H<>(); i().j(); } }\n",
            "A.java",
            ["c", "this.d.e", ".g", "H", ".j", "i"],
        ),
        (
            "package a\nfunc b() { c(); d.e.F(); go func() { g() }(); h().i() }\n",
            "a.go",
            ["c", "d.e.F", "g", ".i", "h"],
        ),
        (
            "class A { void B() { C(); this.D.E(); f?.G(); new H<int>(); I<int>(1); base.J(); } }\n",
            "A.cs",
            ["C", "this.D.E", "f?.G", "H", "I", "base.J"],
        ),
        (
            "fn a() { b(); self.c.d(); Self::e(); f::g::h(1); i::<u8>(); Vec::<u8>::new(); println!() }\n",
            "a.rs",
            ["b", "self.c.d", "Self::e", "f::g::h", "i", ".new"],
        ),
        (
            "fun a() {\n    b()\n    this.c.d(1)\n    e?.f()\n    g { h() }\n    i()!!.j()\n}\n",
            "a.kt",
            ["b", "this.c.d", "e?.f", "g", "h", ".j", "i"],
        ),
        (
            "def a\n  b 1\n  @c.d!\n  E::F.new\n  g\n  h(1).i\n  self.j\nend\n",
            "a.rb",
            ["b", "@c.d!", "E::F.new", "g", ".i", "h", "self.j"],
        ),
        (
            "<?php\nf(); $a->b->c(); self::d(); E::g(); new H(); $i?->j(); \\K\\l(); $m(); $a->$n(); new \\O\\P();\n",
            "a.php",
            ["f", "$a->b->c", "self::d", "E::g", "H", "$i?->j", "\\K\\l", "\\O\\P"],
        ),
    ],
    ids=["python", "typescript", "java", "go", "csharp", "rust", "kotlin", "ruby", "php"],
)
def test_calls_are_kept_as_written_in(text: str, file_path: str, expected: list[str]) -> None:
    assert [call.callee for call in parsed(text, file_path).calls] == expected


@pytest.mark.parametrize(
    ("text", "file_path", "expected"),
    [
        ("import os, numpy as np\n", "a.py", [("os", [("", "os")]), ("numpy", [("", "np")])]),
        ("import a.b\n", "a.py", [("a.b", [("", "a.b")])]),
        ("from ..pay import (b, c as d,)\n", "a.py", [("..pay", [("b", "b"), ("c", "d")])]),
        ("from . import x\nfrom m import *\n", "a.py", [(".", [("x", "x")]), ("m", [("*", "*")])]),
        (
            'import R, { a, b as c } from "r";\nimport * as ns from "./ns";\n',
            "a.ts",
            [("r", [("default", "R"), ("a", "a"), ("b", "c")]), ("./ns", [("", "ns")])],
        ),
        ('import "./side";\nexport { q as r } from "./q";\n', "a.js", [("./side", []), ("./q", [("q", "r")])]),
        (
            'const { x, y: z } = require("x"), w = require("w");\nconst { v } = await import("./v");\n',
            "a.js",
            [("x", [("x", "x"), ("y", "z")]), ("w", [("", "w")]), ("./v", [("v", "v")])],
        ),
        (
            "import com.shop.Gate;\nimport static com.shop.Sums.*;\n",
            "A.java",
            [("com.shop", [("Gate", "Gate")]), ("com.shop.Sums", [("*", "*")])],
        ),
        ('package a\nimport (\n"fmt"\np "a/b/pay"\n)\n', "a.go", [("fmt", [("", "fmt")]), ("a/b/pay", [("", "p")])]),
        ('package a\nimport "a/b/pay"\n', "a.go", [("a/b/pay", [("", "pay")])]),
        (
            "using System.Text;\nusing static A.B;\nusing X = A.B.C;\n",
            "a.cs",
            [("System.Text", [("*", "*")]), ("A.B", [("*", "*")]), ("A.B", [("C", "X")])],
        ),
        (
            "use a::b;\nuse a::{c, d as e, f::{g, self}, h::*};\n",
            "a.rs",
            [
                ("a", [("b", "b")]),
                ("a", [("c", "c"), ("d", "e")]),
                ("a::f", [("g", "g"), ("", "f")]),
                ("a::h", [("*", "*")]),
            ],
        ),
        (
            "import com.shop.Gate\nimport com.shop.*\nimport a.b.c as d\n",
            "a.kt",
            [("com.shop", [("Gate", "Gate")]), ("com.shop", [("*", "*")]), ("a.b", [("c", "d")])],
        ),
        (
            'require "json"\nrequire_relative "./x"\n',
            "a.rb",
            [("json", [("*", "*")]), ("./x", [("*", "*")])],
        ),
        (
            "<?php\nuse A\\B\\{C, D as E};\nuse function F\\g;\nuse H as I;\nrequire_once 'x.php';\n",
            "a.php",
            [
                ("A\\B", [("C", "C"), ("D", "E")]),
                ("F", [("g", "g")]),
                ("H", [("", "I")]),
                ("x.php", [("*", "*")]),
            ],
        ),
    ],
)
def test_every_way_to_import_is_known(
    text: str, file_path: str, expected: list[tuple[str, list[tuple[str, str]]]]
) -> None:
    assert [(one.module, list(one.names)) for one in parsed(text, file_path).imports] == expected


def test_an_import_has_its_line_and_is_no_call() -> None:
    found = parsed("\n\nrequire 'json'\n", "a.rb")
    assert found == Calls([], [Import("a.rb", 3, "json", (("*", "*"),))])


@pytest.mark.parametrize("extension", sorted(languages()))
@pytest.mark.parametrize("text", ["", "\n", "(" * 10_000, "f(" * 5_000 + ")" * 5_000, "import ; use ; from import (("])
def test_text_that_is_no_program_stops_nothing(text: str, extension: str) -> None:
    assert {call.callee for call in parsed(text, f"a{extension}").calls} <= {"f", "import", "use", "from"}


def test_characters_outside_ascii_shift_nothing() -> None:
    assert [call.callee for call in parsed("\n\n x = '🎼é'; größe.wählen(); '🎵'; a.b()\n", "a.py").calls] == [
        "größe.wählen",
        "a.b",
    ]


def test_a_chain_of_calls_is_not_written_out_each_time() -> None:
    calls = parsed("a" + ".b()" * 2_000 + "\n" + "c." * 500 + "d()\n", "a.py").calls
    assert {call.callee for call in calls} == {"a.b", ".b", ".d"}


def test_every_language_has_rules_with_keys_that_are_known() -> None:
    known = {field.name for field in fields(CallRules)}
    folders = {folder.name: folder for folder in resources.files("telemap.code").joinpath("rules").iterdir()}
    texts = {name: folder.joinpath("calls.toml").read_text("utf-8") for name, folder in folders.items()}
    assert [name for name, text in texts.items() if not tomllib.loads(text).keys() <= known] == []
    assert [extension for extension in languages() if call_rules(f"a{extension}") is None] == []
