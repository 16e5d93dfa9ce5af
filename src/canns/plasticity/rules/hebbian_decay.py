"""Hebb's rule with decaying weights: the palimpsest."""

from typing import ClassVar

import numpy as np

from canns.dynamics import Activity
from canns.plasticity.rule import Memory, Reads, Rule
from canns.plasticity.rules.hebbian import product
from canns.typing import Array, FloatArray, param, pytree

__all__ = ["HebbianDecay"]


@pytree
class HebbianDecay(Rule):
    r"""Hebb's rule with forgetting, :math:`W \leftarrow (1 - \lambda) W + \eta\, y x^T`.

    .. math:: W = \eta \sum_\mu (1 - \lambda)^{P - \mu}\, \xi^\mu (\xi^\mu)^T

    Each new pattern partly overwrites the old ones, so an overloaded network still recalls the
    recent ones, whereas under Hebb's rule it recalls none. In the marginalist scheme
    :math:`\eta = \varepsilon/N` and :math:`\lambda = \varepsilon^2/(2N)`; mean-field theory then
    gives the largest number of recalled patterns, 0.0489 N, at :math:`\varepsilon = 4.11`, and
    none below 2.47.

    Args:
        learning_rate: Eta.
        decay: Lambda, the share of each weight that a step forgets, in [0, 1].

    Example:
        >>> import jax.numpy as jnp
        >>> activity = Activity(pre=jnp.array([1.0, -1.0]), post=jnp.array([1.0]))
        >>> HebbianDecay(0.25, decay=0.5).step((), jnp.ones((1, 2)), activity)[1].tolist()
        [[-0.25, -0.75]]

    Source: Mezard, Nadal & Toulouse (1986), J. Phys. France 47:1457; Nadal, Toulouse, Changeux &
    Dehaene (1986), Europhys. Lett. 1:535.
    """

    learning_rate: float = param(default=1.0, low=0)
    decay: float = param(default=0.01, low=0, high=1)

    reads: ClassVar[Reads | None] = "anything"

    def step(self, memory: Memory, weights: Array, activity: Activity) -> tuple[Memory, Array]:
        """Return eta y x' - lambda W."""
        return memory, product(self.learning_rate, activity) - self.decay * weights

    def stability_bound(self, inputs: FloatArray) -> str:
        """Return the largest weights of clamped neurons, and the bound for a linear neuron."""
        largest = float(np.max(inputs**2))
        return (
            f"Neurons held at their patterns keep weights below learning_rate max(x^2)/decay = "
            f"{largest:.3g} learning_rate/decay; a linear neuron is stable for learning_rate "
            f"|x|^2 < decay."
        )
