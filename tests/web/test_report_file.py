"""A report file has in it what the resources answer, whole, and asks nobody."""

from __future__ import annotations

import gzip
import io
import json
import re
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from telemap.errors import TelemapError
from telemap.web import front_end, report_file
from telemap.web.report_file import write_report
from telemap.web.resources import Context, Resource, address, resources
from tests.web import stores

HIDDEN = re.compile(rb'<script type="text/plain" id="telemap-([\w-]+)">([A-Za-z0-9+/=]*)</script>')
APP = b"document.title = '</script> in the front end';"


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A front end that is small: what is tested here is the data."""
    built = tmp_path / "built"
    built.mkdir()
    (built / "index.html").write_text(
        '<!doctype html><html lang="en"><head><script type="module" src="./app.js"></script>'
        '<link rel="stylesheet" href="./app.css"></head><body><div id="app"></div></body></html>'
    )
    (built / "app.js").write_bytes(APP)
    (built / "app.css").write_text("/* </style> */")
    monkeypatch.setattr(front_end, "BUILT", str(built))


@pytest.fixture
def context(tmp_path: Path) -> Context:
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "shop.py").write_text("def price(cart):\n    return sum(cart)\n")
    names = ["price", stores.SCRIPT, stores.EMOJI]
    return stores.of_lines(tmp_path, stores.calls("r1", "checkout", names), build="1.0")


def written(context: Context) -> tuple[bytes, dict[str, int]]:
    out = io.BytesIO()
    left_out = write_report(context, out, lambda title: None)
    return out.getvalue(), dict(left_out)


def hidden(page: bytes) -> dict[str, bytes]:
    """What is packed in the page, by its name."""
    return {name.decode(): gzip.decompress(b64decode(packed)) for name, packed in HIDDEN.findall(page)}


def answers(page: bytes) -> dict[str, Any]:
    """The answers in the page, by their addresses."""
    parts = hidden(page)
    index: Mapping[str, tuple[int, int, int]] = json.loads(parts["index"])["index"]
    return {
        where: json.loads(parts[f"part-{part}"][start : start + length])
        for where, (part, start, length) in index.items()
    }


def test_it_holds_what_the_resources_answer(context: Context, stand_in: None) -> None:
    page, left_out = written(context)
    expected = {
        address(one.name, params): json.loads(msgspec.json.encode(one.run(context, params), enc_hook=str))
        for one in resources().values()
        for params in one.archived(context.store)
    }
    assert answers(page) == expected
    assert left_out == {}
    assert {"overview", "heatmap", "heatmap?build=1.0", "code?path=shop.py"} <= set(expected)


def test_answers_over_many_parts_are_whole(context: Context, stand_in: None, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = answers(written(context)[0])
    monkeypatch.setattr(report_file, "PART_BYTES", 1)
    page, _ = written(context)
    assert answers(page) == whole
    assert len(hidden(page)) == len(whole) + 2  # the index and the front end


def test_what_finds_no_room_is_left_out_and_counted(
    context: Context, stand_in: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = resources()["log"]

    def many(store: Any) -> Any:
        (params,) = log.archived(store)
        return [replace(params, page=page) for page in range(5)]

    one: Mapping[str, Resource] = {"log": replace(log, archived=many, most_archived_bytes=0)}
    monkeypatch.setattr(report_file, "resources", lambda: one)
    page, left_out = written(context)
    assert (len(answers(page)), left_out) == (1, {"log": 4})
    assert json.loads(hidden(page)["index"])["leftOut"] == {"log": 4}


def test_a_file_that_is_gone_is_left_out_and_counted(context: Context, stand_in: None) -> None:
    (context.root / "code" / "shop.py").unlink()
    page, left_out = written(context)
    assert left_out == {"code": 1}
    assert "code?path=shop.py" not in answers(page)


def test_nothing_in_it_is_markup_but_its_own(context: Context, stand_in: None) -> None:
    page, _ = written(context)
    assert hidden(page)["app"] == APP
    bare = HIDDEN.sub(b"", page)
    assert bare.count(b"<script") == bare.count(b"</script>") == 1
    assert bare.count(b"<style>") == bare.count(b"</style>") == 1
    assert stores.EMOJI.encode() not in bare
    assert not re.search(rb"(?:src|href)=|https?:", bare)


def test_the_same_store_makes_the_same_file(context: Context, stand_in: None) -> None:
    assert written(context) == written(context)


def test_without_pages_nothing_is_written(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(front_end, "BUILT", "not-built")
    out = io.BytesIO()
    with pytest.raises(TelemapError) as caught:
        write_report(context, out, lambda title: None)
    assert (caught.value.slug, out.getvalue()) == ("no-front-end", b"")
