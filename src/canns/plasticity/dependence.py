"""How the weight change of a spike pair depends on the weight itself."""

import math
from abc import abstractmethod

import jax.numpy as jnp

from canns.typing import Array, Parameters, param, pytree

__all__ = ["Additive", "Guetig", "PowerLaw", "Soft", "VanRossum", "WeightDependence", "power"]


class WeightDependence(Parameters):
    """Factors of potentiation and of depression, as functions of the weight."""

    @property
    def range(self) -> tuple[float, float]:
        """The least and the largest weight that the factors are for."""
        return -math.inf, math.inf

    @abstractmethod
    def potentiation(self, weights: Array) -> Array | float:
        """Return the factor of A_plus, (out, in) or a number."""

    @abstractmethod
    def depression(self, weights: Array) -> Array | float:
        """Return the factor of A_minus, (out, in) or a number."""


@pytree
class Additive(WeightDependence):
    r"""No dependence on the weight, :math:`f_+ = f_- = 1`; the weights need bounds.

    Example:
        >>> import jax.numpy as jnp
        >>> Additive().potentiation(jnp.ones((1, 1)))
        1.0

    Source: Song, Miller & Abbott (2000), Nat. Neurosci. 3:919.
    """

    def potentiation(self, weights: Array) -> float:
        """Return 1."""
        return 1.0

    def depression(self, weights: Array) -> float:
        """Return 1."""
        return 1.0


@pytree
class Soft(WeightDependence):
    r"""Soft bounds, :math:`f_+ = w_{max} - w,\; f_- = w`.

    Under uncorrelated spikes the weights settle, in the mean, at
    :math:`w^*/w_{max} = A_+\tau_+/(A_+\tau_+ + A_-\tau_-)`.

    Args:
        w_max: The largest weight.

    Example:
        >>> import jax.numpy as jnp
        >>> Soft(2.0).potentiation(jnp.array([[0.5]])).tolist()
        [[1.5]]

    Source: Kistler & van Hemmen (2000), Neural Comput. 12:385; Rubin, Lee & Sompolinsky (2001),
    Phys. Rev. Lett. 86:364.
    """

    w_max: float = param(default=1.0, low=0, open_low=True)

    @property
    def range(self) -> tuple[float, float]:
        """From 0 to w_max."""
        return 0.0, self.w_max

    def potentiation(self, weights: Array) -> Array:
        """Return w_max - w."""
        return self.w_max - weights

    def depression(self, weights: Array) -> Array:
        """Return w."""
        return weights


@pytree
class VanRossum(WeightDependence):
    r"""Constant potentiation, depression in proportion to the weight: :math:`f_+ = 1,\; f_- = w`.

    Under uncorrelated spikes the weights settle, in the mean, at
    :math:`w^* = A_+\tau_+/(A_-\tau_-)`, without bounds.

    Example:
        >>> import jax.numpy as jnp
        >>> VanRossum().depression(jnp.array([[0.5]])).tolist()
        [[0.5]]

    Source: van Rossum, Bi & Turrigiano (2000), J. Neurosci. 20:8812.
    """

    @property
    def range(self) -> tuple[float, float]:
        """From 0 on."""
        return 0.0, math.inf

    def potentiation(self, weights: Array) -> float:
        """Return 1."""
        return 1.0

    def depression(self, weights: Array) -> Array:
        """Return w."""
        return weights


@pytree
class Guetig(WeightDependence):
    r"""From additive to multiplicative, :math:`f_+ = (1 - w)^\mu,\; f_- = w^\mu`, w in [0, 1].

    With :math:`\alpha = A_-\tau_-/(A_+\tau_+)`, uncorrelated spikes balance at
    :math:`w^* = 1/(1 + \alpha^{1/\mu})`. A weight outside [0, 1] is treated as at the bound.

    Args:
        mu: 0 for additive, 1 for multiplicative.

    Example:
        >>> import jax.numpy as jnp
        >>> Guetig(0.5).potentiation(jnp.array([[0.75]])).tolist()
        [[0.5]]

    Source: Gütig, Aharonov, Rotter & Sompolinsky (2003), J. Neurosci. 23:3697.
    """

    mu: float = param(default=0.4, low=0, high=1)

    @property
    def range(self) -> tuple[float, float]:
        """From 0 to 1."""
        return 0.0, 1.0

    def potentiation(self, weights: Array) -> Array:
        """Return (1 - w)^mu."""
        return power(jnp.clip(1 - weights, 0, 1), self.mu)

    def depression(self, weights: Array) -> Array:
        """Return w^mu."""
        return power(jnp.clip(weights, 0, 1), self.mu)


@pytree
class PowerLaw(WeightDependence):
    r"""Potentiation by a power, :math:`f_+ = w_0^{1-\mu} w^\mu,\; f_- = w`.

    Under uncorrelated spikes the weights settle, in the mean, at
    :math:`w^* = w_0 (A_+\tau_+/(A_-\tau_-))^{1/(1-\mu)}`. A negative weight is treated as
    zero.

    Args:
        mu: The exponent, below 1.
        w_0: A reference weight, in the unit of w.

    Example:
        >>> import jax.numpy as jnp
        >>> PowerLaw(0.5).potentiation(jnp.array([[0.25]])).tolist()
        [[0.5]]

    Source: Morrison, Aertsen & Diesmann (2007), Neural Comput. 19:1437.
    """

    mu: float = param(default=0.4, low=0, high=1, open_high=True)
    w_0: float = param(default=1.0, low=0, open_low=True)

    @property
    def range(self) -> tuple[float, float]:
        """From 0 on."""
        return 0.0, math.inf

    def potentiation(self, weights: Array) -> Array:
        """Return w_0^(1 - mu) w^mu."""
        scale: float = self.w_0 ** (1 - self.mu)
        return scale * power(jnp.maximum(weights, 0), self.mu)

    def depression(self, weights: Array) -> Array:
        """Return w."""
        return jnp.maximum(weights, 0)


def power(base: Array, exponent: float) -> Array:
    """Return ``base ** exponent`` for a base of at least 0; 1 if the exponent is 0."""
    # XLA vectorises exp and log, but computes a power number by number. The logarithm never sees
    # a base of zero, at which its infinite slope would make all gradients NaN.
    zero = base == 0
    power = jnp.exp(exponent * jnp.log(jnp.where(zero, 1.0, base)))
    at_zero = jnp.where(exponent > 0, 0.0, 1.0)
    return jnp.where(zero, at_zero, power).astype(base.dtype)
