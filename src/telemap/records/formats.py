"""Log formats: how a record begins, what its parts are and which events its text tells."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from telemap.model.telemetry import Edge, SpanKind
from telemap.records.members import Members, Values, values_of

LEAD_BYTES = 4  # one emoji, or the first letters of a message
MOST_LEADS = 4096
_ESCAPED = re.compile(rb"\\.", re.DOTALL)
_GROUP_NAME = re.compile(rb"\(\?P<(\w+)>")

KINDLESS = frozenset((Edge.REQUEST, Edge.QUEUE, Edge.RESET))
"""Edges that may stand without a kind of span."""


compiled = lru_cache(None)(re.compile)
"""Expressions are compiled when they are first used: of those of all formats, most never are."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """One way in which a record can begin; the regular expression works on the bytes of the first line."""

    name: str
    source: bytes

    @property
    def regex(self) -> re.Pattern[bytes]:
        """The regular expression, ready to match."""
        return compiled(self.source)


@dataclass(frozen=True, slots=True)
class EventRule:
    """A text that names an event, and what the event says of a span (``edge`` and ``kind``), if anything."""

    name: str
    source: bytes
    edge: Edge | None
    kind: SpanKind | None
    severity_text: str | None
    lead: bytes

    @property
    def regex(self) -> re.Pattern[bytes]:
        """The regular expression, ready to match."""
        return compiled(self.source)


@dataclass(frozen=True, slots=True)
class Sample:
    """A record that the format must understand: its lines, its event, and what must come of it."""

    line: str
    event_name: str | None
    fields: Mapping[str, str | int] = field(default_factory=dict)


JSON_OBJECT = Pattern("json", rb"\s*\{.*\}\s*")
"""The pattern that all lines of JSON formats are said to have."""


class Match(NamedTuple):
    """What a line means by itself: how it begins a record, its event, and the byte spans of the named groups."""

    pattern: Pattern
    event: EventRule | None
    spans: dict[str, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Format:
    """A log format, as its file says.

    Args:
        name: the stem of its file.
        title: for people.
        origin: the file's path.
        patterns: ways in which a record can begin, tried in order; none in a JSON format.
        events: texts that name an event, tried in order on the body.
        samples: records that must be understood.
        serial_handlers: whether the handlers of one run follow one another.
        is_generic: whether it says so little that it is tried only where no other format fits.
        layouts: how its timestamps are written, where the general layouts would not do.
        severities: its own words for severities → OpenTelemetry's.
        members: what the keys of its JSON objects mean, in a JSON format.
        wraps: whether the body is a line of another format: "lines", or "chunks" that end where a newline is.
        joins: groups with the value that says that the body goes on in the next line.
    """

    name: str
    title: str
    origin: str
    patterns: tuple[Pattern, ...] = ()
    events: tuple[EventRule, ...] = ()
    samples: tuple[Sample, ...] = ()
    serial_handlers: bool = False
    is_generic: bool = False
    layouts: tuple[str, ...] = ()
    severities: Mapping[str, str] = field(default_factory=dict)
    members: Members | None = None
    wraps: str | None = None
    joins: Mapping[str, str] = field(default_factory=dict)
    _rules_by_lead: dict[bytes, tuple[EventRule, ...]] = field(default_factory=dict, repr=False, compare=False)

    @property
    def groups(self) -> tuple[str, ...]:
        """The named groups of all its expressions."""
        names = (name for source in self._sources for name in _GROUP_NAME.findall(_ESCAPED.sub(b"", source)))
        return tuple(dict.fromkeys(name.decode() for name in names))

    @property
    def tells_executions(self) -> bool:
        """Whether an event of it says something of a span: it is of one application, or of those on one framework."""
        return any(rule.edge is not None for rule in self.events)

    @property
    def literal_tokens(self) -> tuple[bytes, ...]:
        """Words with digits that its expressions spell out: lines with just these may match where others don't."""
        tokens = set()
        for source in self._sources:
            plain = re.sub(rb"\\.|\[[^\]]*\]|\{\d+(?:,\d*)?\}|\(\?P<\w+>", b" ", source)
            tokens.update(re.findall(rb"[A-Za-z]*\d[A-Za-z0-9]*", plain))
        return tuple(sorted(tokens))

    @property
    def spells_out_values(self) -> bool:
        """Whether an expression has a word after ``=``, ``#`` or a quote: such words may not be hidden from it."""
        return any(re.search(rb"[=#\"'][A-Za-z]", source) for source in self._sources)

    @property
    def _sources(self) -> list[bytes]:
        return [pattern.source for pattern in self.patterns] + [rule.source for rule in self.events]

    def match(self, line: bytes) -> Match | None:
        """What ``line`` means by itself; None if no record begins there."""
        if self.members is not None:
            return self.match_object(line, *values_of([line]))
        for pattern in self.patterns:
            found = pattern.regex.match(line)
            if found is not None:
                return self._told(line, pattern, _spans(found))
        return None

    def match_object(self, line: bytes, values: Values | None) -> Match | None:
        """What ``line`` means by itself that is a JSON object of these values; None if it is none of this format."""
        found = None if values is None or self.members is None else self.members.find(values)
        return None if found is None else self._told(line, JSON_OBJECT, found)

    def _told(self, line: bytes, pattern: Pattern, spans: dict[str, tuple[int, int]]) -> Match:
        if not self.events:
            return Match(pattern, None, spans)
        body = spans.get("body", (0, len(line)))
        for rule in self._rules_for(line[body[0] : body[0] + LEAD_BYTES]):
            told = rule.regex.match(line, *body)
            if told is not None:
                return Match(pattern, rule, spans | _spans(told))
        return Match(pattern, None, spans)

    def _rules_for(self, lead: bytes) -> tuple[EventRule, ...]:
        # Bodies begin with few different bytes: the rules that can match at all are worked out once for each lead.
        rules = self._rules_by_lead.get(lead)
        if rules is None:
            rules = tuple(r for r in self.events if lead.startswith(r.lead[:LEAD_BYTES]))
            if len(self._rules_by_lead) < MOST_LEADS:
                self._rules_by_lead[lead] = rules
        return rules


def _spans(found: re.Match[bytes]) -> dict[str, tuple[int, int]]:
    places = found.regs  # of all groups at once: asking for one after the other takes three times as long
    return {group: places[number] for group, number in found.re.groupindex.items() if places[number][0] >= 0}


def attribute_name(group: str) -> str:
    """The attribute that a named group stands for: groups of regular expressions cannot hold dots."""
    return group.replace("__", ".")
