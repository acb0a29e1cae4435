"""The functions that the views call beside those of DuckDB."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import duckdb

    from telemap.mapping.values import MessageTemplate


def add_functions(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the functions known to a connection."""
    import duckdb
    from duckdb import func, sqltypes

    connection.create_function("replaced", _replaced)
    text = sqltypes.VARCHAR
    texts_by_name = duckdb.map_type(text, text)
    connection.create_function("captured", _captured, [text, text], texts_by_name, type=func.ARROW)


def _replaced(text: bytes) -> str:
    """A text with U+FFFD for what is not UTF-8; DuckDB's own replacement takes what follows too."""
    return text.decode(errors="replace")


# DuckDB evaluates the annotations.
def _captured(bodies: Any, templates: Any) -> Any:
    """What stands in the gaps of messages, by what fills them; Arrow arrays of texts, and of maps."""
    import pyarrow as pa

    pairs = zip(bodies.to_pylist(), templates.to_pylist(), strict=True)
    values = [[(name, str(value)) for name, value in _decoded(two).values(one).items()] for one, two in pairs]
    return pa.array(values, pa.map_(pa.string(), pa.string()))


@cache
def _decoded(template: str) -> MessageTemplate:
    from telemap.mapping.values import MessageTemplate

    return MessageTemplate.decoded(template)
