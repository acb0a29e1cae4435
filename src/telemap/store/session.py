"""What the sources of one ingest share: what to take logs for, the writer, the second thread, what has been learnt."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, tzinfo
from typing import Any

import pyarrow as pa

from telemap.executions.edges import EdgePicker
from telemap.model.interning import Interner
from telemap.records.blocks import BlockReader
from telemap.records.columns import Columns
from telemap.records.detection import Chosen, Detector
from telemap.records.envelope import EnvelopeReader
from telemap.records.formats import Format
from telemap.records.redaction import Redactor
from telemap.store.store import Store
from telemap.store.writing import Writer

MOST_TEXTS = 500_000  # interned texts kept before those in use are carried over to a fresh interner
BLOCKS_AHEAD = 2

Block = tuple[Columns, dict[str, pa.Array]]
"""What was read of a block, and what of the record table that says by itself."""


@dataclass(frozen=True, slots=True)
class Ingest:
    """What to take logs for, and what to note of them.

    Args:
        formats: the formats to try.
        log_format: one of them by name, instead of finding out.
        build: noted as service.version.
        service: noted as service.name.
        time_zone: of times that are printed without one.
        keeps_text: whether the texts of the records are stored, or only where they stand.
        redacts: whether passwords, tokens and keys are overwritten.
        threads: 2 to read and write side by side, 1 for a single core.
    """

    formats: tuple[Format, ...]
    log_format: str | None = None
    build: str | None = None
    service: str | None = None
    time_zone: tzinfo = UTC
    keeps_text: bool = True
    redacts: bool = True
    threads: int = 2

    def of(self, before: Mapping[str, Any] | None) -> Ingest:
        """The same for a source with the row ``before``: its build and service stay if none is told now."""
        build, service = (before["service_version"], before["service_name"]) if before else (None, None)
        return replace(self, build=self.build or build, service=self.service or service)


Progress = Callable[[str, int, int], None]
"""Called with a source's name and how many bytes and records were read of it since the last call; bytes without
records were read by an earlier ingest."""


_Key = tuple[str | None, tuple[str, ...]]


@dataclass(slots=True)
class Session:
    """What the sources of one ingest share: the writer, and what has been learnt of shapes and texts."""

    store: Store
    writer: Writer
    what: Ingest
    forced: Format | None
    progress: Progress | None
    pool: ThreadPoolExecutor | None
    redactor: Redactor | None
    detector: Detector
    interner: Interner = field(default_factory=Interner)
    _blocks: dict[_Key, BlockReader | EnvelopeReader] = field(default_factory=dict)
    _pickers: dict[_Key, EdgePicker] = field(default_factory=dict)

    def choose(self, sample: bytes) -> Chosen:
        """The format of a source that begins with ``sample``: the one asked for, if any, or what fits."""
        return self.detector.choose(sample) if self.forced is None else self.detector.unwrap(self.forced, sample)

    def blocks(self, chosen: Chosen) -> BlockReader | EnvelopeReader:
        """The block reader of a format; shapes that one source has taught it serve the next."""
        key = chosen.name, chosen.layouts
        if key not in self._blocks:
            others = self.what.formats if self.forced is None else ()
            self._blocks[key] = chosen.reader(others, self.interner, self.redactor)
        return self._blocks[key]

    def picker(self, chosen: Chosen) -> EdgePicker:
        """What picks the records of a format that say something of a span."""
        key = chosen.name, chosen.layouts
        if key not in self._pickers:
            self._pickers[key] = EdgePicker(self.blocks(chosen).events)
        return self._pickers[key]

    def tell(self, uri: str, size_bytes: int, records: int) -> None:
        """Tell how far reading has come, to whoever wants to know; the arguments are those of ``Progress``."""
        if self.progress is not None:
            self.progress(uri, size_bytes, records)

    @property
    def is_large(self) -> bool:
        """Whether so many texts have gathered that it is time to forget."""
        return len(self.interner.texts) > MOST_TEXTS

    def forget(self) -> None:
        """Begin with fresh texts and shapes; codes of before are void then."""
        self.interner = Interner()
        self._blocks.clear()

    @property
    def read_ahead(self) -> int:
        """How many blocks are read before the first of them is written."""
        return 0 if self.pool is None else BLOCKS_AHEAD

    def start(self, read: Callable[[memoryview], Block], data: memoryview) -> Future[Block]:
        """Have ``data`` read by the second thread, or at once if there is none."""
        if self.pool is not None:
            return self.pool.submit(read, data)
        done: Future[Block] = Future()
        done.set_result(read(data))
        return done
