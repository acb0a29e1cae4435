"""``registrations.toml``: what registers functions in the frameworks of a language, and how."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from telemap.code.call_nodes import Call

PARTS = ("owners", "groups", "mounts", "routes", "everywhere")

_NOTHING = r"[^\s\S]"  # to ast-grep too, whose patterns do not look ahead

Picks = tuple[str | int, ...]


@dataclass(frozen=True)
class CallRule:
    """A call or decorator that means something to a framework. Without a place, arguments are not read.

    An owner is what functions are registered on: an application, a router, a group, a class of handlers. Owners are
    mounted on others, which puts the path of the mount before theirs.

    Args:
        call: pattern of the whole name; its group ``method`` is the HTTP method.
        on: ``owner`` of the framework; ``list`` for a call that stands in a list given to one; ``class`` for a
            decorator in a class; ``package`` for no object, or a package of the framework; ``any`` for every object.
        decorator: whether it decorates a function or class, or is called.
        of: whether it decorates a ``class`` or a ``function``, where that matters.
        having: pattern to be found in its text.
        at_least: how many arguments it has by place, or more.
        path: the arguments that can hold the path, the first that is there: by name or by place.
        beside: decorator of the same function that tells the path where this one tells none.
        text: pattern of a path that holds more, with the groups ``path`` and ``method``.
        default: name where no path is told, of ``{module}``, ``{class}``, ``{function}`` and ``{command}``; a route
            without one needs the argument of its path.
        methods: argument that lists HTTP methods.
        method: HTTP method where none is told.
        handler: argument that holds the function; of a decorator without it, what it decorates.
        child: arguments that hold what is mounted.
        member: name that is mounted of the module that the child names.
        mounted: whether the path of what is created counts only where that is mounted.
        overrides: whether the path of the mount replaces the one that the child gave itself.
        kind: in place of that of the framework.
    """

    call: str
    on: str = "owner"
    decorator: bool = False
    of: str = ""
    having: str = ""
    at_least: int = 0
    path: Picks = ()
    beside: str = ""
    text: str = ""
    default: str | None = None
    methods: Picks = ()
    method: str = ""
    handler: Picks = ()
    child: Picks = ()
    member: str = ""
    mounted: bool = False
    overrides: bool = False
    kind: str = ""

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """``call``, compiled."""
        return re.compile(self.call)

    def match(self, call: Call) -> re.Match[str] | None:
        """The match of the name, where the rule is for such a call at all; what it stands on is not asked."""
        found = self.pattern.fullmatch(call.name)
        if found is None or self.decorator != (call.decorated is not None) or len(call.positional) < self.at_least:
            return None
        return found if not self.having or re.search(self.having, call.node.text()) else None


@dataclass(frozen=True, slots=True)
class Framework:
    """What registers functions in one framework.

    Args:
        imports: texts of which a file that uses it has one; where there are none, every file may.
        kind: of its registrations.
        separator: between a path and the one mounted on it; nothing is added where it is empty.
        named: names of packages whose functions are called like methods of an owner.
        includes: frameworks whose rules hold for its owners too.
        owners: calls that create an owner, with its own path; as decorator of a class, the class is the owner.
        groups: calls that give an owner mounted on the one that they stand on.
        mounts: calls that mount owners.
        routes: calls that register a function.
        absolute: pattern of paths that take no prefix.
        tokens: pattern in a path → what replaces it, as in ``default``.
        suffix: end of the name of a class that its token goes without.
        everywhere: call that puts a path before all classes of the framework.
    """

    imports: tuple[str, ...] = ()
    kind: str = "http"
    separator: str = "/"
    named: frozenset[str] = frozenset()
    includes: tuple[str, ...] = ()
    owners: tuple[CallRule, ...] = ()
    groups: tuple[CallRule, ...] = ()
    mounts: tuple[CallRule, ...] = ()
    routes: tuple[CallRule, ...] = ()
    everywhere: tuple[CallRule, ...] = ()
    absolute: str = "(?!)"
    tokens: Mapping[str, str] = field(default_factory=dict)
    suffix: str = ""


@dataclass(frozen=True, slots=True)
class Import:
    """A node that binds names of other files: a pattern with the groups ``module``, ``names``, ``default``, ``all``."""

    kind: str
    pattern: str


@dataclass(frozen=True)
class RegistrationRules:
    """``registrations.toml`` of one folder of ``rules/``.

    Args:
        name: the name of the folder.
        frameworks: name → rules.
        imports: how names of other files are bound.
        modules: how imports name them: ``dotted`` names, ``relative`` paths, or a ``folder`` of which the end is known.
        scope: how far the names of a ``file`` reach: no further, to its ``folder``, or over the whole ``tree``.
        transparent: members of an owner that stand for it.
        through: methods that give the function which they stand on.
        maps: pattern of names of literals that map event names to functions.
    """

    name: str
    frameworks: Mapping[str, Framework]
    imports: tuple[Import, ...] = ()
    modules: str = "dotted"
    scope: str = "file"
    transparent: frozenset[str] = frozenset()
    through: frozenset[str] = frozenset()
    maps: str = "$^"

    def speaking(self, name: str) -> Mapping[str, Mapping[str, tuple[CallRule, ...]]]:
        """Framework → part → rules that are for calls of a name; frameworks without any are left out."""
        if name not in self._speaking:
            found = {
                framework: {
                    part: rules
                    for part in PARTS
                    if (rules := tuple(rule for rule in getattr(spoken, part) if rule.pattern.fullmatch(name)))
                }
                for framework, spoken in self.frameworks.items()
            }
            self._speaking[name] = {framework: parts for framework, parts in found.items() if parts}
        return self._speaking[name]

    @cached_property
    def _speaking(self) -> dict[str, Mapping[str, Mapping[str, tuple[CallRule, ...]]]]:
        return {}

    def names(self, *, of_decorators: bool) -> str:
        """Pattern of the names of all decorators, or else of all calls, that mean something."""
        parts = (getattr(framework, part) for framework in self.frameworks.values() for part in PARTS)
        names = sorted({rule.call for part in parts for rule in part if rule.decorator == of_decorators})
        return "|".join(re.sub(r"\(\?P<\w+>", "(?:", name) for name in names) or _NOTHING
