"""What starts sequences: topics and their routes, subscriptions, plugins, and sequences that start themselves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from telemap.analyses.flow_declarations import Declaration, Step
from telemap.analyses.flow_shapes import Deviation, Topic
from telemap.model.documents import Defined, Place, iso_time
from telemap.model.findings import Severity, finding_id
from telemap.store.store import Row

MOST_EXAMPLES = 3
LEAST_RESTARTS = 3


class Routing:
    """What is declared of topics, and what the logs say.

    Args:
        declared: sequences by their ids.
        routes: rows of ``declared_route``.
        signals: rows of ``flow_signals.sql``.
        restarts: rows of ``flow_restarts.sql``.
    """

    def __init__(
        self,
        declared: Mapping[str, Declaration],
        routes: Iterable[Row],
        signals: Iterable[Row],
        restarts: Iterable[Row],
    ) -> None:
        self._declared, self._restarts = declared, list(restarts)
        self._routes: dict[str, list[Row]] = defaultdict(list)
        for row in routes:
            self._routes[row["topic"]].append(row)
        self._signals: dict[str, list[Row]] = defaultdict(list)
        for row in signals:
            self._signals[row["signal"]].append(row)
        self._registered = {row["target_sequence"] for row in self._signals["sequence.registered"]}

    def is_registered(self, sequence_id: str) -> bool | None:
        """Whether the application registered the sequence; None where no log shows how it starts."""
        return sequence_id in self._registered if self._registered else None

    def topics(self) -> list[Topic]:
        """All topics that are declared or were published, by name."""
        published, unrouted, observed = (
            defaultdict[str, int](int),
            defaultdict[str, int](int),
            defaultdict[str, set[str]](set),
        )
        for row in (*self._signals["topic.published"], *self._signals["topic.unknown"]):
            published[row["topic"]] += row["count"]
            is_lost = row["signal"] == "topic.unknown" or row["routes"] == 0
            unrouted[row["topic"]] += row["count"] if is_lost else 0
        for row in self._signals["topic.routed"]:
            observed[row["topic"]].add(row["target_sequence"])
        return [
            Topic(
                topic,
                len(self._targets(topic)),
                len(observed[topic]),
                published[topic],
                unrouted[topic],
                self._place(topic),
            )
            for topic in sorted({*self._routes, *published})
        ]

    def deviations(self) -> list[Deviation]:
        """What is not as declared, the gravest first."""
        found = [*self._topics(), *self._requests(), *self._subscriptions(), *self._plugins(), *self._circles()]
        return sorted(found, key=lambda one: (-one.severity.rank, -one.count, one.kind, one.id))

    def _targets(self, topic: str) -> list[str]:
        """The sequences that a topic is declared to start; interactions of its name do not count if it starts none."""
        targets = {row["sequence_id"] for row in self._routes.get(topic, ())}
        return [] if None in targets else sorted(targets)

    def _place(self, topic: str, sequence_id: str | None = None) -> Defined | None:
        rows = self._routes.get(topic, [])
        row = next((row for row in rows if sequence_id in (None, row["sequence_id"])), next(iter(rows), None))
        return None if row is None else Defined(row["file_path"], row["line_number"])

    def _topics(self) -> Iterator[Deviation]:
        for row in self._signals["topic.unknown"]:
            topic, targets = row["topic"], self._targets(row["topic"])
            reason = f"the application knows no topic of this name, so that {_listed(targets)} cannot start"
            yield self._told(
                "unrouted-topic",
                row,
                f"{topic} was published and is not known",
                reason if targets else "neither the application nor the definitions know a topic of this name",
                topic=topic,
                sequence_id=next(iter(targets), None),
                expected=_listed(targets),
                defined_in=self._place(topic),
            )
        for row in self._signals["topic.published"]:
            topic, targets = row["topic"], self._targets(row["topic"])
            is_declared = topic in self._routes
            if row["routes"] == 0 and (targets or (self._routes and not is_declared)):
                yield self._told(
                    "unrouted-topic",
                    row,
                    f"{topic} was published without a route",
                    "its declared route was not there" if is_declared else "no definition knows the topic",
                    topic=topic,
                    sequence_id=next(iter(targets), None),
                    expected=_listed(targets),
                    defined_in=self._place(topic, next(iter(targets), None)),
                )
        for row in self._signals["topic.eventless"]:
            if not self._targets(row["topic"]):
                yield from self._without_routes(row)
        for row in self._signals["topic.routed"]:
            targets = self._targets(row["topic"])
            known = {route["sequence_id"] for route in self._routes.get(row["topic"], ())}
            if self._routes and row["target_sequence"] not in known:
                yield self._told(
                    "misrouted-topic",
                    row,
                    f"{row['topic']} started {row['target_sequence']}",
                    "no definition declares this route",
                    topic=row["topic"],
                    sequence_id=row["target_sequence"],
                    plugin=row["target_plugin"],
                    expected=_listed(targets),
                    observed=row["target_sequence"],
                    defined_in=self._place(row["topic"]),
                )

    def _without_routes(self, row: Row) -> Iterator[Deviation]:
        """A publication that is named as the event of a sequence, and starts nothing."""
        topic = row["topic"]
        for declared, step in self._steps(topic):
            yield self._told(
                "unrouted-topic",
                row,
                f"{topic} was published without a route",
                f"it is the event of {declared.name}, which did not run then; the topic is declared without routes",
                topic=topic,
                sequence_id=declared.sequence_id,
                event=topic,
                beat=step.beat,
                step=step.number,
                handler=step.handler,
                code=step.code,
                expected=declared.sequence_id,
                defined_in=self._place(topic),
            )

    def _steps(self, event: str) -> Iterator[tuple[Declaration, Step]]:
        for declared in self._declared.values():
            if step := declared.of_event(event):
                yield declared, step

    def _requests(self) -> Iterator[Deviation]:
        for row in self._signals["sequence.missing"]:
            name = row["target_sequence"]
            declared = self._declared.get(name)
            reason = (
                "it is declared, but the application has not registered it" if declared else "no definition has this id"
            )
            yield self._told(
                "missing-sequence",
                row,
                f"{name} was asked for and not found",
                reason,
                sequence_id=name,
                expected=name,
                defined_in=declared and declared.defined_in,
            )
        for row in self._signals["plugin.missing"]:
            of = sorted(one.sequence_id for one in self._declared.values() if one.plugin == row["target_plugin"])
            yield self._told(
                "missing-plugin",
                row,
                f"{row['target_plugin']} was asked for and not found",
                f"none of its {len(of)} declared sequences can start" if of else "no definition names this plugin",
                plugin=row["target_plugin"],
                expected=row["target_plugin"],
                defined_in=self._declared[of[0]].defined_in if of else None,
            )

    def _subscriptions(self) -> Iterator[Deviation]:
        for row in self._signals["event.subscribed"]:
            event, declared = row["target_event"], self._declared.get(row["target_sequence"])
            if self._declared and (declared is None or declared.of_event(event) is None):
                yield self._told(
                    "undeclared-subscriber",
                    row,
                    f"{row['target_sequence']} subscribed to {event}",
                    "no beat of it has this event" if declared else "no definition has this sequence",
                    sequence_id=row["target_sequence"],
                    plugin=row["target_plugin"],
                    event=event,
                    observed=event,
                    defined_in=declared and declared.defined_in,
                )
        for row in self._signals["event.unheard-yet"]:
            yield self._told(
                "late-subscription",
                row,
                f"{row['target_event']} was emitted before anything subscribed to it",
                "its subscriber came later in the same log",
                sequence_id=row["target_sequence"],
                event=row["target_event"],
            )

    def _plugins(self) -> Iterator[Deviation]:
        for row in self._signals["plugin.rejected"]:
            yield self._told(
                "rejected-mount",
                row,
                f"{row['target_plugin']} was offered and not mounted",
                "the log shows an attempt, neither its success nor why it had none",
                plugin=row["target_plugin"],
            )

    def _circles(self) -> Iterator[Deviation]:
        """Sequences that start themselves, directly or through others, and were never seen to stop."""
        after: dict[str, Row] = {}
        for row in sorted(self._restarts, key=lambda row: row["runs"]):
            if not row["ended"] and row["runs"] >= LEAST_RESTARTS:
                after[row["caller"]] = row  # of several, the one that is started most often
        told: set[str] = set()
        for start in sorted(after):
            circle = _circle(start, after)
            if circle and told.isdisjoint(circle):
                told.update(circle)
                yield self._circle_told(circle, after)

    def _circle_told(self, circle: Sequence[str], after: Mapping[str, Row]) -> Deviation:
        row = after[circle[-1]]
        handlers = [after[name]["handler"] for name in circle]
        declared = self._declared.get(circle[0])
        steps = declared.steps.values() if declared else ()
        step = next((step for step in steps if step.handler == handlers[0]), None)
        topic = next(
            (
                name
                for name, routes in sorted(self._routes.items())
                if circle[0] in {route["sequence_id"] for route in routes}
                and any(one["topic"] == name for one in self._signals["topic.routed"])
            ),
            None,
        )
        return self._told(
            "endless-restart",
            row,
            f"{circle[0]} starts itself again and again",
            f"{' → '.join([*circle, circle[0]])}, asked for by {_listed(handlers)}; no run was seen that did not",
            sequence_id=circle[0],
            plugin=row["plugin"],
            handler=handlers[0],
            topic=topic,
            beat=step and step.beat,
            step=step and step.number,
            event=step and step.event,
            code=step and step.code,
            defined_in=step.defined_in if step else declared and declared.defined_in,
        )

    def _told(self, kind: str, row: Row, title: str, reason: str, **more: Any) -> Deviation:
        about = [more.get(name) for name in ("sequence_id", "topic", "plugin", "event", "observed")]
        return Deviation(
            id=finding_id(kind, *about),
            kind=kind,
            severity=Severity.WARNING if kind in ("undeclared-subscriber", "rejected-mount") else Severity.ERROR,
            title=title,
            reason=reason,
            count=row.get("count") or row["runs"],
            first_seen=row["first_time_unix_nano"] and iso_time(row["first_time_unix_nano"]),
            last_seen=row["last_time_unix_nano"] and iso_time(row["last_time_unix_nano"]),
            examples=[Place(one["uri"], one["line_number"]) for one in row["examples"]],
            **more,
        )


def _circle(start: str, after: Mapping[str, Row]) -> list[str]:
    """The names that lead from one back to it; none if they do not."""
    names = [start]
    while names[-1] in after:
        name = after[names[-1]]["callee"]
        if name == start:
            return names
        if name in names:
            break
        names.append(name)
    return []


def _listed(names: Iterable[str | None]) -> str | None:
    return " or ".join(sorted({name for name in names if name})) or None
