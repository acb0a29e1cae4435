"""Places in code as cells of tables: one for people, in which an uncertain one has a question mark, and its data."""

from __future__ import annotations

from telemap.model.documents import Code
from telemap.reports.blocks import Column, Kind

CODE_COLUMNS = (
    Column("where", "", Kind.PLACE),
    Column("", "code_file_path"),
    Column("", "code_line_number"),
    Column("", "code_function_name"),
    Column("", "code_confidence"),
    Column("", "code_evidence"),
)


def code_cells(code: Code | None) -> tuple[object, ...]:
    """The cells below ``CODE_COLUMNS``."""
    if code is None:
        return (None,) * len(CODE_COLUMNS)
    place = code.place if code.is_sure else f"{code.place} ?"
    return place, code.file_path, code.line_number, code.function_name, code.confidence, code.evidence
