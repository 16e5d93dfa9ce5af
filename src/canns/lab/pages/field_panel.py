"""Receptive fields that grow on patches of photographs."""

import asyncio

import numpy as np
from nicegui import ui

from canns.lab.pages.buttons import Code, RunButton
from canns.lab.pages.elements import Chart, Facts, Pixels, Words, grey, panel, series
from canns.lab.pages.frame import Tab
from canns.lab.receptive_fields import FIELD_RULES, FieldSession, Growth, field_program
from canns.typing import AnyArray

__all__ = ["FieldPanel"]

_EMPTY = np.full((24, 96), 0.5)  # before there are fields
_KEPT = 400  # points of a curve that grows


class FieldPanel:
    """Receptive fields that grow on patches of photographs.

    Args:
        tab: The tab.
    """

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
                    RunButton(tab, self._run, self._ended)
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
                self.code = Code("field-code")

    async def _restart(self) -> None:
        await self.tab.stop()
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
        while session is not None and self.tab.goes_on:
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
