"""What all pages share: the head, the worker of a tab, runs that can be stopped, and errors."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

from nicegui import background_tasks, ui

from canns.errors import CannsError
from canns.lab.pages.elements import STATIC
from canns.lab.worker import Worker

if TYPE_CHECKING:
    from fastapi import FastAPI

__all__ = ["OPEN", "Tab", "mount", "page_head"]

T = TypeVar("T")

BLUE = "#0072B2"  # of the library's figures

_PAGES = {"/": "Memory", "/plasticity": "Plasticity", "/data": "Your data"}
_NOTICED = 0.4  # s after which a computation is said to take time
#: The tabs that are open.
OPEN: set["Tab"] = set()


class Tab:
    """A tab of a browser: its thread, and the run that is going on in it.

    It is closed when the browser closes the tab, or does not come back for some seconds.

    Args:
        busy: Is shown if a computation takes longer than a moment, as when JAX compiles.
    """

    def __init__(self, busy: ui.label) -> None:
        self.busy = busy
        self.worker = Worker()
        self._run: asyncio.Task[None] | None = None
        #: Whether a run may take another step.
        self.goes_on = False
        #: Held while something is changed and shown, so that the page shows one thing at a time.
        self.turn = asyncio.Lock()
        self._waiting = 0
        OPEN.add(self)
        ui.context.client.on_disconnect(self._lost)
        ui.context.client.on_delete(self.close)
        self.client = ui.context.client

    @property
    def is_running(self) -> bool:
        """Whether a run is going on."""
        return self._run is not None and not self._run.done()

    async def do(self, work: Callable[[], T]) -> T | None:
        """Compute in the thread of the tab; an error becomes one line on the page, and None."""
        self._waiting += 1
        asyncio.get_running_loop().call_later(_NOTICED, self._show_busy)
        try:
            return await self.worker.do(work)
        except CannsError as error:
            self.complain(str(error))
        finally:
            self._waiting -= 1
            self._show_busy()
        return None

    def _show_busy(self) -> None:
        if self.client.is_deleted:
            return
        busy = self._waiting > 0
        if busy != ("now" in self.busy.classes):
            self.busy.classes(add="now" if busy else None, remove=None if busy else "now")

    def complain(self, message: str) -> None:
        """Show an error on the page."""
        if not self.client.is_deleted:
            with self.client:
                line = " ".join(message.split())
                ui.notify(line, type="negative", multi_line=True, timeout=8000, close_button="OK")

    async def start(self, run: Callable[[], Awaitable[None]], on_end: Callable[[], None]) -> None:
        """Begin a run, after the end of one that is going on.

        Args:
            run: It asks :attr:`goes_on` before each of its steps.
            on_end: Called at its end.
        """
        await self.stop()
        self.goes_on = True
        self._run = background_tasks.create(self._guarded(run, on_end), name="canns lab run")

    async def _guarded(
        self, run: Callable[[], Awaitable[None]], on_end: Callable[[], None]
    ) -> None:
        try:
            with self.client:
                await run()
        except TimeoutError:  # the browser no longer answers
            pass
        finally:
            self.goes_on = False
            if not self.client.is_deleted:
                with self.client:
                    on_end()

    async def stop(self) -> None:
        """Let the run end after its present step, and wait for that."""
        self.goes_on = False
        if self._run is not None:
            await asyncio.wait([self._run])

    def _lost(self) -> None:
        """End the run of a browser that is gone."""
        self.goes_on = False

    def close(self) -> None:
        """Stop the run, and free what the tab holds."""
        self.goes_on = False
        self.worker.close()
        OPEN.discard(self)


def page_head(path: str) -> Tab:
    """Draw the links at the top of a page, and return its tab."""
    ui.colors(primary=BLUE)
    dark = ui.dark_mode(value=None)
    ui.link("Skip to the page", "#main").classes("skip")
    with ui.element("header").classes("top"):
        ui.label("canns lab").classes("name")
        with ui.element("nav").classes("line").props('aria-label="Pages"'):
            for target, name in _PAGES.items():
                link = ui.link(name, target)
                if target == path:
                    link.props("aria-current=page")
        ui.element("div").classes("space")
        busy = ui.label("computing …").classes("busy").props("role=status")
        choice = ui.toggle({None: "Auto", False: "Light", True: "Dark"}, value=None)
        choice.props('dense no-caps unelevated aria-label="Colours of the page"')
        choice.on_value_change(lambda event: dark.set_value(event.value))
    return Tab(busy)


def mount(app: "FastAPI") -> None:
    """Add the pages, and a count of what is open, to an application."""
    from nicegui import app as pages

    from canns.lab.pages import memory, own_data, plasticity

    @app.get("/status")  # type: ignore[untyped-decorator]  # FastAPI is not installed with the rest
    def status() -> dict[str, int]:
        """Return how many tabs are open, and in how many a run is going on."""
        return {"tabs": len(OPEN), "running": sum(tab.is_running for tab in OPEN)}

    pages.add_static_files("/static", STATIC)
    ui.add_head_html('<link rel="stylesheet" href="/static/lab.css">', shared=True)
    builders = {"/": memory.build, "/plasticity": plasticity.build, "/data": own_data.build}
    for path, build in builders.items():
        ui.page(path, title=f"{_PAGES[path]} - canns lab")(build)
    ui.run_with(app, tailwind=False, language="en-US", show_welcome_message=False, dark=None)
