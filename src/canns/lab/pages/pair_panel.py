"""A pair of spikes whose lag is dragged, and the STDP window."""

import numpy as np
from nicegui import ui

from canns.lab.pages.buttons import Code
from canns.lab.pages.elements import Chart, Facts, Words, panel, series, slider
from canns.lab.pages.frame import Tab
from canns.lab.spike_pairs import FARTHEST, Window, window_changes, window_program
from canns.typing import AnyArray

__all__ = ["PairPanel"]

_FIRST_LAG = 10


class PairPanel:
    """A pair of spikes whose lag is dragged, and the window.

    Args:
        tab: The tab.
    """

    def __init__(self, tab: Tab) -> None:
        self.tab = tab
        self.lag = _FIRST_LAG
        self.window = Window()
        self.changes: AnyArray = np.empty(0)
        self.lags = np.arange(-FARTHEST, FARTHEST + 1)
        with panel("A pair of spikes (STDP)", 6):
            self.facts = Facts("Lag", "Change")
            self.spikes = Chart(
                "The two spikes; drag to move the presynaptic one",
                "Time (ms); the postsynaptic spike is at 0",
                "",
                x_range=(-FARTHEST, FARTHEST),
                y_range=(0, 2.2),
                on_pick=lambda time: self._drag(-time),
            )
            self.spikes.classes("low")
            self.chart = Chart(
                "Change of the weight against the lag; drag to choose a lag",
                "Lag t(post) − t(pre) (ms)",
                "Δw / w",
                x_range=(-FARTHEST, FARTHEST),
                on_pick=self._drag,
            )
            self.slider = slider(
                "Lag", -FARTHEST, FARTHEST, 1, self.lag, lambda lag: f"{lag:+.0f} ms"
            )
            self.slider.on_value_change(lambda event: self._move(event.value))
            with ui.element("div").classes("pair"):
                self.inputs = {
                    name: ui.number(words, value=getattr(self.window, name), step=step)
                    for name, words, step in (
                        ("A_plus", "A₊", 0.1),
                        ("tau_plus", "τ₊ (ms)", 1),
                        ("A_minus", "A₋", 0.1),
                        ("tau_minus", "τ₋ (ms)", 1),
                    )
                }
            for field in self.inputs.values():
                field.on("change", self._reshape)
            self.words = Words("p").props("role=status data-fact=pair-words")
            self.code = Code("pair-code")

    async def begin(self) -> None:
        """Measure the window."""
        window = self.window
        changes = await self.tab.do(lambda: window_changes(window, self.lags))
        if changes is not None:
            self.changes = changes
            await self._show()

    async def _reshape(self) -> None:
        values = {name: field.value for name, field in self.inputs.items()}
        window = await self.tab.do(lambda: Window(**values))
        if window is not None:
            self.window = window
            await self.begin()

    def _drag(self, lag: float) -> None:
        self.slider.set_value(int(np.clip(round(lag), -FARTHEST, FARTHEST)))

    async def _move(self, lag: float) -> None:
        self.lag = int(lag)
        if len(self.changes):
            await self._show()

    async def _show(self) -> None:
        lag, window = self.lag, self.window
        change = await self.tab.do(lambda: float(window_changes(window, [lag])[0]))
        if change is None:
            return
        self.facts.show(lag=f"{lag:+d} ms", change=f"{change:+.3f}")
        early, late = self.lags[self.lags < 0], self.lags[self.lags >= 0]
        split = len(early)
        self.chart.push(
            [
                series("depression", early, self.changes[:split], "line", "orange"),
                series("potentiation", late, self.changes[split:], "line", "blue"),
                series("this pair", [lag], [change], "here", "black"),
            ]
        )
        self.spikes.push(
            [
                series("presynaptic", [-lag, -lag], [1.2, 2.1], "line", "green"),
                series("postsynaptic", [0, 0], [0.1, 1.0], "line", "black"),
            ]
        )
        first = (
            "The presynaptic spike comes first" if lag >= 0 else "The postsynaptic spike is first"
        )
        effect = "stronger" if change > 0 else "weaker"
        self.words.set_text(
            f"{first}, so the synapse becomes {effect}: Δw = {change:+.3f}. A step is 1 ms, and "
            "within a step the input comes half a step before the spike."
        )
        self.code.show(window_program(window, lag))
