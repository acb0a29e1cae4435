"""Writers for programs: JSON documents, JSON lines and CSV."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from typing import TextIO

import msgspec

from telemap.errors import TelemapError
from telemap.reports.blocks import Block, Table, plain

_ENCODER = msgspec.json.Encoder(enc_hook=str, decimal_format="number")


def write_json(document: object, out: TextIO) -> None:
    """Write one document, indented."""
    out.write(msgspec.json.format(_ENCODER.encode(document), indent=2).decode() + "\n")


def write_json_lines(documents: Iterable[object], out: TextIO) -> None:
    """Write a document a line, while they come."""
    for document in documents:
        out.write(_ENCODER.encode(document).decode() + "\n")


def write_csv(blocks: Iterable[Block], out: TextIO) -> None:
    """Write the first table that is for data files, and those that go on with its columns, as far as they are.

    Raises:
        TelemapError: ``no-table``: there is none.
    """
    tables = [block for block in blocks if isinstance(block, Table) and any(column.key for column in block.columns)]
    if not tables:
        raise TelemapError("no-table", "this answer has no table", help="choose another --format")
    keys = [column.key for column in tables[0].columns]
    places = [place for place, key in enumerate(keys) if key]
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([keys[place] for place in places])
    for table in tables:
        if [column.key for column in table.columns] == keys:
            writer.writerows([plain(row[place]) for place in places] for row in table.rows)
