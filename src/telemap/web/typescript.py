"""The shapes of all answers as TypeScript, which the front end is checked against.

``python -m telemap.web.typescript > web/src/data/documents.ts`` writes them.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from telemap.web.openapi import openapi

PLAIN = {"string": "string", "integer": "number", "number": "number", "boolean": "boolean", "null": "null"}


def typescript() -> str:
    """The text of the module: an interface a shape, and which of them is at which address."""
    description = openapi()
    shapes = description["components"]["schemas"]
    parts = [
        '// Made by "python -m telemap.web.typescript" from the shapes in Python; not to be edited.',
        *("\n".join(_shape(name, shape)) for name, shape in shapes.items()),
        "\n".join(["/** What is at each address. */", "export interface Answers {", *_answers(description), "}"]),
    ]
    return "\n\n".join(parts) + "\n"


def _answers(description: Mapping[str, Any]) -> Iterator[str]:
    for path, operations in description["paths"].items():
        name = path.removeprefix("/api/")
        shape = operations["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        yield f"  {name if name.isidentifier() else json.dumps(name)}: {_kind(shape)};"


def _shape(name: str, shape: Mapping[str, Any]) -> Iterator[str]:
    if "enum" in shape:
        yield f"export type {_name(name)} = {_kind(shape)};"
        return
    yield f"export interface {_name(name)} {{"
    for key, kind in shape["properties"].items():
        is_always_there = key in shape.get("required", ()) or "default" in kind
        yield f"  {key}{'' if is_always_there else '?'}: {_kind(kind)};"
    yield "}"


def _name(name: str) -> str:
    """Shapes of one name are told apart by their modules.

    >>> _name("telemap.analyses.flow_shapes.Summary")
    'FlowShapesSummary'
    """
    *_, module, last = ["", *name.split(".")]
    return "".join(part.capitalize() for part in module.split("_")) + last


def _kind(shape: Mapping[str, Any]) -> str:
    if "$ref" in shape:
        return _name(shape["$ref"].rpartition("/")[2])
    if "enum" in shape:
        return " | ".join(json.dumps(value) for value in shape["enum"])
    if "anyOf" in shape:
        return " | ".join(_kind(one) for one in shape["anyOf"])
    if shape.get("type") == "array":
        item = _kind(shape.get("items") or {})
        return f"({item})[]" if " | " in item and not item.startswith("{") else f"{item}[]"
    if shape.get("type") == "object":
        value = _kind(shape.get("additionalProperties") or {})
        return f"{{ [name: string]: {value} }}"  # Record may be a shape of ours
    return PLAIN.get(shape.get("type", ""), "unknown")


if __name__ == "__main__":
    sys.stdout.write(typescript())
