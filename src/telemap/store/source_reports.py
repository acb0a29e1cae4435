"""What is known of the sources of an ingest, as the store has it and as it is told."""

from __future__ import annotations

from typing import Any

import msgspec

from telemap.model.documents import Shape


class SourceReport(Shape, frozen=True):
    """What is known of a source after an ingest; counts are of all that was ever read of it.

    ``bytes_accounted`` are those that lie in a stored record, or in a document that became spans; ``out_of_order`` are
    records earlier than one above them, ``clock_steps`` those more than a second earlier than the one right above;
    ``redacted`` is how many secrets of what name were overwritten; ``fitting_format`` is the log format that would be
    taken if the source were read for the first time, where it was read in no format or a generic one.
    """

    source: str
    log_format: str | None = None
    bytes: int = 0
    bytes_accounted: int = 0
    lines: int = 0
    records: int = 0
    unparsed_records: int = 0
    events: int = 0
    spans: int = 0
    skipped: str | None = None
    assumed_time_zone: str | None = None
    out_of_order: int = 0
    clock_steps: int = 0
    redacted: dict[str, int] = msgspec.field(default_factory=dict)
    fitting_format: str | None = None

    @property
    def was_read(self) -> bool:
        """Whether anything came of it, be it only a part."""
        return self.skipped is None or self.records + self.spans > 0


def report_of(row: dict[str, Any], uri: str) -> SourceReport:
    """What the row of a source says of it."""
    return SourceReport(
        source=uri,
        log_format=row["log_format"],
        bytes=row["read_bytes"],
        bytes_accounted=row["accounted_bytes"],
        lines=row["line_count"],
        records=row["record_count"],
        unparsed_records=row["unparsed_count"],
        events=row["event_count"],
        spans=row["span_count"],
        skipped=row["skipped"],
        assumed_time_zone=row["assumed_time_zone"],
        out_of_order=row["out_of_order_count"],
        clock_steps=row["clock_step_count"],
        redacted=dict(row["redacted"]),
    )
