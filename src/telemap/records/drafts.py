"""Formats that are being made → the text of their files."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from telemap.records.format_files import load_format
from telemap.records.formats import Format, Sample


@dataclass(frozen=True, slots=True)
class DraftPattern:
    """A way in which a record can begin, with what people should know of it."""

    name: str
    regex: str
    comments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """What is to stand in a format file; comments are lines without their ``#``.

    Args:
        title: for people.
        comments: what stands above all else.
        layouts: how its timestamps are written, where the general layouts would not do.
        severities: its own words for severities → OpenTelemetry's.
        keys: ``requires`` and the groups with their keys, in a JSON format.
        key_comments: what people should know of the keys.
        patterns: ways in which a record can begin, in a text format.
        samples: records that it understands.
        epilogue: comments that follow.
    """

    title: str
    comments: tuple[str, ...] = ()
    layouts: tuple[str, ...] = ()
    severities: Mapping[str, str] = field(default_factory=dict)
    keys: Mapping[str, Sequence[str]] = field(default_factory=dict)
    key_comments: Mapping[str, str] = field(default_factory=dict)
    patterns: tuple[DraftPattern, ...] = ()
    samples: tuple[Sample, ...] = ()
    epilogue: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The file, TOML."""
        return "\n\n".join("\n".join(part) for part in map(list, self._parts()) if part) + "\n"

    def format(self, name: str) -> Format:
        """What the file says.

        Raises:
            TelemapError: ``bad-format``: it says something that cannot be.
        """
        return load_format(self.text, f"{name}.toml")

    def _parts(self) -> Iterator[Iterable[str]]:
        yield _commented(self.comments)
        yield [f"title = {quoted(self.title)}"]
        if self.layouts:
            yield ["[time]", f"layouts = {_listed(self.layouts)}"]
        if self.severities:
            yield ["[severity]", *(f"{_key(word)} = {quoted(name)}" for word, name in self.severities.items())]
        if self.keys:
            comments = {group: f"   # {_printable(text)}" for group, text in self.key_comments.items()}
            yield ["[json]", *(f"{_key(g)} = {_listed(keys)}{comments.get(g, '')}" for g, keys in self.keys.items())]
        if self.patterns:
            yield ["[patterns]", *(line for pattern in self.patterns for line in _pattern(pattern))]
        for sample in self.samples:
            yield _sample(sample)
        yield _commented(self.epilogue)


def quoted(text: str) -> str:
    """A TOML string, a literal one where a backslash or a quote would need another.

    >>> print(quoted('plain'), quoted('a "b" \\\\d'), quoted('end\\t'))
    "plain" '''a "b" \\d''' "end\\t"
    """
    return f'"{text}"' if text.isprintable() and not set(text) & {'"', "\\"} else literal(text)


def literal(text: str) -> str:
    """A TOML string without escapes where that can be: for regular expressions."""
    if text.isprintable() and "'''" not in text and not text.endswith("'"):
        return f"'''{text}'''"
    return _basic(text)


def _basic(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _key(name: str) -> str:
    return name if name.isascii() and name.replace("-", "_").isidentifier() else _basic(name)


def _listed(texts: Iterable[str]) -> str:
    return f"[{', '.join(map(quoted, texts))}]"


def _commented(lines: Iterable[str]) -> Iterator[str]:
    return (f"# {_printable(line)}".rstrip() for line in lines)


def _printable(text: str) -> str:
    return "".join(char if char.isprintable() else " " for char in text)


def _pattern(pattern: DraftPattern) -> Iterator[str]:
    yield from _commented(pattern.comments)
    yield f"{_key(pattern.name)} = {literal(pattern.regex)}"


def _sample(sample: Sample) -> Iterator[str]:
    yield "[[samples]]"
    yield f"{'lines' if chr(10) in sample.line else 'line'} = {quoted(sample.line)}"
    if sample.event_name:
        yield f"event_name = {quoted(sample.event_name)}"
    if sample.fields:
        values = ((name, value if isinstance(value, int) else quoted(value)) for name, value in sample.fields.items())
        yield f"fields = {{ {', '.join(f'{_key(name)} = {value}' for name, value in values)} }}"
