"""The same blocks, written to every medium."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from typing import TextIO

import pytest

from telemap.errors import TelemapError
from telemap.reports.blocks import Block, Column, Kind, Next, Table, Text, Title, Verbatim, cell
from telemap.reports.data import write_csv
from telemap.reports.markdown import write_markdown
from telemap.reports.terminal import write_terminal

COLUMNS = (
    Column("name", "name"),
    Column("heat", "heat", Kind.HEAT),
    Column("runs", "executions", Kind.COUNT),
    Column("errors", "errors", Kind.FAULTS),
    Column("p50 ms", "p50_ms", Kind.MILLISECONDS),
    Column("where", "", Kind.PLACE),
    Column("", "code_file_path"),
)
BLOCKS: list[Block] = [
    Title("Heatmap"),
    Text("in a store"),
    Table(
        COLUMNS,
        [
            ("pay|er\n", 1.0, 1200, 3, 1234.5678, "src/pay.py:7", "src/pay.py"),
            ("price", 0.37, 1, 0, None, None, None),
        ],
    ),
    Verbatim('title = "x"\n', "toml"),
    Next("telemap index DIR", "reads the code"),
]


def written(writer: Callable[[Iterable[Block], TextIO], None], blocks: list[Block] = BLOCKS) -> str:
    out = io.StringIO()
    writer(blocks, out)
    return out.getvalue()


def test_a_terminal_shows_aligned_columns_and_bars(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert written(write_terminal) == (
        "Heatmap\n"
        "in a store\n"
        "\n"
        "name     heat         runs  errors  p50 ms  where\n"
        "pay|er   ██████████  1,200       3   1,235  src/pay.py:7\n"
        "price    ███▊            1       0       –\n"
        "\n"
        'title = "x"\n'
        "\n"
        "next: telemap index DIR  (reads the code)\n"
    )


def test_colour_is_for_terminals_that_want_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    coloured = written(write_terminal)
    monkeypatch.setenv("NO_COLOR", "1")
    plain = written(write_terminal)
    assert "\x1b[1;31m     3\x1b[0m" in coloured
    assert "38;5;" in coloured
    assert not any(code in plain for code in ("31m", "38;5;", "38;2;"))


def test_markdown_has_tables_and_escapes_what_would_break_them() -> None:
    assert written(write_markdown) == (
        "## Heatmap\n"
        "\n"
        "in a store\n"
        "\n"
        "| name | heat | runs | errors | p50 ms | where |\n"
        "| --- | --- | ---: | ---: | ---: | --- |\n"
        "| pay\\|er<br> | 1.00 | 1,200 | 3 | 1,235 | src/pay.py:7 |\n"
        "| price | 0.370 | 1 | 0 | – |  |\n"
        "\n"
        "```toml\n"
        'title = "x"\n'
        "```\n"
    )


def test_csv_has_whole_values_and_the_columns_for_data() -> None:
    assert written(write_csv) == (
        "name,heat,executions,errors,p50_ms,code_file_path\n"
        '"pay|er\n",1.0,1200,3,1234.5678,src/pay.py\n'
        "price,0.37,1,0,,\n"
    )


def test_an_answer_without_a_table_cannot_be_csv() -> None:
    with pytest.raises(TelemapError, match="this answer has no table"):
        written(write_csv, [Title("x")])


@pytest.mark.parametrize(
    ("value", "kind", "shown"),
    [
        (None, Kind.TEXT, ""),
        (None, Kind.COUNT, "–"),
        (1234567, Kind.COUNT, "1,234,567"),
        (1234567, Kind.NUMBER, "1234567"),
        (0.01234, Kind.MILLISECONDS, "0.012"),
        (9.876, Kind.MILLISECONDS, "9.88"),
        (56.78, Kind.MILLISECONDS, "56.8"),
        (b"\xff", Kind.TEXT, "�"),
        ([1, "a"], Kind.TEXT, '[1,"a"]'),
        (True, Kind.TEXT, "true"),
    ],
)
def test_values_for_people(value: object, kind: Kind, shown: str) -> None:
    assert cell(value, kind) == shown
