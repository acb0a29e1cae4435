"""Which functions a span is linked to by what it says and what the code registers, and how surely."""

from __future__ import annotations

from typing import Any

import pytest

from telemap.code.reading import CodeIndex
from telemap.mapping.routes import RouteIndex
from telemap.model.code import CodeLocation, CodeSymbol, Registration


def symbol(qualified_name: str, file_path: str, line_number: int) -> CodeSymbol:
    name = qualified_name.rpartition(".")[2]
    return CodeSymbol(
        file_path, line_number, line_number + 4, name, qualified_name, "function", "python", True, f"{line_number}"
    )


SYMBOLS = (
    symbol("Greeter.say_hello", "shop/rpc.py", 50),
    symbol("Other.say_bye", "shop/rpc.py", 60),
    symbol("on_order", "shop/queue.py", 10),
    symbol("add", "shop/tasks.py", 5),
    symbol("add_user", "shop/cli.py", 7),
    symbol("list_users", "shop/users.py", 10),
    symbol("read_user", "shop/users.py", 20),
    symbol("change_user", "shop/users.py", 30),
    symbol("second", "shop/users.py", 40),
    symbol("legacy", "shop/old.py", 3),
)
INDEX = CodeIndex(SYMBOLS, tuple(sorted({one.file_path for one in SYMBOLS})))


def http(method: str, route: str, handler: str, line_number: int | None) -> Registration:
    place = "shop/users.py" if line_number else None
    return Registration("shop/urls.py", 1, "http", "fastapi", method, route, handler, place, line_number)


def of_kind(kind: str, name: str, handler: str, file_path: str, line_number: int) -> Registration:
    return Registration(file_path, line_number - 1, kind, "any", "", name, handler, file_path, line_number)


ROUTES = RouteIndex(
    [
        http("GET", "/users", "list_users", 10),
        http("GET", "/users/{user_id}", "read_user", 20),
        http("", "/users/{user_id}", "change_user", 30),
        http("GET", "/twice", "list_users", 10),
        http("GET", "/twice/", "second", 40),
        http("GET", "/files/{path:path}", "second", 40),
        http("GET", "${prefix}/reports/{id}", "second", 40),
        http("GET", "${prefix}/{id}", "legacy", 3),
        http("GET", "/old", "module.legacy", None),
        http("GET", "/gone", "module.unknown", None),
        of_kind("messaging", "orders", "on_order", "shop/queue.py", 10),
        of_kind("task", "src.shop.tasks.add", "add", "shop/tasks.py", 5),
        of_kind("command", "user add", "add_user", "shop/cli.py", 7),
        of_kind("event", "order.paid", "on_order", "shop/queue.py", 10),
    ],
    INDEX,
)


def links(name: str = "", kind: str = "server", **attributes: Any) -> list[tuple[str, int, str, float]]:
    found = ROUTES.locate(name, kind, {key.replace("__", "."): value for key, value in attributes.items()})
    assert {place.evidence for place in found} <= {"route"}
    return [(place.file_path, place.line_number, place.function_name, place.confidence) for place in found]


READ = ("shop/users.py", 20, "read_user")
LIST = ("shop/users.py", 10, "list_users")
CHANGE = ("shop/users.py", 30, "change_user")
SECOND = ("shop/users.py", 40, "second")


@pytest.mark.parametrize("route", ["/users/{user_id}", "users/<int:id>/", "/users/:id", "Users/{id}"])
def test_method_and_route_tell_the_handler(route: str) -> None:
    assert links(http__request__method="GET", http__route=route) == [(*READ, 0.95)]
    assert links(http__method="GET", http__route=route) == [(*READ, 0.95)]


def test_a_handler_of_all_methods_answers_those_that_no_other_does() -> None:
    assert links(http__request__method="PUT", http__route="/users/{id}") == [(*CHANGE, 0.9)]


def test_head_is_answered_by_the_handler_of_get() -> None:
    assert links(http__request__method="HEAD", http__route="/users") == [(*LIST, 0.95)]


def test_without_a_method_all_handlers_of_the_route_share() -> None:
    assert links(http__route="/users/{id}") == [(*READ, 0.45), (*CHANGE, 0.45)]


def test_what_is_registered_twice_shares() -> None:
    assert links(http__request__method="GET", http__route="/twice") == [(*LIST, 0.475), (*SECOND, 0.475)]


def test_the_name_of_the_span_tells_method_and_route() -> None:
    assert links("GET /users/{user_id}") == [(*READ, 0.9)]
    assert links("HTTP GET users/<int:id>/") == [(*READ, 0.9)]


def test_the_name_of_a_query_tells_no_route() -> None:
    assert links("SELECT users/1", kind="internal") == []
    assert links("GET users", kind="", db__system__name="redis") == []
    assert links("GET users", kind="") == [(*LIST, 0.9)]


def test_a_prefix_that_the_code_does_not_tell_leaves_the_end_of_the_route() -> None:
    assert links(http__request__method="GET", http__route="/api/v2/reports/{id}") == [(*SECOND, 0.6)]
    assert links(http__request__method="GET", http__route="/api/{id}") == []


def test_a_path_without_a_route_takes_the_most_specific() -> None:
    assert links(http__request__method="GET", url__path="/users/17") == [(*READ, 0.75)]
    assert links(http__method="GET", http__target="/users?page=2") == [(*LIST, 0.85)]
    assert links("GET", url__path="/files/a/b.txt", http__request__method="GET") == [(*SECOND, 0.5)]
    assert links(http__request__method="GET", url__full="https://shop.example/users/17") == [(*READ, 0.75)]


@pytest.mark.parametrize("sent", ["//users/17", "http://[users/17", "//["])
def test_what_is_no_address_has_no_host_and_harms_nobody(sent: str) -> None:
    expected = [(*READ, 0.75)] if sent == "//users/17" else []
    assert links(http__request__method="GET", http__target=sent) == expected
    assert links(http__request__method="GET", url__full=sent) == expected


def test_a_router_in_front_leaves_the_path_to_tell() -> None:
    told = {"http__request__method": "GET", "http__route": "/users/*"}
    assert links(**told, url__path="/users/17") == [(*READ, 0.75)]
    assert links(**told) == []


def test_a_route_that_nothing_registers_has_no_handler() -> None:
    assert links(http__request__method="GET", http__route="/users/{id}/orders", url__path="/users/7") == []
    assert links(http__request__method="DELETE", http__route="/users") == []
    assert links("GET /nothing") == []
    assert links("checkout", kind="internal") == []


def test_the_calling_side_has_no_handler() -> None:
    for kind in ("client", "SPAN_KIND_CLIENT", "producer"):
        assert links("GET", kind, http__request__method="GET", http__route="/users") == []


def test_a_handler_that_was_not_found_by_import_is_searched_by_name_and_half_as_sure() -> None:
    assert links(http__request__method="GET", http__route="/old") == [("shop/old.py", 3, "legacy", 0.427)]
    assert links(http__request__method="GET", http__route="/gone") == []


def test_a_message_is_received_by_the_listener_of_its_destination() -> None:
    told = {"messaging__destination__name": "orders"}
    listener = [("shop/queue.py", 10, "on_order", 0.9)]
    assert links("orders process", "consumer", **told, messaging__operation__type="process") == listener
    assert links("orders send", "internal", **told, messaging__operation__type="send") == []


def test_a_task_is_known_by_its_name_or_the_end_of_it() -> None:
    task = ("shop/tasks.py", 5, "add")
    assert links("run/shop.tasks.add", "consumer") == [(*task, 0.85)]
    assert links("run/src.shop.tasks.add", "consumer") == [(*task, 0.95)]
    assert links("run", "consumer", celery__task_name="shop.tasks.add") == [(*task, 0.85)]
    assert links("apply_async/shop.tasks.add", "internal") == []
    assert links("run/add", "consumer") == []


@pytest.mark.parametrize("words", [["/bin/shop", "user", "add", "--name", "x"], '["shop", "user", "add", "bob"]'])
def test_a_command_is_known_by_its_words(words: Any) -> None:
    assert links("shop", "internal", process__command_args=words) == [("shop/cli.py", 7, "add_user", 0.9)]


def test_an_event_is_known_by_its_name() -> None:
    assert links("x", "internal", event__name="order.paid") == [("shop/queue.py", 10, "on_order", 0.8)]


def test_a_remote_call_is_answered_by_the_method_of_the_service() -> None:
    hello = ("shop/rpc.py", 50, "Greeter.say_hello")
    assert links("x", rpc__service="shop.Greeter", rpc__method="SayHello") == [(*hello, 0.9)]
    assert links("shop.Greeter/SayHello", rpc__system="grpc") == [(*hello, 0.9)]
    assert links("x", rpc__service="shop.Parting", rpc__method="SayBye") == [("shop/rpc.py", 60, "Other.say_bye", 0.5)]
    assert links("x", rpc__service="shop.Greeter", rpc__method="Unknown") == []


@pytest.mark.parametrize(
    ("class_name", "confidence"),
    [
        ("Cart", 0.9),
        ("GrpcCartService", 0.9),
        ("cart.CartServicer", 0.9),
        ("CartClient", 0.6),
        ("Descartes", 0.6),
        ("server", 0.5),
    ],
)
def test_a_class_that_only_has_the_service_in_its_name_is_unsure(class_name: str, confidence: float) -> None:
    index = CodeIndex((symbol(f"{class_name}.get", "shop/cart.py", 3),), ("shop/cart.py",))
    told = {"rpc.system": "grpc", "rpc.service": "shop.CartService", "rpc.method": "Get"}
    plain = told | {"rpc.service": "shop.Cart"}
    found = [RouteIndex([], index).locate("x", "server", attributes) for attributes in (told, plain)]
    expected = CodeLocation("shop/cart.py", 3, f"{class_name}.get", confidence, "route")
    assert found[1] == (expected,)
    if confidence > 0.6:
        assert found[0] == (expected,)
    assert RouteIndex([], index).locate("x", "server", told | {"rpc.service": "shop."}) == ()


def test_what_is_registered_without_a_name_is_not_what_all_spans_mean() -> None:
    nameless = [of_kind(kind, "", "add", "shop/tasks.py", 5) for kind in ("messaging", "task", "command", "event")]
    assert RouteIndex(nameless, INDEX).locate("checkout", "internal", {}) == ()


def test_what_the_span_says_of_its_place_goes_before_its_route() -> None:
    attributes = {"code.function.name": "shop.tasks.add", "http.request.method": "GET", "http.route": "/users"}
    reason = "the only function of this name, in the declared module"
    assert ROUTES.locate("GET /users", "server", attributes) == (
        CodeLocation("shop/tasks.py", 5, "add", 0.98, "attribute", reason),
    )
