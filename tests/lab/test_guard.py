"""The gate before the pages: whose requests pass, and how large they may be."""

import asyncio

import pytest

from canns.lab.guard import MOST_BYTES, Guard, is_loopback

OWN = "127.0.0.1:8080"


async def _answering(scope, receive, send):
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": [(b"a", b"b")]})
        await send({"type": "http.response.body", "body": b"hello"})
    else:
        await send({"type": "websocket.accept"})


def ask(kind="http", method="GET", anywhere=False, hosts=(OWN,), **headers):
    """Return the messages that a request is answered with."""
    sent = []

    async def send(message):
        sent.append(message)

    async def receive():
        return {"type": f"{kind}.connect"}

    given = [(b"host", host.encode()) for host in hosts]
    given += [(name.replace("_", "-").encode(), str(v).encode()) for name, v in headers.items()]
    guard = Guard(_answering, {"127.0.0.1", "localhost", "::1"}, anywhere=anywhere)
    asyncio.run(guard({"type": kind, "method": method, "headers": given}, receive, send))
    return sent


def status(**request):
    return ask(**request)[0]["status"]


@pytest.mark.parametrize("host", [OWN, "localhost:1", "LOCALHOST", "[::1]:8080"])
def test_the_servers_own_names_pass(host):
    assert status(hosts=(host,)) == 200


@pytest.mark.parametrize(
    "hosts", [("evil.test",), (), (OWN, OWN), ("",), ("[::1",), ("192.168.1.5",), ("127.0.0.1.x",)]
)
def test_other_names_do_not(hosts):
    assert status(hosts=hosts) == 403


def test_beyond_loopback_addresses_in_digits_pass_and_names_do_not():
    assert status(hosts=("192.168.1.5:80",), anywhere=True) == 200
    assert status(hosts=("evil.test",), anywhere=True) == 403


@pytest.mark.parametrize(
    "origin", ["http://evil.test", "null", "http://127.0.0.1", "http://127.0.0.1:81", "file://"]
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_another_origin_is_refused(method, origin):
    assert status(method=method, origin=origin, content_length=1) == 403


def test_the_own_origin_passes():
    assert status(origin=f"http://{OWN}") == 200
    assert status(method="POST", origin=f"https://{OWN}", content_length=10) == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_what_sends_needs_an_origin(method):
    assert status(method=method, content_length=1) == 403


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"content_length": MOST_BYTES}, 200),
        ({"content_length": MOST_BYTES + 1}, 413),
        ({"content_length": "9" * 5000}, 413),
        ({"content_length": "-1"}, 411),
        ({"content_length": "²"}, 411),
        ({}, 411),
        ({"content_length": 1, "transfer_encoding": "chunked"}, 411),
    ],
)
def test_what_is_sent_says_its_length(headers, code):
    assert status(method="POST", origin=f"http://{OWN}", **headers) == code


def test_a_socket_needs_the_own_origin():
    assert ask("websocket", origin=f"http://{OWN}")[0]["type"] == "websocket.accept"
    for refused in ({}, {"origin": "http://evil.test"}, {"origin": "null"}):
        assert ask("websocket", **refused)[0] == {
            "type": "websocket.close",
            "code": 1008,
            "reason": "This request comes from another page.",
        }


@pytest.mark.parametrize("request_", [{}, {"hosts": ("evil.test",)}])
def test_every_answer_says_what_a_page_may_load(request_):
    headers = dict(ask(**request_)[0]["headers"])
    policy = headers[b"content-security-policy"].decode()
    assert "default-src 'none'" in policy
    assert "connect-src 'self'" in policy
    assert "http" not in policy
    assert headers[b"x-content-type-options"] == b"nosniff"


def test_the_start_of_the_server_passes():
    seen = []

    async def app(scope, receive, send):
        seen.append(scope["type"])

    asyncio.run(Guard(app, set())({"type": "lifespan"}, None, None))
    assert seen == ["lifespan"]


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        *((host, True) for host in ("127.0.0.1", "127.5.0.1", "::1", "localhost")),
        *((host, False) for host in ("0.0.0.0", "::", "10.0.0.1", "example.org")),
    ],
)
def test_which_hosts_only_this_machine_reaches(host, loopback):
    assert is_loopback(host) == loopback
