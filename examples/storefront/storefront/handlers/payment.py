"""Money in, through the gateway."""

import logging

from storefront.stage import Baton, Stage

log = logging.getLogger(__name__)


async def authorise_card(baton: Baton, stage: Stage) -> None:
    """Have the bank set the amount aside, at the second attempt if it asks for one."""
    card, attempt = baton["card"], 1
    if not _has_valid_check_digit(card):
        raise ValueError(f"card number ending in {card[-4:]} is mistyped")
    while not (token := await stage.shop.gateway.authorise(card, baton["cents"], attempt)):
        log.warning("bank of card %s asks to try again after attempt %d", _masked(card), attempt)
        attempt += 1
    del baton["card"]
    baton["token"] = token
    log.info("authorised %d cents on card %s", baton["cents"], _masked(card))


async def capture_payment(baton: Baton, stage: Stage) -> None:
    """Collect what was authorised and enter it into the ledger."""
    baton["receipt"] = await stage.shop.gateway.capture(baton.pop("token"))
    stage.shop.ledger.append((baton["receipt"], baton["cents"]))
    log.info("captured %s", baton["receipt"])


def _masked(card: str) -> str:
    return f"****{card[-4:]}"


def _has_valid_check_digit(card: str) -> bool:
    """Whether the number passes Luhn's check."""
    digits = [int(digit) for digit in reversed(card)]
    return (sum(digits[0::2]) + sum(sum(divmod(2 * digit, 10)) for digit in digits[1::2])) % 10 == 0
