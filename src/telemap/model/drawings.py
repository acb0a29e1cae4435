"""What is drawn, whatever it is written as: boxes, the ways between them, and how each of them looks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Shape = Literal["box", "event", "dot", "diamond", "terminal"]
Mood = Literal["usual", "wrong", "unseen", "unknown"]
"""``wrong``: deviates from what is declared. ``unseen``: declared only. ``unknown``: beyond what the log shows."""


@dataclass(frozen=True, slots=True)
class Box:
    """A node; ``group`` is what it belongs to, ``place`` where it is from (file:line)."""

    identity: str
    shape: Shape
    lines: tuple[str, ...] = ()
    mood: Mood = "usual"
    group: str | None = None
    place: str | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A way from one box to another; ``weight``, 0…1, is how much of all took it."""

    source: str
    target: str
    text: str = ""
    mood: Mood = "usual"
    weight: float = 0.0


@dataclass(frozen=True, slots=True)
class Drawing:
    """A picture, with what is said above it."""

    title: str
    text: str
    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]
