"""Code → store: what is found in each file of a folder, as it is now and as it was at other commits."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from telemap.code.commits import head, is_dirty, resolve
from telemap.code.joined_registrations import joined
from telemap.code.parsing import Reading, readers_version
from telemap.code.readers import told
from telemap.code.reading import Progress, is_source, read_tree
from telemap.code.registration_facts import FileRegistrations
from telemap.errors import TelemapError
from telemap.model.code import CodeFact, CodeFile
from telemap.model.declared import Problem
from telemap.store.resolving import code_edges
from telemap.store.store import Row, Store, table_of

if TYPE_CHECKING:
    import pyarrow as pa

Known = TypeVar("Known", CodeFile, CodeFact)


@dataclass(frozen=True, slots=True)
class IndexedTree:
    """What came of reading a folder.

    Args:
        root: the folder.
        commit_id: the commit that was read; None for the folder as it is.
        head_commit_id: the commit that this is, or differs from; None outside of all checkouts.
        is_dirty: whether source files differ from those of that commit; None where there is none.
        known: the files by path as the store knew them.
        readings: the files as they are.
    """

    root: Path
    commit_id: str | None
    head_commit_id: str | None
    is_dirty: bool | None
    known: Mapping[str, CodeFile]
    readings: tuple[Reading, ...]

    @property
    def files_read(self) -> int:
        """How many files were read, since they were not known as they are."""
        return sum(1 for reading in self.readings if reading.found is not None and reading.file.content_hash)

    @property
    def files_unchanged(self) -> int:
        """How many files were known and are the same."""
        return sum(1 for reading in self.readings if reading.found is None and reading.file.content_hash)

    @property
    def files_from_maps(self) -> int:
        """How many of them are not there themselves, but in source maps."""
        return sum(1 for reading in self.readings if reading.file.source_map_path and reading.file.content_hash)

    @property
    def problems(self) -> list[Problem]:
        """What could not be read or understood, now or when it was read, in the order of its places."""
        found = (problem for reading in self.readings for problem in reading.file.problems)
        return sorted(found, key=lambda problem: (problem.file_path, problem.line_number))

    @property
    def gone(self) -> set[str]:
        """The files that were known and are there no more."""
        return self.known.keys() - {reading.file.file_path for reading in self.readings}

    def changed(self, table: str) -> list[Reading]:
        """The files of which the rows in a table are others than those that it has."""
        if table == "code_file":
            return [reading for reading in self.readings if reading.file != self.known.get(reading.file.file_path)]
        return [reading for reading in self.readings if reading.found is not None]


def index_code(
    store: Store, roots: Sequence[Path], progress: Progress | None = None, *, at: str | None = None
) -> list[IndexedTree]:
    """The code under ``roots`` as it is, from now on all that the store has; or as it was ``at`` a commit, beside it.

    Files that the store knows as they are are not read again.

    Raises:
        TelemapError: ``no-such-folder``; ``no-commit``: ``at`` is no commit of one of the roots.
    """
    folders = {_folder(root) for root in roots}
    outer = sorted(folder for folder in folders if folders.isdisjoint(folder.parents))
    trees = [_tree(store, folder, at and _commit(folder, at), progress) for folder in outer]
    with store.writing():
        _write(store, trees, {str(folder) for folder in outer} if at is None else None)
    return trees


def _folder(root: Path) -> Path:
    if not root.is_dir():
        raise TelemapError("no-such-folder", f"no folder {root}", help="name a folder that holds source code")
    return root.resolve()  # so that a file under two of the roots is read once


def _commit(root: Path, at: str) -> str:
    if commit_id := resolve(root, at):
        return commit_id
    help = "name a tag, or the hash of a commit that this clone has (git fetch --unshallow gets older ones)"
    raise TelemapError("no-commit", f"no commit {at}", place=str(root), help=help)


def _tree(store: Store, root: Path, commit_id: str | None, progress: Progress | None) -> IndexedTree:
    known = _known(store, "code_file", CodeFile, root, commit_id)
    facts = _known(store, "code_fact", CodeFact, root, commit_id)
    readers = {(row["root"], row["commit_id"]): row["readers_version"] for row in store.stored_rows("code_index")}
    is_current = readers.get((str(root), commit_id)) == readers_version()
    before = {file.file_path: file for file in known}
    readings = tuple(read_tree(root, before if is_current else {}, facts, commit_id=commit_id, progress=progress))
    if commit_id:
        return IndexedTree(root, commit_id, commit_id, False, before, readings)
    files = (reading.file for reading in readings)
    present = {file.file_path: file.content_hash for file in files if file.language and not file.source_map_path}
    head_id = head(root)
    dirty = is_dirty(root, head_id, present, is_source) if head_id else None
    return IndexedTree(root, None, head_id, dirty, before, readings)


def _known(store: Store, table: str, kind: type[Known], root: Path, commit_id: str | None) -> list[Known]:
    import msgspec

    stored = store.stored(table)
    rows = stored.filter(_is_of(stored, root, commit_id)).to_pylist()
    return msgspec.convert(rows, list[kind])  # type: ignore[valid-type]


def _write(store: Store, trees: Sequence[IndexedTree], roots: set[str] | None) -> None:
    """Store the trees, in place of what the store had of them, and of all roots but ``roots``, if they are given."""
    from telemap.model.tables import FOUND_IN_CODE

    indexes = store.stored_rows("code_index")
    is_other_root = roots is not None and any(row["root"] not in roots for row in indexes)
    # The files come after what is in them, and their readers last: both say what need not be read again, whatever a
    # run that is cut short has written.
    is_new = False
    for table in (*FOUND_IN_CODE, "code_file"):
        if table == "code_file" and (is_new or not store.has("code_edge")):
            store.replace("code_edge", table_of("code_edge", code_edges(store)))
        if is_other_root or any(tree.gone or tree.changed(table) for tree in trees):
            store.replace(table, _replaced(store.stored(table), table, trees, roots))
            is_new |= is_other_root or any(tree.commit_id is None for tree in trees)
            if table == "code_fact":
                store.replace("registration", _registrations(store.stored(table)))
    now, version = time.time_ns(), readers_version()
    fresh = {
        (str(tree.root), tree.commit_id): {
            "root": str(tree.root),
            "commit_id": tree.commit_id,
            "head_commit_id": tree.head_commit_id,
            "is_dirty": tree.is_dirty,
            "indexed_unix_nano": now,
            "readers_version": version,
        }
        for tree in trees
    }
    before = {(r["root"], r["commit_id"]): r for r in indexes if roots is None or r["root"] in roots}
    store.replace("code_index", table_of("code_index", list((before | fresh).values())))


def _replaced(stored: pa.Table, table: str, trees: Sequence[IndexedTree], roots: set[str] | None) -> pa.Table:
    import msgspec
    import pyarrow as pa
    import pyarrow.compute as pc

    def among(column: str, values: set[str]) -> Any:
        return pc.is_in(stored[column], pa.array(sorted(values), pa.string()))

    is_kept = among("root", set(stored["root"].unique().to_pylist()) if roots is None else roots)
    rows: list[Row] = []
    for tree in trees:
        changed = tree.changed(table)
        staying = {r.file.file_path for r in tree.readings} - {r.file.file_path for r in changed}
        is_other = pc.invert(_is_of(stored, tree.root, tree.commit_id))
        is_kept = pc.and_(is_kept, pc.or_(is_other, among("file_path", staying)))
        found = [one for r in changed for one in ([r.file] if table == "code_file" else (r.found or {}).get(table, ()))]
        place = {"root": str(tree.root), "commit_id": tree.commit_id}
        rows += [row | place for row in msgspec.to_builtins(found)]
    return pa.concat_tables([stored.filter(is_kept), table_of(table, rows)])


def _registrations(facts: pa.Table) -> pa.Table:
    """What the files of each tree register, put together."""
    import msgspec

    trees: dict[tuple[str, str | None], list[CodeFact]] = {}
    for row in facts.to_pylist():
        trees.setdefault((row["root"], row["commit_id"]), []).append(msgspec.convert(row, CodeFact))
    rows = [
        row | {"root": root, "commit_id": commit_id}
        for (root, commit_id), own in trees.items()
        for row in msgspec.to_builtins(joined(told(own, FileRegistrations)))
    ]
    return table_of("registration", rows)


def _is_of(rows: pa.Table, root: Path, commit_id: str | None) -> Any:
    """For each row, whether it is of the tree that ``root`` is, or was at a commit."""
    import pyarrow.compute as pc

    commits = rows["commit_id"]
    is_of_commit = pc.is_null(commits) if commit_id is None else pc.equal(commits, commit_id).fill_null(False)
    return pc.and_(pc.equal(rows["root"], str(root)), is_of_commit)
