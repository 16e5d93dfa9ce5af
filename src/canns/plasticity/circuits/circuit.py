"""A step of a circuit: spikes arrive, neurons fire, and synapses learn."""

import dataclasses
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from canns._validation import float_dtype
from canns.dynamics import Activity, ExcitatoryInhibitory, Neuron
from canns.plasticity.circuits.parts import Kind, Pathway, PoissonInputs, Population
from canns.plasticity.learning import (
    forget_silence,
    local_memory,
    local_step,
    remember_silence,
)
from canns.typing import Array, Parameters, PyTree, param, pytree

__all__ = ["Circuit", "CircuitState"]


class CircuitState(NamedTuple):
    """What changes in a circuit.

    Args:
        step: Number of steps that are over.
        neurons: The state of each population; () for inputs.
        recent: The last spikes of each population, (longest delay + 1, size).
        values: The strengths of each pathway that learns; None for fixed ones.
        memories: What its rule remembers.
        key: A JAX key, from which all random numbers follow.
    """

    step: Array
    neurons: tuple[PyTree, ...]
    recent: tuple[Array, ...]
    values: tuple[PyTree, ...]
    memories: tuple[PyTree, ...]
    key: Array


class _Arrived:
    """In place of a weights matrix, if what arrives at each neuron is already summed up."""

    ndim = 2

    def __init__(self, size: int) -> None:
        self.shape, self.dtype = (size, size), np.dtype(float_dtype())

    def __len__(self) -> int:
        return self.shape[0]

    def __matmul__(self, x: Array) -> Array:
        return x


@pytree
class Circuit(Parameters):
    r"""Populations of spiking neurons, and pathways of synapses between them.

    .. math::
        I_i^{e,i}(t) = \sum_{\mathrm{pathways}} \sum_j w_{ij}\, s_j(t - 1 - d), \qquad
        s_i(t) = \mathrm{neuron}(I_i^e, I_i^i)

    Neurons with parts, such as :class:`~canns.dynamics.ConductanceLIF`, take the sums of excitation
    and of inhibition apart; others take their difference. A pathway that learns sees the spikes
    that arrive, and those that its neurons fire in the same step. The cost is by the spike.

    :class:`~canns.models.brain_inspired.SpikingNetwork` builds and runs circuits by name.

    Args:
        populations: The populations.
        pathways: The pathways between them.
        dt: Length of a step in ms, that of all neurons.

    Example:
        >>> from canns.dynamics import CurrentLIF, SparseSynapses
        >>> lif = CurrentLIF(drive=20.0, dt=1.0)
        >>> wires = SparseSynapses.from_pairs((2, 2), [0], [1], 3.0)
        >>> circuit = Circuit((Population(lif, size=2),), (Pathway(wires),), dt=1.0)
        >>> state = circuit.init(jax.random.key(0))
        >>> for _ in range(33):
        ...     state, (spikes,) = circuit.step(state)
        >>> spikes.tolist()
        [1.0, 1.0]
    """

    populations: tuple[Population, ...]
    pathways: tuple[Pathway, ...]
    dt: float = param(default=1.0, low=0, open_low=True)

    def init(self, key: Array) -> CircuitState:
        """Return the state at rest, without spikes before."""
        dtype = float_dtype()
        neurons = []
        for k, population in enumerate(self.populations):
            if isinstance(population.neuron, PoissonInputs):
                neurons.append(())
                continue
            neuron, weights = _taking(population)
            seeded = neuron.seeded(neuron.init(weights), jax.random.fold_in(key, k))
            neurons.append(jax.tree.map(jnp.asarray, seeded))
        recent = tuple(
            jnp.zeros((self._depth(k), population.size), dtype)
            for k, population in enumerate(self.populations)
        )
        values = tuple(
            None if p.project is None else p.project(p.synapses.values) for p in self.pathways
        )
        memories = tuple(
            None if p.rule is None else local_memory(p.rule, p.synapses) for p in self.pathways
        )
        return CircuitState(jnp.int32(0), tuple(neurons), recent, values, memories, key)

    def begin(self, state: CircuitState) -> CircuitState:
        """Return the state as it is during a run: see ``remember_silence``."""
        return self._with_memories(state, remember_silence)

    def end(self, state: CircuitState) -> CircuitState:
        """Return the state as it is between runs, all memory advanced to the present."""
        return self._with_memories(state, forget_silence)

    def _with_memories(self, state: CircuitState, change: Any) -> CircuitState:
        each = zip(self.pathways, state.memories, strict=True)
        return state._replace(
            memories=tuple(None if m is None else change(p.rule, p.synapses, m) for p, m in each)
        )

    def _depth(self, source: int) -> int:
        delays = [pathway.delay for pathway in self.pathways if pathway.source == source]
        return max(delays, default=0) + 1

    def step(self, state: CircuitState) -> tuple[CircuitState, tuple[Array, ...]]:
        """Return the state after a step, and the spikes of each population, (size,) each."""
        sent = [self._sent(pathway, state) for pathway in self.pathways]
        key = jax.random.fold_in(state.key, state.step)
        neurons, shown = [], []
        for k, population in enumerate(self.populations):
            own = jax.random.fold_in(key, k) if _is_random(population) else key
            after, activity = self._advance(k, state, sent, own)
            neurons.append(after)
            shown.append(activity)
        values, memories = [], []
        for p, pathway in enumerate(self.pathways):
            value, memory = state.values[p], state.memories[p]
            if pathway.rule is not None:
                assert pathway.project is not None, "a pathway that learns has a constraint"
                post = shown[pathway.target]
                seen = Activity(sent[p], post.post, potential=post.potential)
                before = pathway.synapses.with_values(value)
                memory, moved = local_step(pathway.rule, pathway.project, memory, before, seen)
                value = moved.values
            values.append(value)
            memories.append(memory)
        spikes = tuple(activity.post for activity in shown)
        recent = tuple(
            jax.lax.dynamic_update_index_in_dim(kept, new, state.step % len(kept), 0)
            for kept, new in zip(state.recent, spikes, strict=True)
        )
        return CircuitState(
            state.step + 1, tuple(neurons), recent, tuple(values), tuple(memories), state.key
        ), spikes

    def _sent(self, pathway: Pathway, state: CircuitState) -> Array:
        """Return the spikes of the source that arrive in this step."""
        kept = state.recent[pathway.source]
        at = (state.step - 1 - pathway.delay) % len(kept)
        found: Array = jax.lax.dynamic_index_in_dim(kept, at, 0, keepdims=False)
        return found

    def _advance(
        self, k: int, state: CircuitState, sent: list[Array], key: Array
    ) -> tuple[PyTree, Activity]:
        """Return the state and the activity of a population after this step."""
        population = self.populations[k]
        if isinstance(population.neuron, PoissonInputs):
            drawn = jax.random.uniform(key, (population.size,), float_dtype())
            spikes = (drawn < population.neuron.chance(self.dt)).astype(drawn.dtype)
            return (), Activity(spikes, spikes)
        neuron, weights = _taking(population)
        excited = self._arriving("excitatory", k, state, sent, key)
        inhibited = self._arriving("inhibitory", k, state, sent, key)
        parts = neuron.Parts is not None
        x = jnp.concatenate([excited, inhibited]) if parts else excited - inhibited
        after: tuple[PyTree, Activity] = neuron.step(state.neurons[k], weights, x)
        return after

    def _arriving(
        self, kind: Kind, k: int, state: CircuitState, sent: list[Array], key: Array
    ) -> Array:
        """Return the sum of what arrives by synapses of a kind, (size,)."""
        population = self.populations[k]
        total = jnp.zeros(population.size, float_dtype())
        for pathway, value, x in zip(self.pathways, state.values, sent, strict=True):
            if pathway.target == k and pathway.kind == kind:
                learns = pathway.rule is not None
                now = pathway.synapses.with_values(value) if learns else pathway.synapses
                total = total + now @ x
        for n, background in enumerate(population.backgrounds):
            if background.kind == kind:
                total = total + background.draw(jax.random.fold_in(key, n), population.size)
        return total


def _is_random(population: Population) -> bool:
    return isinstance(population.neuron, PoissonInputs) or bool(population.backgrounds)


def _taking(population: Population) -> tuple[Neuron, PyTree]:
    """Return the neuron, and the weights by which it takes what has arrived."""
    neuron: Any = population.neuron
    arrived = _Arrived(population.size)
    if neuron.Parts is None:
        return neuron, arrived
    wide = dataclasses.replace(neuron, inhibitory=population.size)
    return wide, ExcitatoryInhibitory(arrived, arrived)  # type: ignore[arg-type]
