"""What each release of the shop does differently."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Features:
    """The switches of one build, named for what the release notes promise."""

    io_beats_first: bool = False  # begin calls over the network early, to hide their latency
    live_tax_rates: bool = False  # a changed tax rate counts at once
    gift_card_before_coupon: bool = False  # a coupon reduces only what the gift card leaves to pay
    risk_model_in_whole_units: bool = False  # the new fraud model knows no cents
    dispatch_events: bool = False  # parcels report "dispatched", as the carriers call it


BUILDS = {
    "1.0.0": Features(),
    "2.0.0": Features(
        io_beats_first=True,
        live_tax_rates=True,
        gift_card_before_coupon=True,
        risk_model_in_whole_units=True,
        dispatch_events=True,
    ),
}
