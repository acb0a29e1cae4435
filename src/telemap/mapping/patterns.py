"""Templates as patterns: which of many a text fits, found by the rarest word of each.

Texts that differ only in numbers have one shape, which is looked at once, unless a template that comes into question
has digits of its own. A search takes time linear in the length of the text: a gap ends at the first place where what
follows it fits, and no second is tried.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from enum import Enum
from functools import cached_property, lru_cache

from telemap.model.code import Template, Variable

_DIGITS = re.compile(r"[0-9]+")
_WORD = re.compile(r"[^\W\d_]{2,}")
_ANY = "(.*?)"
_NUMBERS = {
    "int": r"(\s*[-+]?[0-9][0-9,_]{0,40})",
    "float": r"(\s*[-+]?(?:[0-9][0-9,_]{0,40}(?:\.[0-9]{0,40})?(?:[eE][-+]?[0-9]{1,4})?|nan|inf)%?)",
    "hex": r"(\s*[-+]?(?:0[xX])?[0-9a-fA-F_]{1,64})",
}
# What formatters write behind a message: further lines, `key=value`, a JSON object.
_ADDED = re.compile(r"\s*(?:[\r\n].*|(?:[\w.-]+=(?:\"[^\"]*+\"|'[^']*+'|\S*+)\s*+)+|\{.*\})?", re.DOTALL)

MOST_EMBEDDED = 4000  # characters of a text in which a template is looked for that begins somewhere inside it
MOST_HELD = 50_000_000  # characters of shapes that are remembered


class Fit(Enum):
    """How a template explains a text, in words, with how many characters of the template are fixed."""

    WHOLE = "text matches, {} characters fixed"
    EXTENDED = "text matches up to what formatters append, {} characters fixed"
    EMBEDDED = "text stands somewhere in the message, {} characters fixed"
    OPEN = "can write any text"

    __hash__ = object.__hash__  # members are one of a kind, and hashed for every record


Found = tuple[tuple[int, Fit], ...]


class Pattern:
    """What texts of a template look like. White space around a text does not count."""

    def __init__(self, template: Template, number: int = 0) -> None:
        first, *others = template.literals
        self.literals = (first.lstrip(), *others) if others else (first.strip(),)
        self.literals = (*self.literals[:-1], self.literals[-1].rstrip())
        self.number = number
        self.variables = template.variables
        self.kinds = tuple(variable.kind for variable in template.variables)
        self.prefix, self.suffix = self.literals[0], self.literals[-1]
        self.shortest = sum(map(len, self.literals))
        self.longest_literal = max(self.literals, key=len)
        self.fixed_characters = sum(len(part) for literal in self.literals for part in literal.split())
        self.has_digits = any(map(_DIGITS.search, self.literals))
        self.is_simple = not self.kinds or self.kinds == ("",)

    @cached_property
    def undigited(self) -> str:
        """The longest piece of its own text that has no digits."""
        return max((part for literal in self.literals for part in _DIGITS.split(literal)), key=len)

    @property
    def is_open(self) -> bool:
        """Whether it can write nearly anything, having no text of its own but digits."""
        return bool(self.kinds) and not self.undigited.strip() and (self.has_digits or not any(self.kinds))

    @cached_property
    def words(self) -> frozenset[str]:
        """Words that every text of the template has, whatever stands in its gaps."""
        return frozenset(self._words())

    def _words(self) -> Iterator[str]:
        for literal, before, after in zip(self.literals, (None, *self.kinds), (*self.kinds, None), strict=True):
            for found in _WORD.finditer(literal):
                # Text in a gap beside a word can make another word of it; a number cannot.
                begins = found.start() > 0 or before in (None, "int")
                if begins and (found.end() < len(literal) or after in (None, "int")):
                    yield found[0]

    def fits(self, text: str) -> bool:
        """Whether the template can have written the text, all of it."""
        if not (text.startswith(self.prefix) and text.endswith(self.suffix) and len(text) >= self.shortest):
            return False
        if self.is_simple:
            return bool(self.kinds) or len(text) == self.shortest
        return self._whole.match(text) is not None

    def part(self, text: str) -> Fit | None:
        """How the template explains some of the text; None if it cannot have written any of it."""
        if self.longest_literal not in text or (found := self._inside.search(text)) is None:
            return None
        return Fit.EXTENDED if found.start() == 0 and _ADDED.fullmatch(text, found.end()) else Fit.EMBEDDED

    def captured(self, text: str) -> tuple[tuple[Variable, str], ...]:
        """What stands in the gaps, of the text or of the part of it that the template explains."""
        found = self._whole.match(text.strip()) or self._inside.search(text.strip())
        values = found.groups() if found else ()
        return tuple(
            (variable, value.strip() if variable.kind else value)
            for variable, value in zip(self.variables, values, strict=False)
        )

    @cached_property
    def _whole(self) -> re.Pattern[str]:
        return re.compile(self._expression() + r"\Z", re.DOTALL)

    @cached_property
    def _inside(self) -> re.Pattern[str]:
        end = r"(?!\w)" if self.suffix else r"\Z"
        return re.compile(rf"(?:\A|(?<![^\W\d]))(?>{self._expression()}{end})", re.DOTALL)

    def _expression(self) -> str:
        """A gap for any text, with all up to the next such gap, is an atomic group, but for the last."""
        pieces = [re.escape(self.literals[0])]
        *_, last = (number for number, kind in enumerate(self.kinds) if not kind) if "" in self.kinds else (None,)
        is_open = False
        for number, (kind, literal) in enumerate(zip(self.kinds, self.literals[1:], strict=True)):
            if kind:
                pieces.append(_NUMBERS[kind])
            else:
                pieces.append((")" if is_open else "") + ("(?>" if number != last else "") + _ANY)
                is_open = number != last
            pieces.append(re.escape(literal))
        return "".join(pieces)


@lru_cache(maxsize=10_000)
def pattern_of(template: Template) -> Pattern:
    """The pattern of a template."""
    return Pattern(template)


class PatternIndex:
    """Many patterns, and which of them fit a text."""

    def __init__(self, templates: Sequence[Template]) -> None:
        self.patterns = tuple(Pattern(template, number) for number, template in enumerate(templates))
        self.open_numbers = tuple(pattern.number for pattern in self.patterns if pattern.is_open)
        counts = Counter(word for pattern in self.patterns for word in pattern.words)
        by_word: dict[str, list[Pattern]] = defaultdict(list)
        for pattern in self.patterns:
            if pattern.words:
                by_word[min(pattern.words, key=lambda word: (counts[word], -len(word), word))].append(pattern)
        self._by_word = dict(by_word)
        self._words = frozenset(by_word)
        wordless = [pattern for pattern in self.patterns if not pattern.words and not pattern.is_open]
        self._wordless = tuple(pattern for pattern in wordless if pattern.kinds)
        self._wordless_constants = {
            pattern.prefix: (pattern.number, Fit.WHOLE) for pattern in wordless if not pattern.kinds
        }
        self._by_shape: dict[str, Found] = {}
        self._held = 0

    def find(self, text: str) -> Found:
        """Numbers of the templates that fit, and how; ``open_numbers``, which fit every text, are not among them."""
        text = text.strip()
        if text in self._wordless_constants:
            return (self._wordless_constants[text],)
        shape = _DIGITS.sub("0", text)
        found = self._by_shape.get(shape)
        if found is not None:
            return found
        by_word = self._by_word
        worded = [pattern for word in self._words.intersection(_WORD.findall(shape)) for pattern in by_word[word]]
        wordless = [pattern for pattern in self._wordless if pattern.undigited in shape]
        if any(pattern.has_digits for pattern in worded) or any(pattern.has_digits for pattern in wordless):
            return _fitting(worded, wordless, text)
        if self._held > MOST_HELD:
            self._by_shape.clear()
            self._held = 0
        self._held += len(shape)
        self._by_shape[shape] = found = _fitting(worded, wordless, shape)
        return found


def _fitting(worded: list[Pattern], wordless: list[Pattern], text: str) -> Found:
    whole = [(pattern.number, Fit.WHOLE) for pattern in worded if pattern.fits(text)]
    loose = [(pattern.number, Fit.WHOLE) for pattern in wordless if pattern.fits(text)]
    if not whole:
        begin = text[:MOST_EMBEDDED]
        parts = ((pattern.number, pattern.part(begin)) for pattern in worded)
        whole = [(number, fit) for number, fit in parts if fit is not None]
    return tuple(whole + loose)
