"""The command imr-web: one server on the loopback address, for the user who started it."""

from __future__ import annotations

import secrets
import socket
import sys
import threading
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING

import click

from imr_search import __version__
from imr_search.errors import ImrError, UsageError
from imr_search.output.messages import error as told
from imr_search.output.terminal import of_terminal

try:
    import uvicorn

    from imr_search.searching.library import Library
    from imr_search.web.app import create_app
    from imr_search.web.connections import TimedProtocol
    from imr_search.web.saved_view import Kept
    from imr_search.web.security import LONGEST_ADDRESS
except ModuleNotFoundError as problem:  # the extra is not installed
    MISSING = problem.name or ""
else:
    MISSING = ""

if TYPE_CHECKING:
    from starlette.types import ASGIApp

PORT = 8417
LOOPBACK = "127.0.0.1"
INTERRUPTED = 130
CONNECTIONS = 128


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("-i", "--index", metavar="DIR", help="where the index lies (default: as imr-search finds it)")
@click.option(
    "--port", type=click.IntRange(1, 65535), metavar="N", help=f"the port to listen on (default {PORT}, or a free one)"
)
@click.option("--no-open", is_flag=True, help="do not open a browser; print the address alone")
@click.version_option(__version__, prog_name="imr-web", message="%(prog)s %(version)s")
def web_command(index: str | None, port: int | None, no_open: bool) -> None:
    """Search the index in a browser, on this machine alone. Ctrl-C ends it."""
    try:
        serve(index, port, opens=not no_open)
    except ImrError as problem:
        for line in told(problem, of_terminal(2, "auto"), "imr-web"):
            click.echo(line, err=True)
        sys.exit(problem.exit_code)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


def serve(index: str | None, port: int | None, *, opens: bool) -> None:
    """Listen until interrupted. Raises ImrError: the extra is missing, there is no index, the port is taken."""
    if MISSING:
        raise UsageError(f"imr-web needs {MISSING}", "pip install 'imr-search[web]'")

    def opener() -> Library:
        return Library.open(Path(index) if index else None, saved=Kept())

    opener().close()  # no index: said at once, and not in a browser
    listening = listen(port)
    number = int(listening.getsockname()[1])
    token, entry = secrets.token_urlsafe(16), secrets.token_urlsafe(16)
    config = configured(create_app(opener, token=token, port=number, entry=entry))
    click.echo(f"imr-web: http://{LOOPBACK}:{number}/{token}/   (for this machine's browser; Ctrl-C ends it)")
    if opens:
        # A command line can be read by others on this machine: what is opened so works once.
        address = f"http://{LOOPBACK}:{number}/{entry}/"
        threading.Timer(0.3, webbrowser.open, (address,)).start()
    uvicorn.Server(config).run(sockets=[listening])


def configured(app: ASGIApp) -> uvicorn.Config:
    """How the server is run."""
    return uvicorn.Config(
        app,
        http=TimedProtocol,
        log_level="warning",
        access_log=False,  # addresses hold queries, and the token
        server_header=False,
        proxy_headers=False,
        ws="none",
        lifespan="off",
        limit_concurrency=CONNECTIONS,
        h11_max_incomplete_event_size=2 * LONGEST_ADDRESS,  # what is longer than an address may be is told by the gate
        timeout_graceful_shutdown=2,
    )


def listen(port: int | None) -> socket.socket:
    """A socket on the loopback address: on `port`, else on the usual one, else on any that is free. Raises UsageError."""
    for number in [port] if port is not None else [PORT, 0]:
        found = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            found.bind((LOOPBACK, number))
        except OSError as error:
            found.close()
            if number == 0 or port is not None:
                raise UsageError(
                    f"port {port} cannot be used: {error.strerror}", "leave --port out, or give another number"
                ) from None
            continue
        found.listen(CONNECTIONS)
        return found
    raise UsageError("no port is free")
