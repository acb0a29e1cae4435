"""What the other browser tests stand on finds a planted fault, and none where there is none."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.web import browser as ground
from tests.web.browser import OpenPage, accessibility_faults, keep_screenshot, layout_faults, watch

CLEAN = """
<style>
  body { margin: 1rem; font: 16px/1.5 sans-serif }
  .cell { width: 6rem; overflow: hidden; text-overflow: ellipsis; white-space: nowrap }
  .readers { position: absolute; width: 1px; height: 1px; overflow: hidden; white-space: nowrap }
  .scrolling { overflow: auto; height: 3rem }
  .scrolling pre { width: 3000px }
</style>
<main>
  <h1>Handlers</h1>
  <p class="cell">a name that is much longer than its cell</p>
  <p class="cell" style="text-overflow: clip" title="a name that is told">a name that is much longer than its cell</p>
  <span class="readers">only for those who cannot see the chart</span>
  <div class="scrolling" tabindex="0" role="region" aria-label="Source"><pre>one</pre><a href="#a">first</a>
    <p>two</p><p>three</p><a href="#b">last, scrolled out of sight under the button</a></div>
  <button>Search</button> <label>Filter <input></label>
</main>
"""

WritePage = Callable[[str], Path]


@pytest.fixture
def write_page(tmp_path: Path) -> WritePage:
    """A function that writes a body into a file of HTML."""

    def write_page(body: str) -> Path:
        path = tmp_path / "page.html"
        head = (
            '<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Page</title>'
            '<link rel="icon" href="data:,">'  # else a browser asks a server for one
        )
        path.write_text(f'<!doctype html><html lang="en"><head>{head}</head><body>{body}</body></html>', "utf-8")
        return path

    return write_page


@pytest.fixture
def origin(tmp_path: Path) -> Iterator[str]:
    """A server of the test's folder."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, format: str, *arguments: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=tmp_path)) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("color_scheme", ["light", "dark"])
def test_a_clean_page_has_no_fault(write_page: WritePage, open_page: OpenPage, width: int, color_scheme: str) -> None:
    page = open_page(write_page(CLEAN), width=width, color_scheme=color_scheme)
    assert layout_faults(page) == []
    assert accessibility_faults(page) == []
    assert page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches") is (color_scheme == "dark")


@pytest.mark.parametrize(
    ("body", "faults"),
    [
        ('<p style="width: 500px">A</p>', ["document: 508 px wide in 390 px", 'wide: p "A" is 500 px wide in 390 px']),
        ('<p style="width: 3em; overflow: hidden; white-space: nowrap">Very long</p>', ['clipped: p "Very long"']),
        ('<div style="height: 1em; overflow: clip"><p id="a">One<br>two</p></div>', ['clipped: p#a "Onetwo"']),
        ('<button>A</button><a href="#" style="margin-left: -20px">Undo</a>', ['overlap: button "A" and a "Undo"']),
    ],
)
def test_a_fault_of_the_layout_is_found(
    write_page: WritePage, open_page: OpenPage, body: str, faults: list[str]
) -> None:
    assert layout_faults(open_page(write_page(body), width=390)) == faults


def test_what_moves_by_itself_is_found(write_page: WritePage, open_page: OpenPage) -> None:
    page = open_page(write_page('<div style="position: absolute; inset: 0; height: 400px; background: teal"></div>'))
    page.evaluate("new Promise(drawn => requestAnimationFrame(() => requestAnimationFrame(drawn)))")
    page.evaluate("document.querySelector('div').style.top = '400px'")
    assert layout_faults(page) == ["layout shift: 0.31"]  # all of the page, by 400 of 1280 px


def test_what_lies_below_an_open_dialog_is_no_overlap(write_page: WritePage, open_page: OpenPage) -> None:
    dialog = '<button style="position: fixed; inset: 0">All</button><dialog><button>Close</button></dialog>'
    page = open_page(write_page(dialog + "<script>document.querySelector('dialog').showModal()</script>"))
    assert layout_faults(page) == []


def test_faults_of_accessibility_are_told_with_rule_and_element(write_page: WritePage, open_page: OpenPage) -> None:
    page = open_page(
        write_page('<main><h1>A</h1><input id="i"><p style="color: #aaa; background: #fff">Pale</p></main>')
    )
    assert accessibility_faults(page) == [
        "color-contrast: p: Elements must meet minimum color contrast ratio thresholds",
        "label: #i: Form elements must have labels",
    ]


@pytest.mark.parametrize(
    ("script", "faults"),
    [
        ("console.error('gone')", ["console: gone"]),
        ("console.assert(false, 'wrong')", ["console: wrong"]),
        ("console.warn('odd'); console.log('said')", []),
        ("setTimeout(() => { throw new Error('thrown') })", ["exception: thrown"]),
        ("Promise.reject(new Error('refused'))", ["exception: refused"]),
        ("new Image().src = 'data:image/gif;base64,R0lGODlhAQABAAAAACw='", []),
        ("fetch(URL.createObjectURL(new Blob(['a'])))", []),
        ("new WebSocket('ws://127.0.0.1:9/socket')", ["request: ws://127.0.0.1:9/socket"]),
        ("fetch('http://127.0.0.1:9/tracker').catch(() => {})", ["request: http://127.0.0.1:9/tracker"]),
    ],
)
def test_errors_and_requests_of_a_page_are_seen(
    browser: Browser, write_page: WritePage, script: str, faults: list[str]
) -> None:
    path = write_page(f"<script>{script}</script>")
    with browser.new_context() as context:
        page = context.new_page()
        seen = watch(page, path.as_uri(), None)
        page.goto(path.as_uri() + "#/overview")
        page.wait_for_timeout(100)
    assert [fault for fault in seen if "ERR_" not in fault] == faults


@pytest.mark.parametrize("is_allowed", [True, False])
def test_a_page_may_ask_of_the_origin_it_is_allowed(
    browser: Browser, write_page: WritePage, origin: str, is_allowed: bool
) -> None:
    write_page("<script>fetch('page.html?more')</script>")
    with browser.new_context() as context:
        page = context.new_page()
        seen = watch(page, f"{origin}/page.html", origin if is_allowed else None)
        page.goto(f"{origin}/page.html", wait_until="networkidle")
    assert seen == ([] if is_allowed else [f"request: {origin}/page.html?more"])


def test_a_screenshot_shows_the_whole_page(
    write_page: WritePage, open_page: OpenPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ground, "SCREENSHOTS", tmp_path / "pictures")
    page: Page = open_page(write_page('<p style="height: 1500px">A</p>'), width=600)
    path = keep_screenshot(page, "long")
    assert path == tmp_path / "pictures" / "long.png"
    header = path.read_bytes()[:24]
    assert header[:8] == b"\x89PNG\r\n\x1a\n"
    assert int.from_bytes(header[16:20]) == 600
    assert int.from_bytes(header[20:24]) > 1500


def test_another_chromium_can_be_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELEMAP_CHROMIUM", "/opt/other/chromium")
    assert ground.chromium() == "/opt/other/chromium"


@pytest.mark.parametrize(("gate", "outcome"), [("true", pytest.fail.Exception), ("", pytest.skip.Exception)])
def test_what_is_missing_fails_a_gate_and_skips_elsewhere(
    monkeypatch: pytest.MonkeyPatch, gate: str, outcome: type[BaseException]
) -> None:
    monkeypatch.setenv("CI", gate)
    with pytest.raises(outcome, match=re.escape("no Chromium")):
        ground.missing("no Chromium")
