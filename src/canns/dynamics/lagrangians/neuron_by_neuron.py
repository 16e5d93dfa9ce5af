"""Lagrangians that are sums over neurons: each activity depends on one potential."""

import math

import jax
import jax.numpy as jnp

from canns._validation import check_size
from canns.dynamics.jump import before_jump
from canns.dynamics.lagrangians.lagrangian import Lagrangian
from canns.typing import Array, param, pytree, static

__all__ = ["Absolute", "LogCosh", "Power", "Quadratic", "Softplus"]

_LARGEST_ORDER = 16


@pytree
class Quadratic(Lagrangian):
    r"""Linear neurons.

    .. math:: L = \tfrac12 \sum_i x_i^2, \qquad g_i = x_i

    Example:
        >>> import jax.numpy as jnp
        >>> float(Quadratic().value(jnp.array([3.0, 4.0])))
        12.5

    Source: Krotov & Hopfield (2021), ICLR, arXiv:2008.06996.
    """

    def value(self, x: Array) -> Array:
        """Return L, (...), of potentials, (..., N)."""
        return jnp.sum(x**2, axis=-1) / 2

    def activity(self, x: Array) -> Array:
        """Return the potentials."""
        return x

    @property
    def largest_slope(self) -> float:
        """1."""
        return 1.0


@pytree
class Power(Lagrangian):
    r"""Neurons whose activity is a power of the potential.

    .. math:: L = \tfrac1n \sum_i [x_i]_+^n, \qquad g_i = [x_i]_+^{n-1}

    Order 2 gives rectified linear neurons.

    Args:
        order: n, from 2 to 16. It selects code.
        rectified: False for :math:`L = \tfrac1n \sum_i x_i^n`, which is convex for even n only.

    Example:
        >>> import jax.numpy as jnp
        >>> Power(3).activity(jnp.array([-2.0, 2.0])).tolist()
        [0.0, 4.0]

    Source: Krotov & Hopfield (2016), Adv. Neural Inf. Process. Syst. 29:1172.
    """

    order: int = static(default=2)
    rectified: bool = static(default=True)

    def validate(self) -> None:
        """Check the order and the flag."""
        super().validate()
        check_size("order", self.order, low=2, high=_LARGEST_ORDER)

    def value(self, x: Array) -> Array:
        """Return L, (...), of potentials, (..., N)."""
        return jnp.sum(self._base(x) ** self.order, axis=-1) / self.order

    def activity(self, x: Array) -> Array:
        """Return the activities, (..., N)."""
        return self._base(x) ** (self.order - 1)

    @property
    def largest_slope(self) -> float:
        """1 for order 2; infinite for others."""
        return 1.0 if self.order == 2 else math.inf

    def _base(self, x: Array) -> Array:
        return jnp.maximum(x, 0.0) if self.rectified else x


@pytree
class Absolute(Lagrangian):
    r"""Neurons of two states.

    .. math:: L = \sum_i |x_i|, \qquad g_i = \mathrm{sgn}\, x_i

    A neuron whose potential is 0 is silent.

    Example:
        >>> import jax.numpy as jnp
        >>> Absolute().activity(jnp.array([-0.5, 2.0])).tolist()
        [-1.0, 1.0]

    Source: Krotov & Hopfield (2021), ICLR, arXiv:2008.06996.
    """

    def value(self, x: Array) -> Array:
        """Return L, (...), of potentials, (..., N)."""
        return jnp.sum(jnp.abs(x), axis=-1)

    def activity(self, x: Array) -> Array:
        """Return the signs, (..., N)."""
        return jnp.sign(before_jump(x, "Absolute", "For a derivative take LogCosh."))


@pytree
class LogCosh(Lagrangian):
    r"""Graded neurons of both signs.

    .. math:: L = \tfrac1\lambda \sum_i \ln\cosh \lambda x_i, \qquad g_i = \tanh \lambda x_i

    Args:
        gain: Lambda.

    Example:
        >>> import jax.numpy as jnp
        >>> round(float(LogCosh(2.0).activity(jnp.array([0.5]))[0]), 3)
        0.762

    Source: Krotov (2021), arXiv:2107.06446.
    """

    gain: float = param(default=1.0, low=0, open_low=True)

    def value(self, x: Array) -> Array:
        """Return L, (...), of potentials, (..., N)."""
        # cosh itself would overflow.
        size = jnp.abs(self.gain * x)
        logs = size + jnp.log1p(jnp.exp(-2 * size)) - math.log(2.0)
        return jnp.sum(logs, axis=-1) / self.gain

    def activity(self, x: Array) -> Array:
        """Return the activities, (..., N), from -1 to 1."""
        return jnp.tanh(self.gain * x)

    @property
    def largest_slope(self) -> float:
        """The gain."""
        return float(self.gain)


@pytree
class Softplus(Lagrangian):
    r"""Graded neurons between 0 and 1.

    .. math::
        L = \tfrac1\lambda \sum_i \ln(1 + e^{\lambda x_i}), \qquad
        g_i = \frac{1}{1 + e^{-\lambda x_i}}

    Args:
        gain: Lambda.

    Example:
        >>> import jax.numpy as jnp
        >>> Softplus().activity(jnp.array([0.0])).tolist()
        [0.5]

    Source: Hoover, Chau, Strobelt & Krotov (2022), arXiv:2210.17419.
    """

    gain: float = param(default=1.0, low=0, open_low=True)

    def value(self, x: Array) -> Array:
        """Return L, (...), of potentials, (..., N)."""
        return jnp.sum(jax.nn.softplus(self.gain * x), axis=-1) / self.gain

    def activity(self, x: Array) -> Array:
        """Return the activities, (..., N), from 0 to 1."""
        return jax.nn.sigmoid(self.gain * x)

    @property
    def largest_slope(self) -> float:
        """A quarter of the gain."""
        return float(self.gain) / 4
