"""The Lagrangian of a layer: a function of its potentials whose gradient is its activities."""

import math
from abc import abstractmethod
from functools import lru_cache

import jax
import jax.numpy as jnp
import numpy as np

from canns._validation import inside_trace
from canns.errors import ValidationError
from canns.typing import Array, Parameters

__all__ = ["Lagrangian"]


class Lagrangian(Parameters):
    r"""A function L of a layer's potentials x, which defines its activities :math:`g = dL/dx`.

    A subclass is a frozen dataclass (:func:`~canns.typing.pytree`) with the method :meth:`value`.
    The energy falls along the dynamics if L is convex, so that its Hessian, the slope of the
    activities, is positive semidefinite.

    Example:
        >>> import jax.numpy as jnp
        >>> from canns.typing import pytree
        >>> @pytree
        ... class Quartic(Lagrangian):
        ...     def value(self, x):
        ...         return jnp.sum(x**4, axis=-1) / 4
        >>> Quartic().activity(jnp.array([1.0, -2.0])).tolist()
        [1.0, -8.0]

    Source: Krotov & Hopfield (2021), ICLR, arXiv:2008.06996.
    """

    @abstractmethod
    def value(self, x: Array) -> Array:
        """Return L, (...), of potentials, (..., N)."""

    def activity(self, x: Array) -> Array:
        """Return the activities g = dL/dx, (..., N), of potentials, (..., N)."""
        slope: Array = jax.grad(lambda x: jnp.sum(self.value(x)))(x)
        return slope

    @property
    def largest_slope(self) -> float:
        """The largest eigenvalue that the Hessian of L has anywhere; infinite if there is none."""
        return math.inf

    def check(self, name: str, size: int) -> None:
        """Raise if L or its activities, of ``size`` neurons, are not finite or not of their shapes.

        They are tried at a few potentials, of which one is zero. Inside a JAX transformation they
        are not tried.

        Args:
            name: The name of the layer, for the error.
            size: Number of neurons.
        """
        self.validate()
        if size == 0 or inside_trace(self):
            return
        try:
            fault = _fault_once(self, size)
        except TypeError:  # a field that has no hash, such as an array
            fault = _fault(self, size)
        if fault:
            expected, came = fault
            owner = f"the Lagrangian of the layer {name!r}"
            raise ValidationError(owner, expected, came, f"Mend {type(self).__name__}.")


def _fault(lagrangian: Lagrangian, size: int) -> tuple[str, str] | None:
    """Return what was expected of a Lagrangian and what came, or None if nothing is wrong."""
    ramp = np.linspace(-1.0, 1.0, size) if size > 1 else np.ones(1)
    x = jnp.asarray(np.stack([np.zeros(size), ramp, 3.0 * ramp]))
    try:
        parts = {"value": lagrangian.value(x), "activity": lagrangian.activity(x)}
    except (TypeError, ValueError) as error:
        return f"a function of ({size},) potentials", f"an error: {error}"
    for name, shape in (("value", (3,)), ("activity", (3, size))):
        if parts[name].shape != shape:
            return f"{name} of shape {shape} for {shape[0]} rows", f"shape {parts[name].shape}"
        if not np.isfinite(np.asarray(parts[name])).all():
            return f"a finite {name} at potentials of 0, 1 and 3", f"{np.asarray(parts[name])}"
    return None


_fault_once = lru_cache(maxsize=256)(_fault)
