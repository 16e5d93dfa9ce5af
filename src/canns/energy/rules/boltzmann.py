"""The learning rule of Boltzmann machines, by sampling or by exact averages."""

from typing import ClassVar

import jax
import jax.numpy as jnp

from canns._validation import check_size
from canns.energy.machines.exact import check_units, exact_phases, index_of
from canns.energy.machines.phases import random_units, sampled_phases
from canns.energy.network import EnergyNetwork, contrast
from canns.energy.networks.boltzmann import Boltzmann, BoltzmannWeights
from canns.energy.rule import EnergyRule, EnergyStep, descend
from canns.typing import Array, PyTree, param, pytree, static

__all__ = ["BoltzmannLearning", "ExactBoltzmannLearning"]


@pytree
class ExactBoltzmannLearning(EnergyRule):
    r"""Learning of a small Boltzmann machine by exact averages over all its states.

    .. math:: \Delta w_{ij} = \frac{\eta}{T}
        \big( \langle s_i s_j \rangle_{\text{clamped}} - \langle s_i s_j \rangle_{\text{free}} \big)

    This is gradient ascent on the mean log-likelihood of the data. It needs no random numbers.

    Args:
        learning_rate: Eta.

    Example:
        >>> import jax
        >>> from canns.energy import Boltzmann, learn_energy
        >>> network = Boltzmann(num_visible=2)
        >>> weights = network.draw(jax.random.key(0))
        >>> rule = ExactBoltzmannLearning(learning_rate=1.0)
        >>> data = [[0, 0], [1, 1], [1, 1], [1, 0]]
        >>> learner, history = learn_energy(network, rule, weights, data, epochs=1000, seed=0)
        >>> round(float(history.loss[-1]), 2)  # the entropy of the data
        1.04

    Source: Ackley, Hinton & Sejnowski (1985), Cognitive Science 9:147.
    """

    learns: ClassVar[tuple[type[EnergyNetwork], ...]] = (Boltzmann,)
    watches: ClassVar[str] = "negative_log_likelihood"

    learning_rate: float = param(default=0.1, low=0)

    def check(self, network: EnergyNetwork) -> None:
        """Raise if the network is of another kind, or has too many states to list."""
        super().check(network)
        assert isinstance(network, Boltzmann)
        check_units("network", network.num_units, "Learn by sampling: BoltzmannLearning.")

    def step(
        self,
        network: EnergyNetwork,
        memory: PyTree,
        weights: BoltzmannWeights,
        x: Array,
        target: Array | None,
        key: Array,
    ) -> EnergyStep:
        """Return the change of the weights, and minus the mean log-likelihood in nats."""
        assert isinstance(network, Boltzmann)
        shares = jnp.zeros(2**network.num_visible, x.dtype).at[index_of(x)].add(1 / len(x))
        positive, negative, log_visible = exact_phases(network, weights, shares)
        slope = contrast(network, weights, positive, negative)
        change = descend(self.learning_rate / network.temperature, slope)
        return EnergyStep(memory, change, -log_visible[index_of(x)].mean())


@pytree
class BoltzmannLearning(EnergyRule):
    r"""Learning of a Boltzmann machine by sampling, as in the original paper.

    .. math:: \Delta w_{ij} = \frac{\eta}{T}
        \big( \langle s_i s_j \rangle_{\text{clamped}} - \langle s_i s_j \rangle_{\text{free}} \big)

    In the clamped phase the visible units are held at the data, and the hidden ones are sampled; in
    the free phase all units are. Each phase starts from random units, is cooled along a schedule,
    and then counts how often two units are on together.

    Args:
        learning_rate: Eta.
        num_sweeps: Sweeps over the units, at the network's temperature, in which states are
            counted.
        annealing: Temperatures of the sweeps before these, from hot to cold, (sweeps,); None to
            count from the first sweep.
        persistent: Continue the free chains of the last mini-batch, in place of random units.
        signed: Change each weight by eta/T itself, up or down, as the original paper did. Its noise
            does not fall with the difference of the phases, and carries the weights out of places
            that are best only nearby.

    Example:
        >>> import jax
        >>> from canns.energy import Boltzmann, learn_energy
        >>> network = Boltzmann(num_visible=2)
        >>> weights = network.draw(jax.random.key(0))
        >>> rule = BoltzmannLearning(learning_rate=0.5, num_sweeps=20, persistent=True)
        >>> learner, _ = learn_energy(
        ...     network, rule, weights, [[0, 0], [1, 1]] * 50, epochs=200, batch_size=100, seed=0
        ... )
        >>> bool(learner.weights.W[0, 1] > 3)  # the two units have learnt to agree
        True

    Source: Ackley, Hinton & Sejnowski (1985), Cognitive Science 9:147; Younes (1989), Probab.
    Theory Relat. Fields 82:625 (persistent chains).
    """

    learns: ClassVar[tuple[type[EnergyNetwork], ...]] = (Boltzmann,)
    watches: ClassVar[str] = "energy_gap"

    learning_rate: float = param(default=0.1, low=0)
    num_sweeps: int = static(default=10)
    annealing: Array | None = None
    persistent: bool = static(default=False)
    signed: bool = static(default=False)

    def validate(self) -> None:
        """Raise if a hyperparameter is out of range."""
        super().validate()
        check_size("num_sweeps", self.num_sweeps)

    def init(
        self, network: EnergyNetwork, weights: BoltzmannWeights, batch_size: int, key: Array
    ) -> PyTree:
        """Return the persistent chains, random units, or ()."""
        assert isinstance(network, Boltzmann)
        return random_units(network, key, batch_size, weights.W.dtype) if self.persistent else ()

    def step(
        self,
        network: EnergyNetwork,
        memory: PyTree,
        weights: BoltzmannWeights,
        x: Array,
        target: Array | None,
        key: Array,
    ) -> EnergyStep:
        """Return the change of the weights, and the mean energy of the clamped phase less the free.

        That gap has no sign to aim at: it is zero where both phases agree.
        """
        assert isinstance(network, Boltzmann)
        chains = memory if self.persistent else None
        sampled = sampled_phases(
            network, weights, x, key, self.num_sweeps, annealing=self.annealing, chains=chains
        )
        slope = contrast(network, weights, sampled.positive, sampled.negative)
        if self.signed:
            slope = jax.tree.map(jnp.sign, slope)
        gap = [network.energy(weights, state).mean() for state in sampled[:2]]
        change = descend(self.learning_rate / network.temperature, slope)
        return EnergyStep(sampled.chains if self.persistent else (), change, gap[0] - gap[1])
