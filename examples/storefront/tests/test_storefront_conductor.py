"""The conductor on small scores of the tests' own."""

import asyncio
import re
from collections.abc import Callable

import pytest
from storefront.builds import BUILDS
from storefront.conductor import Conductor
from storefront.score import Beat, Movement, Score, Sequence
from storefront.shop import Shop
from storefront.stage import Baton, Handler, Stage

Perform = Callable[..., list[str]]


def beat(number: int, handler: Handler, timing: str = "immediate", kind: str = "pure") -> Beat:
    return Beat(number, f"event:{number}", f"Beat {number}", f"handler_{number}", timing, kind, handler)


def sequence(sequence_id: str, *beats: Beat) -> Sequence:
    return Sequence(sequence_id, sequence_id.title(), "Plugin", (Movement("only", "Only", beats),))


@pytest.fixture
def perform(caplog: pytest.LogCaptureFixture) -> Perform:
    """Performs the sequence ``main`` and gives the lines of the log, without durations."""
    caplog.set_level("DEBUG", "storefront.conductor")

    def run(*sequences: Sequence, build: str = "1.0.0", **subscribers: tuple[str, ...]) -> list[str]:
        score = Score({sequence.id: sequence for sequence in sequences}, subscribers)

        async def performance() -> None:
            conductor = Conductor(score, Shop(), BUILDS[build])
            await conductor.perform("main", {"amount": 1}, "1/1")
            await conductor.drain()

        asyncio.run(performance())
        return [re.sub(r" duration=[\d.]+ms", "", message) for message in caplog.messages]

    return run


def nothing(baton: Baton, stage: Stage) -> None:
    pass


def test_every_step_is_logged_with_what_the_handler_did_to_the_baton(perform: Perform) -> None:
    async def rename(baton: Baton, stage: Stage) -> None:
        await asyncio.sleep(0)
        baton["cents"] = 100 * baton.pop("amount")

    assert perform(sequence("main", beat(1, rename))) == [
        'sequence started id=main name="Main"',
        'baton received amount {"amount": 1}',
        'movement started id=only name="Only"',
        'beat started 1 event=event:1 title="Beat 1" movement=only',
        "handler started handler_1 plugin=Plugin event=event:1 beat=1",
        'baton +cents -amount handler=handler_1 beat=1 {"cents": 100}',
        "handler ended handler_1 beat=1",
        "beat ended 1 event=event:1",
        "movement ended id=only",
        "sequence ended id=main",
    ]


def test_an_after_beat_starts_in_its_turn_and_ends_after_the_next(perform: Perform) -> None:
    lines = perform(sequence("main", beat(1, nothing, timing="after-beat"), beat(2, nothing)))
    assert [line[:14].strip() for line in lines if line.startswith(("beat", "movement"))] == [
        "movement start",
        "beat started 1",
        "beat started 2",
        "beat ended 2 e",
        "beat ended 1 e",
        "movement ended",
    ]


def test_a_failure_ends_every_open_part_once_deferred_beats_are_over(perform: Perform) -> None:
    def fail(baton: Baton, stage: Stage) -> None:
        raise ValueError("no")

    lines = perform(sequence("main", beat(1, nothing, timing="after-beat"), beat(2, fail), beat(3, nothing)))
    assert lines[-7:] == [
        "handler failed handler_2 beat=2 error=ValueError('no')",
        "beat failed 2 event=event:2 error=ValueError('no')",
        "handler started handler_1 plugin=Plugin event=event:1 beat=1",
        "handler ended handler_1 beat=1",
        "beat ended 1 event=event:1",
        "movement failed id=only error=ValueError('no')",
        "sequence failed id=main error=ValueError('no')",
    ]


def test_a_sequence_that_a_handler_starts_names_its_parent(perform: Perform) -> None:
    async def play_and_publish(baton: Baton, stage: Stage) -> None:
        baton["answer"] = (await stage.play("child", {}))["by"]
        stage.publish("topic", {})
        stage.publish("unheard", {})

    def sign(baton: Baton, stage: Stage) -> None:
        baton["by"] = "child"

    lines = perform(sequence("main", beat(1, play_and_publish)), sequence("child", beat(1, sign)), topic=("child",) * 2)
    parents = [line for line in lines if line.startswith(("sequence started", "topic"))]
    caller = parents[1].partition("parent=")[2]
    assert re.fullmatch(r"main-[0-9a-f]{10} cause=handler_1", caller)
    assert parents == [
        'sequence started id=main name="Main"',
        f'sequence started id=child name="Child" parent={caller}',
        "topic published topic subscribers=2 handler=handler_1",
        "topic published unheard subscribers=0 handler=handler_1",
        f'sequence started id=child name="Child" parent={caller}',
        f'sequence started id=child name="Child" parent={caller}',
    ]


@pytest.mark.parametrize(("build", "order"), [("1.0.0", ["1", "2", "3"]), ("2.0.0", ["2", "1", "3"])])
def test_only_the_second_build_begins_with_what_waits_for_the_network(
    perform: Perform, build: str, order: list[str]
) -> None:
    lines = perform(sequence("main", beat(1, nothing), beat(2, nothing, kind="io"), beat(3, nothing)), build=build)
    assert [line.split()[2] for line in lines if line.startswith("beat started")] == order
