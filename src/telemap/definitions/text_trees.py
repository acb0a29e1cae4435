"""JSON and YAML as trees of pieces of their text, to change single pieces and leave the rest as it was written."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]]|[^\s{}\[\]",:]+')


@dataclass(slots=True)
class Piece:
    """A value and where it stands: ``text[start:end]``.

    ``items`` are the parts of a list; ``members`` the keys and values of a mapping, of a key given twice the last.
    ``is_block`` marks those lists and mappings of YAML that have no brackets: they end where their last part does.
    """

    start: int
    end: int = 0
    scalar: Any = None
    items: list[Piece] | None = None
    members: dict[str, tuple[Piece, Piece]] | None = None
    is_block: bool = False
    key: Piece | None = field(default=None, repr=False)  # of a mapping that is being read: the key whose value is next

    def add(self, part: Piece) -> None:
        """Take in the next part of a list or mapping."""
        if self.items is not None:
            self.items.append(part)
        elif self.members is not None:
            if self.key is None:
                self.key = part
            else:
                self.members[str(self.key.scalar)] = (self.key, part)
                self.key = None
        if self.is_block:
            self.end = max(self.end, part.end)

    def at(self, key: str) -> Piece | None:
        """The value at a key, if this is a mapping that has it."""
        return self.members[key][1] if self.members and key in self.members else None

    def parts(self) -> list[Piece]:
        """The pieces inside, in the order of the text."""
        inside = [*(self.items or ()), *(part for pair in (self.members or {}).values() for part in pair)]
        return sorted(inside, key=lambda part: part.start)


def json_tree(text: str) -> Piece:
    """The pieces of a text that is valid JSON."""
    opened: list[Piece] = []
    root: Piece | None = None
    for token in _TOKEN.finditer(text):
        match token[0]:
            case "{":
                opened.append(Piece(token.start(), members={}))
                continue
            case "[":
                opened.append(Piece(token.start(), items=[]))
                continue
            case "}" | "]":
                piece = opened.pop()
                piece.end = token.end()
            case told:
                piece = Piece(token.start(), token.end(), json.loads(told, strict=False))
        if opened:
            opened[-1].add(piece)
        else:
            root = piece
    assert root is not None
    return root


def yaml_trees(text: str) -> Iterator[Piece]:
    """The pieces of each document of a text that is valid YAML."""
    import yaml

    opened: list[Piece] = []
    for event in yaml.parse(text, Loader=yaml.SafeLoader):  # the compiled one has no places in the text
        start, end = event.start_mark.index, event.end_mark.index
        if isinstance(event, yaml.CollectionStartEvent):
            kind: dict[str, Any] = {"items": []} if isinstance(event, yaml.SequenceStartEvent) else {"members": {}}
            opened.append(Piece(start, start, is_block=not event.flow_style, **kind))
            continue
        if isinstance(event, yaml.CollectionEndEvent):
            piece = opened.pop()
            if not piece.is_block:
                piece.end = end
            elif piece.items is not None:
                piece.end = line_end(text, piece.end)  # a comment behind the last entry is part of the list
        elif isinstance(event, yaml.ScalarEvent):
            piece = Piece(start, end, event.value)
        else:
            continue
        if opened:
            opened[-1].add(piece)
        else:
            yield piece


def line_end(text: str, end: int) -> int:
    """Where the line of what ends here ends, without its line feed."""
    found = text.find("\n", max(end - 1, 0))
    return len(text) if found < 0 else found
