"""What the sources of one ingest share: what to take logs for, the writer, the second thread, what has been learnt."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

import pyarrow as pa

from telemap.model.interning import Interner
from telemap.records.columns import BlockReader, Columns
from telemap.records.formats import Format
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
        threads: 2 to read and write side by side, 1 for a single core.
    """

    formats: tuple[Format, ...]
    log_format: str | None = None
    build: str | None = None
    service: str | None = None
    threads: int = 2


Progress = Callable[[str, int], None]
"""Called with a source's name and the number of bytes read of it since the last call."""


@dataclass(slots=True)
class Session:
    """What the sources of one ingest share: the writer, and what has been learnt of shapes and texts."""

    store: Store
    writer: Writer
    what: Ingest
    forced: Format | None
    progress: Progress | None
    pool: ThreadPoolExecutor | None
    interner: Interner = field(default_factory=Interner)
    _blocks: dict[str, BlockReader] = field(default_factory=dict)

    def blocks(self, log_format: Format) -> BlockReader:
        """The block reader of a format; shapes that one source has taught it serve the next."""
        if log_format.name not in self._blocks:
            self._blocks[log_format.name] = BlockReader(log_format, self.interner)
        return self._blocks[log_format.name]

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
