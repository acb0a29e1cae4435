"""Random nets, blocks and variants, small enough for the oracle."""

from __future__ import annotations

from hypothesis import strategies as st

from telemap.flows.net import Block, Draft, Net, choice, interleaving, loop, option, sequence, step

LABELS = "abcd"
variants = st.lists(st.sampled_from(LABELS + "x"), max_size=6).map(tuple)
steps = st.sampled_from(LABELS).map(step)


def composed(blocks: st.SearchStrategy[Block]) -> st.SearchStrategy[Block]:
    """Blocks of blocks."""
    several = st.lists(blocks, min_size=1, max_size=3)
    return st.one_of(
        several.map(lambda parts: sequence(*parts)),
        several.map(lambda parts: choice(*parts)),
        several.map(lambda parts: interleaving(*parts)),
        blocks.map(option),
        st.tuples(blocks, blocks).map(lambda parts: loop(*parts)),
    )


blocks = st.recursive(steps, composed, max_leaves=6)


@st.composite
def nets(draw: st.DrawFn, most_in_arc: int = 1) -> Net:
    """Any net: it may be unsafe, pile up tokens, stop short of its end or have none to come to."""
    count = draw(st.integers(1, 5))
    place = st.integers(0, count - 1)
    places, some = (st.lists(place, min_size=least, max_size=2 * most_in_arc) for least in (0, 1))
    draft = Draft(count)
    for _ in range(draw(st.integers(1, 6))):
        label = draw(st.sampled_from(("a", "b", "c", None, None)))
        draft.add(label, draw(some), draw(places))
    ends = [draw(places) for _ in range(draw(st.integers(1, 2)))]
    return draft.net(draw(places), *ends)
