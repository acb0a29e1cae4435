"""Calls in the code of a store → edges from function to function."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, TypeVar

from telemap.mapping.calls import resolve_calls
from telemap.model.code import Call, CodeSymbol, Import
from telemap.store.store import Row, Store

if TYPE_CHECKING:
    import pyarrow as pa

Found = TypeVar("Found", Call, CodeSymbol, Import)


def code_edges(store: Store) -> list[Row]:
    """The rows of the table ``code_edge``, for the code of each root as it is now; a call that is repeated stands once.

    They are kept since they take longer to work out than what is asked of them: a second for 200,000 lines of code.
    """
    tables = [store.stored(name) for name in ("code_call", "code_import", "code_symbol")]
    roots = sorted(set(tables[2]["root"].unique().to_pylist()))
    return [row for root in roots for row in _edges(root, *tables)]


def _edges(root: str, calls: pa.Table, imports: pa.Table, symbols: pa.Table) -> Iterator[Row]:
    found = resolve_calls(_of(calls, root, Call), _of(imports, root, Import), _of(symbols, root, CodeSymbol))
    known: set[tuple[Any, ...]] = set()
    for edge in sorted(found, key=lambda one: (one.call.file_path, one.call.line_number, -one.confidence)):
        line_number = edge.caller and edge.caller.line_number
        pair = (edge.call.file_path, line_number, edge.callee.file_path, edge.callee.line_number)
        if pair not in known:
            known.add(pair)
            yield {
                "root": root,
                "file_path": edge.call.file_path,
                "line_number": edge.call.line_number,
                "function_line_number": line_number,
                "callee_file_path": edge.callee.file_path,
                "callee_line_number": edge.callee.line_number,
                "confidence": edge.confidence,
                "evidence": edge.evidence,
            }


def _of(table: pa.Table, root: str, kind: type[Found]) -> list[Found]:
    """What a root has now, in a fixed order."""
    import msgspec
    import pyarrow.compute as pc

    is_now = pc.and_(pc.equal(table["root"], root), pc.is_null(table["commit_id"]))
    rows = table.filter(is_now).sort_by([("file_path", "ascending"), ("line_number", "ascending")]).to_pylist()
    return msgspec.convert(rows, list[kind])  # type: ignore[valid-type]
