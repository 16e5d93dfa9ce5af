"""A network of spiking populations and of pathways between them, built by name and run at once."""

import dataclasses
from collections.abc import Iterable
from typing import Any, ClassVar, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from canns._keys import as_key
from canns._validation import (
    check_array,
    check_choice,
    check_real,
    check_size,
    float_dtype,
    refuse_class,
)
from canns.dynamics import (
    ExcitatoryInhibitory,
    Neuron,
    SparseSynapses,
    Synapses,
    connect_by_in_degree,
    connect_by_probability,
    steps_of_delays,
)
from canns.errors import ValidationError
from canns.models.basic import BasicModel
from canns.models.brain_inspired.lookup import unchanged_on_error
from canns.models.brain_inspired.network_run import NetworkRun, NetworkSpikes
from canns.plasticity import (
    Background,
    Bounds,
    Circuit,
    CircuitState,
    Pathway,
    PoissonInputs,
    Population,
    Rule,
    run_circuit,
)
from canns.plasticity.circuits import KINDS, Kind
from canns.plasticity.learning import sides_of, with_step
from canns.typing import JSON, Array, FloatArray

__all__ = ["SpikingNetwork"]

_SPIKES = "spikes", "random", "logistic"  # what neurons emit that spike


class _Named(NamedTuple):
    """A population as the user has added it."""

    population: Population
    potentials: tuple[float, float] | None


class SpikingNetwork(BasicModel):
    r"""A network of spiking neurons: named populations, and pathways of synapses between them.

    .. math::
        I_i(t) = \sum_j w_{ij}\, s_j(t - 1 - d), \qquad
        w_{ij} \leftarrow \mathrm{project}(w_{ij} + \Delta w_{ij})

    All populations and all learning run in one compiled loop, whose cost is by the spike. Add
    populations, connect them, and run; a further run goes on from the end of the one before.

    A spike falls on the end of a step. Without a delay it acts in the next step; a delay of d ms
    adds d. Strengths of synapses are at least 0, and the kind of a pathway decides the sign:
    neurons with two kinds of synapse, :class:`~canns.dynamics.ConductanceLIF` and
    :class:`~canns.dynamics.DualCurrentLIF`, take excitation and inhibition apart, and others take
    excitation less inhibition. Synapses that learn see spikes as they arrive, after the delay.

    Args:
        seed: Seed of all that is drawn at random: connections, potentials at first, spikes of
            inputs. An integer or a JAX key; None draws one from ``brainstate.random``.
        name: Name of the model.

    Example:
        >>> from canns.dynamics import DualCurrentLIF
        >>> network = SpikingNetwork(seed=0)
        >>> network.add("E", DualCurrentLIF(), 320, potentials=(-60.0, -50.0))
        >>> network.add("I", DualCurrentLIF(), 80, potentials=(-60.0, -50.0))
        >>> for target in ("E", "I"):
        ...     network.connect("E", target, 1.62, probability=0.1)
        ...     network.connect("I", target, 9.0, probability=0.1, kind="inhibitory", delay=0.5)
        >>> run = network.run(100.0)
        >>> len(run.spikes["E"].times) > 0
        True

    Source: Brette et al. (2007), J. Comput. Neurosci. 23:349 (the networks); Vogels, Sprekeler,
    Zenke, Clopath & Gerstner (2011), Science 334:1569 (learning within them).
    """

    _unlisted: ClassVar[tuple[str, ...]] = ()

    def __init__(self, *, seed: int | Array | None = None, name: str | None = None) -> None:
        super().__init__(name=name)
        self._key = as_key(seed)
        self._added: dict[str, _Named] = {}
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
        refuse_class("neuron", "a neuron", neuron)
        if not isinstance(neuron, Neuron):
            raise ValidationError("neuron", "a neuron", repr(neuron))
        takes = neuron.drives_only if neuron.Parts is None else neuron.Parts is ExcitatoryInhibitory
        if not takes or neuron.emits not in _SPIKES:
            expected = "one that spikes, and takes the sum of its input"
            remedy = "Take CurrentLIF, DualCurrentLIF, ConductanceLIF, AdEx or LIF."
            raise ValidationError("neuron", expected, type(neuron).__name__, remedy)
        neuron.validate()
        count = check_size("size", size)
        if any(isinstance(named.population.neuron, Neuron) for named in self._added.values()):
            step = float(neuron.time_step or 1.0)
            if not np.isclose(step, self.dt, rtol=1e-6, atol=0):
                expected = f"neurons with one time step, {self.dt:g} ms"
                raise ValidationError("dt", expected, f"{step:g}", "Make them with one dt.")
        if potentials is not None:
            low = check_real("potentials", potentials[0])
            potentials = low, check_real("potentials", potentials[1], low=low)
            if "v" not in neuron.State._fields:
                expected = f"None for {type(neuron).__name__}, which has no potential"
                raise ValidationError("potentials", expected, str(potentials))
        self._put(name, _Named(Population(neuron, size=count), potentials))

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
        self._put(name, _Named(Population(inputs, size=count), None))

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
        made = self._synapses(shape, source == target, weights, probability, in_degree)
        names = list(self._added)
        self._pathways[source, target] = Pathway(
            made,
            *self._learning(rule, bounds, receiver.population.neuron, made),
            source=names.index(source),
            target=names.index(target),
            kind=chosen,
            delay=steps,
        )

    def run(self, duration: float, *, record: Iterable[str] | None = None) -> NetworkRun:
        """Run the network, and let the pathways with rules learn.

        Ctrl-C ends a run at once; the network is then as it was before the run.

        Args:
            duration: In ms, a multiple of the time step.
            record: The populations whose spikes are recorded; None for all.

        Returns:
            The spikes, and the rates and the irregularity of them.

        Raises:
            ValidationError: If an argument is out of range, or a rate is above a spike a step.
        """
        steps = int(steps_of_delays([check_real("duration", duration, low=0)], self.dt)[0])
        if steps < 1:
            expected = f"at least one step, {self.dt:g} ms"
            raise ValidationError("duration", expected, f"{duration:g}")
        if isinstance(record, str):
            raise ValidationError("record", "names of populations", repr(record), "Give a list.")
        names = [*self._added] if record is None else [*record]
        for name in names:
            self._named("record", name)
        for named in self._added.values():
            if isinstance(named.population.neuron, PoissonInputs):
                named.population.neuron.check(self.dt)
        circuit, begun = self._circuit(), self.time
        state = self._start(circuit) if self._state is None else self._state
        order = list(self._added)
        which = tuple(order.index(name) for name in names)
        with unchanged_on_error(self):
            self._state, found = run_circuit(circuit, state, steps, which)
        spikes = {
            name: NetworkSpikes((events.steps + 1) * self.dt, events.neurons)
            for name, events in zip(names, found, strict=True)
        }
        sizes = {name: self.sizes[name] for name in names}
        return NetworkRun(begun, steps * self.dt, sizes, spikes)

    def synapses(self, source: str, target: str) -> Synapses:
        """Return the synapses of a pathway, with their present strengths.

        Args:
            source: The population that sends spikes.
            target: The population that receives them.
        """
        self._named("source", source)
        self._named("target", target)
        if (source, target) not in self._pathways:
            made = ", ".join(f"{a!r} to {b!r}" for a, b in self._pathways)
            expected = f"a pathway that there is: {made}"
            raise ValidationError("target", expected, f"{source!r} to {target!r}")
        pathway = self._pathways[source, target]
        if self._state is None or pathway.rule is None:
            return pathway.synapses
        value = self._state.values[[*self._pathways].index((source, target))]
        return pathway.synapses.with_values(value)

    def weight_histogram(
        self, source: str, target: str, bins: int = 50
    ) -> tuple[FloatArray, FloatArray]:
        """Return how many synapses of a pathway have a strength in each bin, and the bins' edges.

        Args:
            source: The population that sends spikes.
            target: The population that receives them.
            bins: Number of bins, from the least strength to the largest.

        Returns:
            The counts, (bins,), and the edges, (bins + 1,).
        """
        synapses = self.synapses(source, target)
        listed = np.asarray(synapses.listed(synapses.values))
        counts, edges = np.histogram(listed, check_size("bins", bins))
        return counts.astype(edges.dtype), edges

    def reset(self) -> None:
        """Return to time 0: potentials, spikes and strengths are those before the first run."""
        self._state = None

    def config(self) -> dict[str, JSON]:
        """Refuse: a file cannot hold the network yet.

        Raises:
            NotImplementedError: Always.
        """
        raise NotImplementedError(
            "A SpikingNetwork has no file yet: keep the program that builds it and its seed, and "
            "the strengths of synapses(source, target).pairs()."
        )

    def _put(self, name: str, named: _Named) -> None:
        self._check_open()
        if not isinstance(name, str) or not name or name in self._added:
            expected = f"a new name, other than {list(self._added)}"
            raise ValidationError("name", expected, repr(name))
        self._added[name] = named

    def _named(self, argument: str, name: str) -> _Named:
        return self._added[check_choice(argument, name, self._added)]

    def _check_open(self) -> None:
        if self._state is not None:
            expected = "one that has not run since it was built or reset"
            remedy = "Call reset() first, or build the whole network before it runs."
            raise ValidationError("network", expected, f"one at {self.time:g} ms", remedy)

    def _synapses(
        self,
        shape: tuple[int, int],
        within: bool,
        weights: Any,
        probability: float | None,
        in_degree: int | None,
    ) -> Synapses:
        """Return the synapses that arguments of :meth:`connect` describe."""
        drawn = (probability is not None) + (in_degree is not None)
        if drawn == 2:
            expected = "None if in_degree is given"
            raise ValidationError("probability", expected, f"{probability:g}")
        if drawn:
            given = check_real("weights", weights, low=0)
            key = jax.random.fold_in(self._key, len(self._pathways))
            loops = not within
            if in_degree is not None:
                made = connect_by_in_degree(*shape, in_degree, loops=loops, seed=key)
            else:
                assert probability is not None, "one of them is given"
                made = connect_by_probability(*shape, probability, loops=loops, seed=key)
            return SparseSynapses.from_pairs(made.shape, made.pre, made.post, given)
        if isinstance(weights, int | float | np.number):
            remedy = "Say how: by probability= or in_degree=, or give a matrix."
            raise ValidationError("weights", "synapses", f"one strength, {weights}", remedy)
        if not isinstance(weights, Synapses):
            sparse = hasattr(weights, "tocoo")
            matrix = weights if sparse else check_array("weights", weights)
            weights = SparseSynapses.from_matrix(matrix)
        if weights.shape != shape:
            expected = f"of shape {shape}, (target, source)"
            remedy = "Transpose it." if weights.shape == shape[::-1] else ""
            raise ValidationError("weights", expected, f"shape {weights.shape}", remedy)
        listed = weights.listed(weights.values)
        listed = check_array("weights", listed) if len(listed) else np.zeros(1)
        if listed.min() < 0:
            remedy = 'Give strengths; kind="inhibitory" makes them inhibit.'
            raise ValidationError("weights", "at least 0", f"{listed.min():g}", remedy)
        synapses: Synapses = weights
        return synapses

    def _learning(
        self,
        rule: Rule | None,
        bounds: tuple[float, float] | None,
        neuron: Neuron,
        synapses: Synapses,
    ) -> tuple[Rule | None, Bounds | None]:
        """Return the rule with its time step, and the constraint; or raise if it cannot learn."""
        if rule is None:
            if bounds is not None:
                expected = "None without a rule: fixed strengths stay as they are"
                raise ValidationError("bounds", expected, str(bounds))
            return None, None
        refuse_class("rule", "a rule", rule)
        remedy = "Take VogelsSTDP, PairSTDP or TripletSTDP."
        if not isinstance(rule, Rule):
            raise ValidationError("rule", "a rule", repr(rule), remedy)
        rule.validate()
        missing = {*rule.needs} - ({"potential"} & {*neuron.provides})
        if sides_of(rule) is None or rule.reads != "spikes" or missing:
            expected = "a local rule of spikes, which keeps its own traces"
            raise ValidationError("rule", expected, type(rule).__name__, remedy)
        own = getattr(rule, "dt", None)
        if own is not None and not np.isclose(own, self.dt, rtol=1e-6, atol=0):
            expected = f"the time step of the neurons, {self.dt:g} ms"
            raise ValidationError("dt", expected, f"{own:g}", "Leave out the rule's dt.")
        if bounds is None:
            expected = "the least and the largest strength of synapses that learn"
            raise ValidationError("bounds", expected, "None", "Give bounds=(0.0, largest).")
        low = check_real("bounds", bounds[0], low=0)
        project = Bounds(low, check_real("bounds", bounds[1], low=low))
        project.check_weights(synapses)
        return with_step(rule, self.dt), project

    def _circuit(self) -> Circuit:
        populations = tuple(named.population for named in self._added.values())
        return Circuit(populations, tuple(self._pathways.values()), self.dt)

    def _start(self, circuit: Circuit) -> CircuitState:
        """Return the state at first, with random potentials."""
        # Other keys than those of the connections.
        own = jax.random.fold_in(self._key, 2**31)
        state = circuit.init(own)
        neurons = list(state.neurons)
        for k, named in enumerate(self._added.values()):
            if named.potentials is not None:
                key = jax.random.fold_in(jax.random.fold_in(own, 2**31), k)
                low, high = named.potentials
                shape = (named.population.size,)
                drawn = jax.random.uniform(key, shape, float_dtype(), low, high)
                neurons[k] = neurons[k]._replace(v=drawn)
        return state._replace(neurons=tuple(neurons))
