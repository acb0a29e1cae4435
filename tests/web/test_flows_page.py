"""The pages of flows and of a sequence in a browser: what they show is what the analysis answers."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree

import pytest
from playwright.sync_api import Page, expect

from telemap.analyses.flows import ANALYSIS, Params, run
from telemap.web.resources import Context
from tests.web.browser import OpenPage, accessibility_faults, keep_screenshot, layout_faults
from tests.web.reports import drawn, report_of
from tests.web.stores import IMAGE, LONG, SCRIPT, empty, hostile, renderx, storefront

pytestmark = pytest.mark.xdist_group("flows")  # whose store is made once

SIZES = [(1280, "light"), (1280, "dark"), (390, "light")]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Context:
    return storefront(tmp_path_factory.mktemp("shop"))


@pytest.fixture(scope="module")
def report(shop: Context) -> str:
    return report_of(shop)


def names_in(page: Page, table: str) -> list[str]:
    return page.get_by_role("table", name=table, exact=True).locator("tbody td:first-child").all_inner_texts()


@pytest.mark.parametrize(("width", "color_scheme"), SIZES)
@pytest.mark.parametrize("address", ["flows", "flows?across=1&step=2", "sequence?id=checkout"])
def test_pages_have_no_fault(report: str, open_page: OpenPage, address: str, width: int, color_scheme: str) -> None:
    page = drawn(open_page(f"{report}#/{address}", width=width, color_scheme=color_scheme))
    assert layout_faults(page) == []
    assert accessibility_faults(page) == []
    keep_screenshot(page, f"{address.partition('?')[0]}-{width}-{color_scheme}")


def test_figures_and_rows_are_those_of_the_analysis(shop: Context, report: str, open_page: OpenPage) -> None:
    flows = run(shop.store, Params())
    page = drawn(open_page(f"{report}#/flows"))
    figures = dict(zip(page.locator(".figures dt").all_inner_texts(), page.locator(".figures dd").all(), strict=True))
    told = {name: int(value.inner_text().split("\n")[0].replace(",", "")) for name, value in figures.items()}
    assert told == {
        "Declared sequences": flows.summary.declared,
        "Runs": flows.summary.executions,
        "As declared": sum(one.conforming for one in flows.sequences),
        "Deviating": sum(one.deviating for one in flows.sequences),
        "Never ran": sum(one.never_observed for one in flows.sequences),
        "Limits broken": flows.summary.limits.broken,
    }
    assert names_in(page, "Sequences") == [one.name for one in flows.sequences]
    titles = [one.title for one in flows.deviations()]
    found = page.locator("section", has_text="What deviates").first.locator(".findings .what").all_inner_texts()
    assert sorted(text.split(":")[0] for text in found) == sorted(title.split(":")[0] for title in titles)


def test_a_finding_that_is_named_is_marked_and_in_view(shop: Context, report: str, open_page: OpenPage) -> None:
    wanted = list(run(shop.store, Params()).deviations())[-1]
    page = open_page(f"{report}#/flows?finding={wanted.id}")
    marked = page.locator(".findings [aria-current]")
    expect(marked).to_be_in_viewport()
    expect(marked).to_contain_text(wanted.title)


def test_a_sequence_that_is_chosen_with_the_keys_is_drawn(report: str, open_page: OpenPage) -> None:
    page = drawn(open_page(f"{report}#/flows"))
    rows = page.get_by_role("table", name="Sequences", exact=True).locator("tbody tr")
    name = rows.nth(2).locator("td").first.inner_text()
    rows.first.focus()
    for place in (1, 2):
        page.keyboard.press("ArrowDown")
        expect(rows.nth(place)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=f"{name}: declared and run")).to_be_visible()
    assert "sequence=" in page.url
    page.go_back()
    expect(page.get_by_role("heading", name="Checkout: declared and run")).to_be_visible()


def test_the_list_of_the_picture_has_every_step_and_way(shop: Context, report: str, open_page: OpenPage) -> None:
    answer: Any = ANALYSIS.details["drawing"].run(shop.store, Params(sequence="checkout"))
    (checkout,) = answer.sequences
    page = drawn(open_page(f"{report}#/flows?sequence=checkout"))
    page.get_by_role("button", name="List", exact=True).click()
    nodes, ways = page.locator(".graph-lists table").all()
    shown = [text for text in nodes.locator("tbody td:first-child").all_inner_texts() if text[0].isdigit()]
    assert shown == [f"{node.beat} · {node.title}" for node in checkout.nodes if node.kind == "step"]
    assert ways.locator("tbody tr").count() == len(checkout.ways)
    undeclared = [way for way in checkout.ways if way.kind == "deviating" and way.count]
    assert len([text for text in ways.locator("td").all_inner_texts() if "not declared" in text]) == len(undeclared)


def test_a_step_opens_its_code(report: str, open_page: OpenPage) -> None:
    page = drawn(open_page(f"{report}#/flows?sequence=checkout"))
    page.get_by_label("Step").select_option(label="5 · Reserve the stock")
    page.locator(".facts a.place").click()
    expect(page.get_by_role("complementary", name="Source code")).to_contain_text("def reserve_stock")


def test_a_click_on_a_step_chooses_it(report: str, open_page: OpenPage) -> None:
    page = drawn(open_page(f"{report}#/flows?sequence=add-to-cart"))
    canvas = page.locator(".graph-canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    for part in (0.3, 0.35, 0.4, 0.45, 0.5):  # where along the middle it is depends on fonts
        page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] * part)
        if "step=" in page.url:
            break
    expect(page.locator(".facts")).to_contain_text("event")


def test_the_picture_is_saved(report: str, open_page: OpenPage) -> None:
    page = drawn(open_page(f"{report}#/flows?sequence=checkout"))
    with page.expect_download() as saved:
        page.locator(".graph").get_by_role("button", name="SVG").click()
    picture = ElementTree.parse(saved.value.path()).getroot()
    assert "5 · Reserve the stock" in [text.text for text in picture.iter("{http://www.w3.org/2000/svg}tspan")]
    with page.expect_download() as saved:
        page.locator(".graph").get_by_role("button", name="PNG").click()
    assert Path(saved.value.path()).read_bytes().startswith(b"\x89PNG")


def test_the_picture_is_drawn_anew_in_other_colours(report: str, open_page: OpenPage) -> None:
    page = drawn(open_page(f"{report}#/flows"))
    canvas = page.locator(".graph-canvas")
    before = canvas.screenshot()
    page.get_by_role("button", name="Auto").click()
    page.get_by_role("button", name="Light", exact=True).click()
    page.wait_for_timeout(200)
    assert canvas.screenshot() != before


def test_variants_are_told_with_their_differences_in_words(report: str, open_page: OpenPage) -> None:
    page = drawn(open_page(f"{report}#/sequence?id=checkout"))
    moved = page.locator(".variants li", has_text="moved").first
    expect(moved.locator(".marked")).to_contain_text("checkout:stock:requested")
    expect(page.locator(".variants > li", has_text="✓ as declared")).to_have_count(1)


def test_a_sequence_has_its_handlers_and_its_logs(report: str, open_page: OpenPage) -> None:
    page = drawn(open_page(f"{report}#/sequence?id=checkout"))
    assert len(names_in(page, "Handlers of the sequence")) == 8
    assert len(names_in(page, "Logs it was seen in")) == 2
    expect(page.get_by_role("button", name="telemap flows --sequence checkout")).to_be_visible()


def test_one_that_is_not_there_is_told_with_those_that_are(report: str, open_page: OpenPage) -> None:
    page = open_page(f"{report}#/sequence?id=nothing")
    expect(page.get_by_text("No sequence is called “nothing”")).to_be_visible()
    page.get_by_role("link", name="Checkout").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Checkout")


@pytest.mark.parametrize("name", [IMAGE, SCRIPT, LONG])
def test_odd_names_are_text(tmp_path: Path, open_page: OpenPage, name: str) -> None:
    page = drawn(open_page(f"{report_of(hostile(tmp_path))}#/sequence?id={quote(name, safe='')}"))
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    assert layout_faults(page) == []
    with page.expect_download() as saved:
        page.locator(".graph").get_by_role("button", name="SVG").click()
    ElementTree.parse(saved.value.path())


def test_an_empty_store_says_what_fills_it(tmp_path: Path, open_page: OpenPage) -> None:
    page = open_page(f"{report_of(empty(tmp_path))}#/flows")
    expect(page.get_by_role("button", name="telemap index --definitions DIR")).to_be_visible()


def test_recordings_of_an_application_are_drawn(tmp_path: Path, shared_data: Path, open_page: OpenPage) -> None:
    page = drawn(open_page(f"{report_of(renderx(tmp_path, shared_data / 'renderx', 3))}#/flows"))
    assert page.get_by_role("table", name="Sequences", exact=True).locator("tbody tr").count() > 20
    assert layout_faults(page) == []
    keep_screenshot(page, "flows-renderx")
