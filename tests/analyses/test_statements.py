"""Every SQL file of the analyses and pages keeps the contract of its header."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from telemap.analyses.registry import analyses, statement
from telemap.store.store import Store

TELEMAP = Path(__file__).parents[2] / "src" / "telemap"
FILES = sorted(file for folder in ("analyses", "web") for file in (TELEMAP / folder).glob("*.sql"))


def promised(text: str, section: str) -> Iterator[tuple[str, str]]:
    """Names and types below a heading of the header."""
    found = re.search(rf"^-- {section}\n((?:--   .*\n)+)", text, re.MULTILINE)
    for line in found[1].splitlines() if found else ():
        name, kind = re.findall(r"^--\s+(\S+)\s+(\w+(?:\(.*?\))?(?:\[\])?)", line)[0]
        yield name, kind


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_columns_and_parameters_are_those_of_the_header(file: Path, tmp_path: Path) -> None:
    text = file.read_text(encoding="utf-8")
    parameters = dict(promised(text, "Parameters"))
    with Store(tmp_path / "store", create=True).connect() as connection:
        described = connection.execute(
            f"DESCRIBE {text}", {name.removeprefix("$"): None for name in parameters}
        ).fetchall()
    assert [(name, kind) for name, kind, *_ in described] == list(promised(text, "Columns"))
    assert set(re.findall(r"\$\w+", re.sub(r"--.*", "", text))) == set(parameters)


def test_every_analysis_has_a_statement_a_section_and_options_with_help() -> None:
    from importlib.util import find_spec
    from typing import get_args, get_type_hints

    for name, analysis in analyses().items():
        assert statement(name)
        assert find_spec(f"telemap.reports.sections.{name}") is not None
        hints = get_type_hints(analysis.params, include_extras=True).values()
        assert all(isinstance(get_args(hint)[1], str) for hint in hints)
