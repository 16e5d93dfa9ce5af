"""Dense associative memory whose interaction is a power of the overlap."""

import math

import jax
import jax.numpy as jnp

from canns._precision import product
from canns._validation import check_size
from canns.dynamics.networks.dense import DenseNetwork, rounding_of_sum
from canns.typing import Array, pytree, static

__all__ = ["DensePolynomial"]

# Random overlaps, about 1/sqrt(N) of the largest, do not underflow to the power 15 at N = 10^5.
_LARGEST_ORDER = 16


@pytree
class DensePolynomial(DenseNetwork):
    r"""Dense associative memory with the interaction :math:`F(x) = x^n`.

    .. math::
        E(s) = -N \sum_\mu \left(\frac{\xi^\mu \cdot s}{N}\right)^n, \qquad
        s_i \leftarrow \mathrm{sgn} \sum_\mu \Bigl[
        F\Bigl(\sum_{j \ne i} \xi^\mu_j s_j + \xi^\mu_i\Bigr) -
        F\Bigl(\sum_{j \ne i} \xi^\mu_j s_j - \xi^\mu_i\Bigr)\Bigr]

    The energy is :math:`N^{1-n}` times that of the paper, so that it is about -N at a recalled
    pattern. Order 2 is the Amari-Hopfield network with :math:`W = \sum_\mu \xi^\mu (\xi^\mu)^T` and
    no self-coupling. With an odd order, the negative of a pattern has the opposite energy.

    Args:
        asynchronous: Sweep neuron by neuron instead of all at once.
        tie: If both values of a neuron have the same energy, up to rounding: "keep" its state (a
            masked neuron, at 0, goes to plus), or go "plus" or "minus".
        update_order: Of an asynchronous sweep, "random" or "cyclic".
        order: n, from 2 to 16. It selects code, so each order is compiled separately.

    Example:
        >>> import jax, jax.numpy as jnp
        >>> from canns.dynamics import recall
        >>> xi = jnp.array([[1.0, -1.0, 1.0, -1.0, 1.0], [1.0, 1.0, -1.0, -1.0, -1.0]])
        >>> cue = xi[:1].at[0, 0].set(-1.0)
        >>> result = recall(DensePolynomial(order=3), xi, cue, key=jax.random.key(0))
        >>> result.states[0].tolist(), round(float(result.energies[0, -1]), 2)
        ([1.0, -1.0, 1.0, -1.0, 1.0], -4.96)

    Source: Krotov & Hopfield (2016), Adv. Neural Inf. Process. Syst. 29:1172.
    """

    order: int = static(default=3)

    def validate(self) -> None:
        """Check the names, the flag and the order."""
        super().validate()
        check_size("order", self.order, low=2, high=_LARGEST_ORDER)

    def energy(self, states: Array, field: Array) -> Array:
        """Return E of each row of ``states``, given its overlaps, (B,)."""
        size = states.shape[-1]
        return -size * jnp.sum((field / size) ** self.order, axis=-1)

    def drives(self, weights: Array, states: Array, overlaps: Array) -> tuple[Array, Array]:
        """Return the drive of every neuron, (B, N), and a bound on its rounding error, (B, 1).

        With G(z) = F(z+1) - F(z-1) the drive is the sum of xi_i G(o - xi_i s_i). With xi_i and
        s_i of +-1 the terms are xi_i A - s_i B, with A = (F(o+2) - F(o-2)) / 2 and
        B = (F(o+2) + F(o-2)) / 2 - F(o): one product, without an array of (B, P, N).
        """
        x, unit = _scaled(overlaps, states.shape[-1])
        a = self._difference(x, 2 * unit, odd=True)
        b = self._difference(x, 2 * unit, odd=False)
        drive = product(a, weights) - states * jnp.sum(b, axis=-1, keepdims=True)
        masked = states == 0
        drive = jax.lax.cond(
            jnp.any(masked),
            lambda: jnp.where(masked, product(self._difference(x, unit, odd=True), weights), drive),
            lambda: drive,
        )
        size = jnp.sum(jnp.abs(a) + jnp.abs(b), axis=-1, keepdims=True)
        return drive, rounding_of_sum(overlaps) * size

    def drive(
        self, i: Array, columns: Array, states: Array, overlaps: Array
    ) -> tuple[Array, Array]:
        """Return the drive of neuron ``i``, and a bound on its rounding error, both (B,)."""
        others = overlaps - states[:, i, None] * columns[i]
        x, unit = _scaled(others, states.shape[-1])
        terms = columns[i] * self._difference(x, unit, odd=True)
        return jnp.sum(terms, axis=-1), rounding_of_sum(terms) * jnp.sum(jnp.abs(terms), axis=-1)

    def _difference(self, x: Array, d: float, *, odd: bool) -> Array:
        """Return (F(x+d) - F(x-d)) / 2d if ``odd``, else (F(x+d) + F(x-d) - 2F(x)) / 2d.

        It is computed as the sum of its binomial terms, which all have the same sign. The
        difference of the powers themselves would lose most digits if x is large against d.
        """
        n = self.order
        ks = range(n + 1)
        terms = [math.comb(n, k) * d ** (k - 1) if k > 0 and k % 2 == odd else 0.0 for k in ks]
        difference: Array = jnp.polyval(jnp.asarray(terms, x.dtype), x)
        return difference


def _scaled(overlaps: Array, size: int) -> tuple[Array, float]:
    """Return the overlaps of ``size`` neurons scaled below one, and the factor.

    The factor is a power of two, so that whole numbers, and exact ties, stay exact.
    """
    unit = 2.0 ** -math.frexp(size)[1]
    return overlaps * unit, unit
