"""Which functions are found in a text, under which names, and which of them are exported."""

from __future__ import annotations

import tomllib
from dataclasses import fields
from importlib import resources
from textwrap import dedent

import pytest

from telemap.code.languages import Dialect, Language, languages
from telemap.code.symbols import parse_symbols
from telemap.model.code import CodeSymbol


def symbols(text: str, file_path: str) -> list[CodeSymbol]:
    parsed = parse_symbols(dedent(text), file_path, languages()["." + file_path.rpartition(".")[2]])
    assert parsed.error_line_number is None
    return parsed.symbols


def outline(text: str, file_path: str = "a.ts") -> list[tuple[str, str, int, bool]]:
    return [(s.qualified_name, s.kind, s.line_number, s.is_exported) for s in symbols(text, file_path)]


def test_a_python_function_is_read_whole() -> None:
    text = """\
        @route("/pay")
        async def charge(order):
            return order
        """
    [symbol] = symbols(text, "shop/pay.py")
    assert symbol == CodeSymbol(
        file_path="shop/pay.py",
        line_number=2,
        end_line_number=3,
        name="charge",
        qualified_name="charge",
        kind="function",
        language="python",
        is_exported=True,
        body_hash=symbol.body_hash,
    )


def test_python_functions_are_named_by_what_encloses_them() -> None:
    text = """\
        class Checkout:
            @property
            def total(self):
                def add(a, b):
                    return a + b

            class Line:
                def price(self): ...

        def _private(): ...

        if True:
            def public(): ...
        """
    assert outline(text, "a.py") == [
        ("Checkout.total", "method", 3, False),
        ("Checkout.total.add", "function", 4, False),
        ("Checkout.Line.price", "method", 8, False),
        ("_private", "function", 10, False),
        ("public", "function", 13, True),
    ]


def test_an_overload_that_only_declares_types_is_no_function() -> None:
    text = """\
        @overload
        def read(path: str) -> str: ...
        @typing.overload
        def read(path: bytes) -> bytes: ...
        def read(path): return path
        """
    assert outline(text, "a.py") == [("read", "function", 5, True)]


def test_every_way_to_give_a_function_a_name_is_known() -> None:
    text = """\
        function plain() {}
        async function later() {}
        function* each() {}
        const arrow = async (x) => x;
        let expression = function () {};
        var named = function other() {};
        const cast = ((x) => x) as Handler;
        Shop.prototype.open = function () {};
        items.map((item) => item.id);
        const total = items.reduce((sum, item) => sum + item, 0);
        const { first, second } = make(() => {});
        function close(){}function to(){}
        """
    assert outline(text) == [
        ("plain", "function", 1, False),
        ("later", "function", 2, False),
        ("each", "function", 3, False),
        ("arrow", "function", 4, False),
        ("expression", "function", 5, False),
        ("named", "function", 6, False),
        ("cast", "function", 7, False),
        ("open", "function", 8, False),
        ("close", "function", 12, False),
        ("to", "function", 12, False),
    ]


def test_members_of_an_exported_object_are_exported() -> None:
    text = """\
        export const handlers = {
          imported,
          bar() {},
          baz: async (data, ctx) => { const inner = () => 1; },
          "quoted-name": function () {},
          [computed]() {},
          nested: { deep: () => 1 },
        };
        const hidden = { qux() {} };
        """
    assert outline(text) == [
        ("handlers.bar", "function", 3, True),
        ("handlers.baz", "function", 4, True),
        ("handlers.baz.inner", "function", 4, False),
        ("handlers.quoted-name", "function", 5, True),
        ("handlers.nested.deep", "function", 7, True),
        ("hidden.qux", "function", 9, False),
    ]


@pytest.mark.parametrize("file_path", ["a.ts", "a.tsx", "a.js", "a.jsx", "a.mjs"])
def test_methods_are_named_after_their_class_and_not_exported_themselves(file_path: str) -> None:
    text = """\
        export class Player {
          constructor() {}
          static async play() {}
          #secret() {}
          onStop = () => {};
        }
        const Other = class { run() {} };
        """
    assert outline(text, file_path) == [
        ("Player.constructor", "method", 2, False),
        ("Player.play", "method", 3, False),
        ("Player.#secret", "method", 4, False),
        ("Player.onStop", "method", 5, False),
        ("Other.run", "method", 7, False),
    ]


def test_abstract_classes_and_namespaces_enclose_too() -> None:
    text = """\
        export abstract class Base { run(): void {} abstract stop(): void; }
        export namespace Shop { export function open() {} }
        """
    assert outline(text) == [("Base.run", "method", 1, False), ("Shop.open", "function", 2, True)]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("export function run() {}", "run"),
        ("export const run = () => 1;", "run"),
        ("export default function run() {}", "run"),
        ("export default function () {}", "default"),
        ("export default async () => 1;", "default"),
        ("export default { run() {} };", "default.run"),
        ("const run = () => 1;\nexport { run };", "run"),
        ("function run() {}\nexport { run as start };", "run"),
        ("function run() {}\nexport default run;", "run"),
        ("exports.run = () => 1;", "run"),
        ("module.exports.run = function () {};", "run"),
        ("function run() {}\nmodule.exports = run;", "run"),
        ("function run() {}\nmodule.exports = { run };", "run"),
        ("module.exports = { run() {} };", "exports.run"),
    ],
)
def test_every_way_to_export_a_function_is_known(text: str, name: str) -> None:
    assert [(s.qualified_name, s.is_exported) for s in symbols(text, "a.js")] == [(name, True)]


def test_jsx_is_read_in_tsx_files() -> None:
    text = "export const View = () => <p onClick={() => 1}>{rows.map((row) => <Row {...row} />)}</p>;\n"
    assert outline(text, "a.tsx") == [("View", "function", 1, True)]


def test_a_syntax_error_costs_only_what_stands_in_it() -> None:
    text = "def first(:\n    pass\n\ndef second(a, b) ->:\n    pass\n\ndef third():\n    pass\n"
    parsed = parse_symbols(text, "a.py", languages()[".py"])
    assert {"first", "third"} <= {symbol.name for symbol in parsed.symbols}
    assert parsed.error_line_number == 1


@pytest.mark.parametrize("text", ["", "\n\n", "# only a comment\n"])
def test_a_text_without_code_has_no_functions_and_no_error(text: str) -> None:
    assert parse_symbols(text, "a.py", languages()[".py"]) == ([], None)


def test_the_body_hash_changes_with_the_function_only() -> None:
    def body_hash(text: str) -> str:
        return symbols(text, "a.py")[-1].body_hash

    assert body_hash("def run():\n    return 1\n") == body_hash("# moved\n\ndef run():\r\n    return 1\r\n")
    assert body_hash("def run():\n    return 1\n") != body_hash("def run():\n    return 2\n")


def test_lines_count_characters_outside_ascii_rightly() -> None:
    text = "# 🎼 é\nname = 'e\u0301\u2028🎵'\ndef run():\n    return 'ü'\n"
    assert [(s.line_number, s.end_line_number) for s in symbols(text, "a.py")] == [(3, 4)]


def test_a_language_is_data_only() -> None:
    go = Language(
        name="go",
        extensions={".go": Dialect("go", "go")},
        functions={"function_declaration": {}, "method_declaration": {}},
        classes=frozenset(),
        names={"function_declaration": ("name",), "method_declaration": ("name",)},
        exporting=frozenset({"source_file"}),
        private="[a-z_]",
    )
    text = "package shop\n\nfunc Open() {}\n\nfunc (s *Shop) close() {}\n"
    found = parse_symbols(text, "shop.go", go).symbols
    assert [(s.name, s.line_number, s.language, s.is_exported) for s in found] == [
        ("Open", 3, "go", True),
        ("close", 5, "go", False),
    ]


def test_the_rules_have_only_keys_that_are_known() -> None:
    known = {field.name for field in fields(Language)}
    folders = resources.files("telemap.code").joinpath("rules").iterdir()
    files = {folder.name: folder.joinpath("functions.toml").read_text("utf-8") for folder in folders}
    assert files.keys() >= {"javascript", "python"}
    assert [name for name, text in files.items() if not tomllib.loads(text).keys() <= known] == []


@pytest.mark.parametrize("extension", sorted(languages()))
def test_the_rules_name_only_kinds_that_a_grammar_of_theirs_knows(extension: str) -> None:
    from ast_grep_py import SgRoot

    language = languages()[extension]
    roots = [SgRoot("", dialect.grammar).root() for dialect in language.extensions.values()]
    kinds = {*language.functions, *language.classes, *language.names, *language.default_names}

    def is_known(kind: str) -> bool:
        for root in roots:
            try:
                root.find(kind=kind)
            except RuntimeError:
                continue
            return True
        return False

    assert [kind for kind in kinds | language.wrappers | language.exporting if not is_known(kind)] == []
