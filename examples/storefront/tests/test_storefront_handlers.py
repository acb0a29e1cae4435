"""Handlers one by one, on a stage without a conductor."""

import asyncio

import pytest
from storefront.handlers import cart, catalog, checkout, fulfilment, inventory, loyalty, notification, payment, returns
from storefront.rehearsal import Rehearsal
from storefront.shop import Line, read_tax_rates
from storefront.stage import Baton, Data

LINES = [Line(sku="SKU-001", quantity=1, cents=1_000), Line(sku="SKU-002", quantity=5, cents=200)]


def test_filler_words_are_left_out_of_a_query() -> None:
    data: Data = {"query": "A blue teapot for my office"}
    catalog.parse_query(Baton(data), Rehearsal().stage)
    assert data["words"] == ["blue", "teapot", "office"]


def test_recommendations_are_of_another_category_than_the_hits() -> None:
    rehearsal = Rehearsal()
    data: Data = {"customer": "customer-001", "hits": ["SKU-001", "SKU-002"]}
    catalog.recommend_products(Baton(data), rehearsal.stage)
    categories = [rehearsal.shop.products[sku].category for sku in data["recommended"]]
    assert len(categories) == 4
    assert "garden" not in categories


def test_a_listing_shows_title_and_price() -> None:
    data: Data = {"hits": ["SKU-001"]}
    catalog.render_listing(Baton(data), Rehearsal().stage)
    assert data["listing"] == '<ul><li id="SKU-001"><b>blue spade</b> 17.47</li></ul>'


def test_more_pieces_than_fit_on_a_pallet_take_a_day_longer() -> None:
    data: Data = {"sku": "SKU-001", "quantity": 7}
    asyncio.run(cart.check_availability(Baton(data), Rehearsal().stage))
    assert data["days"] == 2


def test_a_cart_line_keeps_the_price_of_the_day() -> None:
    rehearsal = Rehearsal()
    cart.save_cart_line(Baton({"customer": "customer-001", "sku": "SKU-001", "quantity": 2}), rehearsal.stage)
    assert rehearsal.shop.carts == {"customer-001": [{"sku": "SKU-001", "quantity": 2, "cents": 1_747}]}


def test_five_pieces_cost_ten_per_cent_less() -> None:
    data: Data = {"lines": LINES}
    checkout.price_cart(Baton(data), Rehearsal().stage)
    assert data == {"lines": LINES, "prices": [1_000, 900], "subtotal": 1_900}


@pytest.mark.parametrize(
    ("coupon", "discounts"),
    [
        (None, [0, 0]),
        ({"kind": "percent", "value": 10}, [100, 90]),
        ({"kind": "amount", "value": 190}, [100, 90]),
    ],
)
@pytest.mark.parametrize("build", ["1.0.0", "2.0.0"])
def test_a_coupon_is_shared_out_over_the_lines(build: str, coupon: Data | None, discounts: list[int]) -> None:
    data: Data = {"coupon": coupon, "prices": [1_000, 900], "subtotal": 1_900, "gift_card": 0}
    baton = Baton(data)
    checkout.apply_coupon(baton, Rehearsal(build).stage)
    assert data["discounts"] == discounts
    assert baton.signs == {"coupon": "-", "discounts": "+"}


@pytest.mark.parametrize("build", ["1.0.0", "2.0.0"])
def test_tax_makes_the_total(build: str) -> None:
    data: Data = {"country": "DE", "lines": LINES, "prices": [1_000, 900], "discounts": [0, 100], "subtotal": 1_900}
    data["gift_card"] = 500
    checkout.compute_tax(Baton(data), Rehearsal(build).stage)
    rate = read_tax_rates()["DE", "garden"]
    tax = rate + 800 * rate // 1_000
    assert (data["tax"], data["total"]) == (tax, 1_800 + tax - 500)


def test_a_card_from_another_address_raises_the_risk() -> None:
    same: Data = {"customer": "customer-001", "total": 60_000, "address": "1 Mill Lane", "card_address": "1 Mill Lane"}
    other = same | {"card_address": "99 Garden Row"}
    for data in (same, other):
        checkout.score_fraud(Baton(data), Rehearsal().stage)
    assert same["risk"] < other["risk"]


def test_a_reservation_comes_out_of_the_stock_and_a_return_goes_back() -> None:
    rehearsal = Rehearsal()
    checkout.reserve_stock(Baton({"lines": LINES}), rehearsal.stage)
    assert rehearsal.shop.stock == {"SKU-001": -1, "SKU-002": -5}
    returns.put_back_items(Baton({"lines": LINES[:1]}), rehearsal.stage)
    assert rehearsal.shop.stock == {"SKU-001": 0, "SKU-002": -5}


def test_the_card_leaves_the_baton_with_the_payment() -> None:
    rehearsal = Rehearsal(answer={"receipt": "paid-1"})
    data: Data = {"card": "42", "total": 990}
    asyncio.run(checkout.take_payment(Baton(data), rehearsal.stage))
    assert data == {"total": 990, "receipt": "paid-1"}
    assert rehearsal.started == [("payment", {"card": "42", "cents": 990})]


def test_an_invoice_lists_lines_and_tax() -> None:
    data: Data = {"customer": "customer-001", "lines": LINES, "prices": [1_000, 900], "discounts": [0, 100], "tax": 342}
    checkout.render_invoice(Baton(data), Rehearsal().stage)
    assert data["invoice"].splitlines()[:-1] == [
        "Invoice for customer-001",
        "  1 × blue spade                   10.00      0.00",
        "  5 × green spade                   9.00     -1.00",
        "Tax                                 3.42",
    ]


def test_an_order_is_told_to_the_shop_without_payment_details() -> None:
    rehearsal = Rehearsal()
    order = {"customer": "customer-001", "country": "DE", "lines": LINES, "total": 990}
    checkout.place_order(Baton(order | {"receipt": "paid-1"}), rehearsal.stage)
    assert rehearsal.started == [("order.placed", order | {"occasion": "confirmation"})]


def test_a_hasty_card_is_authorised_at_the_second_attempt_and_captured() -> None:
    rehearsal = Rehearsal()
    data: Data = {"card": "4024007198900077", "cents": 990}
    asyncio.run(payment.authorise_card(Baton(data), rehearsal.stage))
    assert data == {"cents": 990, "token": "auth-0077-990"}
    asyncio.run(payment.capture_payment(Baton(data), rehearsal.stage))
    assert data == {"cents": 990, "receipt": "paid-0077-990"}
    assert rehearsal.shop.ledger == [("paid-0077-990", 990)]


def test_a_mistyped_card_is_refused() -> None:
    with pytest.raises(ValueError, match="card number ending in 0078 is mistyped"):
        asyncio.run(payment.authorise_card(Baton({"card": "4024007198900078", "cents": 990}), Rehearsal().stage))


def test_picking_goes_to_the_nearest_shelf_and_reports_an_empty_one() -> None:
    rehearsal = Rehearsal()
    skus = {"SKU-020": 1, "SKU-003": 9, "SKU-001": 1}
    data: Data = {"lines": [Line(sku=sku, quantity=quantity, cents=1) for sku, quantity in skus.items()]}
    fulfilment.plan_picking(Baton(data), rehearsal.stage)
    assert data["route"] == ["SKU-020", "SKU-001", "SKU-003"]
    assert rehearsal.started == [("stock.low", {"sku": "SKU-003"})]


def test_no_box_is_heavier_than_a_box_may_be() -> None:
    data: Data = {"lines": [Line(sku="SKU-018", quantity=4, cents=1), Line(sku="SKU-001", quantity=1, cents=1)]}
    fulfilment.pack_parcel(Baton(data), Rehearsal().stage)
    assert data["boxes"] == [11_925, 3_878]


def test_a_booked_parcel_is_published() -> None:
    rehearsal = Rehearsal()
    data: Data = {"customer": "customer-001", "country": "DE", "boxes": [900], "total": 990}
    asyncio.run(fulfilment.book_carrier(Baton(data), rehearsal.stage))
    assert data["label"] == "parcel-DE-900"
    assert rehearsal.started == [("parcel.shipped", {"customer": "customer-001", "total": 990})]


@pytest.mark.parametrize(("days", "total"), [(14, 2_000), (16, 1_920), (90, 1_000)])
def test_a_late_return_is_refunded_in_part(days: int, total: int) -> None:
    data: Data = {"lines": LINES, "days_since_purchase": days, "reason": "too small"}
    returns.check_return(Baton(data), Rehearsal().stage)
    assert data["total"] == total


def test_a_refund_is_entered_and_published() -> None:
    rehearsal = Rehearsal()
    refund = {"customer": "customer-001", "country": "DE", "total": 990}
    asyncio.run(returns.refund_payment(Baton(dict(refund)), rehearsal.stage))
    assert rehearsal.shop.ledger == [("refund-customer-001", -990)]
    assert rehearsal.started == [("order.refunded", refund | {"occasion": "refund"})]


def test_supplies_last_four_weeks() -> None:
    rehearsal = Rehearsal()
    asyncio.run(inventory.order_supplies(Baton({"sku": "SKU-001", "daily_demand": 2.5}), rehearsal.stage))
    assert rehearsal.shop.stock == {"SKU-001": 70}


def test_a_message_names_the_customer_and_the_total(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "storefront.handlers.notification")
    data: Data = {"occasion": "refund", "customer": "customer-001", "total": 990}
    notification.render_message(Baton(data), Rehearsal().stage)
    assert data["message"] == "Dear customer-001,\nyour 9.90 are on the way back to you."
    asyncio.run(notification.deliver_message(Baton(data), Rehearsal().stage))
    assert caplog.messages == ["refund mail of 56 bytes sent to customer-001"]


def test_every_whole_unit_earns_a_point() -> None:
    data: Data = {"customer": "customer-001", "total": 1_299}
    loyalty.award_points(Baton(data), Rehearsal().stage)
    assert data["points"] == 12
