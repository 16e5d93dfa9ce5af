"""The plasticity page: a pair of spikes, synapses that compete, and fields that grow."""

import asyncio
from collections.abc import Awaitable, Callable

import numpy as np
from nicegui import ui

from canns.lab.competition import CompetitionSession, Moment, competition_program
from canns.lab.pages.elements import Chart, Facts, Pixels, Words, grey, panel, series, slider
from canns.lab.pages.frame import Tab, page_head
from canns.lab.receptive_fields import FIELD_RULES, FieldSession, Growth, field_program
from canns.lab.spike_pairs import FARTHEST, Window, window_changes, window_program
from canns.typing import AnyArray

__all__ = ["build"]

_BINS = 20
_FIRST_LAG = 10
_EMPTY = np.full((24, 96), 0.5)  # before there are fields
_KEPT = 400  # points of a curve that grows


def build() -> None:
    """Draw the page for one tab."""
    tab = page_head("/plasticity")
    with ui.element("main").props("id=main"):
        Words("h1", "Plasticity").classes("unseen")
        with ui.element("div").classes("columns"):
            pairs = _Pairs(tab)
            _Competition(tab)
            _Fields(tab)
    ui.timer(0.05, pairs.begin, once=True)


class _Code:
    """The Python of a panel, which can be unfolded."""

    def __init__(self, name: str) -> None:
        with ui.expansion("The same in Python").classes("wide"):
            self._text = Words("pre").classes("code").props(f"tabindex=0 data-fact={name}")

    def show(self, program: str) -> None:
        self._text.set_text(program)


class _Run:
    """A button that begins a run, and ends it."""

    def __init__(self, tab: Tab, run: Callable[[], Awaitable[None]], after: Callable[[], None]):
        self.tab, self.run, self.after = tab, run, after
        self.active = False
        self.button = ui.button("Run", icon="play_arrow", on_click=self._switch)

    def _switch(self) -> None:
        if self.active:
            self.tab.stop()
            return
        self.tab.start(self.run, self._ended)
        self.active = True
        self.button.set_text("Stop")
        self.button.props("icon=stop")

    def _ended(self) -> None:
        self.active = False
        self.button.set_text("Run")
        self.button.props("icon=play_arrow")
        self.after()


class _Pairs:
    """A pair of spikes whose lag is dragged, and the window."""

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
            self.code = _Code("pair-code")

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


class _Competition:
    """Synapses that compete, and the histogram of their weights."""

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
                _Run(tab, self._run, self._ended)
                ui.button("Begin anew", on_click=self._restart).props("outline")
            Words(
                "p",
                "1000 excitatory inputs fire at random, and learn by STDP in which depression wins "
                "by 5 %. The neuron's spikes favour inputs that happened to be early, so synapses "
                "compete: most become weak, some strong, and the output settles.",
            )
            self.code = _Code("competition-code")

    def _restart(self) -> None:
        self.tab.stop()
        self.session, self.outputs = None, []
        self.histogram.show([])
        self.output.show([])
        self.facts.show(time="0 s", mean="1.000")

    async def _run(self) -> None:
        if self.session is None:
            rate = float(self.rate.value)
            self.session = await self.tab.do(lambda: CompetitionSession(rate))
        session = self.session
        while session is not None:
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


class _Fields:
    """Receptive fields that grow on patches of photographs."""

    def __init__(self, tab: Tab) -> None:
        self.tab = tab
        self.session: FieldSession | None = None
        self.changes: list[tuple[int, float]] = []
        with (
            panel("Fields grow on patches of photographs", 12),
            ui.element("div").classes("columns"),
        ):
            with ui.element("div").classes("stack w4"):
                self.rule = ui.select(
                    {name: rule.words for name, rule in FIELD_RULES.items()},
                    value="sanger",
                    label="Learning rule",
                )
                self.rule.on_value_change(self._restart)
                with ui.element("div").classes("line"):
                    _Run(tab, self._run, self._ended)
                    ui.button("Begin anew", on_click=self._restart).props("outline")
                self.facts = Facts("Patches", "Norm of ΔW")
                self.words = Words("p", FIELD_RULES["sanger"].says)
                self.curve = Chart("Change of the weights", "Patches shown", "|ΔW|")
            with ui.element("div").classes("stack w8"):
                Words(
                    "p",
                    "Weights of each neuron: blue excites, orange inhibits, each scaled to "
                    "its own largest",
                ).classes("soft")
                self.pixels = Pixels(
                    *_EMPTY.shape, "Receptive fields", grey(_EMPTY), palette="fields"
                )
                self.pixels.classes("fields")
                self.code = _Code("field-code")

    def _restart(self) -> None:
        self.tab.stop()
        self.session, self.changes = None, []
        self.words.set_text(FIELD_RULES[str(self.rule.value)].says)
        self.pixels.become(*_EMPTY.shape, grey(_EMPTY))
        self.curve.show([])
        self.facts.show(patches="0", norm="–")

    async def _run(self) -> None:
        if self.session is None:
            rule = str(self.rule.value)
            self.session = await self.tab.do(lambda: FieldSession(rule))
        session = self.session
        while session is not None:
            growth = await self.tab.do(session.grow)
            if growth is None:
                return
            await self._show(growth)
            await asyncio.sleep(0.03)

    def _ended(self) -> None:
        if self.session is not None:
            self.code.show(field_program(self.session))

    async def _show(self, growth: Growth) -> None:
        self.changes.append((growth.num_patches, growth.change))
        patches, changes = zip(*self.changes[-_KEPT:], strict=True)
        self.curve.push([series("", patches, changes, "line", "blue")])
        self.facts.show(patches=f"{growth.num_patches:,}", norm=f"{growth.change:.3f}")
        picture, tile = _montage(growth.fields)
        if len(self.changes) == 1:
            rows, columns = picture.shape
            self.pixels.become(rows, columns, grey(picture), tile)
        await self.pixels.run_method("show", grey(picture), timeout=10)


def _montage(fields: AnyArray) -> tuple[AnyArray, int]:
    """Return all fields side by side, each scaled to [0, 1] around 1/2, and their side."""
    count, side, _ = fields.shape
    largest = np.abs(fields).max(axis=(1, 2), keepdims=True)
    scaled = 0.5 + 0.5 * fields / np.where(largest == 0, 1, largest)
    columns = min(count, 8)
    rows = scaled.reshape(-1, columns, side, side).transpose(0, 2, 1, 3)
    return rows.reshape(-1, columns * side), side
