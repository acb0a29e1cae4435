"""A flow that all observed variants follow, as small as can be read.

The variants are cut into parts that follow each other, exclude each other, run beside each other or repeat (the
inductive miner of S. Leemans, 2013), by which of their activities follow each other directly. Every cut keeps all
variants. We differ where no cut is found: runs that repeat as a whole, what all begin or end with, a few variants as
they are, and an activity that each has once are tried before everything is allowed in any order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise

from telemap.flows.net import NOTHING, Block, choice, interleaving, loop, option, sequence, step

Activity = tuple[str, str | None]  # name of an event, handler
Variant = tuple[Activity, ...]
_Log = list[Variant]  # each variant once
_Group = list[Activity]

MOST_LEVELS = 60  # of blocks in each other: what is deeper is for nobody to read


def learned(variants: Mapping[Variant, int]) -> Block:
    """The block whose runs hold all variants; its steps carry their handlers.

    A single variant is learned as it is. The answer does not depend on the order of the variants.

    Args:
        variants: the number of runs of each; what is frequent goes first where the order is free.
    """
    order = sorted(variants, key=lambda variant: (-variants[variant], [(name, by or "") for name, by in variant]))
    return _block(order, MOST_LEVELS)


def _block(log: _Log, levels: int) -> Block:
    if len(log) <= 1:
        return _steps(log[0] if log else ())
    if () in log:
        return option(_block([variant for variant in log if variant], levels))
    if levels > 0:
        for cut in (_exclusive, _following, _beside, _repeating, _again, _framed, _listed, _once):
            found = cut(log, lambda part: _block(part, levels - 1))
            if found:
                return found
    return loop(choice(*(step(*one) for one in _activities(log))))


_Inner = Callable[[_Log], Block]


def _exclusive(log: _Log, inner: _Inner) -> Block | None:
    """Parts of which each variant has one."""
    groups = _joined(_activities(log), ((variant[0], one) for variant in log for one in variant))
    return choice(*map(inner, _parted(log, groups))) if len(groups) > 1 else None


def _following(log: _Log, inner: _Inner) -> Block | None:
    """Parts that always stand in one order."""
    activities = _activities(log)
    later = _reached(log)
    unordered = ((a, b) for a in activities for b in activities if (b in later[a]) == (a in later[b]))
    groups = _joined(activities, unordered)
    if len(groups) < 2:
        return None
    before = {a: sum(a in later[b] and b not in later[a] for b in activities) for a in activities}
    groups.sort(key=lambda group: min(before[one] for one in group))
    return _in_order([inner(part) for part in _projected(log, groups)])


def _beside(log: _Log, inner: _Inner) -> Block | None:
    """Parts whose activities follow each other in both directions; each can be the first and the last."""
    activities, pairs = _activities(log), _pairs(log)
    groups = _joined(activities, ((a, b) for a in activities for b in activities if not {(a, b), (b, a)} <= pairs))
    first, last = {variant[0] for variant in log}, {variant[-1] for variant in log}
    whole = [group for group in groups if not (first.isdisjoint(group) or last.isdisjoint(group))]
    if len(whole) < 2:
        return None
    whole[0] = whole[0] + [one for group in groups if group not in whole for one in group]
    return interleaving(*(inner(part) for part in _projected(log, whole)))


def _repeating(log: _Log, inner: _Inner) -> Block | None:
    """A part that is done again after another, which only its ends lead to and which only leads to its beginnings."""
    pairs = _pairs(log)
    first, last = {variant[0] for variant in log}, {variant[-1] for variant in log}
    others = [one for one in _activities(log) if one not in first and one not in last]
    groups = _joined(others, ((a, b) for a, b in pairs if a in others and b in others))
    between: list[_Group] = []
    for group in groups:
        entered = {a for a, b in pairs if b in group and a not in group}
        left = {b for a, b in pairs if a in group and b not in group}
        if entered <= last and left <= first:
            between.append(group)
    if not between:
        return None
    number = {one: at for at, group in enumerate(between, start=1) for one in group}
    runs = [_runs(variant, lambda a, b: number.get(a) != number.get(b)) for variant in log]
    parts = dict.fromkeys(run for variant in runs for run in variant)
    done = inner([run for run in parts if run[0] not in number])
    return loop(done, _one_of([inner([run for run in parts if run[0] in group]) for group in between]))


def _again(log: _Log, inner: _Inner) -> Block | None:
    """All of it several times: an end is followed by a beginning."""
    first, last = {variant[0] for variant in log}, {variant[-1] for variant in log}
    parts = dict.fromkeys(run for variant in log for run in _runs(variant, lambda a, b: a in last and b in first))
    return loop(inner(list(parts))) if len(parts) != len(log) or set(parts) != set(log) else None


def _framed(log: _Log, inner: _Inner) -> Block | None:
    """What all variants begin or end with, and what is between."""
    least = min(map(len, log))
    begin = next((at for at in range(least) if len({variant[at] for variant in log}) > 1), least)
    rest = least - begin
    end = next((at for at in range(rest) if len({variant[-1 - at] for variant in log}) > 1), rest)
    if not begin + end:
        return None
    middle = inner([variant[begin : len(variant) - end] for variant in log])
    return _in_order([_steps(log[0][:begin]), middle, _steps(log[0][len(log[0]) - end :])])


def _listed(log: _Log, inner: _Inner) -> Block | None:
    """The variants themselves, where that is short."""
    is_short = sum(map(len, log)) <= 2 * len(_activities(log))
    return choice(*map(_steps, log)) if is_short else None


def _once(log: _Log, inner: _Inner) -> Block | None:
    """An activity that each variant has once, beside all others."""
    one = next((one for one in _activities(log) if all(variant.count(one) == 1 for variant in log)), None)
    if one is None:
        return None
    rest = list(dict.fromkeys(tuple(other for other in variant if other != one) for variant in log))
    return interleaving(step(*one), inner(rest))


def _steps(variant: Variant) -> Block:
    return _in_order([step(*one) for one in variant]) if variant else NOTHING


def _in_order(parts: Iterable[Block]) -> Block:
    flat = [one for part in parts for one in (part.parts if part.kind == "sequence" else [part]) if one != NOTHING]
    return flat[0] if len(flat) == 1 else sequence(*flat)


def _one_of(parts: Sequence[Block]) -> Block:
    return parts[0] if len(parts) == 1 else choice(*parts)


def _activities(log: _Log) -> _Group:
    """Each once, in the order in which they are met."""
    return list(dict.fromkeys(one for variant in log for one in variant))


def _pairs(log: _Log) -> set[tuple[Activity, Activity]]:
    """The activities that follow each other directly."""
    return {pair for variant in log for pair in pairwise(variant)}


def _reached(log: _Log) -> dict[Activity, set[Activity]]:
    """For each activity those that come after it, directly or not."""
    after: dict[Activity, set[Activity]] = {one: set() for one in _activities(log)}
    for a, b in _pairs(log):
        after[a].add(b)
    for middle in after:
        for one in after:
            if middle in after[one]:
                after[one] |= after[middle]
    return after


def _joined(activities: _Group, pairs: Iterable[tuple[Activity, Activity]]) -> list[_Group]:
    """The activities in groups, those of a pair in one, in the order of their first ones."""
    group_of = {one: [one] for one in activities}
    for a, b in pairs:
        if group_of[a] is not group_of[b]:
            small, large = sorted((group_of[a], group_of[b]), key=len)
            large += small
            group_of.update(dict.fromkeys(small, large))
    return list({id(group_of[one]): group_of[one] for one in activities}.values())


def _parted(log: _Log, groups: list[_Group]) -> list[_Log]:
    """For each group the variants of it."""
    number = {one: at for at, group in enumerate(groups) for one in group}
    parts: list[_Log] = [[] for _ in groups]
    for variant in log:
        parts[number[variant[0]]].append(variant)
    return parts


def _projected(log: _Log, groups: list[_Group]) -> list[_Log]:
    """For each group what the variants hold of it."""
    kept = [set(group) for group in groups]
    return [list(dict.fromkeys(tuple(one for one in variant if one in held) for variant in log)) for held in kept]


def _runs(variant: Variant, is_border: Callable[[Activity, Activity], bool]) -> list[Variant]:
    """The variant in pieces, cut between activities that are a border."""
    cuts = [at for at, (a, b) in enumerate(pairwise(variant), start=1) if is_border(a, b)]
    return [variant[begin:end] for begin, end in zip([0, *cuts], [*cuts, len(variant)], strict=True)]
