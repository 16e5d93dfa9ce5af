"""The memory page: draw, store, corrupt, recall, and see where memories end."""

import asyncio
from collections import deque
from dataclasses import replace

import numpy as np
from nicegui import ui

from canns.lab.memory import (
    DYNAMICS,
    RULES,
    SIDES,
    Frame,
    MemorySession,
    most_patterns,
    picture_names,
)
from canns.lab.pages.capacity import CapacityCharts
from canns.lab.pages.elements import Chart, Facts, Pixels, Words, panel, series, signs, slider
from canns.lab.pages.frame import Tab, page_head
from canns.lab.program import memory_program

__all__ = ["build"]

_SWEEPS = 100  # of the raster and the charts
_DRAWN = 8  # patterns with a picture, and a line of their own
_SHORTEST = 1 / 40  # s between two frames


def build() -> None:
    """Draw the page for one tab."""
    _Page(page_head("/"))


class _Page:
    """The page of one tab; all that it shows comes from its session."""

    def __init__(self, tab: Tab) -> None:
        self.tab = tab
        self.session = MemorySession(16)
        self.trace: deque[Frame] = deque(maxlen=_SWEEPS + 1)
        with ui.element("main").props("id=main"):
            Words("h1", "Associative memory").classes("unseen")
            with ui.element("div").classes("columns"):
                self._draw_state()
                self._draw_settings()
                self._draw_traces()
                self.capacity = CapacityCharts(tab, self.session)
            self.words = Words("p").classes("words").props("role=status data-fact=words")
            with panel("The same in Python", 12):
                self.code = Words("pre").classes("code").props("tabindex=0 data-fact=code")
        ui.timer(0.05, self._begin, once=True)

    def _draw_state(self) -> None:
        side = self.session.side
        with panel("State of the network", 4):
            with ui.element("div").classes("main-grid").style("width:100%"):
                self.grid = Pixels(
                    side,
                    side,
                    "State of the network. Arrow keys move, space switches a neuron.",
                    signs(self.session.state),
                    on_paint=self._paint,
                )
            with ui.element("div").classes("line"):
                self.run_button = ui.button("Run", icon="play_arrow", on_click=self._run_or_stop)
                ui.button("Step", on_click=self._step).props("outline")
                ui.button("Store", icon="add", on_click=self._store).props("outline")
                ui.button("Clear", on_click=self._clear).props("flat")
            self.share = slider(
                "Neurons to flip", 0, 0.5, 0.01, 0.2, lambda value: f"{value:.0%}"
            )
            ui.button("Corrupt the chosen pattern", on_click=self._corrupt).props("outline")
            Words("h3", "Stored patterns")
            self.thumbs = ui.element("div").classes("thumbs")

    def _draw_settings(self) -> None:
        with panel("Network", 3):
            self.picture = ui.select(picture_names(), value="digit 3", label="Picture")
            ui.button("Put the picture on the grid", on_click=self._show_picture).props("outline")
            self.side = ui.select(
                {side: f"{side} × {side} = {side * side}" for side in SIDES},
                value=self.session.side,
                label="Neurons N",
                on_change=self._resize,
            )
            self.rule = ui.select(RULES, value="hebbian", label="Storage rule")
            self.rule.on_value_change(self._configure)
            self.dynamics = ui.select(
                {name: words for name, (words, _) in DYNAMICS.items()},
                value="asynchronous",
                label="Dynamics",
            )
            self.dynamics.on_value_change(self._configure)
            self.temperature = slider(
                "Temperature T (of noise)", 0.02, 1.5, 0.02, 0.3, lambda value: f"{value:.2f}", self._configure
            )
            self.count = slider(
                "Patterns P", 0, 128, 1, 0, self._load_in_words, self._fill
            )
            self.speed = slider(
                "Sweeps a second, at most", 1, 40, 1, 8, lambda value: f"{value:.0f}"
            )

    def _draw_traces(self) -> None:
        with panel("Recall", 5):
            self.facts = Facts("Overlap m", "Energy E", "Sweep", "Flips")
            self.overlaps = Chart(
                "Overlap of the state with the stored patterns after each sweep",
                "Sweep (all neurons once)", "Overlap m", y_range=(-1.05, 1.05),
            )
            self.energies = Chart(
                "Energy of the state after each sweep", "Sweep (all neurons once)", "Energy E",
            )
            ui.label("Flips: a row for each neuron, a column for each sweep").classes("soft")
            with ui.element("div").classes("raster").style("width:100%"):
                self.raster = Pixels(
                    self.session.num_neurons, _SWEEPS, "Which neurons flipped in each sweep"
                )

    def _load_in_words(self, count: float) -> str:
        return f"{count:.0f} (α = P/N = {count / self.session.num_neurons:.3f})"

    async def _begin(self) -> None:
        """Store two pictures, so that there is something to try."""
        def prepare() -> None:
            for name in ("digit 3", "digit 7"):
                self.session.store(self.session.picture(name))
            self.session.corrupt(self.share.value)

        await self.tab.do(prepare)
        await self._show_all()

    async def _run_or_stop(self) -> None:
        if self.tab.is_running:
            self.tab.stop()
            return
        self.run_button.set_text("Stop")
        self.run_button.props("icon=stop")
        self.tab.start(self._run, self._ended)

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            began = loop.time()
            if not await self._advance():
                return
            pause = 1 / self.speed.value - (loop.time() - began)
            await asyncio.sleep(max(pause, 0.001))

    def _ended(self) -> None:
        self.run_button.set_text("Run")
        self.run_button.props("icon=play_arrow")
        self.capacity.note_recall()
        self._say()

    async def _step(self) -> None:
        self.tab.stop()
        if await self._advance() is not None:
            self._say()

    async def _advance(self) -> bool | None:
        """Update once and show it; return whether more may follow, None after an error."""
        frame = await self.tab.do(self.session.step)
        if frame is None:
            return None
        self.trace.append(frame)
        self.raster.run_method("push", signs(2.0 * frame.flipped - 1))
        self._show_trace()
        # Waiting for the browser keeps a fast network from filling its queue.
        await self.grid.run_method("show", signs(frame.state), timeout=10)
        return not frame.ended

    async def _paint(self, on: list[int], off: list[int]) -> None:
        def paint() -> Frame | None:
            self.session.paint(on, True)
            self.session.paint(off, False)
            return self.session.frame() if self.session.num_patterns else None

        self._renew(await self.tab.do(paint))

    async def _change(self, work: object) -> None:
        """Change the session, and show everything anew."""
        self.tab.stop()
        await self.tab.do(work)  # type: ignore[arg-type]
        await self._show_all()

    async def _store(self) -> None:
        await self._change(lambda: self.session.store(self.session.state))

    async def _clear(self) -> None:
        await self._change(self.session.clear)

    async def _corrupt(self) -> None:
        await self._change(lambda: self.session.corrupt(self.share.value))

    async def _show_picture(self) -> None:
        name = str(self.picture.value)
        await self._change(lambda: self.session.begin(self.session.picture(name)))

    async def _fill(self, count: float) -> None:
        await self._change(lambda: self.session.fill(int(count)))

    async def _choose(self, index: int) -> None:
        def choose() -> None:
            self.session.aim(index)
            self.session.corrupt(self.share.value)

        await self._change(choose)

    async def _resize(self) -> None:
        self.tab.stop()
        fresh = MemorySession(int(self.side.value))
        fresh.settings = self.session.settings
        self.session = self.capacity.session = fresh
        self.raster.become(fresh.num_neurons, _SWEEPS, "")
        await self._begin()

    async def _configure(self) -> None:
        chosen = replace(
            self.session.settings,
            rule=str(self.rule.value),
            dynamics=str(self.dynamics.value),
            temperature=float(self.temperature.value),
        )
        await self._change(lambda: self.session.configure(chosen))

    async def _show_all(self) -> None:
        session = self.session
        frame = await self.tab.do(session.frame) if session.num_patterns else None
        self.rule.set_value(session.settings.rule)  # a refused change leaves the session as it was
        self.temperature.set_enabled(session.settings.has_temperature)
        self.count.props["max"] = most_patterns(session.settings.rule, session.num_neurons)
        self.count.set_value(session.num_patterns)
        self.grid.become(session.side, session.side, signs(session.state))
        self._show_thumbs()
        await self.capacity.refresh()
        self._renew(frame)

    def _renew(self, frame: Frame | None) -> None:
        """Begin the charts anew at the cue."""
        self.trace.clear()
        if frame is not None:
            self.trace.append(frame)
        self._show_trace()
        self._say()

    def _show_trace(self) -> None:
        if not self.trace:
            self.facts.show(overlap="–", energy="–", sweep="0", flips="0")
            self.overlaps.show([])
            self.energies.show([])
            return
        last = self.trace[-1]
        sweeps = [frame.step for frame in self.trace]
        rows = np.array([frame.overlaps for frame in self.trace])
        target = self.session.target
        others = [k for k in range(rows.shape[1]) if k != target]
        lines = [series("", sweeps, rows[:, k], "thin", "grey") for k in others[:_DRAWN]]
        if len(others) > 1:
            best = np.abs(rows[:, others]).max(axis=1)
            lines.append(series("best of the others", sweeps, best, "dashed", "orange"))
        lines.append(series(f"chosen pattern {target + 1}", sweeps, rows[:, target], "line", "blue"))
        self.overlaps.push(lines)
        heights = [frame.energy for frame in self.trace]
        self.energies.push([series("", sweeps, heights, "line", "blue")])
        self.facts.show(
            overlap=f"{last.overlaps[target]:.3f}",
            energy=f"{last.energy:.1f}",
            sweep=str(last.step),
            flips=str(int(last.flipped.sum())),
        )
        self.capacity.here(float(last.overlaps[target]))

    def _show_thumbs(self) -> None:
        session = self.session
        self.thumbs.clear()
        patterns = session.patterns[:_DRAWN]
        with self.thumbs:
            for k, pattern in enumerate(patterns):
                button = ui.element("button").classes("thumb")
                chosen = "true" if k == session.target else "false"
                name = f"Pattern {k + 1}: choose and corrupt it"
                button.props(f'aria-pressed={chosen} aria-label="{name}"')
                button.on("click", lambda _, k=k: self._choose(k))
                with button:
                    Pixels(session.side, session.side, f"Pattern {k + 1}", signs(pattern))
                    ui.label(str(k + 1)).classes("number")
            rest = session.num_patterns - len(patterns)
            if rest:
                ui.label(f"and {rest} random patterns").classes("soft")
            if not session.num_patterns:
                ui.label("None yet: draw on the grid, then store.").classes("soft")
            elif session.drawn and session.target < len(session.drawn):
                ui.button("Remove", on_click=self._remove).props("flat")

    async def _remove(self) -> None:
        await self._change(lambda: self.session.remove(self.session.target))

    def _say(self) -> None:
        """Tell in words what is computed, and give the Python."""
        session = self.session
        if not session.num_patterns:
            self.words.set_text("Nothing is stored, so there is nothing to recall.")
            self.code.set_text("")
            return
        ended = {"converged": " The last sweep changed nothing: this is a fixed point.",
                 "cycle": " The state alternates between two: a 2-cycle."}.get(session.ended, "")
        notes = " ".join(session.notes)
        self.words.set_text(
            f"{session.num_patterns} patterns are stored in N = {session.num_neurons} neurons by "
            f"the rule {RULES[session.settings.rule]!r}; {session.step_count} sweeps have been made "
            f"since the state was last changed by hand.{ended} {self.capacity.beside.words} {notes}"
        )
        self.code.set_text(memory_program(session))
