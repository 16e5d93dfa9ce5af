"""Hierarchical associative memory: wholes made of parts, and an energy that only falls."""

import math
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from canns.dynamics import (
    Absolute,
    ContinuousHopfield,
    DensePolynomial,
    HierarchicalMemory,
    Hopfield,
    Lagrangian,
    LagrangianLayer,
    LogCosh,
    LogSumExp,
    ModernHopfield,
    Network,
    Power,
    Quadratic,
)
from canns.models.brain_inspired import HierarchicalAssociativeMemory
from canns.reproduce._claim import Claim
from canns.reproduce._draw import Draw, split
from canns.reproduce._figure import Canvas, Findings, PublishedFigure
from canns.task import digits

__all__ = ["HIERARCHICAL"]

Floats = NDArray[np.floating]
_DIGITS, _SHOWN, _SIDE, _HALF = 20, 10, 8, 4
_QUARTERS = [(row, column) for row in (0, _HALF) for column in (0, _HALF)]
_UPDATES, _DT, _SHOWN_TIME = 160, 0.1, 4.0
_BETA_PARTS, _BETA_WHOLES, _BOND = 1.0, 4.0, 6.0


class _Recall(NamedTuple):
    """What a recall from the upper halves went through.

    Args:
        wholes: The digits, (P, 64), of +-1.
        cues: Their upper halves, with 0 below, (P, 64).
        recalled: What came of them, (P, 64).
        energies: After each update, (P, updates + 1).
        votes: Activity of each memory of a whole in the first recall, (updates + 1, P).
    """

    wholes: Floats
    cues: Floats
    recalled: Floats
    energies: Floats
    votes: Floats


def _run(seed: int) -> Findings:
    rng = np.random.default_rng(seed)
    found = _recalled(rng)
    near = np.argmax(np.sign(found.recalled) @ found.wholes.T, axis=1)
    claims = [
        Claim.of_value(
            "largest rise of the energy in an update, over the energy's size",
            "paper's formula",
            0.0,
            float(np.diff(found.energies, axis=1).max() / np.abs(found.energies).max()),
            1e-5,
            "rounding of single precision",
            "at most",
        ),
        Claim.of_share(
            "digits recalled from their upper half",
            "our theory",
            0.8,
            int((near == np.arange(_DIGITS)).sum()),
            _DIGITS,
            sense="at least",
        ),
        *_special_cases(rng),
    ]
    return Findings(claims, found._asdict(), _picture(found))


def _recalled(rng: np.random.Generator) -> _Recall:
    """Store digits as wholes of four parts each, and recall them from their upper halves."""
    images, labels = digits(binary=True)
    chosen = [rng.choice(np.flatnonzero(labels == i % 10)) for i in range(_DIGITS)]
    wholes = np.asarray(images[np.array(chosen)], np.float64)
    net = _network(wholes)
    known = np.arange(_SIDE**2) < _SIDE * _HALF
    cues = np.where(known, wholes, 0.0)
    start = net.join(pixels=cues)
    clamped = np.concatenate([known, np.zeros(len(_QUARTERS) * _DIGITS, bool)])
    result = net.recall(start, num_iter=_UPDATES, convergence_threshold=0.0, clamped=clamped)
    steps = net.trajectory(start[:1], num_iter=_UPDATES, clamped=clamped)[:, 0]
    return _Recall(
        wholes,
        cues,
        net.split(result.states)["pixels"],
        _through(np.asarray(result.energies)),
        net.activities(steps)["wholes"],
    )


def _network(wholes: Floats) -> HierarchicalAssociativeMemory:
    """Return pixels, parts that compete within each quarter of the picture, and wholes of parts."""
    count, quarters = len(wholes), len(_QUARTERS)
    layers = [
        LagrangianLayer("pixels", wholes.shape[1]),
        LagrangianLayer("parts", quarters * count, LogSumExp(_BETA_PARTS, quarters)),
        LagrangianLayer("wholes", 0, LogSumExp(_BETA_WHOLES), tau=None),
    ]
    net = HierarchicalAssociativeMemory(layers, [("parts", "pixels"), ("wholes", "parts")], _DT)
    parts = []
    for row, column in _QUARTERS:
        mask = np.zeros((_SIDE, _SIDE))
        mask[row : row + _HALF, column : column + _HALF] = 1.0
        parts.append(wholes * mask.ravel())
    net.W_parts_pixels.value = np.concatenate(parts)  # type: ignore[attr-defined]
    net.store(_BOND * np.tile(np.eye(count), quarters), "wholes")
    return net


def _through(energies: Floats) -> Floats:
    """Return energies with the last one in place of what was not reached."""
    return np.where(np.isnan(energies), np.nanmin(energies, axis=1, keepdims=True), energies)


def _special_cases(rng: np.random.Generator) -> list[Claim]:
    """Return the claims on known networks: an update, or the energy up to its scale and zero."""
    size, count = 30, 8
    states, patterns = rng.normal(size=(20, size)), rng.normal(size=(count, size))
    square = rng.normal(size=(size, size))
    symmetric = (square + square.T) * (1 - np.eye(size))
    signs, binary, order = np.sign(states), np.sign(patterns), 4
    cases = {
        "classical (Hopfield 1982), sign of an update": _difference(
            Hopfield(), symmetric, _layered(size, Absolute()), signs, energy=False
        ),
        "graded (Hopfield 1984), an update": _difference(
            ContinuousHopfield(2.0, 1.5, 0.3),
            symmetric,
            _layered(size, LogCosh(1.5), tau=2.0, dt=0.3),
            states,
            energy=False,
        ),
        "modern (Ramsauer et al. 2021), an update": _difference(
            ModernHopfield(1.0),
            patterns,
            _layered(size, Quadratic(), LogSumExp(1.0), count),
            states,
            energy=False,
        ),
        f"dense of order {order} (Krotov & Hopfield 2016), energy": _difference(
            DensePolynomial(order=order),
            binary,
            _layered(size, Absolute(), Power(order, rectified=False), count),
            signs,
            energy=True,
            scale=order * size ** (1.0 - order),
        ),
    }
    return [
        Claim.of_value(
            f"{name}: largest difference", "paper's formula", 0.0, value, 1e-6, "rounding"
        )
        for name, value in cases.items()
    ]


def _layered(
    size: int,
    lagrangian: Lagrangian,
    memories: Lagrangian | None = None,
    count: int = 0,
    *,
    tau: float = 1.0,
    dt: float = math.inf,
) -> HierarchicalMemory:
    """Return one layer that is joined to itself, or to an instant layer of memories."""
    layer = LagrangianLayer("v", size, lagrangian, tau)
    if memories is None:
        return HierarchicalMemory((layer,), (("v", "v"),), dt=dt)
    hidden = LagrangianLayer("h", count, memories, None)
    return HierarchicalMemory((layer, hidden), (("h", "v"),), dt=dt)


def _difference(
    known: Network,
    weights: Floats,
    ours: HierarchicalMemory,
    states: Floats,
    *,
    energy: bool,
    scale: float = 1.0,
) -> float:
    """Return the largest difference of an update, or of energies less their mean."""
    with jax.enable_x64(True):
        rows, couplings = jnp.asarray(states), jnp.asarray(weights)
        outcomes = []
        for network, w in ((known, couplings), (ours, (couplings,))):
            given: Any = w
            field = network.local_field(given, rows)
            if energy:
                found = np.asarray(network.energy(rows, field))
                outcomes.append(found - found.mean())
            else:
                prepared = network.prepare(given)
                key = jax.random.key(0)
                outcomes.append(np.asarray(network.step(given, prepared, rows, field, key, None)))
    wanted, found = outcomes
    if isinstance(known, Hopfield):
        found = np.sign(found)
    return float(np.abs(scale * found - wanted).max())


def _picture(found: _Recall) -> Draw:
    def draw(canvas: Canvas) -> None:
        images, courses = split(canvas, 2, 1, height_ratios=(4, 3))
        _images(images, found)
        energy, votes = courses.subplots(1, 2)
        last = round(_SHOWN_TIME / _DT) + 1
        times = _DT * np.arange(last)
        energy.plot(times, found.energies[:, :last].T, color="0.4", linewidth=0.8)
        energy.set(
            xlabel=r"Time ($\tau$)", ylabel="Energy $E$", title="The energy of each recall falls"
        )
        votes.plot(times, np.delete(found.votes, 0, axis=1)[:last], color="0.7", linewidth=0.8)
        votes.plot(times, found.votes[:last, 0], linewidth=2, label="digit of the first cue")
        votes.legend(frameon=False, loc="center right")
        votes.set(
            xlabel=r"Time ($\tau$)", ylabel="Activity of a whole", title="The top layer decides"
        )

    return draw


def _images(canvas: Canvas, found: _Recall) -> None:
    """Draw cues, what came of them, and the digits, in three rows."""
    rows = {"cue": found.cues, "recalled": found.recalled, "stored": found.wholes}
    panels = canvas.subplots(len(rows), _SHOWN)
    canvas.suptitle("Digits recalled from their upper half, through quarters of digits")
    for line, (name, images) in zip(panels, rows.items(), strict=True):
        for axes, image in zip(line, images[:_SHOWN], strict=True):
            axes.imshow(image.reshape(_SIDE, _SIDE), cmap="gray_r", vmin=-1, vmax=1)
            axes.set(xticks=[], yticks=[])
            axes.spines[:].set_visible(True)
        line[0].set_ylabel(name, rotation=0, ha="right", va="center")


HIERARCHICAL = PublishedFigure(
    name="hierarchical",
    paper="Krotov (2021), arXiv:2107.06446; Krotov & Hopfield (2021), ICLR, arXiv:2008.06996",
    shows="Layers with Lagrangians lower one energy, recall wholes through their parts, and hold "
    "the known networks as special cases.",
    against=("paper's formula", "our theory"),
    seconds=12,
    run=_run,
)
