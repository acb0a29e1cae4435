"""The code index: every function of a source tree, with its place."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from telemap.code.files import own_files
from telemap.code.languages import Language, languages
from telemap.code.symbols import parse_symbols
from telemap.errors import TelemapError
from telemap.model.code import CodeSymbol
from telemap.model.declared import Problem

# Larger files and longer lines are what a bundler or a generator writes; no handler is maintained there.
MAX_FILE_BYTES = 2_000_000
MAX_LINE_BYTES = 20_000

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class CodeIndex:
    """All functions found, ordered by file and line, what could not be read, and the paths of the files that were.

    ``by_name`` holds the same functions by their unqualified name.
    """

    symbols: tuple[CodeSymbol, ...]
    problems: tuple[Problem, ...]
    file_paths: tuple[str, ...]
    by_name: Mapping[str, tuple[CodeSymbol, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        by_name: dict[str, list[CodeSymbol]] = {}
        for symbol in self.symbols:
            by_name.setdefault(symbol.name, []).append(symbol)
        object.__setattr__(self, "by_name", {name: tuple(symbols) for name, symbols in by_name.items()})

    @property
    def files_read(self) -> int:
        """How many files were read."""
        return len(self.file_paths)


def read_tree(roots: Sequence[Path], progress: Progress | None = None) -> CodeIndex:
    """The code index of all source files under ``roots``.

    What git ignores is left out, and so are vendored, generated and minified files. A file that cannot be read or
    parsed in full is a problem of the index and stops nothing.

    Args:
        roots: folders; paths in the index are relative to the one that a file was found under, the last if to several.
        progress: called after each file with the number of files done and of all files.

    Raises:
        TelemapError: a root is no folder.
    """
    found = {
        root / path: (_printable(path), language)
        for root in map(_folder, roots)
        for path in own_files(root)
        if (language := _language(path))
    }
    symbols: list[CodeSymbol] = []
    problems: list[Problem] = []
    file_paths: list[str] = []
    for done, (file, (path, language)) in enumerate(found.items(), start=1):
        text = _read_text(file, path, problems)
        if text is not None:
            file_paths.append(path)
            symbols += _parse(text, path, language, problems)
        if progress:
            progress(done, len(found))
    return CodeIndex(
        tuple(sorted(symbols, key=lambda symbol: (symbol.file_path, symbol.line_number, symbol.qualified_name))),
        tuple(sorted(problems, key=lambda problem: (problem.file_path, problem.line_number))),
        tuple(sorted(file_paths)),
    )


def _folder(root: Path) -> Path:
    if not root.is_dir():
        raise TelemapError("no-such-folder", f"no folder {root}", help="name a folder that holds source code")
    return root.resolve()  # so that a file under two of the roots is read once


def _language(path: str) -> Language | None:
    name = path.rpartition("/")[2]
    return None if name.endswith(".min.js") else languages().get("." + name.rpartition(".")[2])


def _read_text(file: Path, path: str, problems: list[Problem]) -> str | None:
    """The text of a file, or None with the reason added to ``problems``."""
    try:
        size_bytes = file.stat().st_size
        data = file.read_bytes() if size_bytes <= MAX_FILE_BYTES else b""
    except OSError as error:
        reason, help = error.strerror or str(error), "make the file readable, or list it in .gitignore"
        problems.append(Problem(path, 1, "file skipped", reason, help))
        return None
    longest_line_bytes = max(map(len, data.split(b"\n")))
    if size_bytes > MAX_FILE_BYTES or longest_line_bytes > MAX_LINE_BYTES:
        what = f"{size_bytes:,} bytes" if not data else f"a line of {longest_line_bytes:,} bytes"
        reason, help = f"{what}, as generated files have", "index what it was made from, and list it in .gitignore"
        problems.append(Problem(path, 1, "file skipped", reason, help))
        return None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line_number = data.count(b"\n", 0, error.start) + 1
        reason = f"{error.reason}; read as Latin-1"
        problems.append(Problem(path, line_number, "text is not UTF-8", reason, "save the file as UTF-8"))
        return data.decode("latin-1")


def _parse(text: str, path: str, language: Language, problems: list[Problem]) -> list[CodeSymbol]:
    parsed = parse_symbols(text, path, language)
    if parsed.error_line_number is not None:
        reason = "the grammar knows no such syntax; functions in it may be missing"
        help = "mend the syntax, or ignore this where the file is no plain source"
        problems.append(Problem(path, parsed.error_line_number, "syntax not understood", reason, help))
    return parsed.symbols


def _printable(path: str) -> str:
    # A file name may hold bytes that are no UTF-8; what is stored and printed has to.
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
