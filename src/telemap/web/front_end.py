"""The front end as the package build made it."""

from __future__ import annotations

from importlib import resources

from telemap.errors import TelemapError

BUILT = "built"
FILES = {
    "index.html": "text/html; charset=utf-8",
    "app.js": "text/javascript; charset=utf-8",
    "app.css": "text/css; charset=utf-8",
    "licences.txt": "text/plain; charset=utf-8",
}


def front_end(file: str) -> bytes:
    """One of the files that pages consist of.

    Raises:
        TelemapError: ``no-front-end``: this installation was built without.
    """
    try:
        return resources.files("telemap.web").joinpath(BUILT, file).read_bytes()
    except OSError as error:
        raise TelemapError(
            "no-front-end",
            "this installation has no pages to show",
            reason="the front end could not be built when it was installed: that takes packages from the npm registry",
            help="pip install --force-reinstall telemap, with a connection to the registry; all other verbs work",
        ) from error
