"""Tests of the page in a real browser; `make test-lab` installs what they need and runs them."""

import json
import os
import re
import shutil
import subprocess
import sys
import urllib.request
from importlib.util import find_spec

import pytest

# `make test` has no browser. In `make test-lab`, which asks for this folder, pytest fails if it
# finds no test.
READY = all(find_spec(name) for name in ("nicegui", "playwright"))
collect_ignore_glob = [] if READY else ["test_*.py"]

_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_PATIENCE = (
    150_000  # ms until a wait fails: a first computation compiles, perhaps on a busy machine
)
# What a browser says when a test closes a socket or refuses a file on purpose.
_EXPECTED = re.compile(r"403|413|WebSocket connection|ERR_FAILED")


class Server:
    """The page, served by the command in a process of its own."""

    def __init__(self):
        command = [sys.executable, "-m", "canns", "lab", "--no-browser", "--port", "0"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        self.address = re.search(r"http://[\d.]+:\d+", line)[0]

    def status(self):
        """Return the numbers of open tabs and runs."""
        with urllib.request.urlopen(f"{self.address}/status", timeout=30) as answer:
            return json.load(answer)


@pytest.fixture(scope="session")
def server():
    found = Server()
    yield found
    found.process.terminate()
    found.process.wait(30)
    found.process.stdout.close()


@pytest.fixture(scope="session")
def browser():
    from playwright.sync_api import sync_playwright

    path = next(filter(None, map(shutil.which, _BROWSERS)), None)
    if path is None:
        pytest.fail("There is no Chromium on the PATH: apt-get install chromium")
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    with sync_playwright() as driver:
        launched = driver.chromium.launch(
            executable_path=path, args=["--no-sandbox"] if root else []
        )
        yield launched
        launched.close()


@pytest.fixture
def open_page(server, browser):
    """Return a function that opens one of the pages in a tab, and waits for its connection.

    At the end no script may have failed, and no request may have gone to another machine.
    """
    contexts, asked, wrong = [], [], []

    def opened(path="/"):
        context = browser.new_context(viewport={"width": 1280, "height": 800})
        context.set_default_timeout(_PATIENCE)
        page = context.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("websocket", lambda socket: asked.append(socket.url))
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda said: said.type == "error" and wrong.append(said.text))
        page.goto(server.address + path)
        contexts.append(context)
        return page

    yield opened
    for context in contexts:
        context.close()
    host = server.address.removeprefix("http:")
    inside = re.compile(rf"(http|ws):{re.escape(host)}/|data:|blob:")
    assert asked
    assert [url for url in asked if not inside.match(url)] == []
    assert [line for line in wrong if not _EXPECTED.search(line)] == []


def fact(page, name):
    """Return what the page says of something that it computes."""
    return page.locator(f"[data-fact={name}]").inner_text()


def wait_for(page, name, pattern):
    """Wait until a fact of the page matches a pattern, and return it."""
    page.wait_for_function(
        "([name, pattern]) => new RegExp(pattern).test("
        "document.querySelector(`[data-fact=${name}]`)?.innerText ?? '')",
        arg=[name, pattern],
    )
    return fact(page, name)


def run_code(page, name="code"):
    """Run the Python that the page shows, and return its variables."""
    variables = {}
    code = page.locator(f"[data-fact={name}]").text_content()
    exec(compile(code, "the page", "exec"), variables)
    return variables


def choose(page, label, option):
    """Choose an option of a list, as somebody who reads it does."""
    page.get_by_label(label, exact=True).click()
    page.get_by_role("option", name=option, exact=True).click()


@pytest.fixture
def tools():
    """Return the functions that read and use a page."""
    from types import SimpleNamespace

    return SimpleNamespace(fact=fact, wait_for=wait_for, run_code=run_code, choose=choose)
