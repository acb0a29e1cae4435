"""Plays the score: hands one baton from handler to handler, for many runs at a time, and logs every step."""

import asyncio
import json
import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from hashlib import blake2b
from time import perf_counter
from typing import Any

from storefront.builds import Features
from storefront.logs import run_id
from storefront.score import Beat, Movement, Score, Sequence
from storefront.shop import Shop
from storefront.stage import Baton, Data, Stage

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Run:
    """One playing of a sequence; ``path`` says who started it and as which child, so ids repeat with the seed."""

    sequence: Sequence
    path: str
    data: Data
    children: int = 0
    id: str = field(init=False)

    def __post_init__(self) -> None:
        digest = blake2b(self.path.encode(), digest_size=5).hexdigest()
        self.id = f"{self.sequence.id.partition('-')[0]}-{digest}"

    def next_child(self) -> str:
        """The path of the next run that this one starts."""
        self.children += 1
        return f"{self.path}.{self.children}"


class Conductor:
    """Plays sequences on request, and those that wait for a topic when it is published."""

    def __init__(self, score: Score, shop: Shop, features: Features) -> None:
        self.score, self.shop, self.features = score, shop, features
        self.run_count = self.failure_count = 0
        self._open: set[asyncio.Task[None]] = set()

    async def perform(self, sequence_id: str, given: Mapping[str, Any], path: str, *caller: str) -> None:
        """Play a sequence for someone who does not wait for its result: a failure is logged and counted."""
        try:
            await self.play(sequence_id, given, path, *caller)
        except Exception:
            self.failure_count += 1

    async def play(self, sequence_id: str, given: Mapping[str, Any], path: str, *caller: str) -> Data:
        """What is in the baton after the last handler; ``caller`` is the run and the handler that asked for it."""
        sequence = self.score.sequences[sequence_id]
        run = Run(sequence, path, dict(given))
        self.run_count += 1
        outer_run = run_id.set(run.id)
        elapsed_ms = stopwatch()
        if caller:
            log.info('sequence started id=%s name="%s" parent=%s cause=%s', sequence.id, sequence.name, *caller)
        else:
            log.info('sequence started id=%s name="%s"', sequence.id, sequence.name)
        log.debug("baton received %s %s", ",".join(given), preview(given))
        try:
            for movement in sequence.movements:
                await self._play_movement(run, movement)
        except Exception as error:
            log.error("sequence failed id=%s duration=%.3fms error=%r", sequence.id, elapsed_ms(), error)
            raise
        else:
            log.info("sequence ended id=%s duration=%.3fms", sequence.id, elapsed_ms())
        finally:
            run_id.reset(outer_run)
        return run.data

    async def drain(self) -> None:
        """Wait until every run that a topic started is over, and those that they started."""
        while self._open:
            await asyncio.wait(self._open)

    async def _play_movement(self, run: Run, movement: Movement) -> None:
        elapsed_ms = stopwatch()
        log.info('movement started id=%s name="%s"', movement.id, movement.name)
        deferred = []
        try:
            try:
                for beat in self._playing_order(movement):
                    playing = self._play_beat(run, movement, beat)
                    if beat.timing == "after-beat":
                        deferred.append(asyncio.create_task(playing))
                    else:
                        await playing
                    await asyncio.sleep(0)  # other runs have their turn between two beats
            finally:
                await asyncio.gather(*deferred)
        except Exception as error:
            log.error("movement failed id=%s duration=%.3fms error=%r", movement.id, elapsed_ms(), error)
            raise
        log.info("movement ended id=%s duration=%.3fms", movement.id, elapsed_ms())

    def _playing_order(self, movement: Movement) -> Iterable[Beat]:
        if self.features.io_beats_first:
            return sorted(movement.beats, key=lambda beat: beat.kind != "io")
        return movement.beats

    async def _play_beat(self, run: Run, movement: Movement, beat: Beat) -> None:
        elapsed_ms = stopwatch()
        log.info('beat started %d event=%s title="%s" movement=%s', beat.number, beat.event, beat.title, movement.id)
        if beat.timing == "after-beat":
            await asyncio.sleep(0)  # the beat that follows goes first
        try:
            await self._call_handler(run, beat)
        except Exception as error:
            log.error("beat failed %d event=%s duration=%.3fms error=%r", beat.number, beat.event, elapsed_ms(), error)
            raise
        log.info("beat ended %d event=%s duration=%.3fms", beat.number, beat.event, elapsed_ms())

    async def _call_handler(self, run: Run, beat: Beat) -> None:
        name, baton = beat.handler_name, Baton(run.data)
        play_child, publish = partial(self._play_child, run, name), partial(self._publish, run, name)
        stage = Stage(self.shop, self.features, play_child, publish)
        log.info("handler started %s plugin=%s event=%s beat=%d", name, run.sequence.plugin, beat.event, beat.number)
        elapsed_ms = stopwatch()
        try:
            answer = beat.handler(baton, stage)
            if answer is not None:
                await answer
        except Exception as error:
            log.exception("handler failed %s beat=%d duration=%.3fms error=%r", name, beat.number, elapsed_ms(), error)
            raise
        duration_ms = elapsed_ms()
        if baton.signs:
            written = {key: baton[key] for key in baton.signs if key in baton}
            log.debug("baton %s handler=%s beat=%d %s", changes(baton), name, beat.number, preview(written))
        log.info("handler ended %s beat=%d duration=%.3fms", name, beat.number, duration_ms)

    async def _play_child(self, run: Run, handler: str, sequence_id: str, given: Mapping[str, Any]) -> Data:
        return await self.play(sequence_id, given, run.next_child(), run.id, handler)

    def _publish(self, run: Run, handler: str, topic: str, given: Mapping[str, Any]) -> None:
        subscribers = self.score.subscribers.get(topic, ())
        log.info("topic published %s subscribers=%d handler=%s", topic, len(subscribers), handler)
        for sequence_id in subscribers:
            playing = asyncio.create_task(self.perform(sequence_id, given, run.next_child(), run.id, handler))
            self._open.add(playing)
            playing.add_done_callback(self._open.discard)


def stopwatch() -> Callable[[], float]:
    """A function that gives the milliseconds since now."""
    start = perf_counter()
    return lambda: (perf_counter() - start) * 1_000


def changes(baton: Baton) -> str:
    """The keys that were added, changed and removed: ``+tax,total ~lines -coupon``."""
    by_sign = {sign: ",".join(key for key, its in baton.signs.items() if its == sign) for sign in "+~-"}
    return " ".join(sign + keys for sign, keys in by_sign.items() if keys)


def preview(values: Mapping[str, Any]) -> str:
    """The values as JSON on one line, long ones only by their size."""
    return json.dumps({key: _short(value) for key, value in values.items()}, ensure_ascii=False)


def _short(value: Any) -> Any:
    match value:
        case str() if len(value) > 32:
            return f"{value[:31]}…"
        case list() | tuple() | dict():
            return f"{len(value)} entries"
        case _:
            return value
