"""A report as one HTML file: the front end and the answers that its pages ask for, packed."""

from __future__ import annotations

import gzip
import json
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib import resources as package_files
from typing import BinaryIO

import msgspec

from telemap.errors import TelemapError
from telemap.web.front_end import front_end
from telemap.web.resources import Context, Resource, address, resources

PART_BYTES = 400_000  # of answers that are packed together; a page unpacks what it needs
_ENCODER = msgspec.json.Encoder(enc_hook=str, decimal_format="number")

Progress = Callable[[str], None]


@dataclass(slots=True)
class _Parts:
    """Answers, packed in parts, and where in them each is."""

    packed: list[bytes] = field(default_factory=list)
    index: dict[str, tuple[int, int, int]] = field(default_factory=dict)
    left_out: dict[str, int] = field(default_factory=dict)
    _open: bytearray = field(default_factory=bytearray)

    def add(self, where: str, answer: bytes) -> None:
        self.index[where] = (len(self.packed), len(self._open), len(answer))
        self._open += answer
        if len(self._open) > PART_BYTES:
            self.close()

    def close(self) -> None:
        if self._open:
            self.packed.append(_packed(bytes(self._open)))
            self._open.clear()


def write_report(context: Context, out: BinaryIO, progress: Progress) -> Mapping[str, int]:
    """Write the report of a store; how many answers of which resource did not find room in it.

    Raises:
        TelemapError: ``no-front-end``.
    """
    page, app, style = (front_end(name) for name in ("index.html", "app.js", "app.css"))
    parts = _Parts()
    with context.store.held() as store:
        for one in resources().values():
            progress(one.title)
            _collect(Context(store, context.root), one, parts)
    index = {"index": parts.index, "leftOut": parts.left_out}
    chunks = _scripts(app, parts.packed, json.dumps(index, separators=(",", ":")).encode())
    head, tail = _cut(page)
    out.write(head)
    out.write(b"<style>" + style.replace(b"</style", b"<\\/style") + b"</style>\n")
    out.writelines(chunks)
    out.write(tail)
    return parts.left_out


def _collect(context: Context, one: Resource, parts: _Parts) -> None:
    size, most = 0, one.most_archived_bytes
    for params in one.archived(context.store):
        if most is not None and size > most:
            parts.left_out[one.name] = parts.left_out.get(one.name, 0) + 1
            continue
        try:
            answer = _ENCODER.encode(one.run(context, params))
        except TelemapError:  # a file that is gone since: its page says so
            parts.left_out[one.name] = parts.left_out.get(one.name, 0) + 1
            continue
        size += len(answer)
        parts.add(address(one.name, params), answer)
    parts.close()


def _scripts(app: bytes, parts: list[bytes], index: bytes) -> Iterator[bytes]:
    """What is hidden in the page: the index, the parts and the front end, then what starts it."""
    for name, packed in (
        ("telemap-index", _packed(index)),
        *((f"telemap-part-{place}", part) for place, part in enumerate(parts)),
        ("telemap-app", _packed(app)),
    ):
        yield b'<script type="text/plain" id="%s">%s</script>\n' % (name.encode(), b64encode(packed))
    loader = package_files.files("telemap.web").joinpath("report_loader.js").read_bytes()
    yield b"<script>\n" + loader + b"</script>\n"


def _packed(data: bytes) -> bytes:
    return gzip.compress(data, mtime=0)


def _cut(page: bytes) -> tuple[bytes, bytes]:
    """The page before and after the place where scripts go, without what it would load from beside it."""
    import re

    bare = re.sub(rb'\s*<(?:script type="module"[^>]*></script|link rel="stylesheet"[^>]*)>', b"", page)
    head, body_end, tail = bare.rpartition(b"</body>")
    return head, body_end + tail
