"""The recall driver: one loop for any network, one cue or many, until each cue settles."""

from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from canns._buckets import bucket, fill
from canns._validation import check_real, check_size, check_vector
from canns.dynamics.network import Network
from canns.dynamics.recalling.loop import (
    NO_TRACE,
    Conditions,
    Ending,
    advance,
    advance_members,
    begin,
    end,
    room_for,
    settle,
)
from canns.dynamics.recalling.prepared import prepare, prepared_for
from canns.dynamics.recalling.result import (
    RecallProgress,
    RecallResult,
    on_device,
    progress_of,
    result_of,
)
from canns.errors import ValidationError
from canns.typing import Array

__all__ = [
    "check_recall",
    "conditions_of",
    "recall",
    "recall_members",
    "recall_to_last",
    "relax",
]


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
    alone while the others run on. Batches of similar size share one compiled program: they are
    filled up with cues that do not run.

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
    check_recall(network, cues, num_iter)
    check_real("threshold", threshold, low=0)
    options = num_iter, threshold, clamped, temperatures
    weights = jax.tree.map(jnp.asarray, weights)
    return recall_to_last(network, weights, cues, key, *options, compiled, on_step)[0]


def recall_to_last(
    network: Network,
    weights: Any,
    cues: Array | NDArray[Any],
    key: Array,
    num_iter: int,
    threshold: float,
    clamped: Array | NDArray[np.bool_] | None = None,
    temperatures: Array | NDArray[Any] | None = None,
    compiled: bool = True,
    on_step: Callable[[RecallProgress], None] | None = None,
) -> tuple[RecallResult, Array]:
    """Run :func:`recall` on what was checked; return also the last cue's final state, (N,)."""
    conditions = conditions_of(network, cues, threshold, clamped, temperatures)
    count = len(cues)
    filled = fill(cues, bucket(count))
    room = room_for(num_iter)
    with nullcontext() if compiled else jax.disable_jit():
        weights, prepared = prepared_for(network, weights)
        if on_step is None:
            run = filled, count, key, conditions, num_iter, room
            return result_of(settle(network, weights, prepared, *run), count)
        if prepared is None:
            prepared = prepare(network, weights)
        carry = begin(network, weights, filled, count, room)
        for limit in range(1, num_iter + 1):
            carry = advance(network, weights, prepared, carry, key, conditions, limit)
            on_step(progress_of(carry, count))
            if not carry.running.any():
                break
        return result_of(end(carry, count), count)


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
    count, room = cues.shape[1], room_for(num_iter)
    filled = fill(cues, bucket(count), axis=1)
    ending = advance_members(networks, weights, filled, count, keys, threshold, num_iter, room)
    held = jax.device_get(ending)
    members = [Ending(*(leaf[m] for leaf in held)) for m in range(len(cues))]
    return [result_of(member, count)[0] for member in members]


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
    count, conditions = states.shape[0], Conditions()
    run = network, weights, None, states, count, key, conditions, num_iter, NO_TRACE
    ending: Ending = settle(*run)
    return ending.states


def check_recall(network: Network, cues: Array | NDArray[Any], num_iter: int) -> None:
    """Raise where the network, its states or the number of updates are out of range."""
    network.validate()
    check_size("num_iter", num_iter)
    if cues.ndim != 2 or cues.size == 0:
        raise ValidationError("cues", "2-D and non-empty, (B, N)", f"shape {cues.shape}")


def conditions_of(
    network: Network,
    cues: Array | NDArray[Any],
    threshold: float,
    clamped: Array | NDArray[np.bool_] | None,
    temperatures: Array | NDArray[Any] | None,
) -> Conditions:
    """Return the conditions of a recall; those of each cue are filled up as the cues are."""
    mask = None
    if clamped is not None:
        held = np.broadcast_to(np.asarray(clamped, bool), cues.shape)
        mask = on_device(fill(held, bucket(len(cues))))
    schedule = None
    if temperatures is not None:
        values = check_vector("temperatures", temperatures)
        schedule = on_device(values.astype(cues.dtype))
        for temperature in (values.min(), values.max()):
            network.at_temperature(float(temperature)).validate()
    return Conditions(threshold, mask, schedule)
