"""Stores made of a few lines of the log format that the cases use."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from telemap.records.format_files import read_formats
from telemap.store.loading import Ingest, ingest
from telemap.store.store import Store

FORMAT = Path(__file__).parents[1] / "cases" / "app.toml"

Line = tuple[int, str, str]
"""Milliseconds, the run, and what is said."""


@pytest.fixture
def store_of(tmp_path: Path) -> Callable[..., Store]:
    """Makes a store of the lines of a log."""
    store = Store(tmp_path / "store", create=True)

    def made(lines: list[Line], build: str | None = None) -> Store:
        log = tmp_path / f"{build or 'app'}.log"
        log.write_text("".join(f"{at(ms)} [{run}] {text}\n" for ms, run, text in lines))
        ingest(store, [str(log)], Ingest(tuple(read_formats([FORMAT])), build=build))
        return store

    return made


def at(milliseconds: int) -> str:
    """A time after the beginning of the log, as it is written there."""
    time = datetime(2026, 1, 2, 3, 4) + timedelta(milliseconds=milliseconds)
    return time.isoformat(timespec="milliseconds") + "Z"


def call(handler: str, start: int, end: int, run: str = "r1", sequence: str = "checkout") -> list[Line]:
    """A run of one handler."""
    return [
        (start, run, f"begin {sequence}"),
        (start, run, "beat 1 cart:filled"),
        (start, run, f"call {handler}"),
        (end, run, f"done {handler}"),
        (end, run, "beat 1 over"),
        (end, run, f"end {sequence}"),
    ]
