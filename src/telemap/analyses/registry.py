"""What an analysis is, and which there are: each a module with an ``ANALYSIS``, its SQL and its section of reports."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module, resources
from typing import Any

from telemap.model.documents import Document
from telemap.model.drawings import Drawing
from telemap.store.store import Store


@dataclass(frozen=True, slots=True)
class Text:
    """A text that an analysis can write instead of its answer, and what that is good for."""

    help: str
    make: Callable[[Store, Any], str]


@dataclass(frozen=True, slots=True)
class Analysis:
    """A question that a store answers.

    Args:
        name: also the verb on the command line and the name of its section in reports.
        title: what it shows, one line.
        params: a frozen dataclass; its fields, with their defaults and the text they are annotated with, are options.
        run: the answer, as the document that ``--format json`` prints.
        example: a command that works, for its help.
        texts: what else it can write, each an option of its name.
        finds: whether there are findings in its answer, which a team can accept.
        drawn: the answer as pictures, if it can be drawn.
        exports: what it writes for other tools, each a kind of ``telemap export``.
    """

    name: str
    title: str
    params: type[Any]
    run: Callable[[Store, Any], Document]
    example: str
    texts: Mapping[str, Text] = field(default_factory=dict)
    finds: bool = False
    drawn: Callable[[Store, Any], Iterable[Drawing]] | None = None
    exports: Mapping[str, Text] = field(default_factory=dict)


@cache
def analyses() -> Mapping[str, Analysis]:
    """All analyses, by name."""
    found = [import_module(f"telemap.analyses.{name}").ANALYSIS for name in sorted(_names())]
    return {analysis.name: analysis for analysis in found}


def _names() -> set[str]:
    """The modules beside this one that have SQL and a section of reports; to load the others takes long."""
    sections = resources.files("telemap.reports.sections").iterdir()
    statements = resources.files("telemap.analyses").iterdir()
    return {file.name[:-3] for file in sections if file.name.endswith(".py")} & {
        file.name[:-4] for file in statements if file.name.endswith(".sql")
    }


def statement(name: str) -> str:
    """The text of ``NAME.sql``."""
    return resources.files("telemap.analyses").joinpath(f"{name}.sql").read_text(encoding="utf-8")
