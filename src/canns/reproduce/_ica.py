"""The nonlinear Hebbian rule tells mixed sources apart."""

from functools import partial
from typing import Any

import jax.numpy as jnp
import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.signal import sawtooth, square
from scipy.stats import chi2

from canns._extras import require
from canns.dynamics import Linear
from canns.plasticity import NonlinearHebbian, OrthonormalRows, Setup, learn
from canns.reproduce._claim import FALSE_ALARM, Claim
from canns.reproduce._figure import Canvas, Findings, PublishedFigure
from canns.typing import AnyArray, PyTree

__all__ = ["ICA"]

_NAMES = ("Square", "Sawtooth", "Sine", "Noise")
_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7")
_SAMPLES, _NUM_MIXTURES, _SHOWN = 8000, 12, 400
_RATES = (0.02, 0.01, 0.003, 1e-3, 3e-4, 1e-4)


def _sources(rng: np.random.Generator) -> AnyArray:
    """Return signals with lighter tails than a Gaussian, (T, 4), of mean 0 and variance 1."""
    phase = 2 * np.pi * (np.arange(_SAMPLES)[:, None] / (155.0, 97.3, 61.7) + rng.random(3))
    waves = square(phase[:, 0]), sawtooth(phase[:, 1]), np.sin(phase[:, 2])
    sources = np.stack([*waves, rng.uniform(-1, 1, _SAMPLES)], axis=1)
    scaled: AnyArray = (sources - sources.mean(axis=0)) / sources.std(axis=0)
    return scaled


def _whitened(inputs: AnyArray) -> AnyArray:
    centred = inputs - inputs.mean(axis=0)
    values, vectors = np.linalg.eigh(centred.T @ centred / len(centred))
    white: AnyArray = centred @ (vectors / np.sqrt(values)) @ vectors.T
    return white


def _rows(white: AnyArray, rng: np.random.Generator) -> AnyArray:
    """Return the weights learnt from a random start, by one pass at each rate."""
    project = OrthonormalRows()
    learner: PyTree = project(jnp.asarray(rng.normal(size=(white.shape[1],) * 2), jnp.float32))
    for rate in _RATES:
        rule = NonlinearHebbian(rate, sources="sub_gaussian")
        samples = white[rng.permutation(len(white))]
        learner = learn(Setup(rule, Linear(), project), learner, samples)
    return np.asarray(learner.weights, np.float64)


def _amari(product: AnyArray) -> float:
    """Return Amari, Cichocki & Yang's distance of a matrix from a permutation, in [0, 1]."""
    size = np.abs(product)
    rows = (size.sum(axis=1) / size.max(axis=1) - 1).sum()
    columns = (size.sum(axis=0) / size.max(axis=0) - 1).sum()
    return float((rows + columns) / (2 * len(size) * (len(size) - 1)))


def _room(sources: AnyArray) -> AnyArray:
    r"""Return how much of |correlation| chance may take from each source.

    To first order, outputs i and j turn towards each other by :math:`\theta`, which the rule brings
    back at the rate :math:`\eta k`, :math:`k = (\kappa_i + \kappa_j)/2` with
    :math:`\kappa = |E[s\,g(s) - g'(s)]|`. A sample turns it by
    :math:`\eta\,(g(s_i) s_j - g(s_j) s_i)/2`, of variance :math:`\eta^2 v`. So :math:`\theta` has
    the variance :math:`\eta v / 2k` at a rate that lasts, and :math:`v / k^2 T` by finite samples
    alone.
    """
    bent = np.tanh(sources)
    own = (sources * bent).mean(axis=0)
    kappa = np.abs(own - (1 - bent**2).mean(axis=0))
    power = (bent**2).mean(axis=0)
    k = (kappa[:, None] + kappa) / 2
    v = (power[:, None] + power - 2 * np.outer(own, own)) / 4
    turned = _RATES[0] * v / (2 * k)
    for rate in _RATES[1:]:
        kept = np.exp(-2 * rate * k * _SAMPLES)
        turned = turned * kept + rate * v / (2 * k) * (1 - kept)
    # The outputs are uncorrelated; the sources are, too, but for chance: 1 / T, shared by the two.
    turned += v / (k**2 * _SAMPLES) + 1 / (4 * _SAMPLES)
    np.fill_diagonal(turned, 0)
    largest = chi2.isf(FALSE_ALARM / _NUM_MIXTURES, 1)
    room: AnyArray = largest * turned.sum(axis=1) / 2
    return room


def _ica(seed: int) -> Findings:
    rng = np.random.default_rng(seed)
    fast = require("sklearn.decomposition", "data").FastICA
    correlations, distances, shown = [], [], []
    for mixture in range(_NUM_MIXTURES):
        sources = _sources(rng)
        mixed = sources @ rng.normal(size=(4, 4)).T
        white = _whitened(mixed)
        theirs = fast(whiten=False, tol=1e-10, max_iter=1000, random_state=mixture)
        outputs = white @ _rows(white, rng).T, theirs.fit_transform(white)
        products = [y.T @ sources / _SAMPLES for y in outputs]
        distances.append([_amari(product) for product in products])
        own, which = linear_sum_assignment(-np.abs(products[0]))
        own = own[np.argsort(which)]
        matched = products[0][own, range(4)]
        correlations.append(np.abs(matched))
        shown.append((sources, mixed / mixed.std(axis=0), outputs[0][:, own] * np.sign(matched)))
    found, (ours, theirs) = np.stack(correlations), np.transpose(distances)
    room = _room(shown[0][0])
    claims = [
        Claim.of_value(
            f"least |correlation| with the {name.lower()}, {_NUM_MIXTURES} mixtures",
            "paper's formula",
            1.0,
            float(found[:, i].min()),
            float(room[i]),
            "finite sample, and what moves at the last rate",
        )
        for i, name in enumerate(_NAMES)
    ]
    claims.append(
        Claim.of_value(
            "Amari distance less FastICA's, largest",
            "our simulation",
            0.0,
            float(np.abs(ours - theirs).max()),
            float(np.sqrt(_RATES[-1])),
            "what moves at the last rate, root of eta",
        )
    )
    data = {"correlations": found, "amari": ours, "amari_fastica": theirs}
    return Findings(claims, data, partial(_draw, traces=[signals[:_SHOWN] for signals in shown[0]]))


def _draw(canvas: Canvas, traces: list[AnyArray]) -> None:
    grid: Any = canvas.subplots(4, 3, sharex=True)
    titles = "Sources", "Mixtures, as shown", "Outputs, as learnt"
    for column, (title, signals) in enumerate(zip(titles, traces, strict=True)):
        grid[0, column].set_title(title)
        grid[3, column].set_xlabel("Sample")
        for row, axes in enumerate(grid[:, column]):
            colour = "#7F7F7F" if column == 1 else _COLOURS[row]
            axes.plot(signals[:, row], color=colour, linewidth=0.9)
            axes.set(yticks=[], xlim=(0, _SHOWN), ylim=(-3.4, 3.4) if column == 1 else (-2.1, 2.1))
            axes.spines[["top", "right", "left"]].set_visible(False)
    for axes, name in zip(grid[:, 0], _NAMES, strict=True):
        axes.set_ylabel(name)


ICA = PublishedFigure(
    name="ica",
    paper="Hyvarinen & Oja (1998), Signal Process. 64:301",
    shows="Four sources are told apart from their mixtures alone, as well as by FastICA.",
    against=("paper's formula", "our simulation"),
    seconds=8,
    run=_ica,
)
