"""Messages as log calls would write them, with made values."""

from __future__ import annotations

import random

from benchmarks.log_calls import Gap, Pieces


def rendered(pieces: Pieces, rng: random.Random) -> str:
    """A message as the call would write it, with made values."""
    if all(isinstance(piece, Gap) and not piece.kind for piece in pieces):
        return " ".join(word(rng) for _ in range(rng.randint(2, 9)))
    return "".join(piece if isinstance(piece, str) else piece.write(_value(piece.kind, rng)) for piece in pieces)


def word(rng: random.Random) -> str:
    """A made word."""
    return "".join(rng.choice("bcdfglmnprstvz") + rng.choice("aeiou") for _ in range(rng.randint(1, 4)))


def _value(kind: str, rng: random.Random) -> object:
    if kind in ("int", "hex"):
        return rng.choice([rng.randrange(10), rng.randrange(10**4), rng.randrange(10**9)])
    if kind == "float":
        return rng.random() * 10 ** rng.randrange(6)
    path = "/" + "/".join(word(rng) for _ in range(rng.randint(1, 4)))
    return rng.choice(
        (
            lambda: rng.randrange(10**5),
            lambda: round(rng.random() * 100, 3),
            lambda: word(rng),
            lambda: f"{word(rng)}_{word(rng)}",
            lambda: f"{word(rng)}.{word(rng)}",
            lambda: " ".join(word(rng) for _ in range(rng.randint(2, 6))),
            lambda: path,
            lambda: f"https://{word(rng)}.example.org{path}",
            lambda: f"{rng.randrange(256)}.{rng.randrange(256)}.0.1:{rng.randrange(65536)}",
            lambda: ValueError(f"{word(rng)}: {word(rng)} {rng.randrange(100)}"),
            lambda: [word(rng) for _ in range(rng.randrange(4))],
            lambda: {word(rng): rng.randrange(100), word(rng): word(rng)},
            lambda: f"<{word(rng).title()} object at 0x{rng.getrandbits(44):x}>",
            lambda: f"{rng.getrandbits(128):032x}",
            lambda: rng.choice([None, True, False]),
        )
    )()
