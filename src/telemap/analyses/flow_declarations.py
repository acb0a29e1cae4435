"""What a store knows as declared, by sequence: nets, steps with their places and code."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from telemap.flows.alignment import FlowChecker
from telemap.flows.encoding import decoded
from telemap.model.documents import Code, Defined
from telemap.store.store import Row


@dataclass(frozen=True, slots=True)
class Step:
    """A declared step."""

    number: int
    beat: int | None
    movement: str | None
    event: str
    handler: str | None
    defined_in: Defined
    code: Code | None
    title: str | None = None
    timing: str | None = None


@dataclass
class Declaration:
    """A declared sequence."""

    sequence_id: str
    name: str
    plugin: str | None
    defined_in: Defined
    net: str
    steps: dict[int, Step] = field(default_factory=dict)

    @cached_property
    def checker(self) -> FlowChecker:
        """What tells how variants follow the net."""
        return FlowChecker(decoded(self.net))

    def of_event(self, event: str | None) -> Step | None:
        """The first step with an event."""
        return next((step for step in self.steps.values() if step.event == event), None)

    def handlers(self, event: str | None) -> list[str]:
        """The handlers that are declared for an event."""
        return sorted({step.handler for step in self.steps.values() if step.event == event and step.handler})


FLOWS = "SELECT sequence_id, sequence_name, file_path, line_number, net FROM declared_flow ORDER BY sequence_id"
STEPS = "SELECT * FROM declared_step ORDER BY sequence_id, step_number"


def declarations(flows: list[Row], steps: list[Row]) -> dict[str, Declaration]:
    """The declared sequences by their ids, from the rows of ``FLOWS`` and ``STEPS``."""
    found = {
        row["sequence_id"]: Declaration(
            row["sequence_id"], row["sequence_name"], None, Defined(row["file_path"], row["line_number"]), row["net"]
        )
        for row in flows
    }
    for row in steps:
        declared = found[row["sequence_id"]]
        declared.plugin = declared.plugin or row["plugin"]
        declared.steps[row["step_number"]] = Step(
            row["step_number"],
            row["beat"],
            row["movement"],
            row["event_name"],
            row["handler"],
            Defined(row["file_path"], row["line_number"]),
            Code.of(row),
            row["title"],
            row["timing"],
        )
    return found
