"""What is read from files of definitions, of whatever format."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from telemap.flows.net import Net
from telemap.model.declared import Limit, Problem, Route, Step


@dataclass(frozen=True, slots=True)
class Flow:
    """A declared flow: its steps, and a net of their order whose transitions carry their numbers, from 1.

    Attributes:
        flow_id: by which it is known; sequences have it, or ``name``, as theirs.
        declared_in: the format that declares it.
        runs: what one run of it is: a sequence of this id or name, or a whole trace.
        root_name: the name of the root span of the traces that are its runs; None for any.
        handlers_path: where the handlers of its steps are.
        model: the file of the model that it names instead of steps.
        root: the folder that its files are relative to.
    """

    flow_id: str
    name: str
    declared_in: str
    net: Net
    steps: tuple[Step, ...]
    file_path: str
    line_number: int
    limits: tuple[Limit, ...] = ()
    runs: Literal["sequence", "trace"] = "sequence"
    root_name: str | None = None
    plugin: str | None = None
    handlers_path: str | None = None
    model: Path | None = None
    root: Path | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Definitions:
    """Everything that was read."""

    flows: tuple[Flow, ...]
    routes: tuple[Route, ...]
    problems: tuple[Problem, ...]
