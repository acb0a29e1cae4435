"""Open the shop, serve a number of requests, and leave a log."""

import argparse
import asyncio
import logging
from pathlib import Path
from time import perf_counter

from storefront.builds import BUILDS
from storefront.conductor import Conductor
from storefront.logs import open_log
from storefront.score import read_score
from storefront.shop import Shop
from storefront.traffic import serve

log = logging.getLogger("storefront")

DEFINITIONS = Path(__file__).resolve().parents[1] / "definitions"


def main() -> None:
    """Run one build of the shop."""
    parser = argparse.ArgumentParser(prog="storefront", description=__doc__)
    parser.add_argument("--build", choices=BUILDS, default="1.0.0", help="which release to run (%(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="what the customers ask for (%(default)s)")
    parser.add_argument("--executions", type=int, default=1_200, metavar="N", help="requests to serve (%(default)s)")
    parser.add_argument("--log", type=Path, default=Path("storefront.log"), metavar="FILE", help="(%(default)s)")
    options = parser.parse_args()

    log_file = open_log(options.log)
    start = perf_counter()
    log.info("storefront %s starting seed=%d executions=%d", options.build, options.seed, options.executions)
    conductor = Conductor(read_score(DEFINITIONS), Shop(), BUILDS[options.build])
    try:
        asyncio.run(serve(conductor, options.seed, options.executions))
        runs, failures, seconds = conductor.run_count, conductor.failure_count, perf_counter() - start
        log.info("storefront stopped runs=%d failed=%d after %.2f s", runs, failures, seconds)
    finally:
        log_file.close()


if __name__ == "__main__":
    main()
