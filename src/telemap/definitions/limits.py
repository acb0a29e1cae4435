"""How long something may take, as people write it: ``200ms p95``, or within a sentence of an acceptance criterion."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import NamedTuple

_UNITS = {
    "ns": (1, r"ns|nanosec(?:ond)?s?"),
    "us": (10**3, r"[uµμ]s|microsec(?:ond)?s?"),
    "ms": (10**6, r"ms|msecs?|millis(?:ec(?:ond)?s?)?"),
    "s": (10**9, r"s|secs?|seconds?"),
    "min": (60 * 10**9, r"min|mins|minutes?"),
    "h": (3600 * 10**9, r"h|hours?"),
}
_NUMBER = r"\d{1,9}(?:\.\d{1,9})?"
_UNIT = "|".join(f"(?P<{name}>{words})" for name, (_, words) in _UNITS.items())
_DURATION = rf"(?P<number>{_NUMBER})\s*(?:{_UNIT})\b"
_PERCENTILE = rf"(?:p(?:{_NUMBER})\b|(?:{_NUMBER})th percentile|for {_NUMBER}\s?% of (?:all )?\w+)"
_MOST = r"(?:≤|<=?|less than|no (?:more|longer) than|under|below|at most|up to)"

_ALONE = re.compile(
    rf"(?:(?P<before>{_PERCENTILE})\s*)?(?:within\s+|{_MOST}\s*)?{_DURATION}(?:\s+(?P<after>{_PERCENTILE}))?",
    re.IGNORECASE,
)
_ANY_DURATION = re.compile(
    rf"(?<![\w.]){_NUMBER}\s*(?:{'|'.join(words for _, words in _UNITS.values())})\b", re.IGNORECASE
)

# What says that the amount that follows is the longest that something may take.
_WITHIN = rf"within(?: {_MOST})?|(?:in|at|with) {_MOST}"
# Of another latency, as of another duration, nobody knows whose it is.
_TIME = r"(?:latency|response time|execution time)(?: of| is)?"
_OF_TIME = rf"(?:(?:with|and) (?:an? )?|(?<!\w )(?:the )?)(?P<before>{_PERCENTILE})?\s?{_TIME} {_MOST}"
_OF_SHARE = rf"(?:with|at) (?P<share>{_PERCENTILE}) {_MOST}"
_REST = rf"\s*{_DURATION}(?:,? \(?(?P<after>{_PERCENTILE}))?(?: latency)?"
# A word of another kind behind the amount may make it that of something else: "<200ms render".
_CLOSED = r"(?=\s*(?:$|[,.;:()])|\s(?:and|so|with|without|even)\b)"
_LIMIT = re.compile(rf"(?<![\w-])(?:{_WITHIN}|{_OF_TIME}|{_OF_SHARE}){_REST}{_CLOSED}", re.IGNORECASE)

# In a criterion, which may be about anything: the operation itself, or nothing at all, before the limit.
_SUBJECT = r"(?:the )?(?:operation|it|execution|handler|sequence|flow|beat|step|call|request|(?P<name>[\w.]+))"
_ENDS = r"(?:completes?|finish(?:es)?|returns?|responds?|executes?|runs?|ends?|is (?:done|completed?|finished))"
_OWN = re.compile(rf"(?:{_SUBJECT} (?:\w+ly )?{_ENDS}(?: \w+ly)? ?|(?:[^;]*; )?(?=latency)|)", re.IGNORECASE)
# These words tell of the time until something reaches others, or of one that is no goal.
_OTHERS = re.compile(
    r"\b(?:deliver|receiv|publish|publication|propagat|reflect|arriv|appear|time-?out|times? out|retr(?:y|ie)|debounc"
    r"|expir|poll|interval|average|mean\b|median|typical|usual|half|fail|abort|wait|sleep|delay|before|after|until|not\b|never|per\b|each|every)",
    re.IGNORECASE,
)


class Amount(NamedTuple):
    """The longest time, and the share of the runs that may take no longer; None for each of them."""

    limit_ns: int
    quantile: float | None


def read_amount(text: str) -> Amount | None:
    """The limit that a text is: a duration, and perhaps a percentile, as in ``1.5 s p95``; else None."""
    return _amount(_ALONE.fullmatch(text.strip()))


def amount_of_goal(text: str) -> Amount | None:
    """The limit that the goal of an operation holds for its own time; None where it holds none, or may mean another."""
    if len(_ANY_DURATION.findall(text)) != 1 or _OTHERS.search(text):
        return None
    return _amount(_LIMIT.search(text))


def amount_of_criterion(text: str, handler: str | None = None) -> Amount | None:
    """The limit that an acceptance criterion sets for the operation's own time; None where it does not clearly do so.

    Args:
        text: a sentence, perhaps without a subject.
        handler: the name of the operation.
    """
    own = _OWN.match(text)
    if own is None or (own["name"] or handler) != handler:
        return None
    found = _LIMIT.match(text, own.end())
    return amount_of_goal(text) if found else None


def _amount(found: re.Match[str] | None) -> Amount | None:
    if found is None:
        return None
    told = found.groupdict()
    unit = next(size for name, (size, _) in _UNITS.items() if told[name])
    limit_ns = round(Decimal(told["number"]) * unit)
    share = told["after"] or told.get("before") or told.get("share")
    percent = Decimal(re.findall(_NUMBER, share)[0]) if share else None
    if not limit_ns or (percent is not None and not 1 <= percent < 100):
        return None
    return Amount(limit_ns, None if percent is None else float(percent / 100))
