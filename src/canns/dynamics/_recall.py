"""The recall driver: one loop for any network, one cue or many, until each cue settles."""

from collections.abc import Callable
from contextlib import nullcontext
from typing import Any, NamedTuple, Protocol

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from canns._validation import check_real, check_size
from canns.errors import DivergenceError, ValidationError
from canns.typing import Array, epsilon

__all__ = ["OUTCOMES", "Network", "RecallProgress", "RecallResult", "recall", "recall_members"]

OUTCOMES = ("budget", "converged", "cycle")
_BUDGET, _CONVERGED, _CYCLE = range(3)


class Network(Protocol):
    """What the driver asks of a network's dynamics (states are (B, N))."""

    @property
    def random(self) -> bool:
        """True where a step draws random numbers."""

    @property
    def may_cycle(self) -> bool:
        """True where a 2-cycle is possible."""

    @property
    def settles(self) -> bool:
        """True where an unchanged state stays unchanged."""

    def validate(self) -> None:
        """Raise where a hyperparameter is out of range."""

    def prepare(self, weights: Any) -> Any:
        """Return what :meth:`step` needs to know of the weights, computed once a recall."""

    def local_field(self, weights: Any, states: Array) -> Array:
        """Return the local field of each row."""

    def energy(self, states: Array, field: Array) -> Array:
        """Return the energy of each row, given its local field."""

    def step(self, weights: Any, prepared: Any, states: Array, field: Array, key: Array) -> Array:
        """Return the states after one update."""


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


class _Carry(NamedTuple):
    step: Array
    states: Array
    previous: Array
    field: Array
    outcome: Array
    running: Array
    steps: Array
    energies: Array


def recall(
    network: Network,
    weights: Any,
    cues: Array | NDArray[Any],
    *,
    key: Array,
    num_iter: int = 20,
    threshold: float = 0.0,
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
    network.validate()
    check_size("num_iter", num_iter)
    check_real("threshold", threshold, low=0)
    if cues.ndim != 2 or cues.size == 0:
        raise ValidationError("cues", "2-D and non-empty, (B, N)", f"shape {cues.shape}")
    with nullcontext() if compiled else jax.disable_jit():
        prepared, carry = _start(network, weights, cues, _room(num_iter))
        limits = range(1, num_iter + 1) if on_step is not None else (num_iter,)
        for limit in limits:
            carry = _advance(network, weights, prepared, carry, key, threshold, limit)
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
    room = _room(num_iter)
    carry = _whole(networks, weights, cues, keys, threshold, num_iter, room)
    return [_result(jax.tree.map(lambda leaf, m=m: leaf[m], carry)) for m in range(len(cues))]


def _room(num_iter: int) -> int:
    """Length of the energy trace: a power of two, so that few lengths are ever compiled."""
    return 1 << num_iter.bit_length()


@jax.jit(static_argnames="room")
def _whole(
    networks: Network,
    weights: Any,
    cues: Array,
    keys: Array,
    threshold: float,
    limit: int,
    room: int,
) -> _Carry:
    def one(network: Network, weights: Any, cues: Array, key: Array) -> _Carry:
        prepared, carry = _start(network, weights, cues, room)
        after: _Carry = _advance(network, weights, prepared, carry, key, threshold, limit)
        return after

    return jax.vmap(one)(networks, weights, cues, keys)


@jax.jit(static_argnames="room")
def _start(network: Network, weights: Any, cues: Array, room: int) -> tuple[Any, _Carry]:
    batch = cues.shape[0]
    field = network.local_field(weights, cues)
    energy = network.energy(cues, field)
    carry = _Carry(
        step=jnp.int32(0),
        states=cues,
        previous=jnp.full_like(cues, jnp.inf),
        field=field,
        outcome=jnp.full(batch, _BUDGET),
        running=jnp.ones(batch, bool),
        steps=jnp.zeros(batch, jnp.int32),
        energies=jnp.zeros((room, batch), energy.dtype).at[0].set(energy),
    )
    return network.prepare(weights), carry


@jax.jit
def _advance(
    network: Network,
    weights: Any,
    prepared: Any,
    carry: _Carry,
    key: Array,
    threshold: float,
    limit: int,
) -> _Carry:
    def unfinished(carry: _Carry) -> Array:
        return (carry.step < limit) & carry.running.any()

    def update(carry: _Carry) -> _Carry:
        # The step is folded into the key: a recall cut into parts takes the same path.
        step_key = jax.random.fold_in(key, carry.step)
        moved = network.step(weights, prepared, carry.states, carry.field, step_key)
        return _after(network, weights, carry, moved, threshold)

    return jax.lax.while_loop(unfinished, update, carry)


def _after(network: Network, weights: Any, carry: _Carry, moved: Array, threshold: float) -> _Carry:
    states = jnp.where(carry.running[:, None], moved, carry.states)
    field = network.local_field(weights, states)
    step = carry.step + 1
    at_rest = _near(states, carry.states, threshold) & network.settles
    # Exactly: a damped oscillation comes near its state of two updates ago, and goes on.
    returned = jnp.all(states == carry.previous, axis=-1)
    cycling = returned & ~at_rest & network.may_cycle
    found = jnp.where(at_rest, _CONVERGED, jnp.where(cycling, _CYCLE, _BUDGET))
    return _Carry(
        step=step,
        states=states,
        previous=carry.states,
        field=field,
        outcome=jnp.where(carry.running, found, carry.outcome),
        running=carry.running & (found == _BUDGET),
        steps=jnp.where(carry.running, step, carry.steps),
        energies=carry.energies.at[step].set(network.energy(states, field)),
    )


def _near(a: Array, b: Array, threshold: float) -> Array:
    rounding = 4 * epsilon(a.dtype) * jnp.maximum(1.0, jnp.max(jnp.abs(a), axis=-1))
    return jnp.max(jnp.abs(a - b), axis=-1) <= jnp.maximum(threshold, rounding)


def _progress(carry: _Carry) -> RecallProgress:
    step = int(carry.step)
    before, after = np.asarray(carry.energies[step - 1]), np.asarray(carry.energies[step])
    converged = np.asarray(carry.outcome) == _CONVERGED
    return RecallProgress(step, after, after - before, np.asarray(carry.running), converged)


def _result(carry: _Carry) -> RecallResult:
    steps = np.asarray(carry.steps)
    energies = np.asarray(carry.energies).T[:, : int(steps.max()) + 1]
    if not np.isfinite(energies).all():
        first = int(np.argmin(np.isfinite(energies).all(axis=0)))
        raise DivergenceError("The energy became non-finite", first, "Look at the weights.")
    outcome = np.asarray(OUTCOMES)[np.asarray(carry.outcome)]
    return RecallResult(carry.states, outcome, steps, energies)
