"""What an analysis is, and which there are: every module beside this one that has an ``ANALYSIS``."""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module, resources
from typing import Any

from telemap.model.documents import Document
from telemap.model.drawings import Drawing
from telemap.store.store import Store


@dataclass(frozen=True, slots=True)
class Analysis:
    """A question that a store answers.

    Args:
        name: also the verb on the command line and the name of its section in reports.
        title: what it shows, one line.
        params: a frozen dataclass; its fields, with their defaults and the text they are annotated with, are options.
        run: the answer, as the document that ``--format json`` prints.
        example: a command that works, for its help.
        drawn: the answer as pictures, if it can be drawn.
    """

    name: str
    title: str
    params: type[Any]
    run: Callable[[Store, Any], Document]
    example: str
    drawn: Callable[[Store, Any], Iterable[Drawing]] | None = None


@cache
def analyses() -> Mapping[str, Analysis]:
    """All analyses, by name."""
    package = import_module("telemap.analyses")
    modules = (import_module(f"telemap.analyses.{module.name}") for module in pkgutil.iter_modules(package.__path__))
    found = [module.ANALYSIS for module in modules if hasattr(module, "ANALYSIS")]
    return {analysis.name: analysis for analysis in found}


def statement(name: str) -> str:
    """The text of ``NAME.sql``."""
    return resources.files("telemap.analyses").joinpath(f"{name}.sql").read_text(encoding="utf-8")
