"""What ``syntax.toml`` of a language says of its nodes, and how calls are read by it."""

from __future__ import annotations

import tomllib
from dataclasses import fields
from importlib import resources

import pytest
from ast_grep_py import SgNode, SgRoot

from telemap.code.call_nodes import Call, Source, read_call
from telemap.code.languages import Language, rules
from telemap.code.literals import literal_parts
from telemap.code.syntax import Syntax, knows, syntax_of


def test_every_language_says_what_its_nodes_are_with_keys_that_are_known() -> None:
    known = {field.name for field in fields(Syntax)}
    for folder in resources.files("telemap.code").joinpath("rules").iterdir():
        assert tomllib.loads(folder.joinpath("syntax.toml").read_text("utf-8")).keys() <= known, folder.name


def test_only_kinds_are_named_that_a_grammar_of_the_language_knows() -> None:
    unknown = {
        (name, kind)
        for name, syntax in rules("syntax", Syntax).items()
        for kind in kinds_of(syntax)
        if not any(knows(dialect.grammar, kind) for dialect in rules("functions", Language)[name].extensions.values())
    }
    assert unknown == set()


def kinds_of(syntax: Syntax) -> set[str]:
    found = (getattr(syntax, field.name) for field in fields(Syntax))
    return {kind for kinds in found if not isinstance(kinds, str) for kind in kinds}


def first(text: str, language: str, kind: str) -> tuple[SgNode, Source]:
    """The first node of a kind in a text, and the text."""
    root = SgRoot(text, language).root()
    node = root.find({"rule": {"kind": kind}})
    assert node is not None
    return node, Source(root, syntax_of(language))


def call(text: str, language: str, kind: str) -> Call:
    found = read_call(*first(text, language, kind))
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("text", "language", "kind", "receiver", "name", "path"),
    [
        ("till.log.info(1)", "python", "call", "till.log", "info", ("till", "log", "info")),
        ("open_till(1)", "python", "call", None, "open_till", ("open_till",)),
        ("new winston.Logger(1)", "javascript", "new_expression", "winston", "Logger", ("new winston", "Logger")),
        ("class A { int x = log.at().f(1); }", "java", "method_invocation", "log.at()", "f", ("log", "at", "f")),
        ("app.Map<Order>(1);", "csharp", "invocation_expression", "app", "Map", ("app", "Map<Order>")),
        ("Rails.logger.info(1)", "ruby", "call", "Rails.logger", "info", ("Rails", "logger", "info")),
        ("<?php $this->log->info(1);", "php", "member_call_expression", "$this->log", "info", ("this", "log", "info")),
        ("val x = log.info(1)", "kotlin", "call_expression", "log", "", ("log", "info")),
        ("fn f() { info!(1) }", "rust", "macro_invocation", None, "info", ("info",)),
    ],
)  # fmt: skip
def test_a_call_is_read_alike_in_all_languages(
    text: str, language: str, kind: str, receiver: str | None, name: str, path: tuple[str, ...]
) -> None:
    found = call(text, language, kind)
    assert (found.receiver and found.receiver.text(), found.name, found.callee.path) == (receiver, name, path)
    assert [argument.text for argument in found.arguments] == ["1"]


@pytest.mark.parametrize(
    ("text", "language", "kind", "positional", "named"),
    [
        ("f(a, # why\n  b=1, *c)", "python", "call", ["a", "*c"], {"b": "1"}),
        ("sum(x for x in y)", "python", "call", ["(x for x in y)"], {}),
        ("f(1, {a: 2, 'b': 3})", "javascript", "call_expression", ["1", "{a: 2, 'b': 3}"], {"a": "2", "b": "3"}),
        ("new Till", "javascript", "new_expression", [], {}),
        ("f`a${b}`", "javascript", "call_expression", ["`a${b}`"], {}),
        ("F(this, out var x, name: 3);", "csharp", "invocation_expression", ["this", "var x"], {"name": "3"}),
        ('[Route("x", Order = 2)] class A {}', "csharp", "attribute", ['"x"'], {"Order": "2"}),
        ('@Get(value = "/x") class A {}', "java", "annotation", [], {"value": '"/x"'}),
        ("f(1, a = 2) { 3 }", "kotlin", "call_expression", ["1", "{ 3 }"], {"a": "2"}),
        ("<?php f(a: 1, 2);", "php", "function_call_expression", ["2"], {"a": "1"}),
    ],
)  # fmt: skip
def test_arguments_are_told_by_place_and_by_name(
    text: str, language: str, kind: str, positional: list[str], named: dict[str, str]
) -> None:
    found = call(text, language, kind)
    assert [node.text() for node in found.positional] == positional
    assert {name: node.text() for name, node in found.named.items()} == named


def test_a_decorator_is_a_call_of_its_name_for_what_it_stands_on() -> None:
    found = call("@app.get('/x')\n@cached\ndef read(): ...", "python", "decorator")
    assert found.decorated is not None
    assert (found.name, found.decorated.kind(), found.argument((0,))) == (
        "get",
        "function_definition",
        found.positional[0],
    )
    bare = call("@cached\ndef read(): ...", "python", "decorator")
    assert (bare.name, bare.positional, bare.argument((0, "key"))) == ("cached", (), None)


@pytest.mark.parametrize(
    ("text", "language", "kind", "parts"),
    [
        (r"f'{{a}}\t{b}'", "python", "string", ["{a}\t", "{b}"]),
        (r"r'\d+'", "python", "string", [r"\d+"]),
        (r"`\`a\` ${b}`", "javascript", "template_string", ["`a` ", "${b}"]),
        ('x = $@"\\a{b}{{";', "csharp", "interpolated_string_expression", ["\\a", "{b}", "{"]),
        ('package a\nvar b = "\\u00e9\\\\d"', "go", "interpreted_string_literal", ["é\\d"]),
    ],
)
def test_a_literal_is_read_as_it_runs(text: str, language: str, kind: str, parts: list[str]) -> None:
    node, source = first(text, language, kind)
    assert [part if isinstance(part, str) else part.text() for part in literal_parts(node, source.syntax)] == parts
