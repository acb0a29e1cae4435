"""The verbs that analyses are: each has its options from the fields of its ``Params``."""

import inspect
from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields
from importlib import import_module
from typing import Annotated, Any, get_args, get_type_hints

import typer

from telemap.analyses.registry import Analysis
from telemap.cli.options import (
    DrawnForm,
    DrawnFormOption,
    FailOption,
    Form,
    FormOption,
    OutputOption,
    StoreOption,
    answer,
    draw,
    fail_on,
    open_store,
)
from telemap.model.documents import Document
from telemap.reports.blocks import Block
from telemap.store.store import Store


def ask(analysis: Analysis, store: Store, params: object) -> tuple[Document, Iterable[Block]]:
    """The answer of an analysis, as a document and as blocks."""
    document = analysis.run(store, params)
    section = import_module(f"telemap.reports.sections.{analysis.name}")
    return document, section.blocks(document, str(store.folder))


def verb_of(analysis: Analysis) -> Callable[..., None]:
    """The function that runs an analysis from the command line, with the signature that its options are made of."""

    def verb(
        *, db: StoreOption, form: Form | DrawnForm, output: OutputOption, least: FailOption, **settings: Any
    ) -> None:
        store, params = open_store(db), analysis.params(**settings)
        if analysis.drawn and form == DrawnForm.MERMAID:
            draw(analysis.drawn(store, params), output)
            if least is not None:
                fail_on(least, analysis.run(store, params))
            return
        document, blocks = ask(analysis, store, params)
        answer(document, blocks, Form(form), output)
        fail_on(least, document)

    common = {
        "db": (StoreOption, None),
        "form": (DrawnFormOption, DrawnForm.TABLE) if analysis.drawn else (FormOption, Form.TABLE),
        "output": (OutputOption, "-"),
        "least": (FailOption, None),
    }
    parameters = [
        *_settings(analysis),
        *(_parameter(name, annotation, default) for name, (annotation, default) in common.items()),
    ]
    verb.__doc__ = f"{analysis.title}."
    verb.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    verb.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return verb


def _settings(analysis: Analysis) -> Iterator[inspect.Parameter]:
    hints = get_type_hints(analysis.params, include_extras=True)
    for field in fields(analysis.params):
        kind, text = get_args(hints[field.name])
        yield _parameter(field.name, Annotated[kind, typer.Option(help=f"{text[0].upper()}{text[1:]}.")], field.default)


def _parameter(name: str, annotation: Any, default: Any) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)
