"""Regular expressions as lnav (PCRE2) has them → Python's."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

_TOKEN = re.compile(
    r"""\\Q(?P<quoted>.*?)(?:\\E|$)
      | \\(?P<escape>[gk](?:<\w+>|\{[+-]?\w+\}|'\w+'|\d+)|[pP](?:\{[^}]*\}|\w)|[xo]\{[0-9A-Fa-f]+\}|.)
      | (?P<set>\[\^?\]?(?:\[:\^?\w+:\]|\\.|[^\]\\])*\])
      | (?P<comment>\(\?\#[^)]*\))
      | \(\?(?P<flags>[a-zA-Z-]+)\)
      | \(\?(?:P?<|')(?P<name>[A-Za-z_]\w*)[>']
      | (?P<back>\(\?P=\w+\))
      | \((?P<open>\?(?:[:=!>]|<[=!]|\(\w+\)|[ims]+:|[ims]*-[ims]+:)|(?![?*]))
      | (?P<odd>\((?:\*\w+|\?.{0,2}))
      | (?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPES = {
    "h": r"[ \t]",
    "H": r"[^ \t]",
    "v": r"[\n\v\f\r]",
    "V": r"[^\n\v\f\r]",
    "R": r"(?:\r\n|[\n\v\f\r])",
    "N": r"[^\n]",
    "z": r"\Z",
    "e": r"\x1b",
    "E": "",
}
_STRANGE_ESCAPES = {
    "K": "forgets what was matched so far",
    "G": "begins where the last match ended",
    "X": "is a whole character of several code points",
    "C": "is one byte of a character",
    "p": "is a property of Unicode",
    "P": "is a property of Unicode",
    "c": "is a control character",
    "o": "is an octal number",
}
_STRANGE_GROUPS = {
    "(*": "a verb for the matcher",
    "(?|": "a group whose alternatives share numbers",
    "(?C": "a callout",
    "(?(": "a condition of its own",
}
_CLASSES = {
    "alpha": "A-Za-z",
    "digit": "0-9",
    "alnum": "A-Za-z0-9",
    "upper": "A-Z",
    "lower": "a-z",
    "xdigit": "0-9A-Fa-f",
    "space": r"\s",
    "blank": r" \t",
    "word": r"\w",
    "punct": r"!-/:-@\[-`{-~",
    "print": " -~",
    "graph": "!-~",
    "cntrl": r"\x00-\x1f\x7f",
}
_SET_PART = re.compile(r"\[:(\^?)(\w+):\]|\\x\{(\w+)\}|(\\.)|([\[&|~])", re.DOTALL)
_WORD_PART = re.compile(
    r"(?P<word>[\w ,;:/-])|\[(?P<set>[\w ,;:/]+)\]|\\(?P<escaped>[^\w\s])|[|^$)]|\(\?i\)|\((?:\?i?:)?"
)
_MOST_WORDS = 64
_ANCHORS = ("^", r"\A")


@dataclass(slots=True)
class _Level:
    """A group that is open: the flags that hold until it ends."""

    flags: list[str] = field(default_factory=list)

    @property
    def closing(self) -> str:
        return ")" * len(self.flags)

    @property
    def opening(self) -> str:
        return "".join(f"(?{flags}:" for flags in self.flags)


def python_regex(pcre: str, names: Mapping[str, str] | None = None) -> str:
    """The expression in Python's dialect, to be matched at the beginning of a line.

    PCRE's is searched for anywhere: one that is not bound to the beginning may skip what is before it.

    Args:
        pcre: the expression.
        names: new names for groups.

    Raises:
        ValueError: it has something that Python has not, or is wrong; the message says what.
    """
    new = names or {}
    levels, out, starts = [_Level()], [""], [""]
    for token in _TOKEN.finditer(pcre):
        text = _translated(token, new)
        kind = token.lastgroup
        if kind == "flags":
            levels[-1].flags.append(token["flags"])
        elif kind == "other" and text == ")":
            if len(levels) == 1:
                raise ValueError("unbalanced parenthesis")
            text = levels.pop().closing + text
        elif kind == "other" and text == "|":
            text = levels[-1].closing + text + levels[-1].opening
            if len(levels) == 1:
                out.append(text)
                starts.append("")
                continue
        elif kind in ("name", "open"):
            levels.append(_Level())
        if kind not in ("flags", "comment"):
            starts[-1] = starts[-1] or text
        out.append(text)
    regex = "".join(out) + levels[0].closing
    if not all(start in _ANCHORS for start in starts):
        regex = f".*?(?:{regex})"
    try:
        re.compile(regex.encode())
    except re.error as error:
        raise ValueError(error.msg) from error
    return regex


def _translated(token: re.Match[str], names: Mapping[str, str]) -> str:
    match token.lastgroup:
        case "quoted":
            return re.escape(token["quoted"])
        case "escape":
            return _escape(token["escape"], names)
        case "set":
            return token["set"][0] + _SET_PART.sub(_set_part, token["set"][1:])
        case "comment":
            return ""
        case "flags":
            if re.search(r"[^imsx-]", token["flags"]):
                raise ValueError(f"{token[0]} is an option or a recursion, which Python does not have")
            return f"(?{token['flags']}:"
        case "back":
            return _escape(f"k<{token[0][4:-1]}>", names)
        case "name":
            return f"(?P<{names.get(token['name'], token['name'])}>"
        case "odd":
            what = next((what for begin, what in _STRANGE_GROUPS.items() if token[0].startswith(begin)), "a recursion")
            raise ValueError(f"{token[0]}… is {what}, which Python does not have")
        case _:
            return token[0]


def _escape(escape: str, names: Mapping[str, str]) -> str:
    first, rest = escape[0], escape[1:].strip("<>{}'")
    if first in "gk" and rest:
        if rest.lstrip("+-").isdigit():
            return rf"(?:\{int(rest)})"
        return f"(?P={names.get(rest, rest)})"
    if first == "x" and rest:
        return re.escape(chr(int(rest, 16)))
    if first in _STRANGE_ESCAPES:
        raise ValueError(f"\\{escape} {_STRANGE_ESCAPES[first]}, which Python does not have")
    return _ESCAPES.get(escape, f"\\{escape}")


def _set_part(part: re.Match[str]) -> str:
    negated, name, code, escape, mark = part.groups()
    if name:
        if negated or name not in _CLASSES:
            raise ValueError(f"{part[0]} in a set, which Python does not have")
        return _CLASSES[name]
    if code:
        return re.escape(chr(int(code, 16)))
    if mark:  # Python keeps doubled ones for sets to come
        return f"\\{mark}"
    if escape in (r"\h", r"\v"):
        return _ESCAPES[escape[1]][1:-1]
    if escape[1] in "HVRN" or escape[1] in _STRANGE_ESCAPES:
        raise ValueError(f"{escape} in a set, which Python does not have")
    return escape


def words_of(pcre: str) -> list[str]:
    """All words that an expression fits from end to end, some of them if case does not matter; none if that are many.

    >>> words_of("^(?:WARN|[Ee]rr(?:or)?)$")
    ['WARN', 'Error', 'Err', 'error', 'err']
    """
    try:
        words, end = _words(pcre, 0)
    except ValueError:
        return []
    if end < len(pcre):
        return []
    if "(?i" in pcre:
        words = [case for word in words for case in (word.upper(), word.lower(), word.capitalize())]
    return list(dict.fromkeys(filter(None, words)))


def _words(pcre: str, place: int) -> tuple[list[str], int]:
    """The words of the alternatives that begin at ``place``, and where they end."""
    done: list[str] = []
    words = [""]
    while place < len(pcre):
        part = _WORD_PART.match(pcre, place)
        if part is None:
            raise ValueError
        if part[0] == ")":
            break
        place = part.end()
        if part[0] == "|":
            done, words = done + words, [""]
        elif part[0] not in ("^", "$", "(?i)"):
            choices = [*(part["word"] or part["set"] or part["escaped"] or ())]
            if part[0].startswith("("):
                choices, place = _words(pcre, place)
                if place == len(pcre):
                    raise ValueError
                place += 1
            if pcre.startswith("?", place):
                choices, place = [*choices, ""], place + 1
            if len(words) * len(choices) > _MOST_WORDS:
                raise ValueError
            words = [word + choice for word in words for choice in choices]
    return done + words, place
