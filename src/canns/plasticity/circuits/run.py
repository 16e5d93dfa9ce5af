"""A run of a circuit, in compiled pieces, and the spikes and samples that it records."""

from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from canns._buckets import bucket
from canns._explain import explained
from canns._kernel import jit_wide
from canns._pieces import pieces, wait
from canns.dynamics import active
from canns.errors import DivergenceError
from canns.plasticity.circuits.circuit import Circuit, CircuitState
from canns.plasticity.circuits.probes import Kept, Probes, Samples
from canns.typing import AnyArray, Array, IntArray

__all__ = ["Events", "run_circuit"]

_FIRST = 64  # steps of the first piece
_ROOM = 2048  # steps whose spikes one compiled call can hold


class Events(NamedTuple):
    """Spikes of a population.

    Args:
        steps: The step of each spike, (spikes,), in order.
        neurons: The neuron that fired it, (spikes,).
    """

    steps: IntArray
    neurons: IntArray


@explained
def run_circuit(
    circuit: Circuit,
    state: CircuitState,
    steps: int,
    recorded: tuple[int, ...],
    probes: Probes | None = None,
) -> tuple[CircuitState, tuple[Events, ...], Samples]:
    """Return the state after so many steps, the spikes of some populations, and what probes read.

    Args:
        circuit: The circuit.
        state: The state before.
        steps: Number of steps.
        recorded: Positions of the populations whose spikes are returned.
        probes: What else is recorded; None for nothing.

    Raises:
        DivergenceError: If a state or a strength becomes NaN.

    Example:
        >>> from canns.dynamics import CurrentLIF
        >>> from canns.plasticity import Population
        >>> circuit = Circuit((Population(CurrentLIF(drive=20.0), size=1),), (), dt=1.0)
        >>> state, (spikes,), _ = run_circuit(circuit, circuit.init(jax.random.key(0)), 100, (0,))
        >>> spikes.steps.tolist()
        [32, 51, 70, 89]
    """
    reading = Probes() if probes is None else probes
    widths = [-(-circuit.populations[k].size // 32) for k in recorded]
    room = tuple(jnp.zeros((_ROOM, width), jnp.uint32) for width in widths)
    every = int(reading.every)
    sampled = reading.room(bucket(_ROOM // every + 1))
    found: list[list[Events]] = [[] for _ in recorded]
    read: list[list[AnyArray]] = [[] for _ in reading.widths]
    first = int(state.step)
    for start, end in pieces(steps, _FIRST):
        for at in range(start, end, _ROOM):
            count = min(_ROOM, end - at)
            state, words, kept, sound = _advance(
                circuit, state, count, room, reading, sampled, recorded=recorded
            )
            wait((words, state.step, sound))
            if not sound:
                what = "A state or a strength became NaN"
                bound = "Take weaker synapses, a smaller dt, or a smaller learning rate."
                raise DivergenceError(what, first + at + count - 1, bound)
            for events, each in zip(found, words, strict=True):
                events.append(_events(np.asarray(each)[:count], first + at))
            for samples, rows in zip(read, kept.rows, strict=True):
                samples.append(np.asarray(rows)[: int(kept.count)].copy())
    times = every * np.arange(first // every + 1, (first + steps) // every + 1)
    arrays = tuple(map(np.concatenate, read))
    fields = len(reading.fields)
    return state, tuple(map(_joined, found)), Samples(times, arrays[:fields], arrays[fields:])


@partial(jit_wide, static_argnames=("recorded",))
def _advance(
    circuit: Circuit,
    state: CircuitState,
    count: int,
    room: tuple[Array, ...],
    probes: Probes,
    sampled: Kept,
    recorded: tuple[int, ...] = (),
) -> tuple[CircuitState, tuple[Array, ...], Kept, Array]:
    """Return the state after ``count`` steps, spikes as bits, and what the probes read.

    Last comes whether all is sound. A state may be infinite, such as the time since a spike that
    never came, but never NaN.
    """
    Carry = tuple[CircuitState, tuple[Array, ...], Kept]

    def step(at: Array, carry: Carry) -> Carry:
        before, rows, kept = carry
        after, spikes = circuit.step(before)
        words = [active(spikes[k]).words for k in recorded]
        rows = tuple(
            jax.lax.dynamic_update_index_in_dim(row, word, at, 0)
            for row, word in zip(rows, words, strict=True)
        )
        return after, rows, probes.keep(after, kept)

    done: Carry = jax.lax.fori_loop(0, count, step, (state, room, sampled))
    changed = jax.tree.leaves((done[0].neurons, done[0].values))
    sound = jnp.asarray([~jnp.isnan(leaf).any() for leaf in changed]).all()
    return *done, sound


def _events(words: AnyArray, first: int) -> Events:
    """Return the spikes of the bits of :class:`~canns.dynamics.Active`, (steps, words)."""
    row, block = np.nonzero(words)
    bits = (words[row, block][:, None] >> np.arange(32, dtype=np.uint32)) & 1
    which, bit = np.nonzero(bits)
    steps, neurons = row[which] + first, bit * words.shape[1] + block[which]
    order = np.lexsort((neurons, steps))
    return Events(steps[order], neurons[order])


def _joined(parts: list[Events]) -> Events:
    empty = Events(np.zeros(0, int), np.zeros(0, int))
    return Events(*(np.concatenate(each) for each in zip(empty, *parts, strict=True)))
