"""What the code registers: whole sample applications with their truth beside the handlers, and what is none.

``#: GET /users/{id}`` at the end of a line (``//:`` in other languages) says that the function there is registered so;
``*`` stands for no method.
"""

from __future__ import annotations

import re
import tomllib
from importlib import resources
from pathlib import Path
from textwrap import dedent
from typing import Any, get_type_hints

import pytest
from ast_grep_py import SgRoot

from telemap.code.joined_registrations import MAX_PATHS, joined
from telemap.code.languages import languages, rules
from telemap.code.registration_facts import FileRegistrations
from telemap.code.registration_rules import PARTS, CallRule, Framework, Import, RegistrationRules
from telemap.code.registrations import read_registrations
from telemap.code.symbols import parse_symbols
from telemap.model.code import Registration

APPS = Path(__file__).parent / "apps"
GRAMMARS = {
    ".py": ("python", "python"),
    ".js": ("javascript", "javascript"),
    ".ts": ("javascript", "typescript"),
    ".java": ("java", "java"),
    ".cs": ("csharp", "csharp"),
    ".go": ("go", "go"),
}
_TRUTH = re.compile(r"(?:#|//): (.+)$")

Row = tuple[str, str, str | None, int | None]


def read(text: str, file_path: str, *, with_symbols: bool = False) -> FileRegistrations:
    ending = "." + file_path.rpartition(".")[2]
    folder, grammar = GRAMMARS[ending]
    symbols = parse_symbols(text, file_path, languages()[ending]).symbols if with_symbols else []
    found = read_registrations(SgRoot(text, grammar).root(), file_path, folder, symbols)
    assert found is not None
    return found


def registered(**texts: str) -> list[Registration]:
    """What files register, each named by its path with ``__`` for slashes and ``_DOT_`` for the dot."""
    return joined(
        read(dedent(text), name.replace("__", "/").replace("_DOT_", ".")) for name, text in sorted(texts.items())
    )


def rows(registrations: list[Registration]) -> list[tuple[str, str, str]]:
    return [(one.method, one.name, one.handler) for one in registrations]


def sources(app: Path) -> dict[str, str]:
    files = [file for file in sorted(app.rglob("*")) if file.suffix in GRAMMARS]
    return {file.relative_to(app).as_posix(): file.read_text(encoding="utf-8") for file in files}


def truth(texts: dict[str, str]) -> set[Row]:
    return {
        ("" if one.startswith("*") else one.partition(" ")[0], one.partition(" ")[2], file_path, line_number)
        for file_path, text in texts.items()
        for line_number, line in enumerate(text.splitlines(), start=1)
        if (found := _TRUTH.search(line))
        for one in re.split(r", (?=[A-Z*]+(?: |$))", found[1])
    }


@pytest.mark.parametrize("with_symbols", [True, False], ids=["symbols", "tree"])
@pytest.mark.parametrize("app", [pytest.param(app, id=app.name) for app in sorted(APPS.iterdir())])
def test_an_application_registers_what_stands_beside_its_handlers(app: Path, with_symbols: bool) -> None:
    texts = sources(app)
    known = languages().keys() if with_symbols else frozenset[str]()
    files = [
        read(text, path, with_symbols="." + path.rpartition(".")[2] in known) for path, text in sorted(texts.items())
    ]
    found = {
        (one.method, one.name, one.handler_file_path, one.handler_line_number)
        for one in joined(files)
        if one.handler_file_path is not None
    }
    assert found == truth(texts)


def test_every_framework_of_the_rules_has_an_application_or_a_case() -> None:
    of_apps = {one.framework for app in APPS.iterdir() for one in joined(read(t, p) for p, t in sources(app).items())}
    languages_known = rules("registrations", RegistrationRules).values()
    assert {name for known in languages_known for name in known.frameworks} - of_apps == {
        "faststream",
        "echo",
        "gorilla",
    }


def test_the_rules_have_only_keys_that_are_known() -> None:
    for folder in resources.files("telemap.code").joinpath("rules").iterdir():
        file = folder.joinpath("registrations.toml")
        data = tomllib.loads(file.read_text("utf-8")) if file.is_file() else {}
        assert unknown_keys(data, RegistrationRules) == []


def unknown_keys(data: dict[str, Any], kind: Any) -> list[str]:
    hints = get_type_hints(kind)
    of = {"frameworks": Framework, "imports": Import, **dict.fromkeys(PARTS, CallRule)}
    found = [key for key in data if key not in hints]
    for key, value in data.items():
        inner = value if isinstance(value, list) else value.values() if key == "frameworks" else [value]
        dicts = [each for each in inner if isinstance(each, dict) and key in of]
        found += [f"{key}.{one}" for each in dicts for one in unknown_keys(each, of[key])]
    return found


def test_a_registration_is_read_whole() -> None:
    text = """\
        from fastapi import FastAPI

        app = FastAPI()


        @app.get("/users/{id}")
        def read(id: int): ...
        """
    assert registered(shop__main_DOT_py=text) == [
        Registration("shop/main.py", 6, "http", "fastapi", "GET", "/users/{id}", "read", "shop/main.py", 7)
    ]


def test_a_handler_from_outside_the_tree_has_no_place() -> None:
    text = """\
        from django.contrib.auth import views
        from django.urls import path

        urlpatterns = [path("login/", views.LoginView.as_view())]
        """
    assert registered(urls_DOT_py=text) == [
        Registration("urls.py", 4, "http", "django", "", "login/", "views.LoginView", None, None)
    ]


def test_a_handler_of_an_imported_package_is_none_of_the_same_name() -> None:
    text = """\
        package main
        import ("net/http"; "github.com/prometheus/client_golang/prometheus/promhttp"; "example.com/health")
        type Server struct{}
        func (s *Server) Handler() http.Handler { return nil }
        func Check(w http.ResponseWriter, r *http.Request) {}
        func main() {
            s := &Server{}
            http.Handle("/metrics", promhttp.Handler())
            http.HandleFunc("/health", health.Check)
            http.HandleFunc("/own", Check)
            http.Handle("/shop", s.Handler())
        }
        """
    found = [(one.name, one.handler, one.handler_line_number) for one in registered(main_DOT_go=text)]
    assert found == [
        ("/metrics", "promhttp.Handler", None),
        ("/health", "health.Check", None),
        ("/own", "Check", 5),
        ("/shop", "s.Handler", 4),
    ]


def test_calls_of_other_things_register_nothing() -> None:
    python = """\
        import fastapi

        cache = {}
        cache.get("/users", print)
        client = make_client()

        def run(items):
            items.get("/x", run)
            client.get("/users", run)
        """
    javascript = """\
        const express = require('express');
        const axios = require('axios');
        const seen = new Map();
        axios.get('/users', onReply);
        seen.get('/users', onReply);
        observable.subscribe(onNext, onError);
        function onReply() {}
        """
    go = """\
        package main

        import "net/http"

        func fetch(c *client) { c.store.Get("/users", fetch) }
        """
    assert registered(a_DOT_py=python, b_DOT_js=javascript, c_DOT_go=go) == []


def test_a_router_that_nothing_mounts_keeps_its_own_path() -> None:
    text = """\
        from fastapi import APIRouter

        router = APIRouter(prefix="/users")

        @router.get("/{id}")
        def read(id): ...
        """
    assert rows(registered(users_DOT_py=text)) == [("GET", "/users/{id}", "read")]


def test_routers_that_mount_each_other_end() -> None:
    text = """\
        import express from 'express';
        const a = express.Router();
        const b = express.Router();
        a.use('/a', b);
        b.use('/b', a);
        a.get('/x', (req, res) => res.end());
        """
    assert [one.name for one in registered(a_DOT_js=text)] == ["/b/x"]


def test_functions_that_all_pass_the_application_to_each_other_end() -> None:
    count = 20  # which have more than 10**16 ways from one to another
    functions = [
        f"function f{i}(app) {{ {' '.join(f'f{j}(app);' for j in range(count) if j != i)} app.get('/{i}', list{i}); }}"
        for i in range(count)
    ]
    text = "\n".join(["const app = require('express')();", *functions, "f0(app);"])
    names = sorted(one.name for one in registered(app_DOT_js=text))
    assert names == sorted(f"/{i}" for i in range(count))


def test_a_long_way_to_a_router_ends() -> None:
    groups = "\n".join(f'r{i + 1} := r{i}.Group("/a")' for i in range(1500))
    text = f"""\
package main
import "github.com/gin-gonic/gin"
func main() {{
    r0 := gin.Default()
    {groups}
    r1500.GET("/x", show)
}}
func show(c *gin.Context) {{}}
"""
    [found] = registered(main_DOT_go=text)
    assert (found.handler, found.name[-6:]) == ("show", "/a/a/x")


def test_of_many_ways_to_a_router_some_are_told() -> None:
    levels = [
        line
        for i in range(30)
        for line in (
            f"r{i} = APIRouter()",
            f"r{i}.include_router(r{i - 1}, prefix='/a{i}')" if i else "",
            f"r{i}.include_router(r{i - 1}, prefix='/b{i}')" if i else "",
        )
    ]
    begin, end = (
        ["from fastapi import APIRouter, FastAPI", "app = FastAPI()"],
        ["app.include_router(r29)", "@r0.get('/x')"],
    )
    found = registered(app_DOT_py="\n".join([*begin, *levels, *end, "def show(): ..."]))
    assert (len(found), {one.handler for one in found}) == (MAX_PATHS, {"show"})


def test_a_prefix_that_no_file_tells_is_a_part_that_is_not_known() -> None:
    text = """\
        from fastapi import FastAPI
        from elsewhere import PREFIX

        app = FastAPI()

        @app.get(PREFIX + "/x")
        def read(): ...
        """
    assert rows(registered(a_DOT_py=text)) == [("GET", "${PREFIX}/x", "read")]


def test_a_path_that_is_computed_is_not_known() -> None:
    text = """\
        from fastapi import APIRouter, FastAPI

        router = APIRouter()
        app = FastAPI()
        for prefix in prefixes():
            app.include_router(router, prefix=prefix)
        app.include_router(router, prefix=prefixes()[0])

        @router.get("/x")
        def read(): ...
        """
    assert rows(registered(a_DOT_py=text)) == [("GET", "${prefix}/x", "read"), ("GET", "${}/x", "read")]


def test_a_decorator_of_another_package_is_no_route() -> None:
    text = """\
        import fastapi, tracing

        @tracing.trace
        def read(): ...

        @tracing.trace()
        def write(): ...
        """
    assert registered(a_DOT_py=text) == []


def test_packages_that_import_themselves_end() -> None:
    files = {"a____init___DOT_py": "from a.b import x", "a__b_DOT_py": "from a import x"}
    text = "import fastapi\nfrom a import x\n\n@x.get('/y')\ndef read(): ..."
    assert rows(registered(main_DOT_py=text, **files)) == [("GET", "/y", "read")]


def test_two_values_of_one_constant_decide_nothing() -> None:
    text = """\
        from flask import Flask
        from settings import PREFIX

        app = Flask(__name__)

        @app.get(f"{PREFIX}/x")
        def read(): ...
        """
    found = registered(a_DOT_py=text, b__settings_DOT_py='PREFIX = "/b"', c__settings_DOT_py='PREFIX = "/c"')
    assert rows(found) == [("GET", "${PREFIX}/x", "read")]


def test_messages_of_a_stream_are_registered_by_their_queue() -> None:
    text = """\
        from faststream.kafka import KafkaBroker

        broker = KafkaBroker()

        @broker.subscriber("orders")
        async def on_order(body): ...
        """
    assert [(one.kind, one.name, one.handler) for one in registered(a_DOT_py=text)] == [
        ("messaging", "orders", "on_order")
    ]


def test_go_routers_with_groups_and_prefixes() -> None:
    text = """\
        package main

        import (
            "github.com/gorilla/mux"
            "github.com/labstack/echo/v4"
        )

        func main() {
            e := echo.New()
            e.Group("/api").GET("/users/:id", show)
            r := mux.NewRouter()
            r.PathPrefix("/v1").Subrouter().HandleFunc("/orders", list)
        }

        func show(c echo.Context) error { return nil }

        func list(w http.ResponseWriter, r *http.Request) {}
        """
    assert rows(registered(main_DOT_go=text)) == [("GET", "/api/users/:id", "show"), ("", "/v1/orders", "list")]


def test_a_file_that_does_not_parse_registers_what_can_be_read() -> None:
    text = """\
        from flask import Flask

        app = Flask(__name__)

        @app.get("/a")
        def a(): return 1

        def broken(:

        @app.get("/b")
        def b(): return 1
        """
    assert ("GET", "/a", "a") in rows(registered(a_DOT_py=text))


def test_a_language_without_rules_tells_nothing() -> None:
    assert read_registrations(SgRoot("fn main() {}", "rust").root(), "main.rs", "rust") is None


def test_what_an_argument_is_that_has_no_name_in_the_tree_stops_nothing() -> None:
    text = """\
        using Microsoft.AspNetCore.Builder;
        var app = WebApplication.CreateBuilder(args).Build();
        app.MapGet("/orders", List);
        Log(this);
        """
    assert rows(registered(Program_DOT_cs=text)) == [("GET", "/orders", "List")]


def test_a_path_is_read_as_it_runs() -> None:
    text = """\
        import express from "express";
        const app = express();
        app.get(`/a\\\\b/${ID}\\x2f`, list);
        """
    assert rows(registered(app_DOT_js=text)) == [("GET", "/a\\b/${ID}/", "list")]
