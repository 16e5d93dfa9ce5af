"""Recall: one loop for any network, with one cue or many, until each cue settles."""

from contextlib import nullcontext
from types import ModuleType

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from canns import _forks
from canns._buckets import bucket, fill
from canns._callbacks import check_callback
from canns._explain import explained
from canns._placement import native
from canns._validation import (
    check_flag,
    check_real,
    check_size,
    check_vector,
    inside_trace,
    is_traced,
)
from canns.dynamics.network import Network
from canns.dynamics.recalling.load import load_of
from canns.dynamics.recalling.long_recall import part_conditions, settle_in_pieces
from canns.dynamics.recalling.loop import (
    NO_TRACE,
    Conditions,
    Ending,
    room_for,
    settle,
    settle_fixed,
)
from canns.dynamics.recalling.prepared import prepared_for
from canns.dynamics.recalling.result import (
    Found,
    OnStep,
    RecallResult,
    on_device,
    result_of,
    traced_result,
)
from canns.errors import ValidationError
from canns.typing import AnyArray, Array, PyTree

__all__ = [
    "check_recall",
    "conditions_of",
    "recall",
    "recall_to_last",
    "relax",
]


@explained
def recall(
    network: Network,
    weights: PyTree,
    cues: Array | AnyArray,
    *,
    key: Array,
    num_iter: int = 20,
    threshold: float | Array = 0.0,
    clamped: Array | NDArray[np.bool_] | None = None,
    temperatures: Array | AnyArray | None = None,
    compiled: bool = True,
    on_step: OnStep | None = None,
    differentiable: bool = False,
) -> RecallResult:
    r"""Update ``cues`` until each settles, cycles, or has had ``num_iter`` updates.

    A cue has converged if no neuron's state changed by more than ``threshold`` in one update, or by
    four rounding units if that is more:
    :math:`\max_i |s_i^{t+1} - s_i^t| \le \max(\tau, 4\epsilon \max(1, \max_i|s_i|))`. It is in a
    2-cycle if its state is exactly that of two updates ago; it then ends in the state that it would
    be in after ``num_iter`` updates. A cue that has stopped no longer changes while the others run
    on. Batches of similar size share one compiled program: they are
    padded with cues that do not run.

    It works under ``jax.jit``, ``jax.vmap``, ``jax.jvp`` and, if ``differentiable``, ``jax.grad``,
    with any of the arrays and hyperparameters traced. Then all results are JAX arrays: the outcome
    is an index of :data:`~canns.dynamics.OUTCOMES`, and the energies have ``num_iter + 1`` columns.
    Traced values are not checked, and energies that are not finite are returned as they are.

    Args:
        network: The dynamics, such as :class:`~canns.dynamics.Hopfield`.
        weights: The network's weights; for Hopfield W, (N, N).
        cues: Initial states, (B, N).
        key: Random key of the update order and the noise.
        num_iter: Largest number of updates per cue (sweeps, if asynchronous).
        threshold: Tau, the largest change that counts as rest.
        clamped: True for the neurons that keep the state of their cue, (B, N), or None.
        temperatures: An annealing schedule, one temperature per update. The last one stays, and
            no cue stops before it. None for the network's own temperature.
        compiled: False runs the same code un-jitted.
        on_step: Called with a :class:`RecallProgress` after each update; not inside a JAX
            transformation. :class:`StopIteration` raised by it ends the recall.
        differentiable: Take exactly ``num_iter`` updates of every cue, in a loop that JAX can run
            backwards; outcome and steps still tell when each cue had settled. Only graded dynamics
            have a derivative; others raise an error that names them.

    Returns:
        The result, one row per cue.

    Raises:
        ValidationError: If an argument is out of range.
        DivergenceError: If an energy is not finite, which finite weights do not give.
        NotDifferentiableError: If JAX differentiates dynamics that jump.

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
    check_callback("on_step", on_step)
    weights, cues = native((weights, cues))
    weights = jax.tree.map(jnp.asarray, weights)
    traced = inside_trace(network, weights, cues, key, threshold, clamped, temperatures)
    if not traced and not check_flag("differentiable", differentiable):
        options = num_iter, threshold, clamped, temperatures, compiled, on_step
        return recall_to_last(network, weights, cues, key, *options).result
    if on_step is not None:
        expected = "None inside a JAX transformation, and if differentiable"
        raise ValidationError("on_step", expected, "a function")
    conditions = conditions_of(network, cues, threshold, clamped, temperatures)
    with nullcontext() if compiled or traced else jax.disable_jit():
        if differentiable:
            ending = settle_fixed(network, weights, cues, key, conditions, num_iter)
        else:
            run = cues, len(cues), key, conditions, num_iter, num_iter + 1
            ending = settle(network, weights, None, *run)
    if traced:
        return traced_result(ending)
    return result_of(ending, len(cues), columns=num_iter + 1).result


def recall_to_last(
    network: Network,
    weights: PyTree,
    cues: Array | AnyArray,
    key: Array,
    num_iter: int,
    threshold: float | Array,
    clamped: Array | NDArray[np.bool_] | None = None,
    temperatures: Array | AnyArray | None = None,
    compiled: bool = True,
    on_step: OnStep | None = None,
) -> Found:
    """Run :func:`recall` on checked arguments; return also what models need to know of it.

    A recall that is short, by an estimate, is one compiled call. A long one is several, so that
    Ctrl-C works.
    """
    conditions = Conditions(threshold)
    if clamped is not None or temperatures is not None:
        conditions = conditions_of(network, cues, threshold, clamped, temperatures)
    count, size = cues.shape
    room = room_for(num_iter)
    if _forks.forked:
        _forks.refuse_fork()
    with nullcontext() if compiled else jax.disable_jit():
        weights, prepared = prepared_for(network, weights)
        load = load_of(network, weights, size)
        # Estimate for `room` updates, not num_iter, so that one program serves all num_iter.
        if on_step is None and load.is_short(count, room):
            length = bucket(count)
            filled = cues if length == count else fill(cues, length)
            if clamped is not None:
                conditions = part_conditions(conditions, slice(0, count), 1, length)
            run = filled, count, key, conditions, num_iter, room
            return result_of(settle(network, weights, prepared, *run), count)
        run_on = key, conditions, num_iter, room, load, on_step
        return result_of(settle_in_pieces(network, weights, prepared, cues, *run_on), count)


@explained
def relax(
    network: Network,
    weights: PyTree,
    states: Array,
    key: Array,
    num_iter: int | Array,
    *,
    differentiable: bool = False,
    prepared: PyTree = None,
) -> Array:
    """Return the final states of :func:`recall`; pure, so that it can be part of a compiled step.

    Args:
        network: The dynamics, validated.
        weights: See :func:`recall`.
        states: Initial states, (B, N).
        key: Random key of the update order and the noise.
        num_iter: Largest number of updates, which may be traced.
        differentiable: See :func:`recall`; ``num_iter`` must then be a Python integer.
        prepared: What ``network.prepare`` returned for the weights; None to call it here. Not for
            a differentiable recall.
    """
    conditions = Conditions()
    weights, states = native((weights, states))
    ending: Ending
    if differentiable:
        updates = check_size("num_iter", num_iter, low=0)
        ending = settle_fixed(network, weights, states, key, conditions, updates)
    else:
        run = network, weights, prepared, states, len(states), key, conditions, num_iter, NO_TRACE
        ending = settle(*run)
    return ending.states


def check_recall(network: Network, cues: Array | AnyArray, num_iter: int) -> None:
    """Raise if the network, its states or the number of updates are out of range."""
    network.validate()
    check_size("num_iter", num_iter, low=0)
    if cues.ndim != 2 or cues.size == 0:
        raise ValidationError("cues", "2-D and non-empty, (B, N)", f"shape {cues.shape}")
    if not is_traced(network, cues):
        network.code.check("cues", np.asarray(cues))


def conditions_of(
    network: Network,
    cues: Array | AnyArray,
    threshold: float | Array,
    clamped: Array | NDArray[np.bool_] | None,
    temperatures: Array | AnyArray | None,
) -> Conditions:
    """Return the conditions of a recall."""
    mask = None
    if clamped is not None:
        numbers: ModuleType = jnp if is_traced(clamped) else np
        if numbers is np and np.asarray(clamped).dtype != bool:
            got = f"dtype {np.asarray(clamped).dtype}"
            raise ValidationError("clamped", "True or False for each neuron", got)
        mask = numbers.broadcast_to(numbers.asarray(clamped, bool), cues.shape)
    schedule = None
    if is_traced(temperatures):
        schedule = jnp.asarray(temperatures)
    elif temperatures is not None:
        values = check_vector("temperatures", temperatures)
        schedule = on_device(values.astype(cues.dtype))
        for temperature in (values.min(), values.max()):
            network.at_temperature(float(temperature)).validate()
    return Conditions(threshold, mask, schedule)
