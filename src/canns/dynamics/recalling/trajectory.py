"""Recalls of which every state is kept."""

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from canns._buckets import bucket, fill
from canns._placement import host
from canns._precision import full_precision
from canns.dynamics.network import Network
from canns.dynamics.recalling.loop import NO_TRACE, Carry, Conditions, begin, update
from canns.dynamics.recalling.recall import check_recall, conditions_of
from canns.dynamics.recalling.result import on_device
from canns.typing import Array

__all__ = ["trajectory"]


def trajectory(
    network: Network,
    weights: Any,
    cues: Array | NDArray[Any],
    *,
    key: Array,
    num_iter: int = 20,
    clamped: Array | NDArray[np.bool_] | None = None,
    temperatures: Array | NDArray[Any] | None = None,
) -> Array:
    """Return the states of :func:`recall` before the first and after each update.

    Arguments as of :func:`recall`.

    Returns:
        (num_iter + 1, B, N); a cue that has stopped stays.

    Example:
        >>> import jax, jax.numpy as jnp
        >>> from canns.dynamics import Hopfield
        >>> cycle = jnp.array([[0.0, 1.0], [1.0, 0.0]])
        >>> cue = jnp.array([[1.0, -1.0]])
        >>> trajectory(Hopfield(), cycle, cue, key=jax.random.key(0), num_iter=2)[:, 0].tolist()
        [[1.0, -1.0], [-1.0, 1.0], [1.0, -1.0]]
    """
    check_recall(network, cues, num_iter)
    conditions = conditions_of(network, cues, 0.0, clamped, temperatures)
    count = len(cues)
    filled = fill(cues, bucket(count))
    states = host(_record(network, weights, filled, count, key, conditions, num_iter))
    return on_device(states[:, :count])


@partial(jax.jit, static_argnames="num_iter")
@full_precision
def _record(
    network: Network,
    weights: Any,
    cues: Array,
    count: int,
    key: Array,
    conditions: Conditions,
    num_iter: int,
) -> Array:
    prepared, carry = network.prepare(weights), begin(network, weights, cues, count, NO_TRACE)

    def body(carry: Carry, _: None) -> tuple[Carry, Array]:
        carry = update(network, weights, prepared, carry, key, conditions)
        return carry, carry.states

    _, states = jax.lax.scan(body, carry, length=num_iter)
    return jnp.concatenate([cues[None], states])
