"""The declared flow: sequences of movements of beats, read from JSON, with their handlers found in the code."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from storefront.stage import Handler


@dataclass(frozen=True, slots=True)
class Beat:
    """One step: the event it stands for and the handler that answers it."""

    number: int
    event: str
    title: str
    handler_name: str
    timing: str
    kind: str
    handler: Handler


@dataclass(frozen=True, slots=True)
class Movement:
    """Beats that belong together; it ends when the last of them has ended."""

    id: str
    name: str
    beats: tuple[Beat, ...]


@dataclass(frozen=True, slots=True)
class Sequence:
    """A flow from its first beat to its last."""

    id: str
    name: str
    plugin: str
    movements: tuple[Movement, ...]


@dataclass(frozen=True, slots=True)
class Score:
    """All sequences by their id, and for each topic the ids of the sequences that it starts."""

    sequences: dict[str, Sequence]
    subscribers: dict[str, tuple[str, ...]]


def read_score(folder: Path) -> Score:
    """The score declared by the JSON files of a folder."""
    sequences = {sequence.id: sequence for index in sorted(folder.glob("*/index.json")) for sequence in _read(index)}
    topics = json.loads((folder / "topics-manifest.json").read_text())["topics"]
    subscribers = {topic: tuple(route["sequenceId"] for route in entry["routes"]) for topic, entry in topics.items()}
    return Score(sequences, subscribers)


def _read(index: Path) -> Iterator[Sequence]:
    for entry in json.loads(index.read_text())["sequences"]:
        declared = json.loads((index.parent / entry["file"]).read_text())
        handlers = import_module(entry["handlersPath"])
        movements = tuple(
            Movement(part["id"], part["name"], tuple(_beat(step, handlers) for step in part["beats"]))
            for part in declared["movements"]
        )
        yield Sequence(declared["id"], declared["name"], declared["pluginId"], movements)


def _beat(step: dict[str, Any], handlers: ModuleType) -> Beat:
    name = step["handler"]
    return Beat(step["beat"], step["event"], step["title"], name, step["timing"], step["kind"], getattr(handlers, name))
