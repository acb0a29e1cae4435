"""Corrected definitions: single steps changed in the text of a file, all else left as it was written."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from telemap.definitions.flow import Flow
from telemap.definitions.text_lists import Entry, rewritten
from telemap.definitions.text_trees import Piece, json_tree, yaml_trees

CORRECTABLE = ("musical-conductor", "yaml")


@dataclass(frozen=True, slots=True)
class NewStep:
    """A step that the definition lacks; ``serial`` tells several with one event apart."""

    event: str
    serial: int
    handler: str | None = None
    title: str = ""


Item = int | NewStep
"""A step by its number, or a new one."""


@dataclass(frozen=True, slots=True)
class Correction:
    """What is to be changed of a flow's steps.

    ``placed`` are new steps and those that move, in their order, each with the one that it is to follow, or None where
    it comes first.
    """

    renamed: Mapping[int, str] = field(default_factory=dict)
    handlers: Mapping[int, str] = field(default_factory=dict)
    removed: frozenset[int] = frozenset()
    placed: tuple[tuple[Item, Item | None], ...] = ()


class UneditableError(Exception):
    """Why a text cannot be corrected step by step."""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a step stands: the piece with its event, the whole step, and the list that it is an entry of, if one."""

    event: Piece
    step: Piece
    entries: Piece | None


def corrected(text: str, flow: Flow, correction: Correction) -> str:
    """The text of a file with a flow of it corrected.

    Raises:
        UneditableError: a step stands elsewhere, or where it cannot be moved or followed by another.
    """
    editor = _Editor(text, flow)
    for number, event in correction.renamed.items():
        editor.write(editor.place(number).event, event)
    for number, handler in correction.handlers.items():
        piece = editor.place(number).step.at("handler")
        if piece is None:
            raise UneditableError(f"step {number} has no handler of its own")
        editor.write(piece, handler)
    for number in correction.removed:
        editor.entries_of(number).remove(editor.place(number).step)
    for item, after in correction.placed:
        editor.put(item, after)
    return editor.text()


class _Editor:
    def __init__(self, text: str, flow: Flow) -> None:
        self._text = text
        self._is_json = flow.declared_in == "musical-conductor"
        root = json_tree(text) if self._is_json else _flow_of(yaml_trees(text), flow)
        if root is None:
            raise UneditableError("it stands elsewhere in the file")
        self._root = root
        self._places = self._located(root, flow)
        self._written: dict[int, str] = {}  # by the place of a piece in the text
        self._lists: dict[int, tuple[Piece, list[Entry]]] = {}

    def place(self, number: int) -> _Place:
        if number not in self._places:
            raise UneditableError(f"step {number} stands in another flow")
        return self._places[number]

    def entries_of(self, number: int) -> list[Entry]:
        """The list that a step stands in, to be changed."""
        piece = self.place(number).entries
        if piece is None or piece.items is None:
            raise UneditableError(f"step {number} stands in no list")
        return self._lists.setdefault(piece.start, (piece, list[Entry](piece.items)))[1]

    def write(self, piece: Piece, value: str | int) -> None:
        """Put another value in the place of a scalar."""
        old = self._text[piece.start : piece.end]
        self._written[piece.start] = json.dumps(value, ensure_ascii=False) if self._is_json else _scalar(value, old)

    def put(self, item: Item, after: Item | None) -> None:
        """Put a step behind another one."""
        entry: Entry = item if isinstance(item, NewStep) else self.place(item).step
        if isinstance(entry, Piece):
            assert isinstance(item, int)
            self.entries_of(item).remove(entry)
        if after is None:
            self.entries_of(min(self._places)).insert(0, entry)
            return
        anchor: Entry = after if isinstance(after, NewStep) else self.place(after).step
        if isinstance(after, int):
            self.entries_of(after)
        entries = next(entries for _, entries in self._lists.values() if anchor in entries)
        entries.insert(entries.index(anchor) + 1, entry)

    def text(self) -> str:
        """The whole text as it is now."""
        numbers = self._renumbered() if self._is_json else {}
        return self._text[: self._root.start] + self._rendered(self._root, numbers) + self._text[self._root.end :]

    def _rendered(self, piece: Piece, numbers: Mapping[NewStep, int]) -> str:
        if piece.start in self._written and piece.parts() == []:
            return self._written[piece.start]
        if piece.items is not None and piece.start in self._lists:
            make = self._made(piece, numbers)
            return rewritten(self._text, piece, self._lists[piece.start][1], make)
        if not any(piece.start <= at < piece.end for at in (*self._written, *self._lists)):
            return self._text[piece.start : piece.end]
        told, position = "", piece.start
        for part in piece.parts():
            told += self._text[position : part.start] + self._rendered(part, numbers)
            position = part.end
        return told + self._text[position : piece.end]

    def _made(self, entries: Piece, numbers: Mapping[NewStep, int]) -> Callable[[Entry], str | Mapping[str, str]]:
        """What gives the text of an entry, or of a new one its members."""
        members = [item for item in entries.items or () if item.members]
        told_by_all = Counter(key for item in members for key in item.members or () if key in _COPIED)
        usual = {
            key: Counter(piece.scalar for item in members if (piece := item.at(key))).most_common(1)[0][0]
            for key in ("dynamics", "timing")
            if self._is_json and key in told_by_all
        }

        def made(entry: Entry) -> str | Mapping[str, str]:
            if isinstance(entry, Piece):
                return self._rendered(entry, numbers)
            own = {"beat": numbers.get(entry), "event": entry.event, "title": entry.title, "handler": entry.handler}
            values: dict[str, Any] = own | usual
            keys = [*(told_by_all if "event" in told_by_all else ("event", *told_by_all)), "handler"]
            told = {key: values[key] for key in keys if values.get(key) is not None}
            if self._is_json:
                return {json.dumps(key): json.dumps(value, ensure_ascii=False) for key, value in told.items()}
            return {key: _scalar(value, "") for key, value in told.items()}

        return made

    def _renumbered(self) -> Mapping[NewStep, int]:
        """The numbers of new beats; where numbers counted up, those of all others are written anew."""
        movements = [one.at("beats") for one in _items(self._root.at("movements"))]
        lists = [beats for beats in movements if beats is not None and beats.items is not None]
        before = [[_number(beat) for beat in beats.items or ()] for beats in lists]
        after = [self._lists[beats.start][1] if beats.start in self._lists else beats.items or [] for beats in lists]
        numbers = [number for one in before for number in one]
        found: dict[NewStep, int] = {}
        for position, (old, entries) in enumerate(zip(before, after, strict=True)):
            count = sum(map(len, after[:position])) if _counts_up(numbers) else 0
            first = (numbers if _counts_up(numbers) else old or [1])[0] or 0
            is_counted = _counts_up(numbers) or _counts_up(old)
            for place, entry in enumerate(entries, start=first + count):
                if isinstance(entry, NewStep):
                    found[entry] = place if is_counted else max(number or 0 for number in [0, *numbers]) + 1
                elif is_counted and _number(entry) != place and (piece := entry.at("beat")):
                    self.write(piece, place)
        total, held = self._root.at("beats"), sum(map(len, after))
        if total is not None and total.scalar == len(numbers) != held:
            self.write(total, held)
        return found

    def _located(self, root: Piece, flow: Flow) -> dict[int, _Place]:
        """The places of the steps that stand in the flow itself."""
        told: dict[tuple[int, str], list[_Place]] = {}
        for place in _beats(root) if self._is_json else _events(root.at("steps")):
            told.setdefault((self._line_number(place), str(place.event.scalar)), []).append(place)
        places = {}
        for number, step in enumerate(flow.steps, start=1):
            if found := told.get((step.line_number, step.event)):
                places[number] = found.pop(0)
        return places

    def _line_number(self, place: _Place) -> int:
        """The line that the readers tell of a step."""
        start = place.event.start
        if self._is_json:
            start = (place.step.members or {}).get("beat", (place.step,))[0].start
        return self._text.count("\n", 0, start) + 1


_COPIED = ("beat", "event", "title", "dynamics", "handler", "timing")


def _beats(root: Piece) -> Iterator[_Place]:
    for movement in _items(root.at("movements")):
        for beat in _items(beats := movement.at("beats")):
            event = beat.at("event")
            if event is not None and isinstance(event.scalar, str) and event.scalar:
                yield _Place(event, beat, beats)


def _events(piece: Piece | None, entries: Piece | None = None) -> Iterator[_Place]:
    """The events among steps in YAML, in the order of the text."""
    if piece is None:
        return
    if piece.items is not None:
        for item in piece.items:
            yield from _events(item, piece)
    elif piece.members is None:
        yield _Place(piece, piece, entries)
    elif event := piece.at("event"):
        yield _Place(event, piece, entries)
        yield from _events(piece.at("between"))
    else:
        for key in ("steps", "one-of", "parallel", "between"):
            yield from _events(piece.at(key))


def _flow_of(documents: Iterator[Piece], flow: Flow) -> Piece | None:
    told = [one for document in documents for one in (_items(document.at("flows")) or [document])]
    return next((one for one in told if (name := one.at("flow")) and name.scalar == flow.flow_id), None)


def _items(piece: Piece | None) -> Sequence[Piece]:
    return piece.items or () if piece else ()


def _number(beat: Entry) -> int | None:
    piece = beat.at("beat") if isinstance(beat, Piece) else None
    return piece.scalar if piece and type(piece.scalar) is int else None


def _counts_up(numbers: Sequence[int | None]) -> bool:
    return bool(numbers) and numbers[0] is not None and list(numbers) == [numbers[0] + n for n in range(len(numbers))]


def _scalar(value: object, old: str) -> str:
    """A text as YAML, in quotation marks if it had them before or needs them."""
    text = str(value)
    if old[:1] == "'" and text.isprintable():
        return "'" + text.replace("'", "''") + "'"
    if old[:1] not in ('"', "|", ">") and _is_plain(text):
        return text
    return json.dumps(text, ensure_ascii=False)


def _is_plain(text: str) -> bool:
    """Whether YAML reads a text without quotation marks as it is, in a line of its own and between brackets."""
    import yaml

    try:
        entries = [entry for told in yaml_trees(f"- {text}\n- [{text}]") for entry in told.items or ()]
    except yaml.YAMLError:
        return False
    read = [item.scalar for entry in entries for item in entry.items or (entry,)]
    return read == [text, text] and "\n" not in text
