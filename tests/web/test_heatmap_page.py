"""The heatmap and the handler pages in a browser: of a report file, and live, with all that is odd in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from telemap.errors import TelemapError
from telemap.store.store import Store, table_of
from telemap.web.report_file import write_report
from telemap.web.resources import Context
from tests.web.browser import OpenPage, accessibility_faults, keep_screenshot, layout_faults, missing

pytestmark = pytest.mark.xdist_group("heatmap")  # whose store is made once

START_NS = 1_767_323_045 * 10**9
SECOND_NS = 10**9
MS = 10**6
MARKUP = "<img src=x onerror=alert(1)>"
LONG = "a name that does not end " * 80
ODD = [MARKUP, LONG, "שלום עולם", "👩‍👩‍👧‍👦 семья", "{b|rich} ${text}"]

Row = dict[str, Any]


def execution(number: int, name: str, at: int, length: int, build: str = "1.0", **more: Any) -> Row:
    """A run of a handler that begins so many ns after the first."""
    begin = START_NS + at
    told = {"trace_id": f"t{number}", "span_id": f"s{number}", "kind": "handler", "name": name, "handler": name}
    times = {"start_time_unix_nano": begin, "end_time_unix_nano": begin + length, "duration_ns": length}
    place = {"source_id": "one", "first_line": number + 1, "last_line": number + 1}
    return {**told, **times, **place, "status": "ok", "plugin": "<b>Shop</b>", "service_version": build, **more}


def executions() -> Iterator[Row]:
    """A minute of two builds, pay taking four times as long in the second; odd names, and a run that failed."""
    number = 0
    for second in range(60):
        build = "1.0" if second < 30 else "<i>2.0</i>"
        for name, length in (("pay", 10 * MS if second < 30 else 40 * MS), ("ship", 100_000)):
            yield execution(number := number + 1, name, second * SECOND_NS, length + second, build)
    for name in ODD:
        yield execution(number := number + 1, name, 5 * SECOND_NS, MS)
    yield execution(number + 1, "refund", 45 * SECOND_NS, 0, status="error", status_message="no <b>money</b>")


@cache
def report_of(folder: Path, rows: tuple[tuple[tuple[str, Any], ...], ...]) -> str:
    """The address of the report file of a store with those executions."""
    store = Store(folder / "store", create=True)
    store.replace("span", table_of("span", [dict(row) for row in rows]))
    store.replace("source", table_of("source", [{"source_id": "one", "uri": "logs/one.log", "revision": 1}]))
    file = folder / "report.html"
    try:
        with file.open("wb") as out:
            write_report(Context(store, folder), out, lambda _: None)
    except TelemapError as error:
        missing(str(error))
    return file.as_uri()


def frozen(rows: Iterator[Row] | list[Row]) -> tuple[tuple[tuple[str, Any], ...], ...]:
    return tuple(tuple(row.items()) for row in rows)


@pytest.fixture(scope="session")
def report(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of the report file of all that is odd."""
    return report_of(tmp_path_factory.mktemp("heatmap"), frozen(executions()))


def heat_map(page: Page) -> Any:
    """The map, which the arrow keys walk through."""
    found = page.get_by_role("region", name=re.compile("Heat map"))
    found.wait_for()
    return found


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("color_scheme", ["light", "dark"])
@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("heatmap", "#/heatmap?of=pay|<b>Shop</b>||"),
        ("handler", "#/handler?name=pay"),
        ("no-handler", "#/handler?name=pya"),
    ],
)
def test_pages_have_no_faults(
    report: str, open_page: OpenPage, name: str, address: str, width: int, color_scheme: str
) -> None:
    page = open_page(report + address, width=width, color_scheme=color_scheme)
    page.locator("main .section, main .notice").first.wait_for()
    page.wait_for_load_state("networkidle")
    keep_screenshot(page, f"{name}-{color_scheme}-{width}")
    assert layout_faults(page) == []
    assert accessibility_faults(page) == []


def test_handlers_are_ranked_by_what_is_chosen_and_that_stands_in_the_address(report: str, open_page: OpenPage) -> None:
    page = open_page(report + "#/heatmap")
    first = page.get_by_role("table", name="Handlers").locator("tbody tr").first
    expect(first).to_contain_text("pay")
    expect(first).to_contain_text("40.0 ms")
    page.get_by_role("group", name="Rank by").get_by_role("button", name="total").click()
    assert "by=total" in page.url
    expect(first).to_contain_text("pay")
    page.get_by_role("searchbox", name="Filter Handlers").fill("ship")
    expect(first).to_contain_text("ship")
    expect(heat_map(page).get_by_role("img")).to_have_attribute("aria-label", re.compile("1 handler"))


def test_names_are_shown_as_texts(report: str, open_page: OpenPage) -> None:
    page = open_page(report + "#/heatmap")
    for name in ODD:
        expect(page.get_by_role("link", name=name.strip(), exact=True).first).to_be_attached()
    heat_map(page).get_by_role("button", name="Table").click()
    expect(heat_map(page).get_by_role("cell", name=MARKUP, exact=True)).to_be_attached()
    page.goto(report + "#/handler?name=" + "%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E")
    expect(page.get_by_role("heading", level=1)).to_have_text(MARKUP)
    assert page.locator("img").count() == 0


def test_arrow_keys_choose_a_block_and_the_address_keeps_it(report: str, open_page: OpenPage) -> None:
    page = open_page(report + "#/heatmap")
    picture = heat_map(page)
    picture.focus()
    page.keyboard.press("ArrowRight")
    status = picture.get_by_role("status")
    expect(status).to_contain_text("pay · 2026-01-02 03:04:05.000 UTC")
    page.keyboard.press("ArrowRight")
    expect(status).to_contain_text("03:04:05.983")
    page.keyboard.press("ArrowDown")
    expect(status).not_to_contain_text("pay")
    page.keyboard.press("ArrowUp")
    chosen = page.get_by_role("region", name="The chosen block")
    expect(chosen.get_by_role("link", name="pay")).to_be_visible()
    page.reload()
    expect(heat_map(page).get_by_role("status")).to_contain_text("pay · 2026-01-02 03:04:0")


def test_a_block_leads_to_its_executions_and_the_shift_to_the_build_before(report: str, open_page: OpenPage) -> None:
    page = open_page(report + "#/heatmap?of=pay|<b>Shop</b>||&at=2026-01-02T03:05:03.900000Z")
    chosen = page.get_by_role("region", name="The chosen block")
    began = chosen.get_by_role("table", name="Executions").get_by_role("link", name="2026-01-02 03:05:04.000")
    expect(began).to_have_attribute("href", re.compile(r"#/timeline\?trace=t\d+&span=s\d+"))
    builds = chosen.get_by_role("region", name="Builds").locator("tbody tr")
    expect(builds).to_have_count(2)
    expect(builds.last).to_contain_text("<i>2.0</i>")
    expect(builds.last).to_contain_text("▲ ×4.0")
    chosen.get_by_role("link", name="logs/one.log:120").click()
    expect(page.get_by_role("complementary", name="Log")).to_be_visible()


def test_a_time_that_is_drawn_up_is_shown_alone(report: str, open_page: OpenPage) -> None:
    page = open_page(report + "#/heatmap")
    heat_map(page)
    strip = page.get_by_role("img", name=re.compile("Executions over time"))
    strip.scroll_into_view_if_needed()
    box = strip.bounding_box()
    assert box is not None
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * 0.5, y)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.75, y, steps=4)
    page.mouse.up()
    expect(page.get_by_text(re.compile(r"2026-01-02 03:04:3\d – 03:04:49 UTC"))).to_be_visible()
    assert "from=2026-01-02T03%3A04%3A3" in page.url
    page.get_by_role("button", name="All", exact=True).click()
    assert "from=" not in page.url


def test_a_handler_has_all_about_it_on_one_page(report: str, open_page: OpenPage) -> None:
    page = open_page(report + "#/handler?name=refund")
    failed = page.get_by_role("region", name="Failed executions")
    expect(failed).to_contain_text("no <b>money</b>")
    for title in (
        "How long it took",
        "When it ran",
        "Slowest executions",
        "Production, tests and sequences",
        "Its code",
    ):
        expect(page.get_by_role("heading", name=title)).to_be_visible()
    expect(page.get_by_role("button", name="telemap explain refund")).to_be_visible()


def test_a_name_that_is_not_there_is_told_with_those_like_it(report: str, open_page: OpenPage) -> None:
    page = open_page(report + "#/handler?name=shipp")
    expect(page.get_by_role("status").filter(has_text="No handler is called “shipp”")).to_be_visible()
    page.get_by_role("link", name="ship", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("ship")


def test_without_executions_the_page_says_what_reads_them(
    open_page: OpenPage, tmp_path_factory: pytest.TempPathFactory
) -> None:
    page = open_page(report_of(tmp_path_factory.mktemp("empty"), ()) + "#/heatmap")
    expect(page.get_by_text("No handler ran")).to_be_visible()
    expect(page.get_by_role("button", name="telemap ingest LOGS")).to_be_visible()
