"""What is looked for in a parsed file beside its functions: a reader each, with rows by the table that has them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from telemap.code.calls import parse_calls
from telemap.code.languages import Dialect, Language
from telemap.code.log_statements import log_statements
from telemap.code.registrations import read_registrations
from telemap.code.wrappers import Wrapper
from telemap.model.code import CodeFact, CodeSymbol

if TYPE_CHECKING:
    from ast_grep_py import SgNode

Rows = Mapping[str, Sequence[Any]]
Fact = TypeVar("Fact")


@dataclass(frozen=True, slots=True)
class SourceTree:
    """A parsed file, for what reads it.

    Args:
        root: of the syntax tree.
        file_path: relative to the indexed root.
        symbols: its functions.
        language: which rules read it.
        dialect: its language and grammar.
        wrappers: the functions of other files that it may be using as loggers.
    """

    root: SgNode
    file_path: str
    symbols: Sequence[CodeSymbol]
    language: Language
    dialect: Dialect
    wrappers: Sequence[Wrapper]


def _logging(tree: SourceTree) -> Rows:
    found = log_statements(tree.root, tree.file_path, tree.symbols, tree.language, tree.dialect, tree.wrappers)
    facts = [_fact(tree, one) for one in (*found.wrappers, *found.logger_names)]
    return {"log_statement": found.statements, "code_fact": facts}


def _registering(tree: SourceTree) -> Rows:
    found = read_registrations(tree.root, tree.file_path, tree.language.name, tree.symbols)
    return {"code_fact": [_fact(tree, found)]} if found else {}


def _calling(tree: SourceTree) -> Rows:
    found = parse_calls(tree.root, tree.file_path, tree.symbols, tree.language)
    return {"code_call": found.calls, "code_import": found.imports}


READERS: tuple[Callable[[SourceTree], Rows], ...] = (_logging, _registering, _calling)


def read(tree: SourceTree) -> tuple[Rows, str]:
    """The rows of all readers, and why some gave none; ``""`` where all got through."""
    found: dict[str, list[Any]] = {}
    reason = ""
    for reader in READERS:
        try:
            rows_of = reader(tree)
        except RecursionError:
            reason = "expressions are nested too deep"
        except Exception as error:  # a fault that one file brings to light does not stop the index of all others
            reason = f"a fault of telemap's own, {type(error).__name__}: {error}"
        else:
            for table, rows in rows_of.items():
                found.setdefault(table, []).extend(rows)
    return found, reason


def _fact(tree: SourceTree, content: object) -> CodeFact:
    return CodeFact(tree.file_path, type(content).__name__, msgspec.json.encode(content).decode())


def told(facts: Iterable[CodeFact], kind: type[Fact]) -> list[Fact]:
    """What the files tell of one kind."""
    decoder = msgspec.json.Decoder(kind)
    return [decoder.decode(fact.content) for fact in facts if fact.kind == kind.__name__]
