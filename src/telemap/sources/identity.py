"""Which source a file is: the one read before, grown; another under an old name; or a new one.

A file is known by device and inode, so that it stays itself when it is renamed. If it shrank or begins with other bytes
(``copytruncate``, or an inode used again), it is a new generation: a new source.

Where rotation puts the text elsewhere, the inode changes: ``app.log.1`` packed as ``app.log.2.gz``, ``app.log`` copied
to ``app.log.1`` and emptied. Such a file is the known source if its name is one that rotation gives, in the same folder
as the source's last name; its text begins with the same kilobyte (or is the same as a whole, if shorter); it has all
that was read; and the source was not seen elsewhere in this run. It is read on from there.

Any other copy is a source of its own, even if every byte is equal: two machines, or two builds under test, may well
write the same log, and leaving one out would be a loss that nobody is told of.
"""

from __future__ import annotations

import hashlib
import os
import re
import uuid
from collections import defaultdict
from dataclasses import dataclass
from typing import Any, Protocol

from telemap.sources.files import PACKED_SUFFIXES, FileSource, Source

# .1, -20260102, .2026-01-02_03, each perhaps packed; of which at least one for a name to be of rotation.
_ROTATED = re.compile(rf"(?:[.-]\d[\d_.T-]*)?(?:{'|'.join(map(re.escape, PACKED_SUFFIXES))})*$")


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
    """The sources that a store has, by device and inode, and by how their texts begin.

    Args:
        rows: what the source table holds; of a source the row with the highest revision counts.
    """

    def __init__(self, rows: list[dict[str, Any]]) -> None:
        self._latest: dict[str, dict[str, Any]] = {}
        self._at: dict[tuple[str, str], str] = {}
        self._generations: dict[tuple[str, str], int] = {}
        self._beginning: dict[tuple[str, int, str], set[str]] = defaultdict(set)
        self._seen: set[str] = set()
        for row in sorted(rows, key=lambda row: row["revision"]):
            place = row["device"], row["inode"]
            if row["inode"] is not None:
                self._latest[row["source_id"]] = row
                self._at[place] = row["source_id"]
                self._generations[place] = max(row["generation"], self._generations.get(place, 0))
        for source_id, row in self._latest.items():
            self._beginning[_log_of(row["uri"]), row["fingerprint_bytes"], row["fingerprint"]].add(source_id)

    def find(self, source: Source) -> Identity:
        """Who ``source`` is; to be asked once of each in a run."""
        if not isinstance(source, FileSource):
            return Identity(uuid.uuid4().hex[:16], 0, None, False)
        place = source.device, source.inode
        before = self._there(source, place) or self._moved(source)
        if before is None:
            generation = self._generations.get(place, -1) + 1
            return Identity(_source_id(source, generation), generation, None, False)
        self._seen.add(before["source_id"])
        is_same_file = place == (before["device"], before["inode"])
        # More text can make an archive of the same size.
        is_as_left = not source.is_packed or source.modified_unix_nano == before["modified_unix_nano"]
        is_unchanged = is_same_file and is_as_left and source.size_bytes == before["size_bytes"]
        return Identity(before["source_id"], before["generation"], before, is_unchanged)

    def _there(self, source: FileSource, place: tuple[str, str]) -> dict[str, Any] | None:
        """The source that was last read at ``place``, if this is still it."""
        before = self._latest.get(self._at.get(place, ""))
        if before is None or source.fingerprint(before["fingerprint_bytes"]) != before["fingerprint"]:
            return None
        if place != (before["device"], before["inode"]):  # found elsewhere since: sizes may be of an archive
            return before if self._is_left(before, source) else None
        known_bytes = before["size_bytes"]
        if known_bytes is None:  # the reading was cut short
            known_bytes = 0 if source.is_packed or source.is_decoded else before["read_bytes"]
        if source.size_bytes >= known_bytes:
            return before
        # And a smaller one.
        return before if source.is_packed and source.reaches(before["read_bytes"]) else None

    def _moved(self, source: FileSource) -> dict[str, Any] | None:
        """The source whose text rotation has put here, if there is just one."""
        log = _log_of(source.uri)
        if log == source.uri:
            return None
        key = log, len(source.head), source.fingerprint(len(source.head))
        found = [
            row for row in map(self._latest.__getitem__, self._beginning.get(key, ())) if self._is_left(row, source)
        ]
        return found[0] if len(found) == 1 else None

    def _is_left(self, before: dict[str, Any], source: FileSource) -> bool:
        return before["source_id"] not in self._seen and source.reaches(before["read_bytes"])


def _log_of(uri: str) -> str:
    """The name of the log that rotation made ``uri`` of."""
    folder, name = os.path.split(uri)
    return os.path.join(folder, _ROTATED.sub("", name))


def _source_id(source: FileSource, generation: int) -> str:
    key = f"{source.device}|{source.inode}|{generation}"
    return hashlib.blake2b(key.encode(), digest_size=8).hexdigest()


def identify(store: _Stored) -> Known:
    """The sources that ``store`` has."""
    return Known(store.stored_rows("source"))
