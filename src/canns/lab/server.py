"""The server of the page."""

import socket
import webbrowser
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from canns._extras import require
from canns._validation import check_flag, check_size
from canns.errors import ValidationError
from canns.lab.guard import Guard, is_loopback

__all__ = ["bind", "serve"]

_LONGEST_MESSAGE = 1_000_000  # bytes from a browser over its socket
_PATIENCE = 2  # seconds that open sockets have to close


def serve(
    host: str = "127.0.0.1",
    port: int = 8080,
    *,
    show: bool = True,
    say: Callable[[str], None] = print,
) -> None:
    """Serve the page until the process is interrupted.

    Args:
        host: The address to listen at. Any but loopback lets others in the network use the page.
        port: The port; 0 for one that is free.
        show: Open the page in a browser.
        say: Is told the address, and a warning if others can reach it.

    Raises:
        ValidationError: If nothing can listen at the address.
        MissingExtraError: If NiceGUI is not installed.
        KeyboardInterrupt: When the process is interrupted.
    """
    check_size("port", port, low=0, high=65535)
    check_flag("show", show)
    uvicorn = require("uvicorn", "lab")
    fastapi = require("fastapi", "lab")
    require("nicegui", "lab")
    from canns.lab import pages  # needs NiceGUI

    listening = bind(host, port)
    address = f"http://{_in_url(host)}:{listening.getsockname()[1]}/"

    @asynccontextmanager
    async def opened(_: object) -> AsyncIterator[None]:
        say(f"The page is at {address} (Ctrl-C ends it)")
        if show:
            webbrowser.open(address)
        yield

    app = fastapi.FastAPI(docs_url=None, redoc_url=None, openapi_url=None, lifespan=opened)
    pages.mount(app)
    anywhere = not is_loopback(host)
    if anywhere:
        say(
            f"Warning: everybody who can reach {host} can use this page, and sees it unencrypted. "
            "Leave --host out to keep it to this machine."
        )
    config = uvicorn.Config(
        Guard(app, _names(host), anywhere=anywhere),
        log_level="warning",
        ws="wsproto",
        ws_max_size=_LONGEST_MESSAGE,
        timeout_graceful_shutdown=_PATIENCE,
    )
    uvicorn.Server(config).run(sockets=[listening])


def bind(host: str, port: int) -> socket.socket:
    """Return a socket that holds the address."""
    try:
        family, *_, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        return socket.create_server(place[:2], family=family)
    except (OSError, UnicodeError) as error:
        got = f"{host}:{port} ({error})"
        remedy = "Give another --port, or 0 for any that is free."
        raise ValidationError(
            "--host and --port", "a free address of this machine", got, remedy
        ) from error


def _names(host: str) -> set[str]:
    """Return the names by which a browser may call the server."""
    loopback = {"localhost", "127.0.0.1", "::1"}
    if is_loopback(host):
        return loopback | {host}
    own = socket.gethostname()
    return loopback | {host, own, f"{own}.local", socket.getfqdn()}


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host
