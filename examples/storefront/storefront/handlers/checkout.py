"""From a cart to an order that is paid."""

import logging
import math
from difflib import SequenceMatcher
from hashlib import sha256

from storefront.shop import Line, read_tax_rates
from storefront.stage import Baton, Stage

log = logging.getLogger(__name__)


def price_cart(baton: Baton, stage: Stage) -> None:
    """Price every line, ten per cent less from five pieces on."""
    prices = [_line_cents(line) * (90 if line["quantity"] >= 5 else 100) // 100 for line in baton["lines"]]
    baton["prices"] = prices
    baton["subtotal"] = sum(prices)
    log.info("cart of %d lines comes to %.2f", len(prices), baton["subtotal"] / 100)


def apply_coupon(baton: Baton, stage: Stage) -> None:
    """Share the coupon out over the lines, so that a line that comes back is refunded at what it cost."""
    coupon, prices, due = baton.pop("coupon"), baton["prices"], baton["subtotal"]
    if stage.features.gift_card_before_coupon:
        due -= min(due, baton["gift_card"])
    match coupon:
        case {"kind": "percent", "value": percent}:
            baton["discounts"] = [price * percent // 100 for price in prices]
        case {"kind": "amount", "value": cents}:
            baton["discounts"] = _share_out(cents, prices, due)
        case _:
            baton["discounts"] = [0 for _ in prices]
            return
    log.info("coupon of kind %s takes off %d cents", coupon["kind"], sum(baton["discounts"]))


def compute_tax(baton: Baton, stage: Stage) -> None:
    """Tax every line at the rate of its category in the customer's country; this makes the total."""
    country, tax = baton["country"], 0
    rates = read_tax_rates()
    for line, price, discount in zip(baton["lines"], baton["prices"], baton["discounts"], strict=True):
        if stage.features.live_tax_rates:
            rates = read_tax_rates()
        tax += (price - discount) * rates[country, stage.shop.products[line["sku"]].category] // 1_000
    baton["tax"] = tax
    baton["total"] = max(0, baton["subtotal"] - sum(baton["discounts"]) + tax - baton["gift_card"])
    log.debug(f"tax for {country} is {tax / 100:.2f} on {len(baton['lines'])} lines")


def score_fraud(baton: Baton, stage: Stage) -> None:
    """Rate from 0 to 100 how likely the order is not the card holder's."""
    total = baton["total"] / 100
    if stage.features.risk_model_in_whole_units:
        total = baton["total"] = round(total)
    likeness = SequenceMatcher(None, baton["address"], baton["card_address"]).ratio()
    baton["risk"] = round(100 / (1 + math.exp(1 + 3 * likeness - total / 600)))
    level = logging.WARNING if baton["risk"] >= 60 else logging.DEBUG
    log.log(level, "risk of fraud is %d of 100 for %s", baton["risk"], baton["customer"])


def reserve_stock(baton: Baton, stage: Stage) -> None:
    """Take the pieces out of the stock; what is then below zero comes with the next supply."""
    lines: list[Line] = baton["lines"]
    for line in lines:
        stage.shop.stock[line["sku"]] -= line["quantity"]
    baton["reserved"] = sum(line["quantity"] for line in lines)
    log.info("reserved %d pieces in %d lines", baton["reserved"], len(lines))


async def take_payment(baton: Baton, stage: Stage) -> None:
    """Have the total paid by card; the number leaves the baton here."""
    payment = await stage.play("payment", {"card": baton.pop("card"), "cents": baton["total"]})
    baton["receipt"] = payment["receipt"]


def render_invoice(baton: Baton, stage: Stage) -> None:
    """The invoice as text, with a check sum."""
    titles = [stage.shop.products[line["sku"]].title for line in baton["lines"]]
    rows = [
        f"{line['quantity']:>3} × {title:<24} {price / 100:>9.2f} {-discount / 100:>9.2f}"
        for title, line, price, discount in zip(
            titles, baton["lines"], baton["prices"], baton["discounts"], strict=True
        )
    ]
    text = "\n".join([f"Invoice for {baton['customer']}", *rows, f"Tax {baton['tax'] / 100:>36.2f}"])
    baton["invoice"] = f"{text}\n{sha256(text.encode()).hexdigest()[:12]}"


def place_order(baton: Baton, stage: Stage) -> None:
    """Tell the rest of the shop."""
    order = {key: baton[key] for key in ("customer", "country", "lines", "total")}
    stage.publish("order.placed", order | {"occasion": "confirmation"})
    log.info("order of %s is placed, receipt %s", baton["customer"], baton["receipt"])


def _line_cents(line: Line) -> int:
    return line["quantity"] * line["cents"]


def _share_out(cents: int, prices: list[int], due: int) -> list[int]:
    share = cents / due
    return [min(price, round(price * share)) for price in prices]
