"""Bytes → decoded JSON, with what is wrong told as a problem and never as an exception."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

import msgspec

from telemap.model.collecting import no_collection
from telemap.traces.batches import Problem

Decoded = TypeVar("Decoded")

_STRUCTURE = re.compile(rb'"(?:[^"\\]++|\\.)*+"?|[{}\[\]]', re.DOTALL)
_CLOSING = {b"{": b"}", b"[": b"]"}


def decoded(decode: Callable[[bytes], Decoded], data: bytes, place: str) -> Decoded | Problem:
    """What ``data`` says, or why it says nothing; bytes that are no UTF-8 are read as U+FFFD."""
    try:
        return decode(data)
    except UnicodeDecodeError:
        return decoded(decode, data.decode(errors="replace").encode(), place)
    except (msgspec.MsgspecError, RecursionError) as error:
        return Problem(place, str(error))


def decoded_document(
    decode: Callable[[bytes], Decoded], blocks: Iterator[bytes], nothing: Decoded
) -> tuple[Decoded, int, list[Problem]]:
    """What a whole document says, its size in bytes, and what is wrong with it.

    Of a document that ends too early, all is kept up to the last bracket that is closed; of a broken one ``nothing``.
    """
    data = b"".join(blocks)
    text = data.removeprefix(b"\xef\xbb\xbf")
    with no_collection():
        value = decoded(decode, text, "document")
    if not isinstance(value, Problem):
        return value, len(data), []
    end, closing = _complete_part(text)
    if closing:
        kept = decoded(decode, text[:end] + closing, "document")
        if not isinstance(kept, Problem):
            return kept, len(data), [Problem(f"byte {end}", "the document ends here, before it is complete")]
    return nothing, len(data), [value]


def _complete_part(text: bytes) -> tuple[int, bytes]:
    """Where the last bracket is closed in a document that is cut off, and what closes those then open."""
    end, still_open = 0, b""
    stack: list[bytes] = []
    for token in _STRUCTURE.finditer(text):
        bracket = token[0]
        if bracket in _CLOSING:
            stack.append(_CLOSING[bracket])
        elif stack and bracket == stack[-1]:
            stack.pop()
            end, still_open = token.end(), b"".join(reversed(stack))
    return (end, still_open) if stack else (0, b"")


def text(value: Any) -> str:
    """A value as the text of an attribute: text as it is, anything else as JSON."""
    if isinstance(value, str):
        return value
    if type(value) is int:
        return str(value)
    if isinstance(value, float) and not math.isfinite(value):
        return json.dumps(value)
    return msgspec.json.encode(value).decode()


def texts(values: Mapping[str, Any] | None) -> dict[str, str]:
    """Each value as text; nothing of nothing."""
    return {key: text(value) for key, value in (values or {}).items()}
