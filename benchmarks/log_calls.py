"""Log calls of Python packages as Python's own ``ast`` reads them.

Nothing of the product is used: this is the truth that its own reader and matcher are measured against.
"""

from __future__ import annotations

import ast
import re
import string
import subprocess
import sys
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

LEVELS = {"debug", "info", "warning", "warn", "error", "exception", "critical", "fatal"}
LOGGER = re.compile(r"_*(?:log|logger|logging)|.*(?:_log|_logger|logger)", re.IGNORECASE)
PERCENT = re.compile(r"%(?:\((?P<name>\w+)\))?(?P<flags>[-+ #0]*(?:\*|\d+)?(?:\.(?:\*|\d+))?)[hlL]?(?P<type>[a-zA-Z%])")
INTEGER, HEXADECIMAL, REAL = "diu", "xX", "eEfFgG"


@dataclass(frozen=True, slots=True)
class Gap:
    """A value in a message: the expression, what the directive lets stand there, and how it writes it."""

    name: str
    kind: str
    write: Callable[[object], str]


Pieces = tuple[str | Gap, ...]
Constants = dict[str, ast.expr | None]
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True, slots=True)
class LogCall:
    """A call of a logger: where, in which function, and the texts that it can write (several of a conditional)."""

    file_path: str
    line_number: int
    end_line_number: int
    function_name: str
    level: str
    logger_name: str
    messages: tuple[Pieces, ...]

    @property
    def module(self) -> str:
        """What ``__name__`` is there."""
        return self.file_path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def installed(name: str, cache: Path) -> Path:
    """The folder of a package, installed into ``cache`` unless it is there; a folder is itself."""
    if Path(name).is_dir():
        return Path(name)
    target = cache / name
    if not target.is_dir():
        options = ["--quiet", "--no-deps", "--no-compile", "--disable-pip-version-check", "--target", str(target)]
        subprocess.run([sys.executable, "-m", "pip", "install", *options, name], check=True, stdout=sys.stderr)
    return target


def log_calls(folder: Path) -> Iterator[LogCall]:
    """The log calls of all modules below a folder."""
    for path in sorted(folder.rglob("*.py")):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SyntaxWarning)
            try:
                tree = ast.parse(path.read_bytes())
            except (SyntaxError, ValueError):
                continue
        yield from _Module(path.relative_to(folder).as_posix(), tree).calls()


class _Module:
    def __init__(self, file_path: str, tree: ast.Module) -> None:
        self.file_path = file_path
        self.tree = tree
        self.loggers: dict[str, str] = {}  # variable → the text that names its logger
        self.aliases: dict[str, str] = {}  # variable → the method of a logger that it is
        for node in tree.body:
            if isinstance(node, ast.Assign):
                self._note(node)

    def _note(self, node: ast.Assign) -> None:
        target, value = node.targets[0], node.value
        pairs = [(target, value)]
        if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple) and len(target.elts) == len(value.elts):
            pairs = list(zip(target.elts, value.elts, strict=True))
        for name, given in pairs:
            if not isinstance(name, ast.Name):
                continue
            if isinstance(given, ast.Attribute) and given.attr in LEVELS and _is_logger(given.value):
                self.aliases[name.id] = given.attr
            elif isinstance(given, ast.Call) and _is_get_logger(given):
                named = [argument.value for argument in given.args if isinstance(argument, ast.Constant)]
                self.loggers[name.id] = "".join(map(str, named[:1]))

    def calls(self) -> Iterator[LogCall]:
        yield from self._below(self.tree, (), [_constants(self.tree)])

    def _below(self, node: ast.AST, names: tuple[str, ...], scopes: list[Constants]) -> Iterator[LogCall]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                yield from self._below(child, (*names, child.name), [*scopes, _constants(child)])
                continue
            if isinstance(child, ast.Call):
                yield from self._call(child, names, scopes)
            yield from self._below(child, names, scopes)

    def _call(self, node: ast.Call, names: tuple[str, ...], scopes: list[Constants]) -> Iterator[LogCall]:
        method, logger = "", ""
        if isinstance(node.func, ast.Name):
            method = self.aliases.get(node.func.id, "")
        elif isinstance(node.func, ast.Attribute) and _is_logger(node.func.value):
            method = node.func.attr
            logger = self.loggers.get(node.func.value.id, "") if isinstance(node.func.value, ast.Name) else ""
        arguments = node.args
        if method == "log" and len(arguments) > 1:
            method, arguments = ast.unparse(arguments[0]).rpartition(".")[2].lower(), arguments[1:]
        elif method not in LEVELS:
            return
        if not arguments or any(isinstance(argument, ast.Starred) for argument in arguments[:1]):
            return
        read = _Reader(scopes)
        messages = [read.logged(text, arguments[1:]) for text in read.alternatives(arguments[0])]
        yield LogCall(
            self.file_path,
            node.lineno,
            node.end_lineno or node.lineno,
            ".".join(names),
            method,
            logger,
            tuple(dict.fromkeys(messages)),
        )


def _is_logger(node: ast.expr) -> bool:
    name = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
    return bool(LOGGER.fullmatch(name)) or _is_get_logger(node)


def _is_get_logger(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in ("getLogger", "get_logger")


def _constants(scope: ast.AST) -> Constants:
    """Names that a module, class or function binds: to what, if it does so once and by a plain assignment."""
    own = [arg.arg for arg in ast.walk(scope.args) if isinstance(arg, ast.arg)] if isinstance(scope, FUNCTIONS) else []
    given: dict[str, ast.expr] = {}
    waiting = [*ast.iter_child_nodes(scope)]
    while waiting:
        node = waiting.pop()
        if isinstance(node, (*FUNCTIONS, ast.ClassDef, ast.Lambda)):
            continue
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            own.append(node.id)
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and len(node.targets) == 1:
            given[node.targets[0].id] = node.value
        waiting += ast.iter_child_nodes(node)
    return {name: given.get(name) if count == 1 else None for name, count in Counter(own).items()}


class _Reader:
    """Expressions as pieces of a text."""

    def __init__(self, scopes: Sequence[Constants]) -> None:
        self.scopes = scopes

    def alternatives(self, node: ast.expr) -> list[ast.expr]:
        if isinstance(node, ast.IfExp):
            return [*self.alternatives(node.body), *self.alternatives(node.orelse)]
        return [node]

    def logged(self, node: ast.expr, arguments: Sequence[ast.expr]) -> Pieces:
        """The message of a logger: directives are filled only where values are given."""
        pieces = self.pieces(node)
        return _percent(pieces, arguments) if arguments else pieces

    def pieces(self, node: ast.expr, depth: int = 0) -> Pieces:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            return (node.value,)
        if isinstance(node, ast.JoinedStr):
            return _joined(piece for value in node.values for piece in self.pieces(value, depth))
        if isinstance(node, ast.FormattedValue):
            return (self._formatted(node),)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            return _joined((*self.pieces(node.left, depth), *self.pieces(node.right, depth)))
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod):
            left = self.pieces(node.left, depth)
            if any(isinstance(piece, str) for piece in left):
                return _percent(left, node.right.elts if isinstance(node.right, ast.Tuple) else [node.right])
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format":
            text = self.pieces(node.func.value, depth)
            if len(text) == 1 and isinstance(text[0], str):
                return _braces(text[0], node)
        if isinstance(node, ast.Name) and depth < 3:
            bound = next((scope[node.id] for scope in reversed(self.scopes) if node.id in scope), None)
            value = () if bound is None else self.pieces(bound, depth + 1)
            if any(isinstance(piece, str) for piece in value):  # else the code works it out
                return value
        return (_any(ast.unparse(node)),)

    def _formatted(self, node: ast.FormattedValue) -> Gap:
        specification = ""
        if isinstance(node.format_spec, ast.JoinedStr):
            parts = [part.value for part in node.format_spec.values if isinstance(part, ast.Constant)]
            specification = "".join(map(str, parts)) if len(parts) == len(node.format_spec.values) else ""
        conversion = repr if node.conversion == ord("r") else str
        return _specified(ast.unparse(node.value), specification, conversion)


def _any(name: str, write: Callable[[object], str] = str) -> Gap:
    return Gap(name, "", write)


def _joined(pieces: Iterable[str | Gap]) -> Pieces:
    """The pieces with neighbouring texts as one."""
    joined: list[str | Gap] = []
    for piece in pieces:
        if isinstance(piece, str) and joined and isinstance(joined[-1], str):
            joined[-1] += piece
        else:
            joined.append(piece)
    return tuple(joined)


def _percent(pieces: Pieces, arguments: Sequence[ast.expr]) -> Pieces:
    names, filled = iter([ast.unparse(argument) for argument in arguments]), list[str | Gap]()
    for piece in pieces:
        if isinstance(piece, Gap):
            filled.append(piece)
            continue
        end = 0
        for found in PERCENT.finditer(piece):
            filled.append(piece[end : found.start()])
            end = found.end()
            if found["type"] == "%":
                filled.append("%")
                continue
            directive = f"%{found['flags']}{found['type']}".replace("*", "")
            filled.append(_written(found["name"] or next(names, "?"), _kind(found["type"]), directive))
        filled.append(piece[end:])
    return _joined([piece for piece in filled if piece != ""])


def _written(name: str, kind: str, directive: str) -> Gap:
    def write(value: object) -> str:
        try:
            return directive % (value,)
        except (TypeError, ValueError, OverflowError):
            return str(value)

    return Gap(name, kind, write)


def _kind(letter: str) -> str:
    return "int" if letter in INTEGER else "float" if letter in REAL else "hex" if letter in HEXADECIMAL else ""


def _braces(text: str, node: ast.Call) -> Pieces:
    given = {keyword.arg: ast.unparse(keyword.value) for keyword in node.keywords}
    given |= {str(number): ast.unparse(argument) for number, argument in enumerate(node.args)}
    filled, automatic = list[str | Gap](), 0
    try:
        for literal, name, specification, conversion in string.Formatter().parse(text):
            filled.append(literal)
            if name is None:
                continue
            filled.append(
                _specified(
                    given.get(name or str(automatic), name), specification or "", repr if conversion == "r" else str
                )
            )
            automatic += not name
    except ValueError:
        return (text,)
    return _joined([piece for piece in filled if piece != ""])


def _specified(name: str, specification: str, conversion: Callable[[object], str]) -> Gap:
    if not specification:
        return _any(name, conversion)
    kind = "float" if specification.endswith("%") else _kind(specification[-1])

    def write(value: object) -> str:
        try:
            return format(value, specification)
        except (TypeError, ValueError):
            return format(conversion(value), "" if kind else specification)

    return Gap(name, kind, write)


def template_text(pieces: Pieces) -> str:
    """What is the same in two calls that write the same texts."""
    return "".join(piece if isinstance(piece, str) else f"\0{piece.kind}\0" for piece in pieces)
