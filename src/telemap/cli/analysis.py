"""The verbs that analyses are: each has its options from the fields of its ``Params``."""

import inspect
from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields
from datetime import date
from importlib import import_module
from typing import Annotated, Any, get_args, get_type_hints

import typer

from telemap.acceptances import Acceptance, accept
from telemap.analyses.asking import asked
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
    opened,
    project,
)
from telemap.config import shown_path
from telemap.errors import TelemapError
from telemap.model.documents import Document, Finding
from telemap.reports.blocks import Block
from telemap.store.store import Store

LEAST_ID_DIGITS = 6

AcceptOption = Annotated[
    str | None, typer.Option("--accept", metavar="ID", help="Note in the repository that a finding is accepted.")
]
ReasonOption = Annotated[str | None, typer.Option("--reason", metavar="TEXT", help="Why it is accepted.")]


def ask(analysis: Analysis, store: Store, params: object) -> tuple[Document, Iterable[Block]]:
    """The answer of an analysis, as a document and as blocks; with what the project has accepted of it."""
    document = asked(analysis, store, params, project().root)
    section = import_module(f"telemap.reports.sections.{analysis.name}")
    return document, section.blocks(document, str(store.folder))


def verb_of(analysis: Analysis) -> Callable[..., None]:
    """The function that runs an analysis from the command line, with the signature that its options are made of."""

    def verb(
        *,
        db: StoreOption,
        form: Form | DrawnForm,
        output: OutputOption,
        least: FailOption,
        accepted: AcceptOption = None,
        reason: ReasonOption = None,
        **settings: Any,
    ) -> None:
        wanted = [text for name, text in analysis.texts.items() if settings.pop(name)]
        store, params = open_store(db), analysis.params(**settings)
        if wanted:
            with opened(output) as out:
                out.write(wanted[0].make(store, params))
            return
        document, blocks = ask(analysis, store, params)
        if accepted is not None or reason is not None:
            _accept(analysis.name, document, accepted, reason)
            return
        if analysis.drawn and form == DrawnForm.MERMAID:
            draw(analysis.drawn(store, params), output)
        else:
            answer(document, blocks, Form(form), output)
        fail_on(least, document)

    common = {
        "db": (StoreOption, None),
        "form": (DrawnFormOption, DrawnForm.TABLE) if analysis.drawn else (FormOption, Form.TABLE),
        "output": (OutputOption, "-"),
        "least": (FailOption, None),
    }
    accepting = {"accepted": (AcceptOption, None), "reason": (ReasonOption, None)} if analysis.finds else {}
    parameters = [
        *settings_of(analysis),
        *(_parameter(name, _flag(name, text.help), False) for name, text in analysis.texts.items()),
        *(_parameter(name, annotation, default) for name, (annotation, default) in (accepting | common).items()),
    ]
    verb.__doc__ = f"{analysis.title}."
    verb.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    verb.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return verb


def _accept(verb: str, document: Document, asked: str | None, reason: str | None) -> None:
    """Note that a finding is accepted.

    Raises:
        TelemapError: ``no-reason``; ``no-such-id``: it is none of the document's, or one of several.
    """
    if not asked or not (reason or "").strip():
        help = 'telemap flows --accept ID --reason "why the team lives with it"'
        raise TelemapError("no-reason", "a finding is accepted by its id, and for a reason", help=help)
    found = [one for one in document.findings() if one.id.startswith(asked)] if len(asked) >= LEAST_ID_DIGITS else []
    finding: Finding | None = found[0] if len(found) == 1 else None
    if finding is None:
        raise TelemapError(
            "no-such-id",
            f"{'several findings begin' if found else 'no finding begins'} with the id '{asked}'",
            help=f"telemap {verb} shows the ids of what it finds; the first {LEAST_ID_DIGITS} digits are enough",
        )
    if finding.accepted is not None:
        raise TelemapError("accepted", f"{finding.id} is accepted already", reason=finding.accepted)
    acceptance = Acceptance(
        id=finding.id, verb=verb, title=finding.title, reason=str(reason).strip(), accepted=date.today()
    )
    path = accept(project().root, acceptance)
    typer.echo(f"accepted in {shown_path(path)}: {finding.title}; review it and commit the file")


def _flag(name: str, help: str) -> Any:
    return Annotated[bool, typer.Option(f"--{name}", help=help)]


def settings_of(analysis: Analysis) -> Iterator[inspect.Parameter]:
    """The options that the settings of an analysis are."""
    hints = get_type_hints(analysis.params, include_extras=True)
    for one in fields(analysis.params):
        kind, text = get_args(hints[one.name])
        yield _parameter(one.name, Annotated[kind, typer.Option(help=f"{text[0].upper()}{text[1:]}.")], one.default)


def _parameter(name: str, annotation: Any, default: Any) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)
