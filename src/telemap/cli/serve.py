"""``telemap serve``: the pages in the browser, live from the store."""

import socket
from contextlib import suppress
from threading import Thread
from typing import Annotated

import typer

from telemap.cli.options import StoreOption, open_store, project
from telemap.errors import TelemapError

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
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False, lifespan="off"))
    Thread(target=app.state.prepare, daemon=True).start()
    with suppress(KeyboardInterrupt):  # which it passes on when it has stopped
        server.run(sockets=[listening])


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
