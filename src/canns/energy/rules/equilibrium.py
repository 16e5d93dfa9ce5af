"""Equilibrium propagation: the output nudged a little, which gives the gradient of the loss."""

from typing import ClassVar

import jax
import jax.numpy as jnp

from canns.energy.network import EnergyNetwork, contrast
from canns.energy.networks.layered import LayeredWeights, squared_error
from canns.energy.networks.layered_hopfield import LayeredHopfield
from canns.energy.rule import EnergyStep, descend
from canns.energy.rules.relaxing import RelaxingRule, Speed
from canns.typing import Array, param, pytree, static

__all__ = ["EquilibriumPropagation"]


@pytree
class EquilibriumPropagation(RelaxingRule):
    r"""Follow the gradient of the loss, found by a small nudge of the output to its target.

    With the loss :math:`C = \tfrac12 |u_{out} - t|^2` at the free state :math:`u^0`, and the state
    :math:`u^{\beta}` in which :math:`E + \beta C` rests,

    .. math:: \frac{dC}{dW} = \lim_{\beta \to 0} \frac1\beta \Big(
        \frac{\partial E}{\partial W}(u^{\beta}) - \frac{\partial E}{\partial W}(u^0) \Big)

    Symmetric nudging takes :math:`u^{-\beta}` in place of :math:`u^0`, and divides by
    :math:`2 \beta`. Its error is of the order of :math:`\beta^2`, that of one-sided nudging of the
    order of :math:`\beta`. One-sided nudging pulls or pushes, by a random choice for each
    mini-batch, so that these errors average out.

    Args:
        learning_rate: Learning rate :math:`\eta`.
        beta: Strength of the nudge.
        nudging: "symmetric" or "one-sided".

    Example:
        >>> from canns.energy import learn_energy
        >>> network, rule = LayeredHopfield((2, 32, 1)), EquilibriumPropagation(0.2)
        >>> weights = network.draw(jax.random.key(0))
        >>> learner, history = learn_energy(
        ...     network, rule, weights, [[0, 1], [1, 0]], [[0], [1]], epochs=200, seed=0
        ... )
        >>> bool(history.loss[-1] < 0.001)
        True

    Source: Scellier & Bengio (2017), Front. Comput. Neurosci. 11:24; Laborieux, Ernoult, Scellier,
    Bengio, Grollier & Querlioz (2021), Front. Neurosci. 15:633674.
    """

    learns: ClassVar[tuple[type[EnergyNetwork], ...]] = (LayeredHopfield,)

    learning_rate: float = param(default=0.1, low=0)
    beta: float = param(default=0.5, low=0, open_low=True, high=1, open_high=True)
    nudging: str = static(default="symmetric", choices=("symmetric", "one-sided"))

    def step(
        self,
        network: EnergyNetwork,
        memory: Speed,
        weights: LayeredWeights,
        x: Array,
        target: Array | None,
        key: Array,
    ) -> EnergyStep:
        """Return the change of the weights from a free relaxation and one or two nudged ones."""
        assert isinstance(network, LayeredHopfield)
        assert target is not None
        free = network.relax(weights, network.start(weights, x))
        if self.nudging == "symmetric":
            ahead = network.relax(weights, free.state, target=target, beta=self.beta)
            behind = network.relax(weights, free.state, target=target, beta=-self.beta)
            distance = jnp.asarray(2 * self.beta)
        else:
            nudge = jnp.where(jax.random.bernoulli(key), self.beta, -self.beta)
            ahead = network.relax(weights, free.state, target=target, beta=nudge)
            behind, distance = free, nudge
        slope = contrast(network, weights, ahead.state, behind.state)
        error = squared_error(free.state.layers[-1], target).mean()
        change = descend(self.learning_rate / distance, slope)
        return EnergyStep(Speed.of(free, ahead, behind), change, error)
