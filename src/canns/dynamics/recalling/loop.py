"""The loop of a recall: a jitted while loop over updates, for all cues at once."""

from typing import NamedTuple

import jax
import jax.numpy as jnp

from canns._precision import full_precision
from canns.dynamics.network import Network
from canns.dynamics.networks.noise import PartKey
from canns.typing import Array, PyTree, epsilon

__all__ = [
    "BUDGET",
    "CONVERGED",
    "CYCLE",
    "NO_TRACE",
    "Carry",
    "Conditions",
    "Ending",
    "advance",
    "advance_members",
    "begin",
    "begin_members",
    "end",
    "end_members",
    "room_for",
    "settle",
    "settle_fixed",
    "settle_members",
    "update",
]

BUDGET, CONVERGED, CYCLE = range(3)
NO_TRACE = 1  # room for the first energy alone; JAX drops what is written behind it
_USUAL_ROOM = 128


class Conditions(NamedTuple):
    """What holds during a recall, beside the network.

    Args:
        threshold: Largest move of a neuron that counts as rest.
        clamped: Which neurons hold their state, (B, N), or None.
        temperatures: Of the updates, one after another; the last goes on. None for the network's.
        first: The number of the first cue, if these are a part of a batch; else None.
    """

    threshold: Array | float = 0.0
    clamped: Array | None = None
    temperatures: Array | None = None
    first: Array | int | None = None

    def network_at(self, network: Network, step: Array) -> Network:
        """Return ``network`` at the temperature of update ``step``, from 0."""
        if self.temperatures is None:
            return network
        last = len(self.temperatures) - 1
        return network.at_temperature(self.temperatures[jnp.minimum(step, last)])

    def key_of(self, key: Array, step: Array) -> PyTree:
        """Return the key of update ``step``: a recall cut into parts takes the same path."""
        own = jax.random.fold_in(key, step)
        return own if self.first is None else PartKey(own, self.first)

    def scheduled(self, step: Array) -> Array:
        """Whether the temperature changes after ``step`` updates."""
        length = 0 if self.temperatures is None else len(self.temperatures)
        return step < length


class Carry(NamedTuple):
    """Where every cue is."""

    step: Array
    states: Array
    previous: Array
    field: Array
    outcome: Array
    running: Array
    steps: Array
    energies: Array


class Ending(NamedTuple):
    """Where every cue has stopped.

    Args:
        states: Of the cues, (B, N).
        last: The state of the last of them, (N,).
        found: Their outcomes, and below their steps, (2, B): each array to read takes time.
        energies: Of each step, (room, B).
    """

    states: Array
    last: Array
    found: Array
    energies: Array


def room_for(num_iter: int) -> int:
    """Length of the energy trace: one for all usual recalls, so that few are ever compiled."""
    return max(_USUAL_ROOM, 1 << num_iter.bit_length())


@jax.jit(static_argnames="room")
@full_precision
def begin(network: Network, weights: PyTree, cues: Array, count: int | Array, room: int) -> Carry:
    """Return every cue at its start.

    Those from ``count`` on only fill the batch up, and do not run.
    """
    batch = cues.shape[0]
    field = network.local_field(weights, cues)
    energy = network.energy(cues, field)
    return Carry(
        step=jnp.int32(0),
        states=cues,
        previous=jnp.full_like(cues, jnp.inf),
        field=field,
        outcome=jnp.full(batch, BUDGET, jnp.int32),
        running=jnp.arange(batch) < count,
        steps=jnp.zeros(batch, jnp.int32),
        energies=jnp.zeros((room, batch), energy.dtype).at[0].set(energy),
    )


@jax.jit
@full_precision
def advance(
    network: Network,
    weights: PyTree,
    prepared: PyTree,
    carry: Carry,
    key: Array,
    conditions: Conditions,
    limit: int | Array,
) -> Carry:
    """Return every cue where it has stopped, or after ``limit`` updates in all."""

    def unfinished(carry: Carry) -> Array:
        return (carry.step < limit) & carry.running.any()

    def body(carry: Carry) -> Carry:
        return update(network, weights, prepared, carry, key, conditions)

    return jax.lax.while_loop(unfinished, body, carry)


@jax.jit(static_argnames="room")
@full_precision
def settle(
    network: Network,
    weights: PyTree,
    prepared: PyTree,
    cues: Array,
    count: int | Array,
    key: Array,
    conditions: Conditions,
    limit: int | Array,
    room: int,
) -> Ending:
    """Return every cue where it has stopped, or after ``limit`` updates.

    What the network has to prepare of its weights is ``prepared``, or None to do it here.
    """
    prepared = network.prepare(weights) if prepared is None else prepared
    carry = begin(network, weights, cues, count, room)
    carry = advance(network, weights, prepared, carry, key, conditions, limit)
    ending: Ending = end(carry, count)
    return ending


@jax.jit(static_argnames="num_iter")
@full_precision
def settle_fixed(
    network: Network,
    weights: PyTree,
    cues: Array,
    key: Array,
    conditions: Conditions,
    num_iter: int,
) -> Ending:
    """Return every cue after just ``num_iter`` updates, by a loop that JAX can run backwards."""
    prepared = network.prepare(weights)
    carry = begin(network, weights, cues, len(cues), num_iter + 1)

    def body(carry: Carry, _: None) -> tuple[Carry, None]:
        return update(network, weights, prepared, carry, key, conditions, stops=False), None

    carry, _ = jax.lax.scan(body, carry, length=num_iter)
    ending: Ending = end(carry, len(cues))
    return ending


@jax.jit
def end(carry: Carry, count: int | Array) -> Ending:
    """Return what is asked of a recall that has ended."""
    last = carry.states[count - 1]
    return Ending(carry.states, last, jnp.stack([carry.outcome, carry.steps]), carry.energies)


@jax.jit(static_argnames="room")
@full_precision
def settle_members(
    networks: Network,
    weights: PyTree,
    cues: Array,
    count: int,
    keys: Array,
    threshold: float,
    limit: int,
    room: int,
) -> Ending:
    """Return the cues of many networks where they have stopped, as :func:`settle` does of one."""

    def one(network: Network, weights: PyTree, cues: Array, key: Array) -> Ending:
        conditions = Conditions(threshold)
        after: Ending = settle(network, weights, None, cues, count, key, conditions, limit, room)
        return after

    return jax.vmap(one)(networks, weights, cues, keys)


@jax.jit(static_argnames="room")
def begin_members(networks: Network, weights: PyTree, cues: Array, count: int, room: int) -> Carry:
    """Return the cues of many networks at their start."""

    def one(network: Network, weights: PyTree, cues: Array) -> Carry:
        start: Carry = begin(network, weights, cues, count, room)
        return start

    return jax.vmap(one)(networks, weights, cues)


@jax.jit
def advance_members(
    networks: Network, weights: PyTree, carries: Carry, keys: Array, threshold: float, limit: int
) -> Carry:
    """Return the cues of many networks where they have stopped, or after ``limit`` updates."""

    def one(network: Network, weights: PyTree, carry: Carry, key: Array) -> Carry:
        conditions = Conditions(threshold)
        prepared = network.prepare(weights)
        after: Carry = advance(network, weights, prepared, carry, key, conditions, limit)
        return after

    return jax.vmap(one)(networks, weights, carries, keys)


@jax.jit
def end_members(carries: Carry, count: int) -> Ending:
    """Return what is asked of the recalls of many networks that have ended."""
    ending: Ending = jax.vmap(lambda carry: end(carry, count))(carries)
    return ending


def update(
    network: Network,
    weights: PyTree,
    prepared: PyTree,
    carry: Carry,
    key: Array,
    conditions: Conditions,
    *,
    stops: bool = True,
) -> Carry:
    """Return every cue after one update; one that has stopped stays, unless none ``stops``."""
    # If nothing is drawn no key is made, for a generator takes longer to compile than all the rest.
    step_key = conditions.key_of(key, carry.step) if network.random else key
    network = conditions.network_at(network, carry.step)
    held = conditions.clamped
    stays = ~carry.running[:, None] if stops else jnp.zeros((len(carry.states), 1), bool)
    stays = stays if held is None else held | stays
    at = carry.states, carry.field
    states, field = network.advance(weights, prepared, *at, step_key, held, stays)
    return _after(network, carry, states, field, conditions)


def _after(
    network: Network, carry: Carry, states: Array, field: Array, conditions: Conditions
) -> Carry:
    step = carry.step + 1
    # While the temperature changes, rest is not the end.
    final = ~conditions.scheduled(step)
    at_rest = _near(states, carry.states, conditions.threshold) & network.settles & final
    # Exactly: a damped oscillation comes near its state of two updates ago, and goes on.
    returned = jnp.all(states == carry.previous, axis=-1)
    cycling = returned & ~at_rest & network.may_cycle & final
    found = jnp.where(at_rest, CONVERGED, jnp.where(cycling, CYCLE, BUDGET))
    return Carry(
        step=step,
        states=states,
        previous=carry.states,
        field=field,
        outcome=jnp.where(carry.running, found, carry.outcome),
        running=carry.running & (found == BUDGET),
        steps=jnp.where(carry.running, step, carry.steps),
        energies=carry.energies.at[step].set(network.energy(states, field)),
    )


def _near(a: Array, b: Array, threshold: Array | float) -> Array:
    rounding = 4 * epsilon(a.dtype) * jnp.maximum(1.0, jnp.max(jnp.abs(a), axis=-1))
    return jnp.max(jnp.abs(a - b), axis=-1) <= jnp.maximum(threshold, rounding)
