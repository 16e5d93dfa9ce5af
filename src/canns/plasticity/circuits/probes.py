"""What a run of a circuit records besides spikes: states of neurons, and strengths that learn."""

from typing import TYPE_CHECKING, NamedTuple

import jax
import jax.numpy as jnp

from canns._kernel import barrier
from canns._validation import float_dtype
from canns.typing import AnyArray, Array, IntArray, Parameters, param, pytree, static

if TYPE_CHECKING:
    from canns.plasticity.circuits.circuit import CircuitState

__all__ = ["Probes", "Samples"]


class Samples(NamedTuple):
    """What probes have read.

    Args:
        steps: The number of steps that were over at each sample, (samples,).
        fields: The states of neurons, (samples, neurons) for each probed field.
        strengths: The strengths, (samples, synapses) for each probed pathway, or (samples, 1).
    """

    steps: IntArray
    fields: tuple[AnyArray, ...]
    strengths: tuple[AnyArray, ...]


class Kept(NamedTuple):
    """What the probes have read in a compiled call: how often, and a row each time."""

    count: Array  # type: ignore[assignment]  # in place of the tuple's method
    rows: tuple[Array, ...]


@pytree
class Probes(Parameters):
    """What is read, and how often.

    Args:
        neurons: The neurons of each field that is read.
        places: The synapses of each pathway that is read, as places in its values, counted along
            their rows.
        every: Steps from one sample to the next, counted from step 0.
        fields: The position of a population, and the name of a field of its neurons' state.
        pathways: The position of a pathway that learns, and whether only the mean is kept.

    Example:
        >>> from canns.dynamics import CurrentLIF
        >>> from canns.plasticity import Circuit, Population, run_circuit
        >>> circuit = Circuit((Population(CurrentLIF(drive=20.0), size=1),), (), dt=1.0)
        >>> probes = Probes((jnp.array([0]),), every=jnp.int32(10), fields=((0, "v"),))
        >>> state = circuit.init(jax.random.key(0))
        >>> _, _, samples = run_circuit(circuit, state, 30, (), probes)
        >>> samples.steps.tolist(), [round(float(v), 1) for v in samples.fields[0][:, 0]]
        ([10, 20, 30], [-62.1, -57.4, -54.5])
    """

    neurons: tuple[Array, ...] = ()
    places: tuple[Array, ...] = ()
    every: Array = param(default=1)
    fields: tuple[tuple[int, str], ...] = static(default=())
    pathways: tuple[tuple[int, bool], ...] = static(default=())

    @property
    def widths(self) -> tuple[int, ...]:
        """How many numbers each probe reads."""
        each = zip(self.places, self.pathways, strict=True)
        return (*map(len, self.neurons), *(1 if mean else len(place) for place, (_, mean) in each))

    def room(self, rows: int) -> Kept:
        """Return room for so many samples."""
        blank = tuple(jnp.zeros((rows, width), float_dtype()) for width in self.widths)
        return Kept(jnp.int32(0), blank)

    def keep(self, state: "CircuitState", kept: Kept) -> Kept:
        """Return what is kept, with a further row if one is due.

        Args:
            state: The state after a step.
            kept: What is kept.
        """
        if not kept.rows:
            return kept
        states = tuple(getattr(state.neurons[k], name) for k, name in self.fields)
        strengths = tuple(state.values[p] for p, _ in self.pathways)

        def write(turn: Array, kept: Kept) -> Kept:
            # XLA would read all before the loop, even if the loop has no turn.
            fields, values, _ = barrier((states, strengths, turn))
            read = [field[which] for field, which in zip(fields, self.neurons, strict=True)]
            for value, place, (_, mean) in zip(values, self.places, self.pathways, strict=True):
                chosen = value.reshape(-1)[place]
                read.append(chosen.mean()[None] if mean else chosen)
            rows = tuple(
                jax.lax.dynamic_update_index_in_dim(row, new.astype(row.dtype), kept.count, 0)
                for row, new in zip(kept.rows, read, strict=True)
            )
            return Kept(kept.count + 1, rows)

        due = state.step % self.every == 0
        after: Kept = jax.lax.fori_loop(0, due.astype(jnp.int32), write, kept)
        return after
