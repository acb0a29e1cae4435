"""The text of a file: archives unpacked, UTF-16 and UTF-32 handed on as UTF-8, what is no text before it left out.

Places in a source (``byte_offset``, ``read_bytes``) count bytes of this text. Of a plain UTF-8 file they are places in
the file itself. They are not where it is packed or in another encoding, begins with a byte order mark, or begins with
NUL bytes, as a log does whose writer went on at its old place after somebody had emptied the file.
"""

from __future__ import annotations

import bz2
import codecs
import gzip
import lzma
import re
import sys
import zlib
from collections.abc import Callable, Generator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol

HEAD_BYTES = 1024
PIECE_BYTES = 2**16  # of an archive at a time
ARROW_PIECE_BYTES = 2**12  # smaller, since Arrow keeps back the whole piece in which there is a damage
MOST_LAYERS = 2  # an archive of an archive happens by mistake; more is made to do harm
BINARY_SAMPLE_BYTES = 8192
MOST_CONTROLS = 0.05  # share of control characters above which bytes are taken for binary

_CONTROLS = bytes({*range(32), 127} - {*b"\t\n\r\x1b"})
_PADDING = re.compile(rb"\0{16,}")  # what crashes and preallocation leave in a log that is otherwise good
# Binaries that would pass for padded text: little in them but names and zeros.
_BINARY = (b"\x7fELF", b"MZ", b"SQLite format 3", b"PAR1", b"ARROW1", b"\x89PNG", b"\x89HDF", b"\x93NUMPY", b"LPKSHHRH")
_MARKS = (  # UTF-32 before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (codecs.BOM_UTF8, None),
)


Blocks = Generator[bytes, int | None, None]
"""A text in blocks; what is sent is how many of the last bytes are to come again at the beginning of the next."""


class ArchiveError(OSError):
    """An archive is truncated or damaged; all that could be unpacked was handed out before."""


class Readable(Protocol):
    """What bytes can be read of."""

    def read(self, size: int, /) -> bytes:
        """At most ``size`` bytes, none at the end."""
        ...


def _unzstd(file: Any) -> Any:
    import pyarrow as pa  # few files need it, and loading it takes longer than help may

    return pa.CompressedInputStream(file, "zstd")


_UNPACKERS: tuple[tuple[re.Pattern[bytes], Callable[[Any], Any], int], ...] = (
    (re.compile(rb"\x1f\x8b\x08"), lambda file: gzip.GzipFile(fileobj=file), PIECE_BYTES),
    (re.compile(rb"BZh[1-9](?:1AY&SY|\x17rE8P\x90)"), bz2.BZ2File, PIECE_BYTES),
    (re.compile(rb"\xfd7zXZ\0|]\0\0.{2}(?:\xff{8}|.{5}\0{3})", re.DOTALL), lzma.LZMAFile, PIECE_BYTES),
    (
        re.compile(rb"\x28\xb5\x2f\xfd|[\x50-\x5f]\x2a\x4d\x18"),
        _unzstd,
        ARROW_PIECE_BYTES,
    ),
)


class _Layer:
    """A file, or what an archive unpacks to, read as far as it goes: what came before a damage is not lost with it."""

    closed = False

    def __init__(self, file: Any, depth: int, piece_bytes: int) -> None:
        # One unpacked piece at a time where that is to be had: `read` keeps back what comes before a damage.
        self._read = getattr(file, "read1", file.read)
        self.depth = depth
        self._piece_bytes = piece_bytes
        self._ahead = b""
        self._error: OSError | None = None

    def head(self) -> bytes:
        """The next bytes, which stay to be read."""
        with suppress(OSError):  # told when it is read
            self._ahead = self.read(HEAD_BYTES)
        return self._ahead

    def read(self, size: int) -> bytes:
        """The next ``size`` bytes, fewer only before the end or a failure."""
        parts = [self._ahead[:size]]
        self._ahead = self._ahead[size:]
        wanted = size - len(parts[0])
        while wanted and self._error is None:
            try:
                part = self._read(min(wanted, self._piece_bytes))
            except (EOFError, OSError, zlib.error, lzma.LZMAError) as error:
                self._error = ArchiveError(f"damaged or truncated archive: {error}")
                if self.depth == 0 and isinstance(error, OSError):
                    self._error = error
                break
            if not part:
                break
            parts.append(part)
            wanted -= len(part)
        data = b"".join(parts)
        if self._error is not None and not data:
            raise self._error
        return data

    def close(self) -> None:
        """Nothing: who opened the file closes it. (Arrow closes what it unpacks.)"""


@dataclass(frozen=True, slots=True)
class Text:
    """A file's text, to be read once.

    Args:
        layer: the bytes, unpacked.
        head: their first kilobyte, from where the text begins, in the file's encoding.
        lead_bytes: how many bytes are before the text; a byte order mark, NUL bytes.
        codec: the encoding, None for UTF-8 or anything else that is kept byte by byte.
    """

    layer: _Layer
    head: bytes
    lead_bytes: int
    codec: str | None

    @property
    def is_packed(self) -> bool:
        """Whether the file is an archive."""
        return self.layer.depth > 0

    def blocks(self, start: int, size_bytes: int) -> Blocks:
        """The text from ``start`` on, about ``size_bytes`` at a time; what cannot be decoded is U+FFFD."""
        rest = b""
        decode = codecs.getincrementaldecoder(self.codec)("replace").decode if self.codec else None
        while block := self.layer.read(size_bytes):
            text = decode(block).encode() if decode else block
            if start < len(text):
                block = rest + text[start:]
                rest = block[len(block) - ((yield block) or 0) :]
            start = max(0, start - len(text))


def text_of(file: Readable) -> Text:
    """The text of an open file that stands at its beginning.

    Raises:
        OSError: it is an archive of many files, or packed more often than anybody means to.
    """
    layer = _Layer(file, 0, sys.maxsize)
    head = layer.head()
    while found := _unpacker(head):
        if layer.depth == MOST_LAYERS:
            raise OSError(f"packed more than {MOST_LAYERS} times; unpack it, then ingest what was in it")
        unpack, piece_bytes = found
        layer = _Layer(unpack(layer), layer.depth + 1, piece_bytes)
        head = layer.head()
    if head.startswith(b"PK\3\4"):
        raise OSError("a zip archive; unpack it (unzip FILE), then ingest what was in it")
    if head[257:262] == b"ustar":
        raise OSError("a tar archive; unpack it (tar -xf FILE), then ingest what was in it")
    lead_bytes, codec = _encoding(head)
    if lead_bytes:
        layer.read(lead_bytes)
        head = layer.head()
    while codec is None and head.startswith(b"\0") and not is_binary(text := head.lstrip(b"\0")):
        lead_bytes += len(layer.read(len(head) - len(text)))
        head = layer.head()
    return Text(layer, head, lead_bytes, codec)


def _unpacker(head: bytes) -> tuple[Callable[[Any], Any], int] | None:
    """What unpacks an archive that begins so, and how much at a time."""
    return next(((unpack, piece_bytes) for magic, unpack, piece_bytes in _UNPACKERS if magic.match(head)), None)


def _encoding(head: bytes) -> tuple[int, str | None]:
    """How long the byte order mark is, and the encoding: by the mark, or by the zeros between the letters.

    Only the first line is looked at, since nothing of a source is settled before that is whole; what is found must
    not change when the file grows.
    """
    for mark, codec in _MARKS:
        if head.startswith(mark):
            return len(mark), codec
    if any(mark.startswith(head) for mark, _ in _MARKS):  # a mark of which the rest is not there yet
        return len(head), None
    end = head.find(b"\n")
    line = head if end < 0 else head[: end + 2]
    nuls = line[::2].count(0), line[1::2].count(0)
    if not any(nuls) or all(nuls) or max(nuls) * 8 < len(line):
        return 0, None
    return 0, "utf-16-be" if nuls[0] else "utf-16-le"


def is_binary(data: bytes) -> bool:
    """Whether what a text begins with is no text: padding left aside, it is full of control characters."""
    sample = data[:BINARY_SAMPLE_BYTES]
    if b"\0" in sample:
        if sample.startswith(_BINARY):
            return True
        sample = _PADDING.sub(b"", sample)
    return len(sample) - len(sample.translate(None, _CONTROLS)) > MOST_CONTROLS * len(sample)
