"""The live dashboard: the front end, and the resources as a small read-only HTTP API."""

from __future__ import annotations

import json
import weakref
from collections import defaultdict
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from threading import Lock
from typing import TYPE_CHECKING

import msgspec

from telemap import __version__
from telemap.errors import TelemapError
from telemap.web.front_end import FILES, front_end
from telemap.web.openapi import openapi
from telemap.web.resources import Context, Resource, address, resource, settings_of

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response

KEPT_ANSWERS = 256
FIRST = ("timeline/lanes", "overview")  # what takes long and somebody will look at
LEAST_PACKED_BYTES = 1000
PACKING = 5  # nearly as small as at 9, in half the time
SAFE = {
    "Content-Security-Policy": "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "worker-src 'self' blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_ENCODER = msgspec.json.Encoder(enc_hook=str, decimal_format="number")


class _Now:
    """The answers of a store as it is at one time; what they are made of is let go with the last one that is made."""

    def __init__(self, context: Context, state: str) -> None:
        self.state = state
        held = ExitStack()
        weakref.finalize(self, held.close)
        self._asked = Context(held.enter_context(context.store.held()), context.root)
        self._made: dict[str, bytes] = {}
        self._making: dict[str, Lock] = defaultdict(Lock)

    def of(self, asked_for: Resource, params: object) -> bytes:
        """The answer, made if need be."""
        where = address(asked_for.name, params)
        # Of two that change views at a time the second would be refused.
        with self._making[where if asked_for.only_looks else ""]:
            if where not in self._made:
                self._made[where] = _ENCODER.encode(asked_for.run(self._asked, params))
                while len(self._made) > KEPT_ANSWERS:
                    self._made.pop(next(iter(self._made)), None)
            return self._made[where]


class Answers:
    """Answers as bytes, each made once for a state of the store.

    Args:
        context: what is asked.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._lock = Lock()
        self._now: _Now | None = None

    def state(self) -> str:
        """Changes when answers do."""
        return self._context.store.state()

    def of(self, name: str, query: Mapping[str, str]) -> bytes:
        """The answer of a resource, as JSON.

        Raises:
            TelemapError: what the resource raises; ``no-resource``, ``bad-setting``.
        """
        asked_for = resource(name)
        params = settings_of(asked_for, query)
        with self._lock:
            state = self.state()
            if self._now is None or self._now.state != state:
                self._now = _Now(self._context, state)
            now = self._now
        return now.of(asked_for, params)

    def prepare(self) -> None:
        """Make what pages show first, before anybody asks for it."""
        for name in FIRST:
            with suppress(TelemapError):  # which whoever asks is told
                self.of(name, {})


def application(context: Context, hosts: list[str]) -> Starlette:
    """The dashboard of a store, for requests to one of ``hosts``; others are refused. ``state.prepare`` warms it up.

    A page of another site can be made to reach a server of this machine under a name of its own.
    """
    from starlette.applications import Starlette
    from starlette.concurrency import run_in_threadpool
    from starlette.middleware import Middleware
    from starlette.middleware.gzip import GZipMiddleware
    from starlette.middleware.trustedhost import TrustedHostMiddleware
    from starlette.responses import Response
    from starlette.routing import Route

    answers = Answers(context)

    def page(file: str) -> Route:
        headers = SAFE | {"Cache-Control": "no-cache"}
        content = front_end(file)

        async def sent(request: Request) -> Response:
            return Response(content, headers=headers, media_type=FILES[file])  # one each: packing changes its headers

        return Route("/" if file == "index.html" else f"/{file}", sent, methods=["GET"])

    async def description(request: Request) -> Response:
        return Response(json.dumps(openapi()), headers=SAFE, media_type="application/json")

    async def answer(request: Request) -> Response:
        tag = f'W/"{__version__}-{answers.state()}"'  # another version may answer in other shapes
        headers = SAFE | {"Cache-Control": "no-cache", "ETag": tag}
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers=headers)
        try:
            made = await run_in_threadpool(answers.of, request.path_params["name"], request.query_params)
        except TelemapError as error:
            status = 404 if error.slug == "no-resource" else 400
            return Response(_refusal(error), status, SAFE, "application/json")
        return Response(made, headers=headers, media_type="application/json")

    app = Starlette(
        routes=[
            *map(page, FILES),
            Route("/api/openapi.json", description, methods=["GET"]),
            Route("/api/{name:path}", answer, methods=["GET"]),
        ],
        middleware=[
            Middleware(TrustedHostMiddleware, allowed_hosts=hosts),
            Middleware(GZipMiddleware, minimum_size=LEAST_PACKED_BYTES, compresslevel=PACKING),
        ],
    )
    app.state.prepare = answers.prepare
    return app


def _refusal(error: TelemapError) -> bytes:
    told = {name: getattr(error, name) for name in ("slug", "summary", "reason", "place", "help")}
    return _ENCODER.encode({"error": told})
