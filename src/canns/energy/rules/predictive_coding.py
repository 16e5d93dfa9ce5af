"""Predictive coding: hidden values share the output's error, and each synapse corrects its part."""

from typing import ClassVar

from canns.energy.network import EnergyNetwork, contrast
from canns.energy.networks.layered import LayeredWeights, squared_error
from canns.energy.networks.predictive import PredictiveHierarchy
from canns.energy.rule import EnergyStep, descend
from canns.energy.rules.relaxing import RelaxingRule, Speed
from canns.typing import Array, param, pytree

__all__ = ["PredictiveCoding"]


@pytree
class PredictiveCoding(RelaxingRule):
    r"""Let the hidden values settle between input and target, then lower each error.

    .. math:: \Delta W_l = \eta \Big\langle \frac{x_l - f(a_l)}{v_l} \odot f'(a_l)\,
        x_{l-1}^T \Big\rangle, \qquad a_l = W_l x_{l-1} + b_l

    with the variance :math:`v_l = 1` of the output. The network without a target has no errors, so
    that its energy and the derivative of it vanish: there is no second phase to subtract. As the
    hidden variance goes to zero, the change goes to that of backpropagation.

    Args:
        learning_rate: Learning rate :math:`\eta`.

    Example:
        >>> import jax
        >>> from canns.energy import learn_energy
        >>> network, rule = PredictiveHierarchy((2, 8, 1)), PredictiveCoding(0.2)
        >>> weights = network.draw(jax.random.key(0))
        >>> learner, history = learn_energy(
        ...     network, rule, weights, [[0, 1], [1, 0]], [[0], [1]], epochs=200, seed=0
        ... )
        >>> bool(history.loss[-1] < 0.001)
        True

    Source: Whittington & Bogacz (2017), Neural Comput. 29:1229.
    """

    learns: ClassVar[tuple[type[EnergyNetwork], ...]] = (PredictiveHierarchy,)
    learning_rate: float = param(default=0.1, low=0)

    def step(
        self,
        network: EnergyNetwork,
        memory: Speed,
        weights: LayeredWeights,
        x: Array,
        target: Array | None,
        key: Array,
    ) -> EnergyStep:
        """Return the change of the weights from one relaxation with the output clamped."""
        assert isinstance(network, PredictiveHierarchy)
        assert target is not None
        predicted = network.start(weights, x)
        state = predicted._replace(layers=(*predicted.layers[:-1], target))
        clamped = network.relax(weights, state, clamped=True)
        slope = contrast(network, weights, clamped.state)
        error = squared_error(predicted.layers[-1], target).mean()
        return EnergyStep(Speed.of(clamped), descend(self.learning_rate, slope), error)
