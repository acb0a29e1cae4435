"""What is text in a file, and what is none."""

from __future__ import annotations

import bz2
import codecs
import gzip
import io
import lzma
import sqlite3
import struct
import sys
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from telemap.sources.text import ARROW_PIECE_BYTES, ArchiveError, is_binary, text_of

LINES = "".join(f"2026-01-02T03:04:{n % 60:02d}.000Z INFO händler {n} 上 ✅ done\n" for n in range(400))
TEXT = LINES.encode()


def zstd(text: bytes) -> bytes:
    return bytes(pa.compress(text, "zstd", asbytes=True))


PACKERS = {"gz": gzip.compress, "bz2": bz2.compress, "zst": zstd, "xz": lzma.compress}
PACKERS["lzma"] = lambda text: lzma.compress(text, lzma.FORMAT_ALONE)
every_packer = pytest.mark.parametrize("pack", PACKERS.values(), ids=PACKERS.keys())


def read(data: bytes, start: int = 0, size_bytes: int = 1000) -> bytes:
    return b"".join(text_of(io.BytesIO(data)).blocks(start, size_bytes))


def read_as_far_as_it_goes(data: bytes) -> tuple[bytes, ArchiveError | None]:
    kept = b""
    try:
        for block in text_of(io.BytesIO(data)).blocks(0, 2**20):
            kept += block
    except ArchiveError as error:
        return kept, error
    return kept, None


@every_packer
def test_an_archive_is_known_by_its_first_bytes_and_read_member_by_member(pack: Callable[[bytes], bytes]) -> None:
    members = pack(b"") + pack(TEXT[:1]) + pack(TEXT[1:5000]) + pack(TEXT[5000:])
    assert read(members) == TEXT
    assert read(members, start=7001) == TEXT[7001:]


@every_packer
def test_an_archive_of_an_archive_is_unpacked_twice_and_no_further(pack: Callable[[bytes], bytes]) -> None:
    assert read(gzip.compress(pack(TEXT))) == TEXT
    with pytest.raises(OSError, match="packed more than 2 times"):
        read(gzip.compress(gzip.compress(pack(TEXT))))


@every_packer
@pytest.mark.parametrize("is_nested", [False, True])
def test_a_damaged_archive_gives_what_comes_before_the_damage(pack: Callable[[bytes], bytes], is_nested: bool) -> None:
    noise = np.random.default_rng(1).integers(97, 123, 1_000_000, np.uint8).tobytes()
    packed = pack(noise)[:-100]
    kept, error = read_as_far_as_it_goes(gzip.compress(packed) if is_nested else packed)
    assert str(error).startswith("damaged or truncated archive")
    assert noise.startswith(kept)
    assert len(kept) > (400_000 if pack is not bz2.compress else 0)  # bzip2 packs blocks of 900 kB


@every_packer
def test_garbage_after_an_archive_costs_little_of_it(pack: Callable[[bytes], bytes]) -> None:
    kept, _ = read_as_far_as_it_goes(pack(TEXT) + b"garbage here")
    assert TEXT.startswith(kept)
    assert len(TEXT) - len(kept) < (ARROW_PIECE_BYTES if pack is zstd else 1)


@pytest.mark.parametrize(
    ("mark", "codec"),
    [
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
        (codecs.BOM_UTF32_BE, "utf-32-be"),
        (b"", "utf-8"),
        (b"", "utf-16-le"),
        (b"", "utf-16-be"),
    ],
)
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_encodings_are_handed_on_as_utf_8_without_a_mark(
    mark: bytes, codec: str, pack: Callable[[bytes], bytes]
) -> None:
    encoded = pack(mark + LINES.encode(codec))
    assert read(encoded, size_bytes=997) == TEXT
    assert read(encoded, start=5001, size_bytes=997) == TEXT[5001:]


@given(st.integers(1, 3000), st.sampled_from(["utf-16-le", "utf-16-be"]))
def test_the_encoding_found_in_a_torn_file_stays_when_it_grows(cut: int, codec: str) -> None:
    encoded = LINES.encode(codec)
    line_bytes = len(LINES.split("\n")[0].encode(codec)) + 2
    found = text_of(io.BytesIO(encoded[:cut])).codec
    assert found == codec or cut <= line_bytes  # before the first line is whole, nothing of it is settled


def test_what_cannot_be_decoded_is_marked() -> None:
    assert read(codecs.BOM_UTF16_LE + "ab".encode("utf-16-le") + b"\x00\xd8" + "c\n".encode("utf-16-le")) == (
        "ab\ufffdc\n".encode()
    )


@pytest.mark.parametrize("hole", [1, 1023, 1024, 5000, 3_000_000])
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_nuls_before_the_text_are_left_out(hole: int, pack: Callable[[bytes], bytes]) -> None:
    text = text_of(io.BytesIO(pack(bytes(hole) + TEXT)))
    assert (text.lead_bytes, text.head, b"".join(text.blocks(0, 1000))) == (hole, TEXT[:1024], TEXT)


def test_archives_of_many_files_say_what_to_do() -> None:
    zipped, tarred = io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.writestr("a.log", TEXT)
    with tarfile.open(fileobj=tarred, mode="w") as tar:
        member = tarfile.TarInfo("a.log")
        member.size = len(TEXT)
        tar.addfile(member, io.BytesIO(TEXT))
    for data, advice in ((zipped.getvalue(), r"unzip FILE"), (tarred.getvalue(), r"tar -xf FILE")):
        for pack in (bytes, gzip.compress, lzma.compress):
            with pytest.raises(OSError, match=advice):
                read(pack(data))


LOG = b"2026-01-02T03:04:05.000Z INFO all is well\n" * 100


@pytest.mark.parametrize(
    "data",
    [
        LOG,
        LOG + bytes(4096),
        LOG[:210] + bytes(4096) + LOG,
        LOG[:84] + bytes(9000),
        LOG.replace(b"is", b"\0"),
        LOG.replace(b"\n", b"\0"),
        LOG.replace(b"INFO", b"\x1b[32mINFO\x1b[0m"),
        LINES.encode("latin-1", "replace"),
    ],
    ids=["plain", "tail", "hole", "hole first", "a nul a line", "nul ended", "coloured", "latin-1"],
)
def test_a_log_with_nuls_in_it_is_text(data: bytes) -> None:
    assert not is_binary(data)


def test_binaries_are_none(tmp_path: Path) -> None:
    database = sqlite3.connect(tmp_path / "a.db")
    database.execute(f"CREATE TABLE log (message TEXT) -- {'a long comment ' * 100}")
    database.commit()
    database.close()
    pq.write_table(pa.table({"text": LINES.split("\n")}), tmp_path / "a.parquet", compression="none")
    np.save(tmp_path / "a.npy", np.zeros(5000))
    samples = {
        "interpreter": Path(sys.executable).read_bytes()[:100_000],
        "sqlite": (tmp_path / "a.db").read_bytes(),
        "parquet": (tmp_path / "a.parquet").read_bytes(),
        "numpy": (tmp_path / "a.npy").read_bytes(),
        "png": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x10\0\0\0\x10\x08\x06\0\0\0\x1f\xf3\xffa" + bytes(5000),
        "sound": b"RIFF$\0\0\0WAVEfmt " + struct.pack("<IHHIIHH", 16, 1, 1, 44100, 88200, 2, 16) + bytes(10_000),
        "numbers": np.arange(5000, dtype=np.int32).tobytes(),
        "zeros": bytes(100),
        "noise": np.random.default_rng(1).bytes(8192),
    }
    assert {name: is_binary(data) for name, data in samples.items()} == dict.fromkeys(samples, True) | {"zeros": False}
