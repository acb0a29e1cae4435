"""Languages as data: a folder of rules each, by which functions, log statements and registrations are found."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any, TypeVar

import msgspec

Rule = Mapping[str, Any]
Rules = TypeVar("Rules")


@dataclass(frozen=True, slots=True)
class Dialect:
    """The language that a file name ending stands for, and the ast-grep grammar that reads it."""

    language: str
    grammar: str


@dataclass(frozen=True, slots=True)
class DefaultName:
    """The name of what the text gives none, where ``rule`` holds of it."""

    name: str
    rule: Rule = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Export:
    """The path to a name that is exported, and where ``rule`` has to hold."""

    name: tuple[str, ...] = ()
    rule: Rule = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Language:
    """``functions.toml`` of one folder of ``rules/``.

    A path to a name is a list of steps, each a field or else the kinds of a child (``a|b``). The first has to
    be there, the others are followed as far as they go.

    Args:
        name: the name of the folder.
        extensions: file name ending → dialect.
        functions: node kind of a function → what else must hold of it, an ast-grep rule.
        classes: node kinds of classes; a function right inside one is a method.
        names: node kind → path to the name that the node gives to itself, or to what it encloses.
        owners: node kind of a function → path to the class that the function names as its own; without fail a method.
        default_names: node kind → the name where the text has none.
        wrappers: node kinds that may stand between a function and what binds it to a name.
        namespaces: ast-grep rules for statements that name all that follows, up to the next.
        separator: what stands between the parts of a name, other than a dot.
        exported: what holds of a function that other files can name, an ast-grep rule; no inner function is exported.
        exports: node kind of what exports a function that stands elsewhere in the file → the name; none of functions.
    """

    name: str
    extensions: Mapping[str, Dialect]
    functions: Mapping[str, Rule]
    classes: frozenset[str]
    names: Mapping[str, tuple[str, ...]]
    exported: Rule
    owners: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    default_names: Mapping[str, DefaultName] = field(default_factory=dict)
    wrappers: frozenset[str] = frozenset()
    namespaces: tuple[Rule, ...] = ()
    separator: str = "."
    exports: Mapping[str, Export] = field(default_factory=dict)

    def dialect(self, file_path: str) -> Dialect:
        """The dialect that the ending of a file's name stands for."""
        return self.extensions["." + file_path.rpartition(".")[2]]


@cache
def languages() -> Mapping[str, Language]:
    """File name ending, with its dot → the language that reads it."""
    return {ending: language for language in rules("functions", Language).values() for ending in language.extensions}


@cache
def rules(subject: str, kind: type[Rules]) -> Mapping[str, Rules]:
    """Name of a language → what ``subject.toml`` in its folder says; languages without such a file are left out."""
    found = {}
    for folder in sorted(resources.files("telemap.code").joinpath("rules").iterdir(), key=lambda folder: folder.name):
        file = folder.joinpath(f"{subject}.toml")
        if file.is_file():
            found[folder.name] = msgspec.convert({"name": folder.name, **tomllib.loads(file.read_text("utf-8"))}, kind)
    return found
