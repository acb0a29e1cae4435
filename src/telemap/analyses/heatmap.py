"""How long every handler took, slowest first.

``heat`` is 1 for the hottest handler and falls by a third for each factor of ten below it, so that 0.67 is a tenth and
0 is a thousandth or less: ``max(0, 1 + log10(x / hottest) / 3)``, where ``x`` is what the handlers are ordered by.
Executions whose duration is not known count as executions and not in any timing. Of a trace, an operation whose spans
name no function stands as a handler of its service.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import msgspec

from telemap.analyses import heatmap_blocks, heatmap_executions
from telemap.analyses.builds import check_build
from telemap.analyses.registry import Analysis, statement
from telemap.errors import TelemapError
from telemap.model.documents import Code, Document, Shape, Window, iso_time, milliseconds
from telemap.store.store import Store

DECADES = 3  # factors of ten from the hottest handler down to one without any heat

Measure = Literal["p95", "avg", "total", "self", "max"]


@dataclass(frozen=True, slots=True)
class Params:
    """What to look at, and in which order."""

    by: Annotated[Measure, "what makes a handler slow"] = "p95"
    top: Annotated[int | None, "show only so many handlers"] = None
    build: Annotated[str | None, "only executions of this build (service.version)"] = None


class Timing(Shape, frozen=True):
    """Durations in milliseconds."""

    min: float
    max: float
    avg: float
    p50: float
    p95: float
    p99: float


class HandlerHeat(Shape, frozen=True):
    """What is known of the executions of one handler; times in milliseconds."""

    name: str
    plugin: str | None
    executions: int
    errors: int
    timing: Timing | None
    total_time: float
    self_time: float
    source_file: str | None
    code: Code | None
    heat: float
    sequences: list[str]
    untimed_executions: int
    service: str | None

    def measure(self, by: Measure) -> float | None:
        """What the handler is ordered by; None where no execution has a known duration."""
        if self.timing is None:
            return None
        timing = self.timing
        return {
            "p95": timing.p95,
            "avg": timing.avg,
            "max": timing.max,
            "total": self.total_time,
            "self": self.self_time,
        }[by]


class Summary(Shape, frozen=True):
    """Sums over all handlers, also those that ``top`` leaves out.

    Of handlers ``unlinked`` have no place in the indexed code, ``uncertain`` have one that may be another.
    """

    total_handlers: int
    total_executions: int
    total_time: float
    slowest_handler: str | None
    fastest_handler: str | None
    untimed_executions: int
    errors: int
    unlinked: int
    uncertain: int
    window: Window | None


class Heatmap(Document, frozen=True, kw_only=True):
    """The answer: handlers, slowest first."""

    handlers: list[HandlerHeat]
    summary: Summary
    ordered_by: Measure
    build: str | None


def run(store: Store, params: Params) -> Heatmap:
    """The handlers of ``store``, slowest first; where two are equal, by name.

    Raises:
        TelemapError: ``bad-setting``: ``top`` is below 1. ``no-build``: no source is of this build.
    """
    check_top(params.top)
    rows = store.rows(statement("heatmap"), {"build": params.build})
    if not rows and params.build is not None:
        check_build(store, params.build)
    handlers = [_handler(row) for row in rows]
    measures = [handler.measure(params.by) for handler in handlers]
    hottest = max((measure for measure in measures if measure is not None), default=0.0)
    ranked = sorted(
        zip(measures, handlers, strict=True),
        key=lambda pair: (pair[0] is None, -(pair[0] or 0.0), pair[1].name, pair[1].plugin or ""),
    )
    heated = [msgspec.structs.replace(handler, heat=heat(measure, hottest)) for measure, handler in ranked]
    return Heatmap(
        handlers=heated[: params.top], summary=_summary(heated, rows), ordered_by=params.by, build=params.build
    )


def heat(measure: float | None, hottest: float) -> float:
    """How hot a handler is, 0…1, from its own measure and that of the hottest.

    >>> heat(2.0, 20.0)
    0.667
    """
    if not measure:
        return 0.0
    return round(max(0.0, 1 + math.log10(measure / hottest) / DECADES), 3)


def check_top(top: int | None) -> None:
    """Raise a TelemapError (``bad-setting``) if so many handlers cannot be shown."""
    if top is not None and top < 1:
        raise TelemapError("bad-setting", f"top is {top}", help="name at least one handler to show, or no limit")


def _handler(row: dict[str, Any]) -> HandlerHeat:
    is_timed = row["executions"] > row["untimed"]
    return HandlerHeat(
        name=row["handler"],
        plugin=row["plugin"],
        executions=row["executions"],
        errors=row["errors"],
        timing=Timing(*map(milliseconds, (row["min_ns"], row["max_ns"], row["avg_ns"], *row["percentiles_ns"])))
        if is_timed
        else None,
        total_time=milliseconds(row["total_ns"] or 0),
        self_time=milliseconds(row["self_ns"] or 0),
        source_file=row["code_file_path"],
        code=Code.of(row),
        heat=0.0,
        sequences=row["sequences"] or [],
        untimed_executions=row["untimed"],
        service=row["service"],
    )


def _summary(handlers: list[HandlerHeat], rows: list[dict[str, Any]]) -> Summary:
    timed = [handler.name for handler in handlers if handler.timing is not None]
    starts = [row["first_time_unix_nano"] for row in rows if row["first_time_unix_nano"] is not None]
    ends = [row["last_time_unix_nano"] for row in rows if row["last_time_unix_nano"] is not None]
    return Summary(
        total_handlers=len(handlers),
        total_executions=sum(handler.executions for handler in handlers),
        total_time=round(sum(handler.total_time for handler in handlers), 6),
        slowest_handler=timed[0] if timed else None,
        fastest_handler=timed[-1] if timed else None,
        untimed_executions=sum(handler.untimed_executions for handler in handlers),
        errors=sum(handler.errors for handler in handlers),
        unlinked=sum(handler.code is None for handler in handlers),
        uncertain=sum(handler.code is not None and not handler.code.is_sure for handler in handlers),
        window=Window(iso_time(min(starts)), iso_time(max(ends))) if starts and ends else None,
    )


ANALYSIS = Analysis(
    "heatmap",
    "How long every handler took, slowest first",
    Params,
    run,
    "telemap heatmap --by total --top 5",
    details={"blocks": heatmap_blocks.DETAIL, "executions": heatmap_executions.DETAIL},
)
