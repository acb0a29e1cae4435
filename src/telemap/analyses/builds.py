"""The builds that a store has executions of."""

from __future__ import annotations

from telemap.errors import TelemapError
from telemap.store.store import Store

# A source of several services has none, but their spans do.
BUILDS = "SELECT service_version FROM source UNION SELECT service_version FROM told_span ORDER BY ALL"


def check_build(store: Store, build: str) -> None:
    """Raise a TelemapError (``no-build``) if nothing in the store is of the build."""
    builds = [row["service_version"] for row in store.rows(BUILDS)]
    if build not in builds:
        known = ", ".join(name or "(not named)" for name in builds)
        raise TelemapError(
            "no-build",
            f"the store has no build '{build}'",
            reason=f"known builds: {known}" if known else None,
            place=str(store.folder),
            help="telemap ingest LOGS --build NAME names the build that logs are of",
        )
