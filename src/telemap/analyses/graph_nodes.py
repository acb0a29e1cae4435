"""Handlers, and what stands for them as a node of a graph: themselves, or what they belong to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from telemap.analyses.graph_shapes import Node, NodeKind
from telemap.model.documents import Code, iso_time, milliseconds
from telemap.store.store import Row, fetch

if TYPE_CHECKING:
    import duckdb

NOT_LINKED = "(not linked)"

DECLARED = """
SELECT DISTINCT
    handler, false AS is_traced, plugin, NULL AS service, sequence_id AS sequence, code_file_path, code_line_number,
    code_function_name, code_confidence, code_evidence
FROM declared_step
WHERE handler IS NOT NULL
ORDER BY ALL
"""

Identity = tuple[str, str | None, str | None, int | None]
"""Name, owner where the place in code is not known, file and line."""


@dataclass(slots=True)
class Handler:
    """A handler, declared or seen, with the numbers that its runs have in each sequence and service."""

    name: str
    plugins: set[str] = field(default_factory=set)
    services: set[str] = field(default_factory=set)
    sequences: set[str] = field(default_factory=set)
    code: Code | None = None
    is_traced: bool = False
    keys: list[tuple[int, str | None, str | None]] = field(default_factory=list)

    def add(self, row: Row) -> None:
        """Take in what a row of ``graph_handlers.sql`` or of the declarations says."""
        for known, name in ((self.plugins, "plugin"), (self.services, "service"), (self.sequences, "sequence")):
            if row[name] is not None:
                known.add(row[name])
        self.is_traced |= row["is_traced"]
        self.code = self.code or Code.of(row)
        if row.get("handler_key") is not None:
            self.keys.append((row["handler_key"], row["sequence"], row["service"] or row["plugin"]))

    @property
    def owner(self) -> str | None:
        """The service it is of; where logs name none, a plugin stands for it."""
        return min(self.services, default=None) or min(self.plugins, default=None)


def ran(rows: Iterable[Row]) -> dict[Identity, Handler]:
    """The handlers that ran, told apart as the heatmap does it."""
    found: dict[Identity, Handler] = {}
    for row in rows:
        found.setdefault(_identity(row), Handler(row["handler"])).add(row)
    return found


def handlers(connection: duckdb.DuckDBPyConnection, rows: Iterable[Row]) -> dict[str, Handler]:
    """All handlers that ran or are declared, by ids that are their names wherever those are enough."""
    found = ran(rows)
    for row in fetch(connection, DECLARED):
        identity = _identity(row)
        unowned: Identity = (row["handler"], None, None, None)  # the log does not say whose it is
        known = unowned if identity not in found and row["code_file_path"] is None and unowned in found else identity
        found.setdefault(known, Handler(row["handler"])).add(row)
    named: dict[str, list[Handler]] = defaultdict(list)
    for handler in found.values():
        named[handler.name].append(handler)
    return dict(sorted((one_id, one) for same in named.values() for one_id, one in _ids(same)))


def _identity(row: Row) -> Identity:
    owner = None if row["code_file_path"] is not None else row["service"] if row["is_traced"] else row["plugin"]
    return row["handler"], owner, row["code_file_path"], row["code_line_number"]


def _ids(same: list[Handler]) -> Iterator[tuple[str, Handler]]:
    """Ids for handlers of one name: with the owner if that tells them apart, else with the place in code."""
    if len(same) == 1:
        yield same[0].name, same[0]
        return
    owners, told = [one.owner for one in same], set[str]()
    for one in same:
        is_told = one.owner is not None and owners.count(one.owner) == 1
        place = one.code.place if one.code else None
        more = [one.owner if is_told else None, place, min(one.plugins, default=None), one.owner]
        ids = [*(f"{one.name} ({text})" for text in more if text), one.name]
        ids += [f"{ids[0]} {number}" for number in range(2, len(same) + 2)]
        found = next(one_id for one_id in ids if one_id not in told)
        told.add(found)
        yield found, one


def groups(handler_id: str, handler: Handler, kind: NodeKind) -> Iterator[tuple[str, list[int]]]:
    """The nodes that a handler is part of, each with the numbers of the runs that are."""
    if kind in ("handler", "topic"):
        yield handler_id, [key for key, _, _ in handler.keys]
    elif kind == "module":
        name = handler.code.file_path if handler.code else handler.owner or NOT_LINKED
        yield name, [key for key, _, _ in handler.keys]
    else:
        by_name: dict[str | None, list[int]] = defaultdict(list)
        for key, sequence, service in handler.keys:
            by_name[sequence if kind == "sequence" else service].append(key)
        for own in handler.sequences if kind == "sequence" else {handler.owner}:
            by_name[own] += []  # what never ran belongs somewhere, too
        yield from sorted((name, keys) for name, keys in by_name.items() if name)


def nodes_of(kind: NodeKind, members: Mapping[str, list[Handler]], figures: Mapping[str, Row]) -> dict[str, Node]:
    """The nodes by id.

    Args:
        kind: of the nodes.
        members: the handlers of each.
        figures: the rows of ``graph.sql``, for those that ran.
    """
    return {one: _node(one, kind, same, figures.get(one)) for one, same in sorted(members.items())}


def _node(one: str, kind: NodeKind, members: list[Handler], figures: Row | None) -> Node:
    is_handler = kind in ("handler", "topic") and len(members) == 1  # topics have none
    percentiles = figures and figures["percentiles_ns"]
    plugins, services, sequences = (
        sorted({name for member in members for name in getattr(member, names)})
        for names in ("plugins", "services", "sequences")
    )
    seen = [figures[f"{end}_time_unix_nano"] if figures else None for end in ("first", "last")]
    return Node(
        id=one,
        name=members[0].name if is_handler else one,
        kind="handler" if is_handler else kind,
        plugin=plugins[0] if len(plugins) == 1 else None,
        service=services[0] if len(services) == 1 else None,
        sequences=sequences if kind != "sequence" else [one],
        code=members[0].code if is_handler else None,
        runs=figures["runs"] if figures else 0,
        errors=figures["errors"] if figures else 0,
        p50_ms=milliseconds(percentiles[0]) if percentiles else None,
        p95_ms=milliseconds(percentiles[1]) if percentiles else None,
        first_seen=iso_time(seen[0]) if seen[0] is not None else None,
        last_seen=iso_time(seen[1]) if seen[1] is not None else None,
    )
