"""``telemap export``: what analyses write for other tools, each kind with the options of its analysis."""

import inspect
from collections.abc import Callable
from typing import Any

import typer

from telemap.analyses.registry import Analysis, Binary, Text, analyses
from telemap.cli.analysis import settings_of
from telemap.cli.groups import Group
from telemap.cli.options import OutputOption, StoreOption, example, open_store, opened

EXAMPLE = "telemap export dot"

export = typer.Typer(
    cls=Group,
    add_completion=False,
    help="The answers of analyses for other tools.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def _writing(analysis: Analysis, text: Text | Binary) -> Callable[..., None]:
    def verb(*, db: StoreOption, output: OutputOption, **settings: Any) -> None:
        written = text.make(open_store(db), analysis.params(**settings))
        with opened(output) as out:
            if isinstance(written, bytes):
                out.buffer.write(written)
            else:
                out.write(written)

    common = {"db": (StoreOption, None), "output": (OutputOption, "-")}
    parameters = [
        *settings_of(analysis),
        *(
            inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)
            for name, (annotation, default) in common.items()
        ),
    ]
    verb.__doc__ = text.help
    verb.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    verb.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return verb


for _analysis in analyses().values():
    for _kind, _text in _analysis.exports.items():
        export.command(_kind, epilog=example(f"telemap export {_kind}"))(_writing(_analysis, _text))
