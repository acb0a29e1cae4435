"""Report files that pages are looked at in."""

from __future__ import annotations

from playwright.sync_api import Page

from telemap.errors import TelemapError
from telemap.web.report_file import write_report
from telemap.web.resources import Context
from tests.web.browser import missing


def report_of(context: Context) -> str:
    """The address of the report of a store, beside it."""
    file = context.store.folder.with_suffix(".html")
    try:
        with file.open("wb") as out:
            write_report(context, out, lambda _: None)
    except TelemapError as error:
        missing(str(error))
    return file.as_uri()


def drawn(page: Page) -> Page:
    """The page, when its picture of nodes and ways is drawn."""
    page.locator(".graph-canvas canvas").first.wait_for()
    page.locator(".graph .skeleton").wait_for(state="detached")
    page.wait_for_function("() => document.querySelectorAll('.skeleton').length === 0")
    return page
