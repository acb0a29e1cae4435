"""What pages ask for: resources, each at an address with settings, answered with a document from the store.

The same addresses stand for the answers that a report file holds. Analyses and their details are resources by
themselves; others are modules here with a ``RESOURCE``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import MISSING, dataclass, fields
from functools import cache, partial
from importlib import import_module
from pathlib import Path
from typing import Any, get_type_hints
from urllib.parse import quote

import msgspec

from telemap.analyses.asking import asked
from telemap.analyses.registry import Analysis, Detail, analyses, of_builds
from telemap.errors import TelemapError
from telemap.model.documents import Document
from telemap.store.store import Store

OWN = ("overview", "code", "log")
_UNESCAPED = "!~*'()"  # beside letters, digits, ``-``, ``_`` and ``.``: what browsers leave as it is


@dataclass(frozen=True, slots=True)
class Context:
    """What is asked: a store, and the folder of the project that it belongs to."""

    store: Store
    root: Path


@dataclass(frozen=True, slots=True)
class Resource:
    """Something that pages ask for.

    Args:
        name: its address, without settings.
        title: what it shows, one line.
        params: a frozen dataclass whose fields are its settings.
        run: the answer.
        answers: the shape of the answer.
        archived: the settings whose answers a report file has, those that matter most first.
        most_archived_bytes: how much of these a report file has at most.
        only_looks: whether it leaves the views as they are, so that several can be made at a time.
    """

    name: str
    title: str
    params: type[Any]
    run: Callable[[Context, Any], Document]
    answers: type[Document]
    archived: Callable[[Store], Iterable[Any]]
    most_archived_bytes: int | None = None
    only_looks: bool = False


@cache
def resources() -> Mapping[str, Resource]:
    """All resources by name, in the order of their names."""
    found = {one.name: one for one in _all()}
    return dict(sorted(found.items()))


def _all() -> Iterator[Resource]:
    for name in OWN:
        yield import_module(f"telemap.web.{name}").RESOURCE
    for analysis in analyses().values():
        yield _of_analysis(analysis)
        for name, detail in analysis.details.items():
            yield _of_detail(f"{analysis.name}/{name}", detail)


def _of_analysis(analysis: Analysis) -> Resource:
    def run(context: Context, params: Any) -> Document:
        return asked(analysis, context.store, params, context.root)

    archived = of_builds(analysis.params(), *analysis.archived)
    return Resource(analysis.name, analysis.title, analysis.params, run, _returned(analysis.run), archived)


def _of_detail(name: str, detail: Detail) -> Resource:
    run = partial(_run, detail)
    shape = _returned(detail.run)
    return Resource(
        name,
        detail.title,
        detail.params,
        run,
        shape,
        detail.archived,
        detail.most_archived_bytes,
        only_looks=detail.only_looks,
    )


def _run(detail: Detail, context: Context, params: Any) -> Document:
    return detail.run(context.store, params)


def _returned(run: Callable[..., Document]) -> type[Document]:
    shape: type[Document] = get_type_hints(run)["return"]
    return shape


def resource(name: str) -> Resource:
    """The resource of that name.

    Raises:
        TelemapError: ``no-resource``: there is none.
    """
    found = resources().get(name)
    if found is None:
        raise TelemapError("no-resource", f"nothing is at the address '{name}'", help=", ".join(resources()))
    return found


def settings_of(asked_for: Resource, query: Mapping[str, str]) -> Any:
    """The settings that a query says, as the resource takes them.

    Raises:
        TelemapError: ``bad-setting``: one is unknown, missing, or not of its kind.
    """
    names = [one.name for one in fields(asked_for.params)]
    unknown = [name for name in query if name not in names]
    known = f"settings of {asked_for.name}: {', '.join(names) or 'none'}"
    if unknown:
        raise TelemapError("bad-setting", f"{asked_for.name} has no setting '{unknown[0]}'", help=known)
    try:
        return msgspec.convert(dict(query), asked_for.params, strict=False)
    except msgspec.ValidationError as error:
        raise TelemapError("bad-setting", f"{asked_for.name}: {error}", help=known) from error


def address(name: str, params: Any) -> str:
    """Where the answer of a resource with these settings is; browsers write it alike.

    Settings that are as ever are not in it, the others in the order of their names.
    """
    settings = {
        one.name: value
        for one in sorted(fields(params), key=lambda one: one.name)
        if (value := getattr(params, one.name)) is not None and (one.default is MISSING or value != one.default)
    }
    query = "&".join(f"{name}={quote(_text(value), safe=_UNESCAPED)}" for name, value in settings.items())
    return f"{name}?{query}" if query else name


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
