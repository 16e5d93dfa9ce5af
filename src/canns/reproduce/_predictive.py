"""Predictive coding: the errors of small variance are those that backpropagation sends back."""

import jax
import jax.numpy as jnp
import numpy as np

from canns.energy import LayeredWeights, PredictiveCoding, PredictiveHierarchy
from canns.reproduce._claim import Claim
from canns.reproduce._draw import curves, split
from canns.reproduce._figure import Canvas, Findings, PublishedFigure
from canns.reproduce._readers import (
    Backpropagation,
    course,
    distance,
    drawn_courses,
    flat,
    orders,
    output_of,
    reads,
    split_digits,
)
from canns.typing import AnyArray, Array

__all__ = ["PREDICTIVE"]

_VARIANCES = tuple(1 / 4**i for i in range(8))
_ACTIVATIONS = ("tanh", "relu", "sigmoid")


@jax.jit
def _change(
    rule: PredictiveCoding | Backpropagation,
    network: PredictiveHierarchy,
    weights: LayeredWeights,
    x: Array,
    target: Array,
) -> LayeredWeights:
    key = jax.random.key(0)
    memory = rule.init(network, weights, len(x), key)
    change: LayeredWeights = rule.step(network, memory, weights, x, target, key).change
    return change


def _distances(activation: str, seed: int, images: AnyArray, targets: AnyArray) -> list[float]:
    """Return how far each variance's change is from that of backpropagation."""
    found = []
    with jax.enable_x64(True):
        x, target = jnp.asarray(images, float), jnp.asarray(targets, float)
        for variance in _VARIANCES:
            network = PredictiveHierarchy((64, 32, 32, 10), 500, 0.2, variance, activation)
            problem = network, network.draw(jax.random.key(seed)), x, target
            ours, other = (
                _change(PredictiveCoding(1.0), *problem),
                _change(Backpropagation(1.0), *problem),
            )
            found.append(distance(flat(ours), flat(other)))
    return found


def _predictive(seed: int) -> Findings:
    digits = split_digits(seed)
    pairs = digits.seen[:50], digits.targets[:50]
    found = {name: _distances(name, seed, *pairs) for name in _ACTIVATIONS}
    claims = [
        Claim.of_value(
            f"order of the difference in the variance, {name}",
            "paper's formula",
            1,
            # The variances go down by factors of 4, which are two halvings each.
            orders(error)[-1] / 2,
            0.05,
            "the next order, at variances below 0.001",
        )
        for name, error in found.items()
    ]
    network = PredictiveHierarchy((64, 256, 10), variance=0.1, activation="relu")
    rules = {"predictive coding": PredictiveCoding, "backpropagation": Backpropagation}
    courses = {
        name: course(network, rule, 0.05, digits, output_of, seed) for name, rule in rules.items()
    }
    ours, other = courses.values()
    claims.append(reads("predictive coding", ours, 0.97, "at least"))
    name = "predictive coding, as backpropagation,"
    claims.append(reads(name, ours, float(other.right.mean()), "near"))
    variances = np.array(_VARIANCES)
    left = curves(
        "Lines: in proportion to the variance",
        "Variance of hidden layers / variance of output",
        "Distance to backpropagation / its length",
        {name: (variances, error) for name, error in found.items()},
        {name: (variances, error[-1] * variances / variances[-1]) for name, error in found.items()},
        xscale="log",
        yscale="log",
    )

    def draw(canvas: Canvas) -> None:
        for part, panel in zip(split(canvas, 1, 2), (left, drawn_courses(courses)), strict=True):
            panel(part)

    data = {
        "variances": variances,
        **{f"distance, {name}": error for name, error in found.items()},
        **{f"read, {name}": each.read for name, each in courses.items()},
    }
    return Findings(claims, data, draw)


PREDICTIVE = PublishedFigure(
    name="predictive-coding",
    paper="Whittington & Bogacz (2017), Neural Comput. 29:1229",
    shows="As the hidden layers' variance goes to zero, learning goes to backpropagation.",
    against=("paper's formula", "our simulation"),
    seconds=20,
    run=_predictive,
)
