"""How Oja's rule fluctuates at a constant rate."""

import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from canns.dynamics import Linear
from canns.plasticity import Identity, Learner, Oja, Setup, learn_members
from canns.reproduce._claim import Claim
from canns.reproduce._draw import curves
from canns.reproduce._figure import Findings, PublishedFigure

__all__ = ["OJA"]

_EIGENVALUES = np.array([4.0, 1.0, 0.5, 0.25])
_RATES = np.array([0.001, 0.002, 0.004])
# A chunk is 0.5 to 3 times the correlation time, 1/(eta (lambda_1 - lambda_j)).
_NUM_MEMBERS, _NUM_CHUNKS, _CHUNK, _SETTLING = 256, 300, 250, 20


def _fluctuations(rng: np.random.Generator) -> NDArray[np.float64]:
    """Return the weights after each chunk of samples, (rates, members, chunks, in)."""
    members, size = len(_RATES) * _NUM_MEMBERS, len(_EIGENVALUES)
    rates = jnp.asarray(np.repeat(_RATES, _NUM_MEMBERS), jnp.float32)
    start = jnp.zeros((members, 1, size)).at[:, :, 0].set(1.0)
    silence = jnp.zeros((members, size)), jnp.zeros((members, 1))
    learners = Learner(start, (), Linear().init(start[0]), silence)
    rule = Oja(rates)  # type: ignore[arg-type]  # one for each member
    weights = []
    for _ in range(_SETTLING + _NUM_CHUNKS):
        samples = rng.standard_normal((members, _CHUNK, size), np.float32)
        inputs = samples * np.sqrt(_EIGENVALUES, dtype=np.float32)
        learners = learn_members(Setup(rule, Linear(), Identity()), learners, inputs, shared=False)
        weights.append(np.asarray(learners.weights[:, 0], np.float64))
    kept = np.stack(weights[_SETTLING:], axis=1)
    return kept.reshape(len(_RATES), _NUM_MEMBERS, _NUM_CHUNKS, size)


def _oja(seed: int) -> Findings:
    weights = _fluctuations(np.random.default_rng(seed))
    excess = (weights**2).sum(axis=-1, keepdims=True) - 1
    squares = np.concatenate([weights[..., 1:] ** 2, excess], axis=-1)
    # A member's chunks follow each other; members are independent.
    members = squares.mean(axis=2) / _RATES[:, None, None]
    mean = members.mean(axis=1)
    error = members.std(axis=1, ddof=1) / np.sqrt(_NUM_MEMBERS)
    first, others = _EIGENVALUES[0], _EIGENVALUES[1:]
    published = np.append(first * others / (2 * (first - others)), others.sum() / 2)
    names = [rf"$E\,w_{j}^2/\eta$" for j in (2, 3, 4)] + [r"$(E\,|w|^2 - 1)/\eta$"]
    words = [f"variance of w_{j} / eta" for j in (2, 3, 4)] + ["(E |w|^2 - 1) / eta"]
    claims = []
    for k, what in enumerate(words):
        limit, spread = _at_zero(mean[:, k], error[:, k])
        why = "3 standard errors of the fit, extrapolated to eta = 0"
        claims.append(Claim(what, float(published[k]), limit, 3 * spread, why))
    draw = curves(
        r"Oja's rule at a constant rate; lines: theory for $\eta \to 0$",
        r"Learning rate $\eta$",
        r"Fluctuation$\,/\,\eta$",
        {name: (_RATES, mean[:, k], 3 * error[:, k]) for k, name in enumerate(names)},
        {name: ([0, _RATES[-1]], [published[k]] * 2) for k, name in enumerate(names)},
        xlim=(0, 0.0042),
        ylim=(0, None),
    )
    return Findings(claims, {"rates": _RATES, "mean": mean, "standard_error": error}, draw)


def _at_zero(values: NDArray[np.float64], error: NDArray[np.float64]) -> tuple[float, float]:
    """Return the value at rate 0 of a line through the values, and its standard error."""
    line, covariance = np.polyfit(_RATES, values, 1, w=1 / error, cov="unscaled")
    return float(line[1]), float(np.sqrt(covariance[1, 1]))


OJA = PublishedFigure(
    name="oja",
    paper="Oja (1982), J. Math. Biol. 15:267",
    shows="At a constant rate the weights fluctuate about the first component by a known variance.",
    against=("our theory",),
    seconds=10,
    run=_oja,
)
