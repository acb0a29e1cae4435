"""The steps from telemetry to code as blocks."""

from __future__ import annotations

from collections.abc import Iterator

from telemap.analyses.explanation import Explanation, Step
from telemap.reports.blocks import Block, Column, Kind, Next, Table, Text, Title

COLUMNS = (
    Column("step", "step"),
    Column("what is known", "says"),
    Column("at", "at", Kind.PLACE),
    Column("code", "code", Kind.PLACE),
    Column("sure", "confidence", Kind.NUMBER),
)


def blocks(explanation: Explanation) -> Iterator[Block]:
    """The steps, and what they lead to."""
    code = explanation.code
    leads = (
        f"{code.place}, {code.function_name}" if code and code.function_name else code.place if code else "not known"
    )
    yield Title(f"{explanation.kind.capitalize()} {explanation.id}: {leads}")
    yield Table(COLUMNS, [_row(step) for step in explanation.steps], is_list=True)
    if code is None and any(step.code for step in explanation.steps):
        yield Text("What wrote the line itself is not in the indexed code.")
    elif code is None:
        yield Text("No place in the indexed code can be told for it without guessing.")
        yield Next("telemap index DIR", "reads the code that wrote the logs")


def _row(step: Step) -> tuple[object, ...]:
    at = f"{step.place.source}:{step.place.line}" if step.place else None
    if step.defined_in is not None:
        at = f"{step.defined_in.file_path}:{step.defined_in.line_number}"
    code = step.code
    return step.about, step.says, at, code and code.place, code and code.confidence
