"""What is made of an object, kept as long as that object comes again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

Key = TypeVar("Key")
Made = TypeVar("Made")


class MadeOnce(Generic[Key, Made]):
    """What a function makes of objects, made once for each; equal objects are several, so that none is hashed.

    Args:
        make: the function.
        most: objects that are kept.
    """

    def __init__(self, make: Callable[..., Made], most: int) -> None:
        self._make, self._most = make, most
        self._made: dict[int, tuple[Key, Made]] = {}  # with the object, whose id another could have later

    def __call__(self, key: Key, *more: object) -> Made:
        """What is made of ``key``, with ``more`` that is the same whenever it is asked for."""
        found = self._made.get(id(key))
        if found is None:
            if len(self._made) >= self._most:
                self._made.clear()
            found = self._made[id(key)] = (key, self._make(key, *more))
        return found[1]
