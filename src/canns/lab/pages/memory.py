"""The memory page: draw, store, corrupt, recall, and see where memories end."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

from nicegui import ui

from canns.lab.memory import Frame, MemorySession, picture_names
from canns.lab.pages.capacity import CapacityCharts
from canns.lab.pages.elements import Pixels, Words, panel, signs, slider
from canns.lab.pages.frame import Tab, page_head
from canns.lab.pages.trace import Trace
from canns.lab.program import memory_program
from canns.lab.settings import DYNAMICS, RULES, SIDES, most_patterns

__all__ = ["build"]

_SIDE = 16
_EVERY = 5  # sweeps between two marks of the charts below
_DRAWN = 8  # patterns with a picture of their own
_ENDED = {
    "converged": "The last sweep changed nothing: this is a fixed point.",
    "cycle": "The state alternates between two: a 2-cycle.",
}


def build() -> None:
    """Draw the page for one tab."""
    page = _Page(page_head("/"))
    ui.timer(0.05, page.begin, once=True)


class _Page:
    """The page of one tab; all that it shows comes from its session."""

    def __init__(self, tab: Tab) -> None:
        self.tab = tab
        self.session = MemorySession(_SIDE)
        self.recalling = False
        with ui.element("main").props("id=main"):
            Words("h1", "Associative memory").classes("unseen")
            with ui.element("div").classes("columns"):
                with panel("State of the network", 4):
                    self._draw_state()
                with panel("Network", 3):
                    self._draw_settings()
                self.trace = Trace(self.session.num_neurons)
                self.capacity = CapacityCharts(tab, self.session)
            self.words = Words("p").classes("words").props("role=status data-fact=words")
            with panel("The same in Python", 12):
                self.code = Words("pre").classes("code").props("tabindex=0 data-fact=code")

    def _draw_state(self) -> None:
        says = "State of the network. Arrow keys move, space switches a neuron."
        with ui.element("div").classes("main-grid"):
            start = signs(self.session.state)
            self.grid = Pixels(_SIDE, _SIDE, says, start, on_paint=self._paint)
        with ui.element("div").classes("line"):
            self.run_button = ui.button("Run", icon="play_arrow", on_click=self._run_or_stop)
            ui.button("Step", on_click=self._step).props("outline")
            ui.button("Store", icon="add", on_click=self._store).props("outline")
            ui.button("Clear", on_click=self._clear).props("flat")
        self.share = slider("Neurons to flip", 0, 0.5, 0.01, 0.2, lambda share: f"{share:.0%}")
        ui.button("Corrupt the chosen pattern", on_click=self._corrupt).props("outline")
        Words("h3", "Stored patterns")
        self.thumbs = ui.element("div").classes("thumbs")

    def _draw_settings(self) -> None:
        self.picture = ui.select(picture_names(), value="digit 3", label="Picture")
        ui.button("Put the picture on the grid", on_click=self._show_picture).props("outline")
        sides = {side: f"{side} × {side} = {side * side}" for side in SIDES}
        self.side = ui.select(sides, value=_SIDE, label="Neurons N", on_change=self._resize)
        self.rule = ui.select(RULES, value="hebbian", label="Storage rule")
        self.rule.on_value_change(self._configure)
        words = {name: words for name, (words, _) in DYNAMICS.items()}
        self.dynamics = ui.select(words, value="asynchronous", label="Dynamics")
        self.dynamics.on_value_change(self._configure)
        two_digits = "{:.2f}".format
        self.temperature = slider("Temperature T (of noise)", 0.02, 1.5, 0.02, 0.3, two_digits)
        self.temperature.on("change", self._configure)
        self.count = slider("Patterns P", 0, _SIDE**2 // 2, 1, 0, self._count_in_words)
        self.count.on("change", self._fill)
        self.speed = slider("Sweeps a second, at most", 1, 40, 1, 8, "{:.0f}".format)

    def _count_in_words(self, count: float) -> str:
        return f"{count:.0f} (α = P/N = {count / self.session.num_neurons:.3f})"

    async def begin(self) -> None:
        """Store two pictures, so that there is something to try."""
        session, share = self.session, self.share.value

        def prepare() -> None:
            for name in ("digit 3", "digit 7"):
                session.store(session.picture(name))
            session.corrupt(share)

        await self._change(prepare)

    async def _run_or_stop(self) -> None:
        if self.recalling:
            await self.tab.stop()
            return
        await self.tab.start(self._run, self._ended)
        self.recalling = True
        self.run_button.set_text("Stop")
        self.run_button.props("icon=stop")

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        began = loop.time()
        while self.tab.goes_on and await self._advance():
            pause = 1 / self.speed.value - (loop.time() - began)
            await asyncio.sleep(max(pause, 0.001))
            began = loop.time()

    def _ended(self) -> None:
        self.recalling = False
        self.run_button.set_text("Run")
        self.run_button.props("icon=play_arrow")
        if self.trace.frames:
            last = self.trace.frames[-1]
            self.capacity.note_recall(float(last.overlaps[self.session.target]))
        self._say()

    async def _step(self) -> None:
        await self.tab.stop()
        if await self._advance() is not None:
            self._say()

    async def _advance(self) -> bool | None:
        """Update once and show it; return whether more may follow, None after an error."""
        async with self.tab.turn:
            frame = await self.tab.do(self.session.step)
            if frame is None:
                return None
            self.trace.add(frame, self.session.target)
            if frame.ended or frame.step % _EVERY == 1:
                self.capacity.here(float(frame.overlaps[self.session.target]))
            # Waiting for the browser keeps a fast network from filling its queue.
            await self.grid.run_method("show", signs(frame.state), timeout=10)
            return not frame.ended

    async def _paint(self, on: list[int], off: list[int]) -> None:
        session = self.session

        def paint() -> Frame | None:
            session.paint(on, True)
            session.paint(off, False)
            return session.frame() if session.num_patterns else None

        async with self.tab.turn:
            self._renew(await self.tab.do(paint))

    async def _change(self, work: Callable[[], None]) -> None:
        """Change the session, and show everything anew."""
        await self.tab.stop()
        async with self.tab.turn:
            await self.tab.do(work)
            await self._show_all()
            self.count.set_value(self.session.num_patterns)

    async def _store(self) -> None:
        await self._change(lambda: self.session.store(self.session.state))

    async def _clear(self) -> None:
        await self._change(self.session.clear)

    async def _corrupt(self) -> None:
        await self._change(lambda: self.session.corrupt(self.share.value))

    async def _show_picture(self) -> None:
        name = str(self.picture.value)
        await self._change(lambda: self.session.begin(self.session.picture(name)))

    async def _fill(self) -> None:
        await self.tab.stop()
        async with self.tab.turn:
            count = int(self.count.value)  # the slider may move on meanwhile, and asks again
            if count != self.session.num_patterns:
                await self.tab.do(lambda: self.session.fill(count))
                await self._show_all()

    async def _remove(self) -> None:
        await self._change(lambda: self.session.remove(self.session.target))

    async def _choose(self, index: int) -> None:
        def choose() -> None:
            self.session.aim(index)
            self.session.corrupt(self.share.value)

        await self._change(choose)

    async def _resize(self) -> None:
        fresh = MemorySession(int(self.side.value))
        fresh.settings = self.session.settings
        self.session = self.capacity.session = fresh
        self.trace.resize(fresh.num_neurons)
        await self.begin()

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
        most = most_patterns(session.settings.rule, session.num_neurons)
        self.count.props.update(min=len(session.drawn), max=most)
        self.grid.become(session.side, session.side, signs(session.state))
        self._show_thumbs()
        await self.capacity.refresh()
        self._renew(frame)

    def _renew(self, frame: Frame | None) -> None:
        """Begin the charts anew at the cue."""
        target = self.session.target
        self.trace.begin(frame, target)
        if frame is not None:
            self.capacity.here(float(frame.overlaps[target]))
        self._say()

    def _show_thumbs(self) -> None:
        session = self.session
        self.thumbs.clear()
        with self.thumbs:
            for k in range(min(session.num_patterns, _DRAWN)):
                self._show_thumb(k)
            rest = session.num_patterns - _DRAWN
            if rest > 0:
                ui.label(f"and {rest} more").classes("soft")
            if not session.num_patterns:
                ui.label("None yet: draw on the grid, then store.").classes("soft")
            elif session.target < len(session.drawn):
                ui.button("Remove", on_click=self._remove).props("flat")

    def _show_thumb(self, k: int) -> None:
        side = self.session.side
        chosen = "true" if k == self.session.target else "false"
        button = ui.element("button").classes("thumb")
        button.props(f'aria-pressed={chosen} aria-label="Pattern {k + 1}: choose and corrupt it"')
        button.on("click", lambda: self._choose(k))
        with button:
            Pixels(side, side, f"Pattern {k + 1}", signs(self.session.patterns[k]))
            ui.label(str(k + 1)).classes("number")

    def _say(self) -> None:
        """Tell in words what is computed, and give the Python."""
        session = self.session
        if not session.num_patterns:
            self.words.set_text("Nothing is stored, so there is nothing to recall.")
            self.code.set_text("")
            return
        rule, sweeps = RULES[session.settings.rule], session.step_count
        said = [
            f"{session.num_patterns} patterns are stored in N = {session.num_neurons} neurons by "
            f"the rule {rule!r}; {sweeps} sweeps have followed the last change by hand.",
            _ENDED.get(session.ended, ""),
            self.capacity.beside.words,
            *session.notes,
        ]
        self.words.set_text(" ".join(filter(None, said)))
        self.code.set_text(memory_program(session))
