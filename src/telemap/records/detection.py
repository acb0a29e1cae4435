"""Which log format a source is in, and inside of what other one, by its first lines."""

from __future__ import annotations

import re
from collections.abc import Sequence, Set
from functools import cached_property
from typing import NamedTuple

from telemap.model.interning import Interner
from telemap.records import times
from telemap.records.blocks import BlockReader
from telemap.records.envelope import EnvelopeReader
from telemap.records.formats import Format, Match
from telemap.records.members import Values, values_of
from telemap.records.redaction import Redactor
from telemap.records.sieve import Sieve
from telemap.records.stack import Stack

NO_FORMAT = Format("", "", "")
"""What stands for the format of a source that none fits."""

SAMPLE_BYTES = 64 * 1024  # of a source, by which its format is found
MOST_SAMPLES = 400  # of the lines in these

LEAST_TIMED, LEAST_GENERIC, LEAST_UNTIMED = 0.05, 0.1, 0.5
"""Share of the lines that are not indented which a format must explain: with times, if it is generic, and otherwise."""

NEARLY = 0.9
"""Formats that explain this share of what the best explains are as good by that."""


AMBIGUOUS = re.compile(rb"\W*\d\d?[/.-]\d\d?[/.-]\d\d")
"""Dates of which only other dates of the same source tell what is the day, the month and the year."""


class Chosen(NamedTuple):
    """The format of a source, the one of the lines that wrap it, if any, and how its times are written if that is said
    by the source rather than by the format."""

    main: Format
    wrapper: Format | None = None
    layouts: tuple[str, ...] = ()

    @property
    def name(self) -> str | None:
        """How the store calls it: ``main``, ``wrapper`` or ``wrapper/main``; None where no format fits."""
        names = [f.name for f in (self.wrapper, self.main) if f is not None and f is not NO_FORMAT]
        return "/".join(names) or None

    @property
    def unparsed_reason(self) -> str:
        """Why a record of such a source has no format."""
        if self.main is NO_FORMAT:
            return "no log format fits this file"
        return "no record start above this line" if self.main.patterns else "no JSON object, and no other format fits"

    def reader(
        self, others: Sequence[Format], interner: Interner, redactor: Redactor | None
    ) -> BlockReader | EnvelopeReader:
        """What reads the blocks of such a source; single lines of it may be in one of ``others``."""
        blocks = BlockReader(Stack(self.main, others), interner, redactor, self.layouts)
        if self.wrapper is None:
            return blocks
        return EnvelopeReader(BlockReader(Stack(self.wrapper), interner, redactor), blocks)


def sample_of(data: bytes) -> bytes:
    """Of what a source begins with, the whole lines by which its format is found."""
    return data[: data.rfind(b"\n", 0, SAMPLE_BYTES) + 1] or data[:SAMPLE_BYTES]


def named(name: str | None, formats: Sequence[Format]) -> Chosen | None:
    """The format that the store calls ``name``; None if it is not among ``formats``."""
    known = {f.name: f for f in formats}
    found = [known.get(part) for part in (name or "").split("/") if part]
    if not all(found):
        return None
    main = [f for f in found if f is not None and f.wraps is None]
    wrapper = [f for f in found if f is not None and f.wraps is not None]
    return Chosen(main[0] if main else NO_FORMAT, wrapper[0] if wrapper else None)


class Detector:
    """Finds the formats of sources; what is worked out of the formats serves all of them.

    Args:
        formats: those to choose from.
    """

    def __init__(self, formats: Sequence[Format]) -> None:
        self._formats = formats
        self._common = {rule.name for f in formats if not f.tells_executions for rule in f.events}

    @cached_property
    def _sieve(self) -> Sieve:  # not before it is needed: compiling it takes as long as reading a hundred lines
        return Sieve(self._formats)

    @cached_property
    def _inside(self) -> Detector:
        return Detector([f for f in self._formats if f.wraps is None])

    def choose(self, sample: bytes) -> Chosen:
        """The format of a source that begins with ``sample``, which ends at a line end or where the source does."""
        return self.unwrap(self.format_of(_lines(sample)) or NO_FORMAT, sample)

    def unwrap(self, main: Format, sample: bytes) -> Chosen:
        """``main`` itself or, where it wraps lines, what is inside."""
        if main.wraps is None:
            return Chosen(main, layouts=_layouts(main, _lines(sample)))
        interner = Interner()
        outer, nothing = BlockReader(Stack(main), interner), BlockReader(Stack(NO_FORMAT), interner)
        inside = list(EnvelopeReader(outer, nothing).lines(sample))
        inner = self._inside.format_of(inside) or NO_FORMAT
        return Chosen(inner, main, _layouts(inner, inside))

    def format_of(self, lines: Sequence[bytes]) -> Format | None:
        """The format that explains ``lines`` best; None if none fits.

        Events that tell of executions count most: they are an application's own. A record start alone proves little
        (``12:34 …`` looks like a place and a line number to a console format), so without such an event a format must
        explain most lines that are not indented. Fewer do where they have times and no generic format, of those that
        fit nearly any log, explains more: what is left then is traces and dumps. Of formats that explain about as many
        lines, the one that says most of each is meant.
        """
        half = MOST_SAMPLES // 2
        sample = lines if len(lines) <= MOST_SAMPLES else [*lines[:half], *_spread(lines, half)]
        outer = sum(bool(line.strip()) and not line[:1].isspace() for line in sample)
        lines_of, objects = self._sieve.lines_of(sample), _objects(sample)
        possible = [
            (f, lines_of.get(number, ()))
            for number, f in enumerate(self._formats)
            if number in lines_of or (objects and f.members)
        ]

        def fits(*, generic: bool) -> list[_Fit]:
            told = ((f, _matches(f, lines, objects)) for f, lines in possible if f.is_generic == generic)
            tried = (_fit(f, matches, self._common, outer, len(sample)) for f, matches in told if matches)
            return [fit for fit in tried if fit is not None]

        specific = fits(generic=False)
        likely = [fit for fit in specific if fit.events or fit.share > LEAST_UNTIMED]
        if not likely:
            likely = [fit for fit in specific if fit.timed_share > LEAST_TIMED]
            likely += [fit for fit in fits(generic=True) if fit.share > LEAST_GENERIC]
        if not likely:
            return None
        most = max((fit.events, fit.lines) for fit in likely)
        near = [fit for fit in likely if fit.events == most[0] and fit.lines >= NEARLY * most[1]]
        return max(near, key=lambda fit: (not fit.format.is_generic, fit.groups_a_line, fit.lines)).format


def _layouts(log_format: Format, lines: Sequence[bytes]) -> tuple[str, ...]:
    """The layouts in the order that suits this source, if its dates are of those that can be read in two ways."""
    sample = lines[:MOST_SAMPLES]
    told = _matches(log_format, sample, _objects(sample) if log_format.members else ())
    spans = ((line, match.spans.get("timestamp")) for line, match in told)
    texts = [line[span[0] : span[1]] for line, span in spans if span is not None]
    if not any(map(AMBIGUOUS.match, texts)):
        return ()
    return tuple(times.fitting(texts, (*log_format.layouts, *times.GENERAL)).specs)


def _lines(sample: bytes) -> list[bytes]:
    return [line.removesuffix(b"\r") for line in sample.split(b"\n")]


class _Fit(NamedTuple):
    format: Format
    events: int
    lines: int
    share: float
    timed_share: float
    groups_a_line: float


def _spread(lines: Sequence[bytes], count: int) -> Sequence[bytes]:
    return lines[len(lines) // 2 :: max(len(lines) // 2 // count, 1)]


_Object = tuple[bytes, Values]


def _objects(lines: Sequence[bytes]) -> list[_Object]:
    """The lines that are JSON objects, with their values."""
    return [(line, values) for line, values in zip(lines, values_of(lines), strict=True) if values is not None]


def _matches(log_format: Format, lines: Sequence[bytes], objects: Sequence[_Object]) -> list[tuple[bytes, Match]]:
    """Those of ``lines`` that are in a format, or of ``objects`` if it is one of JSON, and what they mean."""
    if log_format.members is None:
        return [(line, match) for line in lines if (match := log_format.match(line))]
    return [(line, match) for line, values in objects if (match := log_format.match_object(line, values))]


def _fit(
    log_format: Format, told: Sequence[tuple[bytes, Match]], common: Set[str], outer: int, count: int
) -> _Fit | None:
    """How well a format fits, of whose ``count`` sample lines it understands those of ``told``."""
    events = {match.event.name for _, match in told if match.event is not None} - common
    timed = [line for line, match in told if "timestamp" in match.spans]
    # Lines of a console, without a time, look like those of any other application.
    counting = [line for line, _ in told] if events or not log_format.tells_executions else timed
    if not counting:
        return None
    required = len(log_format.members.requires) if log_format.members else 0
    groups_a_line = required + sum(len(match.spans) for _, match in told) / len(told)

    def share(of: Sequence[bytes]) -> float:
        # Where nearly all is indented, as in pretty JSON, a few lines would be more than all that are not.
        return max(sum(not line[:1].isspace() for line in of) / max(outer, 1), len(of) / count)

    return _Fit(log_format, len(events), len(counting), share(counting), share(timed), groups_a_line)
