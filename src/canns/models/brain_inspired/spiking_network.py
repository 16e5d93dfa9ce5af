"""A network of spiking populations and of pathways between them, built by name and run at once."""

import copy
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, Self

import jax
import numpy as np

from canns._brainstate import brainstate
from canns._validation import check_real, check_size, float_dtype
from canns.dynamics import Synapses
from canns.errors import ValidationError
from canns.models.brain_inspired.connected_network import ConnectedNetwork
from canns.models.brain_inspired.lookup import unchanged_on_error
from canns.models.brain_inspired.network_arguments import check_names
from canns.models.brain_inspired.network_config import (
    describe,
    described_pathway,
    described_population,
    key_of,
)
from canns.models.brain_inspired.network_delays import delays_of, read_steps, synapses_in
from canns.models.brain_inspired.network_file import NetworkBox
from canns.models.brain_inspired.network_probes import (
    check_room,
    probes_of,
    samples_of,
    steps_between,
)
from canns.models.brain_inspired.network_run import NetworkRun, NetworkSpikes
from canns.models.brain_inspired.populated_network import Named
from canns.plasticity import Circuit, CircuitState, Pathway, run_circuit
from canns.plasticity.circuits import Inputs
from canns.typing import JSON, FloatArray, PyTree

__all__ = ["SpikingNetwork"]

_MOST_BINS = 10**7


class SpikingNetwork(ConnectedNetwork):
    r"""A network of spiking neurons: named populations, and pathways of synapses between them.

    .. math::
        I_i(t) = \sum_j w_{ij}\, s_j(t - 1 - d), \qquad
        w_{ij} \leftarrow \mathrm{project}(w_{ij} + \Delta w_{ij})

    All populations and all learning run in one compiled loop, whose cost is by the spike. Add
    populations, connect them, and run; a further run goes on from the end of the one before.

    A spike falls on the end of a step. Without a delay it acts in the next step; a delay of d ms
    adds d, and each synapse may have its own. Strengths of synapses are at least 0, and the kind of
    a pathway decides the sign:
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

    _own_trainers = "connect(source, target, rule=...), by which a pathway learns"
    _unlisted: ClassVar[tuple[str, ...]] = ()

    def run(
        self,
        duration: float,
        *,
        record: Iterable[str] | None = None,
        record_states: Mapping[str, Mapping[str, Iterable[int]]] | None = None,
        record_weights: Mapping[str, Iterable[int]] | Iterable[str] | None = None,
        record_every: float | None = None,
    ) -> NetworkRun:
        """Run the network, and let the pathways with rules learn.

        Ctrl-C ends a run at once; the network is then as it was before the run.

        Args:
            duration: In ms, a multiple of the time step.
            record: The populations whose spikes are recorded; None for all.
            record_states: States of neurons that are sampled, by population and by field, such as
                ``{"E": {"v": [0, 1]}}`` for the potentials of the first two.
            record_weights: Names of pathways that learn, whose mean strength is sampled; or a dict
                with the synapses of each that are sampled, in the order of ``pairs()``.
            record_every: Time from one sample to the next in ms, a multiple of the time step; None
                for each step.

        Returns:
            The spikes, the rates and the irregularity of them, and the samples.

        Raises:
            ValidationError: If an argument is out of range, a rate is above a spike a step, or the
                samples do not fit the memory.
            DivergenceError: If a state or a strength becomes NaN; the network is unchanged.
        """
        steps = self._steps_of(duration)
        names = [*self._added] if record is None else check_names("record", record)
        for name in names:
            self._named("record", name)
        for named in self._added.values():
            if isinstance(named.population.neuron, Inputs):
                named.population.neuron.check(self.dt)
        with unchanged_on_error(self):  # and a second thread is refused
            circuit, begun = self._circuit(), self.time
            populations = dict(zip(self._added, circuit.populations, strict=True))
            every = steps_between(record_every, self.dt)
            probes = probes_of(populations, self._pathways, record_states, record_weights, every)
            check_room(probes, steps)
            state = self._start(circuit) if self._state is None else self._state
            order = list(self._added)
            which = tuple(order.index(name) for name in names)
            after, found, read = run_circuit(circuit, state, steps, which, probes)
            spikes = {
                name: NetworkSpikes((events.steps + 1) * self.dt, events.neurons)
                for name, events in zip(names, found, strict=True)
            }
            sizes = {name: self.sizes[name] for name in names}
            samples = samples_of(self._added, self._pathways, self.dt, probes, read)
            shown = NetworkRun(begun, steps * self.dt, sizes, spikes, self.dt, samples)
            self._state = after  # last, so that Ctrl-C before it leaves the network as it was
        return shown

    def _steps_of(self, duration: float) -> int:
        given = check_real("duration", duration, low=0)
        steps = int(read_steps("duration", np.array(given), self.dt))
        if steps < 1:
            expected = f"at least one step, {self.dt:g} ms"
            raise ValidationError("duration", expected, f"{duration:g}")
        if self._steps + steps >= 2**31:
            expected = f"below {(2**31 - self._steps) * self.dt:g} ms: steps are counted in 31 bits"
            remedy = "Call reset(), or take a larger dt."
            raise ValidationError("duration", expected, f"{duration:g}", remedy)
        return steps

    def synapses(self, source: str, target: str, *, name: str | None = None) -> Synapses:
        """Return the synapses of a pathway, (target, source), with their present strengths.

        Args:
            source: The population that sends spikes.
            target: The population that receives them.
            name: The name of the pathway, if there are several between the two.
        """
        called = self._pathway(source, target, name)
        pathway = self._pathways[called]
        learnt = self._state is not None and pathway.rule is not None
        at = list(self._pathways).index(called)
        return synapses_in(pathway, self._state.values[at] if learnt else None)  # type: ignore[union-attr]

    def delays(self, source: str, target: str, *, name: str | None = None) -> FloatArray:
        """Return the delay of each synapse in ms, (synapses,).

        Args:
            source: The population that sends spikes.
            target: The population that receives them.
            name: The name of the pathway, if there are several between the two.

        Returns:
            The delays, in the order of ``synapses(source, target).pairs()``.
        """
        return delays_of(self._pathways[self._pathway(source, target, name)]) * self.dt

    def weight_histogram(
        self, source: str, target: str, bins: int = 50, *, name: str | None = None
    ) -> tuple[FloatArray, FloatArray]:
        """Return how many synapses of a pathway have a strength in each bin, and the bins' edges.

        Args:
            source: The population that sends spikes.
            target: The population that receives them.
            bins: Number of bins, from the least strength to the largest.
            name: The name of the pathway, if there are several between the two.

        Returns:
            The counts, (bins,), and the edges, (bins + 1,).
        """
        synapses = self.synapses(source, target, name=name)
        listed = np.asarray(synapses.listed(synapses.values))
        counts, edges = np.histogram(listed, check_size("bins", bins, high=_MOST_BINS))
        return counts.astype(edges.dtype), edges

    def reset(self) -> None:
        """Return to time 0: potentials, spikes and strengths are those before the first run.

        Rates and spikes of inputs that were set since stay, and begin at time 0.
        """
        self._state = None
        for name, named in self._added.items():
            if isinstance(named.population.neuron, Inputs):
                self._replace_inputs(name, named.population.neuron.from_step(0))

    def config(self) -> dict[str, JSON]:
        """Return what the network was declared as, as JSON values.

        The arrays of synapses and of inputs, and the state, are not in it; :meth:`save` writes
        them, too.
        """
        return describe(self._key, self._added, self._pathways)

    @classmethod
    def from_config(cls, config: dict[str, JSON], *members: object, **options: Any) -> Self:
        """Return the network that :meth:`config` described, whose pathways have no synapses.

        Args:
            config: What :meth:`config` returned.
            *members: None; a network has no members.
            **options: Other constructor arguments, such as ``name``.
        """
        held: Any = config
        try:
            made = cls(seed=key_of(held["seed"]), **options)
            for name, described in held["populations"].items():
                made._put(name, Named(*described_population(name, described)))
            for name, described in held["pathways"].items():
                made._pathways[name] = described_pathway(described, made._added, made.dt)
        except ValidationError:
            raise
        except (
            AttributeError,
            IndexError,
            KeyError,
            OverflowError,
            TypeError,
            ValueError,
        ) as error:
            got = f"{type(error).__name__}: {error}"
            raise ValidationError("config", "what config() returned", got) from error
        return made

    def boxes(self) -> dict[str, brainstate.State[PyTree]]:
        """Return one box, with all arrays of the network, for its file."""
        return {"network": NetworkBox(self)}

    def __deepcopy__(self, memo: dict[int, object] | None = None) -> Self:
        # brainstate's copy sorts dicts by name, and the order of populations counts here. What the
        # dicts hold is never written to.
        made = type(self).__new__(type(self))
        for name, value in vars(self).items():
            if name in ("_added", "_pathways"):
                vars(made)[name] = dict(value)
            else:
                ours = name in ("_key", "_state")
                vars(made)[name] = value if ours else copy.deepcopy(value, memo)
        return made

    def __copy__(self) -> Self:
        return self.__deepcopy__()

    def _adopt(
        self,
        pathways: dict[str, Pathway],
        inputs: dict[str, Inputs],
        state: CircuitState | None,
    ) -> None:
        """Take over what was in a file."""
        for name, found in inputs.items():
            self._replace_inputs(name, found)
        self._pathways, self._state = pathways, state

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
