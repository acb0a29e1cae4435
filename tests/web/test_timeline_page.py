"""The timeline in a browser: from a report file of a small store with all that is odd in it."""

from __future__ import annotations

import re
from collections.abc import Callable
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

pytestmark = pytest.mark.xdist_group("timeline")  # whose store is made once

DAY_NS = 86_400 * 10**9
START_NS = 1_767_323_045 * 10**9
LONG = "a name that does not end " * 80
ODD = [LONG, "שלום עולם", "👩‍👩‍👧‍👦 семья", "<img src=x onerror=alert(1)>", "</script><b>bold", ""]

Row = dict[str, Any]


def span(at: int, start: int, length: int | None, name: str, **more: Any) -> Row:
    """A span that begins so many ns after the first one."""
    begin = START_NS + start
    end = None if length is None else begin + length
    told = {"trace_id": "t1", "span_id": f"s{at}", "kind": "handler", "name": name, "handler": name, "status": "ok"}
    times = {"start_time_unix_nano": begin, "end_time_unix_nano": end, "duration_ns": length}
    return {**told, **times, "source_id": "one", "first_line": at + 1, "last_line": at + 1, **more}


def odd_spans() -> list[Row]:
    """Three days and a nanosecond in one picture, a failure, what is open and inferred, and odd names."""
    return [
        span(0, 0, 3 * DAY_NS, "whole", kind="sequence", sequence_name="whole", handler=None),
        span(1, 1000, 0, "instant", parent_span_id="s0"),
        span(2, 2000, None, "open", parent_span_id="s0", status="incomplete", inferred_by="order"),
        span(3, DAY_NS, 10**9, "failing", parent_span_id="s0", status="error", status_message="no <b>stock</b>"),
        *(span(4 + at, 2 * DAY_NS + at * 10**12, 9 * 10**11, name) for at, name in enumerate(ODD)),
    ]


@cache
def report_of(folder: Path, make: Callable[[], list[Row]]) -> Path:
    """The report file of a store with those spans."""
    store = Store(folder / "store", create=True)
    part = store.part("span")
    part.write(table_of("span", make()))
    store.append("span", [part])
    sources = [{"source_id": name, "uri": f"logs/{name}.log", "revision": 1} for name in ("one", "two")]
    store.replace("source", table_of("source", sources))
    file = folder / "report.html"
    try:
        with file.open("wb") as out:
            write_report(Context(store, folder), out, lambda _: None)
    except TelemapError as error:
        missing(str(error))
    return file


@pytest.fixture(scope="session")
def odd(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The page of a store with all that is odd."""
    return report_of(tmp_path_factory.mktemp("odd"), odd_spans).as_uri() + "#/timeline"


def stage(page: Page) -> Any:
    """The picture, drawn."""
    found = page.get_by_role("application")
    page.wait_for_function("() => performance.getEntriesByName('timeline drawn').length > 0")
    return found


def period(page: Page) -> tuple[float, float]:
    """From when to when the address says that is seen, when that has settled."""
    page.wait_for_timeout(500)
    found = re.search(r"from=([-\d.e]+)&to=([-\d.e]+)", page.url)
    assert found is not None, page.url
    return float(found[1]), float(found[2])


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (1280, "dark"), (390, "light")])
def test_the_page_is_sound_at_every_size_and_in_every_light(
    open_page: OpenPage, odd: str, width: int, scheme: Any
) -> None:
    page = open_page(odd + "?span=3", width=width, color_scheme=scheme)
    stage(page)
    expect(page.get_by_text("no <b>stock</b>")).to_be_visible()
    keep_screenshot(page, f"timeline-{width}-{scheme}")
    assert accessibility_faults(page) == []
    assert layout_faults(page) == []


def test_keys_zoom_pan_and_show_all_again(open_page: OpenPage, odd: str) -> None:
    page = open_page(odd)
    picture = stage(page)
    picture.focus()
    page.keyboard.press("w")
    zoomed = period(page)
    assert 0 < zoomed[0] < zoomed[1] < 3 * DAY_NS / 1e6
    page.keyboard.press("d")
    panned = period(page)
    assert panned[0] > zoomed[0]
    assert panned[1] - panned[0] == pytest.approx(zoomed[1] - zoomed[0])
    page.keyboard.press("0")
    page.wait_for_timeout(500)
    assert "from=" not in page.url


def test_arrows_select_the_spans_beside_and_f_shows_the_selection(open_page: OpenPage, odd: str) -> None:
    page = open_page(odd)
    picture = stage(page)
    said = page.locator(".timeline [aria-live]")
    picture.focus()
    page.keyboard.press("ArrowDown")
    expect(said).to_contain_text("Selected whole, sequence, 3 d")
    page.keyboard.press("ArrowDown")
    expect(said).to_contain_text("Selected failing, handler, 1 s, error")
    page.keyboard.press("f")
    begin, end = period(page)
    assert end - begin == pytest.approx(1500)
    page.keyboard.press("ArrowUp")
    expect(said).to_contain_text("Selected whole")
    page.keyboard.press("Escape")
    expect(said).to_be_empty()


def test_a_span_is_selected_by_a_click_and_a_link_shows_the_same(open_page: OpenPage, odd: str) -> None:
    page = open_page(odd)
    picture = stage(page)
    box = picture.locator(".timeline-body").bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + 10)
    expect(page.get_by_role("heading", name="whole")).to_be_visible()
    again = open_page(page.url)
    stage(again)
    expect(again.get_by_role("heading", name="whole")).to_be_visible()


def test_parents_and_children_lead_to_each_other(open_page: OpenPage, odd: str) -> None:
    page = open_page(odd + "?span=0")
    stage(page)
    page.get_by_role("button", name="1", exact=True).click()
    expect(page.get_by_role("heading", name="instant")).to_be_visible()
    page.get_by_role("button", name="the span above").click()
    expect(page.get_by_role("heading", name="whole")).to_be_visible()


def test_a_search_counts_and_goes_through_what_it_finds(open_page: OpenPage, odd: str) -> None:
    page = open_page(odd)
    picture = stage(page)
    picture.focus()
    page.keyboard.press("/")
    page.keyboard.type("שלום")
    expect(page.get_by_text("1 match", exact=True)).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="שלום עולם")).to_be_visible()
    page.get_by_label("Search spans by name").fill("")
    page.get_by_role("button", name="▾ Failed").click()
    page.get_by_role("button", name="Next match").click()
    expect(page.get_by_role("heading", name="failing")).to_be_visible()


def test_a_drag_measures_a_period_and_what_is_in_it(open_page: OpenPage, odd: str) -> None:
    page = open_page(odd)
    box = stage(page).locator(".timeline-body").bounding_box()
    page.mouse.move(box["x"] + 5, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] - 5, box["y"] + 60, steps=4)
    page.mouse.up()
    expect(page.get_by_text("measured: 10 spans")).to_be_visible()
    expect(page.get_by_text("1 failed one")).to_be_visible()


def test_markup_in_names_is_text(open_page: OpenPage, odd: str) -> None:
    page = open_page(odd + "?by=handler")
    stage(page)
    expect(page.locator(".timeline-gutter").get_by_text("<img src=x onerror=alert(1)>")).to_be_visible()
    assert page.locator("img").count() == 0


def test_what_is_seen_is_told_as_a_table(open_page: OpenPage, odd: str) -> None:
    page = open_page(odd)
    stage(page)
    page.get_by_role("button", name="Table").click()
    table = page.locator("section", has_text="What is seen").last
    expect(table.get_by_text("failing")).to_be_visible()
    expect(table.get_by_text("inferred")).to_be_visible()


def test_a_session_of_the_table_is_what_is_seen(open_page: OpenPage, odd: str) -> None:
    page = open_page(odd + "?from=1&to=2")
    stage(page)
    page.get_by_text("logs/one.log", exact=True).last.click()
    page.wait_for_timeout(500)
    assert "from=" not in page.url


def sessions() -> list[Row]:
    """Two sessions one after the other, the first with so many rows that the second is out of sight."""
    first = [span(at, 0, 10**9, "first", trace_id=f"a{at}") for at in range(60)]
    return [*first, span(60, 5 * 10**9, 10**9, "second", trace_id="late", source_id="two", kind="sequence")]


def test_a_session_of_the_table_and_a_trace_of_a_link_come_into_sight(open_page: OpenPage, tmp_path: Path) -> None:
    address = report_of(tmp_path, sessions).as_uri() + "#/timeline"
    page = open_page(address)
    stage(page)
    expect(page.locator(".timeline-gutter").get_by_text("two.log")).to_have_count(0)
    page.get_by_text("logs/two.log", exact=True).last.click()
    expect(page.locator(".timeline-gutter").get_by_text("two.log")).to_be_in_viewport()
    linked = open_page(address + "?trace=late")
    stage(linked)
    expect(linked.get_by_role("heading", name="second")).to_be_visible()
    assert period(linked) == pytest.approx((4620, 6120))
    expect(linked.locator(".timeline-gutter").get_by_text("two.log")).to_be_in_viewport()


def test_of_an_empty_store_it_is_said_that_nothing_has_run(open_page: OpenPage, tmp_path: Path) -> None:
    page = open_page(report_of(tmp_path, list).as_uri() + "#/timeline")
    expect(page.get_by_text("Nothing has run yet")).to_be_visible()
    assert accessibility_faults(page) == []


def one_span() -> list[Row]:
    return [span(0, 0, 0, "alone")]


def test_one_instant_is_a_picture(open_page: OpenPage, tmp_path: Path) -> None:
    page = open_page(report_of(tmp_path, one_span).as_uri() + "#/timeline?span=0")
    stage(page)
    expect(page.get_by_role("heading", name="alone")).to_be_visible()


def many_lanes() -> list[Row]:
    return [span(at, at * 10**6, 5 * 10**5, f"handler {at:04}") for at in range(5000)]


def test_of_five_thousand_lanes_those_that_are_seen_are_there(open_page: OpenPage, tmp_path: Path) -> None:
    page = open_page(report_of(tmp_path, many_lanes).as_uri() + "#/timeline?by=handler")
    picture = stage(page)
    assert page.locator(".timeline-lane").count() < 60
    picture.evaluate("element => element.scrollTo(0, 28 * 2500)")
    expect(page.locator(".timeline-gutter").get_by_text("handler 2500")).to_be_visible()
    assert page.locator(".timeline-lane").count() < 60
