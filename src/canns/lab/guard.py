"""A gate before the pages: who may ask, how much may be sent, and what a browser may load.

It is an ASGI application around another one, and needs no package.
"""

from collections.abc import Awaitable, Callable, MutableMapping
from ipaddress import ip_address
from typing import Any, TypeAlias
from urllib.parse import urlsplit

__all__ = ["MOST_BYTES", "Guard", "is_loopback"]

Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
Application: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]

#: The most bytes of a request: an upload of 4 MB with the lines around it.
MOST_BYTES = 4_200_000

# The page comes whole from this server. Vue compiles templates, which needs unsafe-eval.
_POLICY = (
    "default-src 'none'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'self'; frame-ancestors 'none'"
)
_HEADERS = [
    (b"content-security-policy", _POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
]
_SAFE = ("GET", "HEAD")


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches a host.

    Example:
        >>> is_loopback("127.0.0.1"), is_loopback("localhost"), is_loopback("0.0.0.0")
        (True, True, False)
    """
    return host == "localhost" or (_is_address(host) and ip_address(host).is_loopback)


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


class Guard:
    """Pass on only requests that a browser makes from the page itself.

    - The Host must be the server's own name. Another name that leads here belongs to a page of
      somebody else (DNS rebinding). Beyond loopback, addresses in digits are taken too, because no
      name server can redirect them.
    - An Origin must be the Host. Sockets, and requests that send something, must have one.
    - What is sent must say its length, at most :data:`MOST_BYTES`.

    Args:
        app: The application.
        names: Names and addresses of the server, without ports.
        anywhere: Whether it listens beyond loopback.
    """

    def __init__(self, app: Application, names: set[str], *, anywhere: bool = False) -> None:
        self.app = app
        self.names = {name.lower() for name in names}
        self.anywhere = anywhere

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        refused = self._refusal(scope)
        if refused is None:
            await self.app(scope, receive, _with_headers(send))
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008, "reason": refused[1]})
        else:
            await _answer(send, *refused)

    def _refusal(self, scope: Scope) -> tuple[int, str] | None:
        """Return the status and the reason for which a request is refused, or None."""
        headers = [
            (name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]
        ]
        given = dict(headers)
        hosts = [value for name, value in headers if name == "host"]
        if len(hosts) != 1 or not self._is_own(hosts[0]):
            return 403, "This page has another address."
        sends = scope["type"] == "websocket" or scope["method"] not in _SAFE
        origin = given.get("origin")
        if (sends or origin is not None) and not _is_same(origin, hosts[0]):
            return 403, "This request comes from another page."
        if scope["type"] == "http" and scope["method"] not in _SAFE:
            return _too_much(given)
        return None

    def _is_own(self, host: str) -> bool:
        try:
            name = (urlsplit(f"//{host}").hostname or "").lower()
        except ValueError:  # brackets that are no address
            return False
        return name in self.names or (self.anywhere and _is_address(name))


def _is_same(origin: str | None, host: str) -> bool:
    return origin is not None and origin.lower() in (
        f"http://{host}".lower(),
        f"https://{host}".lower(),
    )


def _too_much(headers: dict[str, str]) -> tuple[int, str] | None:
    length = headers.get("content-length", "")
    if "transfer-encoding" in headers or not length.isascii() or not length.isdigit():
        return 411, "Say how long it is."
    if len(length) > len(str(MOST_BYTES)) or int(length) > MOST_BYTES:
        return 413, "This file is too large."
    return None


def _with_headers(send: Send) -> Send:
    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message.get("headers", []), *_HEADERS]}
        await send(message)

    return sent


async def _answer(send: Send, status: int, reason: str) -> None:
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"connection", b"close"),
        *_HEADERS,
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": f"{reason}\n".encode()})
