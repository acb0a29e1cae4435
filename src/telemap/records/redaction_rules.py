"""``redaction.toml`` → the rules by which secrets are found."""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import groupby
from typing import Any

from telemap.records.scan_python import LONGEST_MARK

SHORTEST_MARK = 3  # two letters would mark every other random id

_JOINTS = ("", "_", "-", ".", " ")
_PART = re.compile(r"\(\?&(\w+)\)")
_MARK = re.compile(r"[a-z][a-z0-9_-]*")


@dataclass(frozen=True, slots=True)
class Rule:
    """What a secret is called, and an expression of which the last group, or else all, is the secret."""

    name: str
    regex: bytes


@dataclass(frozen=True, slots=True)
class Rules:
    """By each hint, in small letters, the rules to try where it stands, and the marks for the class table."""

    by_hint: dict[bytes, tuple[Rule, ...]]
    marks: tuple[bytes, ...]


@cache
def bundled_rules() -> Rules:
    """The rules that come with Telemap."""
    return load_rules(files("telemap.records").joinpath("redaction.toml").read_text("utf-8"))


def load_rules(text: str) -> Rules:
    """The rules that ``text`` (TOML) describes."""
    table = tomllib.loads(text)
    by_hint: defaultdict[bytes, tuple[Rule, ...]] = defaultdict(tuple)
    by_hint.update({name.encode(): () for name in _spelt(table["innocent"])})
    marks: dict[bytes, None] = {}  # in order
    for secret in table["secrets"]:
        names = _spelt(secret.get("names", []))
        parts = table["parts"] | {"name": "|".join(re.escape(name) for name in sorted(names, reverse=True))}
        rule = Rule(secret["name"], b"(?x)" + _filled(secret["regex"], parts).encode())
        for hint in (*secret.get("begins", []), *names):
            by_hint[hint.encode()] += (rule,)
        marks.update(dict.fromkeys(_marks(secret)))
    return Rules(dict(by_hint), tuple(marks))


def _spelt(names: Sequence[str]) -> list[str]:
    return [name.replace(" ", joint) for name in names for joint in (_JOINTS if " " in name else _JOINTS[:1])]


def _filled(regex: str, parts: dict[str, str]) -> str:
    return _PART.sub(lambda part: f"(?:{_filled(parts[part[1]], parts)})", regex)


def _marks(secret: dict[str, Any]) -> list[bytes]:
    """How tokens begin that a mask may hide: those of ``begins``, and names with something after them."""
    hidden = [match[0] for begin in secret.get("begins", []) if (match := _MARK.match(begin))]
    named = [f"{name}." for name in _spelt(secret.get("names", [])) if name.isalpha()]
    marks = [re.sub(r"\d", "0", text).ljust(secret.get("mark_bytes", 0), ".") for text in hidden + named]
    return [mark[:LONGEST_MARK].encode() for mark in marks if len(mark.rstrip(".")) >= SHORTEST_MARK]


def any_of(words: Sequence[bytes]) -> bytes:
    """An expression for the longest of ``words`` (sorted, all different): a tree, as to try each in turn is slow."""
    is_whole = words[0] == b""
    branches = [
        re.escape(first) + any_of([word[1:] for word in group])
        for first, group in groupby(words[is_whole:], lambda word: word[:1])
    ]
    return b"(?:" + b"|".join(branches) + b")" + (b"?" if is_whole else b"") if branches else b""
