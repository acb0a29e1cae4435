"""How tables fit into a width."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from telemap.reports.blocks import Column, Kind
from telemap.reports.layout import Layout, fitted, lay_out

COLUMNS = (
    Column("name", "name"),
    Column("heat", "heat", Kind.HEAT),
    Column("ms", "ms", Kind.MILLISECONDS),
    Column("extra", "extra", Kind.COUNT, rank=1),
    Column("more", "more", Kind.COUNT, rank=2),
    Column("where", "where", Kind.PLACE),
)
TEXTS = [["n" * 20, "1", "12.5", "1,000", "2,000", "src/" + "w" * 30]]


@pytest.mark.parametrize(
    ("width", "layout"),
    [
        (120, Layout((0, 1, 2, 3, 4, 5), (20, 10, 4, 5, 5, 34))),
        (87, Layout((0, 1, 2, 3, 4, 5), (20, 9, 4, 5, 5, 34))),
        (81, Layout((0, 1, 2, 3, 5), (20, 10, 4, 5, 34))),
        (75, Layout((0, 1, 2, 5), (20, 10, 4, 34))),
        (60, Layout((0, 1, 2, 5), (20, 5, 4, 25))),
        (45, Layout((0, 1, 2, 5), (14, 5, 4, 16))),
        (44, None),
    ],
)
def test_bars_give_way_then_spare_columns_then_text(width: int, layout: Layout | None) -> None:
    assert lay_out(COLUMNS, TEXTS, width) == layout


def test_columns_without_text_are_left_out_unless_there_are_no_rows() -> None:
    assert lay_out(COLUMNS[:3], [["a", "", ""], ["b", "", "1"]], 80) == Layout((0, 2), (4, 2))
    assert lay_out(COLUMNS[:3], [["a", "", ""]], 80, keeps_empty=True) == Layout((0, 1, 2), (4, 10, 2))
    assert lay_out(COLUMNS[:3], [], 80) == Layout((0, 1, 2), (4, 10, 2))


@pytest.mark.parametrize(
    ("text", "width", "kind", "shown"),
    [
        ("checkout", 10, Kind.TEXT, "checkout  "),
        ("checkout", 5, Kind.TEXT, "chec…"),
        ("src/checkout.py:71", 10, Kind.PLACE, "…out.py:71"),
        ("1,234", 8, Kind.COUNT, "   1,234"),
        ("日本語", 6, Kind.TEXT, "日本語"),
        ("日本語", 5, Kind.TEXT, "日本…"),
        ("日本語", 4, Kind.TEXT, "日… "),
    ],
)
def test_cells_are_cut_where_they_tell_least(text: str, width: int, kind: Kind, shown: str) -> None:
    assert fitted(text, width, kind) == shown


@given(
    st.text(st.characters(blacklist_categories=("Cc", "Cs", "Mn", "Me", "Cf"))),
    st.integers(1, 30),
    st.sampled_from(Kind),
)
def test_a_cell_is_exactly_as_wide_as_its_column(text: str, width: int, kind: Kind) -> None:
    assert cell_len(fitted(text, width, kind)) == width
