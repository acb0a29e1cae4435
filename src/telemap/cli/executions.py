"""``telemap executions``: every span, flat."""

from typing import Annotated

import typer

from telemap.analyses.executions import KINDS, Execution
from telemap.analyses.executions import executions as find
from telemap.cli.options import LinesForm, LinesFormOption, OutputOption, StoreOption, answer_lines, open_store
from telemap.reports.blocks import Column, Kind, Table

EXAMPLE = "telemap executions --kind beat,handler -o executions.jsonl"


COLUMNS = (
    Column("kind", "kind"),
    Column("name", "name"),
    Column("handler", "handler", rank=1),
    Column("", "plugin"),
    Column("", "event"),
    Column("", "sequence_id"),
    Column("", "sequence_name"),
    Column("", "movement"),
    Column("", "beat"),
    Column("start", "start_time", rank=3),
    Column("", "end_time"),
    Column("ms", "duration_ms", Kind.MILLISECONDS),
    Column("", "duration_from"),
    Column("status", "status"),
    Column("", "status_message"),
    Column("request", "request_id", rank=2),
    Column("", "span_id"),
    Column("", "parent_span_id"),
    Column("", "trace_id"),
    Column("", "build"),
    Column("log", "", Kind.PLACE),
    Column("", "source"),
    Column("", "line_start"),
    Column("", "line_end"),
    Column("where", "", Kind.PLACE, rank=4),
    Column("", "code_file_path"),
    Column("", "code_line_number"),
    Column("", "code_function_name"),
    Column("", "code_confidence"),
    Column("", "code_evidence"),
)
_CODE = "code_"


def executions(
    kind: Annotated[str, typer.Option(metavar="KIND,…", help=f"Only these kinds: {', '.join(KINDS)}.")] = ",".join(
        KINDS
    ),
    db: StoreOption = None,
    form: LinesFormOption = LinesForm.JSONL,
    output: OutputOption = "-",
) -> None:
    """Every run of a sequence, movement, beat or handler."""
    found = find(open_store(db), [name.strip() for name in kind.split(",")])
    answer_lines(found, [Table(COLUMNS, map(_row, found))], form, output)


def _row(execution: Execution) -> tuple[object, ...]:
    places = {"log": f"{execution.source}:{execution.line_start}", "where": execution.code and execution.code.place}
    return tuple(
        places[column.heading]
        if not column.key
        else execution.code and getattr(execution.code, column.key.removeprefix(_CODE))
        if column.key.startswith(_CODE)
        else getattr(execution, column.key)
        for column in COLUMNS
    )
