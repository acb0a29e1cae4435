"""What a record tells of its origin, and the places it can have come from."""

from __future__ import annotations

from pathlib import Path

import pytest

from telemap.code.reading import CodeIndex, read_tree
from telemap.mapping.hints import NO_HINTS, Hints
from telemap.mapping.logged import Logged
from telemap.mapping.records import RecordLocator

PAY = """\
import logging

log = logging.getLogger("shop")


def charge(order):
    if order.amount < 0:
        raise ValueError("a negative amount")
    log.info("charged %s", order)


def pay(order):
    try:
        charge(order)
    except ValueError:
        log.exception("cannot pay %s", order)


def pay_again(order):
    log.error("cannot pay %s", order)
"""
TRACE = """
Traceback (most recent call last):
  File "/srv/shop/pay.py", line 14, in pay
    charge(order)
  File "/srv/shop/pay.py", line 8, in charge
    raise ValueError("a negative amount")
ValueError: a negative amount"""


@pytest.fixture(scope="module")
def locator(tmp_path_factory: pytest.TempPathFactory) -> RecordLocator:
    root = tmp_path_factory.mktemp("code")
    (root / "shop").mkdir()
    Path(root, "shop", "pay.py").write_text(PAY)
    [reading] = read_tree(root)
    assert reading.found
    return RecordLocator(reading.found["log_statement"], CodeIndex(tuple(reading.symbols), (reading.file.file_path,)))


@pytest.mark.parametrize(
    ("attributes", "hints"),
    [
        ({"method": "GET", "file": "upload.pdf", "line": "12", "class": "A"}, NO_HINTS),
        ({"line": "12"}, NO_HINTS),  # of what?
        ({"module": "the second of two", "function": "pay, then ship", "target": ""}, NO_HINTS),
        ({"src": "10.0.0.1:8080", "caller": "+49 30 123456"}, NO_HINTS),
        ({"file": "pay.py", "line": "²"}, Hints(file_path="pay.py")),
        ({"funcName": "pay", "lineno": "14", "filename": "pay.py"}, Hints("", "", "", "", "pay", "pay.py", 14)),
        ({"caller": "shop/cart.go:56"}, Hints(file_path="shop/cart.go", line_number=56)),
        ({"file": "shop/cart.go:56"}, Hints(file_path="shop/cart.go", line_number=56)),
        (
            {"caller_class_name": "a.Cart", "caller_method_name": "add", "caller_file_name": "Cart.java"},
            Hints(module="a.Cart", function="add", file_path="Cart.java"),
        ),
        (
            {"code.function.name": "pay", "func": "log", "code.file.path": "shop/pay.py", "code.line.number": "14"},
            Hints(function="pay", file_path="shop/pay.py", line_number=14),
        ),
    ],
)
def test_an_attribute_is_a_hint_where_it_looks_like_one(attributes: dict[str, str], hints: Hints) -> None:
    assert Logged("a message", attributes=attributes).hints() == hints


def test_a_record_with_a_trace_was_written_in_one_place_and_its_error_raised_in_another(locator: RecordLocator) -> None:
    found = locator.locate(Logged("cannot pay 7" + TRACE))

    assert [(c.location.line_number, c.location.evidence) for c in found.raised] == [(8, "stack")]
    assert sorted(c.location.line_number for c in found.written) == [16, 20]
    likely = sum(candidate.location.confidence for candidate in found.written)
    raised = found.raised[0].location.confidence
    assert {c.location.line_number: c.location.confidence for c in found.ranked} == {
        **{c.location.line_number: c.location.confidence for c in found.written},
        8: round(raised * (1 - likely), 3),
    }
    confidences = [c.location.confidence for c in found.ranked]
    assert confidences == sorted(confidences, reverse=True)
    assert sum(confidences) <= 1


def test_a_trace_that_no_statement_wrote_is_from_where_the_error_was_raised(locator: RecordLocator) -> None:
    found = locator.locate(Logged(TRACE.strip()))
    assert found.ranked == (*found.written, *found.raised)[: len(found.ranked)]
    assert [(c.location.line_number, c.location.function_name) for c in found.ranked][:1] == [(8, "charge")]


def test_the_values_of_a_message_are_told_by_what_the_code_calls_them(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(
        "import logging\n\nlog = logging.getLogger()\n"
        "log.info('%s: %d items for %.2f EUR, %x', user, len(cart), total, mask)\nlog.info('%s: nothing', user)\n"
    )
    [reading] = read_tree(tmp_path)
    assert reading.found
    locator = RecordLocator(reading.found["log_statement"], CodeIndex((), ("a.py",)))
    found = locator.locate(Logged("bob: 12 items for 1,234.50 EUR, ff"))
    assert found.attributes == {"user": "bob", "len(cart)": 12, "total": 1234.5, "mask": "ff"}
    found = locator.locate(Logged("bob: 12 items for nan EUR, 0"))
    assert found.attributes == {"user": "bob", "len(cart)": 12, "total": "nan", "mask": "0"}


@pytest.mark.parametrize(
    ("logged", "line_number", "evidence"),
    [
        # The statement in the function that is told, not the function's first line.
        (Logged("charged o1", attributes={"code.function.name": "charge"}), 9, "template"),
        (Logged("cannot pay o1", attributes={"code.function.name": "pay_again"}), 20, "template"),
        # Of no statement of the function nothing but the function is known.
        (Logged("another text", attributes={"code.function.name": "charge"}), 6, "attribute"),
        (
            Logged("cannot pay o1", attributes={"code.file.path": "/srv/shop/pay.py", "code.line.number": "16"}),
            16,
            "attribute",
        ),
        (Logged("WARNING: charged o1"), 9, "template"),
        (Logged("[error] charged o1"), 9, "template"),
        (Logged("Nothing: charged o1"), 9, "template"),
    ],
)
def test_what_a_record_tells_leads_to_the_statement_there(
    locator: RecordLocator, logged: Logged, line_number: int, evidence: str
) -> None:
    best = locator.locate(logged).ranked[0].location
    assert (best.line_number, best.evidence) == (line_number, evidence)


def test_a_told_function_alone_is_no_sure_place(locator: RecordLocator) -> None:
    (told,) = locator.locate(Logged("another text", attributes={"code.function.name": "charge"})).ranked
    assert (told.location.confidence, told.location.reason) == (0.5, "its function is told, not the line")


def test_a_severity_in_front_of_a_message_is_none_of_it(locator: RecordLocator) -> None:
    bare, in_front = (locator.locate(Logged(text)) for text in ("charged o1", "INFO: charged o1"))
    assert in_front.ranked[0].location.confidence >= bare.ranked[0].location.confidence
    assert in_front.attributes == bare.attributes == {"order": "o1"}


def test_values_are_those_of_the_statement_that_is_first(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(
        "import logging\n\nlog = logging.getLogger()\nlog.info('%s paid', first)\nlog.info('%s paid', second)\n"
    )
    [reading] = read_tree(tmp_path)
    assert reading.found
    locator = RecordLocator(reading.found["log_statement"], CodeIndex((), ("a.py",)))
    told = {"code.file.path": "a.py", "code.line.number": "5"}
    found = locator.locate(Logged("bob paid", attributes=told))
    assert (found.written[0].location.line_number, found.attributes) == (5, {"second": "bob"})
    nothing = locator.locate(Logged("bob left", attributes=told))
    assert (len(nothing.written), nothing.attributes) == (1, {})
