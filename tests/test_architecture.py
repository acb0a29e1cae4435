"""The folders are the stages of the work, and imports go one way through them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).parents[1] / "src" / "telemap"
ORDER = [
    "errors",
    "model",
    "sources",
    "records",
    "traces",
    "executions",
    "code",
    "mapping",
    "stats",
    "flows",
    "definitions",
    "tested",
    "store",
    "config",
    "acceptances",
    "exports",
    "analyses",
    "reports",
    "web",
    "cli",
    "__main__",
]
EXCEPTIONS: dict[tuple[str, str], str] = {}  # (importing module, imported module): the reason


def imports() -> Iterator[tuple[str, str]]:
    for file in sorted(PACKAGE.rglob("*.py")):
        module = file.relative_to(PACKAGE.parent).with_suffix("").as_posix().replace("/", ".").removesuffix(".__init__")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("telemap"):
                yield module, node.module
            elif isinstance(node, ast.Import):
                yield from ((module, name.name) for name in node.names if name.name.startswith("telemap"))


def stage(module: str) -> int:
    parts = module.split(".")
    return ORDER.index(parts[1]) if len(parts) > 1 else -1


def test_every_folder_is_a_stage() -> None:
    folders = {path.name for path in PACKAGE.iterdir() if path.is_dir() and list(path.glob("*.py"))}
    assert folders <= set(ORDER)


def test_imports_go_one_way() -> None:
    found = list(imports())
    assert len(found) > 50
    backwards = {(a, b) for a, b in found if stage(b) > stage(a)}
    assert backwards == set(EXCEPTIONS)
