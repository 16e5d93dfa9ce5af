"""Steps of an optimiser of optax on a loss that may explode, over horizons that grow."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from canns._extras import require
from canns.typing import Array, IntArray, PyTree

if TYPE_CHECKING:
    import optax

__all__ = [
    "BLOCK",
    "Descent",
    "begin_descent",
    "default_optimizer",
    "growing_horizons",
    "take_steps",
]

BLOCK = 20  # steps of a compiled call
_GROWING = 0.5  # share of the steps in which the trajectory grows
_SHORTEST = 1 / 8  # of the trajectory, at first
_RATE = 0.02


class Descent(NamedTuple):
    """Where a descent stands.

    Args:
        numbers: What is changed, a pytree of arrays.
        state: The state of the optimiser.
        best: The numbers at the lowest loss at full length so far.
        lowest: That loss.
        pace: By what steps are shortened, after some whose loss was not finite.
    """

    numbers: PyTree
    state: PyTree
    best: PyTree
    lowest: Array
    pace: Array


def default_optimizer(rate: float = _RATE) -> "optax.GradientTransformation":
    """Return Adam, with gradients clipped to a norm of 1."""
    package = require("optax", "fit")
    steps = package.clip_by_global_norm(1.0), package.adam(rate)
    found: optax.GradientTransformation = package.chain(*steps)
    return found


def growing_horizons(max_steps: int, longest: int) -> IntArray:
    """Return the length of the trajectory at each step, filled up to whole blocks.

    It grows from an eighth to the whole in the first half of the steps.
    """
    growing = max(int(_GROWING * max_steps), 1)
    share = np.minimum(_SHORTEST + (1 - _SHORTEST) * np.arange(max_steps) / growing, 1.0)
    horizons = np.maximum(np.round(share * longest), 2).astype(np.int32)
    rest = -max_steps % BLOCK
    return np.concatenate([horizons, np.full(rest, longest, np.int32)])


def begin_descent(numbers: PyTree, optimizer: "optax.GradientTransformation") -> Descent:
    """Return a descent that starts from some numbers."""
    return Descent(
        numbers, optimizer.init(numbers), numbers, jnp.asarray(jnp.inf), jnp.asarray(1.0)
    )


def take_steps(
    descent: Descent,
    horizons: Array,
    loss: Callable[[PyTree, Array], Array],
    optimizer: "optax.GradientTransformation",
    longest: int | Array,
    masked: Callable[[PyTree], PyTree] = lambda slope: slope,
) -> Descent:
    """Return the descent after a step at each horizon; pure.

    A step whose loss or gradient is not finite, because the weights exploded, is not made: the
    descent goes back to its best, and the steps after it are shorter for a while.

    Args:
        descent: Where it stands.
        horizons: The length of the trajectory in each step, (S,).
        loss: The loss of some numbers at a horizon.
        optimizer: The optimiser.
        longest: The whole length.
        masked: Returns a gradient without that of numbers that are held.
    """

    def step(now: Descent, horizon: Array) -> tuple[Descent, None]:
        value, slope = jax.value_and_grad(loss)(now.numbers, horizon)
        slope = masked(slope)
        finite = jnp.isfinite(value)
        for leaf in jax.tree.leaves(slope):
            finite &= jnp.isfinite(leaf).all()
        safe = jax.tree.map(lambda leaf: jnp.where(finite, leaf, 0.0), slope)
        change, state = optimizer.update(safe, now.state, now.numbers)
        improved = finite & (horizon >= longest) & (value < now.lowest)
        best = _where(improved, now.numbers, now.best)
        lowest = jnp.where(improved, value, now.lowest)
        moved = jax.tree.map(lambda number, by: number + now.pace * by, now.numbers, change)
        pace = jnp.where(finite, jnp.minimum(now.pace * 1.05, 1.0), now.pace / 2)
        return Descent(_where(finite, moved, best), state, best, lowest, pace), None

    after, _ = jax.lax.scan(step, descent, horizons)
    return after


def _where(condition: Array, new: Any, old: Any) -> Any:
    return jax.tree.map(lambda a, b: jnp.where(condition, a, b), new, old)
