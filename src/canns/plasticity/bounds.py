"""Bounds of the weights: the same for all, or one for each."""

from collections.abc import Sequence
from typing import TypeAlias, TypeGuard

import jax
import jax.numpy as jnp
import numpy as np

from canns._validation import check_array, check_real, is_traced
from canns.dynamics import Synapses
from canns.errors import ValidationError
from canns.plasticity.projections import Projection
from canns.plasticity.start_weights import warn_outside
from canns.typing import AnyArray, Array, PyTree, pytree

__all__ = ["Bounds"]

Bound: TypeAlias = float | Array | AnyArray


@pytree
class Bounds(Projection):
    """Clip each weight to [w_min, w_max].

    Args:
        w_min: The least weight: a number, or an array with one for each weight, (out, in); of
            synapses, (synapses,), in the order of their pairs.
        w_max: The largest weight, likewise.

    Example:
        >>> import jax.numpy as jnp
        >>> Bounds(0.0, 1.0)(jnp.array([[-1.0, 0.5, 2.0]])).tolist()
        [[0.0, 0.5, 1.0]]
        >>> Bounds(0.0, np.array([[1.0, 0.25, 5.0]]))(jnp.array([[-1.0, 0.5, 2.0]])).tolist()
        [[0.0, 0.25, 2.0]]
    """

    w_min: Bound = 0.0
    w_max: Bound = 1.0

    def validate(self) -> None:
        """Check that both bounds are finite and in order."""
        low, high = self.w_min, self.w_max
        if type(low) is type(high) is float and -np.inf < low <= high < np.inf:
            return
        if is_traced(low, high):
            return
        low, high = _checked("w_min", low), _checked("w_max", high)
        shapes = {np.shape(bound) for bound in (low, high)} - {()}
        if len(shapes) > 1:
            expected = f"of shape {np.shape(low)}, as w_min is"
            raise ValidationError("w_max", expected, f"shape {np.shape(high)}")
        if np.any(np.greater(low, high)):
            if not shapes:
                raise ValidationError("w_min", f"at most w_max = {high:g}", f"{low:g}")
            many = np.count_nonzero(np.greater(low, high))
            raise ValidationError("w_min", "at most w_max everywhere", f"{many} above it")

    @property
    def elementwise(self) -> bool:
        """True: each weight is clipped by itself."""
        return True

    @property
    def each(self) -> tuple[Array, ...]:
        """The bounds that are arrays."""
        return tuple([jnp.asarray(b) for b in (self.w_min, self.w_max) if _is_array(b)])

    def with_each(self, arrays: Sequence[Array]) -> "Bounds":
        """Return bounds for other weights, or for a part of them."""
        left = iter(arrays)
        low, high = (next(left) if _is_array(b) else b for b in (self.w_min, self.w_max))
        return Bounds(low, high)

    def check_weights(self, weights: PyTree) -> None:
        """Raise if arrays are not of the shape of the weights; warn of weights outside."""
        if isinstance(weights, tuple):
            super().check_weights(weights)
        if not type(self.w_min) is type(self.w_max) is float:  # else there is nothing to ask
            for name, bound in (("w_min", self.w_min), ("w_max", self.w_max)):
                if _is_array(bound):
                    _check_shape(name, bound, weights)
        effect = "which clips them in the first step"
        warn_outside(weights, self.w_min, self.w_max, "Bounds", effect)

    def __call__(self, weights: Array) -> Array:
        """Return the clipped weights."""
        low, high = (
            jnp.asarray(bound, weights.dtype) if _is_array(bound) else bound
            for bound in (self.w_min, self.w_max)
        )
        return jnp.clip(weights, low, high)


def _is_array(bound: object) -> TypeGuard[Array | AnyArray]:
    """Whether there is a bound for each weight."""
    return isinstance(bound, np.ndarray | jax.Array) and bound.ndim > 0


def _checked(name: str, bound: object) -> float | AnyArray:
    """Return a bound, or raise if it is no finite number or array of such."""
    if isinstance(bound, list | tuple):
        got, remedy = f"a {type(bound).__name__}", "Give np.array of it."
        raise ValidationError(name, "a number or an array", got, remedy)
    return check_array(name, bound) if _is_array(bound) else check_real(name, bound)


def _check_shape(name: str, bound: Array | AnyArray, weights: PyTree) -> None:
    """Raise if there is not one bound for each weight."""
    listed = isinstance(weights, Synapses) and not weights.complete
    wanted = (weights.count,) if listed else tuple(weights.shape)
    if bound.shape != wanted:
        what = "synapse" if listed else "weight"
        expected = f"a number, or one for each {what}, of shape {wanted}"
        raise ValidationError(name, expected, f"shape {bound.shape}")
