"""What the browser tests see in a page: faults of its script, its requests, its accessibility and its layout."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn
from urllib.parse import urldefrag, urlsplit

import pytest
from playwright.sync_api import Browser, BrowserType, Page

from tests.conftest import REPOSITORY

SCREENSHOTS = REPOSITORY / "build" / "screenshots"
AXE = REPOSITORY / "web" / "node_modules" / "axe-core" / "axe.min.js"
LAYOUT = Path(__file__).with_name("layout_faults.js")
WCAG_22_AA = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"]


def missing(what: str) -> NoReturn:
    """End the test: a gate must not pass without it, a person may do without."""
    if os.environ.get("CI"):
        pytest.fail(what)
    pytest.skip(what)


def chromium() -> str | None:
    """The program of the system's Chromium, or the one that TELEMAP_CHROMIUM names."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return os.environ.get("TELEMAP_CHROMIUM") or next(filter(None, map(shutil.which, names)), None)


@contextmanager
def launched(kind: BrowserType, *arguments: str) -> Iterator[Browser]:
    """The system's Chromium, without a window."""
    program = chromium()
    if program is None:
        missing("no Chromium (apt install chromium, or name one in TELEMAP_CHROMIUM)")
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0  # for whom Chromium has no sandbox
    browser = kind.launch(executable_path=program, chromium_sandbox=not is_root, args=arguments)
    yield browser
    browser.close()


def watch(page: Page, address: str, allow_origin: str | None) -> list[str]:
    """A list that grows by what goes wrong in the page: errors, and requests to elsewhere than it may ask.

    Args:
        page: before it goes anywhere.
        address: the page's own, which it may ask for.
        allow_origin: whose every path it may ask for besides, as ``http://127.0.0.1:8000``.
    """
    faults: list[str] = []

    def check(url: str) -> None:
        parts = urlsplit(url)
        own = urldefrag(url).url == urldefrag(address).url
        allowed = allow_origin is not None and parts.netloc == urlsplit(allow_origin).netloc
        if not (own or allowed or parts.scheme in ("data", "blob")):
            faults.append(f"request: {url}")

    page.on("request", lambda request: check(request.url))
    page.on("websocket", lambda socket: check(socket.url))
    page.on("pageerror", lambda error: faults.append(f"exception: {error.message}"))
    page.on(
        "console",
        lambda message: faults.append(f"console: {message.text}") if message.type in ("error", "assert") else None,
    )
    return faults


def accessibility_faults(page: Page) -> list[str]:
    """What axe finds in the page against WCAG 2.2 AA, each as ``rule: selectors: what to do``."""
    if not AXE.is_file():
        missing("no axe-core in web/node_modules (python building/front_end.py)")
    page.evaluate(AXE.read_text(encoding="utf-8"))
    violations = page.evaluate(
        "tags => axe.run(document, { runOnly: tags, resultTypes: ['violations'] }).then(found => found.violations)",
        WCAG_22_AA,
    )
    return [
        f"{violation['id']}: {', '.join(' '.join(map(str, node['target'])) for node in violation['nodes'])}: "
        f"{violation['help']}"
        for violation in violations
    ]


def layout_faults(page: Page) -> list[str]:
    """What is broken in the page's layout at its present size; what each fault is stands in layout_faults.js."""
    faults: list[str] = page.evaluate(LAYOUT.read_text(encoding="utf-8"))
    return faults


def keep_screenshot(page: Page, name: str) -> Path:
    """The file of a picture of the whole page, kept among the artefacts of the tests."""
    path = SCREENSHOTS / f"{name}.png"
    page.screenshot(path=path, full_page=True)
    return path


OpenPage = Callable[..., Page]
