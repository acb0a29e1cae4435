"""The wire format of Protocol Buffers ↔ dicts, by a schema that is written like the definitions of the messages.

Small enough to be our own: what OTLP and Perfetto need is a dozen lines of wire format, and no library at run time.
"""

from __future__ import annotations

import base64
import re
import struct
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_LENGTH_DELIMITED = 2
_FIXED_BYTES = {1: 8, 5: 4}
_DEPTH = 100


class MalformedError(ValueError):
    """Bytes that are no message; says at which of them it fails."""


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a message: its name, what its values are (a scalar, or the name of a message), whether many."""

    name: str
    kind: str
    is_repeated: bool


Schema = dict[str, dict[int, Field]]


def schema(definitions: str) -> Schema:
    """Messages by name from lines such as ``Span: 1 traceId hex, 9 attributes KeyValue*``."""
    messages: Schema = {}
    for line in filter(None, map(str.strip, definitions.splitlines())):
        message, _, fields = line.partition(":")
        found = re.findall(r"(\d+) (\w+) (\w+)(\*?)", fields)
        messages[message] = {int(number): Field(name, kind, bool(star)) for number, name, kind, star in found}
    return messages


def _signed(value: Any) -> int:
    number = value if isinstance(value, int) else int.from_bytes(value, "little")
    return number - (1 << 64) if number >> 63 else number


def _unsigned(value: Any) -> int:
    return value if isinstance(value, int) else int.from_bytes(value, "little")


_SCALARS: dict[str, Callable[[Any], Any]] = {
    "text": lambda value: bytes(value).decode(errors="replace"),
    "hex": lambda value: bytes(value).hex(),
    "base64": lambda value: base64.b64encode(value).decode(),
    "int": _signed,
    "uint": _unsigned,
    "bool": bool,
    "fixed": _unsigned,
    "double": lambda value: struct.unpack("<d", value)[0],
}


def varint(data: bytes, at: int) -> tuple[int, int]:
    """The number at ``at``, and where it ends."""
    value = shift = 0
    while shift < 70:
        if at >= len(data):
            raise MalformedError(f"byte {at}: the message ends inside a number")
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value & 0xFFFF_FFFF_FFFF_FFFF, at
    raise MalformedError(f"byte {at}: a number of more than 64 bits")


def fields(data: bytes) -> Iterator[tuple[int, int, Any, int]]:
    """Of each field the number, wire type, raw value (a number or bytes) and the place behind it."""
    at, size = 0, len(data)
    while at < size:
        key, at = (data[at], at + 1) if data[at] < 0x80 else varint(data, at)
        number, wire = key >> 3, key & 7
        if wire == 0:
            value, at = varint(data, at)
            yield number, wire, value, at
            continue
        if wire == _LENGTH_DELIMITED:
            length, at = (data[at], at + 1) if at < size and data[at] < 0x80 else varint(data, at)
        elif wire in _FIXED_BYTES:
            length = _FIXED_BYTES[wire]
        else:
            raise MalformedError(f"byte {at}: wire type {wire} of field {number}")
        if not number or at + length > size:
            raise MalformedError(f"byte {at}: field {number} of {length} bytes goes beyond the message")
        yield number, wire, data[at : at + length], at + length
        at += length


def message(data: bytes, name: str, messages: Schema, depth: int = 0) -> dict[str, Any]:
    """The fields of a message by their names; those that the schema does not know are left out."""
    if depth > _DEPTH:
        raise MalformedError(f"messages more than {_DEPTH} deep")
    found: dict[str, Any] = {}
    known = messages[name]
    for number, wire, raw, _ in fields(data):
        field = known.get(number)
        if field is None:
            continue
        read = _SCALARS.get(field.kind)
        if read is None:
            values = [message(raw, field.kind, messages, depth + 1)] if wire == _LENGTH_DELIMITED else []
        elif field.is_repeated and wire == _LENGTH_DELIMITED and field.kind in ("int", "uint", "fixed", "double"):
            values = [read(one) for one in _packed(raw, field.kind)]
        elif (wire == _LENGTH_DELIMITED) != (field.kind in ("text", "hex", "base64")):
            raise MalformedError(f"{name}.{field.name} has wire type {wire}")
        else:
            values = [read(raw)]
        if field.is_repeated:
            found.setdefault(field.name, []).extend(values)
        elif values:
            found[field.name] = values[0]
    return found


def _packed(data: bytes, kind: str) -> Iterator[Any]:
    at = 0
    while at < len(data):
        if kind in ("fixed", "double"):
            yield data[at : at + 8].ljust(8, b"\0")
            at += 8
        else:
            value, at = varint(data, at)
            yield value


def encoded(values: Mapping[str, Any], name: str, messages: Schema) -> bytes:
    """The message with these fields, as ``message`` reads it."""
    out = bytearray()
    for number, field in messages[name].items():
        if field.name in values:
            given = values[field.name]
            for value in given if field.is_repeated else [given]:
                out += _field(number, field.kind, value, messages)
    return bytes(out)


def _field(number: int, kind: str, value: Any, messages: Schema) -> bytes:
    if kind in ("int", "uint", "bool"):
        return _number(number << 3) + _number(int(value) & 0xFFFF_FFFF_FFFF_FFFF)
    if kind in ("fixed", "double"):
        return _number(number << 3 | 1) + struct.pack("<Q" if kind == "fixed" else "<d", value)
    raw = value.encode() if kind == "text" else encoded(value, kind, messages)
    return _number(number << 3 | _LENGTH_DELIMITED) + _number(len(raw)) + raw


def _number(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)
