"""Nets as text, as the store keeps them."""

from __future__ import annotations

import msgspec

from telemap.flows.net import Net, Tokens, Transition

_Arcs = tuple[str | None, Tokens, Tokens, int | None]


class _Encoded(msgspec.Struct, array_like=True, frozen=True):
    place_count: int
    transitions: tuple[_Arcs, ...]
    start: Tokens
    ends: tuple[Tokens, ...]


_DECODER = msgspec.json.Decoder(_Encoded)


def encoded(net: Net) -> str:
    """A net, whose steps are numbers of declared steps or None, as JSON."""
    transitions = [(one.label, one.inputs, one.outputs, one.step) for one in net.transitions]
    return msgspec.json.encode((net.place_count, transitions, net.start, net.ends)).decode()


def decoded(text: str) -> Net:
    """The net that was encoded."""
    told = _DECODER.decode(text)
    return Net(told.place_count, tuple(Transition(*one) for one in told.transitions), told.start, told.ends)
