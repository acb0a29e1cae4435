"""Customers: what they ask for, repeatable by seed."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random

from storefront.conductor import Conductor
from storefront.shop import ADJECTIVES, NOUNS, Line, Product
from storefront.stage import Data

CUSTOMERS = 8
MEAN_PAUSE_SECONDS = 0.02
COUNTRIES = ("DE", "FR", "NL", "NO", "PL", "SE")
CARDS = ("4539578763621486", "4929939187355598", "4485383550284604", "4716461583322103", "4532015112830366")
HASTY_CARD = "4024007198900077"  # its bank always wants a second attempt
COUPONS = (None, {"kind": "percent", "value": 15}, {"kind": "amount", "value": 1_000})
STREETS = ("Harbour Street", "Mill Lane", "Station Road", "Church Square", "Garden Row")
REASONS = ("too small", "arrived late", "wrong colour", "changed my mind")


@dataclass(frozen=True, slots=True)
class Visitors:
    """Draws what a visitor of each kind asks for."""

    random: Random
    products: dict[str, Product]

    def browse(self) -> Data:
        if self.random.random() < 0.05:
            return {"customer": self.customer(), "query": "the"}
        nouns = [noun for nouns in NOUNS.values() for noun in nouns]
        adjective, noun, category = map(self.random.choice, (ADJECTIVES, nouns, list(NOUNS)))
        return {"customer": self.customer(), "query": f"{adjective} {noun} for my {category}"}

    def add_to_cart(self) -> Data:
        return {"customer": self.customer(), "sku": self.sku(), "quantity": self.quantity()}

    def check_out(self) -> Data:
        address = self.address()
        return {
            "customer": self.customer(),
            "country": self.random.choice(COUNTRIES),
            "address": address,
            "card_address": address if self.random.random() < 0.9 else self.address(),
            "card": HASTY_CARD if self.random.random() < 0.03 else self.random.choice(CARDS),
            "lines": self.lines(self.random.randint(4, 7)),
            "coupon": self.random.choices(COUPONS, (60, 20, 20))[0],
            "gift_card": self.random.choices((0, 2_500, 500_000), (84, 9, 7))[0],
        }

    def send_back(self) -> Data:
        return {
            "customer": self.customer(),
            "country": self.random.choice(COUNTRIES),
            "lines": self.lines(self.random.randint(1, 2)),
            "days_since_purchase": self.random.randint(1, 16),
            "reason": self.random.choice(REASONS),
        }

    def count_stock(self) -> Data:
        return {"sku": self.sku()}

    def customer(self) -> str:
        return f"customer-{self.random.randint(1, 60):03}"

    def address(self) -> str:
        return f"{self.random.randint(1, 120)} {self.random.choice(STREETS)}"

    def sku(self) -> str:
        return self.random.choice(list(self.products))

    def quantity(self) -> int:
        return min(10, 1 + int(self.random.expovariate(0.45)))

    def lines(self, count: int) -> list[Line]:
        skus = self.random.sample(list(self.products), count)
        return [Line(sku=sku, quantity=self.quantity(), cents=self.products[sku].cents) for sku in skus]


def requests(seed: int, count: int, products: dict[str, Product]) -> Iterator[tuple[str, Data, float]]:
    """For each request the sequence to play, what its baton holds at first, and a pause in seconds afterwards."""
    random = Random(seed)
    visitors = Visitors(random, products)
    kinds: dict[str, tuple[Callable[[], Data], int]] = {
        "browse-catalog": (visitors.browse, 46),
        "add-to-cart": (visitors.add_to_cart, 24),
        "checkout": (visitors.check_out, 20),
        "return-order": (visitors.send_back, 8),
        "restock": (visitors.count_stock, 2),
    }
    for sequence_id in random.choices(list(kinds), [share for _, share in kinds.values()], k=count):
        draw, _ = kinds[sequence_id]
        yield sequence_id, draw(), random.expovariate(1 / MEAN_PAUSE_SECONDS)


async def serve(conductor: Conductor, seed: int, count: int) -> None:
    """Serve so many requests, several customers at a time, until the last run is over."""
    waiting = enumerate(requests(seed, count, conductor.shop.products), start=1)

    async def customer() -> None:
        for number, (sequence_id, given, pause_seconds) in waiting:
            await conductor.perform(sequence_id, given, f"{seed}/{number}")
            await asyncio.sleep(pause_seconds)

    await asyncio.gather(*(customer() for _ in range(CUSTOMERS)))
    await conductor.drain()
