"""``telemap demo``: the bundled example application, run for real, and what its logs say."""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer

import telemap
from telemap.analyses.registry import analyses
from telemap.cli.analysis import ask
from telemap.cli.index import read_code
from telemap.cli.ingest import read_logs
from telemap.cli.options import Form, answer, known_formats, make_store
from telemap.cli.report import DEFAULT_FILE, write_html
from telemap.config import SETTINGS_FILE, Demo, find_config, shown_path
from telemap.errors import TelemapError
from telemap.reports.blocks import Next, Text
from telemap.store.store import Store

EXAMPLE = "telemap demo shop"

TOP = 10


def demo(
    folder: Annotated[
        Path | None,
        typer.Argument(
            metavar="DIR", help="A new or empty folder; else a new one among the temporary files, which stays."
        ),
    ] = None,
) -> None:
    """Run the bundled example and show what its logs say.

    Its two builds run for real; their logs, the code and the declared sequences are read, as they would be of yours.
    What they say is shown here and written as pages beside them.
    """
    target = _filled(folder or Path(tempfile.mkdtemp(prefix="telemap-demo-")))
    config = find_config(target)
    assert config.demo is not None
    _tell(f"the example application, its logs and the store are in {shown_path(target)}")
    from telemap.store.session import Ingest

    store = make_store(None, config)
    for build in config.demo.builds:
        log = _run(config.demo, build, target)
        totals = read_logs(store, [str(log)], Ingest(known_formats(config), build=build, service=config.service)).totals
        _tell(f"build {build}: {totals.lines:,} lines, {totals.spans:,} executions")
    code, definitions, reports = (
        [config.root / path for path in paths] for paths in (config.code, config.definitions, config.coverage)
    )
    read_code(store, code, definitions, budgets=config.budgets, coverage=reports)
    last = config.demo.builds[-1]
    shown = [("heatmap", {"top": TOP, "build": build}) for build in config.demo.builds]
    shown += [("flows", {"build": last}), ("coverage", {"top": TOP, "build": last}), ("timeline", {})]
    for name, settings in shown:
        analysis = analyses()[name]
        params = analysis.params(**settings)
        document, blocks = ask(analysis, store, params)
        answer(document, [*(block for block in blocks if not isinstance(block, Next)), Text("")], Form.TABLE, "-")
    _write_report(store, target)
    command = f"cd {shown_path(target)} && telemap heatmap --by total"
    answer(None, [Next(command, "what takes the most time altogether")], Form.TABLE, "-")


def _write_report(store: Store, folder: Path) -> None:
    """Write the same as pages, where the installation has them."""
    report = folder / DEFAULT_FILE
    try:
        write_html(store, folder, str(report))
    except TelemapError as error:
        if error.slug != "no-front-end":
            raise
        _tell("no HTML report: this installation was built without the pages")
    else:
        _tell(f"the same as pages, for any browser: {shown_path(report)}")


def _filled(folder: Path) -> Path:
    """The folder with a copy of the bundled example in it.

    Raises:
        TelemapError: ``folder-in-use``: there is something in it already.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise TelemapError(
            "folder-in-use", "the demo needs a new or empty folder", place=str(folder), help="telemap demo OTHER-FOLDER"
        )
    kept_out = shutil.ignore_patterns("__pycache__", ".*", "*.log")
    shutil.copytree(_example(), folder, ignore=kept_out, dirs_exist_ok=True)
    return folder.resolve()


def _example() -> Path:
    """The example application: beside the modules where telemap is installed, at the top of a checkout."""
    package = Path(telemap.__file__).parent
    found = [
        settings.parent
        for base in (package, package.parents[1])
        for settings in base.glob(f"examples/*/{SETTINGS_FILE}")
    ]
    return found[0]


def _run(demo: Demo, build: str, folder: Path) -> Path:
    """The log that a build leaves behind."""
    _tell(f"running build {build} …")
    log = demo.log.format(build=build)
    command = [part.format(python=sys.executable, build=build, log=log) for part in demo.command]
    run = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    if run.returncode:
        raise TelemapError(
            "demo-failed", f"build {build} of the example failed", reason=run.stderr.strip(), place=str(folder)
        )
    return folder / log


def _tell(text: str) -> None:
    typer.echo(text, err=True)
