"""Messages as code writes them: escapes, marks for values, and the template that comes of it."""

from __future__ import annotations

import pytest

from telemap.code.languages import rules
from telemap.code.logging_rules import LoggingRules
from telemap.code.templates import Pieces, filled, merged, template, unescaped
from telemap.model.code import Template, Variable


def marks(language: str, directives: str, text: str, *values: str) -> tuple[Pieces, int]:
    return filled((text,), rules("logging", LoggingRules)[language].directives[directives], values)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (r"a\tb\n", "a\tb\n"),
        (r"say \"hi\" or \'hi\' in C:\\temp", "say \"hi\" or 'hi' in C:\\temp"),
        (r"\x41\u00e9\U0001F600\u{1F600}", "Aé😀😀"),
        (r"\uD83D\uDE00", "😀"),
        (r"\N{SNOWMAN} \N{no such name}", "☃ \\N{no such name}"),
        (r"\0\101", "\0A"),
        (r"a pattern \d+\.\w keeps its backslashes", r"a pattern \d+\.\w keeps its backslashes"),
    ],
)
def test_escapes_stand_for_their_characters(written: str, meant: str) -> None:
    assert unescaped(written) == meant


def test_neighbouring_texts_are_one() -> None:
    assert merged(["a", "b", Variable("x"), Variable("y"), "c", "d"]) == ("ab", Variable("x"), Variable("y"), "cd")


def test_a_template_has_a_literal_around_every_variable_and_no_line_end() -> None:
    pieces = [Variable("x"), Variable("y"), " paid\n"]
    assert template(pieces) == Template(("", "", " paid"), (Variable("x"), Variable("y")))
    assert str(template(pieces)) == "{x}{y} paid"


@pytest.mark.parametrize(
    ("text", "values", "pieces", "used"),
    [
        ("%s of %d", ("a", "b"), (Variable("a"), " of ", Variable("b", "int")), 2),
        ("%(name)s is %(age)05d", ("row",), (Variable("name"), " is ", Variable("age", "int")), 0),
        ("%.2f%% of 0x%08X", ("a", "b"), (Variable("a", "float"), "% of 0x", Variable("b", "hex")), 2),
        ("%-10s|%5d|%+d", ("a", "b", "c"), (Variable("a"), "|", Variable("b"), "|", Variable("c")), 3),
        ("%*d", ("width", "a"), (Variable("a"),), 2),
        ("%r and %y", ("a",), (Variable("a"), " and %y"), 1),
        ("%s %s", ("*args",), (Variable("*args"), " ", Variable("*args")), 2),
    ],
)
def test_percent_marks_of_python(text: str, values: tuple[str, ...], pieces: Pieces, used: int) -> None:
    assert marks("python", "percent", text, *values) == (pieces, used)


@pytest.mark.parametrize(
    ("text", "values", "pieces"),
    [
        ("{} of {}", ("a", "b"), (Variable("a"), " of ", Variable("b"))),
        ("{1} of {0}", ("a", "b"), (Variable("b"), " of ", Variable("a"))),
        ("{user.name!r:>10}: {n:d} {{x}}", ("n",), (Variable("user.name"), ": ", Variable("n", "int"), " {x}")),
        ("{" + "9" * 5000 + "}", ("a", "b"), (Variable("b"),)),  # more digits than Python makes a number of
        ("{:>{width}} {:.1f}", ("a", "b"), (Variable("a"), " ", Variable("b", "float"))),
    ],
)
def test_braces_of_python(text: str, values: tuple[str, ...], pieces: Pieces) -> None:
    assert marks("python", "braces", text, *values)[0] == pieces


@pytest.mark.parametrize(
    ("language", "directives", "text", "values", "pieces"),
    [
        ("javascript", "percent", "%cred %s %%", ("css", "a"), ("red ", Variable("a"), " %")),
        ("java", "braces", "{} {0} {x}", ("a",), (Variable("a"), " {0} {x}")),
        ("java", "percent", "%2$s %1$d%n", ("a", "b"), (Variable("b"), " ", Variable("a", "int"), "\n")),
        ("go", "percent", "%+v %[1]d %w", ("a", "b"), (Variable("a"), " ", Variable("a", "int"), " ", Variable("b"))),
        ("csharp", "braces", "{Count,5:N0} {@User} {{}}", ("n",), (Variable("Count"), " ", Variable("User"), " {}")),
        ("rust", "braces", "{} {x:?} {0:>4} {{", ("a",), (Variable("a"), " ", Variable("x"), " ", Variable("a"), " {")),
        ("php", "braces", "{user.id} {}", ("ctx",), (Variable("user.id"), " {}")),
        ("ruby", "percent", "%<n>d %5.1f", ("x",), (Variable("n", "int"), " ", Variable("x"))),
    ],
)  # fmt: skip
def test_marks_of_other_languages(
    language: str, directives: str, text: str, values: tuple[str, ...], pieces: Pieces
) -> None:
    assert marks(language, directives, text, *values)[0] == pieces


def test_a_mark_may_lie_across_literals_and_a_variable_ends_it() -> None:
    percent = rules("logging", LoggingRules)["python"].directives["percent"]
    assert filled(("a %", "s ", Variable("x"), " %s"), percent, ["a", "b"])[0] == (
        "a ",
        Variable("a"),
        " ",
        Variable("x"),
        " ",
        Variable("b"),
    )
