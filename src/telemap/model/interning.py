"""Text ↔ small numbers, so that the hot stages compare and move numbers only."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from telemap.model.telemetry import UNKNOWN_CODE

if TYPE_CHECKING:
    from collections.abc import Iterable

Codes = npt.NDArray[np.int32]

FEW = 50
"""So few values are looked up sooner than it is found out which are distinct."""


class Interner:
    """Codes for texts, dense from 0 in order of first appearance; bytes that are no UTF-8 are kept as U+FFFD."""

    def __init__(self, texts: Iterable[str] = ()) -> None:
        self.texts: list[str] = list(texts)
        self._codes = {text: code for code, text in enumerate(self.texts)}

    def code(self, text: str) -> int:
        """The code of ``text``, a new one if need be."""
        code = self._codes.setdefault(text, len(self.texts))
        if code == len(self.texts):
            self.texts.append(text)
        return code

    def codes(self, values: pa.BinaryArray) -> Codes:
        """The code of each value, without a Python object a row: only distinct values are looked up."""
        if len(values) <= FEW:
            return np.array([self.code(value.decode(errors="replace")) for value in values.to_pylist()], np.int32)
        encoded = values.dictionary_encode()
        known = [self.code(value.decode(errors="replace")) for value in encoded.dictionary.to_pylist()]
        codes: Codes = np.array(known, dtype=np.int32)[encoded.indices.to_numpy()]
        return codes

    def text(self, code: int) -> str | None:
        """The text of ``code``; None for UNKNOWN_CODE."""
        return None if code == UNKNOWN_CODE else self.texts[code]

    def column(self, codes: Codes) -> pa.DictionaryArray:
        """``codes`` as an Arrow column of text (dictionary of what occurs), null where unknown."""
        # Codes are dense: counting them finds what occurs in one pass, where sorting them would cost many.
        counts = np.bincount(codes + 1, minlength=1)
        if counts[0] == len(codes):
            return pa.nulls(len(codes), pa.dictionary(pa.int32(), pa.string()))
        used = np.flatnonzero(counts[1:])
        place = np.full(len(counts), UNKNOWN_CODE, np.int32)  # its last entry is that of UNKNOWN_CODE
        place[used] = np.arange(len(used))
        indices = place[codes]
        column = pa.array(indices, mask=indices < 0) if counts[0] else pa.array(indices)
        texts = pa.array([self.texts[code] for code in used.tolist()], pa.string())
        return pa.DictionaryArray.from_arrays(column, texts)


def as_text(values: pa.BinaryArray) -> pa.StringArray:
    """``values`` as text; bytes that are no UTF-8 become U+FFFD."""
    try:
        return values.cast(pa.string())
    except pa.ArrowInvalid:
        return pa.array([value.decode(errors="replace") for value in values.to_pylist()], pa.string())
