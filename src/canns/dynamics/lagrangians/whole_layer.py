"""Lagrangians of a whole layer, whose neurons compete or share one norm."""

import jax
import jax.numpy as jnp

from canns._validation import check_size
from canns.dynamics.lagrangians.lagrangian import Lagrangian
from canns.dynamics.networks.modern import sparsemax
from canns.typing import Array, param, pytree, static

__all__ = ["LayerNorm", "LogSumExp", "Sparsemax", "Spherical"]


@pytree
class LogSumExp(Lagrangian):
    r"""Neurons that share one unit of activity.

    .. math:: L = \tfrac1\beta \ln \sum_i e^{\beta x_i}, \qquad g = \mathrm{softmax}(\beta x)

    Args:
        beta: Inverse temperature.
        num_groups: The neurons compete in so many groups of neighbours, of equal size, and L is the
            sum over groups. It selects code.

    Example:
        >>> import jax.numpy as jnp
        >>> LogSumExp(2.0).activity(jnp.array([1.0, 1.0, -99.0])).tolist()
        [0.5, 0.5, 0.0]

    Source: Ramsauer et al. (2021), ICLR, arXiv:2008.02217; Krotov & Hopfield (2021), ICLR,
    arXiv:2008.06996.
    """

    beta: float = param(default=1.0, low=0, open_low=True)
    num_groups: int = static(default=1)

    def validate(self) -> None:
        """Check beta and the number of groups."""
        super().validate()
        check_size("num_groups", self.num_groups)

    def value(self, x: Array) -> Array:
        """Return L, (...), of potentials, (..., N)."""
        logs = jax.nn.logsumexp(self.beta * self._grouped(x), axis=-1)
        return jnp.sum(logs, axis=-1) / self.beta

    def activity(self, x: Array) -> Array:
        """Return the shares, (..., N), of sum 1 in each group."""
        return jax.nn.softmax(self.beta * self._grouped(x), axis=-1).reshape(x.shape)

    @property
    def largest_slope(self) -> float:
        """Half of beta: two neurons with half of the activity each."""
        return float(self.beta) / 2

    def _grouped(self, x: Array) -> Array:
        return x.reshape(*x.shape[:-1], self.num_groups, x.shape[-1] // self.num_groups)


@pytree
class Sparsemax(Lagrangian):
    r"""Neurons that share one unit of activity, most of them silent.

    .. math::
        L = \max_p \bigl[p \cdot x + \tfrac{1}{2\beta} (1 - p \cdot p)\bigr], \qquad
        g = \mathrm{sparsemax}(\beta x)

    The shares p are of sum 1 and not negative, and g are the best of them.

    Args:
        beta: Inverse temperature.

    Example:
        >>> import jax.numpy as jnp
        >>> Sparsemax(0.5).activity(jnp.array([1.0, 0.0, -4.0])).tolist()
        [0.75, 0.25, 0.0]

    Source: Martins & Astudillo (2016), ICML, PMLR 48:1614.
    """

    beta: float = param(default=1.0, low=0, open_low=True)

    def value(self, x: Array) -> Array:
        """Return L, (...), of potentials, (..., N)."""
        p = self.activity(x)
        return jnp.sum(p * x, axis=-1) + (1 - jnp.sum(p**2, axis=-1)) / (2 * self.beta)

    def activity(self, x: Array) -> Array:
        """Return the shares, (..., N), of sum 1."""
        return sparsemax(self.beta * x)

    @property
    def largest_slope(self) -> float:
        """Beta, the slope of two neurons or more that share the activity."""
        return float(self.beta)


@pytree
class Spherical(Lagrangian):
    r"""Potentials brought to one norm.

    .. math::
        L = \gamma \sqrt{|x|^2 + \epsilon}, \qquad
        g = \frac{\gamma x}{\sqrt{|x|^2 + \epsilon}}

    Args:
        gain: Gamma, the norm of the activities.
        epsilon: Smooths the norm at 0; in the square of the units of x.

    Example:
        >>> import jax.numpy as jnp
        >>> round(float(Spherical().activity(jnp.array([3.0, 4.0]))[0]), 3)
        0.6

    Source: Krotov & Hopfield (2021), ICLR, arXiv:2008.06996.
    """

    gain: float = param(default=1.0, low=0, open_low=True)
    epsilon: float = param(default=1e-6, low=0, open_low=True)

    def value(self, x: Array) -> Array:
        """Return L, (...), of potentials, (..., N)."""
        return self.gain * jnp.sqrt(jnp.sum(x**2, axis=-1) + self.epsilon)

    def activity(self, x: Array) -> Array:
        """Return the activities, (..., N)."""
        norm = jnp.sqrt(jnp.sum(x**2, axis=-1, keepdims=True) + self.epsilon)
        return self.gain * x / norm

    @property
    def largest_slope(self) -> float:
        """The slope at 0, gamma over the root of epsilon."""
        return float(self.gain / self.epsilon**0.5)


@pytree
class LayerNorm(Lagrangian):
    r"""Potentials brought to mean 0 and one variance.

    .. math::
        L = N \gamma \sqrt{\mathrm{var}(x) + \epsilon}, \qquad
        g = \frac{\gamma (x - \bar x)}{\sqrt{\mathrm{var}(x) + \epsilon}}

    Args:
        gain: Gamma, the standard deviation of the activities.
        epsilon: Smooths the root at 0; in the square of the units of x.

    Example:
        >>> import jax.numpy as jnp
        >>> round(float(LayerNorm().activity(jnp.array([1.0, 3.0]))[1]), 3)
        1.0

    Source: Hoover, Chau, Strobelt & Krotov (2022), arXiv:2210.17419.
    """

    gain: float = param(default=1.0, low=0, open_low=True)
    epsilon: float = param(default=1e-6, low=0, open_low=True)

    def value(self, x: Array) -> Array:
        """Return L, (...), of potentials, (..., N)."""
        return x.shape[-1] * self.gain * jnp.sqrt(jnp.var(x, axis=-1) + self.epsilon)

    def activity(self, x: Array) -> Array:
        """Return the activities, (..., N)."""
        deviation = jnp.sqrt(jnp.var(x, axis=-1, keepdims=True) + self.epsilon)
        return self.gain * (x - jnp.mean(x, axis=-1, keepdims=True)) / deviation

    @property
    def largest_slope(self) -> float:
        """The slope at equal potentials, gamma over the root of epsilon."""
        return float(self.gain / self.epsilon**0.5)
