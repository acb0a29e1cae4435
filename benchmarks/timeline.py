"""How soon the timeline is drawn in a real browser, and how smoothly it moves: from a server, and from a report file.

Seconds of the clock from the request of the page to the first picture with spans, pages and data fetched anew; frames
a second while it is zoomed and panned without a pause.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

NAME = "timeline"
HELP = "how soon the timeline is drawn in Chromium, and its frames a second"
FRAMES = 120
DRAWN = "performance.getEntriesByName('timeline drawn').length > 0"
SECONDS = "performance.getEntriesByName('timeline drawn')[0].startTime / 1000"
MOVE = """async ([frames, zooms]) => {
  const body = document.querySelector(".timeline-body"), box = body.getBoundingClientRect();
  const next = () => new Promise(requestAnimationFrame);
  const begun = await next();
  let now = begun;
  for (let frame = 0; frame < frames; frame++) {
    const delta = (zooms ? 12 : 25) * (frame < frames / 2 ? -1 : 1);
    const place = { clientX: box.left + box.width / 3, clientY: box.top + 50, bubbles: true, cancelable: true };
    const wheel = { ...place, deltaX: zooms ? 0 : delta, deltaY: zooms ? delta : 0, ctrlKey: zooms };
    body.dispatchEvent(new WheelEvent("wheel", wheel));
    now = await next();
  }
  return frames / (now - begun) * 1000;
}"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this benchmark beside the common ones."""
    parser.add_argument("--make", type=int, default=1_000_000, metavar="SPANS", help="of the store that is served")
    parser.add_argument("--report", type=int, default=99_000, metavar="SPANS", help="of the report file; 0 for none")
    parser.add_argument("--seed", type=int, default=1, help="of what is made")


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    """Figures of the server on a store of so many spans, and of a report file of so many."""
    from benchmarks.made_spans import make

    figures: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "served").mkdir()
        store, made = make(Path(folder) / "served", arguments.make, arguments.seed)
        with _server(store.folder) as url:
            # The first answers of a server that has just begun are those that take longest.
            figures["serve"] = {"spans": made.spans} | _measured(f"{url}/#/timeline")
            figures["serveAgain"] = _measured(f"{url}/#/timeline")
        if arguments.report:
            (Path(folder) / "told").mkdir()
            store, made = make(Path(folder) / "told", arguments.report, arguments.seed)
            file = Path(folder) / "report.html"
            _telemap("report", "--db", str(store.folder), "-o", str(file))
            figures["report"] = {"spans": made.spans, "mb": file.stat().st_size / 1e6}
            figures["report"] |= _measured(f"{file.as_uri()}#/timeline")
    return figures


def _telemap(*words: str) -> None:
    subprocess.run([sys.executable, "-m", "telemap", *words], check=True, stdout=subprocess.DEVNULL)


@contextmanager
def _server(store: Path) -> Iterator[str]:
    """The address of a server of a store."""
    words = [sys.executable, "-m", "telemap", "serve", "--port", "0", "--db", str(store)]
    with subprocess.Popen(words, stderr=subprocess.PIPE, text=True) as server:
        assert server.stderr is not None
        try:
            yield re.findall(r"http://\S+", server.stderr.readline())[0]
        finally:
            server.terminate()


def _measured(url: str) -> dict[str, float]:
    with ThreadPoolExecutor(1) as apart:  # Playwright runs once a thread, and a test may have begun it in this one
        return apart.submit(_drawn, url).result()


def _drawn(url: str) -> dict[str, float]:
    from playwright.sync_api import sync_playwright

    program = os.environ.get("TELEMAP_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, chromium_sandbox=os.geteuid() != 0)
        page = browser.new_page(viewport={"width": 1280, "height": 800}, bypass_csp=True)
        page.goto(url)
        page.wait_for_function(DRAWN, timeout=120_000)
        drawn = page.evaluate(SECONDS)
        page.wait_for_timeout(1000)
        zooming, panning = (page.evaluate(MOVE, [FRAMES, zooms]) for zooms in (True, False))
        browser.close()
    return {"firstPaintSeconds": drawn, "zoomFramesPerSecond": zooming, "panFramesPerSecond": panning}
