"""The bundled example, run for real: what it logs is led back to the lines that logged it, as the run itself tells."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from telemap.analyses.mapped_records import mapped_records
from telemap.records.format_files import bundled_formats, read_formats
from telemap.store.declaring import index_definitions
from telemap.store.indexing import index_code
from telemap.store.linking import link_code
from telemap.store.loading import Ingest, ingest
from telemap.store.store import Store

STOREFRONT = Path(__file__).parents[1] / "examples" / "storefront"

# The program as it is, and beside its log the place that each record is of.
WITNESSED = """
import logging, runpy, sys
from pathlib import Path

truth = open("truth.jsonl", "w")

class Witness(logging.Handler):
    def emit(self, record):
        truth.write(f'["{Path(record.pathname).relative_to(Path.cwd()).as_posix()}", {record.lineno}]\\n')

logging.getLogger("storefront").addHandler(Witness())
sys.argv = ["storefront", "--build", "2.0.0", "--log", "shop.log", "--executions", "200"]
runpy.run_module("storefront", run_name="__main__")
truth.close()
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the example that has run, with its log and what the run says of it."""
    copy = tmp_path_factory.mktemp("shop") / "storefront"
    shutil.copytree(STOREFRONT, copy)
    subprocess.run([sys.executable, "-c", WITNESSED], cwd=copy, check=True, capture_output=True)
    return copy


@pytest.fixture(scope="module")
def store(folder: Path) -> Store:
    """What telemap knows of it, after its code was read."""
    store = Store(folder / "store", create=True)
    formats = (*read_formats([folder / "formats" / "storefront.toml"]), *bundled_formats())
    ingest(store, [str(folder / "shop.log")], Ingest(formats))
    index_code(store, [folder])
    index_definitions(store, [folder / "definitions"])
    link_code(store)
    return store


def test_every_record_is_led_back_to_the_line_that_logged_it(folder: Path, store: Store) -> None:
    truth = [json.loads(line) for line in (folder / "truth.jsonl").read_text().splitlines()]
    records = list(mapped_records(store))
    assert len(records) == len(truth) > 5000
    best = [record.candidates[0] for record in records]
    wrong = [
        (place.file_path, place.line_number, line)
        for place, (path, line) in zip(best, truth, strict=True)
        if (place.file_path, place.line_number) != (path, line)
    ]
    assert len(wrong) / len(truth) <= 0.01
    confidently_wrong = [
        place
        for place, (path, line) in zip(best, truth, strict=True)
        if place.confidence >= 0.9 and (place.file_path, place.line_number) != (path, line)
    ]
    assert confidently_wrong == []


def test_every_handler_that_ran_is_located(store: Store) -> None:
    handlers = store.rows("SELECT DISTINCT handler, code_file_path FROM span WHERE kind = 'handler'")
    assert len(handlers) > 20
    assert [handler for handler in handlers if handler["code_file_path"] is None] == []
