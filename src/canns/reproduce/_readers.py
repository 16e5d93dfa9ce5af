"""Networks that learn to read digits from input and target, beside backpropagation."""

from collections.abc import Callable, Sequence
from typing import ClassVar, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from canns import task
from canns.energy import (
    EnergyNetwork,
    EnergyProgress,
    EnergyRule,
    EnergyStep,
    LayeredNetwork,
    LayeredWeights,
    descend,
    learn_energy,
    squared_error,
)
from canns.reproduce._claim import Claim, Sense
from canns.reproduce._draw import Draw, curves
from canns.typing import AnyArray, Array, PyTree, param, pytree

__all__ = [
    "Backpropagation",
    "Course",
    "Digits",
    "angle",
    "course",
    "distance",
    "drawn_courses",
    "flat",
    "orders",
    "output_of",
    "reads",
    "split_digits",
]

_BATCH = 20
_STAGES = ((1.0, 18), (0.2, 6), (0.05, 3))  # part of the learning rate, and epochs
_SHIFTS = ((0, 0), (0, 1), (0, -1), (1, 0), (-1, 0))


class Digits(NamedTuple):
    """Digits to learn from, each also shifted by a pixel each way, and digits held out.

    Args:
        seen: (P, 64).
        targets: One-hot, (P, 10).
        held_out: (B, 64).
        labels: Of those held out, (B,).
    """

    seen: AnyArray
    targets: AnyArray
    held_out: AnyArray
    labels: AnyArray


class Course(NamedTuple):
    """How learning went.

    Args:
        read: Share of the digits held out that are read right after each epoch, (epochs,).
        right: Which of them are at the end, (B,).
    """

    read: AnyArray
    right: AnyArray


def split_digits(seed: int) -> Digits:
    """Return the digits, with a quarter of each class held out."""
    images, labels = task.digits()
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(images))
    images, labels = images[order], labels[order]
    rank = np.zeros(len(labels), int)
    for digit in range(10):
        rank[labels == digit] = np.arange((labels == digit).sum())
    out = rank % 4 == 0
    padded = np.pad(images[~out].reshape(-1, 8, 8), ((0, 0), (1, 1), (1, 1)))
    seen = [padded[:, 1 + y : 9 + y, 1 + x : 9 + x].reshape(-1, 64) for y, x in _SHIFTS]
    targets = np.eye(10)[np.tile(labels[~out], len(_SHIFTS))]
    return Digits(np.concatenate(seen), targets, images[out], labels[out])


@pytree
class Backpropagation(EnergyRule):
    """Gradient descent on the squared error of one pass upwards, with a linear output."""

    learns: ClassVar[tuple[type[EnergyNetwork], ...]] = (LayeredNetwork,)
    needs_targets: ClassVar[bool] = True
    learning_rate: float = param(default=0.1, low=0)

    def step(
        self,
        network: EnergyNetwork,
        memory: PyTree,
        weights: LayeredWeights,
        x: Array,
        target: Array | None,
        key: Array,
    ) -> EnergyStep:
        """Return the change of the weights and the loss."""
        assert isinstance(network, LayeredNetwork)
        assert target is not None

        def loss(weights: LayeredWeights) -> Array:
            return squared_error(output_of(network, weights, x), target).mean()

        error, slope = jax.value_and_grad(loss)(weights)
        return EnergyStep(memory, descend(self.learning_rate, slope), error)


def output_of(network: LayeredNetwork, weights: LayeredWeights, x: Array) -> Array:
    """Return what the topmost hidden layer of one pass upwards gives to the output, linearly."""
    below = network.start(weights, x).layers[-2]
    return below @ weights.W[-1].T + weights.b[-1]


def course(
    network: LayeredNetwork,
    rule: Callable[[float], EnergyRule],
    rate: float,
    digits: Digits,
    read: Callable[[LayeredNetwork, LayeredWeights, Array], Array],
    seed: int,
) -> Course:
    """Return how a network learns to read, at a learning rate that falls in stages.

    Args:
        network: The network.
        rule: Function that makes the rule, given a learning rate.
        rate: Learning rate of the first stage.
        digits: The digits.
        read: Function of network, weights and images that returns the output, (B, 10).
        seed: Seed of the weights and of the orders.
    """
    reader = jax.jit(read)
    shown = jnp.asarray(digits.held_out, float)
    rights: list[AnyArray] = []

    def after(progress: EnergyProgress) -> None:
        output = np.asarray(reader(network, progress.learner.weights, shown))
        rights.append(output.argmax(axis=1) == digits.labels)

    weights = network.draw(jax.random.key(seed))
    for stage, (part, epochs) in enumerate(_STAGES):
        learner, _ = learn_energy(
            network,
            rule(part * rate),
            weights,
            digits.seen,
            digits.targets,
            epochs=epochs,
            batch_size=_BATCH,
            seed=seed + 1 + stage,
            on_epoch=after,
        )
        weights = learner.weights
    return Course(np.mean(rights, axis=1), rights[-1])


def reads(name: str, course: Course, expected: float, sense: Sense) -> Claim:
    """Return the claim that a course reads a share of the digits held out."""
    hits, trials = int(course.right.sum()), len(course.right)
    what = f"share of digits held out that {name} reads"
    return Claim.of_share(what, "our simulation", expected, hits, trials, sense)


def drawn_courses(courses: dict[str, Course]) -> Draw:
    """Return a function that draws the share that each course misreads, by epoch."""
    shown = {
        f"{name}: {course.read[-1]:.1%} right".replace("%", " %"): (
            np.arange(1, len(course.read) + 1),
            100 * (1 - course.read),
        )
        for name, course in courses.items()
    }
    ticks = {0.5: "0.5", 1: "1", 2: "2", 5: "5", 10: "10", 20: "20", 50: "50"}
    axes = {
        "yscale": "log",
        "ylim": (0.2, 150),
        "yticks": list(ticks),
        "yticklabels": list(ticks.values()),
    }
    return curves("Digits held out", "Epoch", "Misread (%)", shown, {}, **axes)


def flat(weights: PyTree) -> AnyArray:
    """Return all numbers of a change of weights, (n,)."""
    return np.concatenate([np.ravel(part) for part in jax.tree.leaves(weights)])


def distance(a: AnyArray, b: AnyArray) -> float:
    """Return how far a is from b, as a part of the length of b."""
    return float(np.linalg.norm(a - b) / np.linalg.norm(b))


def angle(a: AnyArray, b: AnyArray) -> float:
    """Return the angle between two vectors in degrees, exact for small ones."""
    a, b = a / np.linalg.norm(a), b / np.linalg.norm(b)
    return float(2 * np.degrees(np.arctan2(np.linalg.norm(a - b), np.linalg.norm(a + b))))


def orders(errors: Sequence[float]) -> AnyArray:
    """Return the order between each error and the next, at half the parameter."""
    values = np.asarray(errors)
    found: AnyArray = np.log2(values[:-1] / values[1:])
    return found
