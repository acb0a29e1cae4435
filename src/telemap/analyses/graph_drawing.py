"""Graphs as pictures, and as other tools read them: Mermaid, DOT of Graphviz, GraphML."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from html import escape

from telemap.analyses.graph_shapes import Edge, Graph, Node
from telemap.exports.mermaid import MOST_CHARACTERS, MOST_LINES, flowchart
from telemap.model.drawings import Box, Drawing, Line, Mood
from telemap.model.findings import finding_id

# What no XML 1.0 can hold.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

NODE_KEYS: Mapping[str, str] = {
    "name": "string",
    "kind": "string",
    "plugin": "string",
    "service": "string",
    "place": "string",
    "runs": "long",
    "errors": "long",
    "p50_ms": "double",
    "p95_ms": "double",
}
EDGE_KEYS: Mapping[str, str] = {
    "kinds": "string",
    "layer": "string",
    "count": "long",
    "share": "double",
    "p50_ms": "double",
    "p95_ms": "double",
    "error_rate": "double",
    "confidence": "double",
    "place": "string",
}


def drawing(graph: Graph, most: int = MOST_LINES) -> Drawing:
    """The nodes and edges, those that were seen most, as a picture; a dotted line is in the code alone."""
    edges = graph.edges[:most]
    used = {end for edge in edges for end in (edge.source, edge.target)}
    nodes = [node for node in graph.nodes if node.id in used or not graph.edges]
    owners = {_owner(node) for node in nodes}
    boxes = [_box(node, is_grouped=len(owners) > 1) for node in sorted(nodes, key=lambda one: _owner(one) or "")]
    largest = max((edge.count for edge in edges), default=0) or 1
    lines = tuple(_line(edge, largest) for edge in edges)
    left_out = len(graph.edges) - len(edges)
    text = f"{len(graph.nodes):,} nodes, {len(graph.edges):,} edges."
    text += f" The {left_out:,} that were seen least are not drawn." if left_out else ""
    text += " Dotted: in the code, never seen." if any(edge.layer == "static" for edge in edges) else ""
    return Drawing(f"Graph of {graph.node_kind}s", text, tuple(boxes), lines)


def mermaid(graph: Graph) -> str:
    """The graph as a Mermaid flowchart, as much as Mermaid draws; a comment says how many edges it leaves out."""
    most = MOST_LINES
    while len(text := flowchart(drawing(graph, most))[0]) > MOST_CHARACTERS and most > 1:
        most = most * 4 // 5
    left_out = max(len(graph.edges) - most, 0)
    return text + (f"%% {left_out:,} of {len(graph.edges):,} edges, seen least, are not drawn\n" if left_out else "")


def dot(graph: Graph) -> str:
    """The graph in the language of Graphviz; dashed edges are in the code alone."""
    lines = ["digraph telemap {", "  rankdir=LR;", '  node [shape=box, fontname="sans-serif"];']
    for node in graph.nodes:
        style = ", style=dashed" if not node.runs and node.kind == "handler" else ""
        lines.append(f"  {_quoted(node.id)} [label={_label_of(node.name, _runs(node))}{style}];")
    for edge in graph.edges:
        style = ", style=dashed" if edge.layer == "static" else ""
        lines.append(f"  {_quoted(edge.source)} -> {_quoted(edge.target)} [label={_label_of(_label(edge))}{style}];")
    return "\n".join([*lines, "}"]) + "\n"


def graphml(graph: Graph) -> str:
    """The graph as GraphML, with typed attributes of nodes and edges; what is not known is left out."""
    return "\n".join(_graphml(graph)) + "\n"


def _graphml(graph: Graph) -> Iterator[str]:
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">'
    for kind, keys in (("node", NODE_KEYS), ("edge", EDGE_KEYS)):
        for name, of_type in keys.items():
            yield f'  <key id="{kind}_{name}" for="{kind}" attr.name="{name}" attr.type="{of_type}"/>'
    yield '  <graph edgedefault="directed">'
    for node in graph.nodes:
        yield f"    <node id={_attribute(node.id)}>"
        yield from _data("node", NODE_KEYS, node, {"place": node.code and node.code.place})
        yield "    </node>"
    for edge in graph.edges:
        yield f"    <edge source={_attribute(edge.source)} target={_attribute(edge.target)}>"
        call = edge.calls[0] if edge.calls else None
        more = {"kinds": ",".join(edge.kinds), "confidence": call and call.confidence, "place": call and call.place}
        yield from _data("edge", EDGE_KEYS, edge, more)
        yield "    </edge>"
    yield "  </graph>"
    yield "</graphml>"


def _data(kind: str, keys: Iterable[str], of: Node | Edge, more: Mapping[str, object]) -> Iterator[str]:
    for name in keys:
        value = more[name] if name in more else getattr(of, name)
        if value is not None:
            yield f'      <data key="{kind}_{name}">{_text(str(value))}</data>'


def _text(text: str) -> str:
    return escape(_FORBIDDEN.sub("�", text)).replace("\n", "&#10;").replace("\t", "&#9;").replace("\r", "&#13;")


def _attribute(text: str) -> str:
    return f'"{_text(text)}"'


def _quoted(*lines: str) -> str:
    escaped = (line.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ").replace("\0", "") for line in lines)
    return '"' + "\\n".join(escaped) + '"'


def _label_of(*lines: str) -> str:
    return _quoted(*lines).replace("&", "&amp;")  # entities are entities in labels, not in names


def _box(node: Node, *, is_grouped: bool) -> Box:
    unseen = not node.runs and node.kind == "handler"
    return Box(
        _id(node.id),
        "event" if node.kind == "topic" else "box",
        tuple(filter(None, (node.name, _runs(node)))),
        "unseen" if unseen else "usual",
        _owner(node) if is_grouped else None,
        node.code.place if node.code else None,
    )


def _line(edge: Edge, largest: int) -> Line:
    mood: Mood = "unseen" if edge.layer == "static" else "usual"
    return Line(_id(edge.source), _id(edge.target), _label(edge), mood, edge.count / largest)


def _label(edge: Edge) -> str:
    return f"{', '.join(edge.kinds)} {edge.count:,}" if edge.count else ", ".join(edge.kinds)


def _runs(node: Node) -> str:
    if node.kind == "topic":
        return ""
    return f"{node.runs:,} run{'s' * (node.runs != 1)}" if node.runs else "never seen"


def _owner(node: Node) -> str | None:
    return (node.service or node.plugin) if node.kind == "handler" else None


def _id(node: str) -> str:
    """The same in every run, whatever else is drawn."""
    return f"n{finding_id(node)}"
