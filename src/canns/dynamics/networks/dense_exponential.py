"""Dense associative memory whose interaction is the exponential of the overlap."""

import jax
import jax.numpy as jnp

from canns._precision import product
from canns.dynamics.networks.dense import DenseNetwork, rounding_of_sum
from canns.typing import Array, pytree

__all__ = ["DenseExponential"]


@pytree
class DenseExponential(DenseNetwork):
    r"""Dense associative memory with the interaction :math:`F(x) = e^x`.

    .. math::
        E(s) = -\ln \sum_\mu e^{\xi^\mu \cdot s}, \qquad
        s_i \leftarrow \mathrm{sgn}\Bigl[\sum_\mu p_\mu \xi^\mu_i - \tanh s_i\Bigr], \qquad
        p = \mathrm{softmax}(\xi s)

    The paper's energy, :math:`-\sum_\mu e^{\xi^\mu \cdot s}`, overflows for large N. Here it is
    minus the logarithm of its negative; both rise and fall together. The update is the paper's: the
    sign of the sum of :math:`\xi^\mu_i e^{o_\mu - \xi^\mu_i s_i}`, with the overlaps o, where
    :math:`e^{-\xi s} = \cosh s - \xi \sinh s` removes the neuron's own state.

    Args:
        asynchronous: Sweep neuron by neuron instead of all at once.
        tie: See :class:`DensePolynomial`.
        update_order: Of an asynchronous sweep, "random" or "cyclic".

    Example:
        >>> import jax, jax.numpy as jnp
        >>> from canns.dynamics import recall
        >>> xi = jnp.array([[1.0, -1.0, 1.0, -1.0, 1.0], [1.0, 1.0, -1.0, -1.0, -1.0]])
        >>> cue = xi[:1].at[0, 0].set(-1.0)
        >>> result = recall(DenseExponential(), xi, cue, key=jax.random.key(0))
        >>> result.states[0].tolist(), round(float(result.energies[0, -1]), 2)
        ([1.0, -1.0, 1.0, -1.0, 1.0], -5.0)

    Source: Demircigil, Heusel, Löwe, Upgang & Vermet (2017), J. Stat. Phys. 168:288.
    """

    def energy(self, states: Array, field: Array) -> Array:
        """Return E of each row of ``states``, given its overlaps, (B,)."""
        total: Array = jax.nn.logsumexp(field, axis=-1)
        return -total

    def drives(self, weights: Array, states: Array, overlaps: Array) -> tuple[Array, Array]:
        """Return the drive of every neuron, (B, N), and a bound on its rounding error, a scalar."""
        drive = product(jax.nn.softmax(overlaps, axis=-1), weights) - jnp.tanh(states)
        return drive, jnp.asarray(rounding_of_sum(overlaps))

    def drive(
        self, i: Array, columns: Array, states: Array, overlaps: Array
    ) -> tuple[Array, Array]:
        """Return the drive of neuron ``i``, (B,), and a bound on its rounding error, a scalar."""
        drive = product(jax.nn.softmax(overlaps, axis=-1), columns[i]) - jnp.tanh(states[:, i])
        return drive, jnp.asarray(rounding_of_sum(overlaps))
