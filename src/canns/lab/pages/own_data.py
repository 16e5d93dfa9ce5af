"""The page for data of one's own: send a file, store, recall, take the report home."""

from collections.abc import Callable

import numpy as np
from nicegui import ui
from nicegui.events import UploadEventArguments

from canns.lab.own_data import DataSession, data_program
from canns.lab.pages.elements import Facts, Pixels, Words, panel, signs, slider
from canns.lab.pages.frame import Tab, page_head
from canns.lab.settings import RULES
from canns.lab.uploads import MOST_BYTES

__all__ = ["build"]

_SIDES = (16, 32, 48, 64)
_SHOWN = 12  # patterns in the gallery
_ACCEPTED = ".png,.jpg,.jpeg,.gif,.webp,.bmp,.tif,.tiff,.ppm,.pgm,.pbm,.csv,.tsv,.txt"


def build() -> None:
    """Draw the page for one tab."""
    _Page(page_head("/data"))


class _Page:
    """The page of one tab; all that it shows comes from its session."""

    def __init__(self, tab: Tab) -> None:
        self.tab = tab
        self.session = DataSession(32)
        with ui.element("main").props("id=main"):
            Words("h1", "Your data").classes("unseen")
            with ui.element("div").classes("columns"):
                self._draw_settings()
                with panel("Stored, corrupted, recalled", 8):
                    self.facts = Facts("Patterns", "Overlap before", "After")
                    self.words = Words("p", "No file yet.").props("role=status data-fact=words")
                    self.gallery = ui.element("div").classes("gallery")
                with panel("The same in Python", 12):
                    self.code = Words("pre").classes("code").props("tabindex=0 data-fact=code")

    def _draw_settings(self) -> None:
        with panel("Data and network", 4):
            Words(
                "p",
                "A picture (PNG, JPEG, GIF, WebP, BMP, TIFF, PPM) or a table (CSV, a sample a "
                "row), "
                f"of at most {MOST_BYTES // 1_000_000} MB. It stays in this tab, and is forgotten "
                "when the tab is closed.",
            ).classes("soft")
            self.upload = ui.upload(
                label="Add a file",
                auto_upload=True,
                multiple=True,
                max_file_size=MOST_BYTES,
                on_upload=self._add,
                on_rejected=lambda: self.tab.complain(
                    "This file is too large, or of another kind."
                ),
            )
            self.upload.props(f'accept="{_ACCEPTED}" flat bordered aria-label="Add a file"')
            self.side = ui.select(
                {side: f"{side} × {side} pixels" for side in _SIDES},
                value=self.session.side,
                label="Pictures are cut to",
                on_change=self._begin_anew,
            )
            self.rule = ui.select(RULES, value="pseudo_inverse", label="Storage rule")
            self.asynchronous = ui.checkbox("Update neuron by neuron")
            self.share = slider("Neurons to flip", 0, 0.5, 0.01, 0.3, lambda share: f"{share:.0%}")
            with ui.element("div").classes("line"):
                ui.button("Store and recall", icon="play_arrow", on_click=self._recall)
                ui.button("Begin anew", on_click=self._begin_anew).props("outline")
            self.downloads = ui.element("div").classes("line")
            with self.downloads:
                ui.button("Report (HTML)", icon="download", on_click=self._report).props("outline")
                ui.button("Result (safetensors)", on_click=self._result).props("outline")
            self.downloads.set_visibility(False)

    async def _add(self, event: UploadEventArguments) -> None:
        content = await event.file.read()
        session = self.session
        count = await self.tab.do(lambda: session.add(event.file.name, content))
        self.upload.reset()
        if count is not None:
            self._show()

    def _begin_anew(self) -> None:
        self.session = DataSession(int(self.side.value))
        self._show()

    async def _recall(self) -> None:
        rule, share = str(self.rule.value), float(self.share.value)
        session, asynchronous = self.session, bool(self.asynchronous.value)
        if await self.tab.do(lambda: session.recall(rule, share, asynchronous)) is not None:
            self._show()

    async def _report(self) -> None:
        await self._download(self.session.report, "canns-lab.html", "text/html")

    async def _result(self) -> None:
        await self._download(
            self.session.result_file, "recall.safetensors", "application/octet-stream"
        )

    async def _download(self, work: Callable[[], bytes], name: str, kind: str) -> None:
        content = await self.tab.do(work)
        if content is not None:
            ui.download.content(content, name, kind)

    def _show(self) -> None:
        session, done = self.session, self.session.recalled
        self.downloads.set_visibility(done is not None)
        self.gallery.clear()
        count = len(session.names)
        self.facts.show(patterns=str(count), overlap="–", after="–")
        self.code.set_text("")
        if not count:
            self.words.set_text("No file yet.")
            return
        self.words.set_text(f"{count} patterns of {session.patterns.shape[1]} neurons.")
        if done is not None:
            self.facts.show(overlap=f"{done.before.mean():.3f}", after=f"{done.after.mean():.3f}")
            outcomes = ", ".join(
                f"{np.sum(done.result.outcome == word)} {word}"
                for word in dict.fromkeys(done.result.outcome.tolist())
            )
            self.words.set_text(
                f"{count} patterns of {session.patterns.shape[1]} neurons are stored by the rule "
                f"{RULES[done.rule]!r}, {done.share:.0%} of the neurons of each are flipped, and "
                f"each is recalled. How the recalls ended: {outcomes}. {' '.join(done.notes)}"
            )
            self.code.set_text(data_program(session))
        with self.gallery:
            for k in range(min(count, _SHOWN)):
                self._show_one(k)
            if count > _SHOWN:
                ui.label(f"and {count - _SHOWN} more, in the report").classes("soft")

    def _show_one(self, k: int) -> None:
        session, done = self.session, self.session.recalled
        assert session.shape is not None, "there are patterns"
        rows = [("stored", session.patterns[k])]
        if done is not None:
            rows += [("corrupted", done.cues[k]), ("recalled", np.asarray(done.result.states[k]))]
        with ui.element("figure"):
            with ui.element("div").classes("trio"):
                for what, state in rows:
                    Pixels(*session.shape, f"Pattern {k + 1}, {what}", signs(state))
            text = session.names[k]
            if done is not None:
                text += f": m = {done.after[k]:.3f}"
            Words("figcaption", text)
