"""Oja's rule: each neuron learns the first principal component."""

from typing import ClassVar

import numpy as np

from canns.dynamics import Activity, Linear, Neuron
from canns.plasticity.rule import Memory, Reads, Rule, contract
from canns.plasticity.rules.principal import (
    EVIDENT,
    check_principal,
    check_rank,
    fine_rate,
    largest_principal_rate,
    principal_bound,
    shows_rank,
    spectrum,
)
from canns.typing import AnyArray, Array, FloatArray, PyTree, param, pytree

__all__ = ["Oja", "PrincipalRule"]


class PrincipalRule(Rule):
    """A rule for principal components: its bound, good rates and fit data are those of Oja's.

    Attributes:
        several: True if each neuron finds a component of its own; False if all find the first.
    """

    learning_rate: float

    bounded_for: ClassVar[tuple[type[Neuron], ...]] = (Linear,)
    several: ClassVar[bool] = True

    def largest_rate(self, inputs: AnyArray) -> float:
        """Return 1/lambda_1."""
        return largest_principal_rate(spectrum(inputs))

    def check_data(self, weights: PyTree, inputs: AnyArray, neuron: Neuron, power: float) -> None:
        """Raise beyond the bound; warn if the rate blurs the components, or the data are unfit."""
        # Most calls end after one pass over the samples: lambda_1 is at most E|x|^2.
        count, total = len(inputs), np.add.reduce(inputs, axis=0)
        mean = float(total.dot(total)) / count**2
        # More than the mean of few samples is by chance.
        off_centre = mean > max(4 / count, 0.02) * power
        suspect = off_centre or self.learning_rate * power > EVIDENT
        outputs, name = len(weights), type(self).__name__
        ranked = self.several and shows_rank(outputs, inputs)
        if suspect or ranked:
            eigenvalues = spectrum(inputs)
            if suspect:
                share = self.share_of_bound(outputs)
                check_principal(name, self.learning_rate, inputs, eigenvalues, share)
            if ranked:
                check_rank(name, outputs, inputs, eigenvalues)

    def share_of_bound(self, outputs: int) -> float:
        """Return the bound of stability in units of 1/lambda_1, for so many neurons."""
        return 1.0

    def automatic_rate(self, inputs: AnyArray, outputs: int) -> float:
        """Return the rate of ``learning_rate="auto"``, for a component for each neuron."""
        return fine_rate(spectrum(inputs), outputs) * self.share_of_bound(outputs)

    def stability_bound(self, inputs: FloatArray) -> str:
        """Return eta lambda_1 < 1 in numbers."""
        return principal_bound(inputs)


@pytree
class Oja(PrincipalRule):
    r"""Oja's single-unit rule; each neuron learns independently.

    .. math:: \Delta W_{ij} = \eta\,(y_i x_j - y_i^2 W_{ij})

    A linear neuron's weights converge to the leading eigenvector of the input correlation,
    with unit norm; this fixed point is locally stable for :math:`\eta \lambda_1 < 1`. At constant
    eta and Gaussian input the weight along eigenvector j fluctuates with variance
    :math:`\eta \lambda_1 \lambda_j / (2(\lambda_1 - \lambda_j))`.

    Args:
        learning_rate: Eta.

    Example:
        >>> import jax.numpy as jnp
        >>> activity = Activity(pre=jnp.array([1.0, 0.0]), post=jnp.array([1.0]))
        >>> weights = jnp.array([[1.0, 1.0]])
        >>> Oja(learning_rate=0.5).step((), weights, activity)[1].tolist()
        [[0.0, -0.5]]

    Source: Oja (1982), J. Math. Biol. 15:267.
    """

    learning_rate: float = param(default=0.01, low=0)

    several: ClassVar[bool] = False
    reads: ClassVar[Reads | None] = "responses"

    def step(self, memory: Memory, weights: Array, activity: Activity) -> tuple[Memory, Array]:
        """Return eta (y x' - y^2 W)."""
        y = activity.post
        decay = (y**2)[:, None] * weights
        return memory, self.learning_rate * (contract(y, activity.pre) - decay)

    def automatic_rate(self, inputs: AnyArray, outputs: int) -> float:
        """Return the rate of ``learning_rate="auto"`` for the component that all neurons find."""
        return super().automatic_rate(inputs, 1)
