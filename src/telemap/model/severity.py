"""Words for severity, as loggers of all languages print them → OpenTelemetry's numbers."""

from __future__ import annotations

_NUMBERS = {
    1: "TRACE TRC TRCE VERBOSE VRB FINEST FINER SILLY SPAM",
    5: "DEBUG DBG DBUG FINE DEBUG1 DEBUG2 DEBUG3 DEBUG4 DEBUG5",
    9: "INFO INF INFORMATION INFORMATIONAL LOG HTTP CONFIG SUCCESS STATEMENT DETAIL HINT",
    10: "NOTICE",
    13: "WARN WARNING WRN",
    17: "ERROR ERR EROR FAIL SEVERE FAILURE",
    18: "CRIT DPANIC",
    19: "ALERT",
    21: "FATAL CRITICAL FTL EMERG EMERGENCY PANIC WTF",
}
_BY_WORD = {word: number for number, words in _NUMBERS.items() for word in words.split()}


def severity_number(text: str | None) -> int | None:
    """The number of a severity (1 trace … 21 fatal) by its printed word, in any case; None for an unknown word."""
    return None if text is None else _BY_WORD.get(text.strip("[]():<> ").upper())
