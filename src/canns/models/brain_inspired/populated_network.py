"""The populations of a spiking network: neurons, and inputs from outside."""

import dataclasses
from typing import NamedTuple

import numpy as np

from canns._keys import as_key
from canns._spike_trains import SpikeTrains
from canns._validation import check_choice, check_size
from canns.dynamics import Neuron
from canns.errors import ValidationError
from canns.models.basic import BasicModel
from canns.models.brain_inspired.network_arguments import (
    check_neuron,
    check_potentials,
)
from canns.models.brain_inspired.network_inputs import (
    random_inputs,
    replayed_inputs,
    trains_of,
)
from canns.plasticity import (
    Background,
    CircuitState,
    Population,
)
from canns.plasticity.circuits import KINDS, Inputs, Kind
from canns.typing import Array, FloatArray, Rows

__all__ = ["Named", "PopulatedNetwork"]


class Named(NamedTuple):
    """A population as the user has added it."""

    population: Population
    potentials: tuple[float, float] | None


class PopulatedNetwork(BasicModel):
    """Populations of spiking neurons and of inputs, by name.

    Args:
        seed: Seed of all that is drawn at random. An integer or a JAX key; None draws one from
            ``brainstate.random``.
        name: Name of the model.
    """

    def __init__(self, *, seed: int | Array | None = None, name: str | None = None) -> None:
        super().__init__(name=name)
        self._key = as_key(seed)
        self._added: dict[str, Named] = {}
        self._state: CircuitState | None = None

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
        return self._steps * self.dt if self._steps else 0.0

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

    def add_inputs(
        self, name: str, size: int, rate: float | FloatArray, *, rate_dt: float | None = None
    ) -> None:
        """Add random inputs, which spike independently in each step.

        Args:
            name: Name of the population.
            size: Number of inputs.
            rate: In Hz, one number or one for each input, (size,); at most one spike a step. With
                ``rate_dt``, rates that vary over time: (times,), or (times, size); at the end, the
                last ones stay.
            rate_dt: How long each of these rates holds, in ms, a multiple of the time step.

        Raises:
            ValidationError: If an argument is out of range, or the name is taken.
        """
        count = check_size("size", size)
        inputs = random_inputs(count, rate, rate_dt, 0)
        self._put(name, Named(Population(inputs, size=count), None))

    def add_spikes(self, name: str, trains: SpikeTrains | Rows) -> None:
        """Add inputs that spike as given.

        A spike of the step that begins at t is shown in that step, and recorded at its end, t + dt.
        After the end of the trains the inputs are silent.

        Args:
            name: Name of the population.
            trains: :class:`~canns.task.SpikeTrains` with the network's dt, one for each input; or
                an array of 0 and 1, (steps, size), or a sparse matrix of SciPy.

        Raises:
            ValidationError: If an argument is out of range, or the name is taken.
        """
        found = self._trains(trains)
        self._put(name, Named(Population(replayed_inputs(found, 0), size=found.shape[1]), None))

    def set_rate(
        self, name: str, rate: float | FloatArray, *, rate_dt: float | None = None
    ) -> None:
        """Give inputs other rates, from now on; their time begins anew.

        Nothing is compiled again for rates of the same shape.

        Args:
            name: A population of inputs.
            rate: As for :meth:`add_inputs`.
            rate_dt: As for :meth:`add_inputs`.

        Raises:
            ValidationError: If an argument is out of range.
        """
        size = self._inputs(name).population.size
        self._replace_inputs(name, random_inputs(size, rate, rate_dt, self._steps))

    def set_spikes(self, name: str, trains: SpikeTrains | Rows) -> None:
        """Let inputs spike as given, from now on; the first step of the trains is the next one.

        Args:
            name: A population of inputs.
            trains: As for :meth:`add_spikes`.

        Raises:
            ValidationError: If an argument is out of range.
        """
        size, found = self._inputs(name).population.size, self._trains(trains)
        if found.shape[1] != size:
            expected = f"{size}, one for each input"
            raise ValidationError("trains", expected, f"{found.shape[1]}")
        self._replace_inputs(name, replayed_inputs(found, self._steps))

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

    @property
    def _steps(self) -> int:
        """Number of steps that are over."""
        return 0 if self._state is None else int(self._state.step)

    def _trains(self, trains: SpikeTrains | Rows) -> SpikeTrains:
        return trains if isinstance(trains, SpikeTrains) else trains_of(trains, self.dt)

    def _inputs(self, name: str) -> Named:
        named = self._named("name", name)
        if not isinstance(named.population.neuron, Inputs):
            raise ValidationError("name", "a population of inputs", f"{name!r}, of neurons")
        return named

    def _replace_inputs(self, name: str, inputs: Inputs) -> None:
        if self._state is not None:
            inputs.check(self.dt)
        named = self._added[name]
        changed = dataclasses.replace(named.population, neuron=inputs)
        self._added[name] = named._replace(population=changed)

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
