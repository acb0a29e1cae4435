"""The description of the HTTP API (OpenAPI 3.1), from the settings and shapes of the resources."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, fields
from typing import Any, get_args, get_type_hints

import msgspec

from telemap import __version__
from telemap.web.resources import Resource, resources

_REF = "#/components/schemas/{name}"


def openapi() -> dict[str, Any]:
    """The description, as it is served at ``api/openapi.json``."""
    found = list(resources().values())
    shapes, components = msgspec.json.schema_components(
        [*(one.answers for one in found), *(_kind(one, name) for one in found for name in _names(one))],
        ref_template=_REF,
    )
    answers, kinds = shapes[: len(found)], iter(shapes[len(found) :])
    paths = {
        f"/api/{one.name}": {"get": _operation(one, answer, {name: next(kinds) for name in _names(one)})}
        for one, answer in zip(found, answers, strict=True)
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": "Telemap", "version": __version__, "description": "What a store answers; read-only."},
        "paths": paths,
        "components": {"schemas": dict(sorted(components.items()))},
    }


def _names(one: Resource) -> list[str]:
    return [each.name for each in fields(one.params)]


def _hint(one: Resource, name: str) -> Any:
    return get_type_hints(one.params, include_extras=True)[name]


def _kind(one: Resource, name: str) -> Any:
    return get_args(_hint(one, name))[0]


def _operation(one: Resource, answer: Mapping[str, Any], kinds: Mapping[str, Any]) -> dict[str, Any]:
    defaults = {each.name: each.default for each in fields(one.params)}
    return {
        "operationId": one.name.replace("/", "_"),
        "summary": one.title,
        "parameters": [
            {
                "name": name,
                "in": "query",
                "required": defaults[name] is MISSING,
                "description": get_args(_hint(one, name))[1],
                "schema": kind,
            }
            for name, kind in kinds.items()
        ],
        "responses": {
            "200": {"description": one.title, "content": {"application/json": {"schema": answer}}},
            "400": {"description": "a setting is unknown, missing or names nothing that is there"},
            "404": {"description": "nothing is at this address"},
        },
    }
