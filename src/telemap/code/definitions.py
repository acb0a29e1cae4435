"""Declared sequences and routes, read from the JSON files of a MusicalConductor application.

Every ``index.json`` lists sequence files and says where their handlers are; ``topics-manifest.json`` and
``interaction-manifest.json`` say what starts the sequences. A sequence file that no index lists is read too.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from telemap.code.files import walked_files
from telemap.code.located_json import JsonObject, read_json
from telemap.errors import TelemapError
from telemap.model.declared import Beat, Definitions, Movement, Problem, Route, Sequence

INDEX, TOPICS, INTERACTIONS = "index.json", "topics-manifest.json", "interaction-manifest.json"


def read_definitions(paths: Iterable[Path]) -> Definitions:
    """Everything that the definition files at ``paths`` declare; sequences are ordered by file, routes as they stand.

    What cannot be used becomes a problem; the rest of its file, and all other files, are still used. Of several
    sequences with one id the first counts, and those that an index lists go first.

    Args:
        paths: folders, or single files; paths in the result are relative to the folder, or to the file's folder.

    Raises:
        TelemapError: a path does not exist.
    """
    problems: list[Problem] = []
    files = _files(paths, problems)
    handlers_paths: dict[Path, str | None] = {}
    for index in [file for file in files.values() if file.path.name == INDEX]:
        for listed, handlers_path in _entries(index):
            files.setdefault(listed.path, listed)
            handlers_paths.setdefault(listed.path, handlers_path)
    first: dict[str, Sequence] = {}
    routes: list[Route] = []
    for path, file in sorted(files.items(), key=lambda item: item[0] not in handlers_paths):
        if path.name in {TOPICS, INTERACTIONS}:
            routes += _topics(file) if path.name == TOPICS else _interactions(file)
        elif path.name != INDEX and (sequence := _sequence(file, path in handlers_paths, handlers_paths.get(path))):
            declared = first.setdefault(sequence.sequence_id, sequence)
            if declared is not sequence:
                file.problem(
                    sequence.line_number,
                    f"sequence {sequence.sequence_id!r} is declared twice",
                    f"{declared.file_path}:{declared.line_number} declares it first, and counts",
                    "give one of the two another id, or remove it",
                )
    return Definitions(
        tuple(sorted(first.values(), key=lambda sequence: (sequence.file_path, sequence.sequence_id))),
        tuple(routes),
        tuple(sorted(problems, key=lambda problem: (problem.file_path, problem.line_number))),
    )


@dataclass(frozen=True, slots=True)
class _File:
    root: Path
    path: Path
    problems: list[Problem]

    @property
    def file_path(self) -> str:
        return self.path.relative_to(self.root).as_posix()

    def problem(self, line_number: int, summary: str, reason: str, help: str) -> None:
        self.problems.append(Problem(self.file_path, line_number, summary, reason, help))

    def read(self, mark: bytes = b"") -> JsonObject | None:
        """The object in the file; None for a file without ``mark``, which is none of ours, or with a problem."""
        try:
            data = self.path.read_bytes()
            if mark not in data:
                return None
            value = read_json(data.decode("utf-8-sig"))
        except json.JSONDecodeError as error:
            reason = f"column {error.colno}: {error.msg}"
            self.problem(error.lineno, "file is not valid JSON", reason, "mend the syntax")
        except (OSError, ValueError) as error:
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
                self.problem(
                    holder.line_of(key), f"{of} with an unusable entry in {key!r}", reason, "make it an object"
                )

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


def _files(paths: Iterable[Path], problems: list[Problem]) -> dict[Path, _File]:
    """The JSON files at ``paths`` by their absolute path, so that none is read twice."""
    files: dict[Path, _File] = {}
    for path in paths:
        if not path.exists():
            raise TelemapError("no-such-file", f"no file or folder {path}", help="name the folder of the definitions")
        root = (path if path.is_dir() else path.parent).resolve()
        for name in walked_files(root) if path.is_dir() else [path.name]:
            if name.endswith(".json"):
                files.setdefault(root / name, _File(root, root / name, problems))
    return files


def _entries(index: _File) -> Iterator[tuple[_File, str | None]]:
    """The sequence files that an index lists, with the place of their handlers."""
    value = index.read(b'"sequences"')
    for entry in index.objects(value, "sequences", "index") if value is not None else ():
        name = index.text(entry, "file", "entry", is_needed=True)
        if name is None:
            continue
        path = (index.path.parent / name).resolve()
        if path.is_file() and path.is_relative_to(index.root):
            yield _File(index.root, path, index.problems), index.text(entry, "handlersPath", "entry")
        else:
            reason = "it lies outside the folder" if path.is_file() else "there is no such file"
            help = "correct the entry, or remove it"
            index.problem(entry.line_of("file"), f"listed file {name!r} not read", reason, help)


def _sequence(file: _File, is_listed: bool, handlers_path: str | None) -> Sequence | None:
    value = file.read(b"" if is_listed else b'"movements"')
    if value is None or not (is_listed or "movements" in value):
        return None
    sequence_id = file.text(value, "id", "sequence", is_needed=True)
    if sequence_id is None:
        return None
    return Sequence(
        sequence_id,
        file.text(value, "name", "sequence", is_needed=True) or sequence_id,
        file.text(value, "pluginId", "sequence"),
        tuple(_movement(file, movement) for movement in file.objects(value, "movements", "sequence")),
        handlers_path,
        file.file_path,
        value.line_of("id"),
    )


def _movement(file: _File, value: JsonObject) -> Movement:
    movement_id = file.text(value, "id", "movement")
    name = file.text(value, "name", "movement", is_needed=movement_id is None) or movement_id or ""
    beats = enumerate(file.objects(value, "beats", "movement"), start=1)
    return Movement(movement_id, name, tuple(beat for at, found in beats if (beat := _beat(file, found, at))))


def _beat(file: _File, value: JsonObject, position: int) -> Beat | None:
    event = file.text(value, "event", "beat", is_needed=True)
    if event is None:
        return None
    number = value.get("beat")
    if type(number) is not int:
        reason = f"'beat' is {_described(number)}; its place in the movement, {position}, is used"
        file.problem(value.line_of("beat"), "beat without a number", reason, "make it a whole number")
        number = position
    handler = file.text(value, "handler", "beat", is_needed=True)
    title, timing, kind = (file.text(value, key, "beat") for key in ("title", "timing", "kind"))
    return Beat(number, event, handler, title, timing, kind, value.line_of("beat"))


def _topics(file: _File) -> Iterator[Route]:
    for topic, line_number, definition in file.members("topics"):
        routes = file.objects(definition, "routes", "topic") if "routes" in definition else ()
        found = [route for value in routes if (route := _route(file, topic, value, line_number))]
        yield from found or [Route(topic, None, None, file.file_path, line_number)]


def _interactions(file: _File) -> Iterator[Route]:
    for name, line_number, value in file.members("routes"):
        if route := _route(file, name, value, line_number):
            yield route


def _route(file: _File, topic: str, value: JsonObject, line_number: int) -> Route | None:
    sequence_id = file.text(value, "sequenceId", "route", is_needed=True)
    plugin = file.text(value, "pluginId", "route")
    return Route(topic, plugin, sequence_id, file.file_path, line_number) if sequence_id else None


def _described(value: Any) -> str:
    names = {type(None): "missing", str: "an empty text", list: "a list", JsonObject: "an object"}
    return "a text" if isinstance(value, str) and value else names.get(type(value), json.dumps(value, default=str))
