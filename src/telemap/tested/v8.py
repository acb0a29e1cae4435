"""V8's JSON, as Node writes it where ``NODE_V8_COVERAGE`` is set: ranges of offsets in UTF-16, with counts.

What a range counts holds but for the ranges within it. A line ran if anything on it did.
"""

from __future__ import annotations

import posixpath
import re
import sys
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, NamedTuple
from urllib.parse import unquote, urlsplit
from urllib.request import url2pathname

import msgspec

from telemap.code.files import is_vendored, own_bytes
from telemap.code.parsing import MAX_FILE_BYTES
from telemap.code.source_maps import SourceMap, SourceMapError, read_source_map
from telemap.model.declared import Problem
from telemap.tested.json_reports import HELP, document
from telemap.tested.report import Lines, TestReport, file_time

FORMAT, TOOL = "v8", "V8"

_MADE = re.compile(r"coverage-\d+-(\d{13})-\d+\.json")  # Node names it after the process and the time


class _Range(msgspec.Struct, rename="camel"):
    start_offset: int
    end_offset: int
    count: int


class _Function(msgspec.Struct, rename="camel"):
    function_name: str
    ranges: Annotated[list[_Range], msgspec.Meta(min_length=1)]


class _Script(msgspec.Struct):
    url: str
    functions: list[_Function]


class _CachedMap(msgspec.Struct, rename="camel"):
    line_lengths: list[int]
    data: msgspec.Raw = msgspec.Raw(b"null")
    url: str | None = None


class _Document(msgspec.Struct, rename={"maps": "source-map-cache"}):
    result: list[_Script]
    maps: dict[str, _CachedMap] = {}


class Counts(NamedTuple):
    """From which offset on something ran how often, in the order of the offsets; before the first, nothing is known."""

    offsets: list[int]
    counts: list[int]

    def among(self, start: int, end: int) -> int:
        """The most often that anything from ``start`` to before ``end`` ran."""
        first = max(bisect_right(self.offsets, start) - 1, 0)
        return max(self.counts[first : max(bisect_right(self.offsets, end - 1), first + 1)], default=0)


def read_v8(path: Path) -> TestReport:
    """What a file of V8 tells; of bundles with source maps, what it tells of their sources."""
    problems: list[Problem] = []
    found = document(path, path.read_bytes(), _Document, problems)
    files: dict[str, Lines] = {}
    for script in found.result if found else ():
        name = _file_path(script.url)
        if name is None or is_vendored(name) or not script.functions:
            continue
        try:
            cached = found.maps.get(script.url) if found else None
            if cached and cached.data != b"null":
                _add_mapped(files, script, name, cached)
            else:
                _add_lines(
                    files.setdefault(name, Lines()), script, own_bytes(Path(name), MAX_FILE_BYTES).decode("utf-8-sig")
                )
        except (OSError, OverflowError, ValueError) as error:
            files.pop(name, None)
            problems.append(Problem(str(path), 1, f"{name} of the report not used", str(error), HELP))
    named = _MADE.fullmatch(path.name)
    made = int(named[1]) * 1_000_000 if named else file_time(path)
    return TestReport(
        path,
        FORMAT,
        made,
        TOOL,
        files=tuple(lines.file(name) for name, lines in sorted(files.items())),
        problems=tuple(problems),
    )


def counts_of(ranges: Sequence[tuple[int, int, int]]) -> Counts:
    """The counts of the innermost ranges, each given as start, end and count.

    >>> counts_of([(0, 10, 1), (2, 6, 0)])
    Counts(offsets=[0, 2, 6, 10], counts=[1, 0, 1, 0])
    """
    found: dict[int, int] = {}
    around: list[tuple[int, int]] = []  # end and count of those that are open

    def close(until: int) -> None:
        while around and around[-1][0] <= until:
            end, _ = around.pop()
            found[end] = around[-1][1] if around else 0

    for start, end, count in sorted(ranges, key=lambda one: (one[0], -one[1])):
        close(start)
        found[start] = count
        around.append((end, count))
    close(sys.maxsize)
    offsets = sorted(found)
    return Counts(offsets, [found[offset] for offset in offsets])


def _ranges(script: _Script) -> list[tuple[int, int, int]]:
    return [(one.start_offset, one.end_offset, one.count) for each in script.functions for one in each.ranges]


def _add_lines(lines: Lines, script: _Script, text: str) -> None:
    ranges = _ranges(script)
    told, size = max(end for _, end, _ in ranges), _units(text)
    if told != size:
        raise ValueError(f"the file has {size:,} characters by now, of which the report knows {told:,}")
    counts, starts = counts_of(ranges), []
    at = 0
    for number, line in enumerate(text.split("\n"), start=1):
        starts.append(at)
        if line.strip():
            begin = at + len(line) - len(line.lstrip())
            lines.add(number, counts.among(begin, at + _units(line.rstrip())))
        at += _units(line) + 1
    for function in script.functions:
        if function.function_name:
            lines.add_function(
                function.function_name, bisect_right(starts, function.ranges[0].start_offset), function.ranges[0].count
            )


def _add_mapped(files: dict[str, Lines], script: _Script, bundle: str, cached: _CachedMap) -> None:
    """Add what the places in a bundle tell of its sources."""
    import numpy as np

    folder = posixpath.dirname(bundle)
    if cached.url and not cached.url.startswith("data:"):
        folder = posixpath.dirname(posixpath.join(folder, unquote(cached.url)))
    try:
        source_map = read_source_map(bytes(cached.data), folder)
    except SourceMapError as error:
        raise ValueError(str(error)) from error
    starts = np.concatenate([[0], np.cumsum(np.array(cached.line_lengths, np.int64) + 1)])
    counts = counts_of(_ranges(script))
    lines_of, columns = source_map.places >> 32, source_map.places & 0xFFFFFFFF
    is_told = (source_map.originals[:, 0] >= 0) & (lines_of < len(cached.line_lengths))
    offsets = starts[lines_of[is_told]] + columns[is_told]
    hits = np.array([0, *counts.counts])[np.searchsorted(counts.offsets, offsets, side="right")]
    originals = source_map.originals[is_told]
    places, where = np.unique(originals[:, 0] << 32 | originals[:, 1], return_inverse=True)
    most = np.zeros(len(places), np.int64)
    np.maximum.at(most, where, hits)
    for place, count in zip(places.tolist(), most.tolist(), strict=True):
        name = source_map.sources[place >> 32]
        if name and not is_vendored(name):
            files.setdefault(name, Lines()).add((place & 0xFFFFFFFF) + 1, count)
    for name, line_number, function_name, count in _mapped_functions(script, source_map, starts.tolist()):
        if name in files:
            files[name].add_function(function_name, line_number, count)


def _mapped_functions(
    script: _Script, source_map: SourceMap, starts: Sequence[int]
) -> Iterator[tuple[str, int, str, int]]:
    for function in script.functions:
        start = function.ranges[0].start_offset
        line_number = bisect_right(starts, start)
        place = source_map.original(line_number, start - starts[line_number - 1] + 1)
        if function.function_name and place:
            yield place.file_path, place.line_number, place.name or function.function_name, function.ranges[0].count


def _file_path(url: str) -> str | None:
    """The path of a file that a script was read from, with forward slashes; None for what is no file."""
    parts = urlsplit(url)
    return Path(url2pathname(parts.path)).as_posix() if parts.scheme == "file" else None


def _units(text: str) -> int:
    """How many code units of UTF-16 a text has."""
    return len(text) + sum(1 for letter in text if letter > "\uffff")
