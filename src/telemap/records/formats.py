"""Log formats: TOML files that say how a record begins, what its parts are and which events its text tells."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from telemap.errors import TelemapError
from telemap.model.telemetry import Edge, SpanKind

LEAD_BYTES = 4  # one emoji, or the first letters of a message
MOST_LEADS = 4096

KINDLESS = frozenset((Edge.REQUEST, Edge.QUEUE, Edge.RESET))
"""Edges that may stand without a kind of span."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """One way in which a record can begin; the regular expression works on the bytes of the first line."""

    name: str
    regex: re.Pattern[bytes]


@dataclass(frozen=True, slots=True)
class EventRule:
    """A text that names an event, and what the event says of a span (``edge`` and ``kind``), if anything."""

    name: str
    regex: re.Pattern[bytes]
    edge: Edge | None
    kind: SpanKind | None
    severity_text: str | None
    lead: bytes


@dataclass(frozen=True, slots=True)
class Sample:
    """A line that the format must understand, and the event that it must be taken for."""

    line: str
    event_name: str | None


@dataclass(frozen=True, slots=True)
class Format:
    """A log format, as its file says; ``origin`` is the file's path."""

    name: str
    title: str
    origin: str
    patterns: tuple[Pattern, ...]
    events: tuple[EventRule, ...]
    samples: tuple[Sample, ...]
    serial_handlers: bool
    _rules_by_lead: dict[bytes, tuple[EventRule, ...]] = field(default_factory=dict, repr=False, compare=False)

    @property
    def groups(self) -> tuple[str, ...]:
        """The named groups of all its expressions."""
        return tuple(dict.fromkeys(group for regex in self._expressions for group in regex.groupindex))

    @property
    def literal_tokens(self) -> tuple[bytes, ...]:
        """Words with digits that its expressions spell out: lines with just these may match where others don't."""
        tokens = set()
        for regex in self._expressions:
            plain = re.sub(rb"\\.|\[[^\]]*\]|\{\d+(?:,\d*)?\}|\(\?P<\w+>", b" ", regex.pattern)
            tokens.update(re.findall(rb"[A-Za-z]*\d[A-Za-z0-9]*", plain))
        return tuple(sorted(tokens))

    @property
    def spells_out_values(self) -> bool:
        """Whether an expression has a word after ``=``, ``#`` or a quote: such words may not be hidden from it."""
        return any(re.search(rb"[=#\"'][A-Za-z]", regex.pattern) for regex in self._expressions)

    @property
    def _expressions(self) -> list[re.Pattern[bytes]]:
        return [pattern.regex for pattern in self.patterns] + [rule.regex for rule in self.events]

    def match(self, line: bytes) -> tuple[Pattern, EventRule | None, dict[str, tuple[int, int]]] | None:
        """The pattern and the event of ``line``, with the byte spans of every named group; None if no record begins."""
        for pattern in self.patterns:
            found = pattern.regex.match(line)
            if found is not None:
                spans = _spans(found)
                body = spans.get("body", (0, len(line)))
                for rule in self._rules_for(line[body[0] : body[0] + LEAD_BYTES]):
                    told = rule.regex.match(line, *body)
                    if told is not None:
                        return pattern, rule, spans | _spans(told)
                return pattern, None, spans
        return None

    def _rules_for(self, lead: bytes) -> tuple[EventRule, ...]:
        # Bodies begin with few different bytes: the rules that can match at all are worked out once for each lead.
        rules = self._rules_by_lead.get(lead)
        if rules is None:
            rules = tuple(r for r in self.events if lead.startswith(r.lead[:LEAD_BYTES]))
            if len(self._rules_by_lead) < MOST_LEADS:
                self._rules_by_lead[lead] = rules
        return rules


def _spans(found: re.Match[bytes]) -> dict[str, tuple[int, int]]:
    return {group: found.span(group) for group in found.re.groupindex if found.start(group) >= 0}


def load_format(text: str, origin: str) -> Format:
    """The format that ``text`` (TOML) describes; its name is the stem of ``origin``.

    Raises:
        TelemapError: ``bad-format``, with the place in the file and what to do.
    """
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _bad(origin, "not valid TOML", str(error)) from error
    if not isinstance(table.get("patterns"), dict) or not table["patterns"]:
        raise _bad(origin, "no [patterns]", "a format needs at least one pattern that says how a record begins")
    return Format(
        name=Path(origin).stem,
        title=str(table.get("title", Path(origin).stem)),
        origin=origin,
        patterns=tuple(Pattern(n, _regex(r, f"pattern '{n}'", text, origin)) for n, r in table["patterns"].items()),
        events=tuple(_event(rule, text, origin) for rule in table.get("events", [])),
        samples=tuple(Sample(str(s["line"]), s.get("event_name")) for s in table.get("samples", [])),
        serial_handlers=bool(table.get("executions", {}).get("serial_handlers", False)),
    )


def _event(rule: dict[str, Any], text: str, origin: str) -> EventRule:
    what = f"event '{rule.get('name', '?')}'"
    if not isinstance(rule.get("name"), str) or not isinstance(rule.get("body"), str):
        raise _bad(origin, f"{what} needs a name and a body")
    edge, kind = None, None
    if "span" in rule:
        words = str(rule["span"]).split()
        try:
            edge = Edge[words[0].upper()]
            kind = SpanKind[words[1].upper()] if len(words) > 1 else None
        except (KeyError, IndexError):
            edges, kinds = "|".join(e.name.lower() for e in Edge), "|".join(k.name.lower() for k in SpanKind)
            place = f"{origin}:{_line_of(text, str(rule['span']))}"
            raise _bad(place, f"{what}: span = {rule['span']!r}", f"'EDGE KIND' of {edges} and {kinds}") from None
        if kind is None and edge not in KINDLESS:
            place = f"{origin}:{_line_of(text, str(rule['span']))}"
            raise _bad(place, f"{what}: span = {rule['span']!r}", f"'{words[0]}' needs a kind: '{words[0]} beat'")
    return EventRule(
        rule["name"],
        _regex(rule["body"], what, text, origin),
        edge,
        kind,
        rule.get("severity_text"),
        _lead(rule["body"]),
    )


def _regex(source: object, what: str, text: str, origin: str) -> re.Pattern[bytes]:
    # Bytes, not text: offsets must be the file's own, and invalid UTF-8 must not stop anything. A leading ^ would
    # refuse to match at a position inside the line, where bodies begin.
    odd = re.search(r"\[[^\]]*[^\x00-\x7f][^\]]*\]|[^\x00-\x7f][*+{]", re.sub(r"\\.", "__", str(source)))
    if odd is not None:
        place = f"{origin}:{_line_of(text, str(source))}"
        reason = f"{odd[0]!r} would mean single bytes of a letter outside ASCII; write a group: (?:é)+ or (?:é|è)"
        raise _bad(place, f"{what} cannot be used on bytes", reason)
    try:
        return re.compile(str(source).removeprefix("^").encode())
    except re.error as error:
        place = f"{origin}:{_line_of(text, str(source))}"
        raise _bad(place, f"{what} is no regular expression", f"{error.msg} at position {error.pos}") from error


def _lead(source: str) -> bytes:
    """The literal text with which every match of a regular expression begins, as far as it is plain to see."""
    plain = re.match(r"\^?((?:[^\\.^$*+?{}\[\]|()]|\\[^\w\s])*)", source)
    assert plain is not None
    rest = source[plain.end() :]
    if "|" in re.sub(r"\\.|\((?:[^()]|\([^()]*\))*\)|\[[^\]]*\]", "", source):
        return b""
    literal = re.sub(r"\\(.)", r"\1", plain[1])
    return (literal[:-1] if rest[:1] in ("*", "?", "{") else literal).encode()


def _line_of(text: str, part: str) -> int:
    return text[: max(text.find(part), 0)].count("\n") + 1


def _bad(place: str, summary: str, reason: str | None = None) -> TelemapError:
    return TelemapError("bad-format", summary, reason=reason, place=place, help="see docs/reference/formats.md")


@cache
def bundled_formats() -> tuple[Format, ...]:
    """The formats that come with the package, by name."""
    folder = files("telemap.records").joinpath("formats")
    found = sorted((f for f in folder.iterdir() if f.name.endswith(".toml")), key=lambda f: f.name)
    return tuple(load_format(f.read_text(encoding="utf-8"), f"formats/{f.name}") for f in found)


def read_formats(paths: Iterable[Path]) -> Iterator[Format]:
    """The formats of the user's own files.

    Raises:
        TelemapError: a file cannot be read, or is no format.
    """
    for path in paths:
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise TelemapError("bad-format", f"cannot read the log format {path}", reason=str(error)) from error
        yield load_format(text, str(path))


def detect_format(lines: Sequence[bytes], formats: Sequence[Format]) -> Format | None:
    """The format that explains most of ``lines``: named events count before mere record starts; None if none fits.

    A record start alone proves little (``12:34 …`` looks like a place and a line number to a console format), so a
    format without one recognised event must explain most lines that are not indented.
    """
    best, best_score = None, (0, 0)
    for candidate in formats:
        matches = [found for found in map(candidate.match, lines) if found is not None]
        events = len({found[1].name for found in matches if found[1] is not None})
        outer = sum(1 for line in lines if line.strip() and not line[:1].isspace())
        if events or len(matches) * 2 > outer:
            score = (events, len(matches))
            if score > best_score:
                best, best_score = candidate, score
    return best
