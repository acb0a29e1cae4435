"""Source maps (ECMA-426, known as version 3): from a place in a bundle to its source, and the sources that they hold.

Libraries for this are no longer kept, or bring 78 MB of other debug formats along, so the mappings are decoded here:
all at once, in arrays, since a map of a bundle has millions of them.
"""

from __future__ import annotations

import base64
import binascii
import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes

import msgspec

from telemap.code.files import GENERATED, own_bytes

if TYPE_CHECKING:
    from numpy import int64
    from numpy.typing import NDArray

    Numbers = NDArray[int64]

DIGITS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
NONE = -1
MAX_FILE_BYTES = 200_000_000
MAX_COMMENT_BYTES = 1000  # of a comment that names a file; one that holds the map is as long as it is

_COMMENT = re.compile(rb"/[/*][#@] sourceMappingURL=([^\s'\"*]+)")
_SCHEME = re.compile(r"(?P<scheme>[a-z][\w+.-]+):(?://(?P<host>[^/]*))?/*", re.ASCII)


class SourceMapError(ValueError):
    """A source map that cannot be used; its text is the reason."""


@dataclass(frozen=True, slots=True)
class OriginalPosition:
    """A place in a source, lines and columns counted from 1.

    ``name`` is what the source calls what stands there, ``""`` where the map does not say. ``is_outside`` says that
    ``file_path`` leads out of the folder that the map is made for; nothing may be read there.
    """

    file_path: str
    line_number: int
    column_number: int
    name: str
    is_outside: bool


@dataclass(frozen=True, slots=True, eq=False)
class SourceMap:
    """The mappings of a bundle, and the paths and names that they tell of."""

    sources: tuple[str, ...]
    names: tuple[str, ...]
    is_outside: tuple[bool, ...]
    places: Numbers  # line << 32 | column in the bundle, from 0, in order
    originals: Numbers  # a row each: source, line and column from 0, name

    def original(self, line_number: int, column_number: int) -> OriginalPosition | None:
        """What the place in the bundle was made from, both counted from 1; None where the map does not say."""
        at = int(self.places.searchsorted((line_number - 1) << 32 | (column_number - 1), side="right")) - 1
        if at < 0 or self.places[at] >> 32 != line_number - 1:
            return None
        source, line, column, name = map(int, self.originals[at])
        if source == NONE or not self.sources[source]:
            return None
        return OriginalPosition(
            self.sources[source],
            line + 1,
            column + 1,
            self.names[name] if name != NONE else "",
            self.is_outside[source],
        )


def find_source_map(bundle: Path, root: Path) -> SourceMap | None:
    """The map that a bundle names in its last comment, or that lies beside it; None where there is none.

    Sources are relative to ``root``. The bundle itself need not be there.

    Raises:
        SourceMapError: the map is broken, too large, or lies outside of ``root``.
    """
    try:
        comments = _COMMENT.findall(_bytes(bundle)) if bundle.is_file() else ()
        url = comments[-1] if comments else (bundle.name + ".map").encode()
        root, file = root.resolve(), bundle.resolve()
        if not (is_inside := url.startswith(b"data:")):
            if len(url) > MAX_COMMENT_BYTES or re.match(rb"\w+://|//", url):
                return None  # nothing is fetched
            file = (file.parent / unquote_to_bytes(url.partition(b"?")[0]).decode()).resolve()
        if not file.is_relative_to(root):
            raise SourceMapError("the source map lies outside of the root")
        if not file.is_file():
            return None
        return read_source_map(_data(url) if is_inside else _bytes(file), *_folders(root, file))
    except (OSError, UnicodeDecodeError) as error:
        raise SourceMapError(f"the source map cannot be read: {error}") from error


def embedded_sources(file: Path, root: Path) -> dict[str, str]:
    """The texts that a source map in a file has of sources in ``root``, by path relative to it.

    Raises:
        SourceMapError: it is no source map, is broken or too large, or cannot be read.
    """
    try:
        document = msgspec.json.decode(_json(_bytes(file)), type=_Texts)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise SourceMapError(f"the source map cannot be read: {error}") from error
    if document.version != 3:
        raise SourceMapError(f"source map of version {document.version}; only 3 is known")
    found: dict[str, str] = {}
    for part in (document, *(section.map for section in document.sections)):
        for source, text in zip(part.sources, part.sources_content or (), strict=False):
            path, is_outside = _source_path(source or "", part.source_root or "", *_folders(root, file))
            if text is not None and path and not is_outside:
                found.setdefault(path, text)
    return found


class _Texts(msgspec.Struct, rename="camel"):
    """What a map says of the texts of its sources; to read no more takes a tenth of the time."""

    version: int = 3  # a section need not say it
    source_root: str | None = None
    sources: list[str | None] = []
    sources_content: list[str | None] | None = None
    sections: list[_Section] = []


class _Section(msgspec.Struct):
    map: _Texts


def read_source_map(data: bytes, folder: str = "", project: str = "") -> SourceMap:
    """The source map of ``data``.

    Args:
        data: the JSON text, plain or of sections.
        folder: where it lies, relative to the root, with forward slashes; sources are relative to the root.
        project: the folder of the project that was bundled, likewise, from which bundlers count the paths that are
            not relative to the map.

    Raises:
        SourceMapError: it is no source map, or is broken.
    """
    import numpy as np

    try:
        document = msgspec.json.decode(_json(data))
        parts = [_part(part, line, column) for part, line, column in _sections(document)]
    except (msgspec.DecodeError, AttributeError, KeyError, TypeError, OverflowError, RecursionError) as error:
        raise SourceMapError(f"no source map of version 3: {type(error).__name__}: {error}") from error
    sources: list[tuple[str, bool]] = []
    names: list[str] = []
    for part in parts:
        part.originals[part.originals[:, 0] != NONE, 0] += len(sources)
        part.originals[part.originals[:, 3] != NONE, 3] += len(names)
        sources += [_source_path(source, part.source_root, folder, project) for source in part.sources]
        names += part.names
    places = np.concatenate([part.places for part in parts] or [np.empty(0, np.int64)])
    originals = np.concatenate([part.originals for part in parts] or [np.empty((0, 4), np.int64)])
    order = np.argsort(places, kind="stable")
    return SourceMap(
        tuple(path for path, _ in sources),
        tuple(names),
        tuple(is_outside for _, is_outside in sources),
        places[order],
        originals[order],
    )


@dataclass(frozen=True, slots=True)
class _Part:
    """A map without sections, as it is written."""

    source_root: str
    sources: Sequence[str]
    names: Sequence[str]
    places: Numbers
    originals: Numbers


def _sections(document: Any, line: int = 0, column: int = 0) -> Iterator[tuple[Any, int, int]]:
    """The plain maps of a document, with the line and the column, from 0, at which each begins."""
    if document["version"] != 3:
        raise SourceMapError(f"source map of version {document['version']!r}; only 3 is known")
    if "sections" not in document:
        yield document, line, column
        return
    for section in document["sections"]:
        if "map" not in section or "sections" in section["map"]:
            raise SourceMapError("a section of the source map does not hold a plain map")
        yield section["map"], line + section["offset"]["line"], column + section["offset"]["column"]


def _part(document: Mapping[str, Any], line: int, column: int) -> _Part:
    sources = [str(source or "") for source in document["sources"]]
    names = [str(name) for name in document.get("names") or ()]
    places, originals = _decoded(document["mappings"].encode())
    for number, limit, what in ((0, len(sources), "source"), (3, len(names), "name")):
        if len(originals) and not NONE <= originals[:, number].min() <= originals[:, number].max() < limit:
            raise SourceMapError(f"the source map names a {what} that it does not have")
    places += (line << 32) + (places < 1 << 32) * column  # the column of a section counts in its first line only
    return _Part(str(document.get("sourceRoot") or ""), sources, names, places, originals)


def _decoded(mappings: bytes) -> tuple[Numbers, Numbers]:
    """Where each mapping begins, and what is there, a row each: source, line, column, name."""
    import numpy as np

    table = np.full(256, NONE, np.int64)
    table[list(DIGITS)] = range(64)
    table[list(b",;")] = 64
    codes = np.frombuffer(mappings, np.uint8)
    digits = table[codes]
    if (digits == NONE).any():
        raise SourceMapError(f"the mappings have a character that is no digit: {chr(mappings[digits.argmin()])!r}")
    is_digit = digits < 64
    line_of, segment_of = (np.cumsum(separators)[is_digit] for separators in (codes == ord(";"), ~is_digit))
    digits = digits[is_digit]
    # A digit has five bits of a number, the lowest first, and says whether it goes on.
    is_last = digits < 32
    ends = np.flatnonzero(is_last)
    begins = np.concatenate([[0], ends[:-1] + 1]) if len(ends) else ends
    if len(digits) and (not is_last[-1] or (segment_of[begins] != segment_of[ends]).any()):
        raise SourceMapError("the mappings have a number that does not end")
    if len(ends) and (ends - begins).max() > 6:
        raise SourceMapError("the mappings have a number of more than 32 bits")
    shifts = 5 * (np.arange(len(digits)) - np.repeat(begins, ends - begins + 1))
    values = np.add.reduceat((digits & 31) << shifts, begins) if len(begins) else digits
    numbers = np.where(values & 1, -(values >> 1), values >> 1)
    return _positions(numbers, segment_of[begins], line_of[begins])


def _positions(numbers: Numbers, segment_of: Numbers, line_of: Numbers) -> tuple[Numbers, Numbers]:
    """What ``_decoded`` gives, from the numbers, which tell differences, with their segments and lines."""
    import numpy as np

    first = np.flatnonzero(np.diff(segment_of, prepend=-1))
    counts = np.diff(first, append=len(numbers))
    if not np.isin(counts, (1, 4, 5)).all():
        raise SourceMapError("the mappings have a segment of other than 1, 4 or 5 numbers")
    lines = line_of[first]
    columns = np.cumsum(numbers[first])
    new_line = np.flatnonzero(np.diff(lines, prepend=-1))
    before = columns[new_line] - numbers[first[new_line]]
    columns -= np.repeat(before, np.diff(new_line, append=len(lines)))
    originals = np.full((len(first), 4), NONE, np.int64)
    for field, least in enumerate((4, 4, 4, 5)):
        has = np.flatnonzero(counts >= least)
        originals[has, field] = told = np.cumsum(numbers[first[has] + field + 1])
        if (told < 0).any() or (columns < 0).any():
            raise SourceMapError("the mappings lead to a place before the beginning")
    return (lines << 32) | columns, originals


def _source_path(source: str, source_root: str, folder: str, project: str) -> tuple[str, bool]:
    """The path of a source relative to the root, and whether it leads out of it."""
    if not source:
        return "", False
    path = source.replace("\\", "/")
    if source_root and not _SCHEME.match(path) and not path.startswith("/"):
        path = f"{source_root.rstrip('/')}/{path}"
    if scheme := _SCHEME.match(path):
        # What a bundler calls its own, webpack://shop/./src/cart.ts, is relative to the project.
        start = "/" if scheme["scheme"] == "file" else project
        path = posixpath.join(start, path[scheme.end() :].partition("?")[0])
    elif not path.startswith("/"):
        path = posixpath.join(folder, path)
    path = posixpath.normpath(path)
    return path, path.startswith(("/", "../")) or path == ".."


def _folders(root: Path, file: Path) -> tuple[str, str]:
    """The folder that a map lies in, and that of the package which was bundled, both relative to the root."""
    around = [folder.relative_to(root) for folder in file.parents if folder.is_relative_to(root)]
    packages = (
        path for path in around if GENERATED.isdisjoint(path.parts) and (root / path / "package.json").is_file()
    )
    return around[0].as_posix(), next(packages, Path()).as_posix()


def _json(data: bytes) -> bytes:
    # Servers may put a line before it that no script would survive.
    return data.partition(b"\n")[2] if data.startswith(b")]}") else data


def _data(url: bytes) -> bytes:
    """What a ``data:`` URL holds."""
    kind, _, content = url.partition(b",")
    try:
        return base64.b64decode(content, validate=True) if kind.endswith(b";base64") else unquote_to_bytes(content)
    except binascii.Error as error:
        raise SourceMapError(f"the source map in the bundle is no base64: {error}") from error


def _bytes(file: Path) -> bytes:
    if len(data := own_bytes(file, MAX_FILE_BYTES)) > MAX_FILE_BYTES:
        raise SourceMapError(f"{file.name} has more than {MAX_FILE_BYTES:,} bytes")
    return data
