"""From an order to a parcel on its way."""

import asyncio
import logging
from math import dist

from storefront.handlers.returns import refund_payment
from storefront.stage import Baton, Stage

log = logging.getLogger(__name__)

BOX_GRAMS = 12_000
BULK_PIECES = 9
UNSERVED_COUNTRIES = frozenset({"AQ"})


def plan_picking(baton: Baton, stage: Stage) -> None:
    """Walk to the nearest shelf not yet visited, again and again; a bulk line empties its shelf."""
    shelves = {line["sku"]: stage.shop.products[line["sku"]].shelf for line in baton["lines"]}
    route: list[str] = []
    place = (0, 0)
    while shelves:
        nearest = min(shelves, key=lambda sku: dist(place, shelves[sku]))
        place = shelves.pop(nearest)
        route.append(nearest)
    baton["route"] = route
    log.debug("picking route has %d stops and ends at %s", len(route), route[-1])
    for line in baton["lines"]:
        if line["quantity"] >= BULK_PIECES:
            stage.publish("stock.low", {"sku": line["sku"]})


def pack_parcel(baton: Baton, stage: Stage) -> None:
    """Fill boxes, heaviest piece first, each into the first box that has room."""
    pieces = [stage.shop.products[line["sku"]].grams for line in baton["lines"] for _ in range(line["quantity"])]
    boxes: list[int] = []
    for grams in sorted(pieces, reverse=True):
        box = next((number for number, load in enumerate(boxes) if load + grams <= BOX_GRAMS), None)
        if box is None:
            boxes.append(grams)
        else:
            boxes[box] += grams
    baton["boxes"] = boxes
    log.info(f"packed {len(pieces)} pieces into {len(boxes)} boxes of {sum(boxes)} g")


async def book_carrier(baton: Baton, stage: Stage) -> None:
    """Book the carrier and hand the parcel over; money back where no carrier goes."""
    if baton["country"] in UNSERVED_COUNTRIES:
        await refund_payment(baton, stage)
        return
    await asyncio.sleep(0.0015)
    carrier = "heavy" if sum(baton["boxes"]) > 2 * BOX_GRAMS else "parcel"
    baton["label"] = f"{carrier}-{baton['country']}-{sum(baton['boxes'])}"
    log.info("booked %s service, label %s", carrier, baton["label"])
    topic = "parcel.dispatched" if stage.features.dispatch_events else "parcel.shipped"
    stage.publish(topic, {"customer": baton["customer"], "total": baton["total"]})
