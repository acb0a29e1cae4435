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
        body_line_number=3,
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


JAVA = """\
package com.shop;

public class Shop<T> extends Base {
    static { start(); }
    private final Runnable timer = () -> run();
    public Shop() { super(); }
    abstract int price();
    void open() {
        Runnable later = x -> close(x);
        door = () -> {};
        new Thread(new Runnable() {
            @Override public void run() {}
        });
        items.forEach(item -> {});
    }
    interface Till { default void ring() {} void close(); private void jam() {} }
    record Price(int cents) { Price { check(cents); } }
    enum Kind { BIG { void pack() {} }; public void send() {} }
    @interface Named {}
}
"""
GO = """\
package shop

func Open() {}
func asm(x int) int
func (s *Shop) close() { func() { go notify() }() }
func (s Shop[T]) Price() int { return 1 }
func (*Shop[T]) Kind() {}

var Handler = func() {}

func run() {
	later := func(a int) int { return a }
	routes := map[string]func(){"pay": func() {}}
	s.hook = func() {}
	server := Server{Close: func() {}}
	names["x"] = func() {}
}
"""
CSHARP = """\
using System;
namespace Shop.Api;

public class Checkout<T> : Base {
    public Checkout(int a) : base(a) { }
    ~Checkout() { }
    public int Total => Sum();
    internal int Count { get { return 1; } set; }
    public int Plain { get; set; }
    public static Checkout operator +(Checkout a, Checkout b) => a;
    public int this[int i] { get => i; }
    private Func<int, int> twice = x => x + x;
    protected abstract void Nothing();
    async Task<int> Charge(int a) {
        int Local(int b) => b;
        var add = (int c) => c;
        Done = delegate { };
        return await gate.PayAsync();
    }
    void IShop.Open() { }
}
interface IShop { void Close(); void Open() { } }
record Price(int Cents) { public int Whole() => Cents / 100; }
"""
RUST = """\
mod inner { pub(crate) fn deep() {} }
impl<T> Shop<T> {
    pub fn new() -> Self { Self {} }
    fn close(&self) { fn helper() {} }
}
impl fmt::Display for &shop::Shop { fn fmt(&self) {} }
trait Open { fn sign(&self); fn open(&self) {} }
pub async fn main() {
    let mut twice = |x| x + x;
    shop.hook = move || {};
    let spawned = spawn(|| {});
}
static START: fn() = || {};
"""
KOTLIN = """\
package com.shop

fun top(a: Int): Int = a
private fun String?.slug(): String { return "" }
val handler = { x: Int -> x + 1 }
val size: Int get() = count()

class Shop(val a: Int) : Base(a) {
    init { start() }
    constructor() : this(1) { log() }
    companion object { fun make() = Shop(1) }
    abstract fun price(): Int
    override fun close() {
        fun local() = 1
        onClick = { open() }
        items.map { it.name }
        val door = object : Runnable {
            override fun run() { go() }
        }
    }
    private val hidden = fun(x: Int): Int { return x }
    inner class Till { internal suspend fun ring() {} }
}

object Single {
    fun one() {}
}
interface Open { fun open(); fun close() {} }
enum class Kind {
    BIG { override fun pack() {} };

    fun send() {}
}
fun `pays twice`() {}
"""
RUBY = """\
module Shop::Api
  class Checkout < Base
    def self.open(x) = x
    def close; end
    def name=(value); end
    def [](key); end
    class << self
      def make; end
    end
    TWICE = ->(x) { x + x }
    later = lambda do |x| x end
    items.each { |item| item }
    included do
      def mixed; end
    end
    define_method(:dynamic) { |x| x }
    private def inline; end
    private
    def hidden; end
    public
    def shown; end
  end
end
def top; end
"""
PHP = """\
<?php
namespace Shop\\Api;

function top($a) { return $a; }

final class Checkout extends Base implements Till {
    public function __construct(private int $a) {}
    private static function hidden() {}
    function open() { return array_map(fn($x) => $x, []); }
    abstract function price();
}
interface Till { function ring(); }
trait Named { function name() {} }
enum Kind { case Big; public function label() {} }
$charge = function ($x) use ($y) { return $x; };
$routes = ['pay' => fn() => 1];
$object = new class { function anonymous() {} };
$this->hook = function () {};
"""


@pytest.mark.parametrize(
    ("text", "file_path", "expected"),
    [
        (
            JAVA,
            "Shop.java",
            """\
            4 method Shop.<clinit>
            5 method Shop.timer
            6 method Shop.Shop exported
            8 method Shop.open
            9 function Shop.open.later
            10 function Shop.open.door
            12 method Shop.open.run
            16 method Shop.Till.ring exported
            16 method Shop.Till.jam
            17 method Shop.Price.Price
            18 method Shop.Kind.BIG.pack
            18 method Shop.Kind.send exported
            """,
        ),
        (
            GO,
            "shop.go",
            """\
            3 function Open exported
            5 method Shop.close
            6 method Shop.Price exported
            7 method Shop.Kind exported
            9 function Handler exported
            11 function run
            12 function run.later
            13 function run.routes.pay
            14 function run.hook
            15 function run.server.Close
            """,
        ),
        (
            CSHARP,
            "Checkout.cs",
            """\
            5 method Shop.Api.Checkout.Checkout exported
            6 method Shop.Api.Checkout.Finalize
            7 method Shop.Api.Checkout.Total exported
            8 method Shop.Api.Checkout.Count exported
            10 method Shop.Api.Checkout.+ exported
            11 method Shop.Api.Checkout.Item exported
            12 method Shop.Api.Checkout.twice
            14 method Shop.Api.Checkout.Charge
            15 function Shop.Api.Checkout.Charge.Local
            16 function Shop.Api.Checkout.Charge.add
            17 function Shop.Api.Checkout.Charge.Done
            20 method Shop.Api.Checkout.Open
            22 method Shop.Api.IShop.Open exported
            23 method Shop.Api.Price.Whole exported
            """,
        ),
        (
            RUST,
            "shop.rs",
            """\
            1 function inner.deep exported
            3 method Shop.new exported
            4 method Shop.close
            4 function Shop.close.helper
            6 method Shop.fmt exported
            7 method Open.open exported
            8 function main exported
            9 function main.twice
            10 function main.hook
            13 function START
            """,
        ),
        (
            KOTLIN,
            "Shop.kt",
            """\
            3 function top exported
            4 method String.slug
            5 function handler exported
            6 function size exported
            9 method Shop.<init> exported
            10 method Shop.<init> exported
            11 method Shop.Companion.make exported
            13 method Shop.close exported
            14 function Shop.close.local
            15 function Shop.close.onClick
            18 method Shop.close.door.run
            21 method Shop.hidden
            22 method Shop.Till.ring exported
            26 method Single.one exported
            28 method Open.close exported
            30 method Kind.BIG.pack exported
            32 method Kind.send exported
            34 function pays twice exported
            """,
        ),
        (
            RUBY,
            "checkout.rb",
            """\
            3 method Shop.Api.Checkout.open exported
            4 method Shop.Api.Checkout.close exported
            5 method Shop.Api.Checkout.name= exported
            6 method Shop.Api.Checkout.[] exported
            8 method Shop.Api.Checkout.make exported
            10 method Shop.Api.Checkout.TWICE
            11 method Shop.Api.Checkout.later
            14 method Shop.Api.Checkout.mixed exported
            16 method Shop.Api.Checkout.dynamic
            17 method Shop.Api.Checkout.inline
            19 method Shop.Api.Checkout.hidden
            21 method Shop.Api.Checkout.shown exported
            24 function top exported
            """,
        ),
        (
            PHP,
            "checkout.php",
            """\
            4 function Shop.Api.top exported
            7 method Shop.Api.Checkout.__construct exported
            8 method Shop.Api.Checkout.hidden
            9 method Shop.Api.Checkout.open exported
            13 method Shop.Api.Named.name exported
            14 method Shop.Api.Kind.label exported
            15 function Shop.Api.charge
            16 function Shop.Api.routes.pay
            17 method Shop.Api.object.anonymous exported
            18 function Shop.Api.hook
            """,
        ),
    ],
    ids=["java", "go", "csharp", "rust", "kotlin", "ruby", "php"],
)
def test_every_form_of_a_function_is_known_in(text: str, file_path: str, expected: str) -> None:
    found = [
        f"{s.line_number} {s.kind} {s.qualified_name}" + " exported" * s.is_exported for s in symbols(text, file_path)
    ]
    assert found == dedent(expected).splitlines()


def test_a_namespace_names_what_follows_up_to_the_next() -> None:
    statements = "<?php\nfunction a() {}\nnamespace B;\nfunction c() {}\nnamespace D\\E;\nfunction f() {}\n"
    blocks = "namespace A.B { class C { void D() { } } }\nclass E { void F() { } }\n"
    assert [s.qualified_name for s in symbols(statements, "a.php")] == ["a", "B.c", "D.E.f"]
    assert [s.qualified_name for s in symbols(blocks, "a.cs")] == ["A.B.C.D", "E.F"]


def test_a_computed_key_is_no_name() -> None:
    text = "shop[Symbol.iterator] = function () {};\nshop[Symbol.dispose] = function dispose() {};\n"
    assert outline(text, "a.js") == [("dispose", "function", 2, False)]


@pytest.mark.parametrize("extension", sorted(languages()))
@pytest.mark.parametrize(
    "text", ["(" * 10_000, "(" * 10_000 + ")" * 10_000, "{[" * 5_000, 'x = "' + "\\" * 10_001, "\0\ufffd\ud7ff🎼"]
)
def test_text_that_is_no_program_stops_nothing(text: str, extension: str) -> None:
    assert parse_symbols(text, f"a{extension}", languages()[extension]).symbols == []


def test_functions_nested_very_deeply_are_all_found() -> None:
    depth = 500
    text = "".join(f"function f{number}() {{" for number in range(depth)) + "}" * depth
    assert len(parse_symbols(text, "a.js", languages()[".js"]).symbols) == depth


def test_a_language_is_data_only() -> None:
    go = Language(
        name="go",
        extensions={".go": Dialect("go", "go")},
        functions={"function_declaration": {}, "method_declaration": {}},
        classes=frozenset(),
        names={"function_declaration": ("name",), "method_declaration": ("name",)},
        exported={"has": {"field": "name", "regex": r"^\p{Lu}"}},
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
    named = {*language.names, *language.owners, *language.default_names, *language.exports}
    kinds = {*language.functions, *language.classes, *named}

    def is_known(kind: str) -> bool:
        for root in roots:
            try:
                root.find(kind=kind)
            except RuntimeError:
                continue
            return True
        return False

    assert [kind for kind in kinds | language.wrappers if not is_known(kind)] == []
    # Rules are checked when they are used.
    for root in roots:
        for default in language.default_names.values():
            assert not default.rule or not root.matches(**default.rule)
