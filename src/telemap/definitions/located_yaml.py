"""YAML as texts, lists and mappings that remember their lines; nothing is constructed, and aliases are refused."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

MOST_DEPTH = 50  # of lists and mappings in each other


class YamlError(ValueError):
    """Why a text is no YAML that can be used; the line counts from 1."""

    def __init__(self, line_number: int, reason: str) -> None:
        super().__init__(reason)
        self.line_number = line_number


@dataclass(slots=True)
class Node:
    """A text (whatever YAML would make of it), a list or a mapping, and the line on which it begins."""

    line_number: int
    value: str | list[Node] | dict[str, Node]
    key: Node | None = None  # of a mapping that is being read: the key whose value is next

    def add(self, node: Node) -> None:
        """Take in the next part of a list or mapping."""
        if isinstance(self.value, list):
            self.value.append(node)
        elif isinstance(self.value, dict):
            if self.key is not None and isinstance(self.key.value, str):
                self.value[self.key.value] = node
                self.key = None
            elif not isinstance(node.value, str):
                raise YamlError(node.line_number, "a key is no text")
            elif node.value in self.value:
                raise YamlError(node.line_number, f"the key {node.value!r} is given twice")
            else:
                self.key = node


def read_yaml(text: str) -> Iterator[Node]:
    """The documents of a text.

    Raises:
        YamlError: it is no YAML, or has aliases, keys twice, or too many levels.
    """
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    opened: list[Node] = []
    try:
        for event in yaml.parse(text, Loader=loader):
            line_number = event.start_mark.line + 1
            if isinstance(event, yaml.AliasEvent):
                raise YamlError(line_number, f"the alias *{event.anchor} is not supported")
            if isinstance(event, yaml.CollectionEndEvent):
                node = opened.pop()
            elif isinstance(event, yaml.CollectionStartEvent):
                opened.append(Node(line_number, [] if isinstance(event, yaml.SequenceStartEvent) else {}))
                if len(opened) > MOST_DEPTH:
                    raise YamlError(line_number, f"it is nested more than {MOST_DEPTH} levels deep")
                continue
            elif isinstance(event, yaml.ScalarEvent):
                node = Node(line_number, event.value)
            else:
                continue
            if opened:
                opened[-1].add(node)
            else:
                yield node
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"column {mark.column + 1}: " if mark else ""
        raise YamlError(mark.line + 1 if mark else 1, f"{place}{error.problem or error.context}") from error
    except yaml.YAMLError as error:
        line_number = text.count("\n", 0, getattr(error, "position", 0)) + 1
        raise YamlError(line_number, str(getattr(error, "reason", error))) from error
