"""Declarations that what happened contradicts, corrected: a difference of their files that ``git apply`` takes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path

from telemap.analyses.flow_corrections import LEAST_RUNS, Candidate, Evidence, candidates, evidence, is_better, keys
from telemap.analyses.flow_declarations import Declaration
from telemap.analyses.flow_shapes import Deviation, Sequence
from telemap.analyses.flows import Params, compared
from telemap.analyses.registry import statement
from telemap.definitions.corrections import CORRECTABLE, Correction, NewStep, UneditableError, corrected
from telemap.definitions.flow import Flow
from telemap.definitions.reading import read_proposed
from telemap.flows.alignment import FlowChecker
from telemap.flows.encoding import encoded
from telemap.model.findings import Severity
from telemap.store.store import Row, Store, fetch

KINDS = frozenset(("missing-beat", "out-of-order", "undeclared-event", "extra-beat", "repeated-beat", "wrong-handler"))
"""Deviations that another declaration can make right."""
FILES = "SELECT sequence_id, declared_in, root, file_path FROM declared_flow ORDER BY ALL"
_BOM = "\ufeff"


class _NotProposedError(Exception):
    """Why no correction is proposed."""


def proposed(store: Store, params: Params) -> str:
    """The corrected definitions as one unified difference, with comments on what was and was not corrected.

    A definition is corrected in what all its complete runs show, if there are ``LEAST_RUNS`` at least: the text that is
    proposed was read again, and all of them follow it but for what the comments tell.

    Raises:
        TelemapError: as ``flows`` does.
    """
    flows, declared, rows = compared(store, params)
    with store.connect() as connection:
        files = {row["sequence_id"]: row for row in fetch(connection, FILES)}
        handlers = fetch(connection, statement("flow_handlers"), {"build": params.build})
    texts = _Texts(files)
    comments: list[str] = []
    for one in flows.sequences:
        found = [deviation for deviation in one.deviations if deviation.kind in KINDS and _is_own(deviation)]
        if not found:
            continue
        of_one = [[row for row in told if row["sequence"] == one.sequence_id] for told in (rows, handlers)]
        try:
            comments += _corrected(one, evidence(declared[one.sequence_id], *of_one), found, texts)
        except _NotProposedError as error:
            comments += [f"{one.sequence_id}: nothing is proposed, {error}"]
    told = "".join(f"# {' '.join(line.split())}\n" for line in comments or ["nothing is to be corrected"])
    return told + "".join(texts.differences())


def _is_own(deviation: Deviation) -> bool:
    """Whether it is not about a handler of another sequence."""
    return deviation.kind != "wrong-handler" or deviation.severity is Severity.ERROR


def _corrected(flow: Sequence, shown: Evidence, found: list[Deviation], texts: _Texts) -> Iterator[str]:
    """Correct a sequence in the texts; what is to be said of it."""
    row = texts.files[flow.sequence_id]
    if row["declared_in"] not in CORRECTABLE:
        raise _NotProposedError(f"{row['file_path']} ({row['declared_in']}) is to be edited by hand")
    if shown.runs < LEAST_RUNS:
        raise _NotProposedError(f"it has {shown.runs} complete runs of at least {LEAST_RUNS}")
    texts.check(shown.declared)
    reason = "its complete runs do not agree, or differ in more than single steps"
    for candidate in candidates(shown):
        if candidate.correction == Correction():
            continue
        try:
            if texts.correct(shown, candidate):
                break
        except UneditableError as error:
            reason = f"{row['file_path']} cannot be edited in place: {error}"
    else:
        raise _NotProposedError(reason)
    yield f"{flow.sequence_id}: as {shown.runs} complete runs show"
    yield from (f"  {line}" for line in _told(candidate.correction, shown.declared))
    made = {key for one in shown.differing.values() for key in keys(one or ())} - candidate.left
    made |= {("wrong-handler", shown.declared.steps[number].event) for number in candidate.correction.handlers}
    for one in found:
        if (one.kind, one.event) not in made:
            yield f"  not corrected: {one.kind}, {one.title}, in {one.count} of {flow.executions} runs"


def _told(correction: Correction, declared: Declaration) -> Iterator[str]:
    def named(number: int) -> str:
        step = declared.steps[number]
        return f"{step.event} (beat {step.beat})" if step.beat is not None else step.event

    for number, event in correction.renamed.items():
        yield f"renamed: {named(number)} to {event}"
    for number, handler in correction.handlers.items():
        yield f"handler of {named(number)}: {declared.steps[number].handler} to {handler}"
    for number in sorted(correction.removed):
        yield f"removed: {named(number)}, which never came"
    for item, after in correction.placed:
        before = after.event if isinstance(after, NewStep) else after and named(after)
        place = f"after {before}" if before else "to the beginning"
        if isinstance(item, NewStep):
            yield f"added: {item.event}, {place}" + ("" if item.handler else "; its handler is not in the log")
        else:
            yield f"moved: {named(item)}, {place}"


@dataclass(frozen=True, slots=True)
class _File:
    root: Path
    file_path: str


class _Texts:
    """The files of definitions, as they lie there and as they are proposed to be."""

    def __init__(self, files: Mapping[str, Row]) -> None:
        self.files = files
        self._before: dict[_File, str] = {}
        self._now: dict[_File, str] = {}

    def check(self, declared: Declaration) -> None:
        """Make sure that a sequence is still declared as the store knows it."""
        row = self.files[declared.sequence_id]
        try:
            flow = self._read(row, self._before)[declared.sequence_id]
        except OSError as error:
            raise _NotProposedError(f"{row['file_path']} cannot be read: {error.strerror}") from error
        except UnicodeDecodeError as error:
            raise _NotProposedError(f"{row['file_path']} is not UTF-8") from error
        except KeyError as error:
            raise _NotProposedError(f"{row['file_path']} declares it no more; telemap index reads it again") from error
        steps = [(step.event, step.handler, step.defined_in.line_number) for step in declared.steps.values()]
        now = [(step.event, step.handler, step.line_number) for step in flow.steps]
        if (encoded(flow.net), now) != (declared.net, steps):
            raise _NotProposedError(f"{row['file_path']} changed since; telemap index reads it again")

    def correct(self, shown: Evidence, candidate: Candidate) -> bool:
        """Propose a correction if all complete runs follow it and no other flow changes by it."""
        sequence_id = shown.declared.sequence_id
        row = self.files[sequence_id]
        file = _File(Path(row["root"]), row["file_path"])
        flows = self._read(row, self._now)
        text = corrected(self._now[file].removeprefix(_BOM), flows[sequence_id], candidate.correction)
        texts = self._now | {file: _BOM * self._now[file].startswith(_BOM) + text}
        after = self._read(row, texts)
        changed = {name for name in flows if name not in after or after[name].net != flows[name].net}
        if sequence_id not in after or changed - {sequence_id} or after.keys() != flows.keys():
            return False
        is_as_meant = _handlers(after[sequence_id]) >= set(candidate.correction.handlers.values())
        if not is_as_meant or not is_better(shown, FlowChecker(after[sequence_id].net), candidate.left):
            return False
        self._now = texts
        return True

    def differences(self) -> Iterator[str]:
        """The differences, file by file, with the folder that paths are relative to."""
        root: Path | None = None
        for file in sorted(self._now, key=lambda file: (str(file.root), file.file_path)):
            if self._now[file] != self._before[file]:
                if file.root != root:
                    yield f"# in {file.root}\n"
                root = file.root
                yield from _difference(file.file_path, self._before[file], self._now[file])

    def _read(self, row: Row, texts: dict[_File, str]) -> Mapping[str, Flow]:
        """The flows of a sequence's file, by their ids; read with those of YAML are the flows they may play."""
        root = Path(row["root"])
        wanted = {row["file_path"]}
        if row["declared_in"] == "yaml":
            told = [one for one in self.files.values() if (one["declared_in"], one["root"]) == ("yaml", row["root"])]
            wanted |= {one["file_path"] for one in told}
        for file in (_File(root, path) for path in sorted(wanted)):
            if file not in texts:
                texts[file] = self._before.get(file) or (root / file.file_path).read_bytes().decode()
            self._before.setdefault(file, texts[file])
        found = read_proposed(root, {path: texts[_File(root, path)].encode() for path in sorted(wanted)})
        return {flow.flow_id: flow for flow in found.flows}


def _handlers(flow: Flow) -> set[str | None]:
    return {step.handler for step in flow.steps}


def _difference(file_path: str, before: str, after: str) -> Iterator[str]:
    """The difference of two texts as git reads it; their lines end in line feeds and nothing else."""
    end = "\t" if " " in file_path else ""  # else a part of the name may be taken for a time
    yield from unified_diff(_lines(before), _lines(after), f"a/{file_path}{end}", f"b/{file_path}{end}")


def _lines(text: str) -> list[str]:
    *whole, last = text.split("\n")
    return [f"{line}\n" for line in whole] + ([f"{last}\n\\ No newline at end of file\n"] if last else [])
