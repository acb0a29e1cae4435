"""Log lines to the statements that wrote them, where the truth is known.

``--data``: lines of Java that name class and line. With that in the text, is it found? Without it, are the lines
linked to statements as learnt from other lines, whose text is what all lines of one place have in common? ``inOrder``
are the same with the lines around them in their sources.

``--packages``: log calls of Python packages, and messages that they would write, with no hint, with the name of the
logger, with module and function. ``ceiling`` is the share of calls of which no other has the same text and hints;
``unknown`` are messages of other packages, which no statement wrote.

A confidently wrong answer has a confidence of 0.9 or more.
"""

from __future__ import annotations

import argparse
import random
import tempfile
from pathlib import Path
from typing import Any

from benchmarks import callsite_packages, located_lines
from benchmarks.log_calls import installed

NAME = "callsites"
HELP = "log lines linked to the statements that wrote them, and how sure that was"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this benchmark beside the common ones."""
    parser.add_argument("--packages", nargs="+", metavar="NAME", default=[], help="packages, or folders that hold one")
    parser.add_argument("--cache", metavar="DIR", help="where packages are kept for the next run")
    parser.add_argument("--messages", type=int, default=3000, metavar="N", help="most messages of a package")
    parser.add_argument("--seed", type=int, default=0, help="of the messages")
    parser.add_argument("--fit", action="store_true", help="fit the weights of the confidence to the packages instead")


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    """The figures of the interface page; those of packages under ``packages``."""
    if not (arguments.data or arguments.packages):
        raise SystemExit("python -m benchmarks callsites: give --data DIR or --packages NAME…")
    figures = located_lines.measured(Path(arguments.data)) if arguments.data else {}
    if arguments.packages:
        with tempfile.TemporaryDirectory() as folder:
            found = [(name, installed(name, Path(arguments.cache or folder))) for name in arguments.packages]
            packages = [callsite_packages.read(name, path) for name, path in found]
        rng = random.Random(arguments.seed)
        measure = callsite_packages.fitted if arguments.fit else callsite_packages.measured
        figures |= measure(packages, arguments.messages, rng)
    return figures
