"""Chromium, and pages that must not fail."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.web.browser import OpenPage, launched, watch


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's Chromium, without a window; one a process of the tests."""
    with sync_playwright() as playwright, launched(playwright.chromium) as browser:
        yield browser


@pytest.fixture
def open_page(browser: Browser) -> Iterator[OpenPage]:
    """A function that opens a URL or a file; the test fails where a page so opened has an error or asks elsewhere.

    A page may ask for itself, for ``data:`` and ``blob:``, and for what is of ``allow_origin``.
    """
    watched: list[list[str]] = []
    with ExitStack() as contexts:

        def open_page(
            target: str | Path,
            width: int = 1280,
            height: int = 800,
            color_scheme: Literal["light", "dark"] = "light",
            allow_origin: str | None = None,
        ) -> Page:
            context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=color_scheme)
            contexts.callback(context.close)
            page = context.new_page()
            address = target.resolve().as_uri() if isinstance(target, Path) else target
            watched.append(watch(page, address, allow_origin))
            page.goto(address)
            return page

        yield open_page
    if faults := [fault for faults in watched for fault in faults]:
        pytest.fail("\n".join(faults))
