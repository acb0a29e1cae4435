"""Fixtures that several test folders share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

# A gate must give the same answer twice; new examples are for people, who can act on what they show.
# How long an example takes says what else the machine does.
settings.register_profile("here", deadline=None)
settings.register_profile("gate", deadline=None, derandomize=True)
settings.load_profile("gate" if os.environ.get("CI") else "here")

REPOSITORY = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of recorded data; the test is skipped, with a message, where it is absent."""
    folder = Path(os.environ.get("TELEMAP_SHARED", REPOSITORY.parent / "shared")) / "data"
    if not folder.is_dir():
        pytest.skip(f"no recorded data at {folder} (set TELEMAP_SHARED)")
    return folder


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--accept`` rewrites what the cases expect; to be read in the difference."""
    parser.addoption("--accept", action="store_true", help="rewrite the expected output of the cases")
