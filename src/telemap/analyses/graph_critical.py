"""Which handlers are on critical paths, as nodes of a graph."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import msgspec

from telemap.analyses.graph_nodes import Handler, Identity
from telemap.analyses.graph_shapes import CriticalPaths, Node, OnPath
from telemap.model.documents import milliseconds

if TYPE_CHECKING:
    from telemap.analyses.trace_trees import CriticalTime, CriticalTimes, HandlerKey


def critical_paths(times: CriticalTimes) -> CriticalPaths:
    """What is told of all of them."""
    return CriticalPaths(
        paths=times.paths,
        total_ms=milliseconds(times.path_ns),
        ambiguous=times.ambiguous,
        orphaned=times.orphaned,
        cyclic=times.cyclic,
        skewed=times.skewed,
        clamped=times.clamped,
    )


def with_paths(nodes: Mapping[str, Node], handlers: Mapping[str, Handler], times: CriticalTimes) -> dict[str, Node]:
    """The nodes, each with its time on critical paths."""
    ids = {identity: one for one, handler in handlers.items() for identity in _identities(handler)}
    found: dict[str, list[CriticalTime]] = {}
    for one in times.handlers:
        node = next((ids[identity] for identity in _meant(one.key) if identity in ids), None)
        if node is not None:
            found.setdefault(node, []).append(one)
    return {
        one: msgspec.structs.replace(node, on_path=_on_path(found[one], times.path_ns)) if one in found else node
        for one, node in nodes.items()
    }


def _identities(handler: Handler) -> Iterator[Identity]:
    if handler.code is not None:
        yield handler.name, None, handler.code.file_path, handler.code.line_number
    else:
        owners = handler.services if handler.is_traced else handler.plugins
        yield from ((handler.name, owner, None, None) for owner in (owners or (None,)))


def _meant(key: HandlerKey) -> Iterator[Identity]:
    if key.code_file_path is not None:
        yield key.handler, None, key.code_file_path, key.code_line_number
    else:
        yield key.handler, key.plugin or key.service, None, None


def _on_path(times: list[CriticalTime], all_ns: int) -> OnPath:
    least, most = sum(one.least_ns for one in times), sum(one.most_ns for one in times)
    return OnPath(
        least_ms=milliseconds(least),
        most_ms=milliseconds(most),
        least_share=round(least / all_ns, 6) if all_ns else 0.0,
        most_share=round(min(most / all_ns, 1.0), 6) if all_ns else 0.0,
        paths=sum(one.paths for one in times),
    )
