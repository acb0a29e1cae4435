"""Which log format a source is in, and inside of what other one, by its first lines."""

from __future__ import annotations

import re
from collections.abc import Sequence, Set
from typing import NamedTuple

from telemap.model.interning import Interner
from telemap.records import times
from telemap.records.blocks import BlockReader
from telemap.records.envelope import EnvelopeReader
from telemap.records.formats import Format
from telemap.records.members import Values, values_of
from telemap.records.redaction import Redactor
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


def choose(sample: bytes, formats: Sequence[Format]) -> Chosen:
    """The format of a source that begins with ``sample``, which ends at a line end or where the source does."""
    return unwrap(detect_format(_lines(sample), formats) or NO_FORMAT, sample, formats)


def unwrap(main: Format, sample: bytes, formats: Sequence[Format]) -> Chosen:
    """``main`` itself or, where it wraps lines, what is inside."""
    if main.wraps is None:
        return Chosen(main, layouts=_layouts(main, _lines(sample)))
    interner = Interner()
    outer, nothing = BlockReader(Stack(main), interner), BlockReader(Stack(NO_FORMAT), interner)
    inside = list(EnvelopeReader(outer, nothing).lines(sample))
    inner = detect_format(inside, [f for f in formats if f.wraps is None]) or NO_FORMAT
    return Chosen(inner, main, _layouts(inner, inside))


def named(name: str | None, formats: Sequence[Format]) -> Chosen | None:
    """The format that the store calls ``name``; None if it is not among ``formats``."""
    known = {f.name: f for f in formats}
    found = [known.get(part) for part in (name or "").split("/") if part]
    if not all(found):
        return None
    main = [f for f in found if f is not None and f.wraps is None]
    wrapper = [f for f in found if f is not None and f.wraps is not None]
    return Chosen(main[0] if main else NO_FORMAT, wrapper[0] if wrapper else None)


def _layouts(log_format: Format, lines: Sequence[bytes]) -> tuple[str, ...]:
    """The layouts in the order that suits this source, if its dates are of those that can be read in two ways."""
    matches = ((line, log_format.match(line)) for line in lines[:MOST_SAMPLES])
    spans = ((line, match.spans.get("timestamp")) for line, match in matches if match is not None)
    texts = [line[span[0] : span[1]] for line, span in spans if span is not None]
    if not any(map(AMBIGUOUS.match, texts)):
        return ()
    return tuple(times.fitting(texts, (*log_format.layouts, *times.GENERAL)).specs)


def _lines(sample: bytes) -> list[bytes]:
    return [line.removesuffix(b"\r") for line in sample.split(b"\n")]


def detect_format(lines: Sequence[bytes], formats: Sequence[Format]) -> Format | None:
    """The format that explains ``lines`` best; None if none fits.

    Events that tell of executions count most: they are an application's own. A record start alone proves little
    (``12:34 …`` looks like a place and a line number to a console format), so without such an event a format must
    explain most lines that are not indented. Fewer do where they have times and no generic format, of those that fit
    nearly any log, explains more: what is left then is traces and dumps. Of formats that explain about as many lines,
    the one that says most of each is meant.
    """
    sample = lines if len(lines) <= MOST_SAMPLES else [*lines[: MOST_SAMPLES // 2], *_spread(lines, MOST_SAMPLES // 2)]
    outer = sum(bool(line.strip()) and not line[:1].isspace() for line in sample)
    values = values_of(sample)
    common = {rule.name for f in formats if not f.tells_executions for rule in f.events}

    def fits(*, generic: bool) -> list[_Fit]:
        tried = (_fit(f, sample, values, common, outer) for f in formats if f.is_generic == generic)
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


class _Fit(NamedTuple):
    format: Format
    events: int
    lines: int
    share: float
    timed_share: float
    groups_a_line: float


def _spread(lines: Sequence[bytes], count: int) -> Sequence[bytes]:
    return lines[len(lines) // 2 :: max(len(lines) // 2 // count, 1)]


def _fit(
    log_format: Format, lines: Sequence[bytes], values: Sequence[Values | None], common: Set[str], outer: int
) -> _Fit | None:
    found = map(log_format.match, lines) if log_format.members is None else map(log_format.match_object, lines, values)
    told = [(line, match) for line, match in zip(lines, found, strict=True) if match is not None]
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
        return max(sum(not line[:1].isspace() for line in of) / max(outer, 1), len(of) / len(lines))

    return _Fit(log_format, len(events), len(counting), share(counting), share(timed), groups_a_line)
