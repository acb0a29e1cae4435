"""Errors for people: what is wrong, why, where, and what to do about it."""

from __future__ import annotations


class TelemapError(Exception):
    """Something the user can mend; printed without a traceback, exit status 2.

    Args:
        slug: stable name of the message, a heading in ``docs/reference/messages.md``.
        summary: what is wrong, one line.
        reason: why, if there is more to say.
        place: file, ``file:line`` or address that it is about.
        help: what to do next, preferably a command.
    """

    def __init__(
        self, slug: str, summary: str, *, reason: str | None = None, place: str | None = None, help: str | None = None
    ) -> None:
        super().__init__(summary)
        self.slug, self.summary, self.reason, self.place, self.help = slug, summary, reason, place, help

    def __str__(self) -> str:
        lines = [f"error[{self.slug}]: {self.summary}"]
        if self.reason:
            lines.append(f"  reason: {self.reason}")
        if self.place:
            lines.append(f"  --> {self.place}")
        if self.help:
            lines.append(f"  help: {self.help}")
        return "\n".join(lines)
