"""What a handler sees: the baton it is handed and the stage it stands on."""

from collections.abc import Awaitable, Callable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any

from storefront.builds import Features
from storefront.shop import Shop

Data = dict[str, Any]


class Baton(MutableMapping[str, Any]):
    """One handler's hold on the data of its run; remembers which keys it added, changed and removed.

    Only assignments are seen, so handlers replace a list or dict instead of changing it in place.
    """

    def __init__(self, data: Data) -> None:
        self._data = data
        self.signs: dict[str, str] = {}

    def __getitem__(self, key: str) -> Any:
        return self._data[key]

    def __setitem__(self, key: str, value: Any) -> None:
        if key not in self._data:
            self.signs[key] = "+"
        elif self._data[key] != value:
            self.signs.setdefault(key, "~")
        self._data[key] = value

    def __delitem__(self, key: str) -> None:
        del self._data[key]
        self.signs[key] = "-"

    def __iter__(self) -> Iterator[str]:
        return iter(self._data)

    def __len__(self) -> int:
        return len(self._data)


@dataclass(frozen=True, slots=True)
class Stage:
    """The shop, the features of this build, and the ways to start other sequences."""

    shop: Shop
    features: Features
    play: Callable[[str, Mapping[str, Any]], Awaitable[Data]]
    publish: Callable[[str, Mapping[str, Any]], None]


Handler = Callable[[Baton, Stage], Awaitable[None] | None]
