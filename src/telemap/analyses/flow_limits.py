"""Limits of time as service levels: which of them what ran does not keep.

A limit that holds for every run is broken by one that took longer. One that holds for a share of them (P95: 95 %) is
broken where more took longer than chance explains (``telemap.stats.binomial``): two runs of two over a P95, or four of
twenty, but not one alone.
"""

from __future__ import annotations

from telemap.analyses.flow_declarations import Declaration
from telemap.analyses.flow_deviations import Lines
from telemap.analyses.flow_shapes import Deviation, Limit
from telemap.definitions.limits import Amount, amount_text, duration_text, quantile_text
from telemap.model.documents import Code, Defined, Place, iso_time, milliseconds
from telemap.model.findings import Severity, finding_id
from telemap.stats.binomial import is_beyond_chance
from telemap.store.store import Row


def limit(row: Row) -> Limit:
    """A limit that was checked, from a row of ``flow_limits.sql``."""
    return Limit(
        step=row["step_number"],
        event=row["event_name"],
        quantile=row["quantile"],
        limit_ms=milliseconds(row["limit_ns"]),
        observed_ms=milliseconds(row["observed_ns"]),
        executions=row["executions"],
        over=row["over"],
        is_broken=is_broken(row),
        is_setting=row["is_setting"],
        defined_in=Defined(row["file_path"], row["line_number"]),
    )


def is_broken(row: Row) -> bool:
    """Whether what ran does not keep the limit of a row."""
    over, executions, quantile = row["over"], row["executions"], row["quantile"]
    return over > 0 if quantile is None else is_beyond_chance(over, executions, 1 - quantile)


def late(row: Row, declared: Declaration | None, lines: Lines) -> Deviation:
    """What is told of a broken limit; its code is that of the declared handler, or of what was slowest.

    Args:
        row: of ``flow_limits.sql``.
        declared: the sequence; None if that is not declared.
        lines: of the slowest executions.
    """
    step = declared.steps.get(row["step_number"]) if declared else None
    slowest = sorted(row["slowest"], key=lambda one: (-one["duration_ns"], one["trace_id"], one["span_id"]))
    shown = [found for one in slowest if (found := lines.at(one["trace_id"], one["span_id"]))]
    quantile, over, executions = row["quantile"], row["over"], row["executions"]
    amount = Amount(row["limit_ns"], quantile)
    what = (step and step.handler) or row["event_name"] or "a run"
    return Deviation(
        id=finding_id(row["sequence"], "late", row["step_number"], row["event_name"], row["is_setting"], *amount),
        kind="late",
        severity=Severity.ERROR if row["is_setting"] else Severity.WARNING,
        title=f"{what} took longer than {duration_text(row['limit_ns'])}",
        reason=f"{over:,} of {executions:,} did" + _share(quantile),
        sequence_id=row["sequence"],
        plugin=declared.plugin if declared else None,
        movement=step.movement if step else None,
        beat=step.beat if step else None,
        step=row["step_number"],
        event=row["event_name"],
        handler=step.handler if step else None,
        expected=amount_text(amount),
        observed=f"{duration_text(row['observed_ns'])}{quantile_text(quantile)}",
        count=over,
        share=round(over / executions, 6),
        cost_ms=milliseconds(row["excess_ns"] / over),
        first_seen=None if row["first_time_unix_nano"] is None else iso_time(row["first_time_unix_nano"]),
        last_seen=None if row["last_time_unix_nano"] is None else iso_time(row["last_time_unix_nano"]),
        code=step.code if step and step.code else Code.of(shown[0]) if shown else None,
        defined_in=Defined(row["file_path"], row["line_number"]),
        examples=list(dict.fromkeys(Place(one["uri"], one["first_line"]) for one in shown)),
    )


def _share(quantile: float | None) -> str:
    return "" if quantile is None else f", more than chance explains if only {100 - 100 * quantile:.6g}% of all do"
