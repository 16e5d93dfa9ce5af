"""Two charts of the memory page: overlap against load, and the phase diagram."""

import asyncio

from nicegui import ui

from canns.lab.memory import MemorySession
from canns.lab.pages.elements import Chart, Series, panel, series
from canns.lab.pages.frame import Tab
from canns.lab.settings import DYNAMICS
from canns.lab.theory import (
    Beside,
    Point,
    loads_to_measure,
    measure,
    theory_of,
)

__all__ = ["CapacityCharts"]

_HOTTEST = 1.5
_KEPT = 60  # recalls of one's own that are drawn


class CapacityCharts:
    """The charts, and what was measured for them.

    Args:
        tab: The tab.
        session: The session of the page.
    """

    def __init__(self, tab: Tab, session: MemorySession) -> None:
        self.tab = tab
        self.session = session
        self.measuring = False
        self.points: list[Point] = []
        self.recalls: list[tuple[float, float]] = []
        self.beside = Beside(0.0, None, [], "")
        self._overlap = 0.0
        with panel("Memory breaks at capacity", 6):
            self.curve = Chart(
                "Overlap of a recalled pattern against the load",
                "Load α = P/N (patterns a neuron)",
                "Overlap m",
                y_range=(-0.05, 1.05),
            )
            with ui.element("div").classes("line"):
                self.button = ui.button("Measure the curve", on_click=self._measure_or_stop)
                self.button.props("outline")
                self.progress = ui.label().classes("soft").props("role=status data-fact=progress")
        with panel("Where the network is", 6):
            self.phases = Chart(
                "Phase diagram of load and temperature",
                "Load α = P/N (patterns a neuron)",
                "Temperature T",
                y_range=(0, _HOTTEST),
            )
            self.place = ui.label().props("data-fact=phase")

    async def refresh(self) -> None:
        """Draw both charts for the present settings."""
        session = self.session
        beside = await self.tab.do(lambda: theory_of(session.settings, session.load))
        if beside is None:
            return
        if beside.top != self.beside.top:
            self.curve.span((0, beside.top), (-0.05, 1.05))
            self.phases.span((0, beside.top), (0, _HOTTEST))
        self.beside = beside
        self._draw()

    def here(self, overlap: float) -> None:
        """Mark the overlap that the page shows."""
        self._overlap = overlap
        self.curve.push(self._curve())

    def note_recall(self, overlap: float) -> None:
        """Keep the end of a recall as a point."""
        self._overlap = overlap
        if self.session.num_patterns and self.session.step_count:
            self.recalls = [*self.recalls, (self.session.load, self._overlap)][-_KEPT:]
            self._draw()

    def _draw(self) -> None:
        self.curve.show(self._curve())
        self.phases.show(self._phases())
        self.place.set_text(self.beside.words)

    def _curve(self) -> list[Series]:
        drawn: list[Series] = []
        line = self.beside.overlap
        if line is not None:
            drawn.append(series(line.name, line.x, line.y, "line", "black"))
        if self.points:
            loads, overlaps, low, high = zip(*self.points, strict=True)
            one = series("measured, 95 % interval", loads, overlaps, "points", "blue")
            drawn.append({**one, "low": [*low], "high": [*high]})
        if self.recalls:
            loads, overlaps = zip(*self.recalls, strict=True)
            drawn.append(series("your recalls", loads, overlaps, "points", "green"))
        here = series("you are here", [self.session.load], [self._overlap], "here", "orange")
        return [*drawn, here]

    def _phases(self) -> list[Series]:
        colours = ("grey", "blue", "green")
        kinds = ("dashed", "line", "line")
        lines = [
            series(line.name, line.x, line.y, kind, colour)
            for line, kind, colour in zip(self.beside.phases, kinds, colours, strict=False)
        ]
        place = [self.session.load], [self.session.settings.effective_temperature]
        return [*lines, series("you are here", *place, "here", "orange")]

    async def _measure_or_stop(self) -> None:
        if self.measuring:
            await self.tab.stop()
            return
        await self.tab.start(self._measure, self._ended)
        self.measuring = True
        self.button.set_text("Stop measuring")

    async def _measure(self) -> None:
        session = self.session
        loads = loads_to_measure(session.settings.rule)
        self.points = []
        for k, load in enumerate(loads):
            if not self.tab.goes_on:
                return
            self.progress.set_text(
                f"load {k + 1} of {len(loads)}; {DYNAMICS[session.settings.dynamics][0].lower()}"
            )
            point = await self.tab.do(
                lambda load=load: measure(session.num_neurons, load, session.settings)  # type: ignore[misc]
            )
            if point is None:
                return
            self.points.append(point)
            self._draw()
            await asyncio.sleep(0)

    def _ended(self) -> None:
        self.measuring = False
        self.button.set_text("Measure the curve")
        self.progress.set_text(f"{len(self.points)} loads measured")
