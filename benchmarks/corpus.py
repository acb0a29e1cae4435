"""A made log in the shape of the MusicalConductor's console, and what must be found in it.

One page life, a *chapter* of some 40,000 lines, is written in Python. The log is that chapter again and again with
other times, numbers and ids, which NumPy writes into their places: making ten million lines takes seconds, and what is
true of one chapter is true of all. The conductor runs one sequence at a time, so the lines of runs never interleave
with one another; the lines of the application stand between them anywhere.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from benchmarks import conductor_lines as conductor

if TYPE_CHECKING:
    from pathlib import Path

Flow = tuple[str, str, str, str]
Ints = npt.NDArray[np.int64]

CHAPTER_LINES = 40_000
APPLICATION_TEMPLATES = 241
APPLICATION_SHARE = 0.27  # chance of a line of the application after a line of the conductor
MALFORMED_SHARE = 0.05  # of the application's lines: one of a hundred of all
STACK_SHARE = 0.02  # of the application's lines
LATE_SHARE = 0.1  # of the handlers: end after their beat
FAILING_SHARE = 0.005
BATON_SHARE = 0.4  # of the handlers: change the baton

EPOCH_MS = 1_772_409_600_000  # 2026-03-02
CLOCK_START = 10**9  # of the page, in hundredths of a millisecond, so that its width never changes

LEADS = ("🧩 Layout:", "📦 Depot:", "[cache]", "🚚 Fleet:", "Gateway:", "🔎 Search:", "[scanner]", "💾 Storage:")
WORDS = """
parcel shelf pallet route driver label scale lane dock queue basket entry window session stock slot order stop batch
gate refreshed resolved moved dropped stored reloaded merged released checked skipped delayed matched for with after
before from into without pending current next previous stale
"""
PLANTED = ("records", "sequences", "movements", "beats", "handlers", "errors", "caused")
VARIABLES = ("{n}", "{n}", "{d}ms", "id={h}", "({n}/{n})", '{{"row":{n},"lane":"{h}"}}', "#{i}")


@dataclass(frozen=True, slots=True)
class Truth:
    """What must be found in a made log; ``caused`` are the runs that a handler asked for."""

    bytes: int
    lines: int
    records: int
    sequences: int
    movements: int
    beats: int
    handlers: int
    errors: int
    caused: int
    beat_duration_ns: int


@dataclass(frozen=True, slots=True)
class _Layout:
    """How a number is written: ``#`` for each place of it, in ``alphabet``; values lie from ``lowest`` on."""

    text: str
    alphabet: bytes = b"0123456789"
    lowest: int = 0

    @property
    def places(self) -> list[int]:
        return [place for place, character in enumerate(self.text) if character == "#"]

    @property
    def limit(self) -> int:
        return int(len(self.alphabet) ** self.text.count("#"))


_BASE36, _LETTERS = b"0123456789abcdefghijklmnopqrstuvwxyz", b"abcdefghijklmnopqrstuvwxyz"
_LAYOUTS = {
    "t": _Layout("2026-03-##T##:##:##.###Z"),
    "p": _Layout("########.##"),
    "e": _Layout("#" * 13),
    "d": _Layout("###.##", lowest=10_000),
    "m": _Layout("###", lowest=100),
    "n": _Layout("###", lowest=100),
    "i": _Layout("#" * 9, _BASE36),
    "h": _Layout("#" * 6, _BASE36),
}
_WITHOUT_DIGITS = {name: _Layout("#" * 9, _LETTERS) for name in "nihw"}
_MARK = re.compile(rb"\x02(\w)(\d+)\x03")


class _Values(dict[str, str]):
    """Names for ``str.format_map``; the name of a layout is a number of its own at each use."""

    def __init__(self, chapter: _Chapter, **names: str) -> None:
        super().__init__(names)
        self._chapter = chapter

    def __missing__(self, layout: str) -> str:
        return self._chapter.slot(layout)


class _Chapter:
    """One page life as text, with a mark at each place of a number, and counts of what is planted in it."""

    def __init__(self, lines: int, rng: random.Random, digits: bool) -> None:
        self.rng = rng
        self.digits = digits
        self.layouts = _LAYOUTS if digits else _LAYOUTS | _WITHOUT_DIGITS
        self.clock = 0  # hundredths of a millisecond
        self.lines: list[str] = []
        self.known: dict[str, list[int]] = {layout: [] for layout in self.layouts}
        self.beat_durations: list[int] = []  # which of the numbers they are
        self.planted: Counter[str] = Counter()
        self._templates = [_application_template(rng) for _ in range(APPLICATION_TEMPLATES)]
        self._weights = list(accumulate(1 / rank for rank in range(1, APPLICATION_TEMPLATES + 1)))
        self._say(conductor.PAGE, _Values(self))
        while len(self.lines) < lines:
            flow = rng.choice([f for f in conductor.FLOWS if f not in conductor.NESTED.values()])
            values = self._named(flow)
            self._say(conductor.REQUEST, values)
            self._run(flow, values)

    def slot(self, layout: str) -> str:
        """The mark of a new number; times are known from the chapter, all others are drawn for each repetition."""
        known = {"t": self.clock // 100, "e": self.clock // 100, "p": self.clock}
        self.known[layout].append(known.get(layout, 0))
        return f"\x02{layout}{len(self.known[layout]) - 1}\x03"

    # ---- lines

    def _say(self, text: str, values: _Values) -> None:
        """Write lines of the conductor, and lines of the application between them."""
        for line in text.split("\n"):
            self.clock += self.rng.randrange(200)
            if line.startswith("|"):
                self.lines.append(line[1:].format_map(values))
            else:
                self.lines.append(f"EventBus.ts:70 {self.slot('t')} {line.format_map(values)}")
                if self.rng.random() < APPLICATION_SHARE:
                    self._interject(_Values(self))
            self.planted["records"] += not line.startswith("|    ")

    def _interject(self, values: _Values) -> None:
        place, body = self.rng.choices(self._templates, cum_weights=self._weights)[0]
        start, chance = f"{place} {self.slot('t')} ", self.rng.random()
        self.planted["records"] += 1
        if chance < MALFORMED_SHARE:
            self._malform(start, re.sub(r"\{+[^}]*\}+", "", body))
        elif chance < MALFORMED_SHARE + STACK_SHARE:
            self.lines.append(f"{start}Uncaught Error: {body.format_map(values)}")
            for frame in self.rng.choices(WORDS.split(), k=self.rng.randrange(3, 12)):
                self.lines.append(f"    at {frame} ({place}:{len(frame)})")
        else:
            self.lines.append(start + body.format_map(values))

    def _malform(self, start: str, body: str) -> None:
        """Write a line that is cut short, is not UTF-8, lost its prefix or half of it, or is no text at all."""
        lines = (
            start + body[: len(body) // 2],
            start + body[:8] + "\udcff\udce2\udc82" + body[8:],
            body.lstrip("["),
            start[:5],
            "\udcf5" + "".join(chr(0xDC80 + self.rng.randrange(128)) for _ in range(self.rng.randrange(5, 120))),
        )
        kind = self.rng.randrange(len(lines))
        self.planted["records"] -= kind > 1  # the last three continue the record above
        self.lines.append(lines[kind])

    # ---- runs

    def _word(self) -> str:
        """Letters that differ at each use where the log shall hold no digits, else nothing."""
        return "" if self.digits else self.slot("w")

    def _named(self, flow: Flow) -> _Values:
        name, plugin, movement, steps = flow
        word = self._word()
        slug = name.lower().replace(" ", "-") + word
        return _Values(
            self,
            name=name + word,
            plugin=plugin,
            movement=movement,
            beats=str(len(steps.split())),
            id=f"{slug}-symphony",
            topic=f"{slug}.requested",
            request=f"{slug}-symphony-{self.slot('e')}-{self.slot('i')}",
        )

    def _run(self, flow: Flow, values: _Values) -> None:
        """Write a run that has been asked for, and then the one that its last handler asks for, if any."""
        self.planted.update(sequences=1, movements=1)
        self._say(conductor.START, values)
        steps, asked = flow[3].split(), None
        for number, step in enumerate(steps, 1):
            beat = self._beat(values, number, step)
            self._say(conductor.BEAT, beat)
            rest = [self._handler_end(), conductor.SETTLED]
            if number == len(steps):
                rest.append(conductor.END)
                if flow in conductor.NESTED:
                    asked = self._named(conductor.NESTED[flow])
                    self._say(conductor.REQUEST, asked)
            if self.rng.random() < LATE_SHARE:
                rest.append(rest.pop(0))
            for text in rest:
                self._say(text, beat)
        if asked is not None:
            self.planted["caused"] += 1
            self._run(conductor.NESTED[flow], asked)

    def _beat(self, values: _Values, number: int, step: str) -> _Values:
        self.planted.update(beats=1, handlers=1)
        self.beat_durations.append(len(self.known["m"]))
        word, verb, noun = self._word(), *f"{step}-".title().split("-")[:2]
        return _Values(
            self,
            **values,
            beat=str(number),
            title=f"{verb} {noun}".strip() + word,
            event=f"{values['id'].removesuffix('-symphony').replace('-', ':')}:{step}",
            handler=verb.lower() + noun + word,
            took=self.slot("m"),
        )

    def _handler_end(self) -> str:
        chance = self.rng.random()
        if chance < FAILING_SHARE:
            self.planted["errors"] += 1
            return f"{conductor.FAILED}\n{conductor.RESOLVED}"
        baton = conductor.CHANGED if chance < FAILING_SHARE + BATON_SHARE else conductor.UNCHANGED
        return f"{conductor.RESOLVED}\n{baton}"


def _application_template(rng: random.Random) -> tuple[str, str]:
    """The place and the text of a statement of the application; the text is for ``str.format_map``."""
    words = WORDS.split()
    place = f"{rng.choice(words).title()}View.ts:{rng.randrange(10, 900)}"
    parts = rng.choices(words, k=rng.randrange(10, 25))
    for variable in rng.choices(VARIABLES, k=rng.randrange(1, 5)):
        parts.insert(rng.randrange(1, len(parts) + 1), variable)
    return place, f"{rng.choice(LEADS)} {' '.join(parts)}"


def make(path: Path, lines: int, seed: int, *, digits: bool = True) -> Truth:
    """Write a log to ``path`` and say what must be found in it.

    Args:
        path: the file to write.
        lines: how many at least; some dozens a chapter more are written, so that each run comes to its end.
        seed: the same log for the same seed.
        digits: whether variables hold digits; if not, nearly every line has a shape of its own.
    """
    chapters = max(1, round(lines / CHAPTER_LINES))
    chapter = _Chapter(-(-lines // chapters), random.Random(seed), digits)
    text, patches = _numbered(chapter)
    rng = np.random.default_rng(seed)
    span = chapter.clock // 100 + 5000
    beat_duration = 0
    with path.open("wb") as file:
        for number in range(chapters):
            for name, patch in patches.items():
                values = _values(name, chapter, number * span, rng)
                if name == "m":
                    beat_duration += int(values[chapter.beat_durations].sum())
                patch.write(text, values)
            file.write(text.data)
    return Truth(
        bytes=len(text) * chapters,
        lines=len(chapter.lines) * chapters,
        beat_duration_ns=beat_duration * 10**6,
        **{name: chapter.planted[name] * chapters for name in PLANTED},
    )


@dataclass(frozen=True, slots=True)
class _Patch:
    """Where the numbers of one layout stand in a chapter, and which of them stands at each place."""

    layout: _Layout
    starts: Ints
    numbers: Ints

    def write(self, text: npt.NDArray[np.uint8], values: Ints) -> None:
        """Put ``values`` in their places."""
        left = values[self.numbers]
        alphabet = np.frombuffer(self.layout.alphabet, np.uint8)
        for place in reversed(self.layout.places):
            left, digit = np.divmod(left, len(alphabet))
            text[self.starts + place] = alphabet[digit]


def _numbered(chapter: _Chapter) -> tuple[npt.NDArray[np.uint8], dict[str, _Patch]]:
    """The bytes of a chapter, and where its numbers belong."""
    marked = ("\n".join(chapter.lines) + "\n").encode(errors="surrogateescape")
    found: dict[str, list[tuple[int, int]]] = {name: [] for name in chapter.layouts}
    text, after = bytearray(), 0
    for mark in _MARK.finditer(marked):
        text += marked[after : mark.start()]
        name = mark[1].decode()
        found[name].append((len(text), int(mark[2])))
        text += chapter.layouts[name].text.encode()
        after = mark.end()
    text += marked[after:]
    tables = {name: np.array(places, np.int64).reshape(-1, 2) for name, places in found.items()}
    patches = {name: _Patch(chapter.layouts[name], table[:, 0], table[:, 1]) for name, table in tables.items()}
    return np.frombuffer(text, np.uint8), patches


def _values(name: str, chapter: _Chapter, later_ms: int, rng: np.random.Generator) -> Ints:
    """The numbers of one layout in the chapter that begins ``later_ms`` after the first."""
    known = np.array(chapter.known[name], np.int64)
    if name == "p":
        return known + CLOCK_START + later_ms * 100
    if name == "e":
        return known + EPOCH_MS + later_ms
    if name == "t":
        seconds, milliseconds = np.divmod(known + later_ms, 1000)
        minutes, second = np.divmod(seconds, 60)
        hours, minute = np.divmod(minutes, 60)
        days, hour = np.divmod(hours, 24)
        digits: Ints = (((days + 2) * 100 + hour) * 100 + minute) * 10**5 + second * 1000 + milliseconds
        return digits
    layout = chapter.layouts[name]
    return rng.integers(layout.lowest, layout.limit, len(known))
