"""The server: files that are sent again, and answers that do not wait for each other."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from telemap.errors import TelemapError
from telemap.model.documents import Document
from telemap.store.store import Store
from telemap.web import server
from telemap.web.resources import Context, Resource
from tests.web.browser import missing
from tests.web.serving import serving


@dataclass(frozen=True, slots=True)
class NoParams:
    """No settings."""


def test_a_file_that_is_sent_packed_is_the_same_the_second_time(tmp_path: Path) -> None:
    context = Context(Store(tmp_path / "store", create=True), tmp_path)
    try:
        with serving(context) as running:
            first, second = (running.ask("/app.css", accept_encoding="gzip") for _ in range(2))
    except TelemapError as error:
        missing(str(error))
    assert first.body == second.body
    assert first.headers["content-length"] == second.headers["content-length"]


def test_a_closer_look_is_answered_while_an_analysis_is_being_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, ended = threading.Event(), threading.Event()

    def slow(context: Context, params: object) -> Document:
        begun.set()
        assert ended.wait(10)
        return Document()

    analysis = Resource("slow", "", NoParams, slow, Document, lambda _: ())
    look = replace(analysis, name="look", run=lambda _, __: Document(), only_looks=True)
    monkeypatch.setattr(server, "resource", {"slow": analysis, "look": look}.__getitem__)
    answers = server.Answers(Context(Store(tmp_path / "store", create=True), tmp_path))
    made: list[bytes] = []
    waiting = threading.Thread(target=lambda: made.append(answers.of("slow", {})))
    waiting.start()
    assert begun.wait(10)
    assert answers.of("look", {}) == b'{"schemaVersion":1}'
    assert not made
    ended.set()
    waiting.join()
    assert made == [b'{"schemaVersion":1}']
