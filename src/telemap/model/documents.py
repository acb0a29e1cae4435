"""Shapes of the JSON documents that verbs answer with: camelCase keys, a schema version at the top."""

from __future__ import annotations

import msgspec

# 1: first published shape
SCHEMA_VERSION = 1


class Shape(msgspec.Struct, frozen=True, rename="camel"):
    """A part of a document."""


class Document(Shape, frozen=True, kw_only=True):
    """A whole document."""

    schema_version: int = SCHEMA_VERSION


class Code(Shape, frozen=True):
    """A place in code, with how sure the link to it is (0…1) and what it rests on."""

    file_path: str
    line_number: int
    function_name: str
    confidence: float
    evidence: str

    @property
    def place(self) -> str:
        """The place as people and editors write it, ``file:line``."""
        return f"{self.file_path}:{self.line_number}"
