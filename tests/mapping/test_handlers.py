"""How sure it is which function a handler's name means."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telemap.code.reading import CodeIndex
from telemap.mapping.handlers import locate_function
from telemap.model.code import CodeLocation, CodeSymbol
from telemap.model.declared import Step


def locate_handlers(steps: Iterable[Step], module: str, index: CodeIndex) -> dict[Step, tuple[CodeLocation, ...]]:
    """For each step that has a handler, the places it can be in, best first; none is an answer."""
    return {
        step: locate_function(step.handler, module, index, declared_in=step.file_path, kind=step.kind)
        for step in steps
        if step.handler is not None
    }


def symbol(
    file_path: str, qualified_name: str = "run", line_number: int = 1, *, is_exported: bool = True
) -> CodeSymbol:
    name = qualified_name.rpartition(".")[2]
    return CodeSymbol(
        file_path, line_number, line_number, name, qualified_name, "function", "python", is_exported, body_hash=""
    )


def index(*symbols: CodeSymbol, without_functions: tuple[str, ...] = ()) -> CodeIndex:
    paths = {one.file_path for one in symbols} | set(without_functions)
    return CodeIndex(tuple(symbols), tuple(sorted(paths)))


def ranked(found: tuple[CodeLocation, ...]) -> list[tuple[str, float]]:
    return [(location.file_path, location.confidence) for location in found]


@pytest.mark.parametrize(
    ("module", "file_path"),
    [
        ("storefront.handlers.checkout", "storefront/handlers/checkout.py"),
        ("storefront.handlers.checkout", "src/storefront/handlers/checkout.py"),
        ("storefront.handlers.checkout", "handlers/checkout.py"),
        ("storefront.handlers", "storefront/handlers/__init__.py"),
        ("storefront.handlers", "storefront/handlers/checkout.py"),
        ("checkout.py", "storefront/checkout.py"),
        ("@shop/canvas-component", "packages/canvas-component/src/create/create.stage-crew.ts"),
        ("@shop/panel/symphonies/ui/ui.symphony", "packages/panel/src/symphonies/ui/ui.symphony.ts"),
        ("packages/panel/src/ui/ui.symphony.ts", "packages/panel/src/ui/ui.symphony.ts"),
        ("./handlers/checkout", "shop/handlers/checkout.js"),
    ],
)
def test_the_only_function_of_a_name_in_the_declared_module_is_almost_certain(module: str, file_path: str) -> None:
    assert locate_function("run", module, index(symbol(file_path, line_number=7))) == (
        CodeLocation(file_path, 7, "run", 0.98, "definition", "the only function of this name, in the declared module"),
    )


@pytest.mark.parametrize("module", [None, "", "@vendor/package", "vendor.package", "handlers/run.symphony"])
def test_the_only_function_of_a_name_is_likely_where_the_module_is_not_known(module: str | None) -> None:
    assert ranked(locate_function("run", module, index(symbol("shop/checkout.py")))) == [("shop/checkout.py", 0.9)]


def test_a_file_name_alone_does_not_make_a_module() -> None:
    assert ranked(locate_function("run", "shop.handlers.pay", index(symbol("pay.py")))) == [("pay.py", 0.9)]


@pytest.mark.parametrize(
    ("module", "declared", "found"),
    [
        ("shop.handlers.checkout", "shop/handlers/checkout.py", "shop/handlers/cart.py"),
        ("@shop/header", "packages/header/src/theme.ts", "packages/library/src/theme.ts"),
        ("@shop/panel/ui/ui.symphony", "packages/panel/src/ui/ui.symphony.ts", "packages/panel/src/uix.ts"),
    ],
)
def test_the_only_function_of_a_name_is_doubted_where_another_module_is_declared(
    module: str, declared: str, found: str
) -> None:
    functions = index(symbol(found), without_functions=(declared,))
    assert ranked(locate_function("run", module, functions)) == [(found, 0.5)]


def test_a_function_beside_the_declared_file_is_likely_as_the_file_may_pass_it_on() -> None:
    functions = index(symbol("panel/ui/ui.stage-crew.ts"), without_functions=("panel/ui/ui.symphony.ts",))
    assert ranked(locate_function("run", "@shop/panel/ui/ui.symphony", functions)) == [
        ("panel/ui/ui.stage-crew.ts", 0.95)
    ]


def test_the_name_of_a_root_counts_as_the_folder_of_its_files() -> None:
    pay, library = (
        replace(symbol("src/ui/ui.symphony.ts"), root=f"/srv/node_modules/@shop/{name}") for name in ("pay", "library")
    )
    both = index(pay, library)
    assert [(one.root[-7:], one.confidence) for one in locate_function("run", "@shop/library", both)] == [
        ("library", 0.941),
        ("hop/pay", 0.009),
    ]
    assert [one.confidence for one in locate_function("run", "@shop/library", index(library))] == [0.98]
    assert [one.confidence for one in locate_function("run", "@shop/library", index(pay))] == [0.9]
    assert [one.confidence for one in locate_function("run", "@shop/pay/ui/ui.stage", index(pay))] == [0.95]


def test_no_function_of_a_name_is_an_answer() -> None:
    assert locate_function("run", "shop.checkout", index(symbol("shop/checkout.py", "runs"))) == ()


@pytest.mark.parametrize(("count", "confidence"), [(2, 0.475), (3, 0.317), (4, 0.237)])
def test_equals_share_equally_in_the_order_of_their_paths(count: int, confidence: float) -> None:
    functions = index(*(symbol(f"shop/{letter}.py") for letter in "dbca"[-count:]))
    paths = [f"shop/{letter}.py" for letter in sorted("dbca"[-count:])]
    assert ranked(locate_function("run", None, functions)) == [(path, confidence) for path in paths]


def test_at_most_five_candidates_are_named_and_the_others_keep_their_share() -> None:
    functions = index(*(symbol(f"shop/m{number}.py") for number in range(10)))
    assert ranked(locate_function("run", None, functions)) == [(f"shop/m{number}.py", 0.095) for number in range(5)]


def test_none_of_several_is_trusted_where_another_module_is_declared() -> None:
    functions = index(symbol("shop/a.py"), symbol("shop/b.py"), without_functions=("shop/pay.py",))
    assert ranked(locate_function("run", "shop.pay", functions)) == [("shop/a.py", 0.25), ("shop/b.py", 0.25)]


def test_of_several_the_one_in_the_declared_module_leads() -> None:
    functions = index(symbol("shop/a.py"), symbol("shop/pay.py"))
    assert ranked(locate_function("run", "shop.pay", functions)) == [("shop/pay.py", 0.941), ("shop/a.py", 0.009)]


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        (symbol("z/a.ts"), symbol("a/a.ts", is_exported=False)),
        (symbol("z/drag.symphony.ts"), symbol("a/drop.symphony.ts")),
        (symbol("z/drag.move.ts"), symbol("a/drag.end.ts")),
        (symbol("z/one.stage-crew.ts"), symbol("a/one.pure.ts")),
        (symbol("z/run.ts"), symbol("a/__tests__/run.ts")),
        (symbol("z/run.ts"), symbol("a/run.spec.ts")),
        (symbol("z/run.py"), symbol("a/test_run.py")),
    ],
)
def test_of_several_the_likelier_one_leads_but_is_not_sure(better: CodeSymbol, worse: CodeSymbol) -> None:
    found = locate_function("run", None, index(worse, better), declared_in="flows/drag.move.json", kind="stage-crew")
    assert [location.file_path for location in found] == [better.file_path, worse.file_path]
    assert 0.6 < found[0].confidence < 0.9
    assert sum(location.confidence for location in found) == pytest.approx(0.95, abs=0.0015)


def test_a_function_that_only_a_test_has_is_doubted() -> None:
    functions = index(symbol("shop/tests/test_pay.py"))
    assert ranked(locate_function("run", "shop.tests.test_pay", functions)) == [("shop/tests/test_pay.py", 0.5)]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Checkout.charge", [("shop/pay.py", 0.9)]),
        ("shop.pay.Checkout.charge", [("shop/pay.py", 0.98)]),
        ("shop.pay.refund.<locals>.undo", [("shop/pay.py", 0.98)]),
        ("shop.pay.refund", [("shop/pay.py", 0.98)]),
        ("vendor.bank.refund", [("shop/pay.py", 0.5)]),
        ("Order.charge", [("shop/cli.py", 0.5)]),
        ("Order.refund.undo", [("shop/pay.py", 0.5)]),
        ("Order.undo", []),
        ("charge.refunds", []),
    ],
)
def test_a_name_may_say_its_class_and_module(name: str, expected: list[tuple[str, float]]) -> None:
    in_pay = (symbol("shop/pay.py", one) for one in ("Checkout.charge", "refund", "refund.undo"))
    functions = index(symbol("shop/cli.py", "charge"), *in_pay)
    assert ranked(locate_function(name, None, functions)) == expected


def test_the_evidence_is_that_of_the_caller() -> None:
    [found] = locate_function("run", None, index(symbol("a.py", "Shop.run", 3)), evidence="attribute")
    reason = "the only function of this name, and no module to compare with"
    assert found == CodeLocation("a.py", 3, "Shop.run", 0.9, "attribute", reason)


def test_every_beat_with_a_handler_is_located() -> None:
    def beat(number: int, handler: str | None, kind: str | None = None) -> Step:
        return Step(f"drag:{number}", "flows/drag.json", number, handler, kind=kind, beat=number)

    # The number of a beat need not be its own: two beats 2.
    beats = (beat(1, "run", "stage-crew"), beat(2, "gone"), beat(2, None), beat(2, "stop"))
    functions = index(
        symbol("canvas/src/drag.stage-crew.ts", "run", 4),
        symbol("canvas/src/resize.stage-crew.ts", "run", 9),
        symbol("header/src/drag.stage-crew.ts", "stop", 5),
    )
    one_of_two = "one of 2 functions of this name, in the declared module"
    elsewhere = "the only function of this name, but in another module than declared"
    assert locate_handlers(beats, "@shop/canvas", functions) == {
        beats[0]: (
            CodeLocation("canvas/src/drag.stage-crew.ts", 4, "run", 0.633, "definition", one_of_two),
            CodeLocation("canvas/src/resize.stage-crew.ts", 9, "run", 0.317, "definition", one_of_two),
        ),
        beats[1]: (),
        beats[3]: (CodeLocation("header/src/drag.stage-crew.ts", 5, "stop", 0.5, "definition", elsewhere),),
    }


PATHS = st.lists(
    st.sampled_from(["shop/a.py", "shop/b.py", "src/pay/c.ts", "tests/d.py", "pay.symphony.ts", "e.min.py"]), min_size=1
)


@given(PATHS, st.sampled_from([None, "shop", "shop.a", "@x/pay", "pay.symphony"]), st.randoms())
def test_shares_never_exceed_a_whole_and_the_order_of_the_index_does_not_matter(
    paths: list[str], module: str | None, random: Random
) -> None:
    symbols = [symbol(path, line_number=number) for number, path in enumerate(paths)]
    found = locate_function("run", module, index(*symbols))
    random.shuffle(symbols)
    assert locate_function("run", module, index(*symbols)) == found
    assert sum(location.confidence for location in found) <= 0.98 + 0.003
    assert [location.confidence for location in found] == sorted((one.confidence for one in found), reverse=True)
    assert len({location.confidence for location in found if location.confidence > 0.9}) == sum(
        location.confidence > 0.9 for location in found
    )


def test_a_name_may_leave_out_the_namespaces_around_it() -> None:
    index_of = index(symbol("api/checkout.cs", "Shop.Api.Checkout.Charge", 3), symbol("a.cs", "Shop.Other.Charge", 9))
    [found] = locate_function("Checkout.Charge", None, index_of)
    assert (found.file_path, found.function_name, found.confidence) == (
        "api/checkout.cs",
        "Shop.Api.Checkout.Charge",
        0.9,
    )
