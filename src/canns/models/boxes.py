"""State boxes: brainstate's kinds of state, holding a JAX float array that nothing aliases."""

from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import Sharding
from numpy.typing import NDArray

from canns._brainstate import brainstate
from canns._placement import check_divides, host, placed
from canns._validation import float_dtype
from canns.errors import ValidationError
from canns.typing import Array

__all__ = [
    "Box",
    "FastState",
    "RuleMemory",
    "RuleTrace",
    "SlowState",
    "Weights",
    "filled",
    "fits",
]


class Box(brainstate.State[Any]):
    """A state whose ``.value`` reads as a JAX array of floats and takes whatever NumPy takes.

    Attributes:
        sharding: Where the value is, and all that is written to it from now on; None for where
            JAX puts it.
    """

    sharding: Sharding | None = None

    if TYPE_CHECKING:
        value: Any

    def __init__(self, value: Any, **metadata: Any) -> None:
        super().__init__(_as_float(value), **metadata)

    def _write_value(self, v: Any) -> None:
        self._hold(_as_float(v))

    def _hold(self, array: Array) -> None:
        there = array if self.sharding is None else placed(array, self.sharding)
        super()._write_value(there)

    def place(self, sharding: Sharding) -> None:
        """Put the value where ``sharding`` says, and keep it there.

        Args:
            sharding: Of the value; each axis that it spreads must divide.
        """
        check_divides(self.value.shape, sharding)
        self.sharding = sharding
        self.value = self.value

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the value."""
        shape: tuple[int, ...] = self.value.shape
        return shape

    def snapshot(self) -> Any:
        """Return what :meth:`rewind` puts back."""
        return self.value

    def rewind(self, snapshot: Any) -> None:
        """Put back what was here when the snapshot was taken."""
        self.value = snapshot

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return what a file holds of the box, by what is added to its name."""
        return {"": host(self.value)}

    def restore(self, arrays: dict[str, NDArray[Any]], shape: tuple[int | None, ...]) -> bool:
        """Take what :meth:`arrays` returned, if it is of ``shape``, in which None is any length."""
        if "" not in arrays or not fits(arrays[""].shape, shape):
            return False
        self.value = arrays[""]
        return True

    def __reduce__(self) -> tuple[Any, ...]:
        # brainstate's own states hold locks and weak references, which do not pickle.
        return type(self), (host(self.value),)


class Weights(Box, brainstate.ParamState):
    """What learning changes for good."""


class SlowState(Box, brainstate.LongTermState):
    """What plasticity remembers, such as the threshold of BCM."""


class FastState(Box, brainstate.ShortTermState):
    """Activity, potentials and traces."""


class RuleMemory(SlowState):
    """What a learning rule brought with it, such as a running average."""


class RuleTrace(FastState):
    """What a learning rule brought with it and passes with activity, such as a trace."""


def fits(came: tuple[int, ...], shape: tuple[int | None, ...]) -> bool:
    """Whether a shape is the one expected, in which None is any length."""
    same = len(came) == len(shape)
    return same and all(m in (n, None) for n, m in zip(came, shape, strict=True))


def filled(shape: tuple[int, ...], value: float = 0.0) -> Array:
    """Return an array of one value; unlike those of jnp, nothing has to be compiled for it."""
    array: Array = jax.device_put(np.broadcast_to(np.asarray(value, float_dtype()), shape))
    return array


def _as_float(value: Any) -> Array:
    dtype = float_dtype()
    if isinstance(value, jax.Array):
        if value.dtype == dtype:
            return value
        _check_real(value.dtype)
        return value.astype(dtype)
    # A copy by NumPy, done when it returns: JAX may share the memory, or copy it in the background,
    # while its owner goes on writing to it. Not by jnp.asarray, which compiles for every shape.
    array = np.array(value)
    _check_real(array.dtype)
    with np.errstate(over="ignore"):  # what overflows is infinite, as in JAX
        copy: Array = jax.device_put(array.astype(dtype, copy=False))
    return copy


def _check_real(dtype: Any) -> None:
    if jnp.issubdtype(dtype, jnp.complexfloating):
        raise ValidationError("value", "real", f"dtype {dtype}")
