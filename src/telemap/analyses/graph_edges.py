"""What was observed between nodes and what the code says of them, as edges."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from telemap.analyses.graph_shapes import Edge, Layer, Node, Relation, Seen, StaticCall
from telemap.analyses.graph_static import Found, Function
from telemap.model.documents import Place, milliseconds
from telemap.store.store import Row

RELATIONS: tuple[Relation, ...] = ("call", "topic", "next", "state", "static")  # the first says the most

Pair = tuple[str, str]


def seen(kind: Relation, row: Row, source: Node, uris: Mapping[int, str]) -> Seen:
    """A relation of which a row of SQL tells."""
    percentiles = row["percentiles_ns"]
    return Seen(
        kind=kind,
        through=row.get("through"),
        count=row["count"],
        share=round(min(row["sources"] / source.runs, 1.0), 4) if source.runs else 0.0,
        p50_ms=milliseconds(percentiles[0]) if percentiles else None,
        p95_ms=milliseconds(percentiles[1]) if percentiles else None,
        errors=row["errors"],
        error_rate=round(row["errors"] / row["count"], 4),
        examples=[Place(uris[row["log_key"]], row["line_number"])] if row["log_key"] in uris else [],
    )


def together(known: Sequence[Seen], one: Seen) -> Seen:
    """One relation of what was seen from several sources; percentiles of several are not known."""
    if not known:
        return one
    count = known[0].count + one.count
    errors = known[0].errors + one.errors
    return Seen(
        kind=one.kind,
        through=one.through,
        count=count,
        share=round((known[0].share * known[0].count + one.share * one.count) / count, 4),
        p50_ms=None,
        p95_ms=None,
        errors=errors,
        error_rate=round(errors / count, 4),
        examples=known[0].examples or one.examples,
    )


def edges(
    observed: Mapping[Pair, Sequence[Seen]],
    static: Mapping[Pair, Sequence[StaticCall]],
    unexplained: Collection[Pair] = (),
) -> list[Edge]:
    """All edges: those that were seen most come first, then those that only the code has, by name."""
    found = [
        _edge(pair, observed.get(pair, ()), static.get(pair, ()), is_unexplained=pair in unexplained)
        for pair in {**observed, **static}
    ]
    return sorted(found, key=lambda edge: (-edge.count, edge.source, edge.target))


def _edge(pair: Pair, observed: Sequence[Seen], static: Sequence[StaticCall], *, is_unexplained: bool) -> Edge:
    told = sorted(observed, key=lambda one: (RELATIONS.index(one.kind), -one.count, one.through or ""))
    kinds: dict[Relation, None] = dict.fromkeys(one.kind for one in told)
    if static:
        kinds["static"] = None
    main = told[0] if told else None
    layer: Layer = "observed" if not static else "both" if "call" in kinds else "static"
    return Edge(
        source=pair[0],
        target=pair[1],
        kinds=list(kinds),
        layer=layer,
        count=main.count if main else 0,
        share=main.share if main else None,
        p50_ms=main.p50_ms if main else None,
        p95_ms=main.p95_ms if main else None,
        error_rate=main.error_rate if main else None,
        seen=told,
        calls=sorted(static, key=lambda call: (-call.confidence, call.file_path, call.line_number)),
        is_unexplained=is_unexplained,
    )


def static_calls(
    found: Iterable[Found], nodes_at: Callable[[str], Collection[str]], names: Mapping[Function, str]
) -> dict[Pair, list[StaticCall]]:
    """The ways that code shows, by the pairs of nodes that they join.

    Args:
        found: the ways from handler to handler.
        nodes_at: the nodes that a handler is part of.
        names: of functions.
    """
    calls: dict[Pair, list[StaticCall]] = defaultdict(list)
    for way in found:
        through = None if way.is_direct else names.get(way.step.callee)
        call = StaticCall(way.first.file_path, way.step.line_number, way.confidence, way.step.evidence, through)
        sources, targets = nodes_at(way.source), nodes_at(way.target)
        for source in sources:
            # A call stays in the service, sequence or operation that makes it, wherever its target is part of that.
            for target in (source,) if source in targets else targets:
                if source != target or way.source in sources:
                    calls[source, target].append(call)
    return dict(calls)
