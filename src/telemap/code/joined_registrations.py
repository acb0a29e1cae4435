"""Registrations of a whole tree: what files tell, with the paths of the mounts around it and the handlers of others."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache
from itertools import islice
from typing import NamedTuple

from telemap.code.file_names import DEFAULT
from telemap.code.languages import rules
from telemap.code.registration_facts import Binding, FileRegistrations, Mount, Owner
from telemap.code.registration_rules import RegistrationRules
from telemap.model.code import Registration

VERBS = ("get", "head", "post", "put", "patch", "delete", "options", "trace")
MAX_PATHS = 64  # of one owner; more than a router that is mounted in several places has
MAX_MOUNTS = 100  # of a router on another on another
MAX_WAYS = 1000  # to one owner: functions that pass it to each other have more the more of them there are
MAX_STEPS = 12  # from a name to what it stands for; more than re-exports take, and a package can import itself
_CONSTANT = re.compile(r"\$\{([A-Z][A-Z0-9_]*)\}")
_INDEX = frozenset({"index", "__init__", "mod"})


class _Thing(NamedTuple):
    """What a name stands for: the name in the file, folder or tree that it belongs to."""

    scope: str
    name: str


class _Edge(NamedTuple):
    parent: _Thing
    path: str
    overrides: bool


def joined(files: Iterable[FileRegistrations]) -> list[Registration]:
    """The registrations of all files, ordered by file and line, each once for every path that leads to it.

    What stands on something that belongs to no framework is left out, and so is what merely hands on to a router.
    """
    tree = _Tree(list(files))
    found = {
        registration for file in tree.files for binding in file.bindings for registration in tree.read(file, binding)
    }
    return sorted(found, key=lambda one: (one.file_path, one.line_number, one.name, one.method, one.handler, one.kind))


class _Tree:
    def __init__(self, files: list[FileRegistrations]) -> None:
        self.files = files
        self.rules = rules("registrations", RegistrationRules)
        self.modules: dict[tuple[str, ...], list[FileRegistrations]] = {}
        self.by_tail: dict[str, list[tuple[str, ...]]] = {}
        self.aliased: dict[_Thing, list[FileRegistrations]] = {}  # by the scope of the file and the name
        self.defined: dict[_Thing, list[tuple[FileRegistrations, str]]] = {}  # by the last part of the name
        self.constants: dict[str, set[str]] = {}
        for file in files:
            self.modules.setdefault(self._module_of(file), []).append(file)
            scope = self._scope_of(file)
            for name in file.aliases:
                self.aliased.setdefault(_Thing(scope, name), []).append(file)
            for name in file.definitions:
                self.defined.setdefault(_Thing(scope, name.rpartition(".")[2]), []).append((file, name))
            for name, text in file.constants.items():
                self.constants.setdefault(name, set()).add(text)
        for module in self.modules:
            self.by_tail.setdefault(module[-1] if module else "", []).append(module)
        self._files_of = cache(self._found)  # the same few modules are asked for by every name from them
        self._connect()

    def _connect(self) -> None:
        self.own: dict[_Thing, Owner] = {}
        self.edges: dict[_Thing, list[_Edge]] = {}
        for file in self.files:
            for owner in file.owners:
                self.own[self._local(file, owner.name)] = owner
        self.known = {
            *self.own,
            *(self._thing(file, mount.parent) for file in self.files for mount in file.mounts),
            *(self._thing(file, binding.owner) for file in self.files for binding in file.bindings if binding.owner),
        }
        for file in self.files:
            for mount in file.mounts:
                self._add(file, mount)

    def _add(self, file: FileRegistrations, mount: Mount) -> None:
        child = self._thing(file, mount.child)
        parent = self._thing(file, mount.parent)
        if child in self.known and child != parent:
            self.edges.setdefault(child, []).append(_Edge(parent, mount.path, mount.overrides))

    def read(self, file: FileRegistrations, binding: Binding) -> Iterator[Registration]:
        """What a binding comes to."""
        registration = binding.registration
        framework = self.rules[file.language].frameworks.get(registration.framework)
        owner = self._thing(file, binding.owner) if binding.owner else None
        if owner is not None and framework is not None:
            of = self._frameworks(owner)
            includes = {name for one in of for name in self._included(file, one)}
            if registration.framework not in of | includes if of else not binding.is_open:
                return
        if registration.handler_line_number is None and self._is_router(file, registration.handler):
            return
        separator = framework.separator if framework else ""
        for segments in self._paths(owner) if owner is not None else [()]:
            told = [_CONSTANT.sub(self._constant, segment) for segment in (*segments, registration.name)]
            name = _joined(told, separator)
            yield from self._handled(file, replace(registration, name=name))

    def _is_router(self, file: FileRegistrations, name: str) -> bool:
        return any(self._thing(file, one) in self.known for one in (name, f"{name}()"))

    def _constant(self, found: re.Match[str]) -> str:
        texts = self.constants.get(found[1], set())
        return next(iter(texts)) if len(texts) == 1 else found[0]

    def _handled(self, file: FileRegistrations, registration: Registration) -> Iterator[Registration]:
        """A registration with the place of its handler; of a class, one for each method of HTTP that it answers."""
        defined = self._definition(file, registration.handler)
        if defined is None:
            yield registration
            return
        place, name = defined
        verbs = [verb for verb in VERBS if f"{name}.{verb}" in place.definitions] if registration.kind == "http" else []
        for verb in verbs:
            yield replace(
                registration,
                method=verb.upper(),
                handler=f"{registration.handler}.{verb}",
                handler_file_path=place.file_path,
                handler_line_number=place.definitions[f"{name}.{verb}"],
            )
        if not verbs:
            line_number = registration.handler_line_number or place.definitions[name]
            yield replace(registration, handler_file_path=place.file_path, handler_line_number=line_number)

    def _included(self, file: FileRegistrations, framework: str) -> tuple[str, ...]:
        known = self.rules[file.language].frameworks.get(framework)
        return known.includes if known else ()

    def _frameworks(self, thing: _Thing) -> set[str]:
        """The frameworks of a thing, or of all that it is mounted on."""
        found, due, seen = set(), [thing], {thing}
        while due:
            one = due.pop()
            if one in self.own:
                found.add(self.own[one].framework)
                continue
            around = {edge.parent for edge in self.edges.get(one, ())} - seen
            seen |= around
            due += around
        return found

    def _paths(self, thing: _Thing) -> list[tuple[str, ...]]:
        """The paths before what is registered on a thing, in parts: one for each way that leads there."""
        return list(dict.fromkeys(islice(self._ways(thing), MAX_WAYS)))[:MAX_PATHS]

    def _ways(self, thing: _Thing, seen: frozenset[_Thing] = frozenset()) -> Iterator[tuple[str, ...]]:
        edges = [edge for edge in self.edges.get(thing, ()) if edge.parent not in seen and len(seen) < MAX_MOUNTS]
        owner = self.own.get(thing)
        own = (owner.path,) if owner and (edges or not owner.is_mounted) else ()
        if not edges:
            yield own
        for edge in edges:
            for before in self._ways(edge.parent, seen | {thing}):
                yield (*before, edge.path, *(() if edge.overrides else own))

    def _scope_of(self, file: FileRegistrations) -> str:
        scope = self.rules[file.language].scope
        folder = file.file_path.rpartition("/")[0]
        return {"file": file.file_path, "folder": f"{folder}/", "tree": f"*{file.language}"}[scope]

    def _module_of(self, file: FileRegistrations) -> tuple[str, ...]:
        folder, _, name = file.file_path.rpartition("/")
        stem = name.rpartition(".")[0]
        of_folder = self.rules[file.language].modules == "folder" or stem in _INDEX
        path = folder if of_folder else f"{folder}/{stem}"
        return tuple(re.split(r"[./]", path.strip("/"))) if path.strip("/") else ()

    def _local(self, file: FileRegistrations, name: str) -> _Thing:
        if name.startswith("*"):
            return _Thing("", name)
        return _Thing(file.file_path if name[:1] == "@" or "/" in name else self._scope_of(file), name)

    def _thing(self, file: FileRegistrations, name: str) -> _Thing:
        """What a name in a file stands for, in whatever file that is."""
        return self._elsewhere(file, name, frozenset()) or self._local(file, name)

    def _elsewhere(self, file: FileRegistrations, name: str, seen: frozenset[tuple[str, str]]) -> _Thing | None:
        if (file.file_path, name) in seen or len(seen) > MAX_STEPS:
            return None
        seen = seen | {(file.file_path, name)}
        if name in file.aliases:
            alias = file.aliases[name]
            return self._elsewhere(file, alias, seen) or self._local(file, alias)
        thing = self._local(file, name)
        if thing in self.own or name[:1] in {"@", "*"} or "/" in name.partition("(")[0]:
            return thing
        base, suffix = _split(name)
        if suffix and base in file.aliases:
            return self._elsewhere(file, file.aliases[base] + suffix, seen)
        for there, rest in self._imported(file, base):
            if found := self._elsewhere(there, rest + suffix, seen):
                return found
            if rest + suffix in self._listed(there):
                return self._local(there, rest + suffix)
        if suffix or self.rules[file.language].scope == "folder":
            last = base.rpartition(".")[2] + suffix
            for other in self.aliased.get(_Thing(self._scope_of(file), last), ()):
                if other is not file or last != name:
                    return self._elsewhere(other, last, seen)
        return None

    def _listed(self, file: FileRegistrations) -> set[str]:
        """The names of lists of routes in a file."""
        return {mount.parent for mount in file.mounts} | {binding.owner for binding in file.bindings}

    def _imported(self, file: FileRegistrations, name: str) -> Iterator[tuple[FileRegistrations, str]]:
        """The files that a name can be from, and what it is called there."""
        root = next((key for key in (name, *_heads(name)) if key in file.imports), None)
        if root is not None:
            place, exact = file.imports[root] + name[len(root) :], file.imports[root].startswith("/")
        elif "." in name and self.rules[file.language].modules == "dotted":
            place, exact = name, False
        else:
            return
        parts = tuple(part for part in re.split(r"[./]+", place) if part)
        exact = exact and self.rules[file.language].modules != "folder"
        for count in range(len(parts), 0, -1):
            rest = parts[count:]
            rests = [rest, *([rest[1:]] if rest[:1] == (DEFAULT,) else [])]
            for there in self._files_of(parts[:count], exact):
                if there.language == file.language:
                    yield from ((there, ".".join(one)) for one in rests if one)

    def _found(self, parts: tuple[str, ...], exact: bool) -> list[FileRegistrations]:
        """The files of a module, whole or as its path ends."""
        if exact or parts in self.modules:
            return self.modules.get(parts, [])
        tails = [
            module
            for module in self.by_tail.get(parts[-1], ())
            if module[-len(parts) :] == parts or (module and parts[-len(module) :] == module)
        ]
        return self.modules[max(tails, key=len)] if tails else []

    def _definition(
        self, file: FileRegistrations, name: str, depth: int = MAX_STEPS
    ) -> tuple[FileRegistrations, str] | None:
        """The file and the name under which a function or class is defined."""
        name = name.replace("()", "")
        if not name or not depth:
            return None
        if name in file.definitions:
            return file, name
        root, dot, rest = name.partition(".")
        alias = file.aliases.get(root, "@")
        if alias[0] != "@" and "/" not in alias and alias != root:
            return self._definition(file, f"{alias}{dot}{rest}", depth - 1)
        for there, inner in self._imported(file, name):
            if found := self._definition(there, inner, depth - 1):
                return found
        if any(key in file.imports for key in (name, *_heads(name))):
            return None  # of code that is not indexed, whatever here has the same name
        ending = self.defined.get(_Thing(self._scope_of(file), name.rpartition(".")[2]), [])
        named = [(other, full) for other, full in ending if full == name]
        if not named and self.rules[file.language].scope != "file":
            named = ending
        return named[0] if len(named) == 1 else None


def _heads(name: str) -> Iterator[str]:
    """``a.b`` and ``a`` of ``a.b.c``."""
    while "." in name:
        name = name.rpartition(".")[0]
        yield name


def _split(name: str) -> tuple[str, str]:
    """A name and the parentheses at its end, if any."""
    found = re.search(r"\(\d*\)$", name)
    return (name[: found.start()], found[0]) if found else (name, "")


def _joined(segments: list[str], separator: str) -> str:
    if separator != "/":
        return separator.join(filter(None, segments))
    parts = [part for segment in segments if (part := segment.strip("/"))]
    return "/" + "/".join(parts) + ("/" if parts and segments[-1].endswith("/") else "")
