"""A stack trace as its text tells it: the error, its frames, and the errors that it came from."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

LinkKind = Literal["cause", "context", "suppressed", "group"]


@dataclass(frozen=True, slots=True)
class Frame:
    """One call of a stack trace.

    ``function_name`` and ``file_path`` are as printed, ``""`` where nothing is; a line and a column count from 1.
    ``is_vendored`` says that the code is a library's or the runtime's. ``root`` is the indexed folder that the path is
    relative to, where a source map tells it.
    """

    function_name: str
    file_path: str
    line_number: int | None
    column_number: int | None
    language: str
    is_vendored: bool
    root: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """Another error that a trace tells of.

    ``cause`` is what it was raised from, ``context`` what was being handled when it was raised, ``suppressed`` what was
    raised while it was on its way, ``group`` one of the errors that it stands for.
    """

    kind: LinkKind
    trace: StackTrace


@dataclass(frozen=True, slots=True)
class StackTrace:
    """An error and where it was raised.

    ``frames`` go from the innermost call, where the error was raised, outwards, however they are printed. Of a message
    that is printed after the frames, as Python's is, ``message`` is the first line: where it ends nothing says.
    ``omitted_frames`` is how many calls the text tells of without naming them.
    """

    language: str
    error_class: str
    message: str
    frames: tuple[Frame, ...]
    omitted_frames: int = 0
    links: tuple[Link, ...] = ()

    @property
    def cause(self) -> StackTrace | None:
        """What the error was raised from, or else was being handled when it was raised."""
        return next((link.trace for link in self.links if link.kind in ("cause", "context")), None)

    def in_app_frame(self, wrapper_names: Collection[str] = ()) -> Frame | None:
        """The innermost frame of the program's own code that is none of the functions named as mere wrappers."""
        own = (frame for frame in self.frames if not frame.is_vendored and frame.function_name not in wrapper_names)
        return next(own, None)
