"""The content of one source file → what the readers find in it, in one parse."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from hashlib import blake2b
from importlib import metadata, resources
from typing import TYPE_CHECKING, Any

from telemap.code.languages import Language, languages
from telemap.code.readers import SourceTree, read
from telemap.code.symbols import symbols_of
from telemap.code.wrappers import NO_WRAPPERS, Wrappers, mentioned
from telemap.model.code import CodeFact, CodeFile, CodeSymbol
from telemap.model.declared import Problem

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

# Larger files and longer lines are what a bundler or a generator writes; no handler is maintained there.
MAX_FILE_BYTES = 2_000_000
MAX_LINE_BYTES = 20_000


@dataclass(frozen=True, slots=True)
class Reading:
    """A file and what was found in it, by the table that keeps it; None where it is the same as before."""

    file: CodeFile
    found: Mapping[str, Sequence[Any]] | None

    @property
    def symbols(self) -> Sequence[CodeSymbol]:
        """The functions in the file."""
        return (self.found or {}).get("code_symbol", ())

    @property
    def facts(self) -> Sequence[CodeFact]:
        """What the file tells that means something beside other files."""
        return (self.found or {}).get("code_fact", ())


def language_of(path: str) -> Language | None:
    """The language that the file is written in; None for no source, or what was minified."""
    name = path.rpartition("/")[2]
    return None if name.endswith(".min.js") else languages().get("." + name.rpartition(".")[2])


def dialect_of(path: str) -> str | None:
    """The name of the language as the file's ending tells it: TypeScript is read by the rules of JavaScript."""
    language = language_of(path)
    return language.dialect(path).language if language else None


def parse(file: CodeFile, data: bytes, wrappers: Wrappers = NO_WRAPPERS, former: Wrappers = NO_WRAPPERS) -> Reading:
    """What is in ``data``, the content of ``file``; what cannot be understood is a problem of the file.

    Args:
        file: what is known of it.
        data: its content.
        wrappers: functions of other files that log.
        former: those that did before; if any of both is given and none is mentioned, nothing is read.
    """
    from ast_grep_py import SgRoot

    path, language = file.file_path, language_of(file.file_path)
    assert language is not None
    file = replace(file, line_count=data.count(b"\n") + (data[-1:] not in {b"", b"\n"}))
    longest_line_bytes = max(map(len, data.split(b"\n")))
    if longest_line_bytes > MAX_LINE_BYTES:
        return Reading(replace(file, problems=(generated(path, f"a line of {longest_line_bytes:,} bytes"),)), {})
    text, problems = _text(path, data)
    if not text.strip():
        return Reading(file, {})
    named = mentioned(text, wrappers)
    if (wrappers or former) and not named and not mentioned(text, former):
        return Reading(file, None)
    dialect = language.dialect(path)
    root = SgRoot(text, dialect.grammar).root()
    symbols, error_line_number = symbols_of(root, path, language)
    if error_line_number is not None:
        reason = "the grammar knows no such syntax; functions in it may be missing"
        help = "mend the syntax, or ignore this where the file is no plain source"
        problems = (*problems, Problem(path, error_line_number, "syntax not understood", reason, help))
    found, reason = read(SourceTree(root, path, symbols, language, dialect, named))
    if reason:
        reason = f"{reason}; log statements, registrations or calls in it are missing"
        help = "list it in .gitignore if it is generated"
        problems = (*problems, Problem(path, 1, "file read in part", reason, help))
    return Reading(replace(file, problems=problems), {"code_symbol": symbols, **found})


def generated(path: str, what: str) -> Problem:
    """The problem of a file that nobody wrote by hand, as ``what`` of it shows."""
    help = "index what it was made from, and list it in .gitignore"
    return Problem(path, 1, "file skipped", f"{what}, as generated files have", help)


def _text(path: str, data: bytes) -> tuple[str, tuple[Problem, ...]]:
    try:
        return data.decode("utf-8-sig"), ()
    except UnicodeDecodeError as error:
        line_number = data.count(b"\n", 0, error.start) + 1
        reason = f"{error.reason}; read as Latin-1"
        problem = Problem(path, line_number, "text is not UTF-8", reason, "save the file as UTF-8")
        return data.decode("latin-1"), (problem,)


@cache
def readers_version() -> str:
    """What changes whenever something else may be found in an unchanged file: a digest of the readers and rules."""
    digest = blake2b(metadata.version("ast-grep-py").encode(), digest_size=8)

    def add(folder: Traversable) -> None:
        for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
            if entry.is_dir():
                add(entry)
            elif entry.name.endswith((".py", ".toml")):
                digest.update(entry.name.encode() + entry.read_bytes())

    add(resources.files("telemap.code"))
    return digest.hexdigest()
