"""The modern Hopfield network: how many patterns one step of attention retrieves."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from canns.reproduce._attention import on_sphere, theorem_claims, updated
from canns.reproduce._claim import Claim
from canns.reproduce._draw import Draw, curves, split
from canns.reproduce._figure import Canvas, Findings, PublishedFigure
from canns.reproduce._spread import BARS, reach
from canns.typing import AnyArray

__all__ = ["SOFTMAX"]

_BETA = 0.5
_SIZES = (8, 12, 16, 20, 24)
_REPEATS, _PROBES = 10, 40
_RATES = np.array([0.5, 1.0, 2.0])  # numbers of patterns over the expected capacity


class _Curve(NamedTuple):
    """Overlaps after one update, (repeats, counts), with the patterns of a network, (counts,)."""

    counts: NDArray[np.int64]
    overlaps: NDArray[np.float64]


def _softmax(seed: int) -> Findings:
    rng = np.random.default_rng(seed)
    measured = {size: _curve(rng, size) for size in _SIZES}
    capacities = np.array([_capacity(size, curve) for size, curve in measured.items()])
    expected = np.array([_expected(size) for size in _SIZES])
    limit = _growth(_BETA)
    finite = float(np.polyfit(_SIZES, np.log(expected), 1)[0])
    claims = [
        Claim.of_mean(
            f"growth rate of ln(capacity) with d, beta = {_BETA:g} (Lucibello & Mezard)",
            "paper's formula",
            limit,
            np.polyfit(_SIZES, np.log(capacities), 1)[0],
            room=abs(finite - limit),
            why=f"the integral over the sphere at d = {_SIZES[0]} to {_SIZES[-1]}",
        ),
        *theorem_claims(rng),
    ]
    data = {
        "d": _SIZES,
        "capacities": capacities,
        "expected capacities": expected,
        "growth rate": limit,
        "overlaps": [curve.overlaps for curve in measured.values()],
    }
    return Findings(claims, data, _picture(measured, capacities, limit))


def _picture(measured: dict[int, _Curve], capacities: NDArray[np.float64], limit: float) -> Draw:
    points: dict[str, tuple[ArrayLike, ...]] = {}
    lines: dict[str, tuple[ArrayLike, ...]] = {}
    for size, curve in [*measured.items()][::2]:
        span = np.exp(size * np.linspace(0.1, 0.75, 60)) + 1
        overlaps = curve.overlaps.T
        name = f"d = {size}"
        points[name] = (np.log(curve.counts) / size, overlaps.mean(axis=1), reach(overlaps))
        lines[name] = (np.log(span) / size, _overlap(size, span))
    lines[rf"$\alpha_1 = {limit:.3f}$"] = ([limit, limit], [0.4, 1.0])
    step = curves(
        rf"One update, $\beta = {_BETA:g}$",
        r"$\ln(P)\,/\,d$",
        "Overlap with the pattern",
        points,
        lines,
    )
    sizes = np.array(_SIZES)
    growth = curves(
        "Exponential capacity",
        f"Dimension $d$ ({BARS})",
        "Patterns $P$ that share half of the weight",
        {"measured": (sizes, capacities.mean(axis=1), reach(capacities))},
        {
            "theory at $d$": (sizes, [_expected(size) for size in _SIZES]),
            rf"slope $\alpha_1 = {limit:.3f}$": (
                sizes,
                _expected(_SIZES[-1]) * np.exp(limit * (sizes - sizes[-1])),
            ),
        },
        yscale="log",
    )

    def draw(canvas: Canvas) -> None:
        for part, panel in zip(split(canvas, 1, 2), (step, growth), strict=True):
            panel(part)

    return draw


def _curve(rng: np.random.Generator, size: int) -> _Curve:
    counts = np.maximum(np.round(_RATES * _expected(size)).astype(int), 2)
    overlaps = [[_overlap_of(on_sphere(rng, c, size)) for c in counts] for _ in range(_REPEATS)]
    return _Curve(counts, np.array(overlaps))


def _overlap_of(patterns: NDArray[np.float32]) -> float:
    cues = patterns[:_PROBES]
    after = updated(patterns, _BETA, cues)
    return float((after * cues).sum(axis=1, dtype=np.float64).mean() / patterns.shape[1])


def _capacity(size: int, curve: _Curve) -> NDArray[np.float64]:
    """Return for each repeat the number of patterns at which a pattern has half of the weight."""
    half = (1 + _attraction(size)) / 2
    logs = np.log(curve.counts)
    return np.exp([np.interp(-half, -row, logs) for row in curve.overlaps])


def _integral(size: int, beta: float) -> float:
    """Return the mean of exp(beta d q) over overlaps q with a random point of the sphere."""
    from scipy.special import gammaln, ive

    x, order = beta * size, size / 2 - 1
    return math.exp(gammaln(size / 2) + order * math.log(2 / x) + math.log(ive(order, x)) + x)


def _attraction(size: int) -> float:
    """Return the overlap of a cue with the mean of all other patterns, weighted by attention."""
    from scipy.special import ive

    return float(ive(size / 2, _BETA * size) / ive(size / 2 - 1, _BETA * size))


def _expected(size: int) -> float:
    """Return the number of patterns at which all others weigh as much as a pattern itself."""
    return 1 + math.exp(_BETA * size) / _integral(size, _BETA)


def _overlap(size: int, counts: AnyArray) -> NDArray[np.float64]:
    """Return the overlap after one update of a pattern."""
    own = 1 / (1 + (np.asarray(counts) - 1) / (_expected(size) - 1))
    return own + (1 - own) * _attraction(size)


def _growth(beta: float) -> float:
    r"""Return :math:`\alpha_1 = \beta - \max_q [\beta q + \tfrac12 \ln(1 - q^2)]`.

    Up to P = exp(alpha_1 d) patterns on the sphere a typical one outweighs all others together.

    Source: Lucibello & Mezard (2024), Phys. Rev. Lett. 132:077301.
    """
    q = (math.sqrt(1 + 4 * beta**2) - 1) / (2 * beta)
    return beta - beta * q - math.log(1 - q**2) / 2


SOFTMAX = PublishedFigure(
    name="softmax",
    paper="Ramsauer et al. (2021), ICLR; arXiv:2008.02217; growth rate: Lucibello & Mezard (2024), "
    "Phys. Rev. Lett. 132:077301",
    shows="One step of attention retrieves one of exponentially many patterns.",
    against=("paper's number", "paper's formula"),
    seconds=27,
    run=_softmax,
)
