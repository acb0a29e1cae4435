"""How timestamps are spelt: layouts in the manner of ``strptime``, and those that logs print."""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

NAME_BYTES = 12
"""Longer words are the name of no month and no zone."""

_MONTHS = (
    "jan january januar jän jänner janv janvier ene enero gen gennaio janeiro januari",
    "feb february februar févr fév février fevr fev fevrier febrero febbraio fevereiro februari",
    "mar march mär mrz märz maerz mars marzo março mrt maart",
    "apr april avr avril abr abril aprile",
    "may mai mayo mag maggio maio mei",
    "jun june juni juin junio giu giugno junho",
    "jul july juli juil juillet julio lug luglio julho",
    "aug august août aout ago agosto augustus",
    "sep sept september septembre septiembre setiembre set settembre setembro",
    "oct october okt oktober octobre octubre ott ottobre out outubro",
    "nov november novembre noviembre novembro",
    "dec december dez dezember déc décembre decembre dic diciembre dicembre dezembro",
)

# Only those that mean one thing in practice. IST is India's: Israel and Ireland print theirs seldom.
_ZONES = (
    ("utc gmt wet", 0), ("west bst cet", 1), ("cest eet", 2), ("eest msk", 3), ("ist", 5.5), ("hkt sgt awst", 8),
    ("jst kst", 9), ("acst", 9.5), ("aest", 10), ("aedt", 11), ("nzst", 12), ("nzdt", 13),
    ("edt", -4), ("est cdt", -5), ("cst mdt", -6), ("mst pdt", -7), ("pst", -8),
)  # fmt: skip


def _spellings(name: str) -> Iterator[bytes]:
    """The name in the encodings that logs have, with accents in both cases: a kernel folds the case of ASCII only."""
    for spelling in (name, name.upper()):
        yield from (spelling.encode(encoding).lower() for encoding in ("utf-8", "latin-1"))


def _table(values: Mapping[str, int]) -> dict[bytes, int]:
    return {spelling: value for name, value in values.items() for spelling in _spellings(name)}


def _packed(table: Mapping[bytes, int]) -> bytes:
    """The table as the native kernel reads it: names padded with zeros, each before an int32."""
    return b"".join(struct.pack(f"<{NAME_BYTES}si", name, value) for name, value in table.items())


MONTHS = _table({name: number for number, names in enumerate(_MONTHS, 1) for name in names.split()})
"""The number of each month by its folded name."""

ZONES = _table({name: int(hours * 3600) for names, hours in _ZONES for name in names.split()})
"""Seconds east of UTC by the folded abbreviation."""

_SHORTHANDS = {"%F": "%Y-%m-%d", "%T": "%H:%M:%S", "%B": "%b", "%A": "%a", "%e": "%d"}
_PART = r"%[YymdbaHIpMSfzZsLiNQt]|[^%\[\]|\0\x80-\U0010ffff]"
_SPEC = re.compile(rf"(?:{_PART}|\[(?:{_PART})*(?:\|(?:{_PART})*)*\])*")
_SAME_FIELD = str.maketrans("ybI", "YmH")
_ALONE = re.compile("%[sLiNQt]")
_BESIDE_TIMES = re.compile("%[YymdbHIpMSfz]")


@dataclass(frozen=True, slots=True)
class Layouts:
    """Layouts, ready for ``parse``: a timestamp is read by the first that fits it from end to end.

    ======================  ==========================================================================
    ``%Y`` ``%y``           year of four digits; of two, 69 to 99 being 1969 to 1999
    ``%m`` ``%d`` (``%e``)  one or two digits, maybe after a blank; exactly two right after a digit
    ``%H`` ``%M`` ``%S``    the same; second 60 is the first instant of the next minute
    ``%I`` ``%p``           hour of twelve, AM or PM
    ``%b`` (``%B``)         name of a month, short or long, in seven languages and any case
    ``%a`` (``%A``)         a word that says nothing, as that of a weekday
    ``%f``                  digits of a fraction of a second, those after the ninth being cut; one or two after a
                            colon are milliseconds, of which it is no decimal mark
    ``%z``                  ``Z``, ``+hh``, ``+hhmm`` or ``+hh:mm``, maybe after a blank
    ``%Z``                  an abbreviation; one of unknown meaning leaves the time without a zone
    ``%s %L %i %N``         since 1970, in s, ms, µs or ns; a fraction and ``e+09`` belong to it
    ``%Q``                  the same in the unit that its number of digits tells: up to 11, 14 or 17, or more;
                            fewer than nine are a counter, no date
    ``%t``                  TAI64N in hexadecimal
    ``%F`` ``%T``           ``%Y-%m-%d`` and ``%H:%M:%S``
    ``[a|b]``               one of these, or nothing
    blank                   one or more of them, wide ones too
    ======================  ==========================================================================

    Anything else stands for itself, but a ``Z`` at the end is ``%z``: nobody prints one who does not mean UTC.

    Args:
        specs: the layouts, most specific first.

    Raises:
        ValueError: a layout cannot be understood; the message says why.
    """

    specs: Sequence[str]
    program: bytes = field(init=False, repr=False)
    months: ClassVar[bytes] = _packed(MONTHS)
    zones: ClassVar[bytes] = _packed(ZONES)

    def __post_init__(self) -> None:
        object.__setattr__(self, "specs", tuple(map(_canonical, self.specs)))
        object.__setattr__(self, "program", "".join(spec + "\0" for spec in self.specs).encode())


@lru_cache(1024)  # the general layouts are part of those of every format
def _canonical(written: str) -> str:
    spec = written
    for short, long in _SHORTHANDS.items():
        spec = spec.replace(short, long)
    if spec.endswith("Z") and not spec.endswith("%Z"):
        spec = spec.removesuffix("Z") + "%z"
    if not _SPEC.fullmatch(spec):
        raise ValueError(f"layout {written!r} has an unknown directive, a bracket without its pair, or is not ASCII")
    if not re.search("%[dHIsLiNQt]", spec):
        raise ValueError(f"layout {written!r} tells neither a day nor an hour")
    if _tells_twice(spec):
        raise ValueError(f"layout {written!r} tells the same field twice")
    if "%p" in spec and "%I" not in spec:
        raise ValueError(f"layout {written!r} has %p without %I, the hour of twelve")
    if (alone := _ALONE.search(spec)) and (_BESIDE_TIMES.search(spec) or len(_ALONE.findall(spec)) > 1):
        raise ValueError(f"layout {written!r} has {alone[0]}, which is a whole time, fraction included, beside another")
    return spec


def _tells_twice(spec: str) -> bool:
    told: set[str] = set()
    for part in re.findall(r"\[[^\]]*\]|[^\[]+", spec):
        alternatives = [re.findall("%([^a])", text.translate(_SAME_FIELD)) for text in part.strip("[]").split("|")]
        if any(len(found) > len({*found} - told) for found in alternatives):
            return True
        told.update(*alternatives)
    return False


_FRACTION = "[.%f|,%f|:%f]"
_ZONE = "[%z| %Z%z| %Z]"
_CLOCK = "%H:%M:%S" + _FRACTION
_CLOCK_12 = f"%I:%M:%S{_FRACTION} %p"


def _general() -> Iterator[str]:
    for separator in "T _":
        yield f"%Y-%m-%d{separator}{_CLOCK}{_ZONE}"
    yield f"%b %d {_CLOCK}[ %Y]{_ZONE}"
    yield f"%d/%b/%Y:{_CLOCK}{_ZONE}"
    yield from ("%Y-%m-%d-%H.%M.%S[.%f]", "%Y-%m-%d-%H-%M-%S")
    yield from (f"%Y{mark}%m{mark}%d {_CLOCK}{_ZONE}" for mark in "/.")
    yield from (f"%Y%m%d{mark}{_CLOCK}{_ZONE}" for mark in " -T")
    yield from (f"%Y%m%d{mark}%H%M%S{_FRACTION}{_ZONE}" for mark in "T -")
    yield "%Y%m%d%H%M%S[.%f|,%f|%f]"
    yield from (f"%d{mark}%b{mark}%Y {_CLOCK}{_ZONE}" for mark in " -/")
    yield f"%d %b {_CLOCK}{_ZONE}"
    yield f"%a, %d %b %Y {_CLOCK}{_ZONE}"
    yield f"%a, %d-%b-%y {_CLOCK}{_ZONE}"
    yield f"%a %b %d {_CLOCK}[ %Z| %z] %Y"
    yield f"%a %b %d {_CLOCK}{_ZONE}"
    yield f"%a %b %d %Y {_CLOCK}{_ZONE}"
    yield f"%b %d %Y {_CLOCK}{_ZONE}"
    yield from (f"%b %d, %Y[,] {clock}{_ZONE}" for clock in (_CLOCK_12, _CLOCK))
    yield from (f"%d{mark}%m{mark}%Y {_CLOCK}{_ZONE}" for mark in ".-")
    # Who prints a clock of 24 hours puts the day before the month, who prints AM or PM the month before the day.
    # Two digits before two others are the year, as Spark prints it. A field above its range decides by itself; the
    # rest is decided by `fitting`, which looks at many rows.
    yield from (
        f"{date}[,] {_CLOCK}{_ZONE}"
        for date in ("%d/%m/%Y", "%m/%d/%Y", "%y/%m/%d", "%m/%d/%y", "%d/%m/%y", "%d.%m.%y")
    )
    yield from (f"{date}[,] {_CLOCK_12}{_ZONE}" for date in ("%m/%d/%Y", "%d/%m/%Y", "%m/%d/%y"))
    yield from ("%y%m%d %H%M%S", f"%y%m%d {_CLOCK}")
    yield from (f"{date} {_CLOCK}" for date in ("%m%d", "%m-%d", "%m.%d", "%m/%d"))
    yield from (_CLOCK, _CLOCK_12)
    yield from ("@%t", "%Q")


GENERAL: Sequence[str] = tuple(_general())
"""Layouts of what logs print. Where two read the same text differently, the first is the likelier."""
