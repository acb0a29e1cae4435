"""``telemap formats new`` and ``import``: formats of one's own, from the lines of a log or from lnav's."""

import re
import shlex
import sys
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path

import typer

from telemap.cli.formats import FOLDER
from telemap.cli.options import Form, answer, known_formats, project, warn
from telemap.cli.trying import first_bytes, log_file, log_lines
from telemap.config import SETTINGS_FILE, Config, shown_path
from telemap.errors import TelemapError
from telemap.model.documents import Document, Shape
from telemap.model.interning import Interner
from telemap.records.detection import NO_FORMAT, Detector
from telemap.records.envelope import EnvelopeReader
from telemap.records.lnav import Imported, read_lnav
from telemap.records.proposing import Proposal, propose
from telemap.reports.blocks import Block, Column, Kind, Next, Table, Text, Title, Verbatim, counted
from telemap.sources.files import FileSource

MOST_LINES = 2000
MOST_OTHERS = 3


class Proposed(Document, frozen=True, kw_only=True):
    """A proposal for a log format: its text, and how the lines fare that it was made from.

    ``records`` of the lines begin one, ``continued`` are indented or blank, the rest is ``others``.
    """

    name: str
    file: str | None
    text: str
    lines: int
    records: int
    continued: int
    others: int


class Untold(Shape, frozen=True):
    """A setting of another program's format that could not be translated, and why."""

    setting: str
    reason: str


class ImportedFormat(Shape, frozen=True):
    """A format that was translated; without a file there was nothing that could be."""

    name: str
    file: str | None
    patterns: int
    samples: int
    samples_understood: int
    not_translated: list[Untold]
    not_needed: list[str]


class ImportedFormats(Document, frozen=True, kw_only=True):
    """All formats of a file."""

    source: str
    formats: list[ImportedFormat]


def new_format(file: str, name: str | None, output: Path | None, form: Form) -> None:
    """Propose a log format from the first lines of a log, and write it to ``output`` if that is given."""
    source, config = log_file(file), project()
    called = name or _name(output or source.path)
    proposal = propose(_inner_lines(source, config), called)
    if proposal is None:
        raise TelemapError(
            "no-proposal",
            "nothing in the log looks like the beginning of a record",
            reason=f"no time, no severity and no JSON object in its first {MOST_LINES:,} lines",
            place=file,
            help="telemap formats show ruby-logger shows how a format is written",
        )
    if output is not None:
        _write({output: proposal.draft.text})
    document = Proposed(
        name=called,
        file=str(output) if output else None,
        text=proposal.draft.text,
        lines=proposal.lines,
        records=proposal.records,
        continued=proposal.continued,
        others=len(proposal.others),
    )
    answer(document, _proposal_blocks(document, source.uri, config), form, "-")
    if proposal.others:
        warn(_others(proposal))
    if output is None and sys.stdout.isatty():
        command = f"telemap formats new {shlex.quote(source.uri)} -o {FOLDER}/{called}.toml"
        typer.echo(f"next: {command}  (writes it to a file)", err=True)


def _name(path: Path) -> str:
    return re.sub(r"\W+", "-", path.name.partition(".")[0]).strip("-") or "app"


def _inner_lines(source: FileSource, config: Config) -> list[bytes]:
    """The lines to make a format for: where others wrap them, those that are inside."""
    sample = first_bytes(source)
    chosen = Detector(known_formats(config)).choose(sample)
    if chosen.main is not NO_FORMAT and not chosen.main.is_generic:
        warn(f"the log format {chosen.name} fits already; telemap formats try {source.uri}")
    reader = chosen.reader((), Interner(), None)
    if isinstance(reader, EnvelopeReader):
        *inside, last = reader.lines(sample)
        return [*inside, *([last] if last else [])][:MOST_LINES]
    return list(islice(log_lines(source), MOST_LINES))


def _others(proposal: Proposal) -> str:
    shown = "; ".join(line.decode(errors="replace")[:60] for line in [*dict.fromkeys(proposal.others)][:MOST_OTHERS])
    return f"no pattern fits {counted(len(proposal.others), 'line')} of {proposal.lines:,}: {shown}"


def _proposal_blocks(document: Proposed, log: str, config: Config) -> Iterator[Block]:
    if document.file is None:
        yield Verbatim(document.text, "toml")
        return
    share = (document.records + document.continued) / document.lines
    yield Title(f"{document.file}: a proposal for {log}")
    yield Text(
        f"{share:.1%} of {counted(document.lines, 'line')} explained: {document.records:,} begin a record, "
        f"{document.continued:,} indented or blank"
    )
    yield from _settings(config, [Path(document.file)])
    yield Next(f"telemap formats try {shlex.quote(log)}", "how the lines are understood now")


def import_formats(file: Path, output: Path | None, form: Form) -> None:
    """Write the formats of a file of lnav's to a folder, and tell what could not be translated."""
    config = project()
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise TelemapError("bad-lnav-format", "the file cannot be read", reason=str(error), place=str(file)) from error
    found = read_lnav(text, str(file))
    folder = output or Path(shown_path(config.root / FOLDER))
    files = {one.name: folder / f"{one.name}.toml" for one in found if one.draft}
    _write({files[one.name]: one.draft.text for one in found if one.draft})
    document = ImportedFormats(source=str(file), formats=[_imported(one, files.get(one.name)) for one in found])
    answer(document, _import_blocks(document, config), form, "-")


def _imported(one: Imported, file: Path | None) -> ImportedFormat:
    return ImportedFormat(
        name=one.name,
        file=str(file) if file else None,
        patterns=len(one.draft.patterns) if one.draft else 0,
        samples=one.samples,
        samples_understood=one.understood,
        not_translated=[Untold(fault.place, fault.reason) for fault in one.untold],
        not_needed=list(one.unneeded),
    )


def _import_blocks(document: ImportedFormats, config: Config) -> Iterator[Block]:
    yield Title(f"{document.source}: {counted(len(document.formats), 'format')} of lnav's")
    columns = (
        Column("format", "name"),
        Column("patterns", "patterns", Kind.COUNT, rank=1),
        Column("samples", "samples", Kind.COUNT),
        Column("understood", "samples_understood", Kind.COUNT),
        Column("not translated", "not_translated", Kind.FAULTS),
        Column("written to", "file", Kind.PLACE),
    )
    rows = [
        (one.name, one.patterns, one.samples, one.samples_understood, len(one.not_translated), one.file or "(nothing)")
        for one in document.formats
    ]
    yield Table(columns, rows)
    for one in document.formats:
        if one.not_translated:
            faults = (f"  {fault.setting}: {fault.reason}" for fault in one.not_translated)
            yield Text("\n".join([f"{one.name}: not translated", *faults]))
    unneeded = dict.fromkeys(key for one in document.formats for key in one.not_needed)
    if unneeded:
        yield Text(f"not needed, as it only says how lnav shows or queries lines: {', '.join(unneeded)}")
    written = [Path(one.file) for one in document.formats if one.file]
    if written:
        yield from _settings(config, written)
        yield Next(f"telemap formats try FILE --log-format {written[0].stem}", "how the lines of a log are understood")


def _write(texts: dict[Path, str]) -> None:
    """Write new files, all or none.

    Raises:
        TelemapError: ``format-exists``, ``no-output``.
    """
    for path in texts:
        if path.exists():
            help = "choose another -o, or remove the file"
            raise TelemapError("format-exists", "there is such a file already", place=str(path), help=help)
    for path, text in texts.items():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
        except OSError as error:
            raise TelemapError(
                "no-output",
                "the format cannot be written",
                reason=error.strerror,
                place=str(path),
                help="choose another -o",
            ) from error


def _settings(config: Config, written: Sequence[Path]) -> Iterator[Block]:
    """Whether the settings take the files that were written, and what to add if not."""
    if not _are_taken(config, written):
        folder = (
            shown_path(written[0].parent.resolve()) if config.origin is None else _below(config.root, written[0].parent)
        )
        place = shown_path(config.origin) if config.origin else SETTINGS_FILE
        yield Text(f'add to {place}: formats = ["{folder}/*.toml"]')


def _below(root: Path, folder: Path) -> str:
    resolved = folder.resolve()
    return resolved.relative_to(root.resolve()).as_posix() if resolved.is_relative_to(root.resolve()) else str(resolved)


def _are_taken(config: Config, written: Iterable[Path]) -> bool:
    try:
        known = {path.resolve() for path in config.format_files()}
    except TelemapError:  # another glob matches nothing, which is told where formats are used
        return False
    return all(path.resolve() in known for path in written)
