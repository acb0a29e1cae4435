"""The command ``telemap``: its verbs, and errors told to people."""

import os
import signal
import sys
from importlib import import_module
from io import TextIOWrapper
from typing import Annotated, Any

import typer
import typer.main

from telemap import __version__
from telemap.cli.groups import Group
from telemap.errors import TelemapError

# Verbs with a module of their own, loaded when the verb is: all of them at once would take longer than help may.
BEFORE_ANALYSES = {
    "demo": "Run the bundled example and show what its logs say.",
    "init": "Write a commented telemap.toml for this folder.",
    "ingest": "Read logs into the store.",
    "index": "Read code, declared sequences and test coverage into the store.",
}
AFTER_ANALYSES = {
    "report": "Write all answers as one HTML file, or one JSON document.",
    "serve": "Show the pages in the browser, live from the store.",
    "executions": "Every run of a sequence, movement, beat or handler.",
    "map": "For each log record, where in the code it can have come from.",
    "explain": "Every step from telemetry to its source line, with the evidence.",
    "export": "The answers of analyses for other tools.",
    "query": "Read-only SQL on the store.",
    "formats": "Log formats: which there are, and why a line fits or not.",
}
OWN_MODULE = BEFORE_ANALYSES | AFTER_ANALYSES


def verbs() -> dict[str, str]:
    """What each verb does, in the order of the help; analyses are verbs of their own names."""
    from telemap.analyses.registry import analyses

    titles = {name: f"{analysis.title}." for name, analysis in analyses().items()}
    return BEFORE_ANALYSES | titles | AFTER_ANALYSES


class _Verbs(Group):
    """Verbs that are loaded one by one, and that end without a traceback where people have to mend something."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(verbs())

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name in OWN_MODULE:
            return _loaded(cmd_name)
        return _analysis(cmd_name)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(verbs().items()))

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except TelemapError as error:
            typer.echo(error, err=True)
            raise typer.Exit(2) from error
        except KeyboardInterrupt as interrupt:
            typer.echo("interrupted; what was stored is whole, and the same command goes on from there", err=True)
            raise typer.Exit(128 + signal.SIGINT) from interrupt


def _loaded(name: str) -> Any:
    """The verb that the module of its name has: a function, or a group of them."""
    from telemap.cli.options import example

    module = import_module(f"telemap.cli.{name}")
    verb = getattr(module, name)
    if isinstance(verb, typer.Typer):
        group = typer.main.get_command(verb)
        group.name, group.epilog = name, example(module.EXAMPLE)
        return group
    return _command(name, verb, example(module.EXAMPLE))


def _analysis(name: str) -> Any:
    from telemap.analyses.registry import analyses
    from telemap.cli.analysis import verb_of
    from telemap.cli.options import example

    analysis = analyses().get(name)
    return analysis and _command(name, verb_of(analysis), example(analysis.example))


def _command(name: str, verb: Any, epilog: str) -> Any:
    holder = typer.Typer(add_completion=False, rich_markup_mode=None)
    holder.command(name, epilog=epilog)(verb)
    return typer.main.get_command(holder)


app = typer.Typer(
    name="telemap", cls=_Verbs, no_args_is_help=True, rich_markup_mode=None, pretty_exceptions_enable=False
)


def _print_version(is_asked: bool) -> None:
    if is_asked:
        typer.echo(f"telemap {__version__}")
        raise typer.Exit


@app.callback()
def telemap(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and stop.")
    ] = False,
) -> None:
    """From the logs that production writes to the handler and the line of code."""


def main() -> None:
    """Run the command line; this is the program."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # NumPy would start threads that nothing here needs: 50 ms
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(encoding=sys.stdout.encoding if sys.stdout.isatty() else "utf-8", errors="replace")
    # What is being written is put away first.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    app(prog_name="telemap")
