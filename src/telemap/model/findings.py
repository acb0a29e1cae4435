"""How grave a finding is, and by what it is known in every run."""

from __future__ import annotations

import hashlib
from enum import StrEnum

ID_DIGITS = 12


class Severity(StrEnum):
    """From a remark to what is surely not as it should be."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"

    @property
    def rank(self) -> int:
        """The graver, the higher."""
        return list(Severity).index(self)


def finding_id(*parts: object) -> str:
    """A short id of what a finding is about, the same in every run and on every machine.

    >>> finding_id("cart-add", "missing-beat", 2) == finding_id("cart-add", "missing-beat", 2)
    True
    """
    text = "\x1f".join("" if part is None else str(part) for part in parts)
    return hashlib.sha256(text.encode()).hexdigest()[:ID_DIGITS]
