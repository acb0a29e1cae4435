"""Keeping the shelves filled."""

import asyncio
import logging
import math
from itertools import product

from storefront.stage import Baton, Stage

log = logging.getLogger(__name__)

HISTORY_DAYS = 90


def forecast_demand(baton: Baton, stage: Stage) -> None:
    """Forecast pieces a day with a level and a trend (Holt), whichever weights would have erred least."""
    phase = int(baton["sku"].rpartition("-")[2])
    history = [12 + day / 30 + 5 * math.sin((day + phase) / 7) for day in range(HISTORY_DAYS)]

    def forecast(level_weight: float, trend_weight: float) -> tuple[float, float]:
        level, trend, error = history[0], 0.0, 0.0
        for sold in history[1:]:
            error += abs(sold - level - trend)
            level, before = level_weight * sold + (1 - level_weight) * (level + trend), level
            trend = trend_weight * (level - before) + (1 - trend_weight) * trend
        return error, level + trend

    error, demand = min(forecast(*weights) for weights in product((0.1, 0.3, 0.5, 0.7, 0.9), repeat=2))
    baton["daily_demand"] = round(demand, 1)
    log.info("demand for %s is %.1f pieces a day, mean error %.2f", baton["sku"], demand, error / HISTORY_DAYS)


async def order_supplies(baton: Baton, stage: Stage) -> None:
    """Order four weeks' worth."""
    await asyncio.sleep(0.002)
    baton["ordered"] = math.ceil(28 * baton["daily_demand"])
    stage.shop.stock[baton["sku"]] += baton["ordered"]
    log.info("ordered {} pieces of {}".format(baton["ordered"], baton["sku"]))
