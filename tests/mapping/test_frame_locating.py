"""How sure it is which line of the indexed code a frame means."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from telemap.code.reading import CodeIndex, read_tree
from telemap.mapping.stack_traces import Frame, FrameLocator, Located, stack_traces
from telemap.model.code import CodeLocation, CodeSymbol


def symbol(file_path: str, name: str, first_line: int, last_line: int) -> CodeSymbol:
    own = name.rpartition(".")[2]
    return CodeSymbol(file_path, first_line, last_line, own, name, "function", "python", True, body_hash="")


def index(*symbols: CodeSymbol) -> CodeIndex:
    return CodeIndex(symbols, tuple(sorted({one.file_path for one in symbols})))


def frame(
    function_name: str, file_path: str, line_number: int | None, language: str = "python", *, is_vendored: bool = False
) -> Frame:
    return Frame(function_name, file_path, line_number, None, language, is_vendored)


def place(file_path: str, line_number: int, function_name: str, confidence: float) -> CodeLocation:
    return CodeLocation(file_path, line_number, function_name, confidence, "stack")


CART = index(
    symbol("shop/cart.py", "Cart.add", 10, 20),
    symbol("shop/cart.py", "Cart.add.each", 15, 17),
    symbol("shop/cart.py", "total", 30, 40),
    symbol("shop/cart.py", "A.twice", 50, 52),
    symbol("shop/cart.py", "B.twice", 60, 62),
)
AT_LINE = "the function is at the printed line"
UNNAMED = "the frame names no function"
MOVED = "the code has moved: the function is no longer at the printed line"
CHANGED = "the code has changed: the function of the frame is not where it was printed"


@pytest.mark.parametrize(
    ("one", "location", "reason"),
    [
        (frame("add", "/srv/shop/cart.py", 12), ("Cart.add", 12, 0.98), AT_LINE),
        (frame("each", "/srv/shop/cart.py", 16), ("Cart.add.each", 16, 0.98), AT_LINE),
        (frame("add", "/srv/shop/cart.py", 16), ("Cart.add", 16, 0.98), AT_LINE),
        (frame("add", "cart.py", 12), ("Cart.add", 12, 0.85), AT_LINE),
        (frame("add", "/srv/old/cart.py", 12), ("Cart.add", 12, 0.6), f"{AT_LINE}; the folders of the file differ"),
        (frame("<module>", "/srv/shop/cart.py", 5), ("", 5, 0.8), UNNAMED),
        (frame("<lambda>", "/srv/shop/cart.py", 31), ("total", 31, 0.8), UNNAMED),
        (frame("<module>", "/srv/shop/cart.py", 101), ("", 101, 0.3), CHANGED),  # past the end
        (frame("total", "/srv/shop/cart.py", 12), ("total", 30, 0.6), MOVED),
        (frame("total", "/srv/shop/cart.py", 500), ("total", 30, 0.6), MOVED),
        (frame("total", "/srv/shop/cart.py", None), ("total", 30, 0.6), MOVED),
        (frame("twice", "/srv/shop/cart.py", 12), ("Cart.add", 12, 0.3), CHANGED),
        (frame("twice", "/srv/shop/cart.py", 61), ("B.twice", 61, 0.98), AT_LINE),
        (frame("gone", "/srv/shop/cart.py", 5), ("", 5, 0.3), CHANGED),
        (
            frame("add", "/usr/lib/python3/dist-packages/shop/cart.py", 12, is_vendored=True),
            ("Cart.add", 12, 0.6),
            f"{AT_LINE}; the frame is a library's",
        ),
    ],
)
def test_the_confidence_follows_from_path_and_function(
    one: Frame, location: tuple[str, int, float], reason: str
) -> None:
    function_name, line_number, confidence = location
    expected = Located((place("shop/cart.py", line_number, function_name, confidence),), reason)
    assert FrameLocator(CART, {"shop/cart.py": 100}).locate(one) == expected


def test_what_is_not_indexed_is_not_located() -> None:
    locator = FrameLocator(CART)
    assert locator.locate(frame("add", "/srv/shop/other.py", 1)) == Located((), "no indexed file has this name")
    assert locator.locate(frame("add", "", None)) == Located((), "the frame names no file")
    assert locator.locate(frame("gone", "/srv/shop/cart.py", None)).locations == ()


def test_two_roots_with_the_same_path_share_the_confidence() -> None:
    one = symbol("shop/cart.py", "add", 1, 9)
    twice = CodeIndex((one, one), ("shop/cart.py", "shop/cart.py"))
    assert FrameLocator(twice).locate(frame("add", "/srv/shop/cart.py", 5)) == Located(
        (place("shop/cart.py", 5, "add", 0.49),), f"{AT_LINE}; 2 files agree as much with the printed path"
    )


def test_a_frame_that_comes_again_is_not_looked_for_again() -> None:
    locator = FrameLocator(CART)
    first = locator.locate(frame("add", "/srv/shop/cart.py", 12))
    assert locator.locate(frame("add", "/srv/shop/cart.py", 12)) is first


def test_files_that_agree_as_much_share_by_what_is_at_the_line() -> None:
    several = index(
        symbol("a/index.ts", "run", 1, 9), symbol("b/index.ts", "run", 20, 29), symbol("c/index.ts", "x", 1, 2)
    )
    found = FrameLocator(several).locate(frame("run", "index.ts", 5, "javascript")).locations
    assert found == (
        place("a/index.ts", 5, "run", 0.739),
        place("b/index.ts", 20, "run", 0.035),
        place("c/index.ts", 5, "", 0.009),
    )


@pytest.mark.parametrize(
    ("language", "function_name", "file_path", "indexed_path", "indexed_name"),
    [
        ("python", "Cart.add", "/srv/shop/cart.py", "shop/cart.py", "Cart.add"),
        ("javascript", "new Cart", "/srv/shop/cart.js", "shop/cart.js", "Cart.constructor"),
        ("javascript", "Object.add", "/srv/shop/cart.js", "shop/cart.js", "add"),
        ("javascript", "async*add/<", "https://x.example/shop/cart.js", "shop/cart.js", "add"),
        ("java", "com.shop.Cart$Item.add", "Cart.java", "src/main/java/com/shop/Cart.java", "Cart.Item.add"),
        ("java", "com.shop.Cart.lambda$add$0", "Cart.java", "src/main/java/com/shop/Cart.java", "Cart.add"),
        ("java", "com.shop.Cart.<init>", "Cart.java", "src/main/java/com/shop/Cart.java", "Cart.Cart"),
        ("java", "com.shop.Cart$add$1.invokeSuspend", "Cart.kt", "src/main/kotlin/com/shop/Cart.kt", "Cart.add"),
        ("dotnet", "Shop.Cart.<Add>d__3.MoveNext", r"C:\src\Shop\Cart.cs", "src/Shop/Cart.cs", "Cart.Add"),
        ("dotnet", "Shop.Cart.<>c__DisplayClass1_0.<Add>b__0", "/src/Shop/Cart.cs", "src/Shop/Cart.cs", "Cart.Add"),
        ("dotnet", "Shop.Cart.<Add>g__Each|0_0", "/src/Shop/Cart.cs", "src/Shop/Cart.cs", "Cart.Add.Each"),
        ("dotnet", "Shop.Cart..ctor", "/src/Shop/Cart.cs", "src/Shop/Cart.cs", "Cart.Cart"),
        ("go", "github.com/acme/shop/cart.(*Cart).Add", "/app/cart/cart.go", "cart/cart.go", "Add"),
        ("go", "main.run.func1.2", "/app/cmd/main.go", "cmd/main.go", "run"),
        (
            "rust",
            "shop::cart::Cart::add::{{closure}}::h0123456789abcdef",
            "./src/cart/add.rs",
            "src/cart/add.rs",
            "add",
        ),
        ("rust", "<shop::Cart as core::fmt::Display>::fmt", "./src/cart/add.rs", "src/cart/add.rs", "Cart.fmt"),
        ("ruby", "Shop::Cart#add!", "/srv/shop/cart.rb", "shop/cart.rb", "Cart.add!"),
        ("php", r"Shop\Cart->add", "/srv/shop/Cart.php", "shop/Cart.php", "Cart.add"),
    ],
)
def test_functions_agree_however_a_language_prints_them(
    language: str, function_name: str, file_path: str, indexed_path: str, indexed_name: str
) -> None:
    locator = FrameLocator(index(symbol(indexed_path, indexed_name, 1, 9)))
    assert locator.locate(frame(function_name, file_path, 5, language)) == Located(
        (place(indexed_path, 5, indexed_name, 0.98),), AT_LINE
    )


def test_a_real_trace_leads_to_the_tree_that_it_came_from(tmp_path: Path) -> None:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "cart.py").write_text(
        "class Cart:\n    def add(self):\n        return self.count()\n    def count(self):\n        return 1 / 0\n"
    )
    (tmp_path / "main.py").write_text("from shop.cart import Cart\nCart().add()\n")
    ran = subprocess.run([sys.executable, "main.py"], cwd=tmp_path, capture_output=True, text=True)
    (trace,) = stack_traces(ran.stderr)
    readings = list(read_tree(tmp_path))
    symbols = tuple(symbol for reading in readings for symbol in reading.symbols)
    locator = FrameLocator(CodeIndex(symbols, tuple(reading.file.file_path for reading in readings)))
    assert [locator.locate(one).locations for one in trace.frames] == [
        (place("shop/cart.py", 5, "Cart.count", 0.98),),
        (place("shop/cart.py", 3, "Cart.add", 0.98),),
        (place("main.py", 2, "", 0.6),),
    ]
