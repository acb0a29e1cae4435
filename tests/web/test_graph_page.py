"""The page of the graph in a browser: what it shows is what the analysis answers."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import quote
from xml.etree import ElementTree

import pytest
from playwright.sync_api import Page, expect

from telemap.analyses.graph import Params, run
from telemap.web.resources import Context
from tests.web.browser import OpenPage, accessibility_faults, keep_screenshot, layout_faults
from tests.web.reports import drawn, report_of
from tests.web.stores import IMAGE, empty, hostile, many_handlers, storefront

pytestmark = pytest.mark.xdist_group("graph")  # whose store is made once

SIZES = [(1280, "light"), (1280, "dark"), (390, "light")]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Context:
    return storefront(tmp_path_factory.mktemp("shop"))


@pytest.fixture(scope="module")
def report(shop: Context) -> str:
    return report_of(shop)


def listed(page: Page) -> tuple[set[str], int]:
    """The nodes of the picture, and how many ways it has, from its list."""
    page.get_by_role("button", name="List", exact=True).click()
    nodes, ways = page.locator(".graph-lists table").all()
    names = set(nodes.locator("tbody td:first-child").all_inner_texts())
    count = ways.locator("tbody tr").count()
    page.get_by_role("button", name="Picture", exact=True).click()
    return names, count


@pytest.mark.parametrize(("width", "color_scheme"), SIZES)
def test_the_page_has_no_fault(report: str, open_page: OpenPage, width: int, color_scheme: str) -> None:
    page = drawn(open_page(f"{report}#/graph?node=place_order", width=width, color_scheme=color_scheme))
    assert layout_faults(page) == []
    assert accessibility_faults(page) == []
    keep_screenshot(page, f"graph-{width}-{color_scheme}")


@pytest.mark.parametrize("nodes", ["handler", "module", "sequence", "service", "topic"])
def test_every_kind_of_nodes_is_in_the_report(shop: Context, report: str, open_page: OpenPage, nodes: str) -> None:
    graph = run(shop.store, Params(nodes=nodes))  # type: ignore[arg-type]
    page = drawn(open_page(f"{report}#/graph?nodes={nodes}"))
    names, ways = listed(page)
    assert names == {node.name for node in graph.nodes}
    assert ways == len(graph.edges)


def test_edges_are_filtered_by_kind_layer_and_count(shop: Context, report: str, open_page: OpenPage) -> None:
    edges = run(shop.store, Params()).edges
    page = drawn(open_page(f"{report}#/graph"))
    page.get_by_label("Layer").select_option("static")
    assert listed(drawn(page))[1] == sum(edge.layer == "static" for edge in edges)
    page.get_by_label("Layer").select_option("all")
    page.get_by_role("button", name="next", exact=True).click()
    others = [edge for edge in edges if {*edge.kinds} - {"next"}]
    assert listed(drawn(page))[1] == len(others)
    page.get_by_label("Seen at least").fill("30")
    kept = [edge for edge in others if edge.count >= 30 or edge.layer == "static"]
    assert listed(drawn(page))[1] == len(kept)


def test_a_node_is_told_with_its_edges_its_code_and_what_is_around_it(
    shop: Context, report: str, open_page: OpenPage
) -> None:
    graph = run(shop.store, Params(focus="place_order"))
    page = drawn(open_page(f"{report}#/graph"))
    page.locator("section", has_text="Single points of failure").get_by_role("link", name="place_order").last.click()
    beside = page.locator(".beside")
    expect(beside.get_by_role("heading", name="place_order")).to_be_visible()
    out = [edge for edge in graph.edges if edge.source == "place_order"]
    expect(beside).to_contain_text(f"To {len(out)} nodes")
    beside.get_by_role("button", name="Show only what is around it").click()
    assert listed(drawn(page))[0] == {node.name for node in graph.nodes}
    beside.locator(".facts a.place").click()
    expect(page.get_by_role("complementary", name="Source code")).to_contain_text("def place_order")


def test_edges_in_the_code_only_are_listed_with_their_line(report: str, open_page: OpenPage) -> None:
    page = drawn(open_page(f"{report}#/graph"))
    only = page.locator(".cards section", has_text="In the code only")
    expect(only.locator("li")).to_have_count(1)
    expect(only.locator("a.place")).to_contain_text("fulfilment.py")


def test_thousands_of_handlers_are_drawn_by_groups_and_drawn_all_only_when_asked(
    tmp_path: Path, open_page: OpenPage
) -> None:
    page = drawn(open_page(f"{report_of(many_handlers(tmp_path, 5000))}#/graph"))
    expect(page.get_by_text("5,000 rows")).to_be_visible()
    names, _ = listed(page)
    (group,) = names
    page.goto(f"{page.url}?open={quote(json.dumps([group]))}")
    expect(page.get_by_text("are many for a picture")).to_be_visible()
    expect(page.get_by_role("button", name="Draw them all the same")).to_be_visible()


def test_odd_names_are_text(tmp_path: Path, open_page: OpenPage) -> None:
    page = drawn(open_page(f"{report_of(hostile(tmp_path))}#/graph?node={quote(IMAGE, safe='')}"))
    expect(page.locator(".beside h3").first).to_have_text(IMAGE)
    assert layout_faults(page) == []
    with page.expect_download() as saved:
        page.locator(".graph").get_by_role("button", name="SVG").click()
    texts = {text.text for text in ElementTree.parse(saved.value.path()).iter("{http://www.w3.org/2000/svg}tspan")}
    assert any(text and text.startswith("<img/src=x") for text in texts)


def test_an_empty_store_says_what_fills_it(tmp_path: Path, open_page: OpenPage) -> None:
    page = open_page(f"{report_of(empty(tmp_path))}#/graph")
    expect(page.get_by_role("button", name="telemap ingest LOGS")).to_be_visible()
