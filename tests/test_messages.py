"""Every error that can be raised is explained in the docs."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_every_slug_is_a_heading_of_the_messages_page() -> None:
    source = "\n".join(file.read_text(encoding="utf-8") for file in sorted((ROOT / "src").rglob("*.py")))
    raised = set(re.findall(r"TelemapError\(\s*\"([a-z-]+)\"", source))
    page = (ROOT / "docs" / "reference" / "messages.md").read_text(encoding="utf-8")
    assert len(raised) >= 4
    assert raised - set(re.findall(r"^## (.+)$", page, re.MULTILINE)) == set()
