"""Messages that tell of something beginning or ending → examples of events, for people to make theirs of."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from telemap.records.drafts import literal, quoted

MOST_EVENTS = 4
LEAST_LITERAL = 0.5
"""Of the words of messages that are taken for one event: fewer are the same in messages that have little in common."""

_STEPS = {
    "fail": re.compile(r"(?i)\b(?:failed|failure|aborted|crashed|timed out)\b"),
    "end": re.compile(r"(?i)\b(?:done|end|ended|ends|finish|finished|complete|completed|took|exit|exited)\b"),
    "start": re.compile(
        r"(?i)\b(?:start|started|starts|starting|begin|begins|begun|enter|entering|calling|executing)\b"
    ),
}
_PAST = {"start": "started", "end": "ended", "fail": "failed"}
_MILLISECONDS = re.compile(r"(\W*)\d+(?:\.\d+)?(ms\W*)")
_REDACTED = "REDACTED"  # as in place of secrets
_DURATION = re.compile(r"\b\d+(?:\.\d+)? ?(?:ms|µs|us|s|sec|seconds|milliseconds)\b")
_INTRODUCTION = (
    "Events: texts that say when something begins and ends. Below are messages that look like it; take the # away,",
    "say what ran with (?P<handler>…) and how long with (?P<duration_ms>…), and see docs/reference/formats.md.",
)


def proposed_events(bodies: Sequence[str]) -> Iterator[str]:
    """Lines of TOML that describe the most frequent events of some messages; none if nothing begins or ends."""
    alike: defaultdict[tuple[str, str, int], list[str]] = defaultdict(list)
    for body in bodies:
        told = _step(body)
        if told:
            alike[*told, len(body.split())].append(body)
    frequent = sorted(alike.items(), key=lambda it: -len(it[1]))[:MOST_EVENTS]
    if frequent:
        yield from _INTRODUCTION
    for (step, word, _), group in frequent:
        yield from ("", *_event(step, word, group))


def _step(body: str) -> tuple[str, str] | None:
    """What a message tells of, and the word by which it does so."""
    for step, words in _STEPS.items():
        if (found := words.search(body)) is not None:
            return step, found[0]
    return ("end", "") if _DURATION.search(body) else None


def _event(step: str, word: str, group: Sequence[str]) -> Iterator[str]:
    columns = list(zip(*(body.split() for body in group), strict=True))
    if sum(len({_masked(text) for text in column}) == 1 for column in columns) < LEAST_LITERAL * len(columns):
        shape, _ = Counter(map(_masked, group)).most_common(1)[0]
        group = [body for body in group if _masked(body) == shape]
        columns = list(zip(*(body.split() for body in group), strict=True))
    gap = " +" if any("  " in body.strip() for body in group) else " "
    yield f"# {len(group):,} {'line' if len(group) == 1 else 'lines'}, such as: {group[0][:100]}"
    yield "[[events]]"
    yield f"name = {quoted(f'handler.{_PAST[step]}')}"
    yield f"body = {literal(f'^{_regex(columns, word, gap)}$')}"
    yield f'span = "{step} handler"'


def _masked(text: str) -> str:
    return re.sub(r"\d+(?:\.\d+)?", "#", text)


def _regex(columns: Sequence[Sequence[str]], word: str, gap: str) -> str:
    handler = _handler(columns, word)
    parts: list[str] = []
    for number, column in enumerate(columns):
        text, following = column[0], columns[number + 1][0] if number + 1 < len(columns) else ""
        measured = _MILLISECONDS.fullmatch(text)
        if measured is not None and not any("duration_ms" in part for part in parts):
            parts.append(rf"{re.escape(measured[1])}(?P<duration_ms>[\d.]+){re.escape(measured[2])}")
        elif following.startswith(("ms", "milliseconds")) and text.replace(".", "").isdigit():
            parts.append(r"(?P<duration_ms>[\d.]+)")
        elif _REDACTED in text:
            parts.append(r"\S+")
        elif number == handler:
            parts.append(_varying(column, r"(?P<handler>[\w.$/:-]+)"))
        elif len(set(column)) == 1 and not any(map(str.isdigit, text)):
            parts.append(re.escape(text))
        elif len({_masked(one) for one in column}) == 1:
            parts.append(re.escape(_masked(text)).replace(r"\#", r"[\d.]+"))
        else:
            parts.append(r"\S+")
    return gap.join(parts)


def _handler(columns: Sequence[Sequence[str]], word: str) -> int | None:
    """The column that is likely to say what ran: one that varies, else the one beside the word, or the first."""
    is_name = [all(re.fullmatch(r"\W*[A-Za-z_][\w.$/:-]*\W*", text) for text in column) for column in columns]
    varying = [n for n, column in enumerate(columns) if is_name[n] and len({_masked(text) for text in column}) > 1]
    if varying:
        return varying[0]
    place = next((n for n, column in enumerate(columns) if word and word.split()[0] in column[0]), None)
    likely = [0] if place is None else [place + 1, place - 1, 0]
    return next((n for n in likely if 0 <= n < len(columns) and n != place and is_name[n]), None)


def _varying(column: Sequence[str], regex: str) -> str:
    """The expression with the marks around it that all texts of a column have."""
    before = {re.match(r"[^\w$/]*", text)[0] for text in column}  # type: ignore[index]  # which always matches
    after = {re.search(r"[^\w$]*$", text)[0] for text in column}  # type: ignore[index]
    return (
        (re.escape(before.pop()) if len(before) == 1 else r"\W*")
        + regex
        + (re.escape(after.pop()) if len(after) == 1 else r"\W*")
    )
