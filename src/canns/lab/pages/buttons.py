"""Parts that the panels of the plasticity page share: their Python, and a button that runs."""

from collections.abc import Awaitable, Callable

from nicegui import ui

from canns.lab.pages.elements import Words
from canns.lab.pages.frame import Tab

__all__ = ["Code", "RunButton"]


class Code:
    """The Python of a panel, which can be unfolded.

    Args:
        name: Its name among the facts of the page.
    """

    def __init__(self, name: str) -> None:
        with ui.expansion("The same in Python").classes("wide"):
            self._text = Words("pre").classes("code").props(f"tabindex=0 data-fact={name}")

    def show(self, program: str) -> None:
        """Show a program."""
        self._text.set_text(program)


class RunButton:
    """A button that begins a run, and ends it.

    Args:
        tab: The tab.
        run: The run.
        after: Called at its end.
    """

    def __init__(self, tab: Tab, run: Callable[[], Awaitable[None]], after: Callable[[], None]):
        self.tab, self.run, self.after = tab, run, after
        self.active = False
        self.button = ui.button("Run", icon="play_arrow", on_click=self._switch)

    async def _switch(self) -> None:
        if self.active:
            await self.tab.stop()
            return
        await self.tab.start(self.run, self._ended)
        self.active = True
        self.button.set_text("Stop")
        self.button.props("icon=stop")

    def _ended(self) -> None:
        self.active = False
        self.button.set_text("Run")
        self.button.props("icon=play_arrow")
        self.after()
