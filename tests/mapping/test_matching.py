"""Which log statements can have written a message, and how sure that is."""

from __future__ import annotations

import re
import time
from random import Random

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from telemap.mapping.confidence import FITTED
from telemap.mapping.hints import Agreement, Hints, agreement, split_location
from telemap.mapping.matching import Match, Matcher
from telemap.mapping.patterns import Fit, Pattern, PatternIndex
from telemap.mapping.values import values_in
from telemap.model.code import LogStatement, Template, Variable

CONFIDENT = 0.9


def template(text: str) -> Template:
    """``paid {amount:float} EUR`` as a template."""
    literals, variables = [""], []
    for number, piece in enumerate(re.split(r"\{(\w*(?::\w+)?)\}", text)):
        if number % 2:
            name, _, kind = piece.partition(":")
            variables.append(Variable(name, kind))
            literals.append("")
        else:
            literals[-1] += piece
    return Template(tuple(literals), tuple(variables))


def statement(
    text: str,
    file_path: str = "shop/pay.py",
    line_number: int = 1,
    function_name: str = "charge",
    *,
    kind: str = "log",
    severity_text: str = "INFO",
    logger_name: str = "",
) -> LogStatement:
    return LogStatement(
        *(file_path, line_number, line_number + 1, function_name, kind, severity_text, logger_name, template(text)),
        attributes=(),
        language="python",
    )


def places(matches: tuple[Match, ...]) -> list[tuple[str, int]]:
    return [(match.statement.file_path, match.statement.line_number) for match in matches]


def test_a_message_is_linked_to_the_statement_that_wrote_it_with_what_stands_in_its_gaps() -> None:
    paid = statement("order {order:int} was paid with {card} for {amount:float} EUR", line_number=41)
    matcher = Matcher([paid, statement("order {order} was cancelled"), statement("{text}")])
    message = "order 17 was paid with a gift card for 12.50 EUR"
    (match,) = matcher.match(message)
    assert match == Match(paid, match.confidence, ("text matches, 22 characters fixed",))
    assert match.confidence > CONFIDENT
    assert values_in(message, match.statement.template) == {"order": 17, "card": "a gift card", "amount": 12.5}


@pytest.mark.parametrize(
    ("text", "message", "fits"),
    [
        ("took {n:int} ms", "took 12 ms", True),
        ("took {n:int} ms", "took -1,200 ms", True),
        ("took {n:int} ms", "took long ms", False),
        ("took {n:float} ms", "took 1.5e-05 ms", True),
        ("took {n:float} ms", "took nan ms", True),
        ("took {n:float} ms", "took 1.5.2 ms", False),
        ("at {p:hex}", "at 0x7fA0", True),
        ("at {p:hex}", "at home", False),
        ("{n:int}, {m:int}", "12, 13", True),
        ("[{n:int}] done", "[  7] done", True),
        ("{a} in {n:int} of {b}", "cut in half in 3 of 4", True),
        ("{a} in {n:int} of {b}", "cut in half in three of 4", False),
        ("a{x}b{y}a", "aab", False),
        ("a{x}b{y}a", "abba", True),
        ("{x}{y}!", "hm!", True),
        ("ready", "ready", True),
        ("ready", "not ready", False),
        ("  - {x}\n", "- two\nlines", True),
        ("status 404", "status 500", False),
        ("", "", True),
    ],
)
def test_a_template_fits_what_it_can_write(text: str, message: str, fits: bool) -> None:
    assert Pattern(template(text)).fits(message.strip()) is fits


def test_texts_of_one_shape_are_told_apart_where_a_template_has_digits() -> None:
    index = PatternIndex([template("GET {path} gave 404"), template("GET {path} gave {status:int}")])
    found = [index.find(f"GET /a/{n} gave {status}") for n, status in ((1, 500), (2, 404), (3, 200), (4, 404))]
    general, exact = (1, Fit.WHOLE), (0, Fit.WHOLE)
    assert found == [(general,), (exact, general), (general,), (exact, general)]


@pytest.mark.parametrize(
    ("message", "fit", "values"),
    [
        ("cart 7 was stored\nTraceback (most recent call last):\n  ...", Fit.EXTENDED, {}),
        ("cart 7 was stored user=bob n=3 why='too late'", Fit.EXTENDED, {"user": "bob", "why": "too late"}),
        ('cart 7 was stored {"user": "bob"}', Fit.EXTENDED, {}),
        ("[worker-1] cart 7 was stored", Fit.EMBEDDED, {}),
        ("cart 7 was stored by someone a=b", Fit.EMBEDDED, {}),
    ],
)
def test_text_around_a_message_is_tolerated_but_lowers_the_confidence_if_no_formatter_writes_it(
    message: str, fit: Fit, values: dict[str, str]
) -> None:
    stored = statement("cart {n:int} was stored")
    matcher = Matcher([stored])
    (match,) = matcher.match(message)
    (whole,) = matcher.match("cart 7 was stored")
    assert (match.statement, values_in(message, stored.template)) == (stored, {"n": 7, **values})
    assert match.evidence == (fit.value.format(13),)
    assert (match.confidence < CONFIDENT) == (fit is Fit.EMBEDDED)
    assert match.confidence <= whole.confidence + 0.05


def test_a_template_is_not_found_inside_a_word() -> None:
    assert Matcher([statement("stored")]).match("it was restored") == ()


def test_the_same_text_at_several_places_is_shared() -> None:
    same = [statement("connection to {host} was lost", "shop/db.py", line) for line in (3, 7, 9, 12)]
    matches = Matcher(same).match("connection to db.local was lost")
    assert places(matches) == [("shop/db.py", line) for line in (3, 7, 9, 12)]
    assert [match.confidence for match in matches] == [pytest.approx(0.245, abs=0.01)] * 4
    assert matches[0].evidence[1] == "one of 4 statements with this text"


def test_more_of_the_text_said_by_the_code_is_likelier() -> None:
    general, exact = (
        statement("sending {what}", line_number=1),
        statement("sending {what} to {host} again", line_number=2),
    )
    matches = Matcher([general, exact]).match("sending cart to db.local again")
    assert places(matches)[0] == ("shop/pay.py", 2)
    assert matches[0].confidence > CONFIDENT


def test_a_number_speaks_for_the_gap_that_only_a_number_fits() -> None:
    anything, number = statement("retry {x} of job", line_number=1), statement("retry {n:int} of job", line_number=2)
    assert places(Matcher([anything, number]).match("retry 3 of job"))[0] == ("shop/pay.py", 2)
    assert places(Matcher([anything, number]).match("retry last of job")) == [("shop/pay.py", 1)]


@pytest.mark.parametrize("text", ["{text}", "{a} {b}", "{a}: {b}", "Error: {x}", "{a}={b}"])
def test_a_template_that_can_write_nearly_anything_is_never_told_with_confidence(text: str) -> None:
    loose = [statement(text), statement("cache was warmed up", line_number=9)]
    for message in ("Error: no such table", "retry: in 3 s", "a=b", "library says hello"):
        assert all(match.confidence < CONFIDENT for match in Matcher(loose).match(message))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{a} to {b} of {c} in {d} with {e}", "Failed to connect to host of cluster in zone with error"),
        ("{a} and {b} from {c} for {d}", "read and write timeouts from pool for request 7"),
        ("{a}={b}, {c}={d}, {e}={f}, {g}={h}, {i}={j}, {k}={l}", "a=1, b=2, c=3, d=4, e=5, f=6"),
        ("----------------------", "----------------------"),
    ],
)
def test_short_words_between_gaps_and_rules_are_in_texts_of_anybody(text: str, message: str) -> None:
    (match,) = Matcher([statement(text)]).match(message)
    assert match.confidence < CONFIDENT


def test_what_can_write_anything_comes_forward_where_module_and_function_say_so() -> None:
    relay = statement("{text}", "shop/relay.py", 5, "relay")
    others = [statement("{text}", f"shop/m{n}.py", 5, "main") for n in range(20)]
    matcher = Matcher([*others, relay])
    assert matcher.match("whatever was said") == ()
    matches = matcher.match("whatever was said", Hints(logger_name="shop.relay", function="relay"))
    assert matches[0].statement == relay
    assert matches[0].evidence == (
        "can write any text",
        "logger shop.relay is shop/relay.py",
        "function relay is relay",
    )


def test_hints_tell_equal_texts_apart() -> None:
    pay = statement("request failed", "shop/pay.py", 10, "Cart.charge", severity_text="ERROR")
    ship = statement("request failed", "shop/ship.py", 10, "send", severity_text="WARN")
    matcher = Matcher([pay, ship])
    for hints in (
        Hints(logger_name="shop.pay"),
        Hints(module="pay"),
        Hints(function="charge"),
        Hints(severity_text="error"),
        Hints(file_path="/srv/app/shop/pay.py", line_number=10),
        Hints(printed_location="pay.py:10"),
    ):
        assert matcher.match("request failed", hints)[0].statement == pay
    located = matcher.match("request failed", Hints(file_path="shop/pay.py", line_number=11))
    assert located[0].confidence > CONFIDENT
    assert located[0].evidence == (
        "text matches, 13 characters fixed",
        "one of 2 statements with this text",
        "file shop/pay.py is shop/pay.py",
        "line 11 is 10 to 11",
    )


def test_the_logger_of_a_library_speaks_for_code_that_is_not_indexed() -> None:
    matcher = Matcher([statement("retrying {x}")])
    (own,) = matcher.match("retrying (Retry(total=2))", Hints(logger_name="shop.pay"))
    (foreign,) = matcher.match("retrying (Retry(total=2))", Hints(logger_name="urllib3.connectionpool"))
    assert own.confidence > CONFIDENT > 0.5 > foreign.confidence


def test_an_error_of_any_text_is_no_candidate() -> None:
    raised = statement("{text}", "shop/relay.py", 5, "relay", kind="raise", logger_name="RelayError")
    assert Matcher([raised]).match("whatever was said", Hints(module="relay", function="relay")) == ()


def test_an_error_raised_with_the_text_is_less_likely_than_the_statement_that_logs_it() -> None:
    raised = statement("card was refused", line_number=3, kind="raise", logger_name="PayError")
    logged = statement("card was refused", line_number=9)
    matches = Matcher([raised, logged]).match("card was refused")
    assert places(matches) == [("shop/pay.py", 9), ("shop/pay.py", 3)]


@pytest.mark.parametrize(
    ("hints", "own", "expected"),
    [
        (Hints(logger_name="shop.pay"), ("src/shop/pay.py", "charge", ""), Agreement(logger=1)),
        (Hints(logger_name="shop.pay"), ("pay.py", "charge", ""), Agreement(logger=1)),
        (Hints(logger_name="shop.pay.Cart"), ("shop/pay.py", "Cart.charge", ""), Agreement(logger=1)),
        (Hints(logger_name="shop.pay"), ("shop/pay/__init__.py", "charge", ""), Agreement(logger=1)),
        (Hints(logger_name="shop"), ("shop/pay.py", "charge", ""), Agreement()),
        (Hints(logger_name="shop.ship"), ("shop/pay.py", "charge", ""), Agreement(logger=-1)),
        (Hints(logger_name="ledger"), ("shop/pay.py", "charge", "ledger"), Agreement(logger=1)),
        (Hints(logger_name="ledger"), ("shop/pay.py", "charge", "audit"), Agreement(logger=-1)),
        (
            Hints(logger_name="t.s.TravelServiceImpl"),
            ("ts/src/main/java/travel/service/TravelServiceImpl.java", "TravelServiceImpl.query", "TravelServiceImpl"),
            Agreement(logger=1),
        ),
        (
            Hints(logger_name="x.s.TravelServiceImpl"),
            ("ts/travel/service/TravelServiceImpl.java", "TravelServiceImpl.query", ""),
            Agreement(logger=-1),
        ),
        (Hints(module="pay", function="charge"), ("shop/pay.py", "Cart.charge", ""), Agreement(file=1, function=1)),
        (Hints(function="<module>"), ("shop/pay.py", "", ""), Agreement(function=1)),
        (Hints(function="<module>"), ("shop/pay.py", "charge", ""), Agreement(function=-1)),
        (Hints(file_path="shop/pay.py", line_number=9), ("shop/pay.py", "charge", ""), Agreement(file=1, line=-1)),
        (Hints(file_path="shop/ship.py", line_number=4), ("shop/pay.py", "charge", ""), Agreement(file=-1)),
        (Hints(printed_location="pay.py:4:17"), ("shop/pay.py", "charge", ""), Agreement(file=1, line=1)),
        (Hints(severity_text="NOTICE"), ("shop/pay.py", "charge", ""), Agreement(severity=1)),
        (Hints(severity_text="debug"), ("shop/pay.py", "charge", ""), Agreement(severity=-1)),
        (Hints(severity_text="odd"), ("shop/pay.py", "charge", ""), Agreement()),
    ],
)
def test_hints_agree_with_a_statement_or_not(hints: Hints, own: tuple[str, str, str], expected: Agreement) -> None:
    file_path, function_name, logger_name = own
    one = statement("x", file_path, 4, function_name, logger_name=logger_name)
    assert agreement(hints.located(), one) == expected


@pytest.mark.parametrize(
    ("message", "split"),
    [
        ("o.s.OrderServiceImpl#361 order not found", ("o.s.OrderServiceImpl#361", "order not found")),
        ("[Cart.ts:56:7] added", ("Cart.ts:56:7", "added")),
        ("shop/pay.py:12 - charged", ("shop/pay.py:12", "charged")),
        ("pay.py:12: charged", ("pay.py:12", "charged")),
        ("db.local:5432 refused", ("", "db.local:5432 refused")),
        ("https://x.ts:56/a", ("", "https://x.ts:56/a")),
        ("issue #56 closed", ("", "issue #56 closed")),
        ("error in pay.py:12", ("", "error in pay.py:12")),
        ("12:30:05 up", ("", "12:30:05 up")),
        ("", ("", "")),
    ],
)
def test_a_message_that_begins_with_a_place_in_code_is_split(message: str, split: tuple[str, str]) -> None:
    assert split_location(message) == split


WORDS = st.sampled_from(["cart", "was", "paid", "x", "404", ":", "(", "é"])
TEMPLATES = st.lists(
    st.tuples(st.lists(WORDS, max_size=3).map(" ".join), st.sampled_from(["", "", "int"])), min_size=1, max_size=4
).map(
    lambda parts: Template(
        tuple(literal for literal, _ in parts), tuple(Variable(f"v{n}", kind) for n, (_, kind) in enumerate(parts[1:]))
    )
)


@example([Template(("", "cart", "", "404"), (Variable("a"), Variable("b", "int"), Variable("c")))], Random(1))
@example([Template(("", "cart", "404", "404"), (Variable("a"), Variable("b", "int"), Variable("c")))], Random(1))
@given(st.lists(TEMPLATES, min_size=1, max_size=6), st.randoms(use_true_random=False))
def test_the_statement_that_wrote_a_message_is_always_found(templates: list[Template], rng: Random) -> None:
    index = PatternIndex(templates)
    for number, one in enumerate(templates):
        for _ in range(3):
            values = [
                str(rng.randrange(500)) if variable.kind else rng.choice(["", "x", "404", "was paid", "a: (b)"])
                for variable in one.variables
            ]
            message = one.literals[0] + "".join(v + text for v, text in zip(values, one.literals[1:], strict=True))
            assert number in index.open_numbers or (number, Fit.WHOLE) in index.find(message)


@given(st.text(alphabet="ab0 :=\n", max_size=40), st.text(alphabet="ab0 :=\n", max_size=8))
def test_what_was_found_before_changes_nothing(message: str, other: str) -> None:
    templates = [template(text) for text in ("ab {x}", "{x:int} ab", "a0 ab {x}", "{x} = {y}", "ab ab 00")]
    index = PatternIndex(templates)
    index.find(re.sub("0", "1", message) + other)
    index.find(re.sub("0", "1", message))
    assert index.find(message) == PatternIndex(templates).find(message)


def test_hostile_texts_take_time_in_proportion_to_their_length() -> None:
    gaps = " a ".join(["{x}"] * 12)
    texts = (f"{gaps} ab {{n:int}} ba", "aa {n:int} {m:float} {x} aa end", "took {x} {n:int} of it")
    matcher = Matcher(map(statement, texts))
    begun = time.process_time()
    for message in ("a " * 100_000 + "ab x ba", "aa " * 100_000, "aa " + "1," * 100_000, "=" * 100_000, "\n" * 100_000):
        matcher.match(message)
    matcher.match("took " + " " * 100_000 + "x of it")
    assert time.process_time() - begun < 5


def test_variables_of_other_names_make_no_other_text() -> None:
    matches = Matcher([statement("sent {a} bytes", line_number=1), statement("sent {b} bytes", line_number=2)])
    assert [match.confidence for match in matches.match("sent 5 bytes")] == [pytest.approx(0.47, abs=0.04)] * 2


def test_white_space_around_a_template_does_not_count() -> None:
    assert Pattern(template("  a{x}b\n")).literals == ("a", "b")


def test_no_weight_speaks_for_a_hint_that_differs() -> None:
    hints = ("logger", "file", "line", "function", "severity")
    assert all(FITTED[f"{hint}_differs"] < 0 < FITTED[f"{hint}_agrees"] for hint in hints)
