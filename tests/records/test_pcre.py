"""Regular expressions of lnav, translated."""

from __future__ import annotations

import re

import pytest

from telemap.records.pcre import python_regex, words_of


@pytest.mark.parametrize(
    ("pcre", "python"),
    [
        (r"^(?<timestamp>\d+) (?'b'.*)$", r"^(?P<timestamp>\d+) (?P<b>.*)$"),
        (r"^\h+\H\R\N\z", r"^[ \t]+[^ \t](?:\r\n|[\n\v\f\r])[^\n]\Z"),
        (r"^[[:alpha:]_\h]+[[x]", r"^[A-Za-z_ \t]+[\[x]"),
        (r"^\Qa.b\E\x{41}\e(?#why)", r"^a\.bA\x1b"),
        (r"^(?<n>a)\k<n>\k{n}\g1(?P=n)", r"^(?P<n>a)(?P=n)(?P=n)(?:\1)(?P=n)"),
        (r"^a++b*+(?>c|d)(?<!x)(?i:e)", r"^a++b*+(?>c|d)(?<!x)(?i:e)"),
        (r"^(a(?i)b|c)d", r"^(a(?i:b)|(?i:c))d"),
        (r"(?i)^a(?s)b|^c", r"(?i:^a(?s:b))|(?i:(?s:^c))"),
        (r"a|^b", r".*?(?:a|^b)"),
    ],
)
def test_what_python_spells_otherwise_is_translated(pcre: str, python: str) -> None:
    assert python_regex(pcre) == python


@pytest.mark.parametrize(
    ("pcre", "text", "groups"),
    [
        (r"^(?<a>\w+)\h(?<b>[[:digit:]]+)", "x\t12", {"a": "x", "b": "12"}),
        (r"(?<a>\d+)$", "only at the end 12", {"a": "12"}),
        (r"^(?:(?i)warn|err) (?<a>.)", "WARN x", {"a": "x"}),
        (r"^(?:(?i)warn|err) (?<a>.)", "ERR x", {"a": "x"}),
    ],
)
def test_the_translation_matches_as_lnav_does(pcre: str, text: str, groups: dict[str, str]) -> None:
    found = re.match(python_regex(pcre), text)
    assert found is not None
    assert found.groupdict() == groups


def test_groups_and_references_to_them_are_renamed() -> None:
    assert python_regex(r"^(?<level>\w)\k<level>(?<x>.)", {"level": "severity_text"}) == (
        r"^(?P<severity_text>\w)(?P=severity_text)(?P<x>.)"
    )


@pytest.mark.parametrize(
    ("pcre", "reason"),
    [
        (r"^a\Kb", r"\K forgets what was matched so far, which Python does not have"),
        (r"^(a(?1)?)", "(?1)… is a recursion, which Python does not have"),
        (r"^(?R)", "(?R) is an option or a recursion, which Python does not have"),
        (r"^(?&n)", "(?&n… is a recursion, which Python does not have"),
        (r"^(?|a|b)", "(?|a… is a group whose alternatives share numbers, which Python does not have"),
        (r"(*COMMIT)a", "(*COMMIT… is a verb for the matcher, which Python does not have"),
        (r"^\p{Lu}", r"\p{Lu} is a property of Unicode, which Python does not have"),
        (r"^[\H]", r"\H in a set, which Python does not have"),
        (r"^[[:^alpha:]]", "[:^alpha:] in a set, which Python does not have"),
        (r"^(?<a>x)|(?<a>y)", "redefinition of group name 'a' as group 2; was group 1"),
        (r"^a)", "unbalanced parenthesis"),
        (r"^(a", "missing ), unterminated subpattern"),
    ],
)
def test_what_cannot_be_translated_is_told(pcre: str, reason: str) -> None:
    with pytest.raises(ValueError, match="^" + re.escape(reason) + "$"):
        python_regex(pcre)


@pytest.mark.parametrize(
    ("pcre", "words"),
    [
        ("WARN", ["WARN"]),
        ("^(?:E|F)$", ["E", "F"]),
        ("err(?:or)?|[Ff]ail", ["error", "err", "Fail", "fail"]),
        ("(?i)warn", ["WARN", "warn", "Warn"]),
        ("^(?i:db|In)$", ["DB", "db", "Db", "IN", "in", "In"]),
        (r"\[E\]", ["[E]"]),
        ("x?", ["x"]),
        ("[^1]", []),
        (".+", []),
        ("a|b*", []),
        ("(a", []),
        ("a)", []),
        ("[abcdefgh][abcdefgh][abcdefgh]", []),
    ],
)
def test_the_words_of_an_expression_that_is_a_list_of_them(pcre: str, words: list[str]) -> None:
    assert words_of(pcre) == words
