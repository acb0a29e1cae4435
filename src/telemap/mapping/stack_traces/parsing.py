"""Stack traces in a text, read line by line with the patterns of their language."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from telemap.mapping.stack_traces.languages import LinkRule, TraceLanguage, is_vendored, trace_languages
from telemap.mapping.stack_traces.traces import Frame, Link, LinkKind, StackTrace

MAX_MESSAGE_LINES = 30
MAX_LINKS_DEEP = 100  # a chain of errors is read recursively; what is longer begins anew

_INDENT = re.compile(r"[ \t]*")


def stack_traces(text: str) -> tuple[StackTrace, ...]:
    """Every stack trace in ``text`` in the order of the text, those that belong to another one as its links.

    Text around a trace is passed over. Of a trace that is cut off, the frames are given that are whole.
    """
    text = text.replace("\r\n", "\n")
    found = [
        (trace.position, trace.result(language))
        for language in trace_languages().values()
        if any(hint in text for hint in language.hints)
        for trace in _Reading(text, language).traces()
    ]
    return tuple(trace for _, trace in sorted(found, key=lambda pair: pair[0]))


@dataclass(slots=True)
class _Trace:
    """A trace that is being read."""

    position: int
    indent: int
    error: re.Match[str] | None = None
    is_outermost_first: bool = False
    message_end: int | None = None
    frames: list[re.Match[str]] = field(default_factory=list)
    omitted_frames: int = 0
    links: list[tuple[LinkKind, _Trace]] = field(default_factory=list)
    links_deep: int = 0
    group_indent: int | None = None  # errors that are indented deeper are members of this one
    last_line: int = 0  # the last one that belongs to it

    def result(self, language: TraceLanguage) -> StackTrace:
        links = tuple(Link(kind, trace.result(language)) for kind, trace in self.links)
        return StackTrace(
            language.name,
            self.error["error_class"] if self.error else "",
            self.message,
            tuple(self._frames(language)),
            self.omitted_frames,
            links,
        )

    @property
    def tells_a_place(self) -> bool:
        """Whether it has frames, or another error that it tells of has."""
        others = (trace.tells_a_place for _, trace in self.links)
        return bool(self.frames) or _has(self.error, "file_path") or any(others)

    @property
    def message(self) -> str:
        if self.error is None:
            return ""
        end = self.error.end() if self.message_end is None else self.message_end
        return (self.error["message"] or "") + self.error.string[self.error.end() : end].rstrip()

    def _frames(self, language: TraceLanguage) -> Iterator[Frame]:
        printed = [_Printed.of(match) for match in self.frames]
        if self.is_outermost_first:
            printed.reverse()
        raise_site = _Printed.of(self.error) if self.error else _Printed()
        if language.names_callee:
            names = [*(frame.function_name for frame in printed), ""]
            printed = [
                _Printed(name, frame.file_path, frame.line_number, frame.column_number)
                for name, frame in zip(names, [raise_site, *printed], strict=True)
                if name or frame.file_path
            ]
        elif raise_site.file_path and not (language.repeats_raise_site and printed):
            printed.insert(0, raise_site)
        for frame in printed:
            vendored = is_vendored(language.name, frame.file_path, frame.function_name)
            yield Frame(
                frame.function_name, frame.file_path, frame.line_number, frame.column_number, language.name, vendored
            )


@dataclass(frozen=True, slots=True)
class _Printed:
    """The groups of a frame's pattern that took part."""

    function_name: str = ""
    file_path: str = ""
    line_number: int | None = None
    column_number: int | None = None

    @classmethod
    def of(cls, match: re.Match[str]) -> _Printed:
        groups = match.groupdict()
        line_number, column_number = (
            int(groups[name]) if groups.get(name) else None for name in ("line_number", "column_number")
        )
        return cls(groups.get("function_name") or "", groups.get("file_path") or "", line_number, column_number)


class _Reading:
    """One pass over a text with the patterns of one language."""

    def __init__(self, text: str, language: TraceLanguage) -> None:
        for pattern, replacement in language.rewrites:
            text = pattern.sub(replacement, text)
        self.text = text
        self.language = language
        self.line = 0
        self.root = _Trace(0, -1, group_indent=-1)  # every trace is a member of the text
        self.open = [self.root]  # innermost last
        self.error: re.Match[str] | None = None  # one whose frames may follow
        self.error_rank = self.error_line = 0
        self.message_end: int | None = None
        self.inverted: LinkKind | None = None  # what the trace before is to the one that begins next

    def traces(self) -> list[_Trace]:
        position = 0
        while position < len(self.text):
            end = self._read(position)
            self.line += self.text.count("\n", position, end) + 1
            position = self.text.find("\n", end) + 1 or len(self.text)
        return [trace for _, trace in self.root.links if trace.tells_a_place]

    def _read(self, position: int) -> int:
        """The end of what stands at ``position``, which is the beginning of a line."""
        language, is_inside = self.language, len(self.open) > 1
        for pattern in (*language.frames, *(language.frames_inside if is_inside else ())):
            if match := pattern.match(self.text, position):
                self._frame(match)
                return match.end()
        for rule in language.links:
            if match := rule.pattern.match(self.text, position):
                self._link(rule, match)
                return match.end()
        if match := language.opens.match(self.text, position):
            self._opening(match)
            return match.end()
        if is_inside and (match := language.omitted.match(self.text, position)):
            self._end_message(position)
            self.open[-1].omitted_frames += int(match.groupdict().get("count") or 1)
            return match.end()
        if is_inside and (match := language.closes.match(self.text, position)):
            self.open.pop()
            return match.end()
        if match := language.notices.match(self.text, position):
            self._end_message(position)
            return match.end()
        for rank, pattern in enumerate(language.errors):
            if match := pattern.match(self.text, position):
                self._error(match, rank)
                return match.end()
        self._anything(position)
        return position

    def _frame(self, match: re.Match[str]) -> None:
        self._begin_error()
        if self.open[-1] is self.root:
            self._begin(_Trace(match.start(), 0, is_outermost_first=self.language.is_outermost_first))
        self._end_message(match.start())
        trace = self.open[-1]
        trace.frames.append(match)
        trace.last_line = self.line + match[0].count("\n")
        if self.language.closes.search(match[0]):
            self.open.pop()

    def _link(self, rule: LinkRule, match: re.Match[str]) -> None:
        self._begin_error()
        self._end_message(match.start())
        indent = self._indent(match.start())
        self._leave(indent if rule.is_nested else indent + 1)
        if _has(match, "error_class"):
            self._begin(_Trace(match.start(), indent, match), rule.kind, is_inverted=rule.is_inverted)
        elif rule.is_inverted:
            self.inverted = rule.kind
        elif self.open[-1] is not self.root:
            self.open[-1].group_indent, self.open[-1].last_line = indent, self.line

    def _opening(self, match: re.Match[str]) -> None:
        trace = _Trace(match.start(), self._indent(match.start()), is_outermost_first=True)
        self.error = None
        if self.inverted:
            self._leave(trace.indent + 1)
        self._begin(trace, self.inverted, is_inverted=True)

    def _error(self, match: re.Match[str], rank: int) -> None:
        indent, top = self._indent(match.start()), self.open[-1]
        if top.is_outermost_first and top.error is None:
            if top.indent == indent:
                top.error, top.message_end = match, match.end()
            else:
                self._anything(match.start())
        elif top.is_outermost_first and top.group_indent is not None and top.last_line == self.line - 1:
            # A member that was never raised has no frames.
            self._begin(_Trace(match.start(), indent, match, is_outermost_first=True, message_end=match.end()))
        elif not self.language.is_outermost_first and (rank <= self.error_rank or not self._has_error()):
            self.error, self.error_rank, self.error_line, self.message_end = match, rank, self.line, None
            if _has(match, "file_path"):
                self._begin_error()

    def _anything(self, position: int) -> None:
        """A line that says nothing to us: it ends the traces that are not indented less, or goes on with a message."""
        indent, top = self._indent(position), self.open[-1]
        is_message = top.error and not top.frames and not top.links and not top.is_outermost_first
        if is_message and self.line - top.last_line <= MAX_MESSAGE_LINES:
            return
        # What comes after the error of a trace printed in that order may still say what it led to.
        self._leave(indent + (top.is_outermost_first and top.error is not None))
        top = self.open[-1]
        if top.group_indent is not None and indent <= top.group_indent:
            top.group_indent = None

    def _has_error(self) -> bool:
        return self.error is not None and self.line - self.error_line <= MAX_MESSAGE_LINES

    def _begin_error(self) -> None:
        """Begin the trace of the last error, if that is no longer ago than a message is long."""
        if self.error and self._has_error():
            trace = _Trace(
                self.error.start(), self._indent(self.error.start()), self.error, message_end=self.message_end
            )
            is_following = _has(self.error, "file_path") and self.open[-1].last_line == self.error_line - 1
            self._begin(trace, self.language.following_error if is_following else None)
        self.error = None

    def _begin(self, trace: _Trace, kind: LinkKind | None = None, *, is_inverted: bool = False) -> None:
        """Put ``trace`` where it belongs: to the innermost open one by its ``kind``, or into the group around it."""
        trace.last_line = self.line + (trace.error[0].count("\n") if trace.error else 0)
        if kind is None:
            self._leave(trace.indent)
        other = self.open[-1]
        trace.links_deep = other.links_deep + 1
        if trace.links_deep > MAX_LINKS_DEEP or other is self.root:
            kind = None
        if kind and is_inverted:
            self.open.pop()
            links = self.open[-1].links
            links[-1] = (links[-1][0], trace)
            trace.links.append((kind, other))
        else:
            if not kind and (other.group_indent is None or other.group_indent >= trace.indent):
                del self.open[1:]
                trace.links_deep = 0
            self.open[-1].links.append((kind or "group", trace))
        self.open.append(trace)
        self.inverted = None

    def _end_message(self, position: int) -> None:
        trace = self.open[-1]
        if trace.error and trace.message_end is None:
            trace.message_end = position
        if self.error and self.message_end is None:
            self.message_end = position

    def _leave(self, indent: int) -> None:
        """Close the traces that are indented as much as this or more."""
        while self.open[-1].indent >= indent:
            self.open.pop()

    def _indent(self, position: int) -> int:
        found = _INDENT.match(self.text, position)
        return found.end() - position if found else 0


def _has(match: re.Match[str] | None, group: str) -> bool:
    return match is not None and match.groupdict().get(group) is not None
