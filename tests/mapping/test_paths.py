"""Which indexed files a printed path can mean."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telemap.mapping.paths import Agreement, FilePaths, segments

NAMES = st.sampled_from(["shop", "cart", "lib", "src", "a.py", "b.py"])
PATHS = st.lists(NAMES, min_size=1, max_size=4).map("/".join)


@pytest.mark.parametrize(
    ("printed", "names"),
    [
        ("/srv/shop/cart.py", ("srv", "shop", "cart.py")),
        ("./src/main.rs", ("src", "main.rs")),
        (r"C:\shop\Cart.cs", ("C:", "shop", "Cart.cs")),
        ("file:///srv/a%20b/cart.mjs", ("srv", "a b", "cart.mjs")),
        ("https://shop.example/app.js?v=1#top", ("shop.example", "app.js")),
        ("webpack://shop/./src/cart.ts?a1b2", ("shop", "src", "cart.ts")),
        ("webpack:///../lib/cart.ts", ("lib", "cart.ts")),
        ("node:internal/main", ("internal", "main")),
        ("github.com/acme/shop@v1.2.3/cart/cart.go", ("github.com", "acme", "shop", "cart", "cart.go")),
        ("/srv/@acme/shop/50%25.js", ("srv", "@acme", "shop", "50%25.js")),
        ("", ()),
    ],
)
def test_a_printed_path_is_taken_apart(printed: str, names: tuple[str, ...]) -> None:
    assert segments(printed) == names


@pytest.mark.parametrize(
    ("printed", "agreement", "found"),
    [
        ("/srv/app/shop/cart.py", Agreement.FOLDERS, {"shop/cart.py": 1}),
        ("shop/cart.py", Agreement.FOLDERS, {"shop/cart.py": 1}),
        ("/srv/old/cart.py", Agreement.NAME, {"shop/cart.py": 1, "web/cart.py": 1}),
        ("cart.py", Agreement.ALONE, {"shop/cart.py": 1, "web/cart.py": 1}),
        ("/opt/main.py", Agreement.ALONE, {"src/main.py": 1}),
        ("src/main.py", Agreement.FOLDERS, {"src/main.py": 1}),
        ("/srv/twice/both.py", Agreement.FOLDERS, {"twice/both.py": 2}),
        ("/srv/packages/pay/index.ts", Agreement.FOLDERS, {"packages/pay/src/index.ts": 1}),
        ("/srv/none.py", Agreement.NAME, {}),
        ("", Agreement.NAME, {}),
    ],
)
def test_the_files_are_found_that_agree_most(printed: str, agreement: Agreement, found: dict[str, int]) -> None:
    paths = FilePaths(
        [
            *("shop/cart.py", "web/cart.py", "src/main.py", "twice/both.py", "twice/both.py"),
            *("packages/pay/src/index.ts", "packages/log/src/index.ts"),
        ]
    )
    assert paths.matching(printed) == (agreement, found)


@settings(deadline=None)
@given(st.lists(PATHS, unique=True, min_size=1), st.data())
def test_a_file_is_found_by_its_own_path_below_any_folder(paths: list[str], data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(paths))
    assert path in FilePaths(paths).matching(path)[1]
    assert FilePaths(paths).matching(f"/somewhere/else/{path}")[1].keys() >= {path} - {
        other for other in paths if other.endswith(f"/{path}")
    }
