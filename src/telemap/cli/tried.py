"""What ``telemap formats try`` tells of the lines of a log: as a document, and as blocks for people."""

import shlex
from collections.abc import Iterator, Sequence

from telemap.model.documents import Document, Shape
from telemap.reports.blocks import Block, Column, Kind, Next, Table, Text, Title, Verbatim

WINDOW = 72  # characters of a long line that are shown around the place where it stops to fit
MOST_ATTEMPTS = 3
LEAST_EXPECTED = 12


class AttemptShape(Shape, frozen=True):
    """A format that a line does not fit: 1-based column where it stops, and the rest of the expression from there.

    A JSON format has a reason, and the keys that are missing, instead of the rest.
    """

    pattern: str
    log_format: str
    column: int
    expected: str
    reason: str | None = None


class TimeShape(Shape, frozen=True):
    """A timestamp as it is understood, ISO 8601, and what it lacks."""

    time: str | None
    missing: str | None


class LineShape(Shape, frozen=True):
    """How one line is understood; without a pattern it begins no record.

    ``keys`` are those of the groups and ``attributes`` all others, in a JSON line. Where lines are wrapped, ``wrapper``
    has the groups of the wrapping line, and all else is about what is ``inside``.
    """

    line: int
    text: str
    log_format: str | None
    pattern: str | None
    event: str | None
    timestamp: TimeShape | None
    groups: dict[str, str]
    keys: dict[str, str]
    attributes: dict[str, str]
    wrapper: dict[str, str] | None
    inside: str | None
    attempts: list[AttemptShape]

    @property
    def told(self) -> str:
        """The line of the program itself, be it wrapped or not."""
        return self.text if self.inside is None else self.inside


class Tried(Document, frozen=True, kw_only=True):
    """How the lines of a file are understood, in the log format that ingest would take; in none, where none fits."""

    source: str
    log_format: str | None
    lines: list[LineShape]


def tried_blocks(tried: Tried, *, is_known: bool, is_generic: bool, is_detailed: bool) -> Iterator[Block]:
    """The lines as people see them.

    Args:
        tried: the lines.
        is_known: whether a log format fits, be the lines wrapped or not.
        is_generic: whether it says little of the lines.
        is_detailed: whether the only line is told with all that is read in it.
    """
    wrapper = f"wrapped by {tried.log_format}, and " if tried.log_format and not is_known else ""
    yield Title(f"{tried.source}: {f'log format {tried.log_format}' if is_known else f'{wrapper}no log format fits'}")
    own = (tried.log_format or "").split("/")
    columns = (
        Column("line", "line", Kind.COUNT),
        Column("format", "log_format"),
        Column("pattern", "pattern"),
        Column("event", "event"),
        Column("text", "text"),
    )
    rows = [
        (line.line, None if line.log_format in own else line.log_format, line.pattern or "–", line.event, line.told)
        for line in tried.lines
    ]
    yield Table(columns, rows)
    if is_detailed:
        yield from _details(tried.lines[0], own)
    else:
        yield from _time_note(next((line for line in tried.lines if line.timestamp and line.timestamp.missing), None))
    # An indented line goes on with the record above.
    misfits = [line for line in tried.lines if line.pattern is None and not line.told[:1].isspace()]
    for line in tried.lines if is_detailed else misfits if is_known else misfits[:1]:
        # Of text that no format fits, how far the nearest gets is chance.
        if line.attempts and (is_known or is_detailed or line.attempts[0].reason):
            yield Verbatim("\n".join(_explained(line)), "text")
    if is_known and not is_generic:
        yield Next(f"telemap formats show {own[-1]}", "the patterns and events of a format")
    else:
        yield Next(f"telemap formats new {shlex.quote(tried.source)}", "a proposal for a format of your own")


def _details(line: LineShape, names: Sequence[str]) -> Iterator[Block]:
    columns = (Column("group", ""), Column("key", ""), Column("value", ""))
    if line.wrapper is not None:
        yield Text(f"wrapped by {names[0]}, which says:")
        yield Table(columns, [(group, None, value) for group, value in line.wrapper.items()])
        yield Text(f"inside, in {line.log_format or 'no format'}:")
    rows = [(group, line.keys.get(group), value) for group, value in line.groups.items()]
    rows += [("(attribute)", key, value) for key, value in line.attributes.items()]
    if rows:
        yield Table(columns, rows)
    yield from _time_note(line if line.timestamp else None)


def _time_note(line: LineShape | None) -> Iterator[Block]:
    """What is made of a timestamp."""
    if line is not None and line.timestamp is not None:
        printed, told = line.groups["timestamp"], line.timestamp
        meaning = f"is understood as {told.time}" if told.time else "is not understood"
        yield Text(f"timestamp {printed} {meaning}" + (f" ({told.missing})" if told.missing else ""))


def _explained(line: LineShape) -> Iterator[str]:
    from rich.cells import cell_len

    what = "no event fits" if line.pattern else "no pattern fits"
    text = line.told
    is_alone = len({miss.log_format for miss in line.attempts}) == 1
    yield f"line {line.line}: {what}; the nearest stop at the mark"
    for miss in line.attempts[:MOST_ATTEMPTS]:
        start = max(0, miss.column - 1 - WINDOW // 2)
        before = ("…" if start else "") + text[start : miss.column - 1]
        yield f"  {before}{text[miss.column - 1 : start + WINDOW]}".translate(_BLANKS)
        column = cell_len(before)
        yield f"  {' ' * column}^ {_wanted(miss, WINDOW - column, is_alone=is_alone)}"


_BLANKS = str.maketrans("\t\r\v\f", "    ")


def _wanted(miss: AttemptShape, room: int, *, is_alone: bool) -> str:
    """What was expected; ``is_alone`` where all attempts are of one format, so that it need not be named."""
    if miss.reason is not None:
        return f"{miss.log_format}: {miss.reason}" if miss.expected else miss.reason
    name = miss.pattern if is_alone else f"{miss.log_format}, {miss.pattern},"
    longest = min(max(room - len(name), LEAST_EXPECTED), WINDOW // 2)
    return f"{name} expects {miss.expected if len(miss.expected) <= longest else miss.expected[:longest] + '…'}"
