"""A run of a circuit, in compiled pieces, and the spikes that it records."""

from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from canns._explain import explained
from canns._kernel import jit_wide
from canns._pieces import pieces, wait
from canns.dynamics import active
from canns.plasticity.circuits.circuit import Circuit, CircuitState
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
    circuit: Circuit, state: CircuitState, steps: int, recorded: tuple[int, ...]
) -> tuple[CircuitState, tuple[Events, ...]]:
    """Return the state after so many steps, and the spikes of some populations.

    Args:
        circuit: The circuit.
        state: The state before.
        steps: Number of steps.
        recorded: Positions of the populations whose spikes are returned.

    Example:
        >>> from canns.dynamics import CurrentLIF
        >>> from canns.plasticity import Population
        >>> circuit = Circuit((Population(CurrentLIF(drive=20.0), size=1),), (), dt=1.0)
        >>> state, (spikes,) = run_circuit(circuit, circuit.init(jax.random.key(0)), 100, (0,))
        >>> spikes.steps.tolist()
        [32, 51, 70, 89]
    """
    widths = [-(-circuit.populations[k].size // 32) for k in recorded]
    room = tuple(jnp.zeros((_ROOM, width), jnp.uint32) for width in widths)
    found: list[list[Events]] = [[] for _ in recorded]
    first = int(state.step)
    for start, end in pieces(steps, _FIRST):
        for at in range(start, end, _ROOM):
            count = min(_ROOM, end - at)
            state, words = _advance(circuit, state, count, room, recorded=recorded)
            wait(words)
            wait(state.step)
            for events, each in zip(found, words, strict=True):
                events.append(_events(np.asarray(each)[:count], first + at))
    return state, tuple(map(_joined, found))


@partial(jit_wide, static_argnames=("recorded",))
def _advance(
    circuit: Circuit,
    state: CircuitState,
    count: int,
    room: tuple[Array, ...],
    recorded: tuple[int, ...] = (),
) -> tuple[CircuitState, tuple[Array, ...]]:
    """Return the state after ``count`` steps, and the spikes of each step as bits."""

    def step(
        at: Array, carry: tuple[CircuitState, tuple[Array, ...]]
    ) -> tuple[CircuitState, tuple[Array, ...]]:
        before, rows = carry
        after, spikes = circuit.step(before)
        words = [active(spikes[k]).words for k in recorded]
        return after, tuple(
            jax.lax.dynamic_update_index_in_dim(row, word, at, 0)
            for row, word in zip(rows, words, strict=True)
        )

    done: tuple[CircuitState, tuple[Array, ...]] = jax.lax.fori_loop(0, count, step, (state, room))
    return done


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
