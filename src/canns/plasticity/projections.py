"""Projections W -> W: constraints applied to the weights after each change."""

from abc import abstractmethod
from collections.abc import Sequence
from itertools import islice

import jax
import jax.numpy as jnp
import numpy as np

from canns._precision import product
from canns._validation import check_members
from canns.dynamics import before_jump
from canns.errors import ValidationError
from canns.plasticity.rule import widen
from canns.plasticity.start_weights import warn_outside
from canns.typing import Array, Parameters, PyTree, param, pytree

__all__ = [
    "Chain",
    "Clipped",
    "Identity",
    "NonPositive",
    "OrthonormalRows",
    "Projection",
    "RowSums",
    "StrictlyLower",
    "UnitRows",
    "ZeroDiagonal",
]

_SHORTEST = 1e-10


class Projection(Parameters):
    """A constraint on the weights, as a map W -> W."""

    @property
    def once(self) -> bool:
        """True if projecting once, after all changes of a data set are added, is enough."""
        return False

    @property
    def distributes(self) -> bool:
        """True if projecting a sum equals projecting after each term is added."""
        return False

    @property
    def elementwise(self) -> bool:
        """True if each weight is mapped by itself, and once for all.

        Then only weights that a step changes need be projected. The map is the same wherever a
        weight is in the matrix, save for what :attr:`each` holds for it.
        """
        return False

    @property
    def each(self) -> tuple[Array, ...]:
        """The arrays that hold a number for each weight, in the shape of the weights.

        Of synapses they are lists, (synapses,), in the order of their pairs.
        """
        return ()

    def with_each(self, arrays: Sequence[Array]) -> "Projection":
        """Return the same constraint on a part of the weights, or on weights laid out otherwise.

        Args:
            arrays: What :attr:`each` holds for these weights.
        """
        return self

    def check_weights(self, weights: PyTree) -> None:
        """Raise if the projection cannot take weights of this structure."""
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
        """True: once is enough."""
        return True

    @property
    def distributes(self) -> bool:
        """True: it changes nothing."""
        return True

    @property
    def elementwise(self) -> bool:
        """True: it changes nothing."""
        return True

    def check_weights(self, weights: PyTree) -> None:
        """Accept any weights."""

    def __call__(self, weights: Array) -> Array:
        """Return the weights as they are."""
        return weights


@pytree
class UnitRows(Projection):
    """Scale each row to unit Euclidean norm; leave a row shorter than 1e-10 as it is.

    A row whose norm is not finite is left as it is, too: learning reports it as a divergence.

    Example:
        >>> import jax.numpy as jnp
        >>> UnitRows()(jnp.array([[3.0, 4.0], [0.0, 0.0]])).round(3).tolist()
        [[0.6000000238418579, 0.800000011920929], [0.0, 0.0]]
    """

    def __call__(self, weights: Array) -> Array:
        """Return the weights with unit rows."""
        # On a CPU a matrix product is vectorised, and XLA's sum along a row is not.
        ones = jnp.ones(weights.shape[1], weights.dtype)
        squared = product(weights * weights, ones)
        norm = jnp.sqrt(squared)
        measured = (norm >= _SHORTEST) & jnp.isfinite(norm)
        # jnp.where is inside the root: the slope of a root at zero is infinite, and would make the
        # gradient NaN.
        return weights / jnp.sqrt(jnp.where(measured, squared, 1.0))[:, None]


@pytree
class RowSums(Projection):
    r"""Scale each row to one sum, :math:`W_{ij} \leftarrow s\, W_{ij} / \sum_k W_{ik}`.

    So the inputs of each neuron compete for a fixed total, and no neuron has more than another.
    It is for weights that are not negative. A row whose sum is below 1e-10 or not finite is left
    as it is.

    Args:
        total: s, above 0.

    Example:
        >>> import jax.numpy as jnp
        >>> RowSums(2.0)(jnp.array([[1.0, 3.0], [0.0, 0.0]])).tolist()
        [[0.5, 1.5], [0.0, 0.0]]

    Source: von der Malsburg (1973), Kybernetik 14:85; Diehl & Cook (2015), Front. Comput. Neurosci.
    9:99.
    """

    total: float = param(default=1.0, low=0, open_low=True)

    def check_weights(self, weights: PyTree) -> None:
        """Warn if weights are negative, so that their sum is no measure of them."""
        super().check_weights(weights)
        effect = "which scales rows by their sums, for weights that are not negative"
        warn_outside(weights, 0.0, np.inf, "RowSums", effect)

    def __call__(self, weights: Array) -> Array:
        """Return the weights with rows of one sum."""
        sums = product(weights, jnp.ones(weights.shape[1], weights.dtype))
        measured = (sums >= _SHORTEST) & jnp.isfinite(sums)
        factor = jnp.where(measured, self.total / jnp.where(measured, sums, 1.0), 1.0)
        return weights * factor[:, None]


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
        """True: once is enough."""
        return True

    @property
    def distributes(self) -> bool:
        """True: some weights stay as they are, and the others become zero."""
        return True

    def __call__(self, weights: Array) -> Array:
        """Return the weights with a diagonal of zeros."""
        check_square(weights, "to have a diagonal")
        # A comparison, unlike a scatter, fuses with the computation of the weights: one pass.
        index = jnp.arange(weights.shape[0])
        return jnp.where(index[:, None] == index, 0.0, weights)


def check_square(weights: Array, purpose: str) -> None:
    """Raise if the weight matrix is not square; ``purpose`` completes the message."""
    if weights.shape[0] != weights.shape[1]:
        raise ValidationError("weights", f"square {purpose}", f"shape {weights.shape}")


@pytree
class Clipped(Projection):
    r"""Keep only the sign of each weight, :math:`W \leftarrow c\, \mathrm{sign}(W)`.

    Clip after all patterns are added: once the weights are clipped, their sum is lost, and a later
    pattern is not added to it. A weight of exactly zero stays zero.

    Args:
        scale: c, the size of a weight. Hebb's rule at rate 1/N gives P patterns weights of typical
            size :math:`\sqrt{P}/N`.

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
        """True: the weights are clipped after all changes are added."""
        return True

    @property
    def elementwise(self) -> bool:
        """True: the sign of a sign is the sign."""
        return True

    def __call__(self, weights: Array) -> Array:
        """Return the clipped weights."""
        instead = "For a derivative take Bounds, or the weights before they are clipped."
        return self.scale * jnp.sign(before_jump(weights, "Clipped", instead))


@pytree
class NonPositive(Projection):
    """Let weights only inhibit: a weight above zero is set to zero.

    Example:
        >>> import jax.numpy as jnp
        >>> NonPositive()(jnp.array([[-3.0, 0.5]])).tolist()
        [[-3.0, 0.0]]
    """

    @property
    def elementwise(self) -> bool:
        """True: each weight is clipped by itself."""
        return True

    def check_weights(self, weights: PyTree) -> None:
        """Warn if weights are above zero."""
        super().check_weights(weights)
        effect = "which sets those above zero to zero in the first step"
        warn_outside(weights, -np.inf, 0.0, "NonPositive", effect)

    def __call__(self, weights: Array) -> Array:
        """Return the weights, none above zero."""
        return jnp.minimum(weights, 0.0)


@pytree
class OrthonormalRows(Projection):
    r"""Make the rows orthonormal, symmetrically: :math:`W \leftarrow (W W^T)^{-1/2}\, W`.

    The result is the nearest matrix with orthonormal rows; all rows are treated alike. If rows are
    linearly dependent, the missing directions are filled by arbitrary orthonormal ones.

    Example:
        >>> import jax.numpy as jnp
        >>> OrthonormalRows()(jnp.array([[3.0, 0.0], [0.0, -2.0]])).round(3).tolist()
        [[1.0, 0.0], [0.0, -1.0]]

    Source: Fan & Hoffman (1955), Proc. Amer. Math. Soc. 6:111; Hyvarinen & Oja (1997), Neural
    Comput. 9:1483.
    """

    def check_weights(self, weights: PyTree) -> None:
        """Raise if there are more rows than columns, so that they cannot be orthogonal."""
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
    # Not by the inverse root of W W': rounding destroys its small eigenvalues.
    left, _, right = jnp.linalg.svd(weights, full_matrices=False)
    return left @ right


@_polar.defjvp
def _polar_slope(primals: tuple[Array], tangents: tuple[Array]) -> tuple[Array, Array]:
    """Return the polar factor and its slope, also for equal singular values.

    JAX would differentiate the SVD, whose slope is infinite at equal singular values. Rows that
    are already orthonormal have equal singular values.
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
    """Keep only connections from earlier to later neurons: the strict lower triangle.

    Example:
        >>> import jax.numpy as jnp
        >>> StrictlyLower()(jnp.ones((2, 2))).tolist()
        [[0.0, 0.0], [1.0, 0.0]]
    """

    @property
    def once(self) -> bool:
        """True: once is enough."""
        return True

    @property
    def distributes(self) -> bool:
        """True: some weights stay as they are, and the others become zero."""
        return True

    def check_weights(self, weights: PyTree) -> None:
        """Warn if weights lead to earlier neurons."""
        super().check_weights(weights)
        check_square(weights, "to lead from neuron to neuron")
        earlier = jnp.triu(weights, 1)
        effect = "which removes those above the diagonal in the first step"
        warn_outside(earlier, 0.0, 0.0, "StrictlyLower", effect)

    def __call__(self, weights: Array) -> Array:
        """Return the weights with zeros on and above the diagonal."""
        check_square(weights, "to lead from neuron to neuron")
        return jnp.tril(weights, -1)


@pytree
class Chain(Projection):
    """Several projections, applied from left to right."""

    projections: tuple[Projection, ...]

    @property
    def once(self) -> bool:
        """True if once is enough for every member."""
        return all(projection.once for projection in self.projections)

    @property
    def distributes(self) -> bool:
        """True if every member distributes."""
        return all(projection.distributes for projection in self.projections)

    @property
    def elementwise(self) -> bool:
        """True if every member maps each weight by itself."""
        return all(projection.elementwise for projection in self.projections)

    @property
    def each(self) -> tuple[Array, ...]:
        """What the members hold for each weight."""
        return tuple(array for projection in self.projections for array in projection.each)

    def with_each(self, arrays: Sequence[Array]) -> "Chain":
        """Return the members with what they hold of other weights, or of a part."""
        left = iter(arrays)
        return Chain(tuple([p.with_each([*islice(left, len(p.each))]) for p in self.projections]))

    def validate(self) -> None:
        """Check each member."""
        check_members("projections", self.projections, Projection)
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
