"""What is known of the code: functions with their places, and links from telemetry to them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CodeSymbol:
    """A function or method.

    ``file_path`` is relative to the indexed root, with forward slashes; lines are 1-based and inclusive;
    ``qualified_name`` joins the enclosing classes and functions with dots; ``body_hash`` changes only when the
    text of the function does.
    """

    file_path: str
    line_number: int
    end_line_number: int
    name: str
    qualified_name: str
    kind: str
    language: str
    is_exported: bool
    body_hash: str


@dataclass(frozen=True, slots=True)
class CodeLocation:
    """One candidate place in code, with how sure the link is (0…1) and what it rests on."""

    file_path: str
    line_number: int
    function_name: str
    confidence: float
    evidence: str
