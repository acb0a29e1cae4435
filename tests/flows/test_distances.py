from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from telemap.flows.components import components_of
from telemap.flows.distances import MISSING, Distances
from telemap.flows.markings import Encoding, width_of
from telemap.flows.net import Net, loop, net_of, option, sequence, step
from tests.flows import oracle
from tests.flows.nets import blocks, nets, variants


def bound(net: Net, variant: tuple[str, ...], *, of_beginnings: bool) -> float:
    """The least that a variant costs from the start, as far as components tell, in whole moves."""
    encoding = Encoding(net, width_of(net))
    distances = Distances(encoding, components_of(net), of_beginnings=of_beginnings)
    least = distances.least_cost(distances.rows(variant)[0], encoding.start)
    return least if least == math.inf else least // MISSING


@given(st.one_of(blocks.map(net_of), nets()), variants, st.booleans())
def test_what_is_told_is_never_more_than_the_cost(net: Net, variant: tuple[str, ...], of_beginnings: bool) -> None:
    try:
        least = oracle.least_cost(net, variant, is_beginning=of_beginnings)
    except oracle.TooLarge:
        return
    assert bound(net, variant, of_beginnings=of_beginnings) <= least


@given(variants, st.booleans())
def test_where_one_token_moves_it_is_the_cost(variant: tuple[str, ...], of_beginnings: bool) -> None:
    net = net_of(sequence(step("a"), loop(sequence(step("b"), step("c")), option(step("d"))), step("x")))
    assert bound(net, variant, of_beginnings=of_beginnings) == oracle.least_cost(
        net, variant, is_beginning=of_beginnings
    )
