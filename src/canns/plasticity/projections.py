"""Projections W -> W that a weight matrix is put through after each change."""

from abc import abstractmethod

import jax
import jax.numpy as jnp

from canns._precision import product
from canns._validation import is_traced
from canns.dynamics import before_jump
from canns.errors import ValidationError
from canns.plasticity.rule import widen
from canns.typing import Array, Parameters, PyTree, param, pytree

__all__ = [
    "Bounds",
    "Chain",
    "Clipped",
    "Identity",
    "NonPositive",
    "OrthonormalRows",
    "Projection",
    "StrictlyLower",
    "UnitRows",
    "ZeroDiagonal",
]

_SHORTEST = 1e-10


class Projection(Parameters):
    """A constraint on the weights, as a map W -> W."""

    @property
    def once(self) -> bool:
        """True where it is put on the sum of a data set's changes, not on each of them."""
        return False

    @property
    def distributes(self) -> bool:
        """True where it is the same to put it on a sum and on each part of the sum in turn."""
        return False

    def check_weights(self, weights: PyTree) -> None:
        """Raise where the projection is not one for weights of this structure."""
        if isinstance(weights, tuple):
            expected = f"PartProjections of {len(weights)} projections, one for each part"
            raise ValidationError("project", expected, type(self).__name__)

    @abstractmethod
    def __call__(self, weights: Array) -> Array:
        """Return the weights, (out, in), that satisfy the constraint."""


@pytree
class Identity(Projection):
    """No constraint."""

    @property
    def once(self) -> bool:
        """Once is enough."""
        return True

    @property
    def distributes(self) -> bool:
        """True: it changes nothing."""
        return True

    def check_weights(self, weights: PyTree) -> None:
        """Any will do."""

    def __call__(self, weights: Array) -> Array:
        """Return the weights as they are."""
        return weights


@pytree
class UnitRows(Projection):
    """Scale each row to unit Euclidean norm; a row shorter than 1e-10 is left alone.

    So is a row too long to be measured, which learning then reports as a divergence.

    Example:
        >>> import jax.numpy as jnp
        >>> UnitRows()(jnp.array([[3.0, 4.0], [0.0, 0.0]])).round(3).tolist()
        [[0.6000000238418579, 0.800000011920929], [0.0, 0.0]]
    """

    def __call__(self, weights: Array) -> Array:
        """Return the weights with unit rows."""
        # On a CPU a product uses vectors of numbers, and XLA's sum along a row does not.
        ones = jnp.ones(weights.shape[1], weights.dtype)
        squared = product(weights * weights, ones)
        norm = jnp.sqrt(squared)
        measured = (norm >= _SHORTEST) & jnp.isfinite(norm)
        # Chosen under the root, whose slope at zero is infinite.
        return weights / jnp.sqrt(jnp.where(measured, squared, 1.0))[:, None]


@pytree
class Bounds(Projection):
    """Clip each weight to [w_min, w_max].

    Example:
        >>> import jax.numpy as jnp
        >>> Bounds(0.0, 1.0)(jnp.array([[-1.0, 0.5, 2.0]])).tolist()
        [[0.0, 0.5, 1.0]]
    """

    w_min: float = param(default=0.0)
    w_max: float = param(default=1.0)

    def validate(self) -> None:
        """Check that both are finite and in order."""
        super().validate()
        bounds = self.w_min, self.w_max
        if not is_traced(bounds) and float(bounds[0]) > float(bounds[1]):
            raise ValidationError("w_min", f"at most w_max = {self.w_max:g}", f"{self.w_min:g}")

    def __call__(self, weights: Array) -> Array:
        """Return the clipped weights."""
        return jnp.clip(weights, self.w_min, self.w_max)


@pytree
class ZeroDiagonal(Projection):
    """Remove self-connections from a square matrix.

    Example:
        >>> import jax.numpy as jnp
        >>> ZeroDiagonal()(jnp.ones((2, 2))).tolist()
        [[0.0, 1.0], [1.0, 0.0]]
    """

    @property
    def once(self) -> bool:
        """Once is enough."""
        return True

    @property
    def distributes(self) -> bool:
        """True: it leaves some weights alone and makes the others zero."""
        return True

    def __call__(self, weights: Array) -> Array:
        """Return the weights with a diagonal of zeros."""
        check_square(weights, "to have a diagonal")
        # Compared, not scattered: so it fuses with what makes the weights, in one pass.
        index = jnp.arange(weights.shape[0])
        return jnp.where(index[:, None] == index, 0.0, weights)


def check_square(weights: Array, purpose: str) -> None:
    """Raise where the weights do not lead from as many neurons as they lead to."""
    if weights.shape[0] != weights.shape[1]:
        raise ValidationError("weights", f"square {purpose}", f"shape {weights.shape}")


@pytree
class Clipped(Projection):
    r"""Keep of each weight its sign only, :math:`W \leftarrow c\, \mathrm{sign}(W)`.

    It is for the sum over all patterns: what is added to clipped weights is not added to the sum
    that they were clipped from. A weight of exactly zero stays zero.

    Args:
        scale: c, the size of a weight. The sum over P patterns of Hebb's rule at rate 1/N has
            weights of typical size :math:`\sqrt{P}/N`.

    Example:
        >>> import jax.numpy as jnp
        >>> Clipped(0.5)(jnp.array([[-3.0, 0.0, 0.1]])).tolist()
        [[-0.5, 0.0, 0.5]]

    Source: Sompolinsky (1986), Phys. Rev. A 34:2571; (1987), in Heidelberg Colloquium on Glassy
    Dynamics.
    """

    scale: float = param(default=1.0, low=0, open_low=True)

    @property
    def once(self) -> bool:
        """The sum is what it clips."""
        return True

    def __call__(self, weights: Array) -> Array:
        """Return the clipped weights."""
        instead = "For a derivative take Bounds, or the weights before they are clipped."
        return self.scale * jnp.sign(before_jump(weights, "Clipped", instead))


@pytree
class NonPositive(Projection):
    """Let weights inhibit only: what rises above zero is put back to it.

    Example:
        >>> import jax.numpy as jnp
        >>> NonPositive()(jnp.array([[-3.0, 0.5]])).tolist()
        [[-3.0, 0.0]]
    """

    def __call__(self, weights: Array) -> Array:
        """Return the weights, none above zero."""
        return jnp.minimum(weights, 0.0)


@pytree
class OrthonormalRows(Projection):
    r"""Make the rows orthonormal, all alike: :math:`W \leftarrow (W W^T)^{-1/2}\, W`.

    Of all matrices with orthonormal rows it is the nearest, and no row goes before another. Rows
    that are linearly dependent are completed by some orthonormal ones.

    Example:
        >>> import jax.numpy as jnp
        >>> OrthonormalRows()(jnp.array([[3.0, 0.0], [0.0, -2.0]])).round(3).tolist()
        [[1.0, 0.0], [0.0, -1.0]]

    Source: Fan & Hoffman (1955), Proc. Amer. Math. Soc. 6:111; Hyvarinen & Oja (1997), Neural
    Comput. 9:1483.
    """

    def check_weights(self, weights: PyTree) -> None:
        """Raise where there are more rows than can be orthogonal."""
        super().check_weights(weights)
        out, in_ = weights.shape
        if out > in_:
            expected = f"of at most {in_} rows to be orthonormal"
            raise ValidationError("weights", expected, f"shape {weights.shape}")

    def __call__(self, weights: Array) -> Array:
        """Return the polar factor of the weights."""
        return _polar(widen(weights)).astype(weights.dtype)


@jax.custom_jvp
def _polar(weights: Array) -> Array:
    # Not by the root of W W', whose small eigenvalues are rounded away.
    left, _, right = jnp.linalg.svd(weights, full_matrices=False)
    return left @ right


@_polar.defjvp
def _polar_slope(primals: tuple[Array], tangents: tuple[Array]) -> tuple[Array, Array]:
    """Return the polar factor and its slope, also where singular values are equal.

    The slope of the decomposition itself, which JAX takes, is infinite there; and rows that are
    orthonormal already have equal ones.
    """
    (weights,), (change,) = primals, tangents
    left, sizes, right = jnp.linalg.svd(weights, full_matrices=False)
    inside = left.T @ change @ right.T
    sums = jnp.add.outer(sizes, sizes)
    turned = left @ ((inside - inside.T) / jnp.where(sums > 0, sums, jnp.inf)) @ right
    beside = left.T @ change - inside @ right
    per_size = jnp.where(sizes > 0, 1 / jnp.where(sizes > 0, sizes, 1.0), 0.0)
    return left @ right, turned + left @ (per_size[:, None] * beside)


@pytree
class StrictlyLower(Projection):
    """Keep only the connections to each neuron from those before it: the strict lower triangle.

    Example:
        >>> import jax.numpy as jnp
        >>> StrictlyLower()(jnp.ones((2, 2))).tolist()
        [[0.0, 0.0], [1.0, 0.0]]
    """

    @property
    def once(self) -> bool:
        """Once is enough."""
        return True

    @property
    def distributes(self) -> bool:
        """True: it leaves some weights alone and makes the others zero."""
        return True

    def __call__(self, weights: Array) -> Array:
        """Return the weights with zeros on the diagonal and above."""
        check_square(weights, "to lead from neuron to neuron")
        return jnp.tril(weights, -1)


@pytree
class Chain(Projection):
    """Several projections, applied from left to right."""

    projections: tuple[Projection, ...]

    @property
    def once(self) -> bool:
        """True where once is enough for every member."""
        return all(projection.once for projection in self.projections)

    @property
    def distributes(self) -> bool:
        """True where every member does."""
        return all(projection.distributes for projection in self.projections)

    def validate(self) -> None:
        """Check each member."""
        for projection in self.projections:
            projection.validate()

    def check_weights(self, weights: PyTree) -> None:
        """Check the weights against each member."""
        for projection in self.projections:
            projection.check_weights(weights)

    def __call__(self, weights: Array) -> Array:
        """Return the weights after every member."""
        for projection in self.projections:
            weights = projection(weights)
        return weights
