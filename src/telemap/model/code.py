"""What is known of the code: functions, log statements, registrations and calls with their places, and links."""

from __future__ import annotations

from dataclasses import dataclass

from telemap.model.declared import Problem

HASH_DIGITS = 10  # of a commit, where people read it


@dataclass(frozen=True, slots=True)
class CodeFile:
    """A file of source code, or another part of the tree of which ``problems`` say why it is not read.

    ``content_hash`` is git's name of the content (its blob id), None where it was not read; ``language`` is None for
    what is no source file. ``modified_unix_nano`` is None where it does not tell whether the file is still the same.
    ``source_map_path`` is the source map that has the text of a file that is not there itself.
    """

    file_path: str
    language: str | None = None
    size_bytes: int = 0
    modified_unix_nano: int | None = None
    content_hash: str | None = None
    line_count: int = 0
    problems: tuple[Problem, ...] = ()
    source_map_path: str | None = None


@dataclass(frozen=True, slots=True)
class CodeSymbol:
    """A function or method.

    ``file_path`` is relative to the indexed root, with forward slashes; lines are 1-based and inclusive;
    ``qualified_name`` joins the enclosing classes and functions with dots; ``body_hash`` changes only when the
    text of the function does. ``root`` tells files apart that several roots have at the same path.
    ``body_line_number`` is the first line on which nothing but its body stands, behind its end where there is none.
    """

    file_path: str
    line_number: int
    end_line_number: int
    name: str
    qualified_name: str
    kind: str
    language: str
    is_exported: bool
    body_hash: str
    root: str = ""
    body_line_number: int | None = None


@dataclass(frozen=True, slots=True)
class Variable:
    """What fills a gap of a template: the expression in the code, and what its directive lets stand there.

    ``kind`` is ``int``, ``float``, ``hex``, or ``""`` for any text.
    """

    name: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Template:
    """A message as the code writes it: ``literals`` around ``variables``, of which there is one fewer.

    ``Template(("paid ", " EUR"), (Variable("amount", "float"),))`` is ``f"paid {amount:.2f} EUR"``. Text of which
    nothing is known, as of ``logger.info(text)``, is ``Template(("", ""), (Variable("text"),))``.
    """

    literals: tuple[str, ...]
    variables: tuple[Variable, ...] = ()

    def __str__(self) -> str:
        gaps = (
            f"{{{variable.name}}}{literal}" for variable, literal in zip(self.variables, self.literals[1:], strict=True)
        )
        return self.literals[0] + "".join(gaps)


@dataclass(frozen=True, slots=True)
class LogStatement:
    """A call that logs (``kind`` is ``log``), prints (``print``), or raises an error with a message (``raise``).

    ``line_number`` is where the call begins, ``function_name`` the qualified name of the function around it (``""``
    outside of all). ``severity_text`` is OpenTelemetry's short name, ``logger_name`` what the logger calls itself (for
    ``raise`` the class of the error), ``""`` where the code does not say. ``attributes`` are the keys of values that
    are logged beside the message; ``root`` as of a symbol.
    """

    file_path: str
    line_number: int
    end_line_number: int
    function_name: str
    kind: str
    severity_text: str
    logger_name: str
    template: Template
    attributes: tuple[str, ...]
    language: str
    root: str = ""


@dataclass(frozen=True, slots=True)
class Registration:
    """A place that binds a function to what calls it from outside.

    ``kind`` is ``http``, ``rpc``, ``messaging``, ``task``, ``command`` or ``event``; ``method`` the HTTP method
    (``""`` for all), ``name`` the route, topic, task, command or event as telemetry names it. ``handler`` is the
    function as the code names it there; ``handler_file_path`` and ``handler_line_number`` are None where it was not
    found in the same file.
    """

    file_path: str
    line_number: int
    kind: str
    framework: str
    method: str
    name: str
    handler: str
    handler_file_path: str | None = None
    handler_line_number: int | None = None


@dataclass(frozen=True, slots=True)
class CodeFact:
    """What a file tells that means something only beside what others tell: JSON, in a shape of its ``kind``."""

    file_path: str
    kind: str
    content: str


@dataclass(frozen=True, slots=True)
class Call:
    """A call in the code, on the line of the name that it calls.

    ``callee`` is as written (``self.repo.save``), without a receiver that is more than names (``.save`` for
    ``shops[0].save()``); ``name`` is its last part. ``function_name`` is the qualified name of the function around it,
    ``""`` outside of all.
    """

    file_path: str
    line_number: int
    function_name: str
    callee: str
    name: str


@dataclass(frozen=True, slots=True)
class Import:
    """What a file takes from a module, which is named as the file names it.

    ``names`` pairs the name in the module with the name in the file: ``from shop import pay as p`` is
    ``(("pay", "p"),)``. The module itself is ``""``, all that it has ``"*"``, what it exports without a name
    ``"default"``.
    """

    file_path: str
    line_number: int
    module: str
    names: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class CodeLocation:
    """One candidate place in code, with how sure the link is (0…1) and what it rests on.

    ``evidence`` is the kind of it, ``reason`` what a person can check; ``root`` as of a symbol. ``commit_id`` is the
    commit that it is a place in, if it is gone from the code as that is now.
    """

    file_path: str
    line_number: int
    function_name: str
    confidence: float
    evidence: str
    reason: str = ""
    root: str = ""
    commit_id: str | None = None
