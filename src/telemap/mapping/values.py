"""What stands in the gaps of a message's template, typed as the code lets it be."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

import msgspec

from telemap.mapping.patterns import pattern_of
from telemap.model.code import Template, Variable

Value = str | int | float

_GROUPING = re.compile("[,_]")  # 12,000


@dataclass(frozen=True, slots=True)
class MessageTemplate:
    """The template of a message, and where in the body of its record the message stands.

    It begins at character ``begins_at``, behind what loggers put there, and ends with the first line where a stack
    trace follows (``is_first_line``).
    """

    template: Template
    begins_at: int = 0
    is_first_line: bool = False

    def values(self, body: str) -> dict[str, Value]:
        """The values in the body of such a record, by what the code calls them."""
        message = body.split("\n", 1)[0] if self.is_first_line else body
        return values_in(message[self.begins_at :], self.template)

    def encoded(self) -> str:
        """The same as text."""
        return msgspec.json.encode(self).decode()

    @staticmethod
    def decoded(text: str) -> MessageTemplate:
        """What ``encoded`` gave."""
        return _DECODER.decode(text)


_DECODER = msgspec.json.Decoder(MessageTemplate)


def values_in(message: str, template: Template) -> dict[str, Value]:
    """What stands in the gaps of a message, typed, and as ``key=value`` behind it, by what is called so."""
    return {variable.name: _typed(variable, text) for variable, text in pattern_of(template).captured(message)}


def _typed(variable: Variable, text: str) -> Value:
    """A value as what its directive lets stand there; the text where that is not a number after all."""
    try:
        if variable.kind == "int":
            return int(_GROUPING.sub("", text))
        if variable.kind == "float" and math.isfinite(value := float(_GROUPING.sub("", text).removesuffix("%"))):
            return value
    except ValueError:
        pass
    return text
