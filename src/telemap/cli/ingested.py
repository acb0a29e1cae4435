"""What ``telemap ingest`` tells of the logs that it has read: as a document, and as blocks and warnings for people."""

import shlex
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence

from telemap.model.documents import Document, Shape
from telemap.reports.blocks import Block, Column, Kind, Table, Text, counted
from telemap.store.source_reports import SourceReport

UNPARSED_SHARE = 0.05  # of records not understood, above which a wrong log format is likely
MOST_LOGS = 100  # more are summed up by their formats
MOST_REASONS = 5
MOST_NAMES = 3


class Totals(Shape, frozen=True):
    """Sums over sources."""

    bytes: int
    bytes_accounted: int
    lines: int
    records: int
    unparsed_records: int
    events: int
    spans: int


class Ingested(Document, frozen=True, kw_only=True):
    """The sources that were given, and their sums."""

    sources: list[SourceReport]
    totals: Totals

    @property
    def misread(self) -> list[SourceReport]:
        """The sources of which too little is understood, the worst first."""
        found = (s for s in self.sources if s.unparsed_records > UNPARSED_SHARE * s.records)
        return sorted(found, key=lambda source: -source.unparsed_records)


COLUMNS = (
    Column("log", "source", Kind.PLACE),
    Column("format", "log_format", rank=1),
    Column("", "bytes"),
    Column("", "bytes_accounted"),
    Column("lines", "lines", Kind.COUNT),
    Column("records", "records", Kind.COUNT, rank=3),
    Column("unparsed", "unparsed_records", Kind.FAULTS),
    Column("events", "events", Kind.COUNT, rank=2),
    Column("spans", "spans", Kind.COUNT),
    Column("", "skipped"),
    Column("", "assumed_time_zone"),
    Column("", "out_of_order"),
    Column("", "clock_steps"),
    Column("", "redacted"),
    Column("", "fitting_format"),
)


def source_table(sources: Sequence[SourceReport]) -> Table:
    """A row a source."""
    return Table(COLUMNS, [tuple(getattr(source, column.key) for column in COLUMNS) for source in sources])


def ingested_blocks(document: Ingested, zone: str | None) -> Iterator[Block]:
    """What people are told: the logs that were read, or their formats where they are many, and what to know of them.

    Args:
        document: what was read.
        zone: the one that was asked for, of times without one.
    """
    was_read = [source for source in document.sources if source.was_read]
    yield source_table(was_read) if len(was_read) <= MOST_LOGS else _format_table(was_read)
    totals, skipped = document.totals, len(document.sources) - len(was_read)
    yield Text(
        f"{counted(len(document.sources), 'log')}, {counted(totals.lines, 'line')}, {counted(totals.events, 'event')}, "
        f"{counted(totals.spans, 'execution')}" + (f"; {skipped} skipped" if skipped else "")
    )
    notes = [
        *_skips(document.sources),
        *_earlier(was_read, zone),
        *_zones(was_read, zone),
        *_order(was_read),
        *_secrets(was_read),
    ]
    if notes:
        yield Text("\n".join(f"- {note}" for note in notes))


def warnings(document: Ingested) -> Iterator[str]:
    """What may be wrong: logs of which too little is understood."""
    for source in document.misread[:MOST_REASONS]:
        share = f"{source.unparsed_records / source.records:.0%} of the records are not understood"
        yield f"{source.source}: {share if source.log_format else 'no log format fits'}; {asking_why(source)}"
    if len(document.misread) > MOST_REASONS:
        yield f"{len(document.misread) - MOST_REASONS} more logs are as badly understood; telemap query unparsed"


def asking_why(source: SourceReport) -> str:
    """The command that shows why the records of a source are not understood."""
    return "telemap query unparsed" if source.source == "-" else f"telemap formats try {shlex.quote(source.source)}"


def _format_table(sources: Sequence[SourceReport]) -> Table:
    columns = (
        Column("format", "log_format"),
        Column("logs", "logs", Kind.COUNT),
        *(column for column in COLUMNS if column.heading and column.key not in ("source", "log_format")),
    )
    sums: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for source in sources:
        sums[source.log_format or "(none fits)"].update(
            logs=1, **{column.key: getattr(source, column.key) for column in columns[2:]}
        )
    ordered = sorted(sums, key=lambda name: -sums[name]["logs"])
    return Table(columns, [(name, *(sums[name][column.key] for column in columns[1:])) for name in ordered])


# ---- what to know, the most important first


def _skips(sources: Sequence[SourceReport]) -> Iterator[str]:
    found: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for source in sources:
        if source.skipped:
            found["read in part" if source.was_read else "skipped", source.skipped].append(source.source)
    ordered = sorted(found.items(), key=lambda one: -len(one[1]))
    for (what, reason), names in ordered[:MOST_REASONS]:
        yield f"{what}: {_named(names)} ({reason})"
    rest = sum(len(names) for _, names in ordered[MOST_REASONS:])
    if rest:
        yield f"{counted(rest, 'more log')} skipped for other reasons; --format csv lists them"


def _earlier(sources: Sequence[SourceReport], zone: str | None) -> Iterator[str]:
    """What an earlier ingest read otherwise than this one would."""
    changed: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for source in sources:
        if source.fitting_format is not None:
            changed[f"in {source.log_format or 'no log format'}", f"in {source.fitting_format}"].append(source.source)
        if zone and source.assumed_time_zone not in (None, zone):
            changed[f"as {source.assumed_time_zone}", f"as {zone}"].append(source.source)
    for (before, now), names in changed.items():
        yield f"{_named(names)}: still as first read, {before}; another --db reads anew {now}"


def _zones(sources: Sequence[SourceReport], zone: str | None) -> Iterator[str]:
    assumed: defaultdict[str, list[str]] = defaultdict(list)
    for source in sources:
        if source.assumed_time_zone and not zone:
            assumed[source.assumed_time_zone].append(source.source)
    for name, logs in assumed.items():
        yield f"no time zone in {_logs(logs, sources)}: read as {name}; --tz says another"


def _order(sources: Sequence[SourceReport]) -> Iterator[str]:
    late, records = _sum(sources, lambda source: source.out_of_order)
    if records:
        steps = sum(source.clock_steps for source in sources)
        verb = "is" if records == 1 else "are"
        told = f"{counted(records, 'record')} in {_logs(late, sources)} {verb} earlier than one above"
        yield told + (f"; {counted(steps, 'step')} back of the clock by more than a second" if steps else "")


def _secrets(sources: Sequence[SourceReport]) -> Iterator[str]:
    names = sum((Counter(source.redacted) for source in sources), Counter[str]())
    if names:
        told = ", ".join(f"{count:,} × {name}" for name, count in names.most_common(MOST_REASONS))
        more = len(names) - MOST_REASONS
        yield f"{counted(names.total(), 'secret')} overwritten: {told}" + (f", {more} more kinds" if more > 0 else "")


def _sum(sources: Sequence[SourceReport], count: Callable[[SourceReport], int]) -> tuple[list[str], int]:
    """The names of the sources that have any, and how many all have."""
    return [source.source for source in sources if count(source)], sum(map(count, sources))


def _named(names: Sequence[str]) -> str:
    more = len(names) - MOST_NAMES
    return ", ".join(names[:MOST_NAMES]) + (f" and {more:,} more" if more > 0 else "")


def _logs(names: Sequence[str], sources: Sequence[SourceReport]) -> str:
    if len(sources) == 1:
        return "the log"
    return _named(names) if len(names) < MOST_NAMES else f"{len(names):,} of {len(sources):,} logs"
