"""The spans of a store as trees, and what of their time is on critical paths, handler by handler.

What that means stands in docs/explanation/critical-path.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from telemap.analyses.registry import statement
from telemap.store.store import Store

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pyarrow as pa

    from telemap.stats.trace_forests import Ints, Spans
    from telemap.stats.trace_times import TraceTimes

ROWS_AT_ONCE = 1 << 20
NO_HANDLER = -1


@dataclass(frozen=True, slots=True)
class HandlerKey:
    """A handler as executions name it: a function of the code, or where that is not known, a name and whose it is."""

    handler: str
    plugin: str | None
    service: str | None
    code_file_path: str | None
    code_line_number: int | None


@dataclass(frozen=True, slots=True)
class CriticalTime:
    """What the runs of a handler have to do with how long their traces took.

    Args:
        key: which handler.
        runs: all that were begun.
        least_runs_on_path: of these, that are on a critical path in every reading.
        most_runs_on_path: that may be.
        paths: on how many critical paths it may be.
        least_ns: time on them that was its own and not that of what it caused, in every reading.
        most_ns: in some reading, or more.
        self_ns: time in which nothing that it caused was going on, on a path or not.
    """

    key: HandlerKey
    runs: int
    least_runs_on_path: int
    most_runs_on_path: int
    paths: int
    least_ns: int
    most_ns: int
    self_ns: int


@dataclass(frozen=True, slots=True)
class CriticalTimes:
    """The critical paths of a store, added up.

    Args:
        handlers: those with most time first.
        paths: how many there are: one a trace, and one for each part that is on none, see the explanation.
        path_ns: their lengths.
        ambiguous: of the paths, with several readings.
        orphaned: spans whose parent never came, or has no known times.
        cyclic: spans that were below themselves.
        skewed: spans that began before what caused them, in another service.
        clamped: spans of which something lies outside of what caused them.
    """

    handlers: list[CriticalTime]
    paths: int
    path_ns: int
    ambiguous: int
    orphaned: int
    cyclic: int
    skewed: int
    clamped: int


def critical_times(store: Store, build: str | None = None) -> CriticalTimes:
    """What is on the critical paths of ``store``; with a build, handlers count its executions only."""
    import numpy as np

    from telemap.stats.trace_times import trace_times

    rows = _rows(store, build)
    times = trace_times(rows.spans())
    forest = times.forest
    is_first = forest.is_timed & (times.path == np.arange(len(times.path)))
    return CriticalTimes(
        _handlers(rows, times),
        paths=int(np.count_nonzero(is_first)),
        path_ns=int(np.sum((forest.end - forest.start)[is_first])),
        ambiguous=int(np.count_nonzero(times.is_ambiguous)),
        **{
            name: int(np.count_nonzero(getattr(forest, f"is_{name}")))
            for name in ("orphaned", "cyclic", "skewed", "clamped")
        },
    )


@dataclass(frozen=True, slots=True)
class _Rows:
    """The spans of a store, one a place in all arrays; ``handler`` is a place in ``keys``, or ``NO_HANDLER``."""

    parent: npt.NDArray[np.int32]
    start: Ints
    end: Ints
    duration: Ints
    is_asynchronous: npt.NDArray[np.bool_]
    service: npt.NDArray[np.int32]
    handler: npt.NDArray[np.int32]
    is_counted: npt.NDArray[np.bool_]
    keys: list[HandlerKey]

    def spans(self) -> Spans:
        """As what the arithmetic takes."""
        from telemap.stats.trace_forests import Spans

        return Spans(self.parent, self.start, self.end, self.is_asynchronous, self.service)


_TEXTS = ("handler", "plugin", "service", "code_file_path", "code_line_number")
_TIMES = ("start_time_unix_nano", "end_time_unix_nano", "duration_ns")
_FLAGS = ("is_handler", "is_counted", "is_scheduled", "is_consumer", "is_producer")


def _rows(store: Store, build: str | None) -> _Rows:
    import numpy as np

    from telemap.stats.trace_forests import UNKNOWN, asynchronous, parents

    keys: dict[tuple[Any, ...], int] = {}
    services: dict[str, int] = {}
    kinds: dict[str, type[np.generic]] = {
        **dict.fromkeys(("own", "above"), np.uint64),
        **dict.fromkeys(("key", "clock"), np.int32),
        **dict.fromkeys(_TIMES, np.int64),
        **dict.fromkeys(_FLAGS, np.bool_),
    }
    parts: dict[str, list[npt.NDArray[Any]]] = {name: [np.empty(0, kind)] for name, kind in kinds.items()}
    with store.connect() as connection:
        found = connection.sql(statement("trace_trees"), params={"build": build})
        for batch in found.to_arrow_reader(ROWS_AT_ONCE):
            parts["own"].append(batch["own_hash"].to_numpy())
            parts["above"].append(batch["parent_hash"].to_numpy())
            parts["key"].append(_handler_codes(batch, keys))
            parts["clock"].append(_service_codes(batch["clock"], services))
            for name in _TIMES:
                parts[name].append(batch[name].fill_null(UNKNOWN).to_numpy())
            for name in _FLAGS:
                parts[name].append(batch[name].to_numpy(zero_copy_only=False))

    def whole(name: str) -> npt.NDArray[Any]:
        return np.concatenate(parts.pop(name))  # and what it was made of is let go

    parent = parents(whole("own"), whole("above"))
    return _Rows(
        parent=parent,
        start=whole("start_time_unix_nano"),
        end=whole("end_time_unix_nano"),
        duration=whole("duration_ns"),
        is_asynchronous=asynchronous(parent, *map(whole, ("is_scheduled", "is_consumer", "is_producer"))),
        service=whole("clock"),
        handler=np.where(whole("is_handler"), whole("key"), NO_HANDLER),
        is_counted=whole("is_counted"),
        keys=[HandlerKey(*key) for key in keys],
    )


def _handler_codes(batch: pa.RecordBatch, keys: dict[tuple[Any, ...], int]) -> npt.NDArray[np.int32]:
    """The number of each row's key, a new one if need be; only distinct keys become Python objects."""
    import numpy as np
    import pyarrow as pa

    codes = np.zeros(batch.num_rows, np.int64)
    for name in _TEXTS:
        column = batch[name].dictionary_encode(null_encoding="encode")
        if len(column.dictionary) > 1:
            pairs = pa.array(codes * len(column.dictionary) + column.indices.to_numpy())
            codes = pairs.dictionary_encode().indices.to_numpy().astype(np.int64)
    rows = np.zeros(codes.max() + 1, np.int64)
    rows[codes] = np.arange(len(codes))  # any row with the code
    told = zip(*(batch[name].take(pa.array(rows)).to_pylist() for name in _TEXTS), strict=True)
    return np.array([keys.setdefault(key, len(keys)) for key in told], np.int32)[codes]


def _service_codes(column: pa.Array, services: dict[str, int]) -> npt.NDArray[np.int32]:
    import numpy as np

    encoded = column.dictionary_encode()
    known = [services.setdefault(name, len(services)) for name in encoded.dictionary.to_pylist()]
    codes: npt.NDArray[np.int32] = np.array([*known, -1], np.int32)[encoded.indices.fill_null(-1).to_numpy()]
    return codes


def _handlers(rows: _Rows, times: TraceTimes) -> list[CriticalTime]:
    import numpy as np

    is_run = rows.is_counted & (rows.handler != NO_HANDLER)
    handler, least, most = rows.handler[is_run], times.least_ns[is_run], times.most_ns[is_run]
    own = np.maximum(rows.duration[is_run] - times.covered_ns[is_run], 0)
    own[rows.duration[is_run] < 0] = 0
    may_be = most > 0
    on_path = np.sort(handler[may_be] * np.int64(len(rows.parent)) + times.path[is_run][may_be])
    on_paths = on_path[np.append(True, on_path[1:] != on_path[:-1])[: len(on_path)]] // len(rows.parent)
    count = len(rows.keys)
    columns = (
        np.bincount(handler, minlength=count),
        np.bincount(handler[least > 0], minlength=count),
        np.bincount(handler[may_be], minlength=count),
        np.bincount(on_paths, minlength=count),
        _sums(handler, least, count),
        _sums(handler, most, count),
        _sums(handler, own, count),
    )
    made = [
        CriticalTime(key, *figures) for key, *figures in zip(rows.keys, *(c.tolist() for c in columns), strict=True)
    ]
    return sorted((time for time in made if time.runs), key=lambda time: (-time.most_ns, _order(time.key)))


def _sums(group: npt.NDArray[Any], values: Ints, count: int) -> Ints:
    """Sums by group, exact where floating point would round."""
    import numpy as np

    sums = np.zeros(count, np.int64)
    np.add.at(sums, group, values)
    return sums


def _order(key: HandlerKey) -> tuple[str, ...]:
    return tuple(
        str(part or "") for part in (key.handler, key.plugin, key.service, key.code_file_path, key.code_line_number)
    )
