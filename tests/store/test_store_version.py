"""A store that an older telemap wrote is refused, so the number that tells it must change with what is stored."""

from __future__ import annotations

import hashlib
import json

import msgspec

from telemap.executions.correlate import RUN_FIELDS, SPAN_FIELDS
from telemap.model.tables import STORE_VERSION, TABLES
from telemap.store.state import State

# When this fails, raise STORE_VERSION (unless no release has had the number), say there what changed, and write both
# here.
VERSION, DIGEST = 2, "e5334ed0af5a5c56"


def test_what_is_stored_does_not_change_without_its_version() -> None:
    tables = {name: {field.name: str(field.type) for field in schema} for name, schema in TABLES.items()}
    stored = json.dumps([tables, msgspec.json.schema(State), RUN_FIELDS, SPAN_FIELDS])
    assert (STORE_VERSION, hashlib.sha256(stored.encode()).hexdigest()[:16]) == (VERSION, DIGEST)
