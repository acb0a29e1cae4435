"""Sequence diagrams of Mermaid, in files of their own and in Markdown: a message is a step, its text the event."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from telemap.definitions.files import DefinitionFile
from telemap.definitions.flow import Flow
from telemap.definitions.located_yaml import YamlError, read_yaml
from telemap.definitions.markdown import fenced_blocks
from telemap.definitions.told_blocks import RefusalError, laid, told_step
from telemap.flows.net import NOTHING, Block, choice, in_turn, interleaving, loop, option, sequence
from telemap.model.declared import Step

MOST_DEPTH = 50  # of frames in each other
MOST_CHARACTERS = 1_000  # of a statement

_HEAD = re.compile(r"^[ \t]*sequenceDiagram\b", re.MULTILINE)
_FRONT_MATTER = re.compile(r"\s*---[ \t]*\n(.*?\n)---[ \t]*$", re.DOTALL | re.MULTILINE)
# What never ends must not be looked for again and again: no directive or description holds the beginning of another.
_LEFT_OUT = re.compile(r"%%\{(?:(?!%%\{)(?s:.))*?\}%%|^[ \t]*%%.*$|^[ \t]*accDescr\s*\{[^{}]*\}", re.MULTILINE)
_STATEMENT = re.compile(r"(?:#\w+;|[^;])+")
_TITLE = re.compile(r"title(?:\s*:\s*|\s+)(?P<title>.+)", re.IGNORECASE)
_PARTICIPANT = re.compile(
    r"(?:create\s+)?(?:participant|actor)\s+(?P<id>.+?)(?:\s*@\{.*\})?(?:\s+as\s+(?P<name>.+))?", re.IGNORECASE
)
# What shows or explains, and orders nothing.
_SILENT = re.compile(
    r"(?:activate|deactivate|destroy|autonumber|note|links?|properties|details|acctitle|accdescr)(?=[\s:]|$).*",
    re.IGNORECASE,
)
_KEYWORD = re.compile(r"(?P<word>\w+)(?=\s|$).*")
_ARROW = re.compile(r"<<-->>|<<->>|-->>|->>|-->|->|--x|-x|--\)|-\)")


def read_mermaid(files: Iterable[DefinitionFile]) -> Iterator[Flow]:
    """The sequence diagrams of the files, known by their titles, the headings above them or the names of the files."""
    for file in files:
        data = file.data()
        if data is None or b"sequenceDiagram" not in data or (text := file.text(data)) is None:
            continue
        text, stem = text.replace("\r\n", "\n"), file.path.name.partition(".")[0]
        is_markdown = file.path.name.endswith(".md")
        for code, line_number, heading in fenced_blocks(text, "mermaid") if is_markdown else [(text, 1, stem)]:
            if _HEAD.search(code):
                diagram = _Diagram(file.file_path, line_number)
                try:
                    yield diagram.flow(code, heading or stem)
                except RefusalError as error:
                    file.problem(*error.told)


@dataclass(slots=True)
class _Frame:
    """An ``alt``, ``loop`` … that is still open, or the diagram itself: its operands until now."""

    word: str
    line_number: int
    operands: list[list[tuple[Block, bool]]] = field(default_factory=lambda: [[]])

    def block(self) -> Block:
        """What the whole frame means, now that it is closed."""
        first, *others = map(in_turn, self.operands)
        return _FRAMES[self.word].meaning(first, others)


@dataclass(frozen=True, slots=True)
class _Kind:
    """What a frame means; ``next`` is the word that begins a further operand in it."""

    meaning: Callable[[Block, list[Block]], Block]
    next: str = ""


def _critical(first: Block, others: list[Block]) -> Block:
    return sequence(first, choice(*others, NOTHING)) if others else first


_FRAMES = {
    "alt": _Kind(lambda first, others: choice(first, *(others or [NOTHING])), "else"),
    "opt": _Kind(lambda first, _: option(first)),
    "loop": _Kind(lambda first, _: option(loop(first))),
    "par": _Kind(lambda first, others: interleaving(first, *others), "and"),
    "par_over": _Kind(lambda first, others: interleaving(first, *others), "and"),
    "critical": _Kind(_critical, "option"),
    "break": _Kind(lambda first, _: first),
}
_COLOURS = ("rect", "box")  # frames that only show


class _Diagram:
    def __init__(self, file_path: str, first_line: int) -> None:
        self._file_path, self._line_number = file_path, first_line
        self._frames = [_Frame("", first_line)]
        self._breaks: list[Block] = []  # what happens instead of all further operands of the diagram
        self._names: dict[str, str] = {}
        self._title = ""

    def flow(self, code: str, name: str) -> Flow:
        """The flow of the text of a diagram.

        Raises:
            RefusalError: something in it is not understood.
        """
        first_line = self._line_number
        code = _LEFT_OUT.sub(_blank, self._without_front_matter(code))
        lines = enumerate(code.split("\n"), start=first_line)
        statements = [(number, one.strip()) for number, line in lines for one in _STATEMENT.findall(line)]
        statements = [(number, one) for number, one in statements if one]
        self._line_number, head = next(iter(statements), (first_line, "nothing"))
        if head != "sequenceDiagram":
            raise self._refusal("diagram does not begin with 'sequenceDiagram'", f"it begins with {head[:60]!r}")
        begun = self._line_number
        for self._line_number, statement in statements[1:]:
            self._take(statement)
        if len(self._frames) > 1:
            frame = self._frames[-1]
            self._line_number = frame.line_number
            raise self._refusal(f"{frame.word!r} without its 'end'", "the diagram ends before it does")
        *before, last = self._frames[0].operands
        whole = in_turn(last)
        for operand, instead in zip(reversed(before), reversed(self._breaks), strict=True):
            whole = in_turn([*operand, (choice(instead, whole), False)])
        net, steps, limits = laid(whole)
        name = self._title or name
        return Flow(name, name, "mermaid", net, steps, self._file_path, begun, limits)

    def _without_front_matter(self, code: str) -> str:
        found = _FRONT_MATTER.match(code)
        if found is None:
            return code
        try:
            for document in read_yaml(found[1]):
                title = document.value.get("title") if isinstance(document.value, dict) else None
                if title and isinstance(title.value, str):
                    self._title = title.value
        except YamlError as error:
            self._line_number += found[0][: found.start(1) - found.start()].count("\n") + error.line_number - 1
            raise self._refusal("front matter is not usable YAML", str(error)) from error
        return _blank(found) + code[found.end() :]

    def _take(self, statement: str) -> None:
        if len(statement) > MOST_CHARACTERS:
            raise self._refusal("statement is too long", f"it has more than {MOST_CHARACTERS:,} characters")
        keyword = _KEYWORD.fullmatch(statement)
        word = keyword["word"].lower() if keyword else ""
        if title := _TITLE.fullmatch(statement):
            self._title = _plain(title["title"])
        elif participant := _PARTICIPANT.fullmatch(statement):
            self._names[participant["id"]] = _plain(participant["name"] or participant["id"])
        elif _SILENT.fullmatch(statement):
            pass
        elif word in _FRAMES or word in _COLOURS:
            self._open(word)
        elif word == "end":
            self._close()
        elif word in ("else", "and", "option"):
            frame = self._frames[-1]
            if not frame.word or frame.word in _COLOURS or _FRAMES[frame.word].next != word:
                raise self._refusal(f"{word!r} outside of its frame", f"it stands in {frame.word or 'no frame'}")
            frame.operands.append([])
        else:
            self._message(statement)

    def _message(self, statement: str) -> None:
        parties, colon, text = statement.partition(":")
        sender, *others = _ARROW.split(parties)
        if not (colon and sender.strip() and len(others) == 1 and others[0].strip(" +-")):
            raise self._refusal("statement is not understood", f"it is {statement[:60]!r}")
        arrow = parties[len(sender) :].removesuffix(others[0])
        if arrow.startswith(("--", "<<--")):
            return  # a reply
        event = re.sub(r"^(?:no)?wrap:", "", _plain(text)).strip()
        if not event:
            raise self._refusal("message without a text", "the text is the name of its event")
        name = others[0].removeprefix("()").strip().lstrip("+-").strip()
        receiver = self._names.get(name, _plain(name))
        is_handler = receiver.endswith("()")
        step = Step(
            event,
            self._file_path,
            self._line_number,
            handler=receiver.removesuffix("()") if is_handler else None,
            plugin=None if is_handler else receiver,
        )
        self._add(told_step(step), is_deferred=arrow == "-)")

    def _add(self, block: Block, *, is_deferred: bool = False) -> None:
        self._holder().operands[-1].append((block, is_deferred))

    def _holder(self) -> _Frame:
        """The innermost frame that means something."""
        return next(frame for frame in reversed(self._frames) if frame.word not in _COLOURS)

    def _open(self, word: str) -> None:
        around = self._holder().word
        if word == "break" and around:
            raise self._refusal(f"'break' inside {around!r} is not supported", "it is open what is left out")
        if len(self._frames) > MOST_DEPTH:
            raise self._refusal("diagram is nested too deeply", f"more than {MOST_DEPTH} frames lie in each other")
        self._frames.append(_Frame(word, self._line_number))

    def _close(self) -> None:
        if len(self._frames) == 1:
            raise self._refusal("'end' without a frame", "everything before it is closed")
        frame = self._frames.pop()
        if frame.word == "break":
            self._breaks.append(frame.block())
            self._frames[0].operands.append([])
        elif frame.word not in _COLOURS:
            self._add(frame.block())

    def _refusal(self, summary: str, reason: str) -> RefusalError:
        help = "docs/reference/definitions.md says which part of Mermaid is read"
        return RefusalError(self._line_number, summary, reason, help)


def _blank(found: re.Match[str]) -> str:
    """Nothing, on as many lines."""
    return "\n" * found[0].count("\n")


def _plain(text: str) -> str:
    """A text without line breaks and with its entities resolved, which Mermaid writes ``#35;``."""
    text = re.sub(r"#(\d+|\w+);", lambda found: html.unescape(f"&{'#' * found[1].isdigit()}{found[1]};"), text)
    return re.sub(r"\s*<br\s*/?>\s*|\s+", " ", text).strip()
