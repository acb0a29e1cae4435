"""``python -m benchmarks NAME``: runs one benchmark and prints one JSON object; progress goes to stderr.

Every module of this package with a ``NAME`` is a benchmark: it has a line of ``HELP``, adds its options in
``add_arguments`` and gives its figures back from ``run``.
"""

from __future__ import annotations

import argparse
import importlib
import json
import pkgutil
import platform
import resource
import time
from importlib import metadata
from typing import TYPE_CHECKING, Any

import benchmarks
import telemap

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType

LIBRARIES = ("ast-grep-py", "deltalake", "duckdb", "numpy", "pyarrow")


def main(given: Sequence[str] | None = None) -> None:
    """Run the benchmark that the command line names."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__.partition("\n")[0])
    names = parser.add_subparsers(dest="name", required=True, metavar="NAME")
    for module in _found():
        options = names.add_parser(module.NAME, help=module.HELP, description=module.__doc__)
        options.add_argument("--data", metavar="DIR", help="what to measure on; its layout is told by its README")
        options.add_argument("--train", metavar="DIR", help="where what is learnt from lies, if not in --data")
        options.add_argument("--definitions", metavar="DIR", help="where the declared sequences lie, if not in --data")
        options.add_argument("--format", choices=["json"], default="json", help="of the result on stdout")
        module.add_arguments(options)
        options.set_defaults(run=module.run)
    arguments = parser.parse_args(given)
    begun = time.perf_counter()
    figures: dict[str, Any] = arguments.run(arguments)
    common = {"seconds": time.perf_counter() - begun, "peakMb": _peak_mb(), "versions": _versions()}
    print(json.dumps(common | figures, ensure_ascii=False, indent=2))


def _found() -> list[ModuleType]:
    named = (m.name for m in pkgutil.iter_modules(benchmarks.__path__) if m.name != "__main__")
    modules = [importlib.import_module(f"benchmarks.{name}") for name in named]
    return [module for module in modules if hasattr(module, "NAME")]


def _peak_mb() -> float:
    """The most memory that this process or one that it started has held."""
    return max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) / 1024


def _versions() -> dict[str, str]:
    own = {"telemap": telemap.__version__, "python": platform.python_version()}
    return own | {name: metadata.version(name) for name in LIBRARIES}


if __name__ == "__main__":
    main()
