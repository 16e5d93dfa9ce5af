"""Sanger's rule finds principal components in their order, of digits and of natural images."""

import warnings
from functools import partial

import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2

from canns import task
from canns.dynamics import Linear
from canns.errors import CannsWarning
from canns.models.brain_inspired import LinearLayer
from canns.plasticity import Identity, Learner, Sanger, Setup, learn_members
from canns.reproduce._claim import FALSE_ALARM, Claim, t_reach
from canns.reproduce._draw import curves, split
from canns.reproduce._figure import Canvas, Findings, PublishedFigure
from canns.trainer import SangerTrainer
from canns.typing import AnyArray

__all__ = ["SANGER"]

# Rates and numbers of samples, drawn anew each time: passes over the same ones fluctuate less. At
# the first rate the components are found; the last is kept until the closest pair has come to its
# own fluctuations, 2 eta n (lambda_i - lambda_j) > 4.
_DIGITS = (0.01, 60_000), (0.001, 150_000)
_PATCHES = (0.002, 40_000), (0.0003, 40_000), (0.00005, 200_000)
_AT_ONCE, _SIDE, _COUNT = 10_000, 12, 8
_EIGENVALUES, _OUTPUTS = np.array([4.0, 2.0, 1.0, 0.5, 0.25]), 3
_RATES = np.array([0.001, 0.002, 0.004])
_NUM_MEMBERS, _NUM_CHUNKS, _CHUNK, _SETTLING = 128, 60, 500, 20

_Stages = tuple[tuple[float, int], ...]


def _components(inputs: AnyArray) -> tuple[AnyArray, AnyArray]:
    """Return the exact components, one a row, and the variance along each."""
    _, singular, rows = np.linalg.svd(inputs, full_matrices=False)
    return rows, singular**2 / len(inputs)


def _tilt(variances: AnyArray, products: AnyArray, count: int) -> NDArray[np.float64]:
    r"""Return the mean of sin^2 of the angle to each component, over eta, to first order.

    With x in the basis of the components, row k fluctuates along component j > k by
    :math:`v_{kj} = \eta\,E[x_k^2 x_j^2] / 2(\lambda_k - \lambda_j)`. It inherits the fluctuations
    of the rows before it: :math:`v_{kj} = v_{jk} \lambda_k / \lambda_j` for j < k.

    Args:
        variances: Lambda, one for each component.
        products: E[x_k^2 x_j^2], of the first components with all.
        count: Number of rows.
    """
    later = np.zeros((count, len(variances)))
    for k in range(count):
        gaps = variances[k] - variances[k + 1 :]
        later[k, k + 1 :] = products[k, k + 1 :] / (2 * gaps)
    shares = variances[:count, None] / variances[:count]
    tilt: NDArray[np.float64] = later.sum(axis=1) + (later[:, :count].T * shares).sum(axis=1)
    return tilt


def _learn(inputs: AnyArray, stages: _Stages, rng: np.random.Generator) -> AnyArray:
    """Return the weights of a layer after random samples at each rate."""
    layer = LinearLayer(inputs.shape[1], _COUNT)
    trainer = SangerTrainer(layer)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CannsWarning)  # the first rate is large, to be quick
        for rate, count in stages:
            trainer.learning_rate = rate
            for _ in range(count // _AT_ONCE):
                trainer.train(inputs[rng.integers(len(inputs), size=_AT_ONCE)])
    return np.asarray(layer.W.value, np.float64)


def _found(
    name: str, inputs: AnyArray, stages: _Stages, rng: np.random.Generator
) -> tuple[list[Claim], dict[str, AnyArray]]:
    """Return claims about the angles to the components of a data set, and the data."""
    exact, variances = _components(inputs)
    weights = _learn(inputs, stages, rng)
    cosines = np.abs((weights * exact[:_COUNT]).sum(axis=1)) / np.linalg.norm(weights, axis=1)
    squares = (inputs @ exact.T) ** 2
    kept = variances > 1e-9 * variances[0]
    products = squares[:, :_COUNT].T @ squares[:, kept] / len(inputs)
    tilt = stages[-1][0] * _tilt(variances[kept], products, _COUNT)
    # A sum of squares of normal variables exceeds q times its mean most often if it is one square.
    room = chi2.isf(FALSE_ALARM, 1) * tilt / 2
    why = "fluctuation at the last rate, by the gaps between eigenvalues"
    claims = [
        Claim.of_value(
            f"{name}, |cos| with component {k + 1}",
            "paper's formula",
            1.0,
            cosines[k],
            room[k],
            why,
        )
        for k in range(_COUNT)
    ]
    learnt = (inputs @ weights.T).var(axis=0)
    data = {"weights": weights, "cosines": cosines, "room": room, "output variances": learnt}
    return claims, data | {"variances": variances[:_COUNT]}


def _fluctuations(rng: np.random.Generator) -> NDArray[np.float64]:
    """Return sin^2 of the angles to the components over eta, (rates, members, outputs)."""
    members, size = len(_RATES) * _NUM_MEMBERS, len(_EIGENVALUES)
    rates = jnp.asarray(np.repeat(_RATES, _NUM_MEMBERS), jnp.float32)
    start = jnp.broadcast_to(jnp.eye(_OUTPUTS, size), (members, _OUTPUTS, size))
    silence = jnp.zeros((members, size)), jnp.zeros((members, _OUTPUTS))
    learners = Learner(start, (), Linear().init(start[0]), silence)
    rule = Sanger(rates)  # type: ignore[arg-type]  # one for each member
    squares = []
    for chunk in range(_SETTLING + _NUM_CHUNKS):
        samples = rng.standard_normal((members, _CHUNK, size), np.float32)
        inputs = samples * np.sqrt(_EIGENVALUES, dtype=np.float32)
        learners = learn_members(Setup(rule, Linear(), Identity()), learners, inputs, shared=False)
        if chunk >= _SETTLING:
            weights = np.asarray(learners.weights, np.float64)
            along = np.diagonal(weights, axis1=1, axis2=2) ** 2
            squares.append(1 - along / (weights**2).sum(axis=2))
    mean = np.mean(squares, axis=0).reshape(len(_RATES), _NUM_MEMBERS, _OUTPUTS)
    scaled: NDArray[np.float64] = mean / _RATES[:, None, None]
    return scaled


def _sanger(seed: int) -> Findings:
    rng = np.random.default_rng(seed)
    digits = task.digits()[0]
    patches = task.natural_patches(20_000, _SIDE, whiten=False, seed=seed)
    claims, of_digits = _found("digits", digits - digits.mean(axis=0), _DIGITS, rng)
    more, of_patches = _found("natural images", patches, _PATCHES, rng)
    claims += more
    members = _fluctuations(rng)
    theory = _tilt(_EIGENVALUES, np.outer(_EIGENVALUES, _EIGENVALUES), _OUTPUTS)
    # A line through the rates of each member, at rate 0.
    lines = [np.polyfit(_RATES, members[..., k], 1, w=np.sqrt(_RATES))[1] for k in range(_OUTPUTS)]
    claims += [
        Claim.of_mean(
            f"Gaussian, sin^2 / eta of row {k + 1}, at eta = 0", "our theory", value, line
        )
        for k, (value, line) in enumerate(zip(theory, lines, strict=True))
    ]
    data = {f"digits, {name}": value for name, value in of_digits.items()}
    data |= {f"natural images, {name}": value for name, value in of_patches.items()}
    draw = partial(_draw, digits=of_digits, patches=of_patches, members=members, theory=theory)
    return Findings(claims, data | {"Gaussian": members.mean(axis=1), "theory": theory}, draw)


def _draw(
    canvas: Canvas,
    digits: dict[str, AnyArray],
    patches: dict[str, AnyArray],
    members: NDArray[np.float64],
    theory: NDArray[np.float64],
) -> None:
    from canns.analyzer.visualization import PlotConfig, response_fields

    top, middle, bottom = split(canvas, 3, 1, height_ratios=(1, 1, 2.6))
    for part, found, side, title in (
        (top, digits, 8, "Components of digits, as learnt"),
        (middle, patches, _SIDE, "Components of natural images, as learnt"),
    ):
        response_fields(
            found["weights"], (side, side), (), PlotConfig(title=title), ax=part.subplots()
        )
    left, right = split(bottom, 1, 2)
    order = np.arange(1, _COUNT + 1)
    curves(
        "In the order of their variance",
        "Neuron",
        "Variance (natural images)",
        {"of the outputs": (order, patches["output variances"])},
        {"eigenvalues": (order, patches["variances"])},
        yscale="log",
    )(left)
    mean, reach = members.mean(axis=1), t_reach(members, axis=1)
    curves(
        "They fluctuate as the gaps say",
        r"Learning rate $\eta$",
        r"$\sin^2$ of the angle$\,/\,\eta$",
        {f"row {k + 1}": (_RATES, mean[:, k], reach[:, k]) for k in range(_OUTPUTS)},
        {f"row {k + 1}": ([0, _RATES[-1]], [theory[k]] * 2) for k in range(_OUTPUTS)},
        xlim=(0, 0.0042),
        ylim=(0, None),
    )(right)


SANGER = PublishedFigure(
    name="sanger",
    paper="Sanger (1989), Neural Networks 2:459",
    shows="Neurons of one layer find the principal components, in the order of their variance.",
    against=("paper's formula", "our theory"),
    seconds=12,
    run=_sanger,
)
