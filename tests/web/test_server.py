"""The HTTP API says what the resources say, to those who may ask, and changes when the store does."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec
import pytest

from telemap.records.format_files import read_formats
from telemap.store.loading import Ingest, ingest
from telemap.web import front_end
from telemap.web.openapi import openapi
from telemap.web.resources import Context, address, resources
from tests.web import stores
from tests.web.serving import Server, serving

MOST_ANSWERS = 5  # of one resource


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> Context:
    folder = tmp_path_factory.mktemp("served")
    (folder / "code").mkdir()
    (folder / "code" / "shop.py").write_text("def price(cart):\n    return sum(cart)\n")
    lines = [*stores.calls("r1", "checkout", ["price"]), (50, "r2", "begin checkout"), (60, "r2", "not a step")]
    return stores.of_lines(folder, lines, build="1.0")


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Pages that say no more than their names: what is tested here is how they are sent."""
    for name in front_end.FILES:
        (tmp_path / name).write_bytes(name.encode() * 500)
    monkeypatch.setattr(front_end, "BUILT", str(tmp_path))


@pytest.fixture
def server(context: Context, stand_in: None) -> Iterator[Server]:
    with serving(context) as server:
        yield server


def answers(context: Context) -> Iterator[tuple[str, Any]]:
    """The addresses that a report file holds, some of each resource, and the documents there."""
    for one in resources().values():
        for params in islice(one.archived(context.store), MOST_ANSWERS):
            document = msgspec.to_builtins(one.run(context, params), enc_hook=str)
            yield address(one.name, params), document


def test_it_answers_what_the_resources_answer(context: Context, server: Server) -> None:
    expected = dict(answers(context))
    assert {where.partition("?")[0] for where in expected} >= {
        "overview",
        "heatmap",
        "flows",
        "coverage",
        "log",
        "code",
    }
    for where, document in expected.items():
        answer = server.ask(f"/api/{where}")
        assert (answer.status, answer.headers["content-type"]) == (200, "application/json")
        assert answer.document == json.loads(json.dumps(document))


def test_every_document_has_the_shape_that_the_description_says(context: Context, server: Server) -> None:
    from jsonschema import Draft202012Validator

    description = server.ask("/api/openapi.json").document
    for where, _ in answers(context):
        responses = description["paths"][f"/api/{where.partition('?')[0]}"]["get"]["responses"]
        schema = responses["200"]["content"]["application/json"]["schema"] | {"components": description["components"]}
        faults = Draft202012Validator(schema).iter_errors(server.ask(f"/api/{where}").document)
        assert [(where, fault.json_path, fault.message) for fault in faults] == []


def test_the_description_is_one_of_openapi_and_has_all_resources() -> None:
    from openapi_spec_validator import OpenAPIV31SpecValidator

    description = openapi()
    assert [str(fault) for fault in OpenAPIV31SpecValidator(description).iter_errors()] == []
    assert list(description["paths"]) == [f"/api/{name}" for name in resources()]


@pytest.mark.parametrize(
    ("path", "status", "slug", "summary"),
    [
        ("/api/nothing", 404, "no-resource", "nothing is at the address 'nothing'"),
        ("/api/", 404, "no-resource", "nothing is at the address ''"),
        ("/api/heatmap?nothing=1", 400, "bad-setting", "heatmap has no setting 'nothing'"),
        ("/api/heatmap?top=many", 400, "bad-setting", "heatmap: Expected `int | null`, got `str` - at `$.top`"),
        ("/api/heatmap?build=9.9", 400, "no-build", None),
        ("/api/log", 400, "bad-setting", "log: Object missing required field `source`"),
        ("/api/code?path=..%2F..%2Fetc%2Fpasswd", 400, "no-code", "the text of ../../etc/passwd cannot be shown"),
        ("/api/code?path=%2Fetc%2Fpasswd", 400, "no-code", "the text of /etc/passwd cannot be shown"),
    ],
)
def test_errors_are_told_as_json(server: Server, path: str, status: int, slug: str, summary: str | None) -> None:
    answer = server.ask(path)
    assert (answer.status, answer.headers["content-type"]) == (status, "application/json")
    told = answer.document["error"]
    assert set(told) == {"slug", "summary", "reason", "place", "help"}
    assert (told["slug"], summary or told["summary"]) == (slug, told["summary"])


@pytest.mark.parametrize("path", ["/", "/app.js", "/app.css", "/licences.txt"])
def test_the_pages_are_sent_and_nothing_beside_them(server: Server, path: str) -> None:
    name = path.removeprefix("/") or "index.html"
    answer = server.ask(path)
    assert (answer.status, answer.headers["content-type"]) == (200, front_end.FILES[name])
    assert answer.body == name.encode() * 500
    assert server.ask(f"/{name}/../server.py").status == 404
    assert server.ask("/..%2Fserver.py").status == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
@pytest.mark.parametrize("path", ["/", "/api/overview", "/api/openapi.json"])
def test_it_can_only_be_read(server: Server, method: str, path: str) -> None:
    answer = server.ask(path, method)
    assert answer.status == 405
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("path", ["/", "/api/overview", "/api/openapi.json", "/api/nothing"])
def test_a_page_can_load_from_nowhere_else_and_be_shown_nowhere_else(server: Server, path: str) -> None:
    headers = server.ask(path).headers
    policy = dict(part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";"))
    assert (policy["default-src"], policy["frame-ancestors"], policy["base-uri"]) == ("'self'", "'none'", "'none'")
    assert "script-src" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cross-origin-resource-policy"] == "same-origin"


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:4330", 200),
        ("localhost", 200),
        ("[::1]:4330", 200),
        ("LOCALHOST:1", 200),
        ("evil.example", 400),
        ("evil.example:4330", 400),
        ("127.0.0.1.evil.example", 400),
        ("localhost@evil.example", 400),
        ("[::1].evil.example", 400),
        ("", 400),
    ],
)
def test_only_requests_to_names_of_this_machine_are_answered(
    context: Context, stand_in: None, host: str, status: int
) -> None:
    with serving(context, "localhost", "127.0.0.1", "[::1]") as server:
        assert {server.ask(path, Host=host).status for path in ("/", "/api/overview")} == {status}


def test_an_answer_holds_until_the_store_changes(tmp_path: Path, stand_in: None) -> None:
    context = stores.of_lines(tmp_path, stores.calls("r1", "checkout", ["price"]))
    with serving(context) as server:
        first = server.ask("/api/heatmap")
        assert [one["name"] for one in first.document["handlers"]] == ["price"]
        tag = first.headers["etag"]
        again = server.ask("/api/heatmap", If_None_Match=tag)
        assert (again.status, again.body, again.headers["etag"]) == (304, b"", tag)
        log = tmp_path / "more.log"
        log.write_text(
            "".join(f"{stores.at(ms)} [{run}] {text}\n" for ms, run, text in stores.calls("r9", "pay", ["pay"]))
        )
        ingest(context.store, [str(log)], Ingest(tuple(read_formats([stores.APP_FORMAT]))))
        changed = server.ask("/api/heatmap", If_None_Match=tag)
        assert changed.status == 200
        assert changed.headers["etag"] != tag
        assert sorted(one["name"] for one in changed.document["handlers"]) == ["pay", "price"]


@pytest.mark.parametrize("path", ["/api/openapi.json", "/app.js"])
def test_long_answers_are_packed_for_who_can_unpack_them_every_time(server: Server, path: str) -> None:
    packed = server.ask(path, Accept_Encoding="gzip")
    plain = server.ask(path)
    again = server.ask(path, Accept_Encoding="gzip")
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(packed.body) == plain.body
    assert len(packed.body) < len(plain.body) / 4
    assert (again.status, gzip.decompress(again.body)) == (200, plain.body)


def test_questions_at_the_same_time_are_all_answered(server: Server) -> None:
    from concurrent.futures import ThreadPoolExecutor

    asked = ["/api/heatmap", "/api/flows", "/api/coverage", "/api/overview"] * 4
    ask: Callable[[str], Any] = server.ask
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(ask, asked))
    assert {answer.status for answer in found} == {200}
    assert len({(path, answer.body) for path, answer in zip(asked, found, strict=True)}) == 4


def test_what_the_front_end_knows_of_the_shapes_is_as_they_are() -> None:
    from telemap.web.typescript import typescript
    from tests.conftest import REPOSITORY

    kept = (REPOSITORY / "web" / "src" / "data" / "documents.ts").read_text(encoding="utf-8")
    assert typescript() == kept, "renew it: python -m telemap.web.typescript > web/src/data/documents.ts"


def test_a_server_without_pages_says_how_to_get_them(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    from telemap.errors import TelemapError
    from telemap.web.server import application

    monkeypatch.setattr(front_end, "BUILT", "not-built")
    with pytest.raises(TelemapError, match="this installation has no pages to show") as caught:
        application(context, ["localhost"])
    assert caught.value.slug == "no-front-end"
