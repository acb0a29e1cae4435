"""Flows as files declare them, with the place of each step."""

from __future__ import annotations

from dataclasses import dataclass

from telemap.flows.net import Net
from telemap.model.declared import Problem


@dataclass(frozen=True, slots=True)
class DeclaredStep:
    """What a labelled transition stands for: the element of a file, ``identity`` its id there."""

    name: str
    identity: str
    file_path: str
    line_number: int


@dataclass(frozen=True, slots=True)
class DeclaredFlow:
    """A net and the place of its declaration; ``name`` is empty where it has only an id."""

    name: str
    identity: str
    net: Net
    file_path: str
    line_number: int


@dataclass(frozen=True, slots=True)
class Reading:
    """What a file declares; a flow with a problem is left out, for a part of it would be another flow."""

    flows: tuple[DeclaredFlow, ...]
    problems: tuple[Problem, ...]
