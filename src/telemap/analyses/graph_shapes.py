"""Shapes of what ``graph`` answers."""

from __future__ import annotations

from typing import Literal

from telemap.model.documents import Code, Document, Place, Shape

NodeKind = Literal["handler", "module", "sequence", "topic", "service"]
Relation = Literal["call", "topic", "next", "state", "static"]
Layer = Literal["static", "observed", "both"]


class OnPath(Shape, frozen=True):
    """What a handler has to do with how long traces took: time on critical paths that was its own.

    ``least`` is so in every reading of who waited for whom, ``most`` in none exceeded; shares are of all paths, 0…1.
    """

    least_ms: float
    most_ms: float
    least_share: float
    most_share: float
    paths: int


class Node(Shape, frozen=True):
    """What an edge begins or ends at; times in milliseconds.

    ``id`` is its name, with more where several have that. ``fan_in`` and ``fan_out`` count the other nodes that depend
    on it, and that it depends on (calls, topics and static edges).
    """

    id: str
    name: str
    kind: NodeKind
    plugin: str | None
    service: str | None
    sequences: list[str]
    code: Code | None
    runs: int
    errors: int
    p50_ms: float | None
    p95_ms: float | None
    first_seen: str | None
    last_seen: str | None
    fan_in: int = 0
    fan_out: int = 0
    on_path: OnPath | None = None


class Seen(Shape, frozen=True):
    """A relation of two nodes as it was observed; times in milliseconds, of the target's runs in it.

    ``through`` is the topic, or the key of the state. ``share`` is of the source's runs that show it, 0…1.
    """

    kind: Relation
    through: str | None
    count: int
    share: float
    p50_ms: float | None
    p95_ms: float | None
    errors: int
    error_rate: float
    examples: list[Place]


class StaticCall(Shape, frozen=True):
    """A line of code from which the target is reached, how sure that is (0…1), and the function it calls on the way."""

    file_path: str
    line_number: int
    confidence: float
    evidence: str
    through: str | None

    @property
    def place(self) -> str:
        """The line as people and editors write it, ``file:line``."""
        return f"{self.file_path}:{self.line_number}"


class Edge(Shape, frozen=True):
    """Two nodes and all that is known between them.

    ``layer`` is about the dependency: ``both`` where a static edge was seen as a call, ``static`` where it was not. The
    figures are those of the first of ``seen``. ``is_unexplained`` is what was called though the code of both is known,
    and calls nothing of that name.
    """

    source: str
    target: str
    kinds: list[Relation]
    layer: Layer
    count: int
    share: float | None
    p50_ms: float | None
    p95_ms: float | None
    error_rate: float | None
    seen: list[Seen]
    calls: list[StaticCall]
    is_unexplained: bool = False

    @property
    def is_dependency(self) -> bool:
        """Whether the source needs the target, and does not only come before it."""
        return not {"call", "topic", "static"}.isdisjoint(self.kinds)


class Cycle(Shape, frozen=True):
    """Nodes of which each reaches every other; ``is_observed`` where calls and topics that ran are enough for that."""

    nodes: list[str]
    is_observed: bool


class Hub(Shape, frozen=True):
    """A node that many others depend on."""

    node: str
    fan_in: int
    runs: int


class SinglePoint(Shape, frozen=True):
    """A node that all traffic of other sequences or services passes, and how many runs of them."""

    node: str
    sequences: list[str]
    services: list[str]
    runs: int


class Changed(Shape, frozen=True):
    """A function whose body is another one since, or that is new (``added``) or gone (``removed``).

    ``tested`` is whether tests run its body, None where no report of tests tells; ``tests`` names those that do.
    """

    function_name: str
    file_path: str
    line_number: int
    change: Literal["changed", "added", "removed"]
    tested: bool | None
    tests: list[str]


class Reached(Shape, frozen=True):
    """A node that a change can be felt in: by itself, or ``through`` what comes next on the way to the change."""

    node: str
    by: Literal["changed", "static", "observed"]
    through: str | None
    confidence: float
    runs: int
    share: float
    sequences: list[str]


class ReachedSequence(Shape, frozen=True):
    """A sequence with handlers that a change can be felt in, and how often it ran; ``share`` of all runs, 0…1."""

    sequence: str
    runs: int
    share: float


class Impact(Shape, frozen=True):
    """What a change can be felt in: ``runs`` and ``share`` are of handlers that are reached, ``tests`` those to run."""

    since: str
    functions: list[Changed]
    handlers: list[Reached]
    sequences: list[ReachedSequence]
    tests: list[str]
    runs: int
    share: float


class CriticalPaths(Shape, frozen=True):
    """The critical paths of all traces, how long they are together, and what of them is not certain."""

    paths: int
    total_ms: float
    ambiguous: int
    orphaned: int
    cyclic: int
    skewed: int
    clamped: int


class Gaps(Shape, frozen=True):
    """What of the telemetry cannot be put into the graph as it should be."""

    orphans: int
    circular: int
    nameless: int
    negative: int
    early: int


class Summary(Shape, frozen=True):
    """Counts over the whole graph, also what ``focus`` leaves out; edges by layer."""

    nodes: int
    edges: int
    static: int
    observed: int
    both: int
    never_ran: int
    gaps: Gaps


class Graph(Document, frozen=True, kw_only=True):
    """The answer: nodes by name, edges by count; what matters about them."""

    node_kind: NodeKind
    build: str | None
    focus: str | None
    nodes: list[Node]
    edges: list[Edge]
    cycles: list[Cycle]
    hubs: list[Hub]
    single_points: list[SinglePoint]
    impact: Impact | None
    critical_paths: CriticalPaths | None
    is_indexed: bool
    summary: Summary
