"""Messages of packages, made from their log calls, linked back to the calls."""

from __future__ import annotations

import random
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import callsite_fit
from benchmarks.callsite_score import Place, Score
from benchmarks.log_calls import Gap, LogCall, Pieces, log_calls, template_text
from benchmarks.made_messages import rendered, word
from telemap.code.loggers import LoggerName
from telemap.code.readers import told
from telemap.code.reading import read_tree
from telemap.mapping.hints import NO_HINTS, Hints
from telemap.mapping.matching import Matcher
from telemap.model.code import LogStatement, Template

SPEED_TEMPLATES, SPEED_MESSAGES, WARM_UP, REPEATED = 10_000, 40_000, 3, 5
# Of the messages that weights are fitted to.
UNKNOWN_SHARE, LEFT_OUT_SHARE, DECORATED_SHARE, WRONG_HINT_SHARE, MOVED_SHARE = 0.3, 0.05, 0.1, 0.03, 0.2


@dataclass(frozen=True, slots=True)
class Package:
    """The log calls of a package as its benchmark reads them, and its statements as the product does."""

    name: str
    calls: list[LogCall]
    statements: list[LogStatement]
    logger_names: set[str]


@dataclass(frozen=True, slots=True)
class Sample:
    """A call, one of the texts that it can write, and a message of it."""

    call: LogCall
    pieces: Pieces
    message: str

    @property
    def place(self) -> Place:
        """Where the call is."""
        return self.call.file_path, self.call.line_number

    @property
    def is_static(self) -> bool:
        """Whether the code says any of the text."""
        return any(isinstance(piece, str) and piece.strip() for piece in self.pieces)


def _logger(call: LogCall) -> str:
    return call.logger_name or call.module


def _function(call: LogCall) -> str:
    return call.function_name.rpartition(".")[2]


HINTS: dict[str, Callable[[LogCall], Hints]] = {
    "none": lambda call: NO_HINTS,
    "logger": lambda call: Hints(logger_name=_logger(call)),
    "moduleAndFunction": lambda call: Hints(module=call.module, function=_function(call)),
}


def read(name: str, folder: Path) -> Package:
    """A package that is installed in a folder."""
    print(f"{name}: reading", file=sys.stderr)
    readings = list(read_tree(folder))
    statements = [one for reading in readings for one in (reading.found or {}).get("log_statement", ())]
    loggers = told((fact for reading in readings for fact in reading.facts), LoggerName)
    return Package(name, list(log_calls(folder)), statements, {logger.name for logger in loggers})


def measured(packages: list[Package], most: int, rng: random.Random) -> dict[str, Any]:
    """The figures of each package, with each kind of hint, and how reliable confidences were in all."""
    figures, everything, samples = {}, Score(), {one.name: _samples(one, most, rng) for one in packages}
    for package in packages:
        print(f"{package.name}: matching", file=sys.stderr)
        matcher = Matcher(package.statements, logger_names=package.logger_names)
        foreign = [one for name, others in samples.items() if name != package.name for one in others]
        told: dict[str, Any] = {"calls": len(package.calls), "messages": len(samples[package.name])}
        for kind, hints_of in HINTS.items():
            score = Score()
            for sample in samples[package.name]:
                score.add(sample.place, matcher.match(sample.message, hints_of(sample.call)))
            unknown = Score()
            for sample in rng.sample(foreign, min(most, len(foreign))):
                unknown.add(None, matcher.match(sample.message, hints_of(sample.call)))
            told[kind] = {
                **score.shares("right", "topFive", "confidentlyWrong", "confident", "none"),
                "ceiling": _ceiling(package.calls, kind),
                "staticAmongCandidates": _among_candidates(matcher, samples[package.name], hints_of),
                "unknown": unknown.shares("confidentlyWrong", "none"),
            }
            everything.merge(score)
        figures[package.name] = told
    speed = _speed([statement for package in packages for statement in package.statements], rng)
    return {"packages": figures, "packageReliability": everything.reliability(), "recordsPerCpuSecond": speed}


def _samples(package: Package, most: int, rng: random.Random) -> list[Sample]:
    calls = package.calls if len(package.calls) <= most else rng.sample(package.calls, most)
    return [_sample(call, rng) for call in calls]


def _sample(call: LogCall, rng: random.Random) -> Sample:
    pieces = rng.choice(call.messages)
    return Sample(call, pieces, rendered(pieces, rng))


def _ceiling(calls: list[LogCall], kind: str) -> float:
    keys = [_key(call, kind) for call in calls]
    counts = Counter(keys)
    return sum(counts[key] == 1 for key in keys) / max(len(keys), 1)


def _key(call: LogCall, kind: str) -> Hashable:
    texts = tuple(map(template_text, call.messages))
    return texts, HINTS[kind](call)


def _among_candidates(matcher: Matcher, samples: list[Sample], hints_of: Callable[[LogCall], Hints]) -> float:
    static = [sample for sample in samples if sample.is_static]
    found = 0
    for sample in static:
        rivals, _ = matcher.rivals(sample.message, hints_of(sample.call))
        found += any((one.statement.file_path, one.statement.line_number) == sample.place for one in rivals)
    return found / max(len(static), 1)


def _speed(statements: list[LogStatement], rng: random.Random) -> dict[str, Any]:
    """Messages matched in a second of one core, without hints: most alike but for numbers, and all of other words."""
    by_template = {statement.template: statement for statement in statements}
    templates = rng.sample([*by_template], min(SPEED_TEMPLATES, len(by_template)))
    matcher = Matcher(by_template[template] for template in templates)
    pieces = [_pieces(template) for template in templates]

    def made(count: int) -> list[str]:
        return [rendered(rng.choice(pieces), rng) for _ in range(count)]

    first, second = made(WARM_UP * SPEED_MESSAGES), made(SPEED_MESSAGES)
    fresh = made(SPEED_MESSAGES // REPEATED) * REPEATED
    repeated = [re.sub("[0-9]", lambda _: rng.choice("0123456789"), text) for text in fresh]
    rng.shuffle(repeated)
    figures: dict[str, Any] = {"templates": len(templates)}
    for name, messages in (("warmUp", first), ("different", second), ("repeated", repeated)):
        begun = time.process_time()
        for message in messages:
            matcher.match(message)
        figures[name] = len(messages) / (time.process_time() - begun)
    return figures


def _pieces(template: Template) -> Pieces:
    pieces: list[str | Gap] = [template.literals[0]]
    for variable, literal in zip(template.variables, template.literals[1:], strict=True):
        pieces += [Gap(variable.name, variable.kind, str), literal]
    return tuple(piece for piece in pieces if piece != "")


def fitted(packages: list[Package], most: int, rng: random.Random) -> dict[str, Any]:
    """The weights of the confidence, from messages with hints of all kinds, some of both not as they should be.

    Some messages are of code that the matcher does not know: of other packages, and of statements that it is not given.
    """
    samples = {one.name: _samples(one, most, rng) for one in packages}
    training = []
    for package in packages:
        own = samples[package.name]
        foreign = [one for name, others in samples.items() if name != package.name for one in others]
        foreign = rng.sample(foreign, min(int(len(own) * UNKNOWN_SHARE), len(foreign)))
        left_out = {sample.place for sample in own if rng.random() < LEFT_OUT_SHARE}
        statements = [one for one in package.statements if (one.file_path, one.line_number) not in left_out]
        known: list[callsite_fit.Example] = [
            (None if one.place in left_out else one.place, _decorated(one.message, rng), _some_hints(one, own, rng))
            for one in own
        ]
        unknown: list[callsite_fit.Example] = [
            (None, _decorated(one.message, rng), _some_hints(one, foreign, rng)) for one in foreign
        ]
        training.append((Matcher(statements), known + unknown))
    return {"weights": callsite_fit.fitted(training)}


def _decorated(message: str, rng: random.Random) -> str:
    """The message, sometimes with what a formatter puts around it."""
    if rng.random() > DECORATED_SHARE:
        return message
    before = (f"[{word(rng)}] {message}", f"{word(rng)}-{rng.randrange(99)}: {message}")
    after = (
        f"{message} {word(rng)}={rng.randrange(99)}",
        f"{message}\nTraceback (most recent call last):\n  {word(rng)}",
    )
    return rng.choice(before + after)


def _some_hints(sample: Sample, others: list[Sample], rng: random.Random) -> Hints:
    """Hints of the kinds that records have, each there or not."""
    told = rng.choice(others) if rng.random() < WRONG_HINT_SHARE else sample
    call = told.call
    line = call.line_number + (rng.randint(-30, 30) if rng.random() < MOVED_SHARE else 0)
    is_located, has_line = rng.random() < 0.2, rng.random() < 0.5
    return Hints(
        logger_name=_logger(call) if rng.random() < 0.4 else "",
        severity_text=call.level.upper() if rng.random() < 0.4 else "",
        module=call.module.rpartition(".")[2] if rng.random() < 0.2 else "",
        function=_function(call) or "<module>" if rng.random() < 0.3 else "",
        file_path=call.file_path if is_located else "",
        line_number=line if is_located and has_line else None,
    )
