"""The plasticity page: a pair of spikes, synapses that compete, and fields that grow."""

from nicegui import ui

from canns.lab.pages.competition_panel import CompetitionPanel
from canns.lab.pages.elements import Words
from canns.lab.pages.field_panel import FieldPanel
from canns.lab.pages.frame import page_head
from canns.lab.pages.pair_panel import PairPanel

__all__ = ["build"]


def build() -> None:
    """Draw the page for one tab."""
    tab = page_head("/plasticity")
    with ui.element("main").props("id=main"):
        Words("h1", "Plasticity").classes("unseen")
        with ui.element("div").classes("columns"):
            pairs = PairPanel(tab)
            CompetitionPanel(tab)
            FieldPanel(tab)
    ui.timer(0.05, pairs.begin, once=True)
