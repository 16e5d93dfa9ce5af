"""Synapses that compete, and the histogram of their weights."""

import numpy as np
from nicegui import ui

from canns.lab.competition import CompetitionSession, Moment, competition_program
from canns.lab.pages.buttons import Code, RunButton
from canns.lab.pages.elements import Chart, Facts, Words, panel, series, slider
from canns.lab.pages.frame import Tab

__all__ = ["CompetitionPanel"]

_BINS = 20
_KEPT = 400  # points of a curve that grows


class CompetitionPanel:
    """Synapses that compete, and the histogram of their weights.

    Args:
        tab: The tab.
    """

    def __init__(self, tab: Tab) -> None:
        self.tab = tab
        self.session: CompetitionSession | None = None
        self.outputs: list[int] = []
        with panel("Spikes compete (Song, Miller & Abbott 2000)", 6):
            self.facts = Facts("Time", "Mean weight", "Weak (< 0.1)", "Strong (> 0.9)")
            self.histogram = Chart(
                "Histogram of the weights",
                "Weight over the largest, g / g_max",
                "Synapses",
                x_range=(0, 1),
            )
            self.output = Chart("Output of the neuron", "Time (s)", "Output (Hz)")
            self.rate = slider("Rate of the inputs", 10, 40, 5, 20, lambda rate: f"{rate:.0f} Hz")
            self.rate.on_value_change(self._restart)
            with ui.element("div").classes("line"):
                RunButton(tab, self._run, self._ended)
                ui.button("Begin anew", on_click=self._restart).props("outline")
            Words(
                "p",
                "1000 excitatory inputs fire at random, and learn by STDP in which depression wins "
                "by 5 %. The neuron's spikes favour inputs that happened to be early, so synapses "
                "compete: most become weak, some strong, and the output settles.",
            )
            self.code = Code("competition-code")

    async def _restart(self) -> None:
        await self.tab.stop()
        self.session, self.outputs = None, []
        self.histogram.show([])
        self.output.show([])
        self.facts.show(time="0 s", mean="1.000")

    async def _run(self) -> None:
        if self.session is None:
            rate = float(self.rate.value)
            self.session = await self.tab.do(lambda: CompetitionSession(rate))
        session = self.session
        while session is not None and self.tab.goes_on:
            moment = await self.tab.do(session.run)
            if moment is None:
                return
            self.outputs.append(moment.output)
            await self._show(moment)

    def _ended(self) -> None:
        if self.session is not None:
            self.code.show(competition_program(self.session))

    async def _show(self, moment: Moment) -> None:
        counts, edges = np.histogram(moment.weights, _BINS, (0, 1))
        times = range(1, len(self.outputs) + 1)
        self.output.push([series("", [*times][-_KEPT:], self.outputs[-_KEPT:], "line", "black")])
        self.facts.show(
            time=f"{moment.seconds} s",
            mean=f"{moment.weights.mean():.3f}",
            weak=f"{np.mean(moment.weights < 0.1):.0%}",
            strong=f"{np.mean(moment.weights > 0.9):.0%}",
        )
        middles = edges[:-1] + 0.5 / _BINS
        bars = [series("", middles, counts, "bars", "blue")]
        await self.histogram.run_method("show", bars, timeout=10)
