"""Operations of traces and the functions that the code registers for them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.cli.conftest import Telemap

APP = """\
from flask import Flask

app = Flask(__name__)


@app.get("/health")
def health(): ...


@app.get("/carts/<int:number>")
def cart(number): ...


@app.post("/carts")
def new_cart(): ...
"""


def traced(services: dict[str, list[tuple[str, str]]]) -> str:
    """Traces of services that each were asked for some routes once."""
    resources = []
    for at, (service, routes) in enumerate(services.items(), start=1):
        spans = [
            {
                "traceId": f"{at:032x}",
                "spanId": f"{at:08x}{number:08x}",
                "name": f"{method} {route}",
                "kind": 2,
                "startTimeUnixNano": "1767323045000000000",
                "endTimeUnixNano": "1767323045001000000",
                "attributes": [
                    {"key": "http.route", "value": {"stringValue": route}},
                    {"key": "http.request.method", "value": {"stringValue": method}},
                ],
            }
            for number, (method, route) in enumerate(routes, start=1)
        ]
        name = {"key": "service.name", "value": {"stringValue": service}}
        resources.append({"resource": {"attributes": [name]}, "scopeSpans": [{"spans": spans}]})
    return json.dumps({"resourceSpans": resources})


def code_of_spans(project: Path, telemap: Telemap, services: dict[str, list[tuple[str, str]]]) -> dict[str, Any]:
    (project / "src" / "app.py").write_text(APP)
    (project / "traces.json").write_text(traced(services))
    telemap("index", "src")
    telemap("ingest", "traces.json")
    columns = "service_name || ' ' || name AS name, code_function_name, code_line_number, code_confidence, code_reason"
    rows = json.loads(telemap("query", f"SELECT {columns} FROM span ORDER BY ALL", "--format", "json").out)["rows"]
    return {row["name"]: tuple(row.values())[1:] if row["code_function_name"] else None for row in rows}


SHOP = [("GET", "/health"), ("GET", "/carts/<int:number>"), ("POST", "/carts")]


def test_an_operation_is_led_to_what_is_registered_for_it(project: Path, telemap: Telemap) -> None:
    assert code_of_spans(project, telemap, {"shop": SHOP}) == {
        "shop GET /health": ("health", 7, 0.95, "registered for it"),
        "shop GET /carts/<int:number>": ("cart", 11, 0.95, "registered for it"),
        "shop POST /carts": ("new_cart", 15, 0.95, "registered for it"),
    }


def test_an_operation_of_several_services_is_that_of_one(project: Path, telemap: Telemap) -> None:
    found = code_of_spans(project, telemap, {"shop": SHOP, "other": [("GET", "/health")]})
    assert found["shop GET /health"] == ("health", 7, 0.475, "registered for it, as in 2 services that were traced")
    assert found["shop POST /carts"] == ("new_cart", 15, 0.95, "registered for it")


def test_a_service_of_other_code_has_a_route_in_common_by_accident(project: Path, telemap: Telemap) -> None:
    other = [("GET", "/health"), ("GET", "/users"), ("POST", "/users"), ("GET", "/users/{id}")]
    assert code_of_spans(project, telemap, {"other": other}) == {
        "other GET /health": (
            "health",
            7,
            0.237,
            "registered for it, but of 75% of the routes of its service the code is not known",
        ),
        "other GET /users": None,
        "other POST /users": None,
        "other GET /users/{id}": None,
    }
