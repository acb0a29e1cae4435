"""What comes back, and the money for it."""

import asyncio
import logging

from storefront.stage import Baton, Stage

log = logging.getLogger(__name__)

FULL_REFUND_DAYS = 14


def check_return(baton: Baton, stage: Stage) -> None:
    """Refund in full for two weeks, then a little less each day."""
    late_days = max(0, baton["days_since_purchase"] - FULL_REFUND_DAYS)
    if late_days:
        log.warning("return is %d days late, reason given: %s", late_days, baton["reason"])
    price = sum(line["quantity"] * line["cents"] for line in baton["lines"])
    baton["total"] = price * max(50, 100 - 2 * late_days) // 100


async def refund_payment(baton: Baton, stage: Stage) -> None:
    """Send the money back."""
    await asyncio.sleep(0.001)
    stage.shop.ledger.append((f"refund-{baton['customer']}", -baton["total"]))
    log.info("refunded %.2f to %s", baton["total"] / 100, baton["customer"])
    refund = {key: baton[key] for key in ("customer", "country", "total")}
    stage.publish("order.refunded", refund | {"occasion": "refund"})


def put_back_items(baton: Baton, stage: Stage) -> None:
    """Return the pieces to their shelves."""
    for line in baton["lines"]:
        stage.shop.stock[line["sku"]] += line["quantity"]
    baton["put_back"] = sum(line["quantity"] for line in baton["lines"])
