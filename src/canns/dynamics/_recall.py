"""The recall driver: one loop for any network, one cue or many, until each cue settles."""

from collections.abc import Callable
from contextlib import nullcontext
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from canns._placement import host, replicated
from canns._validation import check_real, check_size, check_vector
from canns.dynamics._driver import (
    CONVERGED,
    Carry,
    Conditions,
    advance,
    advance_members,
    begin,
    room_for,
    update,
)
from canns.dynamics._network import Network
from canns.dynamics._prepare import prepared_for
from canns.errors import DivergenceError, ValidationError
from canns.typing import Array

__all__ = [
    "OUTCOMES",
    "RecallProgress",
    "RecallResult",
    "recall",
    "recall_members",
    "relax",
    "trajectory",
]

OUTCOMES = ("budget", "converged", "cycle")  # by the driver's numbers
_NO_TRACE = 1  # room for the first energy alone; JAX drops what is written behind it


class RecallResult(NamedTuple):
    """What a recall found, cue by cue.

    Args:
        states: Final states, (B, N).
        outcome: One word a cue, (B,): "converged" (the last update changed nothing),
            "cycle" (a synchronous 2-cycle) or "budget" (still moving after ``num_iter``).
        steps: Updates that each cue took, the one that showed it had settled included, (B,).
        energies: Energy of each cue before the first and after each update, (B, T + 1), where T
            is the largest number of steps; held constant once a cue has stopped.
    """

    states: Array
    outcome: NDArray[np.str_]
    steps: NDArray[np.int32]
    energies: NDArray[Any]


class RecallProgress(NamedTuple):
    """What an ``on_step`` callback sees after each update.

    Args:
        step: Updates done, from 1.
        energies: Energy of each cue, (B,).
        energy_changes: What this update added to it, (B,); zero for a cue that has stopped.
        running: Which cues are still moving, (B,).
        converged: Which have converged, (B,); one that cycles has not.
    """

    step: int
    energies: NDArray[Any]
    energy_changes: NDArray[Any]
    running: NDArray[np.bool_]
    converged: NDArray[np.bool_]


def recall(
    network: Network,
    weights: Any,
    cues: Array | NDArray[Any],
    *,
    key: Array,
    num_iter: int = 20,
    threshold: float = 0.0,
    clamped: Array | NDArray[np.bool_] | None = None,
    temperatures: Array | NDArray[Any] | None = None,
    compiled: bool = True,
    on_step: Callable[[RecallProgress], None] | None = None,
) -> RecallResult:
    r"""Update ``cues`` until each settles, cycles, or has had ``num_iter`` updates.

    A cue has converged when no neuron's state moved by more than ``threshold``, or by more than
    four units of rounding for graded neurons, in one update:
    :math:`\max_i |s_i^{t+1} - s_i^t| \le \max(\tau, 4\epsilon \max(1, \max_i|s_i|))`. It is in a
    2-cycle when it is back exactly where it was two updates ago. A cue that has stopped is left
    alone while the others run on.

    Args:
        network: The dynamics, such as :class:`~canns.dynamics.Hopfield`.
        weights: What the network computes its field from; for Hopfield W, (N, N).
        cues: Initial states, (B, N).
        key: Randomness of the update order and of the noise.
        num_iter: The most updates a cue may take (sweeps, when asynchronous).
        threshold: Tau, the largest move that counts as rest.
        clamped: True for the neurons that hold the state of their cue, (B, N); None for none.
        temperatures: An annealing schedule, one temperature an update; the last one goes on, and
            no cue stops before it. None for the network's own.
        compiled: False runs the same code un-jitted.
        on_step: Called after each update.

    Returns:
        The result, a row a cue.

    Raises:
        ValidationError: Where an argument is out of range.
        DivergenceError: Where an energy is not finite, which finite weights do not give.

    Example:
        >>> import jax, jax.numpy as jnp
        >>> from canns.dynamics import Hopfield
        >>> xi = jnp.array([1.0, -1.0, 1.0, -1.0])
        >>> cue = xi.at[0].set(-1.0)[None]
        >>> result = recall(Hopfield(), jnp.outer(xi, xi), cue, key=jax.random.key(0))
        >>> result.states[0].tolist(), str(result.outcome[0]), int(result.steps[0])
        ([1.0, -1.0, 1.0, -1.0], 'converged', 2)
    """
    conditions = _conditions(network, cues, num_iter, threshold, clamped, temperatures)
    with nullcontext() if compiled else jax.disable_jit():
        weights, prepared = prepared_for(network, jax.tree.map(jnp.asarray, weights))
        carry = begin(network, weights, cues, room_for(num_iter))
        limits = range(1, num_iter + 1) if on_step is not None else (num_iter,)
        for limit in limits:
            carry = advance(network, weights, prepared, carry, key, conditions, limit)
            if on_step is not None:
                on_step(_progress(carry))
                if not carry.running.any():
                    break
    return _result(carry)


def recall_members(
    networks: Network,
    weights: Any,
    cues: Array | NDArray[Any],
    *,
    keys: Array,
    num_iter: int,
    threshold: float,
) -> list[RecallResult]:
    """Run :func:`recall` for many networks of one shape in one compiled call.

    Args:
        networks: Their dynamics, validated and stacked: each hyperparameter has a leading axis.
        weights: Their weights, stacked.
        cues: Their cues, (members, B, N).
        keys: One key a member.
        num_iter: See :func:`recall`.
        threshold: See :func:`recall`.

    Returns:
        The result of each.
    """
    room = room_for(num_iter)
    carry = advance_members(networks, weights, cues, keys, threshold, num_iter, room)
    return [_result(jax.tree.map(lambda leaf, m=m: leaf[m], carry)) for m in range(len(cues))]


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
    conditions = _conditions(network, cues, num_iter, 0.0, clamped, temperatures)
    states: Array = _record(network, weights, jnp.asarray(cues), key, conditions, num_iter)
    return states


@partial(jax.jit, static_argnames="num_iter")
def _record(
    network: Network, weights: Any, cues: Array, key: Array, conditions: Conditions, num_iter: int
) -> Array:
    prepared, carry = network.prepare(weights), begin(network, weights, cues, _NO_TRACE)

    def body(carry: Carry, _: None) -> tuple[Carry, Array]:
        carry = update(network, weights, prepared, carry, key, conditions)
        return carry, carry.states

    _, states = jax.lax.scan(body, carry, length=num_iter)
    return jnp.concatenate([cues[None], states])


def relax(
    network: Network, weights: Any, states: Array, key: Array, num_iter: int | Array
) -> Array:
    """Return where :func:`recall` ends; pure, so that it may be part of a larger compiled step.

    Args:
        network: The dynamics, validated.
        weights: See :func:`recall`.
        states: Initial states, (B, N).
        key: Randomness of the update order and of the noise.
        num_iter: The most updates, a number or a traced value.
    """
    prepared, carry = network.prepare(weights), begin(network, weights, states, _NO_TRACE)
    end: Carry = advance(network, weights, prepared, carry, key, Conditions(), num_iter)
    return end.states


def _conditions(
    network: Network,
    cues: Array | NDArray[Any],
    num_iter: int,
    threshold: float,
    clamped: Array | NDArray[np.bool_] | None,
    temperatures: Array | NDArray[Any] | None,
) -> Conditions:
    network.validate()
    check_size("num_iter", num_iter)
    check_real("threshold", threshold, low=0)
    if cues.ndim != 2 or cues.size == 0:
        raise ValidationError("cues", "2-D and non-empty, (B, N)", f"shape {cues.shape}")
    mask = None if clamped is None else jnp.broadcast_to(jnp.asarray(clamped, bool), cues.shape)
    schedule = None
    if temperatures is not None:
        schedule = jnp.asarray(check_vector("temperatures", temperatures), cues.dtype)
        for temperature in (schedule.min(), schedule.max()):
            network.at_temperature(float(temperature)).validate()
    return Conditions(threshold, mask, schedule)


def _progress(carry: Carry) -> RecallProgress:
    step = int(carry.step)
    before, after = host(carry.energies[step - 1]), host(carry.energies[step])
    converged = host(carry.outcome) == CONVERGED
    return RecallProgress(step, after, after - before, host(carry.running), converged)


def _result(carry: Carry) -> RecallResult:
    steps = host(carry.steps)
    energies = host(carry.energies).T[:, : int(steps.max()) + 1]
    if not np.isfinite(energies).all():
        first = int(np.argmin(np.isfinite(energies).all(axis=0)))
        raise DivergenceError("The energy became non-finite", first, "Look at the weights.")
    outcome = np.asarray(OUTCOMES)[host(carry.outcome)]
    return RecallResult(replicated(carry.states), outcome, steps, energies)
