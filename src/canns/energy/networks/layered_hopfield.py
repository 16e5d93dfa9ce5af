"""The layered continuous Hopfield network, whose units are between 0 and 1."""

from typing import ClassVar

import jax.numpy as jnp
import numpy as np

from canns._precision import full_precision
from canns.energy.network import Range
from canns.energy.networks.layered import LayeredNetwork, LayeredState, LayeredWeights
from canns.typing import Array, pytree

__all__ = ["LayeredHopfield"]


@pytree
class LayeredHopfield(LayeredNetwork):
    r"""A continuous Hopfield network of layers, each connected to its neighbours both ways.

    .. math:: E = \sum_{l \ge 1} \Big( \tfrac12 |u_l|^2 - u_l^T W_l u_{l-1} - b_l^T u_l \Big)

    The units stay between 0 and 1, which is the hard sigmoid :math:`\rho(u) = \min(\max(u, 0), 1)`:
    a unit at rest is :math:`u_l = \rho(W_l u_{l-1} + W_{l+1}^T u_{l+1} + b_l)`. The input
    :math:`u_0` is clamped, and may be any numbers.

    Args:
        sizes: Number of units of each layer, input first, output last.
        num_steps: Steps of a relaxation.
        step_size: Size of a step, in time constants of a unit.

    Example:
        >>> network = LayeredHopfield((2, 1, 1), num_steps=100)
        >>> W = jnp.array([[0.5, 0.0]]), jnp.array([[0.5]])
        >>> weights = LayeredWeights(W, (jnp.zeros(1), jnp.zeros(1)))
        >>> start = network.start(weights, jnp.array([[1.0, 0.0]]))
        >>> rest = network.relax(weights, start).state  # h = 0.5 + y/2 and y = h/2
        >>> [round(float(layer[0, 0]), 3) for layer in rest.layers[1:]]
        [0.667, 0.333]
        >>> bool(network.energy(weights, rest)[0] < network.energy(weights, start)[0])
        True

    Source: Hopfield (1984), PNAS 81:3088; Scellier & Bengio (2017), Front. Comput. Neurosci. 11:24.
    """

    takes_targets: ClassVar[Range] = "unit"

    @full_precision
    def start(self, weights: LayeredWeights, x: Array) -> LayeredState:
        """Return the state that one pass upwards gives, without what comes from above."""
        layers = [x]
        for W, b in zip(*weights, strict=True):
            layers.append(self.bounded(layers[-1] @ W.T + b))
        return LayeredState(tuple(layers))

    def energy_above(
        self, weights: LayeredWeights, drive: Array, units: tuple[Array, ...]
    ) -> Array:
        """Return the energy of each state, (B,)."""
        energy = (0.5 * units[0] ** 2 - units[0] * drive).sum(axis=-1)
        for W, b, below, u in zip(weights.W[1:], weights.b[1:], units[:-1], units[1:], strict=True):
            energy += (0.5 * u**2 - u * (below @ W.T + b)).sum(axis=-1)
        return energy

    def bounded(self, units: Array) -> Array:
        """Return the hard sigmoid of the units."""
        return jnp.clip(units, 0, 1)

    def stable_step(self, weights: LayeredWeights) -> float:
        r"""Return :math:`2/(1 + \lambda)`, :math:`\lambda` the largest eigenvalue of couplings."""
        sizes = self.sizes[1:]
        ends = np.cumsum(sizes)
        couplings = np.zeros((ends[-1], ends[-1]))
        for W, end, size, below in zip(
            weights.W[1:], ends[1:], sizes[1:], ends[:-1] - sizes[:-1], strict=True
        ):
            couplings[end - size : end, below : end - size] = W
        return float(2 / (1 + np.linalg.norm(couplings + couplings.T, 2)))
