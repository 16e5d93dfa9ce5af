"""The panel of a recall: overlaps, energy and flips, sweep by sweep."""

from collections import deque

import numpy as np
from nicegui import ui

from canns.lab.memory import Frame
from canns.lab.pages.elements import Chart, Facts, Pixels, panel, series, signs

__all__ = ["Trace"]

_SWEEPS = 100  # of the raster and the charts
_DRAWN = 8  # patterns with a line of their own


class Trace:
    """The panel, and the frames since the cue.

    Args:
        num_neurons: Number of neurons, the rows of the raster.
    """

    def __init__(self, num_neurons: int) -> None:
        self.frames: deque[Frame] = deque(maxlen=_SWEEPS + 1)
        x = "Sweep (every neuron once)"
        with panel("Recall", 5):
            self.facts = Facts("Overlap m", "Energy E", "Sweep", "Flips")
            says = "Overlap of the state with the stored patterns after each sweep"
            self.overlaps = Chart(says, x, "Overlap m", y_range=(-1.05, 1.05))
            self.energies = Chart("Energy of the state after each sweep", x, "Energy E")
            ui.label("Flips: a row for each neuron, a column for each sweep").classes("soft")
            with ui.element("div").classes("raster"):
                says = "Which neurons flipped in each sweep"
                self.raster = Pixels(num_neurons, _SWEEPS, says)

    def resize(self, num_neurons: int) -> None:
        """Empty the raster, for so many neurons."""
        self.raster.become(num_neurons, _SWEEPS, "")

    def begin(self, frame: Frame | None, target: int) -> None:
        """Begin anew at a cue; None if nothing is stored."""
        self.frames.clear()
        if frame is not None:
            self.frames.append(frame)
            self._show(target)
            return
        self.facts.show(overlap="–", energy="–", sweep="0", flips="0")
        self.overlaps.push([])
        self.energies.push([])

    def add(self, frame: Frame, target: int) -> None:
        """Add the frame after one more sweep."""
        self.frames.append(frame)
        self.raster.run_method("push", signs(2.0 * frame.flipped - 1))
        self._show(target)

    def _show(self, target: int) -> None:
        last = self.frames[-1]
        sweeps = [frame.step for frame in self.frames]
        rows = np.array([frame.overlaps for frame in self.frames])
        others = [k for k in range(rows.shape[1]) if k != target]
        lines = [series("", sweeps, rows[:, k], "thin", "grey") for k in others[:_DRAWN]]
        if len(others) > 1:
            best = np.abs(rows[:, others]).max(axis=1)
            lines.append(series("best of the others", sweeps, best, "dashed", "orange"))
        own = series(f"chosen pattern {target + 1}", sweeps, rows[:, target], "line", "blue")
        self.overlaps.push([*lines, own])
        heights = [frame.energy for frame in self.frames]
        self.energies.push([series("", sweeps, heights, "line", "blue")])
        self.facts.show(
            overlap=f"{last.overlaps[target]:.3f}",
            energy=f"{last.energy:.1f}",
            sweep=str(last.step),
            flips=str(int(last.flipped.sum())),
        )
