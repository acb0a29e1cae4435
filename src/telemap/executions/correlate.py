"""Edges of events → spans: a streaming correlation of one source, in the order of its lines.

An edge says that a span of some kind starts, goes on or ends, and carries what its line told: a request id, a sequence,
a beat, a name. It belongs to the open spans that contradict none of it. Where several are left, the newest is taken
(for handlers the oldest: they are called in order), and the span says by which rule.

A span that is over is held for as long as its run may tell something that it lacks. Which spans come out, and how, is
decided row by row: feeding the rows in other pieces changes nothing.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import fields
from typing import Any

import numpy as np

from telemap.executions.runs import EdgeRow, Rows, Run, Span, SpanRow, check, differ, difference, edge_rows, table
from telemap.model.telemetry import UNKNOWN_CODE, UNKNOWN_TIME, Edge, Rule, SpanKind, Status

State = dict[str, list[Any]]
"""A correlation as plain numbers, to be kept or copied: see ``Correlator.state``."""

_ASKING = frozenset((Edge.REQUEST, Edge.QUEUE))
_NOWHERE = (UNKNOWN_CODE, UNKNOWN_CODE)
_LINKS = frozenset(("run", "parent", "handlers"))
RUN_FIELDS = tuple(f.name for f in fields(Run) if f.name not in _LINKS)
SPAN_FIELDS = tuple(f.name for f in fields(Span) if f.name not in _LINKS)

MOST_REMEMBERED = 4096
"""How many correlation ids and finished handlers are remembered as causes: a bound for streams that never end."""

MOST_KEPT = 10_000
"""How many are kept of each: open spans of a kind, queued runs, held spans, and names of which something was learnt.

A bound for streams that only start things: the oldest go first.
"""


class Correlator:
    """The open spans of one source; fed with edges in the order of its lines, it yields finished spans.

    Args:
        serial_handlers: the handlers of one run follow one another (a promise chain), so that only the oldest open
            handler of a run can end, and none begins before its predecessor is over.
        most_kept: see MOST_KEPT; at least 1.
    """

    def __init__(self, serial_handlers: bool = False, most_kept: int = MOST_KEPT) -> None:
        if most_kept < 1:
            raise ValueError("at least one must be kept")
        self.serial_handlers = serial_handlers
        self.most_kept = most_kept
        self.ambiguous = 0
        self.next_ordinal = 0
        self.open: tuple[list[Span], ...] = tuple([] for _ in SpanKind)
        self.requested: Run | None = None
        self.queue: list[Run] = []
        self.held: OrderedDict[int, list[Span]] = OrderedDict()  # by run; over
        self.held_count = 0
        self.finished: list[SpanRow] = []
        self.released: Span | None = None  # the handler that the last line let run, its predecessor being over
        self.has_begun = False
        self.event_of_handler: OrderedDict[int, int] = OrderedDict()
        self.run_of_correlation: OrderedDict[int, int] = OrderedDict()
        self.finished_handlers: OrderedDict[tuple[int, int], int] = OrderedDict()  # by request id and name
        self.orphans: OrderedDict[int, int] = OrderedDict()  # runs of which only late ends of handlers were seen
        self.requests_inside: OrderedDict[int, int] = OrderedDict()  # by sequence id: asked for while a handler ran
        self.requests_outside: OrderedDict[int, int] = OrderedDict()
        self._edges: dict[int, Callable[[EdgeRow], Span | None]] = {
            Edge.START: self._start,
            Edge.NOTE: self._note,
            Edge.ENTER: self._enter,
            Edge.SETTLE: self._settle,
            Edge.END: self._end,
            Edge.FAIL: self._end,
            Edge.REQUEST: self._request,
            Edge.QUEUE: self._queue,
            Edge.RESET: self._reset,
        }

    def feed(self, rows: Rows) -> tuple[Rows, Rows]:
        """The spans of which ``rows`` tell the last; and the span and run each row belongs to.

        Args:
            rows: int64, one row an edge, columns as in EdgeRow.

        Returns:
            int64 rows with the columns of SpanRow, in the order of their end within a run; and int64 (span ordinal,
            run ordinal) for each given row, -1 where it belongs to none.

        Raises:
            ValueError: a row is no edge, or says something of a span without its kind; nothing has changed then.
        """
        check(rows)
        edges = self._edges
        places = []
        for row in edge_rows(rows):
            if row.edge not in _ASKING:
                self.released = None
            span = edges[row.edge](row)
            places.append(_NOWHERE if span is None else (span.ordinal, span.run.ordinal))
        finished, self.finished = self.finished, []
        return table(finished), np.array(places, np.int64).reshape(len(rows), 2)

    def unfinished(self) -> Rows:
        """The spans that are open or held, and those around them, as rows; the correlation itself goes on."""
        spans = self._unfinished()
        return table([spans[ordinal].row() for ordinal in sorted(spans)])

    def _unfinished(self) -> dict[int, Span]:
        spans: dict[int, Span] = {}
        for opened in self.open:
            for span in opened:
                above: Span | None = span
                while above is not None and above.ordinal not in spans:
                    spans[above.ordinal] = above
                    above = above.parent
        return spans | {span.ordinal: span for held in self.held.values() for span in held}

    def state(self) -> State:
        """Everything the correlation still needs, as lists of numbers; runs and spans stand for their ordinals."""
        spans = self._unfinished()
        runs = {s.run.ordinal: s.run for s in spans.values()} | {r.ordinal: r for r in self.queue}
        if self.requested is not None:
            runs[self.requested.ordinal] = self.requested
        return {
            "scalars": [
                int(self.serial_handlers),
                self.ambiguous,
                self.next_ordinal,
                int(self.has_begun),
                self.requested.ordinal if self.requested else -1,
                self.released.ordinal if self.released else -1,
                self.most_kept,
            ],
            "runs": [[int(getattr(r, name)) for name in RUN_FIELDS] for r in runs.values()],
            "spans": [
                [s.run.ordinal, s.parent.ordinal if s.parent else -1, *(int(getattr(s, name)) for name in SPAN_FIELDS)]
                for s in spans.values()
            ],
            "open": [[s.ordinal for s in opened] for opened in self.open],
            "queue": [run.ordinal for run in self.queue],
            "held": [span.ordinal for held in self.held.values() for span in held],
            "run_of_correlation": [list(pair) for pair in self.run_of_correlation.items()],
            "finished_handlers": [[*key, ordinal] for key, ordinal in self.finished_handlers.items()],
            "orphans": [list(pair) for pair in self.orphans.items()],
            "event_of_handler": [list(pair) for pair in self.event_of_handler.items()],
            "requests_inside": [list(pair) for pair in self.requests_inside.items()],
            "requests_outside": [list(pair) for pair in self.requests_outside.items()],
        }

    @classmethod
    def restored(cls, state: State) -> Correlator:
        """The correlation that ``state`` was taken of."""
        serial, ambiguous, next_ordinal, has_begun, requested, released, most_kept = state["scalars"]
        self = cls(bool(serial), most_kept)
        self.ambiguous, self.next_ordinal, self.has_begun = ambiguous, next_ordinal, bool(has_begun)
        runs = {run.ordinal: run for run in (Run(**dict(zip(RUN_FIELDS, row, strict=True))) for row in state["runs"])}
        spans: dict[int, Span] = {}
        for run, _, *values in state["spans"]:
            span = Span(run=runs[run], parent=None, **dict(zip(SPAN_FIELDS, values, strict=True)))
            spans[span.ordinal] = span
        for _, parent, *values in state["spans"]:
            spans[values[SPAN_FIELDS.index("ordinal")]].parent = spans.get(parent)
        self.open = tuple([spans[o] for o in opened] for opened in state["open"])
        for handler in self.open[SpanKind.HANDLER]:
            handler.run.handlers.append(handler)
        for span in (spans[o] for o in state["held"]):
            self._hold(span)
        self.queue = [runs[o] for o in state["queue"]]
        self.requested, self.released = runs.get(requested), spans.get(released)
        self.run_of_correlation.update(map(tuple, state["run_of_correlation"]))
        self.finished_handlers.update({(request, name): o for request, name, o in state["finished_handlers"]})
        self.orphans.update(map(tuple, state["orphans"]))
        self.event_of_handler.update(map(tuple, state["event_of_handler"]))
        self.requests_inside.update(dict(map(tuple, state["requests_inside"])))
        self.requests_outside.update(dict(map(tuple, state["requests_outside"])))
        return self

    # ---- edges

    def _request(self, row: EdgeRow) -> Span | None:
        if row.kind < 0:  # a further line of the same request
            if self.requested is not None:
                self.requested.learn(row)
                self._correlate(self.requested)
            return None
        run = self._new_run()
        run.learn(row)
        run.plugin = row.plugin
        handler = self._running_handler()
        inside, outside = (r.get(row.sequence_id, 0) for r in (self.requests_inside, self.requests_outside))
        if handler is not None and inside >= outside:
            run.cause, run.cause_rule = handler.ordinal, Rule.REQUESTED_BY_RUNNING_HANDLER
        self.requested = run
        if handler is None:
            _remember(self.requests_outside, row.sequence_id, outside + 1, self.most_kept)
        else:
            _remember(self.requests_inside, row.sequence_id, inside + 1, self.most_kept)
        return None

    def _correlate(self, run: Run) -> None:
        """A run that carries the correlation id of an earlier one was caused by it, however much later."""
        if run.correlation_id < 0:
            return
        first = self.run_of_correlation.get(run.correlation_id, run.ordinal)
        if first != run.ordinal and run.cause < 0:
            run.cause, run.cause_rule = first, Rule.SAME_CORRELATION
        _remember(self.run_of_correlation, run.correlation_id, first, MOST_REMEMBERED)

    def _queue(self, row: EdgeRow) -> Span | None:
        run, self.requested = self.requested or self._new_run(), None
        run.learn(row)
        self.queue.append(run)
        if len(self.queue) > self.most_kept:
            del self.queue[0]
        return None

    def _start(self, row: EdgeRow) -> Span | None:
        if row.kind == SpanKind.SEQUENCE:
            self.has_begun = True
            return self._open_span(row, self._dequeue(row), None)
        parent = self._parent_for(row)
        if parent is None and not (self.has_begun and row.kind == SpanKind.HANDLER):
            parent = self._imply(row, row.kind - 1)
        run = parent.run if parent is not None else self._new_run()
        run.learn(row)
        return self._open_span(row, run, parent)

    def _note(self, row: EdgeRow) -> Span | None:
        span = self._match(row, row.kind)
        if span is not None:
            span.run.learn(row)
            span.learn(row)
        elif row.kind == SpanKind.SEQUENCE:
            for run in self.queue:
                if not differ(row.sequence_name, run.sequence_name) and not differ(row.sequence_id, run.sequence_id):
                    run.learn(row)
                    break
        return span

    def _enter(self, row: EdgeRow) -> Span | None:
        span = self._match(row, row.kind, lambda s: not s.entered)
        if span is not None:
            span.entered, span.start_time, span.start_clock = True, row.time, row.clock
            span.learn(row)
        return span

    def _settle(self, row: EdgeRow) -> Span | None:
        span = self._match(row, row.kind, lambda s: s.settle_time == UNKNOWN_TIME)
        if span is not None:
            span.settle_time, span.settle_clock = row.time, row.clock
            span.last_line = max(span.last_line, row.last_line)
        return span

    def _end(self, row: EdgeRow) -> Span | None:
        span = self._match(row, row.kind)
        if span is None:
            span = self._begin_unseen(row)
        span.learn(row)
        span.run.learn(row)
        self._correlate(span.run)
        if row.kind == SpanKind.HANDLER:
            self._end_handler(span, row)
        else:
            span.end_time, span.end_clock = row.time, row.clock
        if span.start_time == UNKNOWN_TIME:
            span.start_time = difference(span.end_time, span.reported)
        self._close(span, Status.ERROR if row.edge == Edge.FAIL else Status.OK)
        return span

    def _reset(self, row: EdgeRow) -> Span | None:
        for spans in reversed(self.open):
            for span in list(spans):
                self._close(span, Status.INCOMPLETE)
        self.queue.clear()
        self.requested = None
        self.has_begun = True
        return None

    # ---- handlers

    def _end_handler(self, span: Span, row: EdgeRow) -> None:
        if row.handler >= 0 and span.event_name >= 0:
            _remember(self.event_of_handler, row.handler, span.event_name, self.most_kept)
        waits = (
            span.parent is not None and span.parent.settle_time == UNKNOWN_TIME and span.parent.status == Status.OPEN
        )
        if span.settle_time != UNKNOWN_TIME and waits:
            span.end_time, span.end_clock = span.settle_time, span.settle_clock
        else:
            span.end_time, span.end_clock = row.time, row.clock
        if span.run.request_id >= 0 and span.handler >= 0:
            _remember(self.finished_handlers, (span.run.request_id, span.handler), span.ordinal, MOST_REMEMBERED)
        successor = next((handler for handler in span.run.handlers if handler is not span), None)
        if self.serial_handlers and successor is not None and successor.entered:
            self.released = successor
            if span.end_time != UNKNOWN_TIME and span.end_time > successor.start_time:
                successor.start_time, successor.start_clock = span.end_time, span.end_clock
                successor.inferred_by = Rule.AFTER_PREDECESSOR
        self._name_beat(span)

    @staticmethod
    def _name_beat(span: Span) -> None:
        """A beat has the name of its own sequence's handler, else of the first that answered its event."""
        beat = span.parent
        if beat is None or span.handler < 0:
            return
        is_own = not differ(span.handler_sequence, span.run.sequence_name)
        if beat.handler < 0 or (is_own and beat.handler_sequence >= 0):
            beat.handler = span.handler
            beat.handler_sequence = UNKNOWN_CODE if is_own else span.handler_sequence

    def _told_cause(self, row: EdgeRow) -> int:
        """The handler that ``row`` itself names as the cause: still open, or lately finished."""
        for span in reversed(self.open[SpanKind.HANDLER]):
            if span.run.request_id == row.parent_request_id and not differ(row.parent_handler, span.handler):
                return span.ordinal
        return self.finished_handlers.get((row.parent_request_id, row.parent_handler), UNKNOWN_CODE)

    def _running_handler(self) -> Span | None:
        """The handler whose code is running now: just let go by its predecessor, or entered and not yet settled."""
        if self.released is not None:
            return self.released
        for span in reversed(self.open[SpanKind.HANDLER]):
            if span.entered and span.settle_time == UNKNOWN_TIME and span is span.run.handlers[0]:
                return span
        return None

    # ---- finding and making spans

    def _match(self, row: EdgeRow, kind: int, also: Callable[[Span], bool] | None = None) -> Span | None:
        """The open span of ``kind`` that ``row`` speaks of; counts and marks a choice among several."""
        request_id, spans = row.request_id, self.open[kind]
        if request_id >= 0 and len(spans) > 1:  # of many runs at once, most are out of the question
            spans = [s for s in spans if s.run.request_id == request_id or s.run.request_id < 0]
        fits = [s for s in spans if self._agrees(s, row) and (also is None or also(s))]
        if not fits:
            return None
        if kind == SpanKind.HANDLER:
            if row.edge in (Edge.END, Edge.FAIL) and self.serial_handlers:
                fits = [s for s in fits if s is s.run.handlers[0]] or fits
            if row.edge == Edge.FAIL and len(fits) > 1:
                fits = [s for s in fits if s.entered and s.settle_time == UNKNOWN_TIME] or fits
            span, rule = fits[0], Rule.OLDEST_OPEN
        else:
            span, rule = fits[-1], Rule.LATEST_OPEN
        if len(fits) > 1 and row.edge in (Edge.END, Edge.FAIL) and row.request_id < 0:
            self.ambiguous += 1
            span.inferred_by = span.inferred_by or rule
        return span

    def _agrees(self, span: Span, row: EdgeRow) -> bool:
        # ``0 <= told != known >= 0`` is ``differ`` written out: this runs for every open span and row
        run = span.run
        if (
            0 <= row.request_id != run.request_id >= 0
            or 0 <= row.sequence_name != run.sequence_name >= 0
            or 0 <= row.sequence_id != run.sequence_id >= 0
        ):
            return False
        if span.kind == SpanKind.HANDLER and row.handler >= 0:
            if span.handler >= 0:
                return row.handler == span.handler and not differ(row.event_name, span.event_name)
            event_name = row.event_name if row.event_name >= 0 else self.event_of_handler.get(row.handler, UNKNOWN_CODE)
            return not differ(event_name, span.event_name)
        return not (
            0 <= row.movement != span.movement >= 0
            or 0 <= row.beat != span.beat >= 0
            or 0 <= row.event_name != span.event_name >= 0
        )

    def _parent_for(self, row: EdgeRow) -> Span | None:
        for kind in range(row.kind - 1, -1, -1):
            for span in reversed(self.open[kind]):
                if kind == row.kind - 1 or kind == SpanKind.SEQUENCE:
                    own = row.kind == SpanKind.HANDLER and differ(row.event_name, span.event_name)
                    run = span.run
                    if not own and not (
                        differ(row.request_id, run.request_id)
                        or differ(row.sequence_name, run.sequence_name)
                        or differ(row.sequence_id, run.sequence_id)
                        or (kind >= SpanKind.MOVEMENT and differ(row.movement, span.movement))
                        or (kind >= SpanKind.BEAT and differ(row.beat, span.beat))
                    ):
                        return span
        return None

    def _imply(self, row: EdgeRow, kind: int) -> Span | None:
        """The spans of ``kind`` and outwards that must have been open before the file begins."""
        if kind < 0:
            return None
        parent = self._parent_for(row._replace(kind=kind)) if kind > 0 else None
        if parent is None:
            parent = self._imply(row, kind - 1)
        run = parent.run if parent is not None else self._new_run()
        run.learn(row)
        span = self._open_span(row, run, parent, kind)
        span.start_time = span.start_clock = UNKNOWN_TIME
        span.inferred_by = Rule.IMPLIED_BY_CHILD
        return span

    def _begin_unseen(self, row: EdgeRow) -> Span:
        # A handler can end long after its beat, so its end implies nothing around it.
        is_handler = row.kind == SpanKind.HANDLER
        parent = None if is_handler else self._parent_for(row)
        if parent is None and SpanKind.SEQUENCE < row.kind < SpanKind.HANDLER and not self.has_begun:
            parent = self._imply(row, row.kind - 1)
        run = parent.run if parent is not None else self._run_of(row) if is_handler else self._new_run()
        span = self._open_span(row, run, parent)
        span.start_time = span.start_clock = UNKNOWN_TIME
        span.inferred_by = Rule.START_NOT_SEEN
        return span

    def _run_of(self, row: EdgeRow) -> Run:
        """The run whose request id ``row`` tells, so that late ends of one run stay together; else a new one."""
        if row.request_id < 0:
            return self._new_run()
        known = self.orphans.get(row.request_id)
        if known is None:
            known = self._new_run().ordinal
            _remember(self.orphans, row.request_id, known, MOST_REMEMBERED)
        return Run(known)

    def _dequeue(self, row: EdgeRow) -> Run:
        for place, run in enumerate(self.queue):
            if not differ(row.sequence_name, run.sequence_name) and not differ(row.sequence_id, run.sequence_id):
                del self.queue[place]
                break
        else:
            run = self._new_run()
        run.learn(row)
        if run.cause < 0 and row.parent_request_id >= 0:
            run.cause = self._told_cause(row)
        return run

    def _new_run(self) -> Run:
        self.next_ordinal += 1
        return Run(self.next_ordinal)

    def _open_span(self, row: EdgeRow, run: Run, parent: Span | None, kind: int | None = None) -> Span:
        kind = row.kind if kind is None else kind
        ordinal = run.ordinal
        if kind != SpanKind.SEQUENCE:
            self.next_ordinal += 1
            ordinal = self.next_ordinal
        span = Span(kind, ordinal, run, parent, row.line, row.last_line, row.time, row.clock)
        if parent is not None:
            parent.open_children += 1
            span.movement, span.beat = parent.movement, parent.beat
            if kind == SpanKind.HANDLER:
                span.event_name = parent.event_name
        if kind >= SpanKind.MOVEMENT and span.movement < 0:
            span.movement = row.movement
        if kind >= SpanKind.BEAT and span.beat < 0:
            span.beat = row.beat
        if kind >= SpanKind.BEAT and span.event_name < 0:
            span.event_name = row.event_name
        if kind == SpanKind.HANDLER:
            span.handler, span.plugin, span.entered = row.handler, row.plugin, row.handler >= 0
            run.handlers.append(span)
        span.title = row.title if kind == row.kind else UNKNOWN_CODE
        self.open[kind].append(span)
        if len(self.open[kind]) > self.most_kept:
            self._close(self.open[kind][0], Status.INCOMPLETE)
        return span

    def _close(self, span: Span, status: Status) -> None:
        """Take ``span`` from the open ones; what stands inside it and cannot outlive it is incomplete."""
        self.open[span.kind].remove(span)
        if span.kind == SpanKind.HANDLER:
            span.run.handlers.remove(span)
        if span.kind < SpanKind.BEAT:
            for inner in [s for s in self.open[span.kind + 1] if s.parent is span]:
                self._close(inner, Status.INCOMPLETE)
        span.status = status  # only now, so that what stood inside does not yield it as well
        self._release(span)

    def _release(self, span: Span) -> None:
        """Hold ``span`` once nothing inside it is open: late handlers can still name their beat, late lines their run.

        A run is over with the span around all others; of too many that are held, the oldest run's are yielded.
        """
        current: Span | None = span
        while current is not None and current.status != Status.OPEN and not current.open_children:
            self._hold(current)
            if current.parent is not None:
                current.parent.open_children -= 1
            current = current.parent
        if current is None or span.run.is_told:
            self._yield_held(span.run.ordinal)
        while self.held_count > self.most_kept:
            self._yield_held(next(iter(self.held)))

    def _hold(self, span: Span) -> None:
        self.held.setdefault(span.run.ordinal, []).append(span)
        self.held_count += 1

    def _yield_held(self, run: int) -> None:
        spans = self.held.pop(run, [])
        self.held_count -= len(spans)
        self.finished += [span.row() for span in spans]


def _remember(memory: OrderedDict[Any, int], key: Any, value: int, most: int) -> None:
    """Note ``value``; what was noted first is forgotten first, even where it was noted anew since."""
    memory[key] = value
    if len(memory) > most:
        memory.popitem(last=False)
