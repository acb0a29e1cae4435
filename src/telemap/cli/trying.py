"""``telemap formats try``: how the lines of a log are understood, and where those that are not stop to fit."""

from collections.abc import Iterator, Sequence
from itertools import islice

from telemap.cli.options import Form, answer, known_formats, project
from telemap.cli.tried import AttemptShape, LineShape, TimeShape, Tried, tried_blocks
from telemap.errors import TelemapError
from telemap.model.interning import Interner
from telemap.records import times
from telemap.records.attempts import Attempt, event_attempts, nearest, time_told
from telemap.records.detection import NO_FORMAT, SAMPLE_BYTES, Chosen, Detector, sample_of
from telemap.records.envelope import EnvelopeReader
from telemap.records.formats import Format, Match
from telemap.records.json_syntax import unescaped
from telemap.records.members import members_of
from telemap.records.stack import NO_RULE, Stack
from telemap.sources.files import FileSource, Skip, find_sources
from telemap.traces.formats import detect

FIRST_LINES = 10


def try_lines(file: str, line: int | None, log_format: str | None, form: Form, output: str) -> None:
    """Answer how the first lines of a log, or one of them, are understood."""
    source = log_file(file)
    known = known_formats(project())
    forced = [f for f in known if f.name == log_format]
    if log_format and not forced:
        raise TelemapError(
            "no-format", f"there is no log format '{log_format}'", help="telemap formats list shows what there is"
        )
    sample = first_bytes(source)
    detector = Detector(known)
    chosen = detector.unwrap(forced[0], sample) if forced else detector.choose(sample)
    trial = _Trial(chosen, forced or known, is_forced=bool(forced))
    first, last = (line, line) if line else (1, FIRST_LINES)
    numbered = enumerate(islice(log_lines(source), first - 1, last), start=first)
    tried = [trial.line(number, text) for number, text in numbered]
    if not tried:
        raise TelemapError("no-line", f"the log has no line {first}", place=file)
    document, main = Tried(source=source.uri, log_format=chosen.name, lines=tried), chosen.main
    blocks = tried_blocks(
        document, is_known=main is not NO_FORMAT, is_generic=main.is_generic, is_detailed=line is not None
    )
    answer(document, blocks, form, output)


def log_file(path: str) -> FileSource:
    """The log at a path.

    Raises:
        TelemapError: ``nothing-read``: it cannot be read, or holds traces.
    """
    source = next(find_sources([path]))
    if not isinstance(source, FileSource):
        reason = source.reason if isinstance(source, Skip) else "standard input has no first lines to come back to"
        raise TelemapError("nothing-read", "the log cannot be read", reason=reason, place=path)
    traces = detect(first_bytes(source), path)
    if traces is not None:
        reason = f"it holds traces ({traces.name}), which need no log format"
        raise TelemapError(
            "nothing-read", "there are no lines to look at", reason=reason, place=path, help="telemap ingest"
        )
    return source


def first_bytes(source: FileSource) -> bytes:
    """The lines of a log by which its format is found."""
    return sample_of(source.beginning(SAMPLE_BYTES))


def log_lines(source: FileSource) -> Iterator[bytes]:
    """The lines of a log, without their ends."""
    data = b""
    for block in source.blocks(0):
        *whole, data = (data + block).split(b"\n")
        yield from (text.removesuffix(b"\r") for text in whole)
    if data:
        yield data.removesuffix(b"\r")


class _Trial:
    """Looks at single lines as ingest would, in the format of their source."""

    def __init__(self, chosen: Chosen, formats: Sequence[Format], *, is_forced: bool) -> None:
        reader = chosen.reader(() if is_forced else formats, Interner(), None)
        self._envelope = reader if isinstance(reader, EnvelopeReader) else None
        self._stack = reader.inner.stack if isinstance(reader, EnvelopeReader) else reader.stack
        self._chosen = chosen
        self._nearby = formats if chosen.main is NO_FORMAT else (chosen.main,)

    def line(self, number: int, text: bytes) -> LineShape:
        """How a line is understood."""
        wrapping = self._chosen.wrapper.match(text) if self._chosen.wrapper else None
        inside = next(self._envelope.lines(text + b"\n")) if self._envelope and wrapping else text
        found = _match(self._stack, inside)
        log_format, match = found or (None, None)
        layouts = self._chosen.layouts if log_format is self._chosen.main else ()
        told = _texts(inside, match) if match else {}
        own = log_format.layouts if log_format else ()
        timestamp = (
            time_told(inside[slice(*match.spans["timestamp"])], layouts or (*own, *times.GENERAL))
            if match and "timestamp" in match.spans
            else None
        )
        keys = _keys(inside, log_format) if log_format else {}
        return LineShape(
            line=number,
            text=_shown(text),
            log_format=log_format.name if log_format else None,
            pattern=match.pattern.name if match else None,
            event=match.event.name if match and match.event else None,
            timestamp=TimeShape(timestamp.time, timestamp.missing) if timestamp else None,
            groups=told,
            keys=keys,
            attributes=_attributes(inside, log_format, keys) if log_format else {},
            wrapper=_texts(text, wrapping) if wrapping else None,
            inside=_shown(inside) if wrapping else None,
            attempts=self._misses(inside, log_format, match),
        )

    def _misses(self, text: bytes, log_format: Format | None, match: Match | None) -> list[AttemptShape]:
        """Where the line stops to fit: what of the formats comes next, or of the events of its own."""
        if log_format is None or match is None:
            return [_shape(miss, text, f) for f, miss in nearest(text, self._nearby)]
        body = match.spans.get("body", (0, len(text)))
        return (
            [] if match.event else [_shape(miss, text, log_format) for miss in event_attempts(text, body, log_format)]
        )


def _shape(miss: Attempt, text: bytes, log_format: Format) -> AttemptShape:
    column = len(_shown(text[: miss.stop])) + 1
    return AttemptShape(miss.name, log_format.name, column, miss.expected, miss.reason)


def _match(stack: Stack, text: bytes) -> tuple[Format, Match] | None:
    """What a line means by itself, in the first of the formats of a source that fits."""
    for _, log_format in stack.json:
        match = log_format.match(text)
        if match is not None:
            return log_format, match
    found = stack.match(text)
    if found is None:
        return None
    event = None if found.rule == NO_RULE else stack.events[found.rule]
    return stack.formats[found.format], Match(found.pattern, event, found.spans)


def _texts(text: bytes, match: Match) -> dict[str, str]:
    is_json = text.lstrip()[:1] == b"{"
    values = {name: text[start:end] for name, (start, end) in match.spans.items()}
    return {name: _shown(unescaped(value) if is_json else value) for name, value in values.items()}


def _keys(text: bytes, log_format: Format) -> dict[str, str]:
    """The key of each group that a JSON line has."""
    has = members_of(text) if log_format.members else None
    found = (
        (group, next(filter((has or {}).__contains__, keys), None))
        for group, keys in (log_format.members.groups if log_format.members else {}).items()
    )
    return {group: key for group, key in found if key is not None}


def _attributes(text: bytes, log_format: Format, keys: dict[str, str]) -> dict[str, str]:
    """What a JSON line says besides, by its keys."""
    if log_format.members is None:
        return {}
    used = {*keys.values(), *log_format.members.ignored}
    has = (members_of(text) or {}).items()
    return {key: _shown(unescaped(text[start:end])) for key, (start, end) in has if key not in used}


def _shown(text: bytes) -> str:
    return text.decode(errors="replace")
