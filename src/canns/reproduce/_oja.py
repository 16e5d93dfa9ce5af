"""How Oja's rule goes to the first principal component, and fluctuates about it."""

from functools import partial

import jax.numpy as jnp
import numpy as np
from numpy.typing import ArrayLike, NDArray

from canns.dynamics import Linear
from canns.plasticity import Identity, Learner, Oja, Setup, learn_members
from canns.reproduce._claim import Claim, t_reach
from canns.reproduce._draw import curves, split
from canns.reproduce._figure import Canvas, Findings, PublishedFigure

__all__ = ["OJA"]

_EIGENVALUES = np.array([4.0, 1.0, 0.5, 0.25])
_RATES = np.array([0.001, 0.002, 0.004])
# A chunk is 0.5 to 3 times the correlation time, 1/(eta (lambda_1 - lambda_j)).
_NUM_MEMBERS, _NUM_CHUNKS, _CHUNK, _SETTLING = 256, 300, 250, 20
_START = np.array([0.1, 0.6, 0.6, 0.4])
# Times eta n that all rates reach after a number of chunks.
_TIMES = np.array([1.0, 2.0])


def _runs(rng: np.random.Generator) -> NDArray[np.float64]:
    """Return the weights after each chunk of samples, (rates, members, chunks, in)."""
    members, size = len(_RATES) * _NUM_MEMBERS, len(_EIGENVALUES)
    rates = jnp.asarray(np.repeat(_RATES, _NUM_MEMBERS), jnp.float32)
    start = jnp.broadcast_to(jnp.asarray(_START, jnp.float32), (members, 1, size))
    silence = jnp.zeros((members, size)), jnp.zeros((members, 1))
    learners = Learner(start, (), Linear().init(start[0]), silence)
    rule = Oja(rates)  # type: ignore[arg-type]  # one for each member
    weights = []
    for _ in range(_SETTLING + _NUM_CHUNKS):
        samples = rng.standard_normal((members, _CHUNK, size), np.float32)
        inputs = samples * np.sqrt(_EIGENVALUES, dtype=np.float32)
        learners = learn_members(Setup(rule, Linear(), Identity()), learners, inputs, shared=False)
        weights.append(np.asarray(learners.weights[:, 0], np.float64))
    kept = np.stack(weights, axis=1)
    return kept.reshape(len(_RATES), _NUM_MEMBERS, -1, size)


def _path(time: ArrayLike) -> NDArray[np.float64]:
    """Return w(t) of dw/dt = C w - (w' C w) w, (times, in)."""
    grown = np.exp(np.multiply.outer(time, _EIGENVALUES)) * _START
    norm = np.sqrt(1 - (_START**2).sum() + (grown**2).sum(axis=-1, keepdims=True))
    path: NDArray[np.float64] = grown / norm
    return path


def _at_zero(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the value at rate 0 of a line through (rates, members), for each member."""
    # The variance of a mean over time falls with the number of correlation times, so as 1/eta.
    intercepts: NDArray[np.float64] = np.polyfit(_RATES, values, 1, w=np.sqrt(_RATES))[1]
    return intercepts


def _oja(seed: int) -> Findings:
    runs = _runs(np.random.default_rng(seed))
    chunks = np.rint(_TIMES[:, None] / (_RATES * _CHUNK)).astype(int) - 1
    early = np.stack([runs[range(len(_RATES)), :, at] for at in chunks])
    expected = _path(_TIMES)
    claims = [
        Claim.of_mean(f"w_{j + 1} at t = {time:g}", "paper's formula", path[j], _at_zero(w[..., j]))
        for time, path, w in zip(_TIMES, expected, early, strict=True)
        for j in range(2)
    ]
    weights = runs[:, :, _SETTLING:]
    excess = (weights**2).sum(axis=-1, keepdims=True) - 1
    squares = np.concatenate([weights[..., 1:] ** 2, excess], axis=-1)
    # A member's chunks follow each other; members are independent.
    members = squares.mean(axis=2) / _RATES[:, None, None]
    first, others = _EIGENVALUES[0], _EIGENVALUES[1:]
    theory = np.append(first * others / (2 * (first - others)), others.sum() / 2)
    names = [rf"$E\,w_{j}^2/\eta$" for j in (2, 3, 4)] + [r"$(E\,|w|^2 - 1)/\eta$"]
    words = [f"variance of w_{j} / eta" for j in (2, 3, 4)] + ["(E |w|^2 - 1) / eta"]
    claims += [
        Claim.of_mean(f"{what}, at eta = 0", "our theory", theory[k], _at_zero(members[..., k]))
        for k, what in enumerate(words)
    ]
    mean = members.mean(axis=1)
    reach = t_reach(members, axis=1)
    draw = partial(_draw, names=names, early=early, mean=mean, reach=reach, theory=theory)
    return Findings(claims, {"rates": _RATES, "mean": mean, "reach": reach}, draw)


def _draw(
    canvas: Canvas,
    names: list[str],
    early: NDArray[np.float64],
    mean: NDArray[np.float64],
    reach: NDArray[np.float64],
    theory: NDArray[np.float64],
) -> None:
    left, right = split(canvas, 1, 2)
    time = np.linspace(0, 2.5, 101)
    path = _path(time)
    slow = early[:, 0]
    curves(
        "Means follow Oja's equation",
        r"Time $\eta n$",
        "Weight, mean of 256 runs",
        {
            f"$w_{j + 1}$": (_TIMES, slow[..., j].mean(axis=1), t_reach(slow[..., j], axis=1))
            for j in (0, 1)
        },
        {f"$w_{j + 1}$": (time, path[:, j]) for j in (0, 1)},
        ylim=(0, 1.1),
    )(left)
    curves(
        "Fluctuation about the component",
        r"Learning rate $\eta$",
        r"Fluctuation$\,/\,\eta$",
        {name: (_RATES, mean[:, k], reach[:, k]) for k, name in enumerate(names)},
        {name: ([0, _RATES[-1]], [theory[k]] * 2) for k, name in enumerate(names)},
        xlim=(0, 0.0042),
        ylim=(0, None),
    )(right)


OJA = PublishedFigure(
    name="oja",
    paper="Oja (1982), J. Math. Biol. 15:267",
    shows="Weights follow Oja's equation to the first component, and fluctuate as predicted.",
    against=("paper's formula", "our theory"),
    seconds=8,
    run=_oja,
)
