"""Templates as patterns: which of many a text fits, found by the rarest word of each.

Texts that differ only in numbers have one shape, which is looked at once, unless a template that comes into question
has digits of its own or two numbers side by side. A search takes time linear in the length of the text: a gap ends at
the first place where what follows it fits, and no second is tried.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import Enum
from functools import cached_property
from itertools import chain, pairwise
from operator import itemgetter

from telemap.model.code import Template, Variable
from telemap.model.identity import MadeOnce

_DIGITS = re.compile(r"[0-9]+")
_WORD = re.compile(r"[^\W\d_]{2,}")
_ANY = "(.*?)"
_NUMBERS = {
    "int": r"(\s{0,40}[-+]?[0-9][0-9,_]{0,40})",
    "float": r"(\s{0,40}[-+]?(?:[0-9][0-9,_]{0,40}(?:\.[0-9]{0,40})?(?:[eE][-+]?[0-9]{1,4})?|nan|inf)%?)",
    "hex": r"(\s{0,40}[-+]?(?:0[xX])?[0-9a-fA-F_]{1,64})",
}
# With as few digits as will do.
_SHORTEST = {kind: re.sub(r"\}|\)\?|%\?", r"\g<0>?", number) for kind, number in _NUMBERS.items()}
# What formatters write behind a message: further lines, `key=value`, a JSON object.
_ADDED = re.compile(r"\s*(?:[\r\n].*|(?:[\w.-]+=(?:\"[^\"]*+\"|'[^']*+'|\S*+)\s*+)+|\{.*\})?", re.DOTALL)

_PAIR = re.compile(r"(?<!\S)([\w.-]+)=(\"[^\"]*\"|'[^']*'|\S*)")

SCATTERED = 2  # times the characters of its longest piece count at most in a template
REPEATED = 4  # times the different characters
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
        self.begin_shape, self.end_shape = _DIGITS.sub("0", self.prefix), _DIGITS.sub("0", self.suffix)
        self.shortest = sum(map(len, self.literals))
        self.longest_literal = max(self.literals, key=len)
        self.fixed_characters = sum(len(part) for literal in self.literals for part in literal.split())
        self.has_digits = any(map(_DIGITS.search, self.literals))
        between = zip(pairwise(self.kinds), self.literals[1:-1], strict=True) if self.kinds else ()
        numbers_meet = any(all(kinds) and not text for kinds, text in between)
        self.minds_digits = self.has_digits or numbers_meet  # texts of one shape may differ in whether they fit
        self.is_simple = not self.kinds or self.kinds == ("",)

    @cached_property
    def undigited(self) -> str:
        """The longest piece of its own text that has no digits."""
        return max((part for literal in self.literals for part in _DIGITS.split(literal)), key=len)

    @cached_property
    def telling_characters(self) -> int:
        """How many fixed characters tell it from others: many texts have rules (-----) and short words between gaps."""
        pieces = ["".join(literal.split()) for literal in self.literals]
        different = len(set().union(*pieces))
        return min(self.fixed_characters, SCATTERED * max(map(len, pieces)), REPEATED * different)

    @property
    def is_open(self) -> bool:
        """Whether it can write nearly anything, having no text of its own but digits."""
        return bool(self.kinds) and not self.undigited.strip() and (self.has_digits or not any(self.kinds))

    @cached_property
    def words(self) -> frozenset[str]:
        """Words that every text of the template has, whatever stands in its gaps."""
        return frozenset(self._words())

    @property
    def first_word(self) -> str:
        """The first word of every text of the template; none where that depends on a gap."""
        found = _WORD.search(self.prefix)
        is_bounded = found is not None and (found.end() < len(self.prefix) or self.kinds[:1] in ((), ("int",)))
        return found[0] if found and is_bounded else ""

    def _words(self) -> Iterator[str]:
        for literal, before, after in zip(self.literals, (None, *self.kinds), (*self.kinds, None), strict=True):
            for found in _WORD.finditer(literal):
                # Text in a gap beside a word can make another word of it; a number cannot.
                begins = found.start() > 0 or before in (None, "int")
                if begins and (found.end() < len(literal) or after in (None, "int")):
                    yield found[0]

    def fits(self, text: str) -> bool:
        """Whether the template can have written the text, all of it."""
        if not (text.startswith(self.prefix) and text.endswith(self.suffix)):
            return False
        if not self.is_simple:
            return any(form.match(text) for form in self._whole)
        return len(text) >= self.shortest if self.kinds else len(text) == self.shortest

    def part(self, text: str) -> Fit | None:
        """How the template explains some of the text; None if it cannot have written any of it."""
        if self.longest_literal not in text or (found := self._inside.search(text)) is None:
            return None
        return Fit.EXTENDED if found.start() == 0 and _ADDED.fullmatch(text, found.end()) else Fit.EMBEDDED

    def captured(self, text: str) -> list[tuple[Variable, str]]:
        """What stands in the gaps, and as ``key=value`` behind the part of the text that the template explains."""
        text = text.strip()
        usual, *rarer = self._whole
        found = usual.match(text) or next(filter(None, (form.match(text) for form in rarer)), None)
        added: list[tuple[Variable, str]] = []
        if found is None and (found := self._inside.search(text)) is not None:
            is_extended = "=" in text and _ADDED.fullmatch(text, found.end())
            pairs = _PAIR.findall(text, found.end()) if is_extended else ()
            added = [(Variable(key), value.strip("\"'")) for key, value in pairs]
        if found is None:
            return []
        values = zip(self.variables, found.groups(), strict=True)
        return added + [(variable, value.strip() if variable.kind else value) for variable, value in values]

    @cached_property
    def _whole(self) -> tuple[re.Pattern[str], ...]:
        """A number takes all of its digits; if that leaves too few for what follows a gap behind it, as few as do."""
        is_followed = any(self.kinds[: self._last_open])
        forms = (_NUMBERS, _SHORTEST) if is_followed else (_NUMBERS,)
        return tuple(re.compile(self._expression(numbers) + r"\Z", re.DOTALL) for numbers in forms)

    @cached_property
    def _last_open(self) -> int:
        """Where the last gap for any text is; 0 without one."""
        return max((number for number, kind in enumerate(self.kinds) if not kind), default=0)

    @cached_property
    def _inside(self) -> re.Pattern[str]:
        begin = r"(?<![^\W\d])" if self.prefix else r"\A"  # a gap there takes whatever stands in front
        end = r"(?!\w)" if self.suffix else r"\Z"
        return re.compile(rf"{begin}(?>{self._expression(_NUMBERS)}{end})", re.DOTALL)

    def _expression(self, numbers: Mapping[str, str]) -> str:
        """A gap for any text, with all up to the next such gap, is an atomic group, but for the last."""
        pieces = [re.escape(self.literals[0])]
        is_open = False
        for number, (kind, literal) in enumerate(zip(self.kinds, self.literals[1:], strict=True)):
            if kind:
                pieces.append(numbers[kind])
            else:
                pieces.append((")" if is_open else "") + ("(?>" if number != self._last_open else "") + _ANY)
                is_open = number != self._last_open
            pieces.append(re.escape(literal))
        return "".join(pieces)


# The pattern of a template.
pattern_of: MadeOnce[Template, Pattern] = MadeOnce(Pattern, 10_000)


ByWord = dict[str, list[Pattern]]


class PatternIndex:
    """Many patterns, and which of them fit a text."""

    def __init__(self, templates: Sequence[Template]) -> None:
        self.patterns = tuple(Pattern(template, number) for number, template in enumerate(templates))
        self.open_numbers = tuple(pattern.number for pattern in self.patterns if pattern.is_open)
        counts = Counter(word for pattern in self.patterns for word in pattern.words)
        by_rarest: ByWord = defaultdict(list)
        by_first: dict[str, ByWord] = defaultdict(lambda: defaultdict(list))
        for pattern in self.patterns:
            if pattern.words:
                rarest = min(pattern.words, key=lambda word: (counts[word], -len(word), word))
                by_rarest[rarest].append(pattern)
                by_first[pattern.first_word][rarest].append(pattern)
        wordless = [pattern for pattern in self.patterns if not pattern.words and not pattern.is_open]
        self._by_rarest, self._led = dict(by_rarest), {first: dict(words) for first, words in by_first.items()}
        self._unled = self._led.pop("", {})
        self._wordless = [(pattern.undigited, pattern) for pattern in wordless if pattern.kinds]
        self._constants: dict[str, Found] = {}
        for pattern in wordless:
            if not pattern.kinds:
                same = self._constants.get(pattern.prefix, ())
                self._constants[pattern.prefix] = (*same, (pattern.number, Fit.WHOLE))
        self._constant_shapes = {_DIGITS.sub("0", text) for text in self._constants}
        self._by_shape: dict[str, Found] = {}
        self._held = 0

    def find(self, text: str) -> Found:
        """Numbers of the templates that fit, and how; ``open_numbers``, which fit every text, are not among them."""
        text = text.strip()
        shape = _DIGITS.sub("0", text)
        found = self._by_shape.get(shape)
        if found is None:
            found = self._searched(text, shape)
        return found + self._constants[text] if text in self._constants else found

    def is_told_by_shape(self, text: str) -> bool:
        """Whether texts that differ only in their digits fit the same templates."""
        self.find(text)
        shape = _DIGITS.sub("0", text.strip())
        return shape in self._by_shape and shape not in self._constant_shapes

    def _searched(self, text: str, shape: str) -> Found:
        words = _WORD.findall(shape) or [""]
        candidates = (_with(words, self._led.get(words[0], {})), _with(words, self._unled))
        worded = [pattern for patterns in candidates for pattern in _around(shape, patterns)]
        wordless = [pattern for piece, pattern in self._wordless if piece in shape]
        found = _whole(worded, text)
        if not found:
            worded = _with(words, self._by_rarest)
            found = _parts(worded, text[:MOST_EMBEDDED])
        found += _whole(wordless, text)
        result = tuple(sorted(found, key=itemgetter(0)))
        if not any(pattern.minds_digits for pattern in chain(worded, wordless)):
            self._remember(shape, result)
        return result

    def _remember(self, shape: str, found: Found) -> None:
        if self._held > MOST_HELD:
            self._by_shape.clear()
            self._held = 0
        self._held += len(shape)
        self._by_shape[shape] = found


def _with(words: list[str], by_rarest: ByWord) -> list[Pattern]:
    return [pattern for word in by_rarest.keys() & words for pattern in by_rarest[word]]


def _around(shape: str, patterns: list[Pattern]) -> list[Pattern]:
    """Those of the patterns that begin and end like the text, numbers apart: few are left to be looked at closely."""
    begins, ends = shape.startswith, shape.endswith
    return [pattern for pattern in patterns if begins(pattern.begin_shape) and ends(pattern.end_shape)]


def _whole(patterns: Iterable[Pattern], text: str) -> list[tuple[int, Fit]]:
    return [(pattern.number, Fit.WHOLE) for pattern in patterns if pattern.fits(text)]


def _parts(patterns: Iterable[Pattern], text: str) -> list[tuple[int, Fit]]:
    parts = ((pattern.number, pattern.part(text)) for pattern in patterns)
    return [(number, fit) for number, fit in parts if fit is not None]
