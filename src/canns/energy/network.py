"""The energy protocol: what learning by energy needs of a network."""

from abc import abstractmethod
from typing import Any, ClassVar, Literal, TypeAlias

import jax

from canns._explain import explain_methods, explained
from canns.typing import Array, Parameters, PyTree

__all__ = ["EnergyNetwork", "Range", "contrast"]

#: The values that a network takes as data. "binary": 0 or 1; "unit": from 0 to 1; "real": any.
Range: TypeAlias = Literal["binary", "unit", "real"]


class EnergyNetwork(Parameters):
    """A network with an energy: hyperparameters, the weights' shapes, and one pure function.

    A subclass is a frozen dataclass (:func:`~canns.typing.pytree`) whose sizes are static. Weights
    are a named tuple of arrays, or of tuples of arrays, one for each layer. A state is a named
    tuple of arrays with a leading batch axis, (B, ...).

    Attributes:
        takes: The values that the data may have.
        takes_targets: The values that targets may have.
    """

    takes: ClassVar[Range] = "real"
    takes_targets: ClassVar[Range] = "real"

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        explain_methods(cls)

    @property
    @abstractmethod
    def num_inputs(self) -> int:
        """Number of units that data clamp."""

    @property
    def num_targets(self) -> int:
        """Number of units that targets clamp; 0 for a network without an output."""
        return 0

    @abstractmethod
    def draw(self, key: Array) -> PyTree:
        """Return new random weights."""

    def check_weights(self, weights: PyTree) -> None:
        """Raise if weights have no energy here, such as if they are not symmetric."""

    @abstractmethod
    def energy(self, weights: PyTree, state: PyTree) -> Array:
        """Return the energy of each state, (B,)."""

    def slope(self, weights: PyTree, state: PyTree) -> PyTree:
        """Return the mean over the batch of dE/dW, in the structure of the weights.

        The states are held fixed. Where two entries of an array are one connection, both hold the
        derivative by that connection. A subclass overrides this if it knows a cheaper form.
        """

        def mean(weights: PyTree) -> Array:
            return self.energy(weights, fixed).mean()

        fixed = jax.lax.stop_gradient(state)
        return jax.grad(mean)(weights)


@explained
def contrast(
    network: EnergyNetwork, weights: PyTree, positive: PyTree, negative: PyTree | None = None
) -> PyTree:
    r"""Return what all rules of learning by energy follow: how two phases differ in dE/dW.

    .. math:: \Big\langle \frac{\partial E}{\partial W} \Big\rangle_{+}
        - \Big\langle \frac{\partial E}{\partial W} \Big\rangle_{-}

    Each rule subtracts a multiple of it from the weights, which lowers the energy of the positive
    states and raises that of the negative ones. For
    :math:`E = -\tfrac12 \sum_{ij} w_{ij} s_i s_j` the derivative is :math:`-s_i s_j`: Hebb's rule
    in the positive phase, its reverse in the negative one, and local to the synapse.

    Args:
        network: The network.
        weights: Its weights.
        positive: States of the positive phase, such as those with the visible units clamped; a
            batch of any size.
        negative: States of the negative phase, such as those of the free network. None if the
            energy and its derivative vanish there.

    Returns:
        The contrast, in the structure of the weights.

    Example:
        >>> import jax, jax.numpy as jnp
        >>> from canns.energy import Boltzmann, BoltzmannState
        >>> network = Boltzmann(num_visible=2)
        >>> together = BoltzmannState(jnp.array([[1.0, 1.0]]))
        >>> apart = BoltzmannState(jnp.array([[1.0, 0.0], [0.0, 1.0]]))
        >>> float(contrast(network, network.draw(jax.random.key(0)), together, apart).W[0, 1])
        -1.0
    """
    rise = network.slope(weights, positive)
    if negative is None:
        return rise
    return jax.tree.map(jax.numpy.subtract, rise, network.slope(weights, negative))
