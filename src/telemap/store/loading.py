"""Ingest: sources → records → events → executions → store. Safe to repeat; goes on where it was."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor

from telemap.errors import TelemapError
from telemap.records.detection import Detector
from telemap.records.formats import Format
from telemap.records.redaction import Redactor
from telemap.records.redaction_rules import bundled_rules
from telemap.sources.files import Skip, find_sources
from telemap.sources.identity import identify
from telemap.store.reading import SourceReader
from telemap.store.session import Ingest, Progress, Session
from telemap.store.source_reports import SourceReport
from telemap.store.store import Store
from telemap.store.writing import Writer


def ingest(store: Store, paths: Sequence[str], what: Ingest, progress: Progress | None = None) -> list[SourceReport]:
    """Read what is new in ``paths`` into ``store``.

    Returns:
        a report a source, in the order given; what cannot be read is told there and does not stop the rest.

    Raises:
        TelemapError: ``no-format``: the format asked for does not exist.
    """
    forced = _forced(what)
    reports = []
    with store.writing(), ThreadPoolExecutor(1, "telemap-read") as pool:
        known = identify(store)  # once no other process can change it
        second = pool if what.threads > 1 else None
        redactor = Redactor(bundled_rules()) if what.redacts else None
        writer = Writer(store, keeps_text=what.keeps_text)
        session = Session(store, writer, what, forced, progress, second, redactor, Detector(what.formats))
        try:
            for source in find_sources(paths):
                if isinstance(source, Skip):
                    reports.append(SourceReport(source.uri, skipped=source.reason))
                    continue
                reports.append(SourceReader(session, source, known.find(source)).read())
                if session.is_large:
                    session.forget()
            session.writer.commit()
        except BaseException:
            session.writer.discard()
            raise
    return reports


def _forced(what: Ingest) -> Format | None:
    if what.log_format is None:
        return None
    for candidate in what.formats:
        if candidate.name == what.log_format:
            return candidate
    raise TelemapError(
        "no-format", f"there is no log format '{what.log_format}'", help="telemap formats list shows what there is"
    )


def totals(reports: Iterable[SourceReport]) -> dict[str, int]:
    """The sums of all counts."""
    names = ("bytes", "bytes_accounted", "lines", "records", "unparsed_records", "events", "spans")
    listed = list(reports)
    return {name: sum(getattr(report, name) for report in listed) for name in names}


__all__ = ["Ingest", "Progress", "SourceReport", "ingest", "totals"]
