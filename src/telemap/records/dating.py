"""From what timestamps say to when it was: the zone, the year and the day that they leave out.

All of it is decided row by row in the order of the records, by what came before; the state is plain integers, so that
a source that is read on later goes on as if it had been read in one go.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from telemap.records.times import ABSOLUTE, LEAP_YEAR, LOCAL, NO_TIME, TIME_ONLY, YEARLESS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Int64s = NDArray[np.int64]
    Bools = NDArray[np.bool_]

_SECOND_NS = 10**9
_HOUR_NS = 3600 * _SECOND_NS
_DAY_NS = 24 * _HOUR_NS
_SECOND = timedelta(seconds=1)
_EPOCH = date(1970, 1, 1)
_START = datetime(1970, 1, 1, tzinfo=UTC)
_LEAP_YEAR_NS = (date(LEAP_YEAR, 1, 1) - _EPOCH).days * _DAY_NS
_END_OF_FEBRUARY = 59  # days into a leap year at which the 29th begins

# A line that is later than the one after it is late by seconds, seldom minutes. A log that jumps further is another
# clock: a new day, a new year, or the hour that is there twice.
_YEAR_BACK_NS, _YEAR_FORTH_NS = 183 * _DAY_NS, 364 * _DAY_NS
_DAY_BACK_NS, _DAY_FORTH_NS = 12 * _HOUR_NS, 23 * _HOUR_NS
_FOLD_BACK_NS = 60 * _SECOND_NS


@dataclass(slots=True)
class DatingState:
    """The rows that the next ones are understood by; ``NO_TIME`` stands for none yet."""

    yearless_ns: int = NO_TIME
    year: int = 0
    clock_ns: int = NO_TIME
    day: int = 0
    local_ns: int = NO_TIME
    is_twice: int = 0
    is_folded: int = 0


@dataclass(slots=True)
class Dating:
    """What the timestamps of one source leave out.

    Rows keep their order, late lines too. What is left out is found thus:

    - The *year*: the first row is in the latest year that does not put it beyond the day after ``reference``. A row
      more than half a year before its predecessor is in the next year, one more than 364 days after it is a late line
      of the year before. A 29 February where the year has none is 1 March.
    - The *day*: the first row is on ``reference``. A row more than 12 hours before its predecessor is on the next day,
      one more than 23 hours after it is a late line of the day before.
    - The *zone*: of an hour that is there twice in autumn, the first is taken, until a row is more than a minute before
      its predecessor in it: from there on, the second. A time that spring leaves out is read by the clock before it.

    Args:
        zone: of the clock that wrote; None is UTC.
        reference: a date near the first record, see ``reference_date``.
        state: where an earlier run stopped.
    """

    zone: tzinfo | None
    reference: date
    state: DatingState = field(default_factory=DatingState)

    def resolve(self, times: Int64s, kinds: NDArray[np.uint8]) -> Int64s:
        """Nanoseconds since 1970 UTC of the rows that come next, ``NO_TIME`` where they are not known.

        Args:
            times: as ``times.parse`` gave them.
            kinds: likewise.
        """
        resolved = np.where(kinds == ABSOLUTE, times, NO_TIME)
        resolved[kinds == LOCAL] = times[kinds == LOCAL]
        resolved[kinds == YEARLESS] = self._with_years(times[kinds == YEARLESS])
        resolved[kinds == TIME_ONLY] = self._with_days(times[kinds == TIME_ONLY])
        local = (kinds == LOCAL) | (kinds == YEARLESS) | (kinds == TIME_ONLY)
        if self.zone is not None and local.any():
            resolved[local] = self._in_utc(self.zone, resolved[local])
        return resolved

    def _with_years(self, stamps: Int64s) -> Int64s:
        if not len(stamps):
            return stamps
        state = self.state
        if state.yearless_ns == NO_TIME:
            state.yearless_ns, state.year = int(stamps[0]), _latest_year(int(stamps[0]), self.reference)
        years = state.year + _turns(state.yearless_ns, stamps, _YEAR_BACK_NS, _YEAR_FORTH_NS)
        state.yearless_ns, state.year = int(stamps[-1]), int(years[-1])
        day, clock = np.divmod(stamps - _LEAP_YEAR_NS, _DAY_NS)
        starts = (years - 1970).astype("M8[Y]").astype("M8[D]")
        has_no_leap_day = (years + 1 - 1970).astype("M8[Y]").astype("M8[D]") - starts == np.timedelta64(365, "D")
        day -= has_no_leap_day & (day > _END_OF_FEBRUARY)
        return (starts.astype(np.int64) + day) * _DAY_NS + clock

    def _with_days(self, clocks: Int64s) -> Int64s:
        if not len(clocks):
            return clocks
        state = self.state
        if state.clock_ns == NO_TIME:
            state.clock_ns, state.day = int(clocks[0]), (self.reference - _EPOCH).days
        days = state.day + _turns(state.clock_ns, clocks, _DAY_BACK_NS, _DAY_FORTH_NS)
        state.clock_ns, state.day = int(clocks[-1]), int(days[-1])
        return days * _DAY_NS + clocks

    def _in_utc(self, zone: tzinfo, local: Int64s) -> Int64s:
        first, second = _offsets(zone, local, 0), _offsets(zone, local, 1)
        offsets = np.where(self._folded(local, first > second), second, first)
        utc = local - offsets * _SECOND_NS
        return np.where((utc > local) == (offsets < 0), utc, NO_TIME)  # else beyond int64

    def _folded(self, local: Int64s, is_twice: Bools) -> Bools:
        """Which rows are in the second of two equal hours."""
        state = self.state
        steps = np.diff(local, prepend=state.local_ns)
        goes_on = is_twice & np.append(bool(state.is_twice), is_twice[:-1]) & (abs(steps) < _DAY_NS)
        folds = state.is_folded + np.cumsum(goes_on & (steps < -_FOLD_BACK_NS))
        folded: Bools = folds > np.maximum.accumulate(np.where(goes_on, 0, folds))
        state.local_ns, state.is_twice, state.is_folded = int(local[-1]), int(is_twice[-1]), int(folded[-1])
        return folded


def _turns(before: int, stamps: Int64s, back_ns: int, forth_ns: int) -> Int64s:
    """How many times what is left out went on, less how many times it went back, up to each row."""
    steps = np.diff(stamps, prepend=before)
    return np.cumsum((steps < -back_ns).astype(np.int64) - (steps > forth_ns))


def _latest_year(stamp_ns: int, reference: date) -> int:
    """The latest year in which the month and day of the stamp are not after the day after ``reference``."""
    stamp = _EPOCH + timedelta(days=stamp_ns // _DAY_NS)
    last = reference + timedelta(days=1)
    year = last.year
    while True:
        try:
            if stamp.replace(year=year) <= last:
                return year
        except ValueError:  # 29 February
            pass
        year -= 1


def _offsets(zone: tzinfo, local: Int64s, fold: int) -> Int64s:
    """Seconds east of UTC at local times in ns; of two equal ones the first, or the second where ``fold`` is 1."""
    seconds = local // _SECOND_NS
    # A year begins at another time in UTC.
    first, last = (_START + timedelta(seconds=int(second)) for second in (seconds.min(), seconds.max()))
    years = range(first.year - 1, last.year + 2)
    changes = [change for year in years for change in _changes(zone, year)]
    offsets = [_offset(zone, datetime(years[0], 1, 1, tzinfo=UTC)), *(after for _, _, after in changes)]
    later = min if fold else max
    ends = [at + later(before, after) for at, before, after in changes]
    return np.array(offsets, np.int64)[np.searchsorted(np.array(ends, np.int64), seconds, side="right")]


@lru_cache(4096)
def _changes(zone: tzinfo, year: int) -> tuple[tuple[int, int, int], ...]:
    """When the offset changes in a year, and the offsets before and after it, all in seconds.

    It is looked at every five days: what a zone takes back sooner is not seen.
    """
    start, end = (datetime(y, 1, 1, tzinfo=UTC) for y in (year, year + 1))
    moments = [*(start + timedelta(days=days) for days in range(0, (end - start).days, 5)), end]
    return tuple(_change(zone, *pair) for pair in pairwise(moments) if len({_offset(zone, at) for at in pair}) > 1)


def _change(zone: tzinfo, low: datetime, high: datetime) -> tuple[int, int, int]:
    before, after = _offset(zone, low), _offset(zone, high)
    while high - low > _SECOND:
        middle = low + (high - low) // 2 // _SECOND * _SECOND
        low, high = (middle, high) if _offset(zone, middle) == before else (low, middle)
    return (high - _START) // _SECOND, before, after


def _offset(zone: tzinfo, moment: datetime) -> int:
    """Seconds east of UTC, as no zone counts in parts of them."""
    return (moment.astimezone(zone).utcoffset() or timedelta()) // _SECOND


_DATE_IN_NAME = re.compile(r"(?<!\d)((?:19|20)\d\d)([-_.]?)(\d\d)\2(\d\d)(?!\d)")
_DATE_IN_TEXT = re.compile(rb"(?<!\d)((?:19|20)\d\d)([-/])(\d\d)\2(\d\d)(?!\d)")


def reference_date(uri: str, mtime_ns: int, sample: bytes) -> date:
    """The date in the name of a file, else the first in its text, else that of its last change.

    Args:
        uri: path or address of the file; only its last part is looked at.
        mtime_ns: when the file was changed last, in ns since 1970.
        sample: the first bytes of it.
    """
    name = re.split(r"[/\\]", uri)[-1]
    found = [*_DATE_IN_NAME.findall(name), *_DATE_IN_TEXT.findall(sample)]
    for year, _, month, day in found:
        try:
            return date(int(year), int(month), int(day))
        except ValueError:  # a number that looks like one
            continue
    return (_START + mtime_ns // _SECOND_NS * _SECOND).date()


@dataclass(slots=True)
class Order:
    """How far the times of a source are from ascending, in whatever pieces they come.

    Args:
        latest_ns: the latest time so far.
        previous_ns: the time of the row before.
        out_of_order: rows that are earlier than the latest before them.
        steps_back: rows more than a second earlier than the row before: the clock was set, or logs were joined.
    """

    latest_ns: int = NO_TIME
    previous_ns: int = NO_TIME
    out_of_order: int = 0
    steps_back: int = 0

    def add(self, times: Int64s) -> int:
        """How many of these rows, which come next, are earlier than the latest before them.

        Args:
            times: ns since 1970; those of ``NO_TIME`` are no rows.
        """
        known = times[times != NO_TIME]
        if not len(known):
            return 0
        latest = np.maximum.accumulate(np.append(self.latest_ns, known))
        before = np.append(self.previous_ns, known[:-1])
        late = int(np.count_nonzero(known < latest[:-1]))
        self.out_of_order += late
        # on the side of the larger, where the difference cannot leave int64
        self.steps_back += int(np.count_nonzero((before > known) & (before - _SECOND_NS > known)))
        self.latest_ns, self.previous_ns = int(latest[-1]), int(known[-1])
        return late
