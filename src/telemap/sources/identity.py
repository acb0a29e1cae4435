"""Which source a file is: the one read before, grown; another under an old name; or a new one."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass
from typing import Any, Protocol

from telemap.sources.files import FileSource, Source


class _Stored(Protocol):
    def stored_rows(self, name: str) -> list[dict[str, Any]]: ...


@dataclass(frozen=True, slots=True)
class Identity:
    """A source's id, its row as it was left, and whether there is nothing new in it."""

    source_id: str
    generation: int
    before: dict[str, Any] | None
    is_unchanged: bool


class Known:
    """The sources that a store has, by device and inode (so that a renamed file is still itself).

    Args:
        rows: what the source table holds; of a source the row with the highest revision counts.
    """

    def __init__(self, rows: list[dict[str, Any]]) -> None:
        self._latest: dict[tuple[str, str], dict[str, Any]] = {}
        for row in sorted(rows, key=lambda row: (row["generation"], row["revision"])):
            if row["inode"] is not None:
                self._latest[row["device"], row["inode"]] = row

    def find(self, source: Source) -> Identity:
        """Who ``source`` is. A file that shrank, or begins with other bytes, is a new generation: a new source."""
        if not isinstance(source, FileSource):
            return Identity(uuid.uuid4().hex[:16], 0, None, False)
        before = self._latest.get((source.device, source.inode))
        if before is None:
            return Identity(_source_id(source, 0), 0, None, False)
        same_start = source.fingerprint(before["fingerprint_bytes"]) == before["fingerprint"]
        size = before["size_bytes"]  # none where the reading was cut short
        if not same_start or source.size_bytes < (size or 0):
            generation = before["generation"] + 1
            return Identity(_source_id(source, generation), generation, None, False)
        unchanged = source.size_bytes == size
        return Identity(before["source_id"], before["generation"], before, unchanged)


def _source_id(source: FileSource, generation: int) -> str:
    key = f"{source.device}|{source.inode}|{generation}"
    return hashlib.blake2b(key.encode(), digest_size=8).hexdigest()


def identify(store: _Stored) -> Known:
    """The sources that ``store`` has."""
    return Known(store.stored_rows("source"))
