"""``canns lab``: what it says, and what it refuses, without a server."""

import socket
import sys

import pytest

from canns import lab as package
from canns.errors import MissingExtraError, ValidationError
from canns.lab import serve


def test_a_missing_package_is_one_line(canns, monkeypatch):
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    code, _, err = canns("lab", "--no-browser")
    assert code == 2
    assert "pip install 'canns[lab]'" in err
    assert err.count("\n") == 1
    with pytest.raises(MissingExtraError):
        serve(show=False)


@pytest.mark.parametrize("words", [("--port", "70000"), ("--port", "-1"), ("--host",)])
def test_options_out_of_range_are_one_line(canns, words):
    code, _, err = canns("lab", *words)
    assert code == 2
    assert err.count("\n") == 1


def test_an_interrupt_ends_with_one_line_and_code_130(canns, monkeypatch):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(package, "serve", interrupted)
    assert canns("lab") == (130, "", "canns: the page is closed\n")


def test_options_are_passed_on(canns, monkeypatch):
    seen = {}

    def serving(host, port, *, show, say):
        seen.update(host=host, port=port, show=show)
        say("hello")

    monkeypatch.setattr(package, "serve", serving)
    code, out, _ = canns("lab", "--host", "0.0.0.0", "--port", "0", "--no-browser")
    assert (code, out) == (0, "hello\n")
    assert seen == {"host": "0.0.0.0", "port": 0, "show": False}


def test_the_page_is_for_this_machine_unless_told():
    assert serve.__defaults__[0] == "127.0.0.1"


def test_a_port_that_is_taken_is_refused():
    from canns.lab.server import bind

    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ValidationError, match="Give another --port"):
            bind("127.0.0.1", port)


@pytest.mark.parametrize("host", ["no such host", "203.0.113.7"])
def test_an_address_of_another_machine_is_refused(host):
    from canns.lab.server import bind

    with pytest.raises(ValidationError, match="a free address of this machine"):
        bind(host, 0)
