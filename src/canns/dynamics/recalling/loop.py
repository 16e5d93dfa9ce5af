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
NO_TRACE = 1  # room for the first energy only; JAX drops writes beyond it
_USUAL_ROOM = 128


class Conditions(NamedTuple):
    """The conditions of a recall, besides the network.

    Args:
        threshold: Largest change of a neuron that counts as rest.
        clamped: True for the neurons that hold their state, (B, N), or None.
        temperatures: One per update; the last one stays. None for the network's temperature.
        first: Index of the first cue, if the cues are a part of a batch; else None.
        num_iter: Number of updates that the whole recall asks for. A cue in a 2-cycle stops before
            them, in the state that it would be in after them.
    """

    threshold: Array | float = 0.0
    clamped: Array | None = None
    temperatures: Array | None = None
    first: Array | int | None = None
    num_iter: Array | int = 0

    def network_at(self, network: Network, step: Array) -> Network:
        """Return ``network`` at the temperature of update ``step``, counted from 0."""
        if self.temperatures is None:
            return network
        last = len(self.temperatures) - 1
        return network.at_temperature(self.temperatures[jnp.minimum(step, last)])

    def key_of(self, key: Array, step: Array) -> PyTree:
        """Return the key of update ``step``; a part of a batch gets the same random numbers."""
        own = jax.random.fold_in(key, step)
        return own if self.first is None else PartKey(own, self.first)

    def scheduled(self, step: Array) -> Array:
        """Whether the temperature changes after ``step`` updates."""
        length = 0 if self.temperatures is None else len(self.temperatures)
        return step < length


class Carry(NamedTuple):
    """The loop's state: one entry per cue, except for ``step``."""

    step: Array
    states: Array
    previous: Array
    field: Array
    outcome: Array
    running: Array
    steps: Array
    energies: Array


class Ending(NamedTuple):
    """The end of every cue.

    Args:
        states: Final states, (B, N).
        last: Final state of the last cue, (N,).
        found: Outcomes, steps, and whether any field is not 0, (3, B), in one array because
            reading an array takes time.
        energies: Energies at each step, (room, B).
    """

    states: Array
    last: Array
    found: Array
    energies: Array


def room_for(num_iter: int) -> int:
    """Length of the energy trace: the same for all usual recalls, so that few are compiled."""
    return max(_USUAL_ROOM, 1 << num_iter.bit_length())


@jax.jit(static_argnames="room")
@full_precision
def begin(network: Network, weights: PyTree, cues: Array, count: int | Array, room: int) -> Carry:
    """Return every cue at its start.

    Cues from ``count`` on are padding, and do not run.
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
    """Return every cue at its end, or after ``limit`` updates in total."""

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
    """Return every cue at its end, or after ``limit`` updates.

    ``prepared`` is the result of ``network.prepare``; None to call it here.
    """
    prepared = network.prepare(weights) if prepared is None else prepared
    conditions = conditions._replace(num_iter=limit)
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
    """Return every cue after exactly ``num_iter`` updates, in a loop that JAX can run backwards."""
    prepared = network.prepare(weights)
    carry = begin(network, weights, cues, len(cues), num_iter + 1)

    def body(carry: Carry, _: None) -> tuple[Carry, None]:
        return update(network, weights, prepared, carry, key, conditions, stops=False), None

    carry, _ = jax.lax.scan(body, carry, length=num_iter)
    ending: Ending = end(carry, len(cues))
    return ending


@jax.jit
def end(carry: Carry, count: int | Array) -> Ending:
    """Return the end of a recall."""
    last = carry.states[count - 1]
    driven = jnp.any(carry.field != 0, axis=range(1, carry.field.ndim))
    found = jnp.stack([carry.outcome, carry.steps, driven.astype(jnp.int32)])
    return Ending(carry.states, last, found, carry.energies)


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
    """Return the cues of many networks at their ends, as :func:`settle` does for one."""

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
    networks: Network,
    weights: PyTree,
    carries: Carry,
    keys: Array,
    threshold: float,
    num_iter: int,
    limit: int,
) -> Carry:
    """Return the cues of many networks at their ends, or after ``limit`` of their updates."""

    def one(network: Network, weights: PyTree, carry: Carry, key: Array) -> Carry:
        conditions = Conditions(threshold, num_iter=num_iter)
        prepared = network.prepare(weights)
        after: Carry = advance(network, weights, prepared, carry, key, conditions, limit)
        return after

    return jax.vmap(one)(networks, weights, carries, keys)


@jax.jit
def end_members(carries: Carry, count: int) -> Ending:
    """Return the ends of the recalls of many networks."""
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
    cycles_stop: bool = True,
) -> Carry:
    """Return every cue after one update.

    If ``stops``, a cue that has converged stays as it is. If also ``cycles_stop``, one in a 2-cycle
    stops as well, in the state that it would be in after ``conditions.num_iter`` updates.
    """
    # Make no key if nothing is drawn: a generator takes longer to compile than all the rest.
    step_key = conditions.key_of(key, carry.step) if network.random else key
    network = conditions.network_at(network, carry.step)
    held = conditions.clamped
    stays = ~carry.running[:, None] if stops else jnp.zeros((len(carry.states), 1), bool)
    stays = stays if held is None else held | stays
    at = carry.states, carry.field
    states, field = network.advance(weights, prepared, *at, step_key, held, stays)
    may_cycle = cycles_stop and network.may_cycle
    return _after(network, carry, states, field, conditions, may_cycle, stops)


def _after(
    network: Network,
    carry: Carry,
    states: Array,
    field: Array,
    conditions: Conditions,
    may_cycle: bool,
    stops: bool,
) -> Carry:
    step = carry.step + 1
    # A cue at rest may move again while the temperature changes.
    final = ~conditions.scheduled(step)
    at_rest = _near(states, carry.states, conditions.threshold) & network.settles & final
    # Compare exactly: a damped oscillation comes near its state of two updates ago.
    returned = jnp.all(states == carry.previous, axis=-1)
    cycling = returned & ~at_rest & may_cycle & final
    found = jnp.where(at_rest, CONVERGED, jnp.where(cycling, CYCLE, BUDGET))
    if may_cycle and stops:
        # If an odd number of updates is left, they end in the state before this one.
        odd = (conditions.num_iter - step) % 2 == 1
        back = carry.running & cycling & odd
        states = jnp.where(_beside(back, states), carry.states, states)
        field = jnp.where(_beside(back, field), carry.field, field)
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


def _beside(flags: Array, values: Array) -> Array:
    """Return flags, (B,), in a shape that broadcasts against values with a leading axis B."""
    return flags.reshape(flags.shape + (1,) * (values.ndim - 1))


def _near(a: Array, b: Array, threshold: Array | float) -> Array:
    rounding = 4 * epsilon(a.dtype) * jnp.maximum(1.0, jnp.max(jnp.abs(a), axis=-1))
    return jnp.max(jnp.abs(a - b), axis=-1) <= jnp.maximum(threshold, rounding)
