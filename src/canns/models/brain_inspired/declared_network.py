"""The part of a spiking network that is declared: populations, and pathways between them."""

import dataclasses
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from canns._keys import as_key
from canns._validation import check_array, check_choice, check_real, check_size
from canns.dynamics import Neuron, steps_of_delays
from canns.errors import ValidationError
from canns.models.basic import BasicModel
from canns.models.brain_inspired.network_arguments import (
    check_neuron,
    check_potentials,
    learning_of,
    synapses_of,
)
from canns.plasticity import (
    Background,
    CircuitState,
    Pathway,
    PoissonInputs,
    Population,
    Rule,
)
from canns.plasticity.circuits import KINDS, Kind
from canns.typing import Array, FloatArray

__all__ = ["DeclaredNetwork", "Named"]


class Named(NamedTuple):
    """A population as the user has added it."""

    population: Population
    potentials: tuple[float, float] | None


class DeclaredNetwork(BasicModel):
    """Populations of spiking neurons, and pathways of synapses between them, by name.

    Args:
        seed: Seed of all that is drawn at random. An integer or a JAX key; None draws one from
            ``brainstate.random``.
        name: Name of the model.
    """

    def __init__(self, *, seed: int | Array | None = None, name: str | None = None) -> None:
        super().__init__(name=name)
        self._key = as_key(seed)
        self._added: dict[str, Named] = {}
        self._pathways: dict[tuple[str, str], Pathway] = {}
        self._state: CircuitState | None = None

    def _facts(self) -> dict[str, str]:
        sizes = {name: named.population.size for name, named in self._added.items()}
        pathways = {
            f"{source} to {target}": f"{way.synapses.count} {way.kind}"
            for (source, target), way in self._pathways.items()
        }
        return {
            "populations": ", ".join(f"{name} ({size})" for name, size in sizes.items()),
            "synapses": ", ".join(f"{ends}: {what}" for ends, what in pathways.items()),
        }

    @property
    def sizes(self) -> dict[str, int]:
        """The number of neurons of each population, by name."""
        return {name: named.population.size for name, named in self._added.items()}

    @property
    def dt(self) -> float:
        """The length of a step in ms: that of the neurons."""
        steps = [
            named.population.neuron.time_step
            for named in self._added.values()
            if isinstance(named.population.neuron, Neuron)
        ]
        if not steps:
            remedy = "Call add(name, neuron, size) first: neurons decide the time step."
            raise ValidationError("network", "one with neurons", "none", remedy)
        return float(steps[0] or 1.0)

    @property
    def time(self) -> float:
        """The time in ms that has passed since the network was built or reset."""
        return 0.0 if self._state is None else int(self._state.step) * self.dt

    def add(
        self,
        name: str,
        neuron: Neuron,
        size: int,
        *,
        potentials: tuple[float, float] | None = None,
    ) -> None:
        """Add a population of neurons.

        Args:
            name: Its name.
            neuron: A spiking neuron that keeps its input only as a sum, such as
                :class:`~canns.dynamics.CurrentLIF`; all have one dt.
            size: Number of neurons.
            potentials: Lowest and highest potential at first, in mV, drawn uniformly; None for
                rest.

        Raises:
            ValidationError: If an argument is out of range, or the name is taken.
        """
        check_neuron(neuron)
        count = check_size("size", size)
        if any(isinstance(named.population.neuron, Neuron) for named in self._added.values()):
            step = float(neuron.time_step or 1.0)
            if not np.isclose(step, self.dt, rtol=1e-6, atol=0):
                expected = f"neurons with one time step, {self.dt:g} ms"
                raise ValidationError("dt", expected, f"{step:g}", "Make them with one dt.")
        if potentials is not None:
            potentials = check_potentials(neuron, potentials)
        self._put(name, Named(Population(neuron, size=count), potentials))

    def add_inputs(self, name: str, size: int, rate: float | FloatArray) -> None:
        """Add random inputs, which spike independently in each step.

        Args:
            name: Name of the population.
            size: Number of inputs.
            rate: In Hz, one number or one for each input, (size,); at most one spike a step.

        Raises:
            ValidationError: If an argument is out of range, or the name is taken.
        """
        count = check_size("size", size)
        rates = check_array("rate", rate)
        if rates.shape not in ((), (count,)):
            expected = f"a number, or {count}, one for each input"
            raise ValidationError("rate", expected, f"shape {rates.shape}")
        inputs = PoissonInputs(float(rates) if rates.ndim == 0 else jnp.asarray(rates))
        inputs.check(1e-9)  # that the rates are at least 0; run() knows the time step
        self._put(name, Named(Population(inputs, size=count), None))

    def add_background(
        self, target: str, rate: float, weight: float, *, kind: Kind = "excitatory"
    ) -> None:
        """Let each neuron of a population receive a Poisson process of its own, from outside.

        Several spikes may come in a step. They act at once.

        Args:
            target: The population.
            rate: Spikes that each neuron receives in a second.
            weight: Strength of each, at least 0, in the unit of the neuron's weights.
            kind: "excitatory" or "inhibitory".

        Raises:
            ValidationError: If an argument is out of range, or there is no such population.
        """
        self._check_open()
        named = self._named("target", target)
        if not isinstance(named.population.neuron, Neuron):
            expected = "a population of neurons"
            raise ValidationError("target", expected, f"{target!r}, which are inputs")
        chosen = check_choice("kind", kind, KINDS)
        background = Background.of_rate(rate, weight, self.dt, chosen)
        more = (*named.population.backgrounds, background)
        changed = dataclasses.replace(named.population, backgrounds=more)
        self._added[target] = named._replace(population=changed)

    def connect(
        self,
        source: str,
        target: str,
        weights: object,
        *,
        probability: float | None = None,
        in_degree: int | None = None,
        kind: Kind = "excitatory",
        delay: float = 0.0,
        rule: Rule | None = None,
        bounds: tuple[float, float] | None = None,
    ) -> None:
        """Connect two populations; within one, no neuron is drawn to connect to itself.

        Args:
            source: The population that sends spikes.
            target: The population that receives them.
            weights: The strength of each synapse, with ``probability`` or ``in_degree``; or all
                synapses, (target, source): :class:`~canns.dynamics.SparseSynapses`, a matrix or a
                SciPy matrix, whose zeros are no synapses. At least 0.
            probability: Probability of a synapse, independently for each pair.
            in_degree: Number of synapses onto each neuron, from different neurons.
            kind: "excitatory" or "inhibitory".
            delay: In ms, a multiple of the time step.
            rule: A local rule of spikes, such as :class:`~canns.plasticity.PairSTDP` or
                :class:`~canns.plasticity.VogelsSTDP`; None for fixed strengths.
            bounds: The least and the largest strength of synapses that learn.

        Raises:
            ValidationError: If an argument is out of range, or the rule cannot learn by events.
        """
        self._check_open()
        sender, receiver = self._named("source", source), self._named("target", target)
        if not isinstance(receiver.population.neuron, Neuron):
            remedy = "Connect them the other way round."
            expected = "a population of neurons"
            raise ValidationError("target", expected, f"{target!r}, which are inputs", remedy)
        if (source, target) in self._pathways:
            expected = f"one pathway from {source!r} to {target!r}"
            remedy = "Give all synapses in one matrix, or add a population."
            raise ValidationError("target", expected, "a second one", remedy)
        chosen = check_choice("kind", kind, KINDS)
        steps = int(steps_of_delays([check_real("delay", delay)], self.dt)[0])
        shape = receiver.population.size, sender.population.size
        key = jax.random.fold_in(self._key, len(self._pathways))
        made = synapses_of(shape, source == target, weights, probability, in_degree, key)
        names = list(self._added)
        self._pathways[source, target] = Pathway(
            made,
            *learning_of(rule, bounds, receiver.population.neuron, made, self.dt),
            source=names.index(source),
            target=names.index(target),
            kind=chosen,
            delay=steps,
        )

    def _put(self, name: str, named: Named) -> None:
        self._check_open()
        if not isinstance(name, str) or not name or name in self._added:
            expected = f"a new name, other than {list(self._added)}"
            raise ValidationError("name", expected, repr(name))
        self._added[name] = named

    def _named(self, argument: str, name: str) -> Named:
        return self._added[check_choice(argument, name, self._added)]

    def _check_open(self) -> None:
        if self._state is not None:
            expected = "one that has not run since it was built or reset"
            remedy = "Call reset() first, or build the whole network before it runs."
            raise ValidationError("network", expected, f"one at {self.time:g} ms", remedy)
