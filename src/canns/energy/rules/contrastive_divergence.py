"""Contrastive divergence: a few steps of Gibbs sampling in place of the free phase."""

from typing import ClassVar, NamedTuple

import jax
import jax.numpy as jnp

from canns._validation import check_size
from canns.energy.network import EnergyNetwork, contrast
from canns.energy.networks.restricted import (
    RestrictedBoltzmann,
    RestrictedState,
    RestrictedWeights,
    drawn,
)
from canns.energy.rule import EnergyRule, EnergyStep
from canns.typing import Array, PyTree, param, pytree, static

__all__ = ["ContrastiveDivergence", "ContrastiveMemory"]


class ContrastiveMemory(NamedTuple):
    """Memory of contrastive divergence.

    Args:
        chains: Hidden units of the persistent chains, (B, hidden); () if chains start at the data.
        velocity: The last change of the weights.
    """

    chains: PyTree
    velocity: RestrictedWeights


@pytree
class ContrastiveDivergence(EnergyRule):
    r"""Contrastive divergence: the free phase is k steps of Gibbs sampling.

    .. math:: \Delta W = \mu\,\Delta W' + \eta \big( \langle h v^T \rangle_{\text{data}}
        - \langle h v^T \rangle_{k} - \lambda W \big)

    The chains start at the data. That is fast and has little variance, but the change is not the
    gradient of the likelihood. Persistent chains go on from where the last mini-batch left them,
    and so follow the distribution of the machine itself, if it changes slowly. The probabilities of
    hidden units stand in for their states at both ends, which has less noise and the same mean.

    Args:
        learning_rate: Eta.
        k: Steps of Gibbs sampling, each of visible and hidden units.
        persistent: Continue the chains of the last mini-batch; they start from random hidden units.
        weight_decay: Lambda, the share of W that is lost per unit of learning; biases do not decay.
        momentum: Mu, the share of the last change that is made again.

    Example:
        >>> import jax
        >>> from canns.energy import RestrictedBoltzmann, learn_energy
        >>> network = RestrictedBoltzmann(num_visible=4, num_hidden=2)
        >>> weights = network.draw(jax.random.key(0))
        >>> rule = ContrastiveDivergence(learning_rate=0.5)
        >>> data = [[1, 1, 0, 0], [0, 0, 1, 1]] * 10
        >>> learner, history = learn_energy(network, rule, weights, data, epochs=200, seed=0)
        >>> print(history.loss[[0, -1]].round(1))
        [0.3 0. ]

    Source: Hinton (2002), Neural Comput. 14:1771; Tieleman (2008), ICML (persistent chains).
    """

    learns: ClassVar[tuple[type[EnergyNetwork], ...]] = (RestrictedBoltzmann,)
    watches: ClassVar[str] = "reconstruction_error"

    learning_rate: float = param(default=0.1, low=0)
    k: int = static(default=1)
    persistent: bool = static(default=False)
    weight_decay: float = param(default=0.0, low=0)
    momentum: float = param(default=0.0, low=0, high=1, open_high=True)

    def validate(self) -> None:
        """Raise if a hyperparameter is out of range."""
        super().validate()
        check_size("k", self.k)

    def init(
        self, network: EnergyNetwork, weights: RestrictedWeights, batch_size: int, key: Array
    ) -> ContrastiveMemory:
        """Return persistent chains of random hidden units, or none, and no velocity."""
        at_random = jnp.full((batch_size, len(weights.c)), 0.5, weights.c.dtype)
        chains = drawn(key, at_random) if self.persistent else ()
        return ContrastiveMemory(chains, jax.tree.map(jnp.zeros_like, weights))

    def step(
        self,
        network: EnergyNetwork,
        memory: ContrastiveMemory,
        weights: RestrictedWeights,
        x: Array,
        target: Array | None,
        key: Array,
    ) -> EnergyStep:
        """Return the memory, the change, and the mean squared error of the reconstruction."""
        assert isinstance(network, RestrictedBoltzmann)
        of_start, of_steps = jax.random.split(key)
        positive = RestrictedState(x, network.hidden(weights, x))
        h = memory.chains if self.persistent else drawn(of_start, positive.h)

        def sweep(i: Array, state: RestrictedState) -> RestrictedState:
            return network.gibbs(weights, state.h, jax.random.fold_in(of_steps, i))

        start = RestrictedState(jnp.zeros((len(h), network.num_visible), h.dtype), h)
        v, h = jax.lax.fori_loop(0, self.k, sweep, start)
        negative = RestrictedState(v, network.hidden(weights, v))
        slope = contrast(network, weights, positive, negative)
        slope = slope._replace(W=slope.W + self.weight_decay * weights.W)
        velocity = jax.tree.map(
            lambda last, slope: self.momentum * last - self.learning_rate * slope,
            memory.velocity,
            slope,
        )
        error = ((x - network.visible(weights, positive.h)) ** 2).mean()
        chains = h if self.persistent else ()
        return EnergyStep(ContrastiveMemory(chains, velocity), velocity, error)
