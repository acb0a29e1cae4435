"""Lines of a log whose format is not known → a draft of it, made to be read and mended by people."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from telemap.model.severity import severity_number
from telemap.records import times
from telemap.records.attempts import time_told
from telemap.records.delimited import Delimited, delimited, table_regex
from telemap.records.drafts import Draft, DraftPattern
from telemap.records.formats import Format, Sample, attribute_name
from telemap.records.headers import LETTERS, Headed, Part, header_regex, headers
from telemap.records.members import members_of
from telemap.records.messages import proposed_events
from telemap.records.redaction import Redactor
from telemap.records.redaction_rules import bundled_rules

SAMPLES = 2
MOST_EXAMPLES = 3
LONGEST_EXAMPLE = 40
LEAST_JSON = 0.5
LEAST_TIMES = 0.9

_PARTS = {
    "process": ("process", "process__pid"),
    "name": ("logger_name",),
    "timestamp": ("timestamp",),
    "severity": ("severity_text",),
    "letter": ("severity_text",),
    "duration": ("duration_ms",),
    "body": ("body",),
}
_KEYS = {
    "timestamp": ("time", "timestamp", "@timestamp", "ts", "when", "date", "datetime", "t", "asctime", "eventtime"),
    "severity_text": ("level", "lvl", "severity", "levelname", "log.level", "loglevel", "severity_text", "priority"),
    "body": ("msg", "message", "txt", "text", "body", "event", "log"),
    "logger_name": ("logger", "logger_name", "name", "component", "module", "source", "class", "category", "caller"),
    "thread__name": ("thread", "thread_name", "threadname"),
    "process__pid": ("pid", "process"),
    "trace_id": ("trace_id", "traceid", "trace.id", "dd.trace_id"),
    "span_id": ("span_id", "spanid", "span.id", "dd.span_id"),
    "request_id": ("request_id", "requestid", "req_id", "reqid", "correlation_id", "x-request-id"),
    "duration_ms": ("duration_ms", "durationms", "elapsed_ms", "took_ms"),
}
_BRACKETS = (
    ("thread__name", r"(?i).*(?:thread|worker|pool|exec|nio|\bmain\b).*"),
    ("process__pid", r"\d+"),
    ("trace_id", r"[0-9a-f]{32}"),
    ("span_id", r"[0-9a-f]{16}"),
    ("request_id", r"(?i)(?:req|request|job|run|order|session|corr|op)[-_:#]?\w*\d[\w-]*|[0-9a-f-]{36}"),
)
_NUMBERS: Sequence[Mapping[str, str]] = (
    {"10": "TRACE", "20": "DEBUG", "30": "INFO", "40": "WARN", "50": "ERROR", "60": "FATAL"},
    {"0": "FATAL", "1": "ALERT", "2": "CRIT", "3": "ERROR", "4": "WARN", "5": "NOTICE", "6": "INFO", "7": "DEBUG"},
)
"""Numbers for severities: those of Bunyan, and those of syslog."""

INTRODUCTION = (
    "Proposed by telemap formats new; mend what it got wrong, then see telemap formats try.",
    "A line that no pattern fits goes on with the record above it.",
)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A draft, and how the lines fare that it was made from.

    Args:
        draft: the format.
        lines: how many were looked at.
        records: how many begin a record.
        continued: how many others are indented or blank, so that they go on with the record above.
        others: those that are left, which go on with it as well if nothing is done about them.
    """

    draft: Draft
    lines: int
    records: int
    continued: int
    others: tuple[bytes, ...]

    @property
    def share(self) -> float:
        """The share of the lines that are explained."""
        return (self.records + self.continued) / max(self.lines, 1)


def propose(lines: Sequence[bytes], name: str) -> Proposal | None:
    """A format for ``lines``, with nothing secret in it; None if no time, no level and no JSON is found in them.

    Args:
        lines: the first lines of a log.
        name: of the format.
    """
    clean = _redacted(lines)
    objects = [(line, places) for line in clean if (places := members_of(line))]
    outer = [line for line in clean if line.strip() and not line[:1].isspace()]
    is_json = len(objects) > LEAST_JSON * len(outer)
    draft = _json_draft(objects) if is_json else _text_draft([line.decode(errors="replace") for line in outer])
    if draft is None:
        return None
    log_format = draft.format(name)
    told = [line for line in clean if log_format.match(line) is not None]
    rest = [line for line in clean if log_format.match(line) is None]
    others = tuple(line for line in rest if line.strip() and not line[:1].isspace())
    proposal = Proposal(draft, len(clean), len(told), len(rest) - len(others), others)
    begun = f"{len(told):,} of {len(clean):,} lines begin a record, {proposal.continued:,} more indented or blank"
    draft = replace(
        draft,
        title=name,
        comments=(*INTRODUCTION, f"Measured: {begun}; {proposal.share:.1%} explained."),
        epilogue=tuple(proposed_events([_body(line, log_format) for line in told])),
    )
    return replace(proposal, draft=draft)


def _redacted(lines: Sequence[bytes]) -> list[bytes]:
    ends = np.cumsum([len(line) + 1 for line in lines], dtype=np.int64) - 1
    begins = ends - np.array([len(line) for line in lines], np.int64)
    data = memoryview(b"\n".join(lines) + b"\n")
    block = Redactor(bundled_rules()).redacted(data, begins, ends, np.arange(len(lines))).block
    return [bytes(block[begin:end]) for begin, end in zip(begins.tolist(), ends.tolist(), strict=True)]


def _body(line: bytes, log_format: Format) -> str:
    match = log_format.match(line)
    start, end = match.spans.get("body", (0, 0)) if match else (0, 0)
    return line[start:end].decode(errors="replace")


# ---- text


def _text_draft(lines: Sequence[str]) -> Draft | None:
    found = headers(lines)
    table = delimited(lines) if all(len(group[0].parts) <= 1 for group in found) else None
    if table is not None:
        return _table_draft(table)
    patterns: list[DraftPattern] = []
    samples: list[Sample] = []
    severities: dict[str, str] = {}
    groups = sorted(found, key=lambda group: -len(group[0].parts))  # the shorter fit the lines of the longer
    for number, group in enumerate(groups, start=1):
        names = _names(group)
        rest = ".*" if "body" in names else "(?P<body>.*)"
        patterns.append(
            DraftPattern(
                "line" if len(groups) == 1 else f"line_{number}",
                f"^{header_regex(group, names)}{rest}$",
                tuple(_explained(group, names)),
            )
        )
        samples += [Sample(line, None) for line in dict.fromkeys(headed.line for headed in group[:SAMPLES])]
        if group[0].has("letter"):
            severities |= LETTERS
    return Draft("", severities=severities, patterns=tuple(patterns), samples=tuple(samples)) if patterns else None


def _table_draft(table: Delimited) -> Draft:
    names: list[str] = []
    for number, column in enumerate(table.columns, start=1):
        key = re.sub(r"\W+", "_", column.heading.strip().lower())
        name = _PARTS[column.role][0] if column.role else _group_of(key) or key or f"column_{number}"
        names.append(name if name not in names else f"column_{number}")
    told = zip(names, (column.texts for column in table.columns), strict=True)
    comments = (f"{len(table.rows):,} lines:", *(_part_told(name, texts, table.layouts) for name, texts in told))
    return Draft(
        "",
        layouts=table.layouts,
        severities=LETTERS if any(column.role == "letter" for column in table.columns) else {},
        patterns=(DraftPattern("row", table_regex(table, names), comments),),
        samples=tuple(Sample(line, None) for line in dict.fromkeys(table.rows[:SAMPLES])),
    )


def _names(group: Sequence[Headed]) -> list[str]:
    """Names for the groups of the parts, all different."""
    names: list[str] = []
    for number, part in enumerate(group[0].parts):
        name = _name(part, [headed.parts[number].text for headed in group])
        names.append(name if name and name not in names else f"part_{number + 1}")
    return names


def _name(part: Part, texts: Sequence[str]) -> str | None:
    if part.role == "word":
        return None
    if part.role in _PARTS:
        return _PARTS[part.role][0]
    if part.role == "pair":
        key = part.before.partition("=")[0]
        return _group_of(key) or re.sub(r"\W", "_", key.replace(".", "__"))
    return next((name for name, regex in _BRACKETS if all(re.fullmatch(regex, text) for text in texts)), "logger_name")


def _group_of(key: str) -> str | None:
    return next((group for group, keys in _KEYS.items() if key.lower() in keys and group != "timestamp"), None)


def _explained(group: Sequence[Headed], names: Sequence[str]) -> Iterator[str]:
    yield f"{len(group):,} lines:"
    for number, name in enumerate(names):
        yield _part_told(name, [headed.parts[number].text for headed in group])


def _part_told(name: str, texts: Sequence[str], layouts: Sequence[str] = ()) -> str:
    missing = _missing(texts[0], layouts) if name == "timestamp" else ""
    return f"  {_meaning(name)}: {_examples(texts)}{missing}"


def _meaning(group: str) -> str:
    attribute = attribute_name(group)
    return group if attribute == group else f"{group} (attribute {attribute})"


def _examples(texts: Sequence[str]) -> str:
    shown = [text for text, _ in Counter(texts).most_common(MOST_EXAMPLES)]
    return ", ".join(text if len(text) <= LONGEST_EXAMPLE else f"{text[:LONGEST_EXAMPLE]}…" for text in shown)


def _missing(timestamp: str, layouts: Sequence[str] = ()) -> str:
    missing = time_told(timestamp.encode(), (*layouts, *times.GENERAL)).missing
    return f" ({missing})" if missing else ""


# ---- JSON


def _json_draft(objects: Sequence[tuple[bytes, Mapping[str, tuple[int, int]]]]) -> Draft | None:
    values: dict[str, list[str]] = {}
    for line, places in objects:
        for key, (start, end) in places.items():
            values.setdefault(key, []).append(line[start:end].decode(errors="replace"))
    groups = {
        "timestamp": _time_key(values),
        "severity_text": _key(values, "severity_text") or _word_key(values),
        "body": _key(values, "body"),
    }
    taken = set(groups.values())
    groups["body"] = groups["body"] or _text_key({key: told for key, told in values.items() if key not in taken})
    taken.add(groups["body"])
    groups |= {group: _key(values, group, taken) for group in _KEYS if group not in groups}
    found = {group: key for group, key in groups.items() if key is not None}
    if not found.keys() & {"timestamp", "severity_text", "body"}:
        return None
    required = [found[g] for g in ("timestamp", "severity_text", "body") if g in found]
    return Draft(
        "",
        severities=_numbered(values.get(found.get("severity_text", ""), [])),
        keys={
            "requires": [key for key in required if len(values[key]) == len(objects)],
            **{group: [key] for group, key in found.items()},
        },
        key_comments={
            "requires": "every line has these: by them the format is told from others",
            **{group: _examples(values[key]) for group, key in found.items()},
            "timestamp": _examples(told := values.get(found.get("timestamp", ""), [""])) + _missing(told[0]),
        },
        samples=tuple(Sample(line.decode(errors="replace"), None) for line, _ in objects[:SAMPLES]),
    )


def _key(values: Mapping[str, Sequence[str]], group: str, taken: Sequence[str] | set[str | None] = ()) -> str | None:
    by_name = {key.lower(): key for key in values if key not in taken}
    return next((by_name[name] for name in _KEYS[group] if name in by_name), None)


def _time_key(values: Mapping[str, Sequence[str]]) -> str | None:
    """The key whose values are times; numbers that no name tells to be some may be anything."""
    layouts = times.Layouts(times.GENERAL)
    found = []
    for key, told in values.items():
        kinds = times.read([text.encode() for text in told], layouts)[1]
        is_named = key.lower() in _KEYS["timestamp"]
        if np.mean(kinds != times.UNREADABLE) >= LEAST_TIMES and (is_named or not told[0].replace(".", "").isdigit()):
            found.append((len(told), is_named, key))
    return max(found, key=lambda it: it[:2])[2] if found else None


def _word_key(values: Mapping[str, Sequence[str]]) -> str | None:
    return next((k for k, told in values.items() if all(severity_number(text) for text in set(told))), None)


def _text_key(values: Mapping[str, Sequence[str]]) -> str | None:
    """The key whose values read most like sentences."""
    blanks = {key: sum(text.count(" ") for text in told) / len(told) for key, told in values.items()}
    best = max(blanks, key=lambda key: blanks[key], default=None)
    return best if best is not None and blanks[best] else None


def _numbered(texts: Sequence[str]) -> Mapping[str, str]:
    return next((numbers for numbers in _NUMBERS if texts and set(texts) <= numbers.keys()), {})
