"""``telemap serve``: the pages in the browser, live from the store."""

from __future__ import annotations

import os
import socket
from threading import Thread
from typing import TYPE_CHECKING, Annotated

import typer

from telemap.cli.options import StoreOption, open_store, project
from telemap.errors import TelemapError

if TYPE_CHECKING:
    from types import FrameType

    import uvicorn

EXAMPLE = "telemap serve --port 4330"
LOCAL = ("localhost", "127.0.0.1", "[::1]")
ALL_ADDRESSES = ("0.0.0.0", "::")


def serve(
    host: Annotated[
        str, typer.Option(metavar="NAME", help="The address to listen at; others than this machine's are open to all.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(metavar="N", help="The port; 0 for any that is free.", min=0, max=65535)] = 4330,
    db: StoreOption = None,
) -> None:
    """Show the pages in the browser, live from the store.

    Only reads the store. Stops with Ctrl-C.
    """
    store = open_store(db)
    shown_host = f"[{host}]" if ":" in host else host
    try:
        import uvicorn

        from telemap.web.resources import Context
        from telemap.web.server import application

        hosts = ["*"] if host in ALL_ADDRESSES else [*LOCAL, shown_host]
        app = application(Context(store, project().root), hosts)
    except ImportError as error:
        raise TelemapError(
            "no-server",
            "the dashboard's server is not installed",
            reason=str(error),
            help="pip install 'telemap[serve]'; telemap report writes the same pages into a file",
        ) from error
    listening = _socket(host, port)
    typer.echo(f"http://{shown_host}:{listening.getsockname()[1]}  (Ctrl-C stops)", err=True)
    Thread(target=app.state.prepare, daemon=True).start()
    _answer_until_stopped(uvicorn.Config(app, log_level="warning", access_log=False, lifespan="off"), listening)


def _answer_until_stopped(config: uvicorn.Config, listening: socket.socket) -> None:
    import uvicorn

    class Server(uvicorn.Server):
        def handle_exit(self, sig: int, frame: FrameType | None) -> None:
            # Nothing is being written, and a thread in the middle of a query ends Python badly where that ends first.
            os._exit(0)

    Server(config).run(sockets=[listening])


def _socket(host: str, port: int) -> socket.socket:
    """A socket that listens.

    Raises:
        TelemapError: ``no-address``: the address is in use, or none of this machine's.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen()
    except OSError as error:
        listening.close()
        raise TelemapError(
            "no-address",
            f"cannot listen at {host}:{port}",
            reason=error.strerror or str(error),
            help="choose another --port, or 0 for any that is free",
        ) from error
    return listening
