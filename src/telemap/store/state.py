"""How far a source has come, and what is known of it."""

from __future__ import annotations

from collections import Counter
from datetime import date, tzinfo
from typing import Any

import msgspec
import numpy as np

from telemap.model.telemetry import UNKNOWN_TIME
from telemap.records import times
from telemap.records.columns import Columns, Ints
from telemap.records.dating import Dating, DatingState, Order
from telemap.sources.files import FileSource, Source
from telemap.sources.identity import Identity
from telemap.sources.text import ArchiveError
from telemap.store.session import Ingest

_IS_ZONELESS = np.isin(np.arange(256), (times.LOCAL, times.YEARLESS, times.TIME_ONLY))  # by kind of time


class State(msgspec.Struct):
    """How far a source has come; the settled part is what stays whatever is appended.

    ``problems`` are the first of those that a format of traces had, of ``problem_count`` in all.
    """

    place: int = 0
    accounted: int = 0
    lines: int = 0
    records: int = 0
    unparsed: int = 0
    events: int = 0
    spans: int = 0
    ambiguous: int = 0
    first_time: int | None = None
    last_time: int | None = None
    is_zone_assumed: bool = False
    reference: date | None = None
    dating: DatingState = msgspec.field(default_factory=DatingState)
    order: Order = msgspec.field(default_factory=Order)
    secrets: dict[str, int] = msgspec.field(default_factory=dict)
    layouts: tuple[str, ...] = ()
    correlation: bytes = b""
    problems: tuple[str, ...] = ()
    problem_count: int = 0

    def count(self, columns: Columns, spans: int) -> None:
        """Add a block."""
        self.accounted += int(columns.length.sum())
        self.lines += columns.lines
        self.records += len(columns)
        self.unparsed += int(columns.unparsed.sum())
        self.events += int((columns.event >= 0).sum())
        self.spans += spans
        self.secrets = Counter(self.secrets) + columns.secrets
        self.is_zone_assumed |= bool(_IS_ZONELESS[columns.time_kind].any())
        self.see(columns.time)

    def date(self, columns: Columns, zone: tzinfo) -> None:
        """Put what the printed times of the next block leave out."""
        dating = Dating(zone, self.reference or date.today(), self.dating)
        columns.time = dating.resolve(columns.time, columns.time_kind)

    def see(self, moments: Ints) -> None:
        """Note times, in the order of their records."""
        self.order.add(moments)
        self.span(moments)

    def span(self, moments: Ints) -> None:
        """Note times, in any order."""
        known = moments[moments != UNKNOWN_TIME]
        if len(known):
            low, high = int(np.min(known)), int(np.max(known))
            self.first_time = low if self.first_time is None else min(low, self.first_time)
            self.last_time = high if self.last_time is None else max(high, self.last_time)

    def copy(self) -> State:
        """One that may go ahead without this one."""
        return State.unpacked(self.packed())

    def packed(self) -> bytes:
        """What is needed to go on from here."""
        return msgspec.msgpack.encode(self)

    @staticmethod
    def unpacked(data: bytes) -> State:
        """What ``packed`` gave."""
        return msgspec.msgpack.decode(data, type=State)


def reason_of(failed: OSError | None) -> str | None:
    """Why a source could not be read to its end; None where it could."""
    return None if failed is None else failed.strerror or str(failed)


def as_far_as_possible(failed: OSError | None) -> bool:
    """Whether a source was read as far as it can ever be: to its end, or to the damage in an archive."""
    return failed is None or isinstance(failed, ArchiveError)


def source_row(
    source: Source,
    identity: Identity,
    what: Ingest,
    total: State,
    *,
    revision: int,
    log_format: str | None,
    skipped: str | None,
    checkpoint: State,
    is_whole: bool = True,
) -> dict[str, Any]:
    """The row of a source: what is settled, to go on from, and the totals with the end as it is now.

    Unless ``is_whole`` there is more to read; should this run be cut short, the next must not take the file for
    unchanged, so no size is noted.
    """
    file = source if isinstance(source, FileSource) else None
    length = len(file.head) if file else 0
    return {
        "source_id": identity.source_id,
        "revision": revision,
        "uri": source.uri,
        "device": file.device if file else None,
        "inode": file.inode if file else None,
        "fingerprint": file.fingerprint(length) if file else None,
        "fingerprint_bytes": length,
        "generation": identity.generation,
        "log_format": log_format,
        "service_name": what.service,
        "service_version": what.build,
        "size_bytes": None if not is_whole else file.size_bytes if file else total.place,
        "modified_unix_nano": file.modified_unix_nano if file else None,
        "read_bytes": total.place,
        "accounted_bytes": total.accounted,
        "line_count": total.lines,
        "record_count": total.records,
        "unparsed_count": total.unparsed,
        "event_count": total.events,
        "span_count": total.spans,
        "ambiguous_count": total.ambiguous,
        "assumed_time_zone": str(what.time_zone) if total.is_zone_assumed else None,
        "out_of_order_count": total.order.out_of_order,
        "clock_step_count": total.order.steps_back,
        "redacted": sorted(total.secrets.items()),
        "first_time_unix_nano": total.first_time,
        "last_time_unix_nano": total.last_time,
        "skipped": skipped,
        "checkpoint": checkpoint.packed(),
    }
