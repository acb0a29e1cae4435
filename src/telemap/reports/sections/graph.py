"""The graph of who depends on whom, as blocks."""

from __future__ import annotations

from collections.abc import Iterator

from telemap.analyses.graph_shapes import Changed, Edge, Gaps, Graph, Impact, Node, Reached
from telemap.model.documents import SURE
from telemap.reports.blocks import Block, Column, Kind, Next, Table, Text, Title, counted

SHOWN = 25  # edges, and 10 of anything else, on a terminal; data has them all
FEW = 10
MOST_HELD_UP = 5
WITHOUT = {
    "topic": "Nothing in {} was begun by the publication of a topic.",
    "sequence": "What ran in {}, if anything did, ran in no sequence, and none is declared.",
}

# Data files have the edges, documents have all.
MATTERS = (Column("kind", ""), Column("what", ""), Column("at", "", Kind.PLACE))

EDGES = (
    Column("from", "source"),
    Column("to", "target"),
    Column("edges", "kinds"),
    Column("layer", "layer"),
    Column("count", "count", Kind.COUNT),
    Column("share", "", rank=2),
    Column("p50 ms", "p50_ms", Kind.MILLISECONDS, rank=3),
    Column("p95 ms", "p95_ms", Kind.MILLISECONDS, rank=1),
    Column("errors", "", rank=2),
    Column("", "share"),
    Column("", "error_rate"),
    Column("", "confidence"),
    Column("", "call"),
)

CHANGED = (Column("change", ""), Column("function", ""), Column("where", "", Kind.PLACE), Column("tested", ""))

REACHED = (
    Column("handler", ""),
    Column("by", ""),
    Column("through", "", rank=1),
    Column("sure", "", Kind.NUMBER),
    Column("runs", "", Kind.COUNT),
    Column("share", "", rank=2),
    Column("sequences", "", rank=3),
)


def blocks(graph: Graph, store: str) -> Iterator[Block]:
    """The graph of a store: what matters first, then the edges, those seen most first, and what to do next."""
    if not graph.nodes and graph.node_kind in WITHOUT:
        yield Title(f"Graph: no {graph.node_kind}s")
        yield Text(WITHOUT[graph.node_kind].format(store))
        yield Next("telemap graph", "which handlers there are, and who calls whom")
        return
    if not graph.nodes:
        yield Title("Graph: nothing ran, and nothing is declared")
        yield Text(f"No log in {store} names a handler that ran, and no declared sequence says which it was.")
        yield Next("telemap index DIR --definitions DIR", "reads code and declared sequences")
        return
    yield Title(_title(graph))
    yield Text(f"in {store}; what matters first, then the edges, those seen most first")
    if graph.impact is not None:
        yield from _impact(graph.impact)
    matters = list(_matters(graph))
    if matters:
        yield Table(MATTERS, matters, is_list=True)
    yield Table(EDGES, [_row(edge) for edge in graph.edges], most=SHOWN)
    notes = list(_notes(graph))
    if notes:
        yield Text("\n".join(notes))
    yield _next(graph)


def _title(graph: Graph) -> str:
    summary = graph.summary
    build = f" of build {graph.build}" if graph.build is not None else ""
    around = f" around {graph.focus}" if graph.focus is not None else ""
    layers = {"in code and seen": summary.both, "seen only": summary.observed, "in code only": summary.static}
    told = ", ".join(f"{count:,} {what}" for what, count in layers.items() if count)
    kind = "node" if graph.node_kind == "topic" else graph.node_kind
    size = f"{counted(len(graph.nodes), kind)}, {counted(len(graph.edges), 'edge')}"
    return f"Graph{build}{around}: {size}" + (f" ({told})" if told and graph.focus is None else "")


def _matters(graph: Graph) -> Iterator[tuple[object, ...]]:
    for cycle in graph.cycles[:FEW]:
        seen = "" if cycle.is_observed else "; not all of it was seen to run"
        yield "cycle", f"{_listed(cycle.nodes)} depend on each other in a circle{seen}", None
    for point in graph.single_points[:FEW]:
        behind = [*point.sequences, *(f"service {name}" for name in point.services)]
        yield (
            "single point",
            f"all traffic of {_listed(behind)} passes {point.node}: {counted(point.runs, 'run')}",
            _place(graph, point.node),
        )
    for node in sorted(graph.nodes, key=lambda node: -node.on_path.most_ms if node.on_path else 0.0)[:MOST_HELD_UP]:
        if node.on_path is None:
            break
        yield "critical path", _held_up(node), node.code and f"{node.code.file_path}:{node.code.line_number}"
    for hub in graph.hubs[:FEW]:
        yield "hub", f"{hub.fan_in:,} others depend on {hub.node}", _place(graph, hub.node)
    # Files in which no handler is are in no telemetry.
    told = {node.id for node in graph.nodes if node.runs or node.kind != "module" or node.sequences}
    static = [edge for edge in graph.edges if edge.layer == "static" and {edge.source, edge.target} <= told]
    for edge in static[:FEW]:
        call = edge.calls[0]
        through = f", by way of {call.through}" if call.through else ""
        sure = "" if call.confidence >= SURE else f" (confidence {call.confidence:g})"
        yield "static only", f"{edge.source} calls {edge.target}{through}, which was never seen{sure}", call.place
    unexplained: dict[str, list[Edge]] = {}
    for edge in graph.edges:
        if edge.is_unexplained:
            unexplained.setdefault(edge.source, []).append(edge)
    for source, edges in list(unexplained.items())[:FEW]:
        targets = _listed([f"{edge.target} ({edge.count:,} ×)" for edge in edges])
        place = next((one.examples[0] for one in edges[0].seen if one.examples), None)
        says = f"{source} began {targets}; no call in the code says so"
        yield "observed only", says, place and f"{place.source}:{place.line}"


def _held_up(node: Node) -> str:
    """How much of the time of all traces waited for a handler."""
    path = node.on_path
    assert path is not None
    least, most = f"{path.least_share:.0%}", f"{path.most_share:.0%}"
    share = most if least == most else f"{least} to {most}"
    return f"{node.id} is {share} of the time that traces took: {path.most_ms:,.1f} ms on {counted(path.paths, 'path')}"


def _impact(impact: Impact) -> Iterator[Block]:
    changed = counted(len(impact.functions), "function")
    if not impact.functions:
        yield Text(f"No function is another one than at {impact.since}.")
        return
    yield Text(
        f"{changed} changed since {impact.since}: felt in {counted(len(impact.handlers), 'handler')} with "
        f"{counted(impact.runs, 'run')} ({impact.share:.0%} of all), in "
        f"{counted(len(impact.sequences), 'sequence')}."
    )
    yield Table(
        CHANGED,
        [
            (one.change, one.function_name, f"{one.file_path}:{one.line_number}", _tested(one))
            for one in impact.functions[:SHOWN]
        ],
    )
    yield Table(REACHED, [_reached(one) for one in impact.handlers[:SHOWN]])
    if impact.sequences:
        runs = ", ".join(f"{one.sequence} ({one.runs:,}, {one.share:.0%})" for one in impact.sequences)
        yield Text(f"Sequences that it can be felt in, with their runs: {runs}")
    if impact.tests:
        more = f" and {len(impact.tests) - SHOWN:,} more" if len(impact.tests) > SHOWN else ""
        yield Text(f"Tests that run it: {', '.join(impact.tests[:SHOWN])}{more}")


def _tested(one: Changed) -> str | None:
    if one.tested is None:
        return None
    return (counted(len(one.tests), "test") if one.tests else "by tests") if one.tested else "by no test"


def _reached(one: Reached) -> tuple[object, ...]:
    return one.node, one.by, one.through, one.confidence, one.runs, f"{one.share:.0%}", ", ".join(one.sequences)


def _row(edge: Edge) -> tuple[object, ...]:
    call = edge.calls[0] if edge.calls else None
    return (
        edge.source,
        edge.target,
        " ".join(edge.kinds),
        edge.layer,
        edge.count,
        None if edge.share is None else f"{edge.share:.0%}",
        edge.p50_ms,
        edge.p95_ms,
        f"{edge.error_rate:.1%}" if edge.error_rate else None,
        edge.share,
        edge.error_rate,
        call and call.confidence,
        call and call.place,
    )


def _notes(graph: Graph) -> Iterator[str]:
    if len(graph.edges) > SHOWN:
        yield f"{len(graph.edges) - SHOWN:,} more edges: --format json or csv, or --focus NAME for what is around one."
    if not graph.is_indexed:
        yield "No code is indexed: what the code says of calls is not known."
    never = sum(node.runs == 0 and node.kind == "handler" for node in graph.nodes)
    if never:
        yield f"{counted(never, 'handler')} never ran."
    if graph.critical_paths and graph.critical_paths.ambiguous:
        ambiguous = f"{graph.critical_paths.ambiguous:,} of {counted(graph.critical_paths.paths, 'path')}"
        yield f"On {ambiguous} the times do not tell who waited for whom: shares are from the least to the most."
    yield from _gaps(graph.summary.gaps)


def _gaps(gaps: Gaps) -> Iterator[str]:
    told = {
        "whose parent never came": gaps.orphans,
        "of traces that go round in circles": gaps.circular,
        "without a name, which calls pass": gaps.nameless,
        "that ended before they began: in no timing": gaps.negative,
    }
    yield from (f"{counted(count, 'span')} {what}." for what, count in told.items() if count)
    if gaps.early:
        yield f"{counted(gaps.early, 'call')} began before what called them: clocks differ."


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - FEW:,} more" if len(names) > FEW else ""
    return ", ".join(names[:FEW]) + more


def _place(graph: Graph, node: str) -> str | None:
    return next((one.code.place for one in graph.nodes if one.id == node and one.code), None)


def _next(graph: Graph) -> Next:
    if graph.focus is None and graph.hubs:
        return Next(f"telemap graph --focus '{graph.hubs[0].node}'", "what is around one of them")
    if not graph.is_indexed:
        return Next("telemap index DIR", "reads the calls that the code has")
    return Next("telemap export mermaid", "the graph as a picture")
