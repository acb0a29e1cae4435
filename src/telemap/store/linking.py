"""The links from handlers, declared or seen in telemetry, to their functions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from telemap.code.reading import CodeIndex
from telemap.mapping.builds import carried, moves
from telemap.mapping.code_attributes import LINE_ATTRIBUTES, AttributeIndex
from telemap.mapping.handlers import locate_function
from telemap.mapping.routes import RouteIndex
from telemap.model.code import CodeLocation
from telemap.store.indexed import build_code, code_index, registrations
from telemap.store.store import Row, Store, fetch, table_of

if TYPE_CHECKING:
    import duckdb

Teller = Callable[[Mapping[str, Any]], Sequence[CodeLocation]]
LEAST_OWN = 0.5  # a service of which less is known is likely one whose code was not indexed
MOST_OPERATIONS = 50_000  # names that hold ids are without end

# A handler that ran in a sequence which does not declare it is known by name only, so its link has no sequence.
SEEN_ONLY = """
WITH seen AS (
    SELECT DISTINCT handler, sequence_id, coalesce(handler_sequence, sequence_name) AS sequence_name
    FROM span
    WHERE handler IS NOT NULL
)
SELECT DISTINCT s.handler
FROM seen AS s
LEFT JOIN declared_step AS d
    ON s.handler = d.handler AND (s.sequence_id = d.sequence_id OR s.sequence_name = d.sequence_name)
WHERE d.handler IS NULL
ORDER BY s.handler
"""

DECLARED = """
SELECT sequence_id, handler, handlers_path, file_path, kind
FROM stored.declared_step
WHERE handler IS NOT NULL
QUALIFY row_number() OVER (PARTITION BY sequence_id, handler ORDER BY step_number) = 1
ORDER BY sequence_id, handler
"""


# What tells the code of the spans of traces, with the attributes of one of those that agree in it.
TRACED = """
SELECT
    service_name, service_version, name, span_kind,
    attributes['http.route'] AS http_route,
    coalesce(attributes['http.request.method'], attributes['http.method']) AS http_method,
    coalesce(attributes['code.function.name'], attributes['code.function']) AS told_function_name,
    attributes['code.namespace'] AS told_namespace,
    coalesce(attributes['code.file.path'], attributes['code.filepath']) AS told_file_path,
    coalesce(attributes['code.line.number'], attributes['code.lineno']) AS told_line_number,
    arg_min(attributes, start_time_unix_nano) AS attributes
FROM stored.span
WHERE kind = 'span' AND name IS NOT NULL
GROUP BY ALL
ORDER BY count(*) DESC, service_name, service_version, name, span_kind, http_route, http_method, told_function_name,
    told_namespace, told_file_path, told_line_number
LIMIT $most
"""


def link_code(store: Store) -> None:
    """Link what the telemetry names, handlers and operations, to the functions that the store knows.

    Done anew after every ingest and every index, so that neither has to come first.
    """
    with store.connect() as connection:
        if not fetch(connection, "SELECT 1 FROM stored.code_file UNION ALL SELECT 1 FROM stored.code_link LIMIT 1"):
            return
        handlers = [*fetch(connection, DECLARED), *fetch(connection, SEEN_ONLY)]
        operations = fetch(connection, TRACED, {"most": MOST_OPERATIONS})
        # Where there are handlers only, few of the functions can be theirs.
        names = None if operations else list({handler["handler"].rpartition(".")[2] for handler in handlers})
        index = code_index(connection, names)
        rows = [row for handler in handlers for row in _links(handler, index)]
        found = list(_operations(operations, connection, index)) if operations else []
    store.replace("code_link", table_of("code_link", rows))
    if found or store.has("span_link"):
        store.replace("span_link", table_of("span_link", found))


def _links(handler: Row, index: CodeIndex) -> Iterator[Row]:
    candidates = locate_function(
        handler["handler"],
        handler.get("handlers_path"),
        index,
        declared_in=handler.get("file_path"),
        kind=handler.get("kind"),
        evidence="definition" if "sequence_id" in handler else "attribute",
    )
    for rank, candidate in enumerate(candidates, start=1):
        yield {
            "sequence_id": handler.get("sequence_id"),
            "handler": handler["handler"],
            "rank": rank,
            **{f"code_{name}": value for name, value in asdict(candidate).items()},
        }


def _operations(operations: list[Row], connection: duckdb.DuckDBPyConnection, index: CodeIndex) -> Iterator[Row]:
    """A row for each operation of traces of which the code is found."""
    routes = RouteIndex(registrations(connection), index)
    tellers = {build: _teller(connection, build) for build in {one["service_version"] for one in operations}}
    sharing = Counter(route for route, _ in {(_route(one), one["service_name"]) for one in operations})
    places = [_places(operation, tellers[operation["service_version"]], routes)[:1] for operation in operations]
    own = _own_shares(operations, places)
    for operation, found in zip(operations, places, strict=True):
        for place in found:
            is_told = place.evidence != "route"
            link = place if is_told else _shared(place, sharing[_route(operation)], own[operation["service_name"]])
            known = asdict(link) if link.commit_id is None else {"reason": link.reason}
            yield operation | {f"code_{name}": value for name, value in known.items()}


def _own_shares(operations: Sequence[Row], places: Sequence[Sequence[CodeLocation]]) -> Mapping[str | None, float]:
    """For each service, of how many of its routes the code is found; 1 where it has none."""
    routed: Counter[str | None] = Counter()
    found: Counter[str | None] = Counter()
    for operation, of_operation in zip(operations, places, strict=True):
        if operation["http_route"]:
            routed[operation["service_name"]] += 1
            found[operation["service_name"]] += bool(of_operation)
    services = {operation["service_name"] for operation in operations}
    return {service: found[service] / routed[service] if routed[service] else 1.0 for service in services}


def _teller(connection: duckdb.DuckDBPyConnection, build: str | None) -> Teller | None:
    """What tells where the code is now that attributes of spans of a build name; None if its code was not indexed."""
    commits = build_code(connection, build).indexed
    if not commits:
        return None
    then, moved = AttributeIndex(code_index(connection, commits=commits)), moves(commits)
    return lambda attributes: [carried(place, moved) for place in then.locate(attributes)]


def _places(operation: Row, teller: Teller | None, routes: RouteIndex) -> Sequence[CodeLocation]:
    attributes = operation["attributes"]
    told = teller(attributes) if teller else ()
    if told and told[0].commit_id is None:
        return told
    if told:  # that line is gone, but its function may still be there
        attributes = {name: value for name, value in attributes.items() if name not in LINE_ATTRIBUTES}
    return routes.locate(operation["name"], operation["span_kind"] or "", attributes) or told


def _route(operation: Row) -> tuple[str | None, ...]:
    return tuple(operation[key] for key in ("name", "span_kind", "http_route", "http_method"))


def _shared(place: CodeLocation, sharing: int, own: float) -> CodeLocation:
    """What is registered is that of one of the services that have an operation in common; nothing says of which.

    Nor is it that of a service at all of which most routes are in other code, as ``own``, the share of those that are
    not, tells.
    """
    reasons = ["registered for it"]
    if sharing > 1:
        reasons.append(f"as in {sharing} services that were traced")
    if own < LEAST_OWN:
        reasons.append(f"but of {1 - own:.0%} of the routes of its service the code is not known")
    confidence = place.confidence / sharing * (own if own < LEAST_OWN else 1)
    return replace(place, confidence=round(confidence, 3), reason=", ".join(reasons))
