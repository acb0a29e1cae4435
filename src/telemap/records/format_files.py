"""Format files (TOML) → formats, or where and why a file is none."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from telemap.errors import TelemapError
from telemap.model.telemetry import Edge, SpanKind
from telemap.records.formats import KINDLESS, EventRule, Format, Pattern, Sample, compiled
from telemap.records.members import Members
from telemap.records.times import Layouts

_KINDS: dict[str, type[dict[str, Any]] | type[list[Any]]] = {
    **dict.fromkeys(("patterns", "json", "time", "severity", "executions", "joins"), dict),
    **dict.fromkeys(("events", "samples"), list),
}
"""What must stand in a format file under these names, if anything."""


def load_format(text: str, origin: str) -> Format:
    """The format that ``text`` (TOML) describes; its name is the stem of ``origin``.

    Raises:
        TelemapError: ``bad-format``, with the place in the file and what to do.
    """
    found = _format(text, origin)
    for what, rules in (("pattern", found.patterns), ("event", found.events)):
        for rule in rules:
            _check(rule.source, f"{what} '{rule.name}'", text, origin)
    return found


def _format(text: str, origin: str) -> Format:
    """The same with its expressions not looked at, which is half the work."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _bad(origin, "not valid TOML", str(error)) from error
    for name, kind in _KINDS.items():
        if not isinstance(table.get(name, kind()), kind):
            raise _bad(origin, f"{name} is no {'table' if kind is dict else 'list of tables'}")
    members = _members(table["json"], origin) if "json" in table else None
    if members is None and not (isinstance(table.get("patterns"), dict) and table["patterns"]):
        raise _bad(origin, "no [patterns]", "a format needs at least one pattern that says how a record begins")
    patterns = table.get("patterns", {}).items() if members is None else ()
    return Format(
        name=Path(origin).stem,
        title=str(table.get("title", Path(origin).stem)),
        origin=origin,
        patterns=tuple(Pattern(name, _source(regex)) for name, regex in patterns),
        events=tuple(_event(rule, text, origin) for rule in table.get("events", [])),
        samples=tuple(_sample(sample, origin) for sample in table.get("samples", [])),
        serial_handlers=bool(table.get("executions", {}).get("serial_handlers", False)),
        is_generic=bool(table.get("generic", False)),
        layouts=_layouts(table.get("time", {}), origin),
        severities={str(word): str(name) for word, name in table.get("severity", {}).items()},
        members=members,
        wraps=_wraps(table.get("wraps", False), origin),
        joins={str(group): str(value) for group, value in table.get("joins", {}).items()},
    )


def _members(table: dict[str, Any], origin: str) -> Members:
    for key, value in table.items():
        if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
            raise _bad(origin, f"[json] {key} must be a list of keys", f'{key} = ["KEY"]')
    groups = {group: tuple(keys) for group, keys in table.items() if group not in ("requires", "ignore")}
    return Members(tuple(table.get("requires", ())), groups, frozenset(table.get("ignore", ())))


def _wraps(value: object, origin: str) -> str | None:
    kinds = {False: None, True: "lines", "lines": "lines", "chunks": "chunks"}
    if not isinstance(value, bool | str) or value not in kinds:
        raise _bad(origin, f"wraps = {value!r}", 'true, or "chunks" where a body without newline goes on in the next')
    return kinds[value]


def _layouts(table: dict[str, Any], origin: str) -> tuple[str, ...]:
    layouts = tuple(table.get("layouts", ()))
    try:
        Layouts(layouts)
    except ValueError as error:
        raise _bad(origin, "[time] layouts cannot be read", str(error)) from error
    return layouts


def _sample(sample: Any, origin: str) -> Sample:
    line = sample.get("line", sample.get("lines")) if isinstance(sample, dict) else None
    if not isinstance(line, str):
        raise _bad(origin, "a sample needs a line (or lines)")
    return Sample(line, sample.get("event_name"), sample.get("fields", {}))


def _event(rule: Any, text: str, origin: str) -> EventRule:
    if not isinstance(rule, dict):
        raise _bad(origin, "events is no list of tables")
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
        _source(rule["body"]),
        edge,
        kind,
        rule.get("severity_text"),
        _lead(rule["body"]),
    )


def _source(regex: object) -> bytes:
    # Bytes, not text: offsets must be the file's own, and invalid UTF-8 must not stop anything. A leading ^ would
    # refuse to match at a position inside the line, where bodies begin.
    return str(regex).removeprefix("^").encode()


def _check(source: bytes, what: str, text: str, origin: str) -> None:
    """Raise if ``source`` is no regular expression, or would not do on bytes what it says of letters."""
    place = f"{origin}:{_line_of(text, source.decode())}"
    odd = re.search(r"\[[^\]]*[^\x00-\x7f][^\]]*\]|[^\x00-\x7f][*+{]", re.sub(r"\\.", "__", source.decode()))
    if odd is not None:
        reason = f"{odd[0]!r} would mean single bytes of a letter outside ASCII; write a group: (?:é)+ or (?:é|è)"
        raise _bad(place, f"{what} cannot be used on bytes", reason)
    try:
        compiled(source)
    except re.error as error:
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
    """The formats that come with the package, by name; their tests are the check of their expressions."""
    folder = files("telemap.records").joinpath("formats")
    found = sorted((f for f in folder.iterdir() if f.name.endswith(".toml")), key=lambda f: f.name)
    return tuple(_format(f.read_text(encoding="utf-8"), f"formats/{f.name}") for f in found)


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
