"""Routes in one form, and the routes that a path takes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telemap.code.route_paths import RouteTable, route_key


@pytest.mark.parametrize(
    ("key", "routes"),
    [
        ("users/{}", ["/users/{user_id}", "users/<int:id>/", "/users/:id", "/users/{id}", "Users/{id:int}"]),
        ("users/{}", ["^users/(?P<id>[0-9]{4})/$", r"/users/:id(\d+)", r"/users/{id:\d+}", r"^users/\d+/\Z"]),
        ("files/{*}", ["/files/*", "/files/*action", "files/<path:name>", "/files/{path:path}", "/files/{**path}"]),
        ("files/{*}", ["/files/{path...}", "/files/(.*)", "^files/(?P<rest>.+)$", "/files/:rest(.*)"]),
        ("users/{?}", ["/users/:id?", "users/{id?}"]),
        ("api/articles/{}/{}", [r"api/^articles/(?P<slug>[-\w]+)/\d+/$"]),
        ("books/{}-{}.json", ["/books/:from-:to.json", "/books/{from}-{to}.json"]),
        ("{}/x", ["/${PREFIX}/x", "^(?:en|de)/x$"]),
        ("", ["/", "", "^$", "/{$}"]),
    ],
)
def test_what_frameworks_write_differently_is_one_route(key: str, routes: list[str]) -> None:
    assert {route: route_key(route) for route in routes} == dict.fromkeys(routes, key)


@given(st.text(alphabet="ab/:*{}()<>[]^$?+\\.1|", max_size=12))
def test_whatever_is_written_has_a_key_without_slashes_at_its_ends(route: str) -> None:
    key = route_key(route)
    assert key == key.strip("/")


@pytest.mark.parametrize(
    ("path", "taken"),
    [
        ("/users/me", [("/users/me", 1.0), ("/users/{id}", 0.5), ("/users/{id}/{tab?}", 0.5)]),
        ("/Users/7/", [("/users/{id}", 0.5), ("/users/{id}/{tab?}", 0.5)]),
        ("/users/7/orders", [("/users/{id}/{tab?}", 1 / 3)]),
        ("/files/a/b", [("/files/{path:path}", 1 / 3)]),
        ("/files", [("/files/{path:path}", 1.0)]),
        ("/files/a.png", [("/files/{name}.png", 0.5), ("/files/{path:path}", 0.5)]),
        ("/", [("/", 1.0)]),
        ("/nothing/here", []),
    ],
)
def test_a_path_takes_the_most_specific_route_first(path: str, taken: list[tuple[str, float]]) -> None:
    table: RouteTable[str] = RouteTable()
    for route in ("/", "/users/{id}", "/users/me", "/users/{id}/{tab?}", "/files/{path:path}", "/files/{name}.png"):
        table.add(route_key(route), route)
    assert [(value, share) for values, share in table.taking(path) for value in values] == taken
