"""Messages to customers."""

import asyncio
import logging
from string import Template

from storefront.stage import Baton, Stage

log = logging.getLogger(__name__)

TEMPLATES = {
    "confirmation": Template("Dear $customer,\nthank you for your order of $total."),
    "refund": Template("Dear $customer,\nyour $total are on the way back to you."),
}


def render_message(baton: Baton, stage: Stage) -> None:
    """Fill in the template for the occasion."""
    template = TEMPLATES[baton["occasion"]]
    baton["message"] = template.substitute(customer=baton["customer"], total=f"{baton['total'] / 100:.2f}")


async def deliver_message(baton: Baton, stage: Stage) -> None:
    """Hand the message to the mail server."""
    await asyncio.sleep(0.0007)
    log.info("%s mail of %d bytes sent to %s", baton["occasion"], len(baton["message"].encode()), baton["customer"])
