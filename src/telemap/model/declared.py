"""What a project declares about its flows: sequences → movements → beats → handlers, and the topics that start them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Beat:
    """One declared step: the event it emits and the handler that answers it."""

    number: int
    event: str
    handler: str | None
    title: str | None
    timing: str | None
    kind: str | None
    line_number: int


@dataclass(frozen=True, slots=True)
class Movement:
    """A named group of beats."""

    movement_id: str | None
    name: str
    beats: tuple[Beat, ...]


@dataclass(frozen=True, slots=True)
class Sequence:
    """A declared flow and the place of its declaration (path relative to the root that was read, 1-based line)."""

    sequence_id: str
    name: str
    plugin: str | None
    movements: tuple[Movement, ...]
    handlers_path: str | None
    file_path: str
    line_number: int


@dataclass(frozen=True, slots=True)
class Route:
    """A topic or interaction that starts a sequence; ``sequence_id`` is None for a topic without routes."""

    topic: str
    plugin: str | None
    sequence_id: str | None
    file_path: str
    line_number: int


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in an input file that could not be used: told, then passed over."""

    file_path: str
    line_number: int
    summary: str
    reason: str
    help: str


@dataclass(frozen=True, slots=True)
class Definitions:
    """Everything read from a folder of definitions."""

    sequences: tuple[Sequence, ...]
    routes: tuple[Route, ...]
    problems: tuple[Problem, ...]
