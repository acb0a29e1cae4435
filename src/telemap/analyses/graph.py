"""Who depends on whom, by what ran and by what the code says.

Nodes are handlers, or what they belong to. An edge is a **call** (the nearest handler above a run, also where a handler
causes a run of a sequence), a **topic** (a publication that began a run), **next** (directly after each other in a
trace), **state** (one changes a key, the other changes it next in the trace), or **static**: the code of one reaches
the other, by way of functions that are no handlers, as sure as the weakest step. Calls, topics and static edges are
dependencies; circles, hubs and single points are told of these.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, get_args

from telemap.analyses.builds import check_build
from telemap.analyses.graph_critical import critical_paths, with_paths
from telemap.analyses.graph_drawing import dot, drawing, graphml, mermaid
from telemap.analyses.graph_edges import RELATIONS, Pair, edges, seen, static_calls, together
from telemap.analyses.graph_impact import impact
from telemap.analyses.graph_nodes import Handler, groups, handlers, nodes_of
from telemap.analyses.graph_shapes import Edge, Gaps, Graph, Node, NodeKind, Relation, Seen, StaticCall, Summary
from telemap.analyses.graph_static import CodeGraph, Function, code_graph, possible_calls
from telemap.analyses.graph_structure import cycles, hubs, single_points, with_fans
from telemap.analyses.handler_runs import Wanted, gather
from telemap.analyses.registry import Analysis, Text, statement
from telemap.analyses.trace_trees import critical_times
from telemap.errors import TelemapError
from telemap.store.store import Store, fetch

if TYPE_CHECKING:
    import duckdb

STATEMENTS: Mapping[Relation, str] = {
    "call": "graph_calls",
    "topic": "graph_topics",
    "next": "graph_next",
    "state": "graph_state",
}
SOURCES = "SELECT hash(source_id) AS log_key, uri FROM source"
INDEXED = "SELECT count(*) > 0 AS is_indexed FROM code_symbol"


@dataclass(frozen=True, slots=True)
class Params:
    """What to look at."""

    nodes: Annotated[NodeKind, "what the nodes are"] = "handler"
    edges: Annotated[
        str | None, "only edges of these kinds, with commas between them: call,topic,next,state,static"
    ] = None
    focus: Annotated[str | None, "only what is around the node of this name"] = None
    depth: Annotated[int, "how many edges away from it"] = 1
    changed_since: Annotated[str | None, "what a change since this commit, tag or branch can be felt in"] = None
    build: Annotated[str | None, "only executions of this build (service.version)"] = None
    critical_path: Annotated[bool, "also which handlers are on the critical paths of traces"] = False


def run(store: Store, params: Params) -> Graph:
    """The graph of ``store``.

    Raises:
        TelemapError: ``bad-setting``: there are no such edges, or ``depth`` is below 1. ``no-build``: no source is of
            this build. ``no-node``: nothing is called ``focus``. ``no-commit``: no root knows ``changed_since``.
    """
    kinds = _kinds(params)
    with store.connect() as connection:
        found = _Gathering(connection, params, kinds)
        if not found.rows and params.build is not None:
            check_build(store, params.build)
        told = edges(found.observed, found.static, found.unexplained)
        nodes = with_fans(found.nodes, told)
        felt = None
        if params.changed_since is not None:
            felt = impact(
                connection, params.changed_since, found.code, found.nodes_of_function, nodes, told, params.build
            )
        is_indexed = fetch(connection, INDEXED)[0]["is_indexed"]
    times = None
    if params.critical_path and params.nodes == "handler":
        times = critical_times(store, params.build)
        nodes = with_paths(nodes, found.handlers, times)
    shown = _around(params.focus, params.depth, nodes, told) if params.focus is not None else set(nodes)
    return Graph(
        node_kind=params.nodes,
        build=params.build,
        focus=params.focus,
        nodes=[node for one, node in nodes.items() if one in shown],
        edges=[edge for edge in told if edge.source in shown and edge.target in shown],
        cycles=[cycle for cycle in cycles(told) if not shown.isdisjoint(cycle.nodes)],
        hubs=[hub for hub in hubs(nodes) if hub.node in shown],
        single_points=[point for point in single_points(nodes, told, found.begun) if point.node in shown],
        impact=felt,
        critical_paths=critical_paths(times) if times else None,
        is_indexed=is_indexed,
        summary=_summary(nodes, told, found.gaps),
    )


def _kinds(params: Params) -> set[Relation]:
    if params.depth < 1:
        raise TelemapError("bad-setting", f"depth is {params.depth}", help="one edge away is the nearest")
    if params.edges is None:
        # Handlers of other services or files that come after each other have nothing to do with each other.
        return {kind for kind in RELATIONS if kind != "next" or params.nodes == "handler"}
    asked = {kind.strip() for kind in params.edges.split(",")}
    if unknown := asked.difference(RELATIONS):
        raise TelemapError(
            "bad-setting", f"no edges are called '{min(unknown)}'", help=f"there are {', '.join(RELATIONS)}"
        )
    return {kind for kind in RELATIONS if kind in asked}


class _Gathering:
    """All that a graph is made of."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, params: Params, kinds: set[Relation]) -> None:
        self.kind = params.nodes
        self.rows = gather(connection, Wanted(build=params.build))
        self.handlers = handlers(connection, self.rows)
        self.groups = {one: dict(groups(one, handler, self.kind)) for one, handler in self.handlers.items()}
        members: dict[str, list[Handler]] = defaultdict(list)
        for one, own in self.groups.items():
            for node in own:
                members[node].append(self.handlers[one])
        names = sorted(members)
        numbers = {name: number for number, name in enumerate(names)}
        keyed = sorted(
            (key, numbers[node]) for own in self.groups.values() for node, keys in own.items() for key in keys
        )
        self.meant = {"keys": [key for key, _ in keyed], "nodes": [number for _, number in keyed]}
        figures = {names[row["node"]]: row for row in fetch(connection, statement("graph"), self.meant)}
        self.nodes = nodes_of(self.kind, members, figures)
        self.begun: Counter[str] = Counter()  # how many runs of each node something called, itself too
        self.observed, self.gaps = self._observed(connection, params, kinds & {*STATEMENTS}, names)
        self.code = self._code(connection)
        has_static = "static" in kinds and self.kind != "topic"
        self.static = self._static() if has_static else {}
        self.unexplained = self._unexplained(connection) if has_static else set()
        if self.kind == "topic":
            self._through_topics()

    def _observed(
        self, connection: duckdb.DuckDBPyConnection, params: Params, kinds: set[Relation], names: list[str]
    ) -> tuple[dict[Pair, list[Seen]], Gaps]:
        uris = {row["log_key"]: row["uri"] for row in fetch(connection, SOURCES)}
        there = fetch(connection, statement("graph_gaps"), {"build": params.build})[0]
        kinds = {"topic"} if self.kind == "topic" else kinds
        if not there["caused"]:
            kinds = kinds - {"call", "topic"}
        if not there["published"]:
            kinds = kinds - {"topic"}
        observed: dict[Pair, list[Seen]] = defaultdict(list)
        early = 0
        for kind in RELATIONS:
            for row in fetch(connection, statement(STATEMENTS[kind]), self.meant) if kind in kinds else ():
                source, target = names[row["source"]], names[row["target"]]
                early += row.get("early", 0)
                self.begun[target] += row["count"] if kind == "call" else 0
                if source != target or self.kind in ("handler", "topic"):
                    observed[source, target].append(seen(kind, row, self.nodes[source], uris))
        gaps = Gaps(there["orphans"], there["circular"], there["nameless"], there["negative"], early)
        return dict(observed), gaps

    def _code(self, connection: duckdb.DuckDBPyConnection) -> CodeGraph:
        places = [(one.code.file_path, one.code.line_number) for one in self.handlers.values() if one.code]
        return code_graph(connection, places)

    @property
    def handlers_of_function(self) -> dict[Function, list[str]]:
        """The handlers that functions are: a view that answers to several methods is several."""
        found: dict[Function, list[str]] = defaultdict(list)
        for one, handler in self.handlers.items():
            if handler.code:
                for function in self.code.functions_at(handler.code.file_path, handler.code.line_number):
                    found[function].append(one)
        return dict(found)

    @property
    def nodes_of_function(self) -> dict[Function, list[tuple[str, float]]]:
        """The nodes that functions are part of, and how sure that is."""
        return {
            function: [(node, self._certainty(one)) for one in own for node in self.groups[one]]
            for function, own in self.handlers_of_function.items()
        }

    def _certainty(self, handler: str) -> float:
        code = self.handlers[handler].code
        return code.confidence if code else 0.0

    def _static(self) -> dict[Pair, list[StaticCall]]:
        if self.kind == "module":
            found = self.code.between_files()
            files = {end for way in found for end in (way.source, way.target)}
            self.nodes = dict(sorted((nodes_of("module", {file: [] for file in files}, {}) | self.nodes).items()))
            return static_calls(found, lambda name: (name,), self.code.names)
        return self._calls_of(self.code)

    def _calls_of(self, code: CodeGraph) -> dict[Pair, list[StaticCall]]:
        own = self.handlers_of_function
        nodes_at: dict[str, dict[str, None]] = defaultdict(dict)  # the first handler of a function stands for all
        for same in own.values():
            nodes_at[same[0]] |= {node: None for one in same for node in self.groups[one]}
        found = code.between({one: (same[0], max(map(self._certainty, same))) for one, same in own.items()})
        return static_calls(found, nodes_at.__getitem__, self.code.names)

    def _unexplained(self, connection: duckdb.DuckDBPyConnection) -> set[Pair]:
        """What was seen as a call, and all of its code is known and calls nothing that may be it."""
        called = {pair for pair, told in self.observed.items() if any(one.kind in ("call", "topic") for one in told)}
        if not (called := called - self.static.keys()):
            return called
        own = self.handlers_of_function
        known = {one for same in own.values() for one in same}
        unknown = {node for one, nodes in self.groups.items() if one not in known for node in nodes}
        called = {pair for pair in called if unknown.isdisjoint(pair)}
        return called - self._calls_of(possible_calls(connection, self.code, own)).keys() if called else called

    def _through_topics(self) -> None:
        """Make topics nodes between those that publish them and those that they begin."""
        direct, self.observed = self.observed, {}
        handlers = {*self.nodes}
        told: dict[Pair, list[Seen]] = defaultdict(list)
        for (source, target), relations in direct.items():
            for one in relations:
                topic = one.through or ""
                topic = f"{topic} (topic)" if topic in handlers else topic
                told[topic, target] = [together(told[topic, target], one)]
                if all(one.count > other.count for other in told[source, topic]):  # several may subscribe
                    told[source, topic] = [one]
                self.nodes |= nodes_of("topic", {topic: []}, {})
        self.observed = dict(told)
        used = {end for pair in told for end in pair}
        self.nodes = {one: node for one, node in sorted(self.nodes.items()) if one in used}


def _around(focus: str, depth: int, nodes: Mapping[str, Node], told: Iterable[Edge]) -> set[str]:
    """The nodes that are at most so many edges away, whichever way those point."""
    shown = {one for one, node in nodes.items() if focus in (one, node.name)}
    if not shown:
        near = [one for one in nodes if focus.lower() in one.lower()][:5]
        raise TelemapError(
            "no-node",
            f"nothing in the graph is called '{focus}'",
            help=f"similar: {', '.join(near)}" if near else "telemap graph shows what there is",
        )
    beside: dict[str, set[str]] = defaultdict(set)
    for edge in told:
        beside[edge.source].add(edge.target)
        beside[edge.target].add(edge.source)
    for _ in range(depth):
        shown |= {other for one in shown for other in beside[one]}
    return shown


def _summary(nodes: Mapping[str, Node], told: list[Edge], gaps: Gaps) -> Summary:
    layers = [edge.layer for edge in told]
    return Summary(
        nodes=len(nodes),
        edges=len(told),
        static=layers.count("static"),
        observed=layers.count("observed"),
        both=layers.count("both"),
        never_ran=sum(node.runs == 0 for node in nodes.values()),
        gaps=gaps,
    )


ANALYSIS = Analysis(
    "graph",
    "Who depends on whom, by what ran and by the code",
    Params,
    run,
    "telemap graph --format json",
    drawn=lambda store, params: [drawing(run(store, params))],
    exports={
        "mermaid": Text("The graph as a Mermaid flowchart.", lambda store, params: mermaid(run(store, params))),
        "dot": Text("The graph for Graphviz.", lambda store, params: dot(run(store, params))),
        "graphml": Text(
            "The graph for Gephi, yEd, NetworkX and others.", lambda store, params: graphml(run(store, params))
        ),
    },
    archived=tuple(Params(nodes=kind) for kind in get_args(NodeKind) if kind != "handler"),
)
