"""limits"""

from __future__ import annotations

from telemap.definitions.located_json import JsonObject
from telemap.model.declared import Limit


def declared_limits(value: JsonObject, step_number: int | None, file_path: str) -> list[Limit]:
    """x"""
    return []
