"""What one file tells of registrations, before the files are put together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from telemap.model.code import Registration


@dataclass(frozen=True, slots=True)
class Owner:
    """Something of a framework that functions are registered on, and the path that it gives them itself.

    ``is_mounted`` where that path counts only below another.
    """

    name: str
    framework: str
    path: str = ""
    is_mounted: bool = False


@dataclass(frozen=True, slots=True)
class Mount:
    """What is registered on ``child`` is reached through ``parent``, below ``path``, which may replace the child's."""

    parent: str
    child: str
    path: str = ""
    overrides: bool = False


@dataclass(frozen=True, slots=True)
class Binding:
    """A registration on ``owner``, ``""`` for none; its name lacks what is put before the names of the owner.

    ``is_open`` where it counts although nothing is known of the owner.
    """

    owner: str
    is_open: bool
    registration: Registration


@dataclass(frozen=True, slots=True)
class FileRegistrations:
    """What one file tells: of names as they stand in it.

    ``name(0)`` is the first parameter of a function, ``name()`` what it returns, ``default`` what the file exports
    without a name.

    Args:
        file_path: relative to the indexed root.
        language: the folder of its rules.
        owners: created here.
        mounts: of what is named here.
        bindings: of functions to owners.
        aliases: name → another name of the same thing.
        imports: name → where it is from, its parts joined by dots, those of a path by slashes.
        definitions: qualified name of each function and class → its line, 1-based.
        constants: name → text.
    """

    file_path: str
    language: str
    owners: tuple[Owner, ...] = ()
    mounts: tuple[Mount, ...] = ()
    bindings: tuple[Binding, ...] = ()
    aliases: Mapping[str, str] = field(default_factory=dict)
    imports: Mapping[str, str] = field(default_factory=dict)
    definitions: Mapping[str, int] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
