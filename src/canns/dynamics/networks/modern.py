"""The modern Hopfield network: real-valued states, retrieved by attention to the patterns."""

import dataclasses
from typing import Literal, Self

import jax
import jax.numpy as jnp

from canns._explain import explained
from canns._precision import product
from canns.dynamics.network import Network
from canns.typing import Array, PyTree, param, pytree, static

__all__ = ["RETRIEVALS", "ModernHopfield", "Retrieval", "sparsemax"]

Retrieval = Literal["softmax", "sparsemax"]
RETRIEVALS: tuple[Retrieval, ...] = ("softmax", "sparsemax")


@explained
def sparsemax(z: Array) -> Array:
    r"""Return the point of the probability simplex that is nearest to each row of ``z``.

    .. math:: p = \max(z - \tau, 0), \qquad \sum_\mu p_\mu = 1

    A row whose largest entry is ahead of the next by 1 or more gives exactly one 1.

    Args:
        z: (..., P).

    Returns:
        (..., P), non-negative, each row with sum 1.

    Example:
        >>> import jax.numpy as jnp
        >>> sparsemax(jnp.array([[0.5, 0.0, -2.0], [3.0, 2.0, 2.0]])).tolist()
        [[0.75, 0.25, 0.0], [1.0, 0.0, 0.0]]

    Source: Martins & Astudillo (2016), ICML, PMLR 48:1614; the iteration for tau is that of
    Michelot (1986), J. Optim. Theory Appl. 50:195.
    """
    z = z - jnp.max(z, axis=-1, keepdims=True)
    fixed = jax.lax.stop_gradient(z)  # the derivative comes from the last step alone

    def rose(bounds: tuple[Array, Array]) -> Array:
        return jnp.any(bounds[1] > bounds[0])

    def rise(bounds: tuple[Array, Array]) -> tuple[Array, Array]:
        return bounds[1], _raised(fixed, bounds[1])

    # Newton's method for tau: from -1, which is below every solution, tau only rises, and the loop
    # ends when the support no longer changes. This is many times faster than sorting each row.
    low = jnp.full_like(z[..., :1], -1.0)
    _, low = jax.lax.while_loop(rose, rise, rise((low, low)))
    return jnp.maximum(z - _raised(z, low), 0.0)


def _raised(z: Array, low: Array) -> Array:
    """Return the tau of each row, if its support is the entries above ``low``."""
    support = z > low
    total = jnp.sum(jnp.where(support, z, 0.0), axis=-1, keepdims=True)
    return (total - 1.0) / jnp.sum(support, axis=-1, keepdims=True)


@pytree
class ModernHopfield(Network):
    r"""The modern Hopfield network over patterns X, (P, N), of real numbers.

    .. math::
        s \leftarrow X^T p, \qquad p = \mathrm{softmax}(\beta X s), \qquad
        E(s) = -\frac1\beta \ln \sum_\mu e^{\beta x^\mu \cdot s} + \frac12 s \cdot s +
        \frac{\ln P}{\beta} + \frac12 M^2

    with M the largest norm of a pattern. For both retrievals p maximises
    :math:`\beta p \cdot X s + H(p)` on the simplex, and
    :math:`\beta E = H_{max} - \max_p [\beta p \cdot X s + H(p)] +
    \frac\beta2 (s \cdot s + M^2)`: softmax has Shannon's entropy H and :math:`H_{max} = \ln P`,
    sparsemax Gini's, :math:`\frac12 (1 - p \cdot p)`, and :math:`\frac12 (1 - 1/P)`. E is at least
    half the squared distance to the nearest pattern. No update raises E, because an update is a
    step of the concave-convex procedure.

    The weights are the patterns; the local field is :math:`x^\mu \cdot s - \frac12 M^2`, (B, P).

    Args:
        beta: Inverse temperature, > 0, in units of 1 / (a product of two patterns).
        retrieval: "softmax" or "sparsemax". It selects code.

    Example:
        >>> import jax, jax.numpy as jnp
        >>> from canns.dynamics import recall
        >>> x = jnp.array([[0.5, -1.0, 2.0], [1.0, 2.0, 0.0]])
        >>> cue = jnp.array([[0.5, 0.0, 1.5]])
        >>> network = ModernHopfield(beta=2.0, retrieval="sparsemax")
        >>> recall(network, x, cue, key=jax.random.key(0)).states.tolist()
        [[0.5, -1.0, 2.0]]

    Source: Ramsauer et al. (2021), ICLR (softmax); Hu, Yang, Wu, Xu, Chen & Liu (2023), Adv.
    Neural Inf. Process. Syst. 36 (sparsemax).
    """

    beta: float = param(default=1.0, low=0, open_low=True)
    retrieval: Retrieval = static(default="softmax", choices=RETRIEVALS)

    def at_temperature(self, temperature: float | Array) -> Self:
        """Return the same network at beta = 1 / ``temperature``."""
        inverse: PyTree = 1.0 / jnp.asarray(temperature)
        return dataclasses.replace(self, beta=inverse)

    def local_field(self, weights: Array, states: Array) -> Array:
        """Return the overlaps less half the largest squared norm of a pattern, (B, P)."""
        # The energy needs the constant; p does not depend on it.
        return product(states, weights.T) - 0.5 * jnp.max(jnp.sum(weights**2, axis=-1))

    def energy(self, states: Array, field: Array) -> Array:
        """Return E of each row of ``states``, given its local field, (B,)."""
        peak, z = self._scaled(field)
        if self.retrieval == "softmax":
            most = jax.nn.logsumexp(z, axis=-1) - jnp.log(z.shape[-1])
        else:
            p = sparsemax(z)
            # The entropy of p is at most that of the uniform one, (1 - 1/P) / 2.
            most = jnp.sum(p * z, axis=-1) - 0.5 * (jnp.sum(p**2, axis=-1) - 1 / z.shape[-1])
        energy: Array = 0.5 * jnp.sum(states**2, axis=-1) - peak[:, 0] - most / self.beta
        return energy

    def step(
        self,
        weights: Array,
        prepared: tuple[()],
        states: Array,
        field: Array,
        key: Array,
        clamped: Array | None = None,
    ) -> Array:
        """Return the states, (B, N), after one update of all neurons."""
        choose = jax.nn.softmax if self.retrieval == "softmax" else sparsemax
        return product(choose(self._scaled(field)[1]), weights)

    def _scaled(self, field: Array) -> tuple[Array, Array]:
        # Subtract the largest before multiplying. XLA may fuse the product into one of two equal
        # terms only, and round them differently, so that the largest would not be exactly zero.
        peak = jnp.max(field, axis=-1, keepdims=True)
        return peak, self.beta * (field - peak)
