"""One line a record, with microseconds and the id of the run that wrote it."""

import logging
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path

run_id: ContextVar[str] = ContextVar("run_id", default="")


class LineFormatter(logging.Formatter):
    """Time in UTC, as ISO 8601 writes it."""

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: N802
        return f"{datetime.fromtimestamp(record.created, UTC):%Y-%m-%dT%H:%M:%S.%fZ}"


class BufferedFileHandler(logging.FileHandler):
    """Writes when the file's own buffer is full, not after each record: here logging must not be the slowest part."""

    def flush(self) -> None:
        pass


def open_log(path: Path) -> logging.Handler:
    """The handler through which the whole program writes to the file; close it to write the rest."""
    handler = BufferedFileHandler(path, mode="w", encoding="utf-8")
    handler.setFormatter(LineFormatter("{asctime} {levelname:<7} {name} {run}{message}", style="{"))
    handler.addFilter(_add_run)
    logger = logging.getLogger("storefront")
    logger.setLevel(logging.DEBUG)
    logger.addHandler(handler)
    return handler


def _add_run(record: logging.LogRecord) -> bool:
    run = run_id.get()
    record.run = f"[{run}] " if run else ""
    return True
