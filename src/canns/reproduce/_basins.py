"""Basins of attraction: the overlap after one update, after two, and in the end."""

from collections.abc import Callable
from functools import partial
from typing import TypeAlias

import numpy as np
from scipy.special import erf

from canns.analyzer.metrics import basin_of_attraction
from canns.reproduce._claim import Claim, Kind
from canns.reproduce._draw import curves
from canns.reproduce._figure import Canvas, Findings, PublishedFigure
from canns.reproduce._finite_size import WHY, finite_size
from canns.typing import AnyArray

__all__ = ["BASINS"]

Overlap: TypeAlias = Callable[..., AnyArray]

_LOAD, _SIZE = 0.08, 2000


def _basins(seed: int) -> Findings:
    starts = np.array([0.1, 0.2, 0.3, 0.4, 0.5, 0.6])
    # (starts, networks): the mean overlap of the probes of each network.
    overlaps = {
        updates: basin_of_attraction(
            _SIZE, _LOAD, starts, num_networks=8, num_probes=20, num_iter=updates, seed=seed
        ).samples.mean(axis=-1)
        for updates in (1, 2, 50)
    }
    claims = [
        _claim(f"m after one update, from {start:g}", "paper's formula", _once, start, found)
        for start, found in zip(starts[1:5], overlaps[1][1:5], strict=True)
    ]
    claims += [
        _claim(f"m after two updates, from {start:g}", "our theory", _twice, start, found)
        for start, found in zip(starts[1:5], overlaps[2][1:5], strict=True)
    ]
    line = np.linspace(0.02, 0.7, 120)
    names = {1: "after 1 update", 2: "after 2 updates", 50: "after 50 updates"}
    draw = curves(
        f"Theory has the first updates, and overrates the basin (load {_LOAD:g}, N = {_SIZE})",
        "Overlap of the cue",
        "Overlap with the pattern",
        {
            names[updates]: (
                starts,
                found.mean(axis=-1),
                found.std(axis=-1, ddof=1) / np.sqrt(found.shape[-1]),
            )
            for updates, found in overlaps.items()
        },
        {names[updates]: (line, _amari_maginu(_LOAD, line, updates)) for updates in names},
        xlim=(0, 0.72),
    )

    def annotated(canvas: Canvas) -> None:
        draw(canvas)
        legend = "Points: measured (bars: s.e.)\nLines: Amari & Maginu (1988)"
        axes = canvas.gca()
        axes.text(0.98, 0.05, legend, transform=axes.transAxes, ha="right")

    data = {"starts": starts} | {names[u]: found for u, found in overlaps.items()}
    return Findings(claims, data, annotated)


def _claim(what: str, kind: Kind, overlap: Overlap, start: float, found: AnyArray) -> Claim:
    """Return the claim that networks reach this overlap, up to finite size."""
    at = partial(overlap, start=start)
    room = finite_size(at, np.array([_LOAD]), _SIZE)[0]
    return Claim.of_mean(what, kind, float(at(np.array(_LOAD))), found, room=float(room), why=WHY)


def _once(load: AnyArray, start: float) -> AnyArray:
    """Return the overlap after one update, which the theory of Amari and Maginu gives exactly."""
    return np.asarray(erf(start / np.sqrt(2 * load)))


def _twice(load: AnyArray, start: float) -> AnyArray:
    r"""Return the exact overlap after two updates.

    The field of a neuron is Gaussian noise with the variance of Amari and Maginu, plus what the
    neuron gets back of its own first state through all others, :math:`\alpha G s_i(0)`. They leave
    that out; Gardner, Derrida and Mottishaw (1987), J. Physique 48:741, keep it.
    """
    gain = np.sqrt(2 / (np.pi * load)) * np.exp(-(start**2) / (2 * load))
    first = _once(load, start)
    width = np.sqrt(2 * load * (1 + 2 * gain * start * first + gain**2))
    right = (1 + start) * erf((first + load * gain) / width)
    wrong = (1 - start) * erf((first - load * gain) / width)
    return np.asarray((right + wrong) / 2)


def _amari_maginu(load: float, start: AnyArray, updates: int) -> AnyArray:
    r"""Return the overlap after some updates, by the macroscopic equations of the paper.

    .. math::
        m' = \mathrm{erf}\frac{u}{\sqrt 2}, \quad
        \sigma'^2 = \alpha + 4 p^2 + 4 \alpha u p m', \quad
        u = \frac{m}{\sigma}, \quad p = \frac{e^{-u^2/2}}{\sqrt{2\pi}}
    """
    overlap, variance = start, np.full_like(start, load)
    for _ in range(updates):
        signal = overlap / np.sqrt(variance)
        density = np.exp(-(signal**2) / 2) / np.sqrt(2 * np.pi)
        overlap = erf(signal / np.sqrt(2))
        variance = load + 4 * density**2 + 4 * load * signal * density * overlap
    return overlap


BASINS = PublishedFigure(
    name="basins",
    paper="Amari & Maginu (1988), Neural Networks 1:63",
    shows="How the overlap of a cue grows, update by update.",
    against=("paper's formula", "our theory"),
    seconds=7,
    run=_basins,
)
