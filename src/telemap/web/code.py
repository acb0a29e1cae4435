"""Source files as they were indexed, with their functions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from telemap.errors import TelemapError
from telemap.model.documents import Document, Shape
from telemap.store.store import Row, Store, fetch
from telemap.web.resources import Context, Resource

if TYPE_CHECKING:
    import duckdb

MOST_ARCHIVED_BYTES = 6_000_000
MOST_BYTES = 2_000_000  # of one file

FILE = """
SELECT f.root, f.commit_id, f.file_path, f.language, f.content_hash, f.source_map_path, i.head_commit_id
FROM code_file AS f
LEFT JOIN code_index AS i ON f.root = i.root AND f.commit_id IS NOT DISTINCT FROM i.commit_id
WHERE f.file_path = $path AND ($commit IS NULL OR f.commit_id = $commit)
ORDER BY f.commit_id IS NOT NULL, f.root
LIMIT 1
"""
FUNCTIONS = """
SELECT line_number, end_line_number, qualified_name
FROM code_symbol
WHERE file_path = $path AND root = $root AND commit_id IS NOT DISTINCT FROM $commit
ORDER BY line_number, end_line_number DESC
"""
NAMED = """
SELECT code_file_path AS path
FROM code_link
WHERE code_file_path IS NOT NULL
GROUP BY code_file_path
UNION
SELECT DISTINCT code_file_path FROM span WHERE code_file_path IS NOT NULL
ORDER BY path
"""


@dataclass(frozen=True, slots=True)
class Params:
    """Which file."""

    path: Annotated[str, "relative to the indexed folder, as places in code are told"]
    commit: Annotated[str | None, "as it was at this indexed commit"] = None


class Function(Shape, frozen=True):
    """A function or method: its name and its lines."""

    name: str
    line_number: int
    end_line_number: int


class SourceFile(Document, frozen=True, kw_only=True):
    """A source file; ``has_changed`` where its text is another than when it was indexed.

    ``forge_url`` is the page of the file at this commit, to which ``#L12`` can be added.
    """

    file_path: str
    root: str
    language: str | None
    commit_id: str | None
    forge_url: str | None
    has_changed: bool
    text: str
    functions: list[Function]


def run(context: Context, params: Params) -> SourceFile:
    """The text of an indexed file and its functions, in the order of their lines.

    Raises:
        TelemapError: ``no-code``: no such file was indexed, or it is not there any more.
    """
    with context.store.connect() as connection:
        rows = fetch(connection, FILE, {"path": params.path, "commit": params.commit})
        if not rows:
            raise _missing(params.path, "no file of this name was indexed")
        row = rows[0]
        data, has_changed = _content(row)
        return SourceFile(
            file_path=row["file_path"],
            root=row["root"],
            language=row["language"],
            commit_id=row["commit_id"] or row["head_commit_id"],
            forge_url=_forge_url(row),
            has_changed=has_changed,
            text=data.decode(errors="replace"),
            functions=_functions(connection, row),
        )


def _functions(connection: duckdb.DuckDBPyConnection, row: Row) -> list[Function]:
    asked: dict[str, Any] = {"path": row["file_path"], "root": row["root"], "commit": row["commit_id"]}
    return [
        Function(one["qualified_name"], one["line_number"], one["end_line_number"])
        for one in fetch(connection, FUNCTIONS, asked)
    ]


def _content(row: Row) -> tuple[bytes, bool]:
    """The bytes of a file and whether they differ from those that were indexed."""
    from telemap.code.commits import content_hash
    from telemap.code.files import own_bytes
    from telemap.code.source_maps import embedded_sources

    root, hashed = Path(row["root"]), row["content_hash"]
    if row["source_map_path"]:
        text = embedded_sources(root / row["source_map_path"], root).get(row["file_path"])
        if text is None:
            raise _missing(row["file_path"], f"{row['source_map_path']} does not have its text any more")
        return text.encode(), False
    try:
        data: bytes | None = own_bytes(root / row["file_path"], MOST_BYTES)
    except OSError:
        data = None
    is_same = data is not None and (hashed is None or content_hash(data, hashed) == hashed)
    if data is not None and is_same and row["commit_id"] is None:
        return data, False
    kept = _committed(root, hashed)
    if kept is not None:
        return kept, False
    if data is None:
        raise _missing(row["file_path"], "it is not there any more")
    return data, not is_same


def _committed(root: Path, hashed: str | None) -> bytes | None:
    """The content of that hash, where git has it."""
    from telemap.code.commits import contents

    try:
        kept = next(iter(contents(root, [hashed])), None) if hashed else None
    except OSError:  # no git, no folder any more, or no repository
        return None
    return kept if isinstance(kept, bytes) else None


def _forge_url(row: Row) -> str | None:
    from telemap.code.git import git

    commit = row["commit_id"] or row["head_commit_id"]
    root = Path(row["root"])
    remote = git(root, "remote", "get-url", "origin") if commit and root.is_dir() else None
    prefix = git(root, "rev-parse", "--show-prefix") if remote else None
    base = forge(remote.stdout.decode(errors="replace").strip()) if remote else None
    if base is None or prefix is None:
        return None
    return f"{base}/blob/{commit}/{prefix.stdout.decode(errors='replace').strip()}{row['file_path']}"


def forge(remote: str) -> str | None:
    """The pages of a repository, from the address it is cloned from; None where that is no host's.

    >>> forge("git@example.org:team/shop.git")
    'https://example.org/team/shop'
    """
    import re

    found = re.fullmatch(
        r"(?:https?://|ssh://|git://)?(?:[^@/]+@)?([\w.-]+\.\w+)(?::\d+)?[:/](.+?)(?:\.git)?/?", remote
    )
    return f"https://{found[1]}/{found[2]}" if found else None


def _missing(path: str, reason: str) -> TelemapError:
    return TelemapError(
        "no-code", f"the text of {path} cannot be shown", reason=reason, help="telemap index DIR reads code again"
    )


def archived(store: Store) -> Iterator[Params]:
    """The files that executions or declarations are linked to."""
    yield from (Params(row["path"]) for row in store.rows(NAMED))


RESOURCE = Resource(
    "code",
    "A source file as it was indexed, with its functions",
    Params,
    run,
    SourceFile,
    archived,
    MOST_ARCHIVED_BYTES,
    only_looks=True,
)
