"""Finding and showing products."""

import logging
from html import escape

from storefront.shop import Product, trigrams
from storefront.stage import Baton, Stage

log = logging.getLogger(__name__)

FILLER_WORDS = frozenset({"a", "an", "the", "for", "my", "with", "some"})


def parse_query(baton: Baton, stage: Stage) -> None:
    """Keep the words of the query that say something."""
    words = [word for word in baton["query"].lower().split() if word not in FILLER_WORDS]
    if not words:
        log.debug("query %r says nothing, showing the front page", baton["query"])
        words = ["classic"]
    baton["words"] = words


def search_products(baton: Baton, stage: Stage) -> None:
    """Rank the catalogue by how many trigrams each title shares with the query."""
    wanted = trigrams(" ".join(baton["words"]))

    def likeness(product: Product) -> float:
        return len(wanted & product.trigrams) / len(wanted | product.trigrams)

    ranked = sorted(stage.shop.products.values(), key=likeness, reverse=True)
    baton["hits"] = [product.sku for product in ranked[:12] if likeness(product) > 0.1]
    log.info("search for %r found %d of %d products", baton["query"], len(baton["hits"]), len(ranked))


def recommend_products(baton: Baton, stage: Stage) -> None:
    """Recommend what is near the best hits in price but of another category."""
    products = stage.shop.products
    best = [products[sku] for sku in baton["hits"][:5]]

    def distance(product: Product) -> int:
        return sum(abs(product.cents - hit.cents) for hit in best)

    categories = {hit.category for hit in best}
    others = sorted((product for product in products.values() if product.category not in categories), key=distance)
    baton["recommended"] = [product.sku for product in others[:4]]
    log.debug(f"recommending {len(baton['recommended'])} products to {baton['customer']}")


def render_listing(baton: Baton, stage: Stage) -> None:
    """The page of hits, as HTML."""
    found = [stage.shop.products[sku] for sku in baton["hits"]]
    rows = [f'<li id="{hit.sku}"><b>{escape(hit.title)}</b> {hit.cents / 100:.2f}</li>' for hit in found]
    baton["listing"] = "<ul>" + "\n".join(rows) + "</ul>"
