"""What a project declares about its flows: their steps, the limits of their time, and the topics that start them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Step:
    """One declared step: the event it emits, the handler that answers it, and the place of its declaration.

    ``movement`` and ``beat`` are its group and its number there, where steps are declared in groups; ``file_path`` is
    relative to the root that was read, lines count from 1. ``test_file``, with forward slashes, and ``test_case`` are
    the test that is declared for it.
    """

    event: str
    file_path: str
    line_number: int
    handler: str | None = None
    plugin: str | None = None
    title: str | None = None
    timing: str | None = None
    kind: str | None = None
    movement: str | None = None
    movement_number: int | None = None
    beat: int | None = None
    test_file: str | None = None
    test_case: str | None = None


@dataclass(frozen=True, slots=True)
class Limit:
    """The longest that a step may take, or where ``step_number`` is None, a whole run of the flow.

    It holds for this share of the runs (0.95: P95), or where ``quantile`` is None, for each of them.
    """

    step_number: int | None
    quantile: float | None
    limit_ns: int
    text: str
    file_path: str
    line_number: int


@dataclass(frozen=True, slots=True)
class Budget:
    """A limit that the settings set, for the sequence of an id or name, or for all steps with an event of a name."""

    name: str
    quantile: float | None
    limit_ns: int
    text: str
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
