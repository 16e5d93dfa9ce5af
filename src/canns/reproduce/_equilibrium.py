"""Equilibrium propagation: a small nudge of the output finds the gradient, and reads digits."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np

from canns.energy import (
    ContrastiveHebbian,
    EquilibriumPropagation,
    LayeredHopfield,
    LayeredNetwork,
    LayeredWeights,
    squared_error,
)
from canns.reproduce._claim import Claim
from canns.reproduce._draw import curves, split
from canns.reproduce._figure import Canvas, Findings, PublishedFigure
from canns.reproduce._readers import (
    Backpropagation,
    angle,
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

__all__ = ["EQUILIBRIUM"]

_BETAS = tuple(0.2 / 2**i for i in range(7))
_NUDGINGS = {"one-sided": 1, "symmetric": 2}  # and the order of their errors


@jax.jit
def _found(
    rule: EquilibriumPropagation,
    network: LayeredHopfield,
    weights: LayeredWeights,
    x: Array,
    target: Array,
) -> LayeredWeights:
    key = jax.random.key(0)
    memory = rule.init(network, weights, len(x), key)
    change: LayeredWeights = rule.step(network, memory, weights, x, target, key).change
    return change


@jax.jit
def _exact(
    network: LayeredHopfield, weights: LayeredWeights, x: Array, target: Array
) -> LayeredWeights:
    """Return the direction down the gradient, through all steps of the relaxation."""

    def gain(weights: LayeredWeights) -> Array:
        relaxed = network.relax(weights, network.start(weights, x))
        return -squared_error(relaxed.state.layers[-1], target).mean()

    direction: LayeredWeights = jax.grad(gain)(weights)
    return direction


def _compared(seed: int, images: AnyArray, targets: AnyArray) -> dict[str, list[AnyArray]]:
    """Return the change of each nudging at each strength, and the gradient.

    Weights are small enough that no unit comes to its bounds, at which the gradient has a kink.
    """
    with jax.enable_x64(True):
        network = LayeredHopfield((64, 32, 16, 10), num_steps=200)
        weights = network.draw(jax.random.key(seed))
        W = tuple(0.15 * part for part in weights.W)
        weights = LayeredWeights(W, tuple(part + 0.5 for part in weights.b))
        x, target = jnp.asarray(images, float), jnp.asarray(targets, float)
        found = {
            nudging: [
                flat(_found(EquilibriumPropagation(1.0, b, nudging), network, weights, x, target))
                for b in _BETAS
            ]
            for nudging in _NUDGINGS
        }
        return found | {"gradient": [flat(_exact(network, weights, x, target))]}


def _settled(network: LayeredNetwork, weights: LayeredWeights, x: Array) -> Array:
    return network.relax(weights, network.start(weights, x)).state.layers[-1]


def _equilibrium(seed: int) -> Findings:
    digits = split_digits(seed)
    changes = _compared(seed, digits.seen[:50], digits.targets[:50])
    gradient = changes.pop("gradient")[0]
    claims, angles, found = [], {}, {}
    for nudging, expected in _NUDGINGS.items():
        error = [distance(change, gradient) for change in changes[nudging]]
        found[nudging] = error
        angles[nudging] = [angle(change, gradient) for change in changes[nudging]]
        claims.append(
            Claim.of_value(
                f"order of the error in beta, {nudging} nudging",
                "paper's formula",
                expected,
                orders(error)[-1],
                _BETAS[-2],
                "the next order, a factor of beta",
            )
        )
    network = LayeredHopfield((64, 256, 10), num_steps=20)
    nudged = partial(EquilibriumPropagation, nudging="one-sided")
    courses = {
        name: course(network, rule, rate, digits, read, seed)
        for name, rule, rate, read in (
            ("equilibrium propagation", nudged, 0.2, _settled),
            ("backpropagation", Backpropagation, 0.1, output_of),
            ("contrastive Hebbian", ContrastiveHebbian, 0.1, _settled),
        )
    }
    ours, _, hebbian = courses.values()
    claims.append(reads("equilibrium propagation", ours, 0.97, "at least"))
    betas = np.array(_BETAS)
    # A line of the expected slope through the smallest nudge.
    theory = {
        name: (betas, angles[name][-1] * (betas / betas[-1]) ** order)
        for name, order in _NUDGINGS.items()
    }
    left = curves(
        r"Lines: $\beta$ and $\beta^2$",
        r"Nudge $\beta$",
        "Angle to the gradient (degrees)",
        {name: (betas, angles[name]) for name in _NUDGINGS},
        theory,
        xscale="log",
        yscale="log",
    )

    def draw(canvas: Canvas) -> None:
        for part, panel in zip(split(canvas, 1, 2), (left, drawn_courses(courses)), strict=True):
            panel(part)

    data = {
        "betas": betas,
        **{f"relative error, {name}": error for name, error in found.items()},
        **{f"angle, {name}": values for name, values in angles.items()},
        **{f"read, {name}": each.read for name, each in courses.items()},
        "read by contrastive Hebbian learning": float(hebbian.right.mean()),
    }
    return Findings(claims, data, draw)


EQUILIBRIUM = PublishedFigure(
    name="equilibrium-propagation",
    paper="Scellier & Bengio (2017), Front. Comput. Neurosci. 11:24; Laborieux et al. (2021), "
    "Front. Neurosci. 15:633674",
    shows="A small nudge of the output finds the gradient; a network that learns so reads digits.",
    against=("paper's formula", "our simulation"),
    seconds=50,
    run=_equilibrium,
)
