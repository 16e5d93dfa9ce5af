"""A step of a circuit: spikes arrive, neurons fire, and synapses learn."""

import dataclasses
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from canns._validation import float_dtype
from canns.dynamics import Activity, ExcitatoryInhibitory, Neuron, Synapses
from canns.plasticity.circuits.delays import arrived, delayed, put_off
from canns.plasticity.circuits.inputs import Inputs
from canns.plasticity.circuits.parts import Kind, Pathway, Population
from canns.plasticity.learning import local_memory, local_step, remember_silence
from canns.plasticity.rule import Rule
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
        pending: What the synapses of a pathway with delays of their own will still add, (longest
            delay + 1, target); None for other pathways.
        key: A JAX key, from which all random numbers follow.
    """

    step: Array
    neurons: tuple[PyTree, ...]
    recent: tuple[Array, ...]
    values: tuple[PyTree, ...]
    memories: tuple[PyTree, ...]
    pending: tuple[Array | None, ...]
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
            if isinstance(population.neuron, Inputs):
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
            None if p.rule is None else _memory(p.rule, p.synapses) for p in self.pathways
        )
        pending = tuple(
            None if p.lags is None else jnp.zeros((p.longest + 1, p.synapses.shape[0]), dtype)
            for p in self.pathways
        )
        step = jnp.int32(0)
        return CircuitState(step, tuple(neurons), recent, values, memories, pending, key)

    def _depth(self, source: int) -> int:
        delays = [d for p in self.pathways if p.source == source for d in p.delays]
        return max(delays, default=0) + 1

    def step(self, state: CircuitState) -> tuple[CircuitState, tuple[Array, ...]]:
        """Return the state after a step, and the spikes of each population, (size,) each."""
        now = state.step
        sent = [delayed(state.recent[p.source], now, p.delays) for p in self.pathways]
        pending = tuple(
            None
            if waiting is None or p.lags is None
            else put_off(p.synapses, p.lags, waiting, x, now)
            for p, waiting, x in zip(self.pathways, state.pending, sent, strict=True)
        )
        state = state._replace(pending=pending)
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
        return state._replace(
            step=state.step + 1,
            neurons=tuple(neurons),
            recent=recent,
            values=tuple(values),
            memories=tuple(memories),
        ), spikes

    def _advance(
        self, k: int, state: CircuitState, sent: list[Array], key: Array
    ) -> tuple[PyTree, Activity]:
        """Return the state and the activity of a population after this step."""
        population = self.populations[k]
        if isinstance(population.neuron, Inputs):
            spikes = population.neuron.spikes(key, state.step, population.size, self.dt)
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
        for p, pathway in enumerate(self.pathways):
            if pathway.target != k or pathway.kind != kind:
                continue
            waiting, value = state.pending[p], state.values[p]
            if waiting is not None:
                total = total + arrived(waiting, state.step)
            else:
                fixed = pathway.rule is None
                now = pathway.synapses if fixed else pathway.synapses.with_values(value)
                total = total + now @ sent[p]
        for n, background in enumerate(population.backgrounds):
            if background.kind == kind:
                total = total + background.draw(jax.random.fold_in(key, n), population.size)
        return total


def _memory(rule: Rule, synapses: Synapses) -> PyTree:
    return remember_silence(rule, synapses, local_memory(rule, synapses))


def _is_random(population: Population) -> bool:
    return isinstance(population.neuron, Inputs) or bool(population.backgrounds)


def _taking(population: Population) -> tuple[Neuron, PyTree]:
    """Return the neuron, and the weights by which it takes what has arrived."""
    neuron: Any = population.neuron
    arrived = _Arrived(population.size)
    if neuron.Parts is None:
        return neuron, arrived
    wide = dataclasses.replace(neuron, inhibitory=population.size)
    return wide, ExcitatoryInhibitory(arrived, arrived)  # type: ignore[arg-type]
