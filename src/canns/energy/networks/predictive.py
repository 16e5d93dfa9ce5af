"""The hierarchy of predictive coding: each layer predicts the next, and errors are the energy."""

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np

from canns._precision import full_precision
from canns.energy.networks.layered import LayeredNetwork, LayeredState, LayeredWeights
from canns.typing import Array, param, pytree, static

__all__ = ["PredictiveHierarchy"]

_ACTIVATIONS: dict[str, Callable[[Array], Array]] = {
    "tanh": jnp.tanh,
    "sigmoid": jax.nn.sigmoid,
    "relu": jax.nn.relu,
    "linear": lambda x: x,
}


@pytree
class PredictiveHierarchy(LayeredNetwork):
    r"""Layers of values, each of which predicts the layer above it.

    .. math:: E = \sum_{l=1}^{L-1} \frac{|x_l - f(W_l x_{l-1} + b_l)|^2}{2 v}
        + \tfrac12 |x_L - W_L x_{L-1} - b_L|^2

    The output is linear. If it is free, all errors vanish, and the network is one of the usual
    feed-forward ones. If it is clamped to a target, the hidden values :math:`x_l` move so as to
    share the error. For small :math:`v` they hardly move, and what each layer's error says is then
    what backpropagation sends back.

    Args:
        sizes: Number of units of each layer, input first, output last.
        num_steps: Steps of a relaxation.
        step_size: Size of a step, in time constants of a unit.
        variance: Variance v of the hidden layers' errors, if that of the output is 1.
        activation: f, one of "tanh", "sigmoid", "relu", "linear".

    Example:
        >>> network = PredictiveHierarchy((1, 1, 1), variance=1.0, activation="linear")
        >>> ones = jnp.ones((1, 1))
        >>> weights = LayeredWeights((ones, ones), (jnp.zeros(1), jnp.zeros(1)))
        >>> clamped = LayeredState((0 * ones, 0 * ones, ones))  # input 0, output 1
        >>> rest = network.relax(weights, clamped, clamped=True).state
        >>> rest.layers[1].round(3).tolist(), network.energy(weights, rest).round(3).tolist()
        ([[0.5]], [0.25])

    Source: Whittington & Bogacz (2017), Neural Comput. 29:1229.
    """

    num_steps: int = static(default=20)
    step_size: float = param(default=0.5, low=0, open_low=True, high=1)
    variance: float = param(default=0.1, low=0, open_low=True)
    activation: str = static(default="tanh", choices=tuple(_ACTIVATIONS))

    @property
    def pace(self) -> float | Array:
        """The variance, so that a hidden unit's own error decays in one time constant."""
        return self.variance

    @full_precision
    def start(self, weights: LayeredWeights, x: Array) -> LayeredState:
        """Return the predictions of one pass upwards, which is the state without errors."""
        layers = [x]
        f = _ACTIVATIONS[self.activation]
        for W, b in zip(weights.W[:-1], weights.b[:-1], strict=True):
            layers.append(f(layers[-1] @ W.T + b))
        return LayeredState((*layers, layers[-1] @ weights.W[-1].T + weights.b[-1]))

    def energy_above(
        self, weights: LayeredWeights, drive: Array, units: tuple[Array, ...]
    ) -> Array:
        """Return the energy of each state, (B,)."""
        drives = [drive]
        for W, b, below in zip(weights.W[1:], weights.b[1:], units[:-1], strict=True):
            drives.append(below @ W.T + b)
        f = _ACTIVATIONS[self.activation]
        energy = 0.5 * ((units[-1] - drives[-1]) ** 2).sum(axis=-1)
        for value, drive in zip(units[:-1], drives[:-1], strict=True):
            energy += ((value - f(drive)) ** 2).sum(axis=-1) / (2 * self.variance)
        return energy

    def stable_step(self, weights: LayeredWeights) -> float:
        r"""Return :math:`2/\lambda`, for a bound :math:`\lambda` on the curvature.

        Each hidden unit has its own error, of curvature 1, and the errors that it makes above.
        """
        norms = np.array([float(np.linalg.norm(np.asarray(W), 2)) for W in weights.W[1:]])
        if not norms.size:
            return float("inf")
        norms[-1] *= float(self.variance) ** 0.5
        return float(2 / (1 + norms.max()) ** 2)
