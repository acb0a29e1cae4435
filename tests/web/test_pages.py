"""Every page, on a real application's store and on awkward ones, from a file and live."""

from __future__ import annotations

import csv
import io
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit
from xml.etree import ElementTree

import pytest
from playwright.sync_api import Browser, Download, Locator, Page, expect

from telemap.analyses.registry import analyses
from telemap.errors import TelemapError
from telemap.web.report_file import write_report
from telemap.web.resources import Context
from tests.conftest import REPOSITORY
from tests.web import stores
from tests.web.browser import (
    OpenPage,
    accessibility_faults,
    keep_screenshot,
    launched,
    layout_faults,
    missing,
    watch,
)

PAGES = re.findall(r'\bname: "([a-z]+)"', (REPOSITORY / "web" / "src" / "pages" / "pages.ts").read_text("utf-8"))
WORLDS = ("storefront", "served", "renderx")
AWKWARD: dict[str, Callable[[Path], Context]] = {
    "empty": stores.empty,
    "one-span": stores.one_span,
    "far-apart": stores.far_apart,
    "hostile": stores.hostile,
    "many": lambda folder: stores.many_handlers(folder, 5000),
}
RENDERX_LOGS = 6

pytestmark = pytest.mark.xdist_group("pages")  # whose stores are made once; those with one test each are apart
HANDLER = ("parse_query", "CatalogPlugin")

# Elements that the Tab key should stop at, but for rows of tables: these are walked through with the arrow keys.
TABBED = "a[href], button:not([disabled]), input, select, textarea, [tabindex]:not([tabindex='-1'])"


class World(NamedTuple):
    """Pages of a store: where they are, and what they may ask for."""

    url: str
    origin: str | None
    context: Context


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Callable[[str], World]]:
    """The pages of a store by its name, made once."""
    with ExitStack() as ends:

        @cache
        def made(name: str) -> World:
            folder = tmp_path_factory.mktemp(name)
            if name == "served":
                context = made("storefront").context
                url = served(context, ends)
                return World(url, url, context)
            if name == "storefront":
                context = stores.storefront(folder)
            elif name == "renderx":
                shared = request.getfixturevalue("shared_data") / "renderx"
                context = stores.renderx(folder, shared, RENDERX_LOGS)
            else:
                context = AWKWARD[name](folder)
            return World(report_of(context, folder / "report.html").as_uri(), None, context)

        yield made


def report_of(context: Context, file: Path) -> Path:
    try:
        with file.open("wb") as out:
            write_report(context, out, lambda title: None)
    except TelemapError as error:
        missing(str(error))
    return file


def served(context: Context, ends: ExitStack) -> str:
    """The address of a process that serves a store."""
    command = [sys.executable, "-m", "telemap", "serve", "--port", "0", "--db", str(context.store.folder)]
    own = {**os.environ, "PYTHONPATH": os.pathsep.join(map(os.path.abspath, sys.path))}
    process = ends.enter_context(
        subprocess.Popen(command, cwd=context.root, env=own, stderr=subprocess.PIPE, text=True)
    )
    ends.callback(process.kill)
    assert process.stderr is not None
    said = process.stderr.readline()
    assert said.startswith("http://"), said
    return said.split()[0] + "/"


@pytest.fixture
def opened(open_page: OpenPage, world: Callable[[str], World]) -> Callable[..., Page]:
    """A page of a store, drawn."""

    def opened(name: str, address: str, **how: Any) -> Page:
        there = world(name)
        page = open_page(f"{there.url}#/{address}", allow_origin=there.origin, **how)
        settle(page)
        return page

    return opened


def settle(page: Page) -> None:
    """Wait until nothing is on its way any more and what moves has come to rest."""
    expect(page.locator("main h1, main .notice").first).to_be_attached()
    expect(page.locator(".skeleton")).to_have_count(0, timeout=20_000)
    page.wait_for_timeout(400)
    expect(page.locator(".skeleton")).to_have_count(0)


def turn(page: Page, address: str) -> None:
    """Go to another page of the same store."""
    page.evaluate("hash => { location.hash = hash; }", f"#/{address}")
    settle(page)


def address_of(name: str, world: World) -> str:
    """Where a page has something to show: those of one thing want its name."""
    if name == "handler":
        handlers = analyses()["heatmap"].run(world.context.store, analyses()["heatmap"].params()).handlers
        handler, plugin = (handlers[0].name, handlers[0].plugin) if handlers else HANDLER
        return "handler?" + urlencode({"name": handler} | ({"plugin": plugin} if plugin else {}))
    if name == "sequence":
        sequences = analyses()["flows"].run(world.context.store, analyses()["flows"].params()).sequences
        return "sequence?" + urlencode({"id": sequences[0].sequence_id if sequences else "none"})
    return name


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize(
    "where", [*WORLDS[:2], pytest.param("renderx", marks=[pytest.mark.shared, pytest.mark.xdist_group("renderx")])]
)
def test_a_page_is_whole_and_usable(
    opened: Callable[..., Page], world: Callable[[str], World], where: str, name: str
) -> None:
    address = address_of(name, world(where))
    page = opened(where, address)
    assert page.locator("main h1").count() == 1
    assert page.title() != "Not found · Telemap"
    faults = [*layout_faults(page), *accessibility_faults(page)]
    keep_screenshot(page, f"{where}-{name}-light-1280")
    page.emulate_media(color_scheme="dark")
    page.wait_for_timeout(300)
    faults += [f"dark: {fault}" for fault in accessibility_faults(page)]
    keep_screenshot(page, f"{where}-{name}-dark-1280")
    page.set_viewport_size({"width": 390, "height": 844})
    page.emulate_media(color_scheme="light")
    page.wait_for_timeout(300)
    faults += [f"390 px: {fault}" for fault in layout_faults(page)]
    keep_screenshot(page, f"{where}-{name}-light-390")
    assert faults == []


@pytest.mark.parametrize("where", [pytest.param(one, marks=pytest.mark.xdist_group(one)) for one in AWKWARD])
def test_all_pages_of_an_awkward_store_are_whole(
    opened: Callable[..., Page], world: Callable[[str], World], where: str
) -> None:
    page = opened(where, "overview", width=390 if where == "hostile" else 1280)
    faults = {}
    for name in PAGES:
        turn(page, address_of(name, world(where)))
        assert page.locator("main").inner_text().strip() != ""
        assert page.locator("main img, main script").count() == 0
        keep_screenshot(page, f"{where}-{name}")
        found = [*layout_faults(page), *accessibility_faults(page)]
        faults[name] = [fault for fault in found if not fault.startswith("layout shift")]  # another page is no shift
    assert faults == {name: [] for name in PAGES}


def test_markup_in_names_code_and_logs_is_text(opened: Callable[..., Page], world: Callable[[str], World]) -> None:
    context = world("hostile").context
    (code,) = context.store.rows("SELECT file_path FROM code_file")
    (log,) = context.store.rows("SELECT uri FROM source")
    page = opened("hostile", "coverage?" + urlencode({"code": f"{code['file_path']}:2"}))
    for name in (stores.IMAGE, stores.SCRIPT, stores.RIGHT_TO_LEFT, stores.EMOJI, stores.LONG):
        expect(page.locator("main").get_by_text(name, exact=True).first).to_be_attached()
    expect(page.get_by_role("complementary")).to_contain_text(f"# {stores.SCRIPT} {stores.IMAGE}")
    page = opened("hostile", "overview?" + urlencode({"log": f"{log['uri']}:1"}))
    expect(page.get_by_role("complementary")).to_contain_text(f"{stores.IMAGE} {stores.SCRIPT}")
    expect(search(page, "script").filter(has_text=stores.SCRIPT).first).to_be_visible()
    assert page.locator("img, script:not([type='text/plain'])").count() == 2  # what starts the pages, and the pages


def test_the_keyboard_reaches_everything(opened: Callable[..., Page], world: Callable[[str], World]) -> None:
    page = opened("one-span", "overview")
    assert {name: unreached(page, address_of(name, world("one-span"))) for name in PAGES} == {
        name: [] for name in PAGES
    }


def unreached(page: Page, address: str) -> list[str]:
    """What of a page the Tab key does not stop at."""
    turn(page, address)
    expected = page.evaluate(
        """tabbed => [...document.querySelectorAll(tabbed)]
          .filter(one => one.checkVisibility({ visibilityProperty: true }) && !one.closest("[inert]"))
          .map((one, place) => { one.dataset.place = place; return one.outerHTML.slice(0, 120); })""",
        TABBED,
    )
    reached = set()
    page.locator(".skip").focus()
    for _ in expected:
        reached.add(page.evaluate("document.activeElement?.dataset.place ?? null"))
        page.keyboard.press("Tab")
    return [html for place, html in enumerate(expected) if str(place) not in reached]


def test_the_drawer_opens_with_the_line_and_escape_closes_it(opened: Callable[..., Page]) -> None:
    page = opened("storefront", "coverage")
    page.locator("main td a.place").first.focus()
    place = page.evaluate("document.activeElement.title.split('\\n')[0]")
    page.keyboard.press("Enter")
    drawer = page.get_by_role("complementary", name="Source code")
    expect(drawer.locator(".cm-content")).to_contain_text("def ")
    expect(drawer.locator("h2")).to_have_attribute("title", place.rpartition(":")[0])
    assert f"code={place.replace('/', '%2F').replace(':', '%3A')}" in page.url
    assert [*layout_faults(page), *accessibility_faults(page)] == []
    keep_screenshot(page, "drawer-code")
    page.keyboard.press("Escape")
    expect(drawer).to_have_count(0)
    assert page.url.endswith("#/coverage")


def test_a_line_of_a_log_opens_beside_the_page(opened: Callable[..., Page]) -> None:
    page = opened("storefront", "overview")
    page.locator(".findings a.place", has_text=".log:").first.click()
    drawer = page.get_by_role("complementary", name="Log")
    expect(drawer.locator(".asked")).to_be_visible()
    assert accessibility_faults(page) == []
    keep_screenshot(page, "drawer-log")
    drawer.get_by_role("button", name="Close").click()
    expect(drawer).to_have_count(0)


def search(page: Page, words: str) -> Locator:
    """What the search box finds."""
    page.keyboard.press("Control+k")
    box = page.get_by_role("dialog", name="Search")
    expect(box.get_by_role("combobox")).to_be_focused()
    page.keyboard.type(words)
    return box.get_by_role("option")


@pytest.mark.parametrize(
    ("words", "kind", "hit", "address"),
    [
        ("compute_t", "handler", "compute_tax", "#/handler?name=compute_tax&plugin=CheckoutPlugin"),
        ("ship ord", "sequence", "Ship order", "#/sequence?id=ship-order"),
        ("not seen any more", "finding", "award_points is not seen any more", "#/coverage?finding="),
        ("coverage", "page", "Coverage", "#/coverage"),
    ],
)
def test_search_finds_what_is_named(opened: Callable[..., Page], words: str, kind: str, hit: str, address: str) -> None:
    page = opened("storefront", "overview")
    first = search(page, words).first
    expect(first.locator(".name")).to_have_text(hit)
    expect(first.locator(".kind")).to_have_text(kind)
    assert accessibility_faults(page) == []
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert address in page.url


def test_a_finding_is_marked_where_its_address_leads(opened: Callable[..., Page]) -> None:
    page = opened("storefront", "overview")
    link = page.locator(".findings a.kind", has_text="no-longer-seen")
    link.click()
    expect(page.locator(".findings [aria-current]")).to_contain_text("award_points is not seen any more")


def saved(page: Page, within: Locator, name: str) -> Download:
    with page.expect_download() as download:
        within.get_by_role("button", name=name, exact=True).click()
    return download.value


@pytest.mark.parametrize("where", WORLDS[:2])
@pytest.mark.parametrize(("name", "chart"), [("overview", "trend"), ("coverage", "coverage-map")])
def test_charts_are_saved_as_pictures_and_numbers(
    opened: Callable[..., Page], where: str, name: str, chart: str
) -> None:
    page = opened(where, name)
    figure = page.locator("figure.chart").first
    width = round(figure.locator("canvas").bounding_box()["width"])  # type: ignore[index]

    picture = saved(page, figure, "PNG")
    assert picture.suggested_filename == f"telemap-{chart}.png"
    header = picture.path().read_bytes()[:24]
    assert (header[:8], int.from_bytes(header[16:20])) == (b"\x89PNG\r\n\x1a\n", 2 * width)

    drawing = ElementTree.parse(saved(page, figure, "SVG").path()).getroot()
    assert (drawing.tag, drawing.get("width")) == ("{http://www.w3.org/2000/svg}svg", str(width))
    assert len(list(drawing.iter())) > 20

    rows = rows_of(saved(page, figure, "CSV"))
    figure.get_by_role("button", name="Table").click()
    assert len(rows) - 1 == figure.locator("tbody tr").count() > 1
    assert rows[0] == figure.locator("th").all_inner_texts()


def rows_of(download: Download) -> list[list[str]]:
    return list(csv.reader(io.StringIO(download.path().read_bytes().decode("utf-8"), newline="")))


def test_tables_are_sorted_filtered_and_saved_as_they_are_shown(opened: Callable[..., Page]) -> None:
    page = opened("storefront", "coverage?quadrant=production-and-test")
    table = page.locator(".data-table")
    page.get_by_role("button", name="executions", exact=True).click()
    page.get_by_label("Filter Handlers").fill("checkout")
    expect(table.get_by_role("status")).to_contain_text(" of ")
    shown = table.locator("tbody td:first-child").all_inner_texts()
    rows = rows_of(saved(page, table, "CSV"))
    assert [row[0] for row in rows[1:]] == shown
    executions = [int(row[rows[0].index("executions")]) for row in rows[1:]]
    assert executions == sorted(executions, reverse=True)
    assert "coverage-sort=-executions&coverage-find=checkout" in page.url
    page.reload()
    settle(page)
    assert table.locator("tbody td:first-child").all_inner_texts() == shown


def test_all_pages_can_be_printed(opened: Callable[..., Page], world: Callable[[str], World]) -> None:
    page = opened("storefront", "overview", color_scheme="dark")
    for name in PAGES:
        turn(page, address_of(name, world("storefront")))
        page.emulate_media(media="print")
        expect(page.locator(".tools")).to_be_hidden()
        assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "light"
        assert page.pdf().startswith(b"%PDF-")
        page.emulate_media(media="screen")


def test_it_can_be_looked_at_without_webgl(browser: Browser, world: Callable[[str], World]) -> None:
    there = world("storefront")
    with launched(browser.browser_type, "--disable-gpu", "--disable-webgl", "--disable-3d-apis") as plain:
        page = plain.new_page()
        faults = watch(page, there.url, None)
        page.goto(there.url)
        for name in PAGES:
            turn(page, address_of(name, there))
            assert page.evaluate("document.createElement('canvas').getContext('webgl')") is None
            assert page.locator("main h1").count() == 1
        assert faults == []


def test_a_build_narrows_the_page_and_stays_when_the_page_changes(opened: Callable[..., Page]) -> None:
    page = opened("storefront", "coverage?build=2.0.0&quadrant=test-only")
    assert page.locator("main td:first-child").all_inner_texts() == ["award_points"]
    page.get_by_role("navigation", name="Pages").get_by_role("link", name="Overview").click()
    assert urlsplit(page.url).fragment == "/overview?build=2.0.0"


def test_folders_open_by_their_links_and_are_in_the_address(opened: Callable[..., Page]) -> None:
    page = opened("storefront", "coverage?folder=storefront%2Fhandlers%2Fcart.py")
    assert sorted(page.locator("main td:first-child").all_inner_texts()) == ["check_availability", "save_cart_line"]
    page.get_by_role("navigation", name="Folders").get_by_role("link", name="All code").click()
    expect(page.locator(".data-table").get_by_role("status")).to_have_text("27 rows")
