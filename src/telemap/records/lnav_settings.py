"""What the settings, levels and directives of lnav's formats mean here."""

from __future__ import annotations

import re
from collections.abc import Mapping

from telemap.model.telemetry import SPAN_NUMBERS, SPAN_TEXT

FIELDS = (
    ("timestamp-field", "timestamp", "timestamp"),
    ("level-field", "level", "severity_text"),
    ("body-field", "body", "body"),
    ("thread-id-field", "", "thread__id"),
    ("src-file-field", "", "code__file__path"),
    ("src-line-field", "", "code__line__number"),
    ("src-location-field", "", "printed_location"),
)
"""lnav's settings that name a field, the field where they do not, and what we call what it holds."""

USUAL = {"logger": "logger_name", "thread": "thread__name", "thread_id": "thread__id", "pid": "process__pid"}
"""Names that regular expressions of lnav's often have, and what we call them."""

OWN_MEANING = {*SPAN_TEXT, *SPAN_NUMBERS, "baton_added", "baton_changed", "baton_removed"} - {"request_id"}
"""Groups that say something of an execution here, which is not what lnav's mean by the same name."""

RUN_NAMES = re.compile(r"req|op_?id|operation|trace|correl|session|job|transaction|txn", re.IGNORECASE)
"""Names of operation ids that tell one run from another; lnav takes threads and addresses for such too."""

TRANSLATED = {setting for setting, _, _ in FIELDS} | {
    *("title", "description", "url", "regex", "json", "level", "value", "sample", "opid-field"),
    *("timestamp-format", "timestamp-divisor"),
}
TYPES: Mapping[str, type] = dict.fromkeys(("regex", "value", "level"), dict) | {
    **dict.fromkeys(("sample", "timestamp-format"), list),
    **dict.fromkeys([setting for setting, _, _ in FIELDS] + ["opid-field"], str),
    "timestamp-divisor": int,
}
"""Of which kind the settings are that are translated."""

TYPE_NAMES = {dict: "an object", list: "a list", str: "a text", int: "a whole number"}

SHOWING = {
    *("line-format", "hide-extra", "convert-to-local-time", "ordered-by-time", "highlights", "mime-types"),
    *("max-unrecognized-lines", "multiline", "$schema"),
    *("kind", "identifier", "foreign-key", "collate", "hidden", "action-list", "rewriter"),
}
"""What tells lnav how to show or to query lines, and nothing about what they say."""

REASONS = {
    "file-pattern": "formats are told by the lines; --log-format NAME says it where that is not enough",
    "converter": "no program is run to read a log",
    "time-field": "the time must stand in one field",
    "level-pointer": "the level must stand in a field that has a name",
    "unit": "values are kept as they are printed",
    "module-format": "it is for a part of the lines of other formats",
}
"""Why settings have no counterpart."""

SEVERITIES = dict.fromkeys(("debug", "debug2", "debug3", "debug4", "debug5"), "DEBUG") | {
    "trace": "TRACE",
    "info": "INFO",
    "stats": "NOTICE",
    "notice": "NOTICE",
    "warning": "WARN",
    "error": "ERROR",
    "critical": "CRIT",
    "fatal": "FATAL",
}
"""lnav's levels."""

LETTERS = {
    "T": "trace",
    "D": "debug",
    "I": "info",
    "W": "warning",
    "E": "error",
    "C": "critical",
    "F": "fatal",
}
"""What lnav takes single letters for, without being told."""

DIRECTIVES = {
    "%L": "%f",
    "%N": "%f",
    "%i": "%L",
    "%3": "%L",
    "%6": "%i",
    "%9": "%N",
    "%k": "%H",
    "%l": "%I",
    "%D": "%m/%d/%y",
    "%R": "%H:%M",
    "%h": "%b",
}
"""Directives that lnav reads otherwise than we do; the rest is the same."""

DIVISORS = {1: "%s", 10**3: "%L", 10**6: "%i", 10**9: "%N"}
"""Layouts of times by how many of their units a second has."""
