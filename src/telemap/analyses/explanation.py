"""Every step from a line of a log, a span or a handler to its source line, with what each step rests on."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any, Literal

from telemap.analyses.mapped_records import located_record
from telemap.analyses.registry import statement
from telemap.errors import TelemapError
from telemap.mapping.records import Origins
from telemap.model.code import CodeLocation
from telemap.model.documents import Code, Defined, Document, Place, Shape, iso_time, milliseconds
from telemap.store.store import Store, fetch

LEAST_ID_DIGITS = 6
_ID = re.compile(rf"[0-9a-f]{{{LEAST_ID_DIGITS},32}}")
_PLACE = re.compile(r"(.+):(\d+)")

RULES = {
    "latest-open": "several agreed with the line that ended it; the latest was taken",
    "oldest-open": "several agreed with the line that ended it; the oldest was taken",
    "start-not-seen": "only its end is in the log",
    "implied-by-child": "the log begins inside of it",
    "requested-by-running-handler": "asked for while the handler above ran",
    "same-correlation": "an earlier run carried the same correlation id",
    "after-predecessor": "it began when the handler before it was over",
}

# What a candidate is by its evidence.
ABOUT = {
    "attribute": "told place",
    "route": "registered",
    "location": "printed place",
    "template": "log statement",
    "stack": "stack trace",
}


class Step(Shape, frozen=True):
    """One step: what it is about, what is known of it, and where to see that."""

    about: str
    says: str
    place: Place | None = None
    defined_in: Defined | None = None
    code: Code | None = None


class Explanation(Document, frozen=True, kw_only=True):
    """The steps, from the telemetry to the code; ``code`` is where they lead, None if that is not known."""

    id: str
    kind: Literal["record", "span", "handler"]
    steps: list[Step]
    code: Code | None


def explain(store: Store, asked: str) -> Explanation:
    """What ``store`` knows of ``asked``.

    Args:
        store: what was read.
        asked: ``FILE:LINE`` of a log; the id of a span or a trace, or six of its first digits; the name of a handler.

    Raises:
        TelemapError: ``no-such-id``: the store has nothing of that name.
    """
    with store.connect() as connection:

        def ask(name: str, **parameters: Any) -> list[dict[str, Any]]:
            return fetch(connection, statement(f"explained_{name}"), parameters)

        place = _PLACE.fullmatch(asked)
        if place and (records := ask("record", uri=place[1], line=int(place[2]))):
            spans = ask("span", id=records[0]["span_id"]) if records[0]["span_id"] else []
            origins = located_record(connection, records[0]["source_id"], records[0]["line_number"])
            return _of_record(asked, records[0], spans, origins)
        if _ID.fullmatch(asked) and (spans := ask("span", id=asked)):
            span = spans[0]
            is_declared = span["kind"] != "span" and span["handler"]
            links = ask("handler", handler=span["handler"], sequence_id=span["sequence_id"]) if is_declared else []
            found = [*_links(links), *(_told(span) if span["kind"] == "span" else ())]
            return Explanation(id=asked, kind="span", steps=[*_chain(spans), *found], code=Code.of(span))
        if links := ask("handler", handler=asked, sequence_id=None):
            return Explanation(id=asked, kind="handler", steps=list(_links(links)), code=_best(links))
    raise TelemapError(
        "no-such-id",
        f"the store has nothing that is called '{asked}'",
        reason="it is no line of a log that was read, no span or trace, and no handler that is linked or declared",
        place=str(store.folder),
        help="name FILE:LINE of a log, a handler as telemap heatmap shows it, or a spanId of telemap executions",
    )


def _of_record(asked: str, record: dict[str, Any], spans: Sequence[dict[str, Any]], origins: Origins) -> Explanation:
    ranked, candidates = origins.ranked, (*origins.written, *origins.raised)
    values = [(name, str(value)) for name, value in origins.attributes.items()]
    several_roots = len({candidate.location.root for candidate in candidates}) > 1
    steps = [
        Step("log line", _first_line(record["body"]), Place(record["uri"], record["line_number"])),
        Step("read as", _reading(record)),
        *_chain(spans),
        *(
            Step(ABOUT[location.evidence], _reason(location, several_roots), code=Code.at(location))
            for location in (candidate.location for candidate in candidates)
        ),
        *([Step("values", ", ".join(map(" ".join, values)))] if values else []),
    ]
    return Explanation(id=asked, kind="record", steps=steps, code=Code.at(ranked[0].location) if ranked else None)


def _reason(location: CodeLocation, several_roots: bool) -> str:
    return f"{location.reason}; in {location.root}" if several_roots and location.root else location.reason


def _first_line(body: str | None) -> str:
    return "its text is not stored" if body is None else body.split("\n", 1)[0]


def _reading(record: dict[str, Any]) -> str:
    if record["unparsed_reason"]:
        return f"{record['log_format'] or 'no format'}: {record['unparsed_reason']}"
    told = {
        "event": record["event_name"],
        "severity": record["severity_text"],
        "logger": record["logger_name"],
        "printed at": record["printed_location"],
        "time": record["time_unix_nano"] and iso_time(record["time_unix_nano"]),
    }
    return ", ".join([record["log_format"], *(f"{name} {value}" for name, value in told.items() if value)])


def _chain(spans: Sequence[dict[str, Any]]) -> Iterator[Step]:
    """A step a span, outermost first."""
    for span in reversed(spans):
        duration = span["duration_ns"]
        told = [
            str(span["name"]),
            span["status"] + (f": {span['status_message']}" if span["status_message"] else ""),
            *([f"{milliseconds(duration):g} ms"] if duration is not None else []),
            RULES.get(span["inferred_by"], "its own lines say it all"),
        ]
        yield Step(span["kind"], ", ".join(told), Place(span["uri"], span["first_line"]), code=Code.of(span))


def _told(span: dict[str, Any]) -> Iterator[Step]:
    """What a span of a trace is linked to its code by."""
    code = Code.of(span)
    if code or span["code_reason"]:
        says = span["code_reason"] or "its code.* attributes name the place"
        yield Step(ABOUT[code.evidence if code else "attribute"], says, code=code)


def _links(rows: Sequence[dict[str, Any]]) -> Iterator[Step]:
    """Where a handler is declared, each time with the functions that it can be."""
    for sequence_id, of_sequence in groupby(rows, key=lambda row: row["sequence_id"]):
        links = list(of_sequence)
        first = links[0]
        if first["file_path"] is not None:
            module = f", its handlers in {first['handlers_path']}" if first["handlers_path"] else ""
            says = f"{sequence_id} at {first['event_name']}{module}"
            yield Step("declared", says, defined_in=Defined(first["file_path"], first["line_number"]))
        for link in links:
            if link["rank"] is not None:
                yield Step("function", link["code_reason"], code=Code.of(link))


def _best(links: Sequence[dict[str, Any]]) -> Code | None:
    """The surest place of a handler; None where its declarations lead to different ones."""
    first = [link for link in links if link["rank"] == 1]
    places = {(link["code_file_path"], link["code_line_number"]) for link in first}
    return Code.of(max(first, key=lambda link: link["code_confidence"])) if len(places) == 1 else None
