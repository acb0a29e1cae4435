"""Declared sequences and routes in the JSON files of a MusicalConductor application.

Every ``index.json`` lists sequence files and says where their handlers are; ``topics-manifest.json`` and
``interaction-manifest.json`` say what starts the sequences. A sequence file that no index lists is read too.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from telemap.definitions.files import DefinitionFile
from telemap.definitions.flow import Flow
from telemap.definitions.limits import Amount, amount_of_criterion, amount_of_goal
from telemap.definitions.located_json import JsonObject, read_json
from telemap.flows.net import in_turn, net_of, step
from telemap.model.declared import Limit, Route, Step

INDEX, TOPICS, INTERACTIONS = "index.json", "topics-manifest.json", "interaction-manifest.json"
# A beat with one of these timings is only scheduled when its turn comes; it runs at any time from then on.
DEFERRED = frozenset({"after-beat", "next-measure", "delayed"})


def read_conductor(files: Iterable[DefinitionFile]) -> Iterator[Flow | Route]:
    """What the files declare, sequences that an index lists first."""
    found = {file.path: _Json(file) for file in files}
    handlers_paths: dict[Path, str | None] = {}
    for index in [file for path, file in found.items() if path.name == INDEX]:
        for listed, handlers_path in _entries(index):
            found.setdefault(listed.path, _Json(listed))
            handlers_paths.setdefault(listed.path, handlers_path)
    for path, file in sorted(found.items(), key=lambda item: item[0] not in handlers_paths):
        if path.name == TOPICS:
            yield from _topics(file)
        elif path.name == INTERACTIONS:
            yield from _interactions(file)
        elif path.name != INDEX and (flow := _flow(file, path in handlers_paths, handlers_paths.get(path))):
            yield flow


class _Json:
    """The object in a file, and what is in it, with a problem for everything that is not as it should be."""

    def __init__(self, file: DefinitionFile) -> None:
        self.file, self.problem = file, file.problem

    def read(self, mark: bytes = b"") -> JsonObject | None:
        """The object in the file; None for a file without ``mark``, which is none of ours, or with a problem."""
        data = self.file.data()
        if data is None or mark not in data or (text := self.file.text(data)) is None:
            return None
        try:
            value = read_json(text)
        except json.JSONDecodeError as error:
            self.problem(
                error.lineno, "file is not valid JSON", f"column {error.colno}: {error.msg}", "mend the syntax"
            )
        except ValueError as error:
            self.problem(1, "file cannot be read", str(error), "save it as JSON in UTF-8")
        else:
            if isinstance(value, JsonObject):
                return value
            self.problem(1, "file holds no definition", f"it holds {_described(value)}", "put an object at the top")
        return None

    def misfit(self, holder: JsonObject, key: str, of: str, wanted: str) -> None:
        """Add the problem that ``key`` of ``holder`` is not what is ``wanted`` there."""
        reason = f"{key!r} is {_described(holder.get(key))}"
        self.problem(holder.line_of(key), f"{of} without a usable {key!r}", reason, f"make it {wanted}")

    def text(self, holder: JsonObject, key: str, of: str, *, is_needed: bool = False) -> str | None:
        """The text at ``key``, or None, with a problem if it is needed or something else stands there."""
        value = holder.get(key)
        if isinstance(value, str) and value:
            return value
        if value is not None or is_needed:
            self.misfit(holder, key, of, "a text")
        return None

    def objects(self, holder: JsonObject, key: str, of: str) -> Iterator[JsonObject]:
        """The objects in the list at ``key``, with a problem for everything that is none."""
        value = holder.get(key)
        if not isinstance(value, list):
            self.misfit(holder, key, of, "a list")
            return
        for position, item in enumerate(value, start=1):
            if isinstance(item, JsonObject):
                yield item
            else:
                reason = f"number {position} is {_described(item)}"
                summary = f"{of} with an unusable entry in {key!r}"
                self.problem(holder.line_of(key), summary, reason, "make it an object")

    def members(self, key: str) -> Iterator[tuple[str, int, JsonObject]]:
        """Name, line and object of each member of the object at ``key``, with a problem for everything that is none."""
        holder = self.read()
        if holder is None:
            return
        value = holder.get(key)
        if not isinstance(value, JsonObject):
            self.misfit(holder, key, "manifest", "an object")
            return
        for name, member in value.items():
            if isinstance(member, JsonObject):
                yield name, value.line_of(name), member
            else:
                self.misfit(value, name, "manifest", "an object")


def _entries(index: _Json) -> Iterator[tuple[DefinitionFile, str | None]]:
    """The sequence files that an index lists, with the place of their handlers."""
    file = index.file
    value = index.read(b'"sequences"')
    for entry in index.objects(value, "sequences", "index") if value is not None else ():
        name = index.text(entry, "file", "entry", is_needed=True)
        if name is None:
            continue
        path = (file.path.parent / name).resolve()
        if path.is_file() and path.is_relative_to(file.root):
            yield DefinitionFile(file.root, path, file.problems), index.text(entry, "handlersPath", "entry")
        else:
            reason = "it lies outside the folder" if path.is_file() else "there is no such file"
            help = "correct the entry, or remove it"
            index.problem(entry.line_of("file"), f"listed file {name!r} not read", reason, help)


def _flow(file: _Json, is_listed: bool, handlers_path: str | None) -> Flow | None:
    value = file.read(b"" if is_listed else b'"movements"')
    if value is None or not (is_listed or "movements" in value):
        return None
    sequence_id = file.text(value, "id", "sequence", is_needed=True)
    if sequence_id is None:
        return None
    steps: list[Step] = []
    limits = _limits(value, None, file.file.file_path)
    for number, movement in enumerate(file.objects(value, "movements", "sequence"), start=1):
        for one, beat in _steps(file, movement, number):
            steps.append(one)
            limits += _limits(beat, len(steps), file.file.file_path)
    beats = [(step(one.event, number), one.timing in DEFERRED) for number, one in enumerate(steps, start=1)]
    return Flow(
        sequence_id,
        file.text(value, "name", "sequence", is_needed=True) or sequence_id,
        "musical-conductor",
        net_of(in_turn(beats)),
        tuple(steps),
        file.file.file_path,
        value.line_of("id"),
        tuple(limits),
        plugin=file.text(value, "pluginId", "sequence"),
        handlers_path=handlers_path,
        root=file.file.root,
    )


def _steps(file: _Json, value: JsonObject, movement_number: int) -> Iterator[tuple[Step, JsonObject]]:
    movement_id = file.text(value, "id", "movement")
    name = file.text(value, "name", "movement", is_needed=movement_id is None) or movement_id or ""
    for position, beat in enumerate(file.objects(value, "beats", "movement"), start=1):
        event = file.text(beat, "event", "beat", is_needed=True)
        if event is None:
            continue
        number = beat.get("beat")
        if type(number) is not int:
            reason = f"'beat' is {_described(number)}; its place in the movement, {position}, is used"
            file.problem(beat.line_of("beat"), "beat without a number", reason, "make it a whole number")
            number = position
        found = Step(
            event,
            file.file.file_path,
            beat.line_of("beat"),
            handler=file.text(beat, "handler", "beat", is_needed=True),
            **{key: file.text(beat, key, "beat") for key in ("title", "timing", "kind")},
            movement=name,
            movement_number=movement_number,
            beat=number,
            test_file=_with_slashes(file.text(beat, "testFile", "beat")),
            test_case=file.text(beat, "testCase", "beat"),
        )
        yield found, beat


def _with_slashes(path: str | None) -> str | None:
    return path.replace("\\", "/") if path else None


def _limits(value: JsonObject, step_number: int | None, file_path: str) -> list[Limit]:
    """The limits that the goal and the acceptance criteria of a sequence or beat set, each once."""
    limits: dict[Amount, Limit] = {}
    handler = value.get("handler")
    goals = [(amount_of_goal(text), text, line) for text, line in _texts(value, ("userStory", "goal"))]
    criteria = _texts(value, ("acceptanceCriteria", "then", "and"))
    for amount, text, line in [*goals, *((amount_of_criterion(text, handler), text, line) for text, line in criteria)]:
        if amount is not None:
            limits.setdefault(amount, Limit(step_number, amount.quantile, amount.limit_ns, text, file_path, line))
    return list(limits.values())


def _texts(holder: JsonObject, keys: tuple[str, ...]) -> Iterator[tuple[str, int]]:
    """The texts at these keys, in lists and in objects in each other too, with the lines of their keys."""
    for key in keys:
        value = holder.get(key)
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, str):
                yield item, holder.line_of(key)
            elif isinstance(item, JsonObject):
                yield from _texts(item, keys)


def _topics(file: _Json) -> Iterator[Route]:
    for topic, line_number, definition in file.members("topics"):
        routes = file.objects(definition, "routes", "topic") if "routes" in definition else ()
        found = [route for value in routes if (route := _route(file, topic, value, line_number))]
        yield from found or [Route(topic, None, None, file.file.file_path, line_number)]


def _interactions(file: _Json) -> Iterator[Route]:
    for name, line_number, value in file.members("routes"):
        if route := _route(file, name, value, line_number):
            yield route


def _route(file: _Json, topic: str, value: JsonObject, line_number: int) -> Route | None:
    sequence_id = file.text(value, "sequenceId", "route", is_needed=True)
    plugin = file.text(value, "pluginId", "route")
    return Route(topic, plugin, sequence_id, file.file.file_path, line_number) if sequence_id else None


def _described(value: Any) -> str:
    names = {type(None): "missing", str: "an empty text", list: "a list", JsonObject: "an object"}
    return "a text" if isinstance(value, str) and value else names.get(type(value), json.dumps(value, default=str))
