"""What stands before the messages of a log whose format is not known: its parts, and expressions for them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from telemap.model.severity import severity_number
from telemap.records import times
from telemap.records.layouts import MONTHS, ZONES

LEAST_SHARE = 0.05
"""Of all lines that are not indented: rarer headers are not told."""

LEAST_AGREEMENT = 0.6
"""Of the lines that are alike so far: what fewer go on with belongs to their messages."""

MOST_PARTS = 8
MOST_WORDS_AHEAD = 4
MOST_SPELLINGS = 4
LONGEST_TIMESTAMP = 48

LETTERS = {"V": "TRACE", "T": "TRACE", "D": "DEBUG", "I": "INFO", "W": "WARN", "E": "ERROR", "C": "CRIT", "F": "FATAL"}
"""Single letters that stand for severities."""

_GENERAL = times.Layouts(times.GENERAL)
_TIME_WORDS = {*ZONES, *MONTHS, b"am", b"pm"}
_TIME_START = re.compile(r"@?(?:[^\W\d_]{3,9}\.?,? {0,2}){0,2}\d")
_TIME_END = re.compile(r"[\s\])>|,;}]|:(?=[\sA-Za-z\[])|$")
_LAST_WORD = re.compile(r"(?<![\dA-Za-z])[A-Za-z]+$")
_GAP = re.compile(r"[ \t]*(?:(?:[|,:;>]|-{1,2}|–|·|•|=>)[ \t]+|\||:(?=[A-Za-z\[]))?")
_BRACKETS = re.compile(r"\[[^\[\]]{1,60}\]|\([^()]{1,60}\)|<[^<>]{1,60}>|\{[\w./:-]{1,60}\}")
_SLASHED = re.compile(r"[\[(]([^\[\]()]{1,60})/(?=([A-Za-z]+)[\])])")
_WORD = re.compile(r"[A-Za-z]+(?![\w.$/-])", re.ASCII)
_PROCESS = re.compile(r"[A-Za-z][\w./-]*\[\d+\](?=:)", re.ASCII)
_NAME = re.compile(r"[A-Za-z_$][\w.$/@-]*[\w$](?=:[ \t]|[ \t]*>[ \t]|[ \t]+-{1,2}[ \t]|[ \t]*\|)", re.ASCII)
_DOTTED = re.compile(r"[A-Za-z_$]\w*(?:[.$/]\w+)+(?=[ \t])", re.ASCII)
_PAIR = re.compile(r'([A-Za-z_][\w.-]*="?)((?<=")(?:[^"\\]++|\\.)*+(?=")|(?<==)[^\s"]*(?=[ \t]|$))', re.ASCII)
_OFFSET = re.compile(r"(:.*)(?:\\\+|-)(\\d\{4\}|\\d\{2\}:\\d\{2\})$")
_PIECES = re.compile(r"(\\d\{\d+\}| \+?)")
_AHEAD = re.compile(r"[^\s\[]+(?=[ \t])")
_WORD_GAP = re.compile(r"[ \t]+[\[(]?")
_TAI64N = re.compile("@[0-9a-f]{24}")
_RUNS = re.compile(r"[0-9]+|[^\W\d_]+|[ \t]+|.")


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a header as one line has it.

    Args:
        role: ``timestamp``, ``severity``, ``letter`` (one that stands for a severity), ``process``, ``name``,
            ``bracket``, ``pair`` or ``word`` (one in front of the timestamp).
        before: the bracket, or the key of a pair, in front of it.
        text: what it says.
        after: the bracket or quote behind it.
        gap: blanks and marks up to what follows.
    """

    role: str
    before: str
    text: str
    after: str
    gap: str

    @property
    def kind(self) -> tuple[str, str, str, str]:
        """What the parts of lines that are alike have in common."""
        return self.role, self.before, self.after, self.gap.strip()


@dataclass(frozen=True, slots=True)
class Headed:
    """A line, and its header as far as it has been read."""

    line: str
    end: int = 0
    parts: tuple[Part, ...] = ()

    def has(self, *roles: str) -> bool:
        """Whether a part of one of these roles was found."""
        return any(part.role in roles for part in self.parts)

    def with_next(self, part: Part) -> Headed:
        """The same, read on."""
        size = len(part.before) + len(part.text) + len(part.after) + len(part.gap)
        return Headed(self.line, self.end + size, (*self.parts, part))


def headers(lines: Sequence[str]) -> list[list[Headed]]:
    """Lines with headers that are alike, the most frequent first; lines with rare ones, or none, are left out."""
    found = _alike([Headed(line) for line in lines], max(2, int(LEAST_SHARE * len(lines))))
    telling = [group for group in found if group[0].has("timestamp", "severity", "letter")]
    return sorted(telling, key=len, reverse=True)


def _alike(lines: list[Headed], least: int) -> Iterator[list[Headed]]:
    """Lines that are alike so far → those that are alike further on, and those whose message begins here."""
    following = [(line, _next_part(line)) for line in lines]
    by_kind: dict[object, list[Headed]] = {}
    for line, part in following:
        if part is not None:
            by_kind.setdefault(part.kind, []).append(line.with_next(part))
    taken = {kind: group for kind, group in by_kind.items() if _is_header(group, len(lines), least)}
    for group in taken.values():
        yield from _alike(group, least)
    rest = [line for line, part in following if part is None or part.kind not in taken]
    if len(rest) >= least:
        yield rest


def _is_header(group: Sequence[Headed], count: int, least: int) -> bool:
    """Whether the last part of lines that agree in it is one of their headers, and not of their messages."""
    part, texts = group[0].parts[-1], {line.parts[-1].text for line in group}
    if len(group) < least:
        return False
    is_plain_word = part.role == "severity" and not part.before and not all(map(str.isupper, texts))
    if part.role in ("timestamp", "severity", "process") and not is_plain_word:
        return True
    if part.role == "letter":
        return texts <= LETTERS.keys()
    # Names come again; what is nearly always another word belongs to the message.
    return len(group) >= LEAST_AGREEMENT * count and (part.role != "name" or len(texts) <= max(3, len(group) // 2))


def _next_part(headed: Headed) -> Part | None:
    """What the header of a line goes on with."""
    line, start = headed.line, headed.end
    if len(headed.parts) == MOST_PARTS:
        return None
    if not headed.has("timestamp") and (end := _time_end(line, start)):
        return _part(line, "timestamp", start, "", line[start:end], "")
    if (found := _PAIR.match(line, start)) is not None:
        return _part(line, _role(headed, found[2], "pair"), start, found[1], found[2], found[1].partition("=")[2])
    has_severity = headed.has("severity", "letter")
    if not has_severity and (found := _SLASHED.match(line, start)) and severity_number(found[2]) is not None:
        return Part("bracket", line[start], found[1], "/", "")
    if (found := _BRACKETS.match(line, start)) is not None:
        return _bracket(headed, found[0])
    if (found := _PROCESS.match(line, start)) is not None:
        return _part(line, "process", start, "", found[0], "")
    if not has_severity and (found := _WORD.match(line, start)) is not None:
        if severity_number(found[0]) is not None:
            is_slashed = headed.parts and headed.parts[-1].after == "/"
            return _part(line, "severity", start, "", found[0], line[found.end()] if is_slashed else "")
        if found[0] in LETTERS:
            return _part(line, "letter", start, "", found[0], "")
    if (found := _NAME.match(line, start) or (_DOTTED.match(line, start) if headed.parts else None)) is not None:
        return _part(line, "name", start, "", found[0], "")
    if (
        not headed.has("timestamp")
        and (found := _AHEAD.match(line, start)) is not None
        and _has_time_ahead(line, start)
    ):
        return _part(line, "word", start, "", found[0], "")
    return None


def _has_time_ahead(line: str, start: int) -> bool:
    """Whether a timestamp follows after a few words, as in the logs of web servers."""
    starts = (found.end() for found in islice(_WORD_GAP.finditer(line, start), MOST_WORDS_AHEAD))
    return any(_time_end(line, start) for start in starts)


def _bracket(headed: Headed, text: str) -> Part | None:
    role = _role(headed, text[1:-1], "bracket")
    if role == "bracket" and text[0] in "<(" and not headed.parts:
        return None
    return _part(headed.line, role, headed.end, text[0], text[1:-1], text[-1])


def _role(headed: Headed, text: str, otherwise: str) -> str:
    """The role of what is in brackets, or the value of a pair."""
    if not headed.has("timestamp") and _time_end(text, 0) == len(text) > 0:
        return "timestamp"
    if not headed.has("severity", "letter") and severity_number(text) is not None:
        return "severity"
    return otherwise


def _part(line: str, role: str, start: int, before: str, text: str, after: str) -> Part:
    gap = _GAP.match(line, start + len(before) + len(text) + len(after))
    return Part(role, before, text, after, gap[0] if gap else "")


def _time_end(line: str, start: int) -> int:
    """Where the timestamp ends that begins at ``start``; 0 if none does."""
    if not _TIME_START.match(line, start):
        return 0
    ends = [found.start() for found in _TIME_END.finditer(line, start + 1, start + LONGEST_TIMESTAMP)]
    ends = [end for end in ends if line[end - 1].isalnum() and not _ends_in_a_word(line[start:end])]
    if not ends:
        return 0
    _, kinds = times.read([line[start:end].encode() for end in ends], _GENERAL)
    return max((end for end, kind in zip(ends, kinds.tolist(), strict=True) if kind != times.UNREADABLE), default=0)


def _ends_in_a_word(text: str) -> bool:
    """Whether it ends in a word that is no part of a time: layouts take unknown ones for zones."""
    last = _LAST_WORD.search(text)
    return last is not None and last[0].lower().encode() not in _TIME_WORDS


def header_regex(lines: Sequence[Headed], names: Sequence[str]) -> str:
    """An expression for the headers of lines that are alike.

    Args:
        lines: the lines.
        names: of the groups for their parts.
    """
    regex = ""
    for number, name in enumerate(names):
        parts = [line.parts[number] for line in lines]
        if parts[0].role == "process":
            inside = r"(?P<process__executable__name>[^\s\[]+)\[(?P<process__pid>\d+)\]"
        else:
            inside = f"(?P<{name}>{_inside(parts)})"
        regex += _escaped(parts[0].before) + inside + _escaped(parts[0].after) + _gap_regex({p.gap for p in parts})
    return regex


def _inside(parts: Sequence[Part]) -> str:
    first, texts = parts[0], {part.text for part in parts}
    if first.role == "timestamp":
        return _timestamps([part.text for part in parts])
    if first.role == "letter":
        return f"[{''.join(LETTERS)}]"
    if first.role == "severity":
        padding = " *" if any(text != text.strip() for text in texts) else ""
        letters = "A-Z" if all(map(str.isupper, texts)) else "a-z" if all(map(str.islower, texts)) else "A-Za-z"
        return f"{padding}[{letters}]+{padding}"
    if first.after == '"':
        return r'(?:[^"\\]++|\\.)*+'
    if all(text.isascii() and text.isdigit() for text in texts):  # others are no digits to an expression on bytes
        return r"\d+"
    if first.role in ("pair", "word"):
        return r"\S*"
    return rf"[^{_escaped(first.after)}]*" if first.after else r"[\w.$/@-]+"


def _escaped(text: str) -> str:
    return re.sub(r"[\\.^$*+?{}\[\]|()]", r"\\\g<0>", text)


def _gap_regex(gaps: Collection[str]) -> str:
    """An expression for what stands between two parts; blanks are any number of them where that varies."""
    first = next(iter(gaps))
    if mark := first.strip():
        split = [gap.partition(mark) for gap in gaps]
        return _gap_regex({s[0] for s in split}) + _escaped(mark) + _gap_regex({s[2] for s in split})
    if len(gaps) == 1 and first in ("", " "):
        return first
    return r"\s*" if "" in gaps else r"\s+"


def _timestamps(texts: Sequence[str]) -> str:
    """An expression for timestamps: as they are spelt, with digits and words left open."""
    if all(map(_TAI64N.fullmatch, texts)):
        return _TAI64N.pattern
    spellings = Counter(_OFFSET.sub(r"\1[+-]\2", _RUNS.sub(_spelling, text)) for text in texts)
    if len({re.sub(r"\{\d+\}| \+?", "", spelling) for spelling in spellings}) > 1:
        chosen = sorted((spelling for spelling, _ in spellings.most_common(MOST_SPELLINGS)), key=len, reverse=True)
    else:  # they differ in the number of digits and blanks only
        alike: Iterator[tuple[str, ...]] = zip(*(_PIECES.split(spelling) for spelling in spellings), strict=True)
        chosen = ["".join(p[0] if len(set(p)) == 1 else r"\d+" if "d" in p[0] else " +" for p in alike)]
    return "|".join(re.sub(r"\\d\{([12])\}", lambda found: r"\d" * int(found[1]), spelling) for spelling in chosen)


def _spelling(run: re.Match[str]) -> str:
    text: str = run[0]
    if "0" <= text[0] <= "9":
        return rf"\d{{{len(text)}}}"
    if text[0].isalpha():
        return text if text in ("T", "Z") else r"[A-Za-z]+" if text.isascii() else r"\S+"
    if "\t" in text:
        return r"\s+"
    return _escaped(text) if text.strip() else " " if text == " " else " +"
