"""Pages of somebody else cannot use this one."""

import http.client

import pytest

SOCKET = "/_nicegui_ws/socket.io/?EIO=4&transport=websocket&client_id=x"
UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version": "13",
}
FOREIGN = "http://evil.test"


def ask(server, method, path, body=None, **headers):
    """Return the status of a request with just these headers."""
    host = server.address.removeprefix("http://")
    connection = http.client.HTTPConnection(host, timeout=30)
    connection.putrequest(method, path, skip_host=True)
    given = {"Host": host, **{name.replace("_", "-"): text for name, text in headers.items()}}
    if body is not None:
        given.setdefault("Content-Length", str(len(body)))
    for name, value in given.items():
        connection.putheader(name, value)
    connection.endheaders(body)
    status = connection.getresponse().status
    connection.close()
    return status


@pytest.mark.parametrize("origin", [FOREIGN, "null", "http://127.0.0.1", None])
def test_a_socket_of_another_page_is_refused(server, origin):
    headers = UPGRADE if origin is None else {**UPGRADE, "Origin": origin}
    assert ask(server, "GET", SOCKET, **headers) == 403


def test_a_socket_of_the_page_is_taken(server):
    assert ask(server, "GET", SOCKET, **UPGRADE, Origin=server.address) == 101


def test_polling_of_another_page_is_refused(server):
    polling = SOCKET.replace("websocket", "polling")
    assert ask(server, "GET", polling, Origin=FOREIGN) == 403
    assert ask(server, "POST", polling, b"40", Origin=FOREIGN) == 403


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": FOREIGN}, 403),
        ({}, 403),
        ({"Origin": "own", "Content-Length": "5000000"}, 413),
        ({"Origin": "own"}, 404),
    ],
    ids=["foreign", "none", "large", "own"],
)
def test_an_upload_needs_the_origin_of_the_page_and_a_size(server, headers, status):
    given = {k: server.address if v == "own" else v for k, v in headers.items()}
    assert ask(server, "POST", "/_nicegui/client/x/upload/1", b"x=1", **given) == status


def test_a_name_that_leads_here_by_a_trick_is_refused(server):
    assert ask(server, "GET", "/", Host="evil.test") == 403
    assert ask(server, "GET", "/", Host="localhost") == 200


def test_a_browser_on_another_page_gets_nothing(server, browser):
    context = browser.new_context()
    context.route(
        f"{FOREIGN}/**", lambda route: route.fulfill(body="<p>evil", content_type="text/html")
    )
    page = context.new_page()
    page.goto(f"{FOREIGN}/")
    outcome = page.evaluate(
        "address => new Promise(done => { const socket = new WebSocket(address);"
        " socket.onopen = () => done('open'); socket.onerror = () => done('refused') })",
        f"{server.address.replace('http', 'ws')}{SOCKET}",
    )
    assert outcome == "refused"
    context.close()


@pytest.mark.parametrize("path", ["/static/../server.py", "/static/%2e%2e/server.py", "/docs"])
def test_no_file_outside_the_static_folder_is_served(server, path):
    assert ask(server, "GET", path) == 404
