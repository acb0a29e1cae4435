"""``telemap explain``: from a line of a log, a span or a handler to its source line, step by step."""

from typing import Annotated

import typer

from telemap.analyses.explanation import explain as found
from telemap.cli.options import Form, FormOption, OutputOption, StoreOption, answer, open_store
from telemap.reports.sections.explanation import blocks

EXAMPLE = "telemap explain logs/app.log:4"


def explain(
    asked: Annotated[
        str,
        typer.Argument(metavar="ID", help="FILE:LINE of a log, the id of a span or a trace, or the name of a handler."),
    ],
    db: StoreOption = None,
    form: FormOption = Form.TABLE,
    output: OutputOption = "-",
) -> None:
    """Every step from telemetry to its source line, with the evidence."""
    document = found(open_store(db), asked)
    answer(document, blocks(document), form, output)
