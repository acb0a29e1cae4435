"""Where a build's code is now: places in the code of its commit, carried to the files as they lie there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from telemap.code.commits import resolve
from telemap.mapping.carrying import Changes, changes
from telemap.mapping.logged import Logged
from telemap.mapping.records import Candidate, Origins, RecordLocator
from telemap.mapping.values import MessageTemplate
from telemap.model.code import HASH_DIGITS, CodeLocation


@dataclass(frozen=True, slots=True)
class Move:
    """The commit that a build of some code is of, and what has become of that code since."""

    commit_id: str
    changes: Changes

    def carried(self, location: CodeLocation) -> CodeLocation:
        """The place where the line is now; the same with its ``commit_id`` if the line is gone."""
        place = self.changes.carried(location.file_path, location.line_number)
        was = f"{location.file_path}:{location.line_number} of {self.commit_id[:HASH_DIGITS]}"
        if place is None or place.file_path is None or place.line_number is None:
            return replace(location, commit_id=self.commit_id, reason=_and(location.reason, f"gone since: {was}"))
        if (place.file_path, place.line_number) == (location.file_path, location.line_number):
            return location
        reason = _and(location.reason, f"was {was}")
        return replace(location, file_path=place.file_path, line_number=place.line_number, reason=reason)

    def new_path(self, file_path: str) -> str | None:
        """What the path of a file of the commit is now; None for one that is gone."""
        place = self.changes.carried(file_path, 1)
        return place.file_path if place else None


def commits_of(build: str, roots: Iterable[str]) -> dict[str, str]:
    """The commit that ``build`` is of, by root, for each that lies in a checkout which knows it."""
    found = ((root, resolve(Path(root), build)) for root in roots)
    return {root: commit_id for root, commit_id in found if commit_id}


def moves(commits: Mapping[str, str]) -> dict[str, Move]:
    """What has become of the code of some commits, by root."""
    found = ((root, commit_id, changes(Path(root), commit_id)) for root, commit_id in commits.items())
    return {root: Move(commit_id, changed) for root, commit_id, changed in found if changed}


def carried(location: CodeLocation, moves: Mapping[str, Move]) -> CodeLocation:
    """The place where a line is now; as it was where nothing is known of its root."""
    move = moves.get(location.root)
    return move.carried(location) if move else location


class BuildLocator:
    """Where records of a build come from, told by the code of its commit, and where that is now.

    Args:
        then: knows the code of the commits.
        now: knows the code as it is.
        moves: what has become of it, by root.
    """

    def __init__(self, then: RecordLocator, now: RecordLocator, moves: Mapping[str, Move]) -> None:
        self._then, self._now, self._moves = then, now, moves

    def locate(self, logged: Logged) -> Origins:
        """Where the record was written, and where its errors were raised; what is gone has the ``commit_id``.

        A statement whose line was changed is there again if its function still logs the same text.
        """
        found = self._then.locate(logged)
        written, raised = ([self._carried(one) for one in candidates] for candidates in (found.written, found.raised))
        if any(candidate.location.commit_id for candidate in written):
            present = self._now.locate(logged).written
            written = [self._again(*pair, present) for pair in zip(found.written, written, strict=True)]
        return Origins(tuple(written), tuple(raised), found.message)

    def message_template(self, logged: Logged) -> tuple[MessageTemplate | None, bool]:
        """The template of a record in the code of its build, and whether it is so whichever digits are in the body."""
        return self._then.message_template(logged)

    def _carried(self, candidate: Candidate) -> Candidate:
        return replace(candidate, location=carried(candidate.location, self._moves))

    def _again(self, before: Candidate, after: Candidate, present: Iterable[Candidate]) -> Candidate:
        if after.location.commit_id is None or before.template is None:
            return after
        place, move = before.location, self._moves[before.location.root]
        same = (place.root, move.new_path(place.file_path), place.function_name, before.template.literals)
        now = [one.location for one in present if _identity(one) == same]
        if len(now) != 1:
            return after
        reason = _and(place.reason, f"its line was changed since {move.commit_id[:HASH_DIGITS]}")
        return replace(
            before,
            location=replace(place, file_path=now[0].file_path, line_number=now[0].line_number, reason=reason),
        )


def _identity(candidate: Candidate) -> tuple[str, str, str, tuple[str, ...]]:
    location = candidate.location
    texts = candidate.template.literals if candidate.template else ()
    return location.root, location.file_path, location.function_name, texts


def _and(reason: str, more: str) -> str:
    return f"{reason}; {more}" if reason else more
