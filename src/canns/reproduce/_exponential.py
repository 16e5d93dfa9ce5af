"""The exponential energy: up to which number of patterns all are recalled."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from canns import task
from canns.analyzer.theory import exponential_load
from canns.models.brain_inspired import DenseAssociativeMemory
from canns.reproduce._claim import Claim
from canns.reproduce._draw import Draw, curves, split
from canns.reproduce._figure import Canvas, Findings, PublishedFigure
from canns.reproduce._spread import BARS, reach

__all__ = ["EXPONENTIAL"]

_REPEATS = 12
_CHUNK = 200  # cues recalled at once: their overlaps with all patterns take most of the memory


class _Size(NamedTuple):
    """A size of network: neurons, patterns, and how many of these are probed."""

    neurons: int
    patterns: int
    probes: int


# By share of flips. With so many patterns 3 to 30 % of the cues are not restored.
_SIZES = {
    0.0: (_Size(14, 400, 400), _Size(18, 4000, 400), _Size(22, 20_000, 400)),
    0.1: (_Size(20, 200, 200), _Size(30, 6000, 200), _Size(40, 40_000, 400)),
    0.25: (_Size(40, 100, 100), _Size(60, 1000, 200), _Size(80, 12_000, 200)),
}


def _exponential(seed: int) -> Findings:
    rng = np.random.default_rng(seed)
    claims, panels, data = [], [], {}
    for rho, sizes in _SIZES.items():
        rates = np.array([[_rate(rng, *size, rho) for _ in range(_REPEATS)] for size in sizes])
        expected = float(np.asarray(exponential_load(rho)))
        claims.append(_growth(rho, expected, sizes, rates))
        panels.append(_panel(rho, expected, sizes, rates))
        data[f"failures per pair, rho {rho:g}"] = rates

    def draw(canvas: Canvas) -> None:
        canvas.suptitle("All of $M = e^{aN}$ patterns are recalled up to the theorem's $a$")
        for part, panel in zip(split(canvas, 1, len(panels)), panels, strict=True):
            panel(part)

    return Findings(claims, data, draw)


def _rate(rng: np.random.Generator, neurons: int, patterns: int, probes: int, rho: float) -> float:
    """Return how often one other pattern keeps a cue with ``rho`` N flips from being restored.

    Of M patterns, M - 1 may do so, and a cue is restored with :math:`e^{-p (M - 1)}`.
    """
    stored = task.random_patterns(patterns, neurons, seed=rng)
    memory = DenseAssociativeMemory(neurons, interaction="exponential")
    memory.store(stored)
    failed = 0
    for start in range(0, probes, _CHUNK):
        targets = stored[start : min(start + _CHUNK, probes)]
        states = np.asarray(memory.recall(task.flip(targets, rho, seed=rng), num_iter=1).states)
        failed += int((states != targets).any(axis=1).sum())
    return -math.log1p(-failed / probes) / (patterns - 1)


def _nearer(neurons: int, rho: float) -> float:
    """Return the chance that one other pattern keeps a cue from being restored, by counting.

    It does if it lies as near to the cue as the cue's own pattern, k = rho N flips. One flip
    further, it ties with the own pattern at every neuron where it alone differs from the cue, and
    the other patterns decide each tie. A pattern equal to the own one does no harm.
    """
    flips = round(rho * neurons)
    near = sum(math.comb(neurons, d) for d in range(flips + 1)) - 1
    tied = sum(
        math.comb(neurons - flips, alone) * math.comb(flips, flips + 1 - alone) * (1 - 2.0**-alone)
        for alone in range(1, flips + 2)
    )
    return float((near + tied) / 2.0**neurons)


def _growth(
    rho: float, expected: float, sizes: tuple[_Size, ...], rates: NDArray[np.float64]
) -> Claim:
    """Return the claim on the load up to which all patterns are recalled in large networks.

    The M patterns fail M^2 p times, so the limit is -ln(p)/(2N) for large N. Its slope over N is
    taken, after p is divided by the factors that counting finds beside the theorem's exponential.
    """
    neurons = np.array([size.neurons for size in sizes])
    counted = np.array([_nearer(n, rho) for n in neurons])
    factor = np.log(counted) + 2 * expected * neurons
    exponents = -(np.log(rates) - factor[:, None]) / 2
    slopes = np.polyfit(neurons, exponents, 1)[0]
    words = f"growth rate a of M = e^(aN) up to which all patterns are recalled, rho = {rho:g}"
    return Claim.of_mean(words, "paper's formula", expected, slopes)


def _panel(
    rho: float, expected: float, sizes: tuple[_Size, ...], rates: NDArray[np.float64]
) -> Draw:
    """Return the drawing of how many patterns are not recalled, with the theorem's limit."""
    measured: dict[str, tuple[ArrayLike, ...]] = {}
    theory: dict[str, tuple[ArrayLike, ...]] = {}
    span = expected + np.array([-0.06, 0.14])
    for size, rate in zip(sizes, rates, strict=True):
        name = f"N = {size.neurons}"
        load = math.log(size.patterns) / size.neurons
        failing = size.patterns * (size.patterns - 1) * rate[None]
        measured[name] = ([load], failing.mean(axis=1), reach(failing))
        theory[name] = (span, np.exp(2 * span * size.neurons) * _nearer(size.neurons, rho))
    theory["_limit"] = ([expected, expected], [1e-3, 1e5])
    return curves(
        f"{100 * rho:g} % flips: $a < {expected:.3f}$",
        "$a$" if rho != 0.1 else f"$a$ ({BARS})",
        "Patterns of a network not recalled" if rho == 0 else "",
        measured,
        theory,
        yscale="log",
        ylim=(1e-3, 1e5),
    )


EXPONENTIAL = PublishedFigure(
    name="exponential",
    paper="Demircigil, Heusel, Lowe, Upgang & Vermet (2017), J. Stat. Phys. 168:288",
    shows="An exponential energy recalls exponentially many patterns, up to the theorem's rate.",
    against=("paper's formula",),
    seconds=18,
    run=_exponential,
)
