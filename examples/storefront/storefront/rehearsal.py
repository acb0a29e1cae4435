"""A stage without a conductor, to try handlers on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from storefront.builds import BUILDS
from storefront.shop import Shop
from storefront.stage import Data, Stage


@dataclass(slots=True)
class Rehearsal:
    """Notes what a handler plays and publishes; every sequence that it plays returns ``answer``."""

    build: str = "1.0.0"
    answer: Data = field(default_factory=dict)
    shop: Shop = field(default_factory=Shop)
    started: list[tuple[str, Data]] = field(default_factory=list)

    @property
    def stage(self) -> Stage:
        """The stage to call a handler with."""
        return Stage(self.shop, BUILDS[self.build], self._play, self._publish)

    async def _play(self, sequence_id: str, given: Mapping[str, Any]) -> Data:
        self.started.append((sequence_id, dict(given)))
        return self.answer

    def _publish(self, topic: str, given: Mapping[str, Any]) -> None:
        self.started.append((topic, dict(given)))
