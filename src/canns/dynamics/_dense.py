"""Dense associative memory: +-1 neurons whose energy is a steep function of the overlaps."""

import math
from abc import abstractmethod

import jax
import jax.numpy as jnp

from canns._validation import check_choice, check_flag, check_size
from canns.dynamics._hopfield import ORDERS, TIES, TieRule, UpdateOrder
from canns.dynamics._network import Network
from canns.typing import Array, epsilon, pytree, static

__all__ = ["DenseExponential", "DensePolynomial"]

# Random overlaps, about sqrt(N) of N, raised to 15 are still floats at N = 10^5.
_LARGEST_ORDER = 16


@pytree
class _Dense(Network):
    r"""A network of +-1 neurons with energy :math:`-\sum_\mu F(\xi^\mu \cdot s)`.

    The weights are the patterns, (P, N), of +-1; the local field is the overlaps
    :math:`\xi^\mu \cdot s`, (B, P), whole numbers and so exact. A neuron takes the value that has
    the lower energy, the others being as they are. Its drive is a positive multiple of the
    energy at -1 minus that at +1.
    """

    asynchronous: bool = static(default=False)
    tie: TieRule = static(default="keep")
    update_order: UpdateOrder = static(default="random")

    def validate(self) -> None:
        """Check the names and the flag."""
        super().validate()
        check_flag("asynchronous", self.asynchronous)
        check_choice("tie", self.tie, TIES)
        check_choice("update_order", self.update_order, ORDERS)

    @property
    def random(self) -> bool:
        """True where a sweep draws its order."""
        return self.asynchronous and self.update_order == "random"

    @property
    def may_cycle(self) -> bool:
        """True where the dynamics can alternate between two states for ever."""
        return not self.random

    def prepare(self, weights: Array) -> Array | tuple[()]:
        """Return the patterns with a neuron a row, (N, P), where the network sweeps."""
        return weights.T if self.asynchronous else ()

    def local_field(self, weights: Array, states: Array) -> Array:
        """Return the overlap of each state with each pattern, (B, P)."""
        return states @ weights.T

    def step(
        self,
        weights: Array,
        columns: Array,
        states: Array,
        field: Array,
        key: Array,
        clamped: Array | None = None,
    ) -> Array:
        """Return the states, (B, N), after one synchronous update or one asynchronous sweep.

        States are +-1, or 0 for a neuron that is masked; other values are exact in sweeps only.
        """
        if not self.asynchronous:
            return self._settle(states, *self.drives(weights, states, field))

        def visit(k: Array, carry: tuple[Array, Array]) -> tuple[Array, Array]:
            states, overlaps = carry
            i = sequence[k]
            own = states[:, i]
            response = self._settle(own, *self.drive(i, columns, states, overlaps))
            if clamped is not None:
                response = jnp.where(clamped[:, i], own, response)
            return states.at[:, i].set(response), overlaps + (response - own)[:, None] * columns[i]

        size = states.shape[1]
        sequence = jnp.arange(size)
        if self.update_order == "random":
            sequence = jax.random.permutation(key, size)
        after, _ = jax.lax.fori_loop(0, size, visit, (states, field))
        moved: Array = after
        return moved

    @abstractmethod
    def drives(self, weights: Array, states: Array, overlaps: Array) -> tuple[Array, Array]:
        """Return the drive of every neuron, (B, N), and what rounding may move it by, (B, 1)."""

    @abstractmethod
    def drive(
        self, i: Array, columns: Array, states: Array, overlaps: Array
    ) -> tuple[Array, Array]:
        """Return the drive of neuron ``i`` and what rounding may move it by, both (B,)."""

    def _settle(self, states: Array, drive: Array, tolerance: Array) -> Array:
        tied = jnp.abs(drive) <= tolerance
        if self.tie == "keep":
            held = jnp.where(states == 0, 1.0, states)  # a masked neuron has no state to keep
            return jnp.where(tied, held, jnp.sign(drive))
        return jnp.where(tied, 1.0 if self.tie == "plus" else -1.0, jnp.sign(drive))


@pytree
class DensePolynomial(_Dense):
    r"""Dense associative memory with the interaction :math:`F(x) = x^n`.

    .. math::
        E(s) = -N \sum_\mu \left(\frac{\xi^\mu \cdot s}{N}\right)^n, \qquad
        s_i \leftarrow \mathrm{sgn} \sum_\mu \Bigl[
        F\Bigl(\sum_{j \ne i} \xi^\mu_j s_j + \xi^\mu_i\Bigr) -
        F\Bigl(\sum_{j \ne i} \xi^\mu_j s_j - \xi^\mu_i\Bigr)\Bigr]

    The energy is :math:`N^{1-n}` times that of the paper, so that a recalled pattern has about
    -N. Order 2 is the Amari-Hopfield network with :math:`W = \sum_\mu \xi^\mu (\xi^\mu)^T` and no
    self-coupling. With an odd order, the negative of a pattern has the opposite energy.

    Args:
        asynchronous: Sweep neuron by neuron instead of all at once.
        tie: Where both values of a neuron have one energy, up to rounding: "keep" its state (a
            masked one, at 0, goes to plus), or go "plus" or "minus".
        update_order: Of an asynchronous sweep, "random" or "cyclic".
        order: n, from 2 to 16. It selects code, so another order is compiled anew.

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
        """Return the drive of every neuron, (B, N), and what rounding may move it by, (B, 1).

        With G(z) = F(z+1) - F(z-1) the drive is the sum of xi_i G(o - xi_i s_i). For xi_i and s_i
        of +-1 this is xi_i A - s_i B, with A = (F(o+2) - F(o-2)) / 2 and
        B = (F(o+2) + F(o-2)) / 2 - F(o): one product in place of an array of B by P by N.
        """
        x, unit = _scaled(overlaps, states.shape[-1])
        a = self._difference(x, 2 * unit, odd=True)
        b = self._difference(x, 2 * unit, odd=False)
        drive = _product(a, weights) - states * jnp.sum(b, axis=-1, keepdims=True)
        masked = states == 0
        drive = jax.lax.cond(
            jnp.any(masked),
            lambda: jnp.where(
                masked, _product(self._difference(x, unit, odd=True), weights), drive
            ),
            lambda: drive,
        )
        size = jnp.sum(jnp.abs(a) + jnp.abs(b), axis=-1, keepdims=True)
        return drive, _rounding(overlaps) * size

    def drive(
        self, i: Array, columns: Array, states: Array, overlaps: Array
    ) -> tuple[Array, Array]:
        """Return the drive of neuron ``i`` and what rounding may move it by, both (B,)."""
        others = overlaps - states[:, i, None] * columns[i]
        x, unit = _scaled(others, states.shape[-1])
        terms = columns[i] * self._difference(x, unit, odd=True)
        return jnp.sum(terms, axis=-1), _rounding(terms) * jnp.sum(jnp.abs(terms), axis=-1)

    def _difference(self, x: Array, d: float, *, odd: bool) -> Array:
        """Return (F(x+d) - F(x-d)) / 2d, or where not ``odd`` (F(x+d) + F(x-d) - 2F(x)) / 2d.

        As the sum of its binomial terms, which all have one sign. The difference of the powers
        themselves would lose most digits where x is large against d.
        """
        n = self.order
        ks = range(n + 1)
        terms = [math.comb(n, k) * d ** (k - 1) if k > 0 and k % 2 == odd else 0.0 for k in ks]
        difference: Array = jnp.polyval(jnp.asarray(terms, x.dtype), x)
        return difference


@pytree
class DenseExponential(_Dense):
    r"""Dense associative memory with the interaction :math:`F(x) = e^x`.

    .. math::
        E(s) = -\ln \sum_\mu e^{\xi^\mu \cdot s}, \qquad
        s_i \leftarrow \mathrm{sgn}\Bigl[\sum_\mu p_\mu \xi^\mu_i - \tanh s_i\Bigr], \qquad
        p = \mathrm{softmax}(\xi s)

    The energy is minus the logarithm of minus the paper's, :math:`-\sum_\mu e^{\xi^\mu \cdot s}`,
    which no float holds for large N; both rise and fall together. The update is the paper's: the
    sign of the sum of :math:`\xi^\mu_i e^{o_\mu - \xi^\mu_i s_i}`, where
    :math:`e^{-\xi s} = \cosh s - \xi \sinh s` takes the neuron's own state out.

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
        """Return the drive of every neuron, (B, N), and what rounding may move it by, a scalar."""
        drive = _product(jax.nn.softmax(overlaps, axis=-1), weights) - jnp.tanh(states)
        return drive, jnp.asarray(_rounding(overlaps))

    def drive(
        self, i: Array, columns: Array, states: Array, overlaps: Array
    ) -> tuple[Array, Array]:
        """Return the drive of neuron ``i`` and what rounding may move it by, (B,) and a scalar."""
        drive = _product(jax.nn.softmax(overlaps, axis=-1), columns[i]) - jnp.tanh(states[:, i])
        return drive, jnp.asarray(_rounding(overlaps))


def _scaled(overlaps: Array, size: int) -> tuple[Array, float]:
    """Return the overlaps of ``size`` neurons brought below one, and the factor.

    A power of two, under which whole numbers, and so exact ties, stay exact.
    """
    unit = 2.0 ** -math.frexp(size)[1]
    return overlaps * unit, unit


def _product(a: Array, patterns: Array) -> Array:
    # Not in the short floats that accelerators multiply by default, which would decide ties.
    return jnp.matmul(a, patterns, precision="highest")


def _rounding(terms: Array) -> float:
    """Return what rounding may move a sum over the last axis by, against the sum of its sizes.

    Up to 13 epsilon was seen in 4e5 terms, half of them cancelling the other half.
    """
    return epsilon(terms.dtype) * (8 + math.sqrt(terms.shape[-1]) / 8)
