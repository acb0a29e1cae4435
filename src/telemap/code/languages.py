"""Languages as data: which files a grammar reads, and how functions, names and exports are found in them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any

Rule = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Dialect:
    """The language that a file name ending stands for, and the ast-grep grammar that reads it."""

    language: str
    grammar: str


@dataclass(frozen=True, slots=True)
class Language:
    """One file of ``rules/``.

    Args:
        extensions: file name ending → dialect.
        functions: node kind of a function → what else must hold of it, an ast-grep rule.
        classes: node kinds of classes; a function right inside one is a method.
        names: node kind → the fields to follow, as far as they go, to the name that the node gives to what it encloses.
        default_names: node kind → field whose unnamed content is called ``default``.
        wrappers: node kinds that may stand between a function and what binds it to a name.
        exporting: node kinds that export what they enclose.
        exports: ast-grep rules that find the names which are exported elsewhere in the file; no node kind of functions.
        private: pattern of names that are never exported.
    """

    extensions: Mapping[str, Dialect]
    functions: Mapping[str, Rule]
    classes: frozenset[str]
    names: Mapping[str, tuple[str, ...]]
    exporting: frozenset[str]
    default_names: Mapping[str, str] = field(default_factory=dict)
    wrappers: frozenset[str] = frozenset()
    exports: tuple[Rule, ...] = ()
    private: str = "(?!)"  # matches nothing


@cache
def languages() -> Mapping[str, Language]:
    """File name ending, with its dot → the language that reads it."""
    import msgspec

    return {
        ending: language
        for file in sorted(resources.files("telemap.code").joinpath("rules").iterdir(), key=lambda file: file.name)
        if file.name.endswith(".toml")
        for language in [msgspec.convert(tomllib.loads(file.read_text(encoding="utf-8")), Language)]
        for ending in language.extensions
    }
