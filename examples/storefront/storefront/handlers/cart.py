"""What a customer means to buy."""

import asyncio
import logging

from storefront.shop import Line
from storefront.stage import Baton, Stage

log = logging.getLogger(__name__)

PIECES_PER_PALLET = 6


async def check_availability(baton: Baton, stage: Stage) -> None:
    """Ask the warehouse in how many days the pieces can leave it."""
    await asyncio.sleep(0.0005)
    if baton["quantity"] > PIECES_PER_PALLET:
        log.warning("%d pieces of %s need a second pallet", baton["quantity"], baton["sku"])
    baton["days"] = 1 + baton["quantity"] // PIECES_PER_PALLET


def save_cart_line(baton: Baton, stage: Stage) -> None:
    """Add the line to the customer's cart."""
    sku, quantity = baton["sku"], baton["quantity"]
    line = Line(sku=sku, quantity=quantity, cents=stage.shop.products[sku].cents)
    stage.shop.carts[baton["customer"]].append(line)
    baton["line"] = line
    log.info("%s put %d pieces of %s into the cart", baton["customer"], quantity, sku)
