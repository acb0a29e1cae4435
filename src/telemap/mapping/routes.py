"""From a span to the function that handled it, by what its attributes say and what the code registers.

What the span says of its place itself (``telemap.mapping.code_attributes``) goes before all else where it is
surer than 0.9. Then:

==========================================================================================  =====================
what is told                                                                                confidence
==========================================================================================  =====================
``http.request.method`` and ``http.route``, registered so                                   0.95
``http.route``, registered for all methods, or without a method told; or as the span's      0.9
name (``GET /users/{id}``)
``http.route`` that ends like one registered below a prefix which the code does not tell    0.6
a path and no route, which a route without parameters spells out                            0.85
such a path, which a route with parameters takes, or one that takes the rest of the path    0.75; 0.5
``messaging.destination.name``, on the side that receives                                   0.9
``celery.task_name``, or a span name ``run/TASK``: the whole name; only its end             0.95; 0.85
the command in ``process.command_args``                                                     0.9
``event.name``                                                                              0.8
``rpc.service`` and ``rpc.method``: a method so named of a class named so, as servers are;  0.9
of a class that has it in its name; the only such function                                  0.6; 0.5
==========================================================================================  =====================

What is registered several times shares: each of n places has 1 / n of it. Where the code of the handler was not found
by its import, functions of the same name have half of it. What nothing registers has no candidate, and neither has a
span of the calling side, whose route is that of other code.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from telemap.code.reading import CodeIndex
from telemap.code.route_paths import REST, RouteTable, route_key
from telemap.mapping.code_attributes import AttributeIndex
from telemap.mapping.handlers import locate_function
from telemap.model.code import CodeLocation, CodeSymbol, Registration

EVIDENCE = "route"
CALLING = frozenset({"client", "producer"})
SURE = 0.9
ANY_CLASS = 0.5
MAX_CANDIDATES = 5

# Other words in front of a name are of other languages, ``SELECT users`` of SQL.
_HTTP_NAME = re.compile(r"(?:HTTP )?(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS|TRACE|CONNECT) (\S+)")
# What the class that answers a service is called beside its name.
_OF_SERVERS = re.compile(r"^(?:grpc|default|base|my)|(?:service|servicer|server|handler|impl|base|grpc)+$")
_SENDING = frozenset({"send", "publish", "create", "settle"})

Found = tuple[list[Registration], float]


class RouteIndex:
    """The registrations of a tree, to be asked for the handlers of spans."""

    def __init__(self, registrations: Iterable[Registration], symbols: CodeIndex) -> None:
        self.index = symbols
        self._attributes = AttributeIndex(symbols)
        self._by_name: dict[tuple[str, str], list[Registration]] = {}
        self._by_route: dict[str, list[Registration]] = {}
        self._by_ending: dict[str, list[Registration]] = {}
        self._paths: RouteTable[Registration] = RouteTable()
        self._qualified = {(symbol.file_path, symbol.line_number): symbol.qualified_name for symbol in symbols.symbols}
        for registration in registrations:
            _, unknown, known = registration.name.rpartition("${")
            if registration.kind == "http" and unknown:
                self._by_ending.setdefault(route_key(known.partition("}")[2]), []).append(registration)
            elif registration.kind == "http":
                key = route_key(registration.name)
                self._by_route.setdefault(key, []).append(registration)
                self._paths.add(key, registration)
            elif registration.name:
                self._by_name.setdefault((registration.kind, registration.name), []).append(registration)

    def locate(self, name: str, kind: str, attributes: Mapping[str, Any]) -> tuple[CodeLocation, ...]:
        """The functions that can have handled a span, best first, at most five; none where nothing says which.

        Args:
            name: of the span.
            kind: OpenTelemetry's, ``server`` or ``SPAN_KIND_SERVER``; ``""`` where it is not told.
            attributes: of the span, by OpenTelemetry's names, new or old.
        """
        told = self._attributes.locate(attributes)
        if (told and told[0].confidence >= SURE) or kind.lower().removeprefix("span_kind_") in CALLING:
            return told
        for way in (self._http, self._messaging, self._task, self._command, self._event):
            registrations, confidence = way(name, attributes)
            if registrations and (places := self._places(registrations, confidence)):
                return places
        return self._rpc(name, attributes) or told

    def _http(self, name: str, attributes: Mapping[str, Any]) -> Found:
        is_query = any(key.startswith("db.") for key in attributes)  # DELETE users
        spoken = None if is_query else _HTTP_NAME.fullmatch(name)
        method = _text(attributes, "http.request.method", "http.method").upper() or (spoken[1] if spoken else "")
        route = _text(attributes, "http.route")
        path = _path(attributes)
        sure = 0.95
        if not route and spoken:
            route, sure = spoken[2], 0.9
        if route:
            found = _of_method(self._by_route.get(route_key(route), []), method)
            is_exact = bool(method) and all(one.method for one in found)
            # Of a route that takes the rest only the router in front was seen; others say more than nothing.
            is_told = bool(_text(attributes, "http.route"))
            if not found and (ending := _of_method(self._ending(route_key(route)), method)):
                return ending, 0.6
            if found or (is_told and not route_key(route).endswith(REST)):
                return found, sure if is_exact else 0.9
            path = path or ("" if is_told else route)
        for registrations, share in self._paths.taking(path) if path else ():
            if found := _of_method(registrations, method):
                is_rest = any(route_key(one.name).endswith(REST) for one in found)
                return found, 0.5 if is_rest else 0.85 if share == 1 else 0.75
        return [], 0.0

    def _ending(self, key: str) -> list[Registration]:
        """What is registered below a prefix that the code does not tell, and ends like a route, as far as can be."""
        parts = key.split("/")
        for start in range(1, len(parts)):
            end = "/".join(parts[start:])
            if any("{" not in part for part in parts[start:]) and (found := self._by_ending.get(end)):
                return found
        return []

    def _messaging(self, name: str, attributes: Mapping[str, Any]) -> Found:
        if _text(attributes, "messaging.operation.type", "messaging.operation") in _SENDING:
            return [], 0.0
        destination = _text(attributes, "messaging.destination.name", "messaging.destination")
        return self._by_name.get(("messaging", destination), []), 0.9

    def _task(self, name: str, attributes: Mapping[str, Any]) -> Found:
        named = name.removeprefix("run/") if name.startswith("run/") else ""
        task = _text(attributes, "celery.task_name") or named
        if exact := self._by_name.get(("task", task)):
            return exact, 0.95
        # The folder that was indexed may lie above or below the one that Python starts from.
        ending = [
            registration
            for (kind, known), registrations in self._by_name.items()
            if kind == "task" and "." in task and "." in known and _ends_alike(task, known)
            for registration in registrations
        ]
        return ending, 0.85

    def _command(self, name: str, attributes: Mapping[str, Any]) -> Found:
        words = [word for word in _words(attributes.get("process.command_args"))[1:] if not word.startswith("-")]
        for count in range(len(words), 0, -1):
            if found := self._by_name.get(("command", " ".join(words[:count]))):
                return found, 0.9
        return [], 0.0

    def _event(self, name: str, attributes: Mapping[str, Any]) -> Found:
        return self._by_name.get(("event", _text(attributes, "event.name")), []), 0.8

    def _rpc(self, name: str, attributes: Mapping[str, Any]) -> tuple[CodeLocation, ...]:
        called = _text(attributes, "rpc.method") or (name if "rpc.system" in attributes else "")
        method = called.rpartition("/")[2]
        service = _text(attributes, "rpc.service") or called.strip("/").rpartition("/")[0]
        word = service.rpartition(".")[2].casefold()
        if not method or not word:
            return ()
        names = {method, method[0].lower() + method[1:], re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", method).lower()}
        known = [symbol for known in sorted(names) for symbol in self.index.by_name.get(known, ())]
        sure = [_likeness(symbol, word) for symbol in known]
        best = [symbol for symbol, one in zip(known, sure, strict=True) if one == max(sure)]
        if len(known) > 1 and max(sure) == ANY_CLASS:
            return ()
        return _shared([_location(symbol, max(sure)) for symbol in best])

    def _places(self, registrations: list[Registration], confidence: float) -> tuple[CodeLocation, ...]:
        """The handlers of registrations, which share the confidence."""
        places = [
            place
            for registration in registrations
            for place in (self._place(registration, confidence), *self._by_handler(registration, confidence))
            if place is not None
        ]
        return _shared(list(dict.fromkeys(places)))

    def _place(self, registration: Registration, confidence: float) -> CodeLocation | None:
        file_path, line_number = registration.handler_file_path, registration.handler_line_number
        if file_path is None or line_number is None:
            return None
        name = self._qualified.get((file_path, line_number), registration.handler)
        return CodeLocation(file_path, line_number, name, confidence, EVIDENCE)

    def _by_handler(self, registration: Registration, confidence: float) -> Iterator[CodeLocation]:
        if registration.handler_line_number is None and registration.handler:
            last = registration.handler.rpartition(".")[2]
            for found in locate_function(last, None, self.index, evidence=EVIDENCE):
                sure = round(found.confidence * confidence / 2, 3)
                yield CodeLocation(found.file_path, found.line_number, found.function_name, sure, EVIDENCE)


def _of_method(registrations: list[Registration], method: str) -> list[Registration]:
    """Those for the method; else those for all; those for GET where HEAD is asked; all where no method is told."""
    if not method:
        return registrations
    for wanted in (method, "", *(["GET"] if method == "HEAD" else [])):
        if found := [registration for registration in registrations if registration.method == wanted]:
            return found
    return []


def _likeness(symbol: CodeSymbol, service: str) -> float:
    """How sure it is that a method is one of a service, given in small letters, by the name of its class."""
    around = symbol.qualified_name.rpartition(".")[0].casefold()
    own, asked = (_OF_SERVERS.sub("", name) or name for name in (around.rpartition(".")[2], service))
    return 0.9 if own == asked else 0.6 if service in around else ANY_CLASS


def _path(attributes: Mapping[str, Any]) -> str:
    """The path that was asked for; ``""`` where what was sent is no address."""
    told = _text(attributes, "url.path", "http.target", "url.full", "http.url")
    if told.startswith("/"):  # two slashes in front are not those of a host
        return re.split(r"[?#]", told, maxsplit=1)[0]
    try:
        return urlsplit(told).path
    except ValueError:
        return ""


def _ends_alike(one: str, other: str) -> bool:
    return f".{one}".endswith(f".{other}") or f".{other}".endswith(f".{one}")


def _words(value: Any) -> list[str]:
    """The words of a command line, which an attribute holds as a list, or as JSON."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            value = value.split()
    return [str(word) for word in value] if isinstance(value, (list, tuple)) else []


def _shared(locations: list[CodeLocation]) -> tuple[CodeLocation, ...]:
    """Places with their share, best first."""
    shared = [replace(place, confidence=round(place.confidence / len(locations), 3)) for place in locations]
    shared.sort(key=lambda place: (-place.confidence, place.file_path, place.line_number))
    return tuple(shared[:MAX_CANDIDATES])


def _location(symbol: CodeSymbol, confidence: float) -> CodeLocation:
    return CodeLocation(
        symbol.file_path, symbol.line_number, symbol.qualified_name, confidence, EVIDENCE, root=symbol.root
    )


def _text(attributes: Mapping[str, Any], *names: str) -> str:
    return next((value for name in names if isinstance(value := attributes.get(name), str) and value), "")
