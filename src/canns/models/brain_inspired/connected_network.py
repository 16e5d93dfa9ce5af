"""The pathways of a spiking network: synapses from one population to another."""

import jax

from canns._validation import check_choice
from canns.dynamics import Connections, Neuron
from canns.errors import ValidationError
from canns.models.brain_inspired.network_arguments import learning_of, pairs_of, synapses_of
from canns.models.brain_inspired.network_delays import read_delays, with_delays
from canns.models.brain_inspired.populated_network import PopulatedNetwork
from canns.plasticity import Pathway, Rule
from canns.plasticity.circuits import KINDS, Kind
from canns.typing import Array, FloatArray

__all__ = ["ConnectedNetwork"]


class ConnectedNetwork(PopulatedNetwork):
    """Populations, and pathways of synapses between them, by name.

    Args:
        seed: Seed of all that is drawn at random. An integer or a JAX key; None draws one from
            ``brainstate.random``.
        name: Name of the model.
    """

    def __init__(self, *, seed: int | Array | None = None, name: str | None = None) -> None:
        super().__init__(seed=seed, name=name)
        self._pathways: dict[str, Pathway] = {}

    def _facts(self) -> dict[str, str]:
        ways = self._pathways.items()
        listed = [f"{name}: {way.synapses.count} {way.kind}" for name, way in ways]
        return {
            "populations": ", ".join(f"{name} ({size})" for name, size in self.sizes.items()),
            "synapses": ", ".join(listed),
        }

    def connect(
        self,
        source: str,
        target: str,
        weights: object,
        *,
        probability: float | None = None,
        in_degree: int | None = None,
        connections: Connections | None = None,
        kind: Kind = "excitatory",
        delay: float | tuple[float, float] | FloatArray = 0.0,
        rule: Rule | None = None,
        bounds: tuple[float, float] | None = None,
        name: str | None = None,
    ) -> None:
        """Connect two populations; within one, no neuron is drawn to connect to itself.

        Two populations may have several pathways, such as a fast and a slow one, if all but one
        have a name.

        Args:
            source: The population that sends spikes.
            target: The population that receives them.
            weights: The strength of each synapse, at least 0, with one of the next three arguments;
                or all synapses, (target, source): :class:`~canns.dynamics.SparseSynapses`, a matrix
                or a SciPy matrix, whose zeros are no synapses.
            probability: Probability of a synapse, independently for each pair.
            in_degree: Number of synapses onto each neuron, from different neurons.
            connections: The pairs that have a synapse, such as those that
                :func:`~canns.dynamics.connect_by_distance` makes. ``weights`` and ``delay`` may
                then be arrays, (synapses,), in the order of these pairs.
            kind: "excitatory" or "inhibitory".
            delay: In ms, multiples of the time step: a number; a tuple (lowest, highest), between
                which each synapse draws its own; or one for each synapse, (synapses,), in the order
                of ``connections``, or else source by source. With many different delays, synapses
                that learn cost more, because they must see each spike as it arrives.
            rule: A local rule of spikes, such as :class:`~canns.plasticity.PairSTDP` or
                :class:`~canns.plasticity.VogelsSTDP`; None for fixed strengths.
            bounds: The least and the largest strength of synapses that learn.
            name: A name for the pathway; None for "source to target".

        Raises:
            ValidationError: If an argument is out of range, or the rule cannot learn by events.
        """
        self._check_open()
        sender, receiver = self._named("source", source), self._named("target", target)
        if not isinstance(receiver.population.neuron, Neuron):
            remedy = "Connect them the other way round."
            expected = "a population of neurons"
            raise ValidationError("target", expected, f"{target!r}, which are inputs", remedy)
        called = self._new_name(source, target, name)
        chosen = check_choice("kind", kind, KINDS)
        shape = receiver.population.size, sender.population.size
        key = jax.random.fold_in(self._key, len(self._pathways))
        pairs = pairs_of(shape, source == target, probability, in_degree, connections, key)
        made = synapses_of(shape, weights, pairs)
        steps = read_delays(delay, made.count, pairs, self.dt, jax.random.fold_in(key, 1))
        names = list(self._added)
        learning = learning_of(rule, bounds, receiver.population.neuron, self.dt)
        if learning[1] is not None:
            learning[1].check_weights(made)
        pathway = Pathway(
            made,
            *learning,
            source=names.index(source),
            target=names.index(target),
            kind=chosen,
        )
        self._pathways[called] = with_delays(pathway, steps)

    def _new_name(self, source: str, target: str, name: str | None) -> str:
        """Return the name of a new pathway, or raise if it is taken."""
        if name is not None and (not isinstance(name, str) or not name):
            raise ValidationError("name", "a word or None", repr(name))
        called = f"{source} to {target}" if name is None else name
        if called in self._pathways:
            expected = f"a new name, other than {list(self._pathways)}"
            remedy = "Name a second pathway, such as name='slow'." if name is None else ""
            raise ValidationError("name", expected, repr(name), remedy)
        return called

    def _pathway(self, source: str, target: str, name: str | None) -> str:
        """Return the name of a pathway that there is."""
        self._named("source", source)
        self._named("target", target)
        names = list(self._added)
        ends = {key: (names[p.source], names[p.target]) for key, p in self._pathways.items()}
        found = [key for key in ends if ends[key] == (source, target)]
        if not found:
            made = ", ".join(f"{a!r} to {b!r}" for a, b in dict.fromkeys(ends.values()))
            expected = f"a pathway that there is: {made}"
            raise ValidationError("target", expected, f"{source!r} to {target!r}")
        return found[0] if name is None and len(found) == 1 else check_choice("name", name, found)
