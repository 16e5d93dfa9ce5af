"""The projection onto weights with orthonormal rows."""

from typing import Any

import jax.numpy as jnp

from canns.errors import ValidationError
from canns.plasticity._projections import Projection
from canns.plasticity._rule import widen
from canns.typing import Array, pytree

__all__ = ["OrthonormalRows"]


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

    def check_weights(self, weights: Any) -> None:
        """Raise where there are more rows than can be orthogonal."""
        super().check_weights(weights)
        out, in_ = weights.shape
        if out > in_:
            expected = f"of at most {in_} rows to be orthonormal"
            raise ValidationError("weights", expected, f"shape {weights.shape}")

    def __call__(self, weights: Array) -> Array:
        """Return the polar factor of the weights."""
        # Not by the root of W W', whose small eigenvalues are rounded away.
        left, _, right = jnp.linalg.svd(widen(weights), full_matrices=False)
        return (left @ right).astype(weights.dtype)
