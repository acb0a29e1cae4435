"""What the telemetry cannot show, so that nobody takes for unused what was only not recorded."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from telemap.analyses.coverage_shapes import Gap
from telemap.model.documents import Window, iso_time
from telemap.model.telemetry import Nanoseconds
from telemap.store.store import Row

SECOND_NS = 10**9
LEAST_UNRECORDED = 0.01  # share of the whole time
LEAST_UNRECORDED_NS = 60 * SECOND_NS
MOST_OF_A_KIND = 10


def window(sources: Sequence[Row]) -> tuple[Window | None, float | None]:
    """From the first to the last record, and how many ms of it are recorded."""
    periods = _recorded(sources)
    if not periods:
        return None, None
    recorded = sum(end - start for start, end in periods)
    return Window(iso_time(periods[0][0]), iso_time(periods[-1][1])), round(recorded / 1e6, 3)


def gaps(sources: Sequence[Row]) -> list[Gap]:
    """All gaps, of each kind at most ten, the longest first.

    Args:
        sources: rows of ``coverage_sources.sql``.
    """
    parts = (_unrecorded(sources), _silences(sources), _late(sources), _without_handlers(sources), _sampled(sources))
    return [gap for part in parts for gap in list(part)[:MOST_OF_A_KIND]]


def _recorded(sources: Iterable[Row]) -> list[tuple[Nanoseconds, Nanoseconds]]:
    """The times that sources cover, in order and apart from each other."""
    found: list[tuple[Nanoseconds, Nanoseconds]] = []
    for start, end in sorted(
        (row["first_time_unix_nano"], row["last_time_unix_nano"])
        for row in sources
        if row["first_time_unix_nano"] is not None
    ):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


def _unrecorded(sources: Sequence[Row]) -> Iterator[Gap]:
    periods = _recorded(sources)
    if not periods:
        return
    least = max(LEAST_UNRECORDED_NS, LEAST_UNRECORDED * (periods[-1][1] - periods[0][0]))
    between = [(before[1], after[0]) for before, after in pairwise(periods)]
    for start, end in sorted(between, key=lambda one: (one[0] - one[1], one[0])):
        if end - start >= least:
            reason = f"no source covers {_long((end - start) // SECOND_NS)}"
            yield Gap("unrecorded", reason, window=Window(iso_time(start), iso_time(end)))


def _silences(sources: Iterable[Row]) -> Iterator[Gap]:
    found = [(one["start"], one["end"], row["uri"]) for row in sources for one in row["silences"]]
    for start, end, uri in sorted(found, key=lambda one: (one[0] - one[1], one)):
        period = Window(iso_time(start * SECOND_NS), iso_time(end * SECOND_NS))
        yield Gap("silence", f"nothing was recorded for {_long(end - start)}", source=uri, window=period)


def _late(sources: Iterable[Row]) -> Iterator[Gap]:
    for row in sources:
        if row["lacks_start"]:
            runs = "a run" if row["lacks_start"] == 1 else f"{row['lacks_start']:,} runs"
            yield Gap("late-start", f"it begins inside of {runs}: what was before is not known", source=row["uri"])


def _without_handlers(sources: Iterable[Row]) -> Iterator[Gap]:
    """Logs that show runs of sequences, and none of the beats and handlers in them, as a higher level of log does."""
    by_format: dict[str | None, list[Row]] = defaultdict(list)
    for row in sources:
        by_format[row["log_format"]].append(row)
    for rows in by_format.values():
        full = [row for row in rows if row["calls"] and row["least_severity_number"] is not None]
        usual = min(full, key=lambda row: row["least_severity_number"], default=None)
        for row in rows:
            if row["sequences"] and not row["calls"]:
                reason = f"{row['sequences']:,} sequences ran, and no beat or handler is in it"
                if usual and (row["least_severity_number"] or 0) > usual["least_severity_number"]:
                    reason += f": it has records from {row['least_severity']} on, others from {usual['least_severity']}"
                yield Gap("no-handlers", reason, source=row["uri"])


def _sampled(sources: Iterable[Row]) -> Iterator[Gap]:
    for row in sorted(sources, key=lambda row: -int(row["orphans"])):
        if row["orphans"]:
            reason = f"{row['orphans']:,} of {row['spans']:,} spans have a parent that is nowhere: sampled or lost"
            yield Gap("sampled", reason, source=row["uri"])


def _long(seconds: int) -> str:
    """A time in the unit that people would say it in.

    >>> [_long(seconds) for seconds in (90, 3600, 200_000)]
    ['1.5 minutes', '1 hour', '2.3 days']
    """
    unit, name = next(
        (size, name) for size, name in ((86400, "day"), (3600, "hour"), (60, "minute")) if seconds >= size
    )
    number = f"{seconds / unit:.1f}".removesuffix(".0")
    return f"{number} {name}" if number == "1" else f"{number} {name}s"
