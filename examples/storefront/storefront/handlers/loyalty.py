"""Points for customers who come back."""

import logging

from storefront.stage import Baton, Stage

log = logging.getLogger(__name__)


def award_points(baton: Baton, stage: Stage) -> None:
    """One point for each whole unit of money spent."""
    baton["points"] = baton["total"] // 100
    log.info("%s earns %d points", baton["customer"], baton["points"])
