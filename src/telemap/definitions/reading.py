"""Files of definitions, each read by the format that its name tells."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from telemap.code.files import walked_files
from telemap.definitions.conductor import read_conductor
from telemap.definitions.files import DefinitionFile
from telemap.definitions.flow import Definitions, Flow
from telemap.definitions.flow_yaml import read_flow_yaml
from telemap.definitions.mermaid import read_mermaid
from telemap.definitions.process_models import read_process_models
from telemap.errors import TelemapError
from telemap.model.declared import Problem, Route

MOST_STEPS = 20_000  # of a flow: what is checked against it costs time and memory for each of them

Reader = Callable[[Sequence[DefinitionFile]], Iterable[Flow | Route]]
# The endings of names of files, and what reads all files of these names; of two flows with one id the first counts.
FORMATS: dict[tuple[str, ...], Reader] = {
    (".json",): read_conductor,
    (".yaml", ".yml"): read_flow_yaml,
    (".md", ".mmd", ".mermaid"): read_mermaid,
    (".bpmn", ".bpmn20.xml", ".pnml"): read_process_models,
}


def read_definitions(paths: Iterable[Path]) -> Definitions:
    """Everything that the definition files at ``paths`` declare; flows are ordered by file, routes as they stand.

    What cannot be used becomes a problem; the rest, and all other files, are still used. Of several flows with one id
    the first counts, and those that an index lists go first.

    Args:
        paths: folders, or single files; paths in the result are relative to the folder, or to the file's folder.

    Raises:
        TelemapError: a path does not exist.
    """
    problems: list[Problem] = []
    return _read(_files(paths, problems), problems)


def read_proposed(root: Path, texts: Mapping[str, bytes]) -> Definitions:
    """What files would declare if this were in them, each by its path below ``root``; other files are not read."""
    problems: list[Problem] = []
    files = [DefinitionFile(root, root / file_path, problems, data) for file_path, data in texts.items()]
    return _read(files, problems)


def _read(files: Sequence[DefinitionFile], problems: list[Problem]) -> Definitions:
    flows: dict[str, Flow] = {}
    routes: list[Route] = []
    for endings, reader in FORMATS.items():
        bound = {flow.model for flow in flows.values()}  # which are no flows by themselves
        named = [file for file in files if file.path.name.endswith(endings) and file.path not in bound]
        for declared in reader(named):
            if isinstance(declared, Route):
                routes.append(declared)
            elif problem := _problem(declared, flows):
                problems.append(problem)
            else:
                flows[declared.flow_id] = declared
    return Definitions(
        tuple(sorted(flows.values(), key=lambda flow: (flow.file_path, flow.line_number, flow.flow_id))),
        tuple(routes),
        tuple(sorted(dict.fromkeys(problems), key=lambda problem: (problem.file_path, problem.line_number))),
    )


def _files(paths: Iterable[Path], problems: list[Problem]) -> list[DefinitionFile]:
    """The files at ``paths``, each once."""
    files: dict[Path, DefinitionFile] = {}
    for path in paths:
        if not path.exists():
            raise TelemapError("no-such-file", f"no file or folder {path}", help="name the folder of the definitions")
        root = (path if path.is_dir() else path.parent).resolve()
        for name in walked_files(root) if path.is_dir() else [path.name]:
            files.setdefault(root / name, DefinitionFile(root, root / name, problems))
    return list(files.values())


def _problem(flow: Flow, flows: dict[str, Flow]) -> Problem | None:
    """Why a flow is not used beside those that are, if it is not."""
    if flow.flow_id in flows:
        first = flows[flow.flow_id]
        summary = f"sequence {flow.flow_id!r} is declared twice"
        reason = f"{first.file_path}:{first.line_number} declares it first, and counts"
        help = "give one of the two another id, or remove it"
    elif len(flow.steps) > MOST_STEPS:
        summary = f"sequence {flow.flow_id!r} is too large"
        reason, help = f"it has {len(flow.steps):,} steps, of {MOST_STEPS:,} at most", "declare it as several"
    else:
        return None
    return Problem(flow.file_path, flow.line_number, summary, reason, help)
