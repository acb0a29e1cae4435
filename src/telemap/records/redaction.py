"""Blocks of bytes → the same without the secrets in them, before anything is captured, learnt or stored.

A secret is found in two steps. *Hints*, plain words such as ``password`` or ``ghp_``, are searched for in lines that
may hold one; where one stands, the expressions it belongs to are tried. What is found is overwritten with as many
bytes, so that nothing moves, and so that lines which differ only in their secrets are of one shape.

Which lines may hold a secret is decided for each class of lines, by one of them: its shape, with something wild in
place of all that the masks hide. Beginnings of keys that a mask would hide are the marks of the class table.
"""

from __future__ import annotations

import re
import string
from bisect import bisect
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from telemap.records import scan
from telemap.records.formats import compiled
from telemap.records.redaction_rules import Rules, any_of

Ints = npt.NDArray[np.int64]
Span = tuple[int, int]
Parts = list[tuple[int, Span]]  # lines, and where in the block something stands in them

KEY_LINES = 200
"""How many lines from its edge a private key is followed where the other edge is missing; the longest have 100."""

OTHER_LINES = 4
"""How many lines of anything else may stand between them."""

KEY_NAME = "private key"
"""What a private key over several lines is counted as."""

LONGEST_KEY_LINE = 2**16
"""Lines of more bytes are no text of a key."""

LONG_KEY_TEXT = 40
"""From how many bytes on a word is text of a key wherever it stands; a line of a key has 64."""

NO_COLUMN = -1
PIECE_BYTES = 2**18

_ALPHABET = b"0abcdefghijklmnopqrstuvwxyz _-.:/?&;"
_SIGNS = bytes(_ALPHABET.find(b"0" if byte in b"123456789" else bytes([byte]).lower()) & 63 for byte in range(256))
_WILD = {"D": b"0" * 40, "U": b"Aa0" * 24, "X": b"Aa0" * 24, "W": b"Aa0" * 24 + b"_password"}  # W may be a name
# Where a value that is masked is a name; "==" may end base64.
_NAME = re.compile(rb"[=#][A-Za-z][\w-]*+[ \t]{0,2}(?:=(?!=)|==[ \t]{0,2}[^\s=&;,)\]}]|:[ \t]|%3)")
_KEY_EDGE = re.compile(rb"-----(BEGIN|END) [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----")
_KEY_LETTERS = string.ascii_letters.encode() + b"0123456789+/"
_KEY_CLOSERS = b" \t\"'\\,;)}]"


@dataclass(frozen=True, slots=True)
class Redaction:
    """A block without its secrets, itself if it had none; the lines that changed, ascending; how many secrets of what
    name it had."""

    block: memoryview
    lines: Ints
    secrets: Counter[str]


class _Found(NamedTuple):
    start: int
    end: int
    name: str


class Redactor:
    """Finds secrets by rules and overwrites them; keeps nothing of what it has seen."""

    def __init__(self, rules: Rules) -> None:
        self.marks = rules.marks
        self._by_hint = rules.by_hint
        self._marking = scan.marking(rules.marks)
        marks = {mark.partition(b"0")[0].rstrip(b".") for mark in rules.marks}
        self._hint = any_of(sorted(rules.by_hint))
        self._inkling = any_of(sorted(marks | rules.by_hint.keys()))
        words = [*rules.by_hint, *rules.marks]
        self._begins = _beginnings(words)
        self._longest = max(map(len, words))

    def are_suspect(self, lines: Sequence[bytes], values: bool = False) -> list[bool]:
        """Whether any line of the class of each of ``lines`` may hold a secret.

        Args:
            lines: one line of each class, whichever.
            values: whether the class table masks values; its marks are those of this redactor.
        """
        text = b"\n".join([*lines, b""])
        ends = np.cumsum([len(line) + 1 for line in lines])
        has_secret = set(np.searchsorted(ends, [found.start for found in self._found(text)], "right").tolist())
        places = [place for place, _ in self._words(text, self._inkling)]
        has_hint = set(np.searchsorted(ends, places, "right").tolist())
        return [
            # The line itself too: "db2password" is a mask, and its lines are likely to be all of that name.
            i in has_secret or ((i in has_hint or _hides(line, values)) and self._is_suspect(line, values))
            for i, line in enumerate(lines)
        ]

    def _is_suspect(self, line: bytes, values: bool) -> bool:
        if scan.is_marked(line, self._marking, values):
            return True
        shape = _wild_line(line, values)
        return shape is None or bool(_KEY_EDGE.search(shape)) or next(self._found(shape + b"\n"), None) is not None

    def has_hint(self, text: bytes) -> bool:
        """Whether something stands in ``text`` that may announce a secret."""
        return compiled(self._hint).search(text.lower()) is not None

    def lines_with_secrets(self, text: bytes, ends: Ints) -> Ints:
        """Which of the lines of ``text``, ascending; an edge of a private key counts as one."""
        secrets = [found.start for found in self._found(text + b"\n")]
        places = secrets + [edge.start() for edge in _KEY_EDGE.finditer(text)]
        return np.unique(np.searchsorted(ends, np.array(places, np.int64), "right"))

    def redacted(self, block: memoryview, begins: Ints, ends: Ints, suspects: Ints) -> Redaction:
        """The block with the secrets in some of its lines overwritten; the classes of lines that changed hold no more.

        Args:
            block: the bytes; left as they are.
            begins: where each line begins.
            ends: where it ends, without its line end.
            suspects: the lines to look at, ascending. A private key that begins or ends in one of them is overwritten
                in the lines after or before it too.
        """
        secrets = self._secrets(block, begins, ends, suspects)
        if not secrets:
            return Redaction(block, np.zeros(0, np.int64), Counter())
        copy = bytearray(block)
        lines = []
        for _, parts in secrets:
            for line, (start, end) in parts:
                copy[start:end] = filler(copy[start:end])
                lines.append(line)
        return Redaction(memoryview(copy), np.unique(lines), Counter(name for name, _ in secrets))

    def _secrets(self, block: memoryview, begins: Ints, ends: Ints, suspects: Ints) -> list[tuple[str, Parts]]:
        """The names of the secrets that show in some lines, and where they stand."""
        text = joined(block, begins[suspects], ends[suspects])
        found = [secret for secret in self._found(text) if not _is_filler(text[secret.start : secret.end])]
        starts = np.cumsum([0, *(ends - begins)[suspects] + 1])
        which = np.searchsorted(starts, [secret.start for secret in found], "right") - 1
        lines, moves = suspects[which].tolist(), (begins[suspects] - starts[:-1])[which].tolist()
        secrets: list[tuple[str, Parts]] = [
            (secret.name, [(line, (secret.start + move, secret.end + move))])
            for secret, line, move in zip(found, lines, moves, strict=True)
        ]
        if b"PRIVATE KEY" in text:
            known = dict(zip(suspects.tolist(), text.split(b"\n"), strict=False))
            secrets += (
                (KEY_NAME, key)
                for key in _keys(block, begins, ends, known)
                if not all(_is_filler(bytes(block[start:end])) for _, (start, end) in key)
            )
        return secrets

    def _found(self, text: bytes) -> Iterator[_Found]:
        """Where secrets stand in ``text``, which consists of whole lines, each with its end; ascending."""
        passed = 0
        for place, hint in self._words(text, self._hint):
            if place < passed:
                continue
            rules = self._by_hint[hint]
            for rule in rules:
                match = compiled(rule.regex).match(text, place)
                if match is not None:
                    yield _Found(*match.span(match.lastindex or 0), rule.name)
                    passed = match.end()
                    break
            if not rules:  # an innocent name
                passed = place + len(hint)

    def _words(self, text: bytes, words: bytes) -> Iterator[tuple[int, bytes]]:
        """Where ``words``, an expression for hints and marks, fits in ``text``, in either case, and what stands there.

        It is tried where three bytes are the first of a hint or a mark, some of a hundred places: a search for all
        takes four times as long. Piece by piece, for a line can be as long as memory has room for only once or twice.
        """
        match = compiled(words).match
        for start in range(0, len(text), PIECE_BYTES):
            small = text[start : start + PIECE_BYTES + self._longest].lower()
            signs = np.frombuffer(small[: PIECE_BYTES + 2].translate(_SIGNS), np.uint8).astype(np.uint32)
            begins = self._begins[signs[:-2] << 12 | signs[1:-1] << 6 | signs[2:]]
            for place in np.flatnonzero(begins).tolist():
                word = match(small, place)
                if word is not None:
                    yield start + place, word[0]


def _beginnings(words: Iterable[bytes]) -> npt.NDArray[np.bool_]:
    """Whether three signs, six bits each, are the first of one of ``words``; 0 is any digit, a third . any sign."""
    begins = np.zeros((64, 64, 64), np.bool_)
    for word in words:
        first, second, third = word[:3].translate(_SIGNS)
        begins[first, second, slice(None) if word[2:3] == b"." else third] = True
    return begins.reshape(-1)


def joined(block: memoryview, begins: Ints, ends: Ints) -> bytes:
    """Lines of a block, each with a newline at its end."""
    return b"\n".join([*(block[begin:end] for begin, end in zip(begins.tolist(), ends.tolist(), strict=True)), b""])


def filler(secret: bytes | bytearray) -> bytes:
    """As many bytes as ``secret`` has, which are masked alike whatever their number."""
    if secret.isdigit():  # where a number stood, as in JSON, nothing but a number may stand
        return b"9" * len(secret)
    return b"REDACTED"[: len(secret)].ljust(len(secret), b"0")


def _is_filler(text: bytes) -> bool:
    """Whether a secret was overwritten here before: when the line was read that wraps this one."""
    return text == filler(text)


def _hides(line: bytes, values: bool) -> bool:
    """Whether masks may hide hints in other lines of the class of ``line``."""
    return b"%" in line or b"\\" in line or (values and (b"value" in line or _NAME.search(line) is not None))


def _wild_line(line: bytes, values: bool) -> bytes | None:
    """The line with whatever any line of its class might have where masks are; None where that may be anything.

    A mask after a backslash or % hides the end of an escape together with what is behind it.
    """
    parts, passed = [], 0
    for start, end, kind in scan.masks(line, values):
        if kind == "X" and line[start - 1 : start] in (b"\\", b"%"):
            return None
        parts += [line[passed:start], _WILD[kind]]
        passed = end
    return b"".join([*parts, line[passed:]])


def _keys(block: memoryview, begins: Ints, ends: Ints, known: dict[int, bytes]) -> Iterator[Parts]:
    """The private keys that have an edge among the known lines.

    Each line of a key may be a record of its own, so that a block can hold the one edge without the other.
    """
    opened: tuple[int, int] | None = None  # the line of an edge that begins a key, and its column
    count = len(begins)
    for line, text in known.items():
        edges = list(_KEY_EDGE.finditer(text)) if b"PRIVATE KEY" in text else []
        for edge in edges:
            if edge[1] == b"BEGIN":
                if opened:
                    yield _key_lines(block, begins, ends, range(opened[0] + 1, line), opened[1], OTHER_LINES)
                opened = line, edge.start()
            elif opened and line - opened[0] <= KEY_LINES:
                yield _key_lines(block, begins, ends, range(opened[0] + 1, line), opened[1], count)
                opened = None
            else:
                yield _key_lines(block, begins, ends, range(line - 1, -1, -1), edge.start(), OTHER_LINES)
    if opened:
        yield _key_lines(block, begins, ends, range(opened[0] + 1, count), opened[1], OTHER_LINES)


def unfinished_key(data: bytes) -> int:
    """Where the line begins from which on a private key may go on in what follows ``data``; its length if none may.

    Whoever cuts a text there or before has each key in one piece.
    """
    begins: list[int] = []
    end = start = data.rfind(b"\n") + 1
    while start and len(begins) < KEY_LINES:
        start = data.rfind(b"\n", 0, start - 1) + 1
        begins.insert(0, start)
    edges = [*_KEY_EDGE.finditer(data, start, end)]
    if edges and edges[-1][1] == b"BEGIN":
        return data.rfind(b"\n", 0, edges[-1].start()) + 1
    lines = range(len(begins) - 1, bisect(begins, edges[-1].start()) - 1 if edges else -1, -1)
    ends = [end - 1 - data.endswith(b"\r\n", 0, end) for end in (*begins[1:], end)]
    text = _key_lines(memoryview(data), np.array(begins), np.array(ends), lines, NO_COLUMN, OTHER_LINES)
    return begins[text[-1][0]] if text else len(data)


def _key_lines(block: memoryview, begins: Ints, ends: Ints, lines: range, column: int, others: int) -> Parts:
    """Those of ``lines`` that hold text of a key, up to where ``others`` of them have held none.

    It stands at the end of a line: alone there, below the edge (``column``), or too long to be anything else.
    """
    found: Parts = []
    for line in lines[:KEY_LINES]:
        start, end = int(begins[line]), int(ends[line])
        text = bytes(block[start:end]) if end - start <= LONGEST_KEY_LINE else b""
        whole = text.rstrip(_KEY_CLOSERS).removesuffix(b"\\n").rstrip(_KEY_CLOSERS)
        before = whole.rstrip(b"=").rstrip(_KEY_LETTERS)
        size = len(whole) - len(before)
        is_alone = len(before) == column or size >= LONG_KEY_TEXT or not before.strip(b" \t|>+-\"'")
        if size and is_alone:
            found.append((line, (start + len(before), start + len(whole))))
        elif (others := others - 1) == 0:
            break
    return found
