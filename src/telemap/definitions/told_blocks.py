"""Blocks whose steps are told in a file → the net, the steps and the limits of a flow."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from telemap.definitions.limits import Amount
from telemap.flows.net import Block, Net, net_of
from telemap.flows.net import step as step_block
from telemap.model.declared import Limit, Step


class RefusalError(Exception):
    """Why a flow cannot be used."""

    def __init__(self, line_number: int, summary: str, reason: str, help: str) -> None:
        super().__init__(summary)
        self.told = (line_number, summary, reason, help)


@dataclass(frozen=True, slots=True)
class Told:
    """A step, and the limit that stands beside it with its text."""

    step: Step
    amount: Amount | None = None
    text: str = ""


def told_step(step: Step, amount: Amount | None = None, text: str = "") -> Block:
    """The block of a step."""
    return step_block(step.event, Told(step, amount, text))


def laid(block: Block) -> tuple[Net, tuple[Step, ...], tuple[Limit, ...]]:
    """The net with the numbers of the steps, the steps in their order, and their limits."""
    net = net_of(block)
    told: list[Told] = []

    def numbered(declared: object) -> int | None:
        if not isinstance(declared, Told):
            return None
        told.append(declared)
        return len(told)

    transitions = tuple(replace(one, step=numbered(one.step)) for one in net.transitions)
    limits = (limit for number, one in enumerate(told, start=1) for limit in _limits(one, number))
    return replace(net, transitions=transitions), tuple(one.step for one in told), tuple(limits)


def _limits(told: Told, number: int) -> Iterator[Limit]:
    if told.amount is not None:
        limit_ns, quantile = told.amount
        yield Limit(number, quantile, limit_ns, told.text, told.step.file_path, told.step.line_number)
