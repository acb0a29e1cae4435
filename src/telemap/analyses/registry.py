"""What an analysis is, and which there are: each a module with an ``ANALYSIS``, its SQL and its section of reports."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cache
from importlib import import_module, resources
from typing import Any

from telemap.model.documents import Document
from telemap.model.drawings import Drawing
from telemap.store.store import Store

BUILDS = "SELECT DISTINCT service_version AS build FROM told_span WHERE service_version IS NOT NULL ORDER BY ALL"


@dataclass(frozen=True, slots=True)
class Text:
    """A text that an analysis can write instead of its answer, and what that is good for."""

    help: str
    make: Callable[[Store, Any], str]


@dataclass(frozen=True, slots=True)
class Binary:
    """A file of bytes that an analysis can write for other tools, and what that is good for."""

    help: str
    make: Callable[[Store, Any], bytes]


@dataclass(frozen=True, slots=True)
class Detail:
    """A closer look that pages take at an analysis, addressed as ``ANALYSIS/NAME`` with its settings.

    Args:
        title: what it shows, one line.
        params: a frozen dataclass like an analysis' own.
        run: the answer.
        archived: the settings whose answers a report file has, those that matter most first.
        most_archived_bytes: how much of these a report file has at most.
        only_looks: whether it leaves the views as they are, so that several can be asked for at a time.
    """

    title: str
    params: type[Any]
    run: Callable[[Store, Any], Document]
    archived: Callable[[Store], Iterable[Any]]
    most_archived_bytes: int | None = None
    only_looks: bool = False


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
        details: the closer looks that its page takes.
        archived: settings beside the usual ones whose answers a report file has, too.
    """

    name: str
    title: str
    params: type[Any]
    run: Callable[[Store, Any], Document]
    example: str
    texts: Mapping[str, Text] = field(default_factory=dict)
    finds: bool = False
    drawn: Callable[[Store, Any], Iterable[Drawing]] | None = None
    exports: Mapping[str, Text | Binary] = field(default_factory=dict)
    details: Mapping[str, Detail] = field(default_factory=dict)
    archived: tuple[Any, ...] = ()


def of_builds(*settings: Any) -> Callable[[Store], Iterator[Any]]:
    """What gives each of these settings of one dataclass for all builds and, if it has a ``build``, for every build."""

    def given(store: Store) -> Iterator[Any]:
        yield from settings
        if any(one.name == "build" for one in fields(settings[0])):
            for row in store.rows(BUILDS):
                yield from (replace(one, build=row["build"]) for one in settings)

    return given


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
