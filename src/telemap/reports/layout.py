"""How a table fits into a width: which columns stay, how wide each is, and what is cut from its cells."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich.cells import cell_len

from telemap.reports.blocks import Column, Kind

GAP = 2
BAR_WIDTH = 10
# Numbers are never cut. Columns that can go do so before others are narrower than is fair.
FAIR_WIDTHS = {Kind.TEXT: 24, Kind.PLACE: 32, Kind.HEAT: 8}
LEAST_WIDTHS = {Kind.TEXT: 14, Kind.PLACE: 16, Kind.HEAT: 5}


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns that stay, by their place, and the width of each."""

    places: tuple[int, ...]
    widths: tuple[int, ...]


def lay_out(
    columns: Sequence[Column], texts: Sequence[Sequence[str]], width: int, *, keeps_empty: bool = False
) -> Layout | None:
    """The layout of a table in ``width`` cells; None if even the columns that must stay find no room.

    Columns without any text are left out unless ``keeps_empty``. Bars give way first, then whatever is widest.
    """
    places = [place for place in range(len(columns)) if keeps_empty or not texts or any(row[place] for row in texts)]
    wished = [_wished(column, (row[place] for row in texts)) for place, column in enumerate(columns)]
    fair = [min(wish, FAIR_WIDTHS.get(column.kind, wish)) for wish, column in zip(wished, columns, strict=True)]
    least = [min(wish, LEAST_WIDTHS.get(column.kind, wish)) for wish, column in zip(wished, columns, strict=True)]
    while _total(fair[place] for place in places) > width and any(columns[place].rank for place in places):
        places.remove(max(places, key=lambda place: columns[place].rank))
    if _total(least[place] for place in places) > width:
        return None
    widths = {place: wished[place] for place in places}
    while _total(widths.values()) > width:
        spare = [place for place in places if widths[place] > least[place]]
        widths[max(spare, key=lambda place: (columns[place].kind is Kind.HEAT, widths[place]))] -= 1
    return Layout(tuple(places), tuple(widths.values()))


def _wished(column: Column, texts: Iterable[str]) -> int:
    filled = (BAR_WIDTH,) if column.kind is Kind.HEAT else map(cell_len, texts)
    return max(cell_len(column.heading), *filled, 1)


def _total(widths: Iterable[int]) -> int:
    listed = list(widths)
    return sum(listed) + GAP * (len(listed) - 1)


def fitted(text: str, width: int, kind: Kind) -> str:
    """``text`` in exactly ``width`` cells; of a place the end is kept, of other text the beginning."""
    if cell_len(text) > width:
        text = _kept(text[::-1], width)[::-1] if kind is Kind.PLACE else _kept(text, width)
    fill = " " * (width - cell_len(text))
    return fill + text if kind.is_numeric else text + fill


def _kept(text: str, width: int) -> str:
    room, kept = width - 1, 0
    while room >= cell_len(text[kept]):
        room -= cell_len(text[kept])
        kept += 1
    return text[:kept] + "…"
