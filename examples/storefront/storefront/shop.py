"""The shop's own world, in memory: products, stock, carts, the payment gateway and the tax office."""

import asyncio
import csv
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import product as combinations
from typing import TypedDict


class Line(TypedDict):
    """One line of a cart or an order; the price is for one piece."""

    sku: str
    quantity: int
    cents: int


@dataclass(frozen=True, slots=True)
class Product:
    """Something to buy, with the trigrams of its title for searching and its shelf in the warehouse."""

    sku: str
    title: str
    category: str
    cents: int
    grams: int
    shelf: tuple[int, int]
    trigrams: frozenset[str]


class Gateway:
    """The payment provider, far away: every call takes its time, and some cards need a second attempt."""

    async def authorise(self, card: str, cents: int, attempt: int) -> str | None:
        """A token to capture the payment with, or None where the bank asks to try again."""
        await asyncio.sleep(0.0008)
        return None if card.endswith("7") and attempt == 1 else f"auth-{card[-4:]}-{cents}"

    async def capture(self, token: str) -> str:
        """The receipt of a payment that was authorised."""
        await asyncio.sleep(0.0012)
        return token.replace("auth", "paid")


def trigrams(text: str) -> frozenset[str]:
    """Every three neighbouring characters of the text, in lower case."""
    text = f"  {text.lower()} "
    return frozenset(text[at : at + 3] for at in range(len(text) - 2))


NOUNS = {
    "garden": ("spade", "rake", "watering can", "hose"),
    "kitchen": ("kettle", "pan", "teapot", "cutting board"),
    "office": ("lamp", "desk", "notebook", "fountain pen"),
    "outdoor": ("tent", "backpack", "compass", "sleeping bag"),
    "books": ("atlas", "cookbook", "novel", "field guide"),
}
ADJECTIVES = ("blue", "green", "large", "folding", "steel", "wooden", "classic", "quiet", "travel", "red", "old")


def make_catalogue() -> dict[str, Product]:
    """All products by their stock keeping unit."""
    kinds = [(category, noun) for category, nouns in NOUNS.items() for noun in nouns]
    products = {}
    for number, ((category, noun), adjective) in enumerate(combinations(kinds, ADJECTIVES), start=1):
        title, sku = f"{adjective} {noun}", f"SKU-{number:03}"
        cents, grams = 390 + number * 1_357 % 9_000, 80 + number * 211 % 4_000
        products[sku] = Product(sku, title, category, cents, grams, (number % 20, number // 20), trigrams(title))
    return products


@dataclass(slots=True)
class Shop:
    """Everything the handlers share."""

    products: dict[str, Product] = field(default_factory=make_catalogue)
    stock: Counter[str] = field(default_factory=Counter)
    carts: defaultdict[str, list[Line]] = field(default_factory=lambda: defaultdict(list))
    ledger: list[tuple[str, int]] = field(default_factory=list)
    gateway: Gateway = field(default_factory=Gateway)


COUNTRIES = ("AT", "BE", "CH", "CZ", "DE", "DK", "ES", "FI", "FR", "GR", "HU", "IE", "IT", "NL", "NO", "PL", "PT", "SE")

# The tax office publishes every rate with the day from which it holds, in per cent.
RATE_SHEET = [
    f"{country};{category};{year}-01-01;{5 + (row * 7 + year) % 40 / 2}"
    for row, (country, category) in enumerate(combinations(COUNTRIES, NOUNS))
    for year in (2019, 2022, 2025)
]


def read_tax_rates() -> dict[tuple[str, str], int]:
    """The newest tax rate of each country and category, in thousandths."""
    newest: dict[tuple[str, str], tuple[date, int]] = {}
    for country, category, since, percent in csv.reader(RATE_SHEET, delimiter=";"):
        rate = date.fromisoformat(since), int(Decimal(percent) * 10)
        newest[country, category] = max(rate, newest.get((country, category), rate))
    return {key: rate for key, (_, rate) in newest.items()}
