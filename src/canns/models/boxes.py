"""State boxes: brainstate's kinds of state, holding a JAX float array that nothing aliases.

A box works inside ``brainstate.transform.*`` as any state does: there it hands out and takes
tracers, which brainstate replaces by arrays at the end. Under plain ``jax.jit`` it reads as a
constant, and brainstate refuses to write to it.
"""

from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import Sharding
from numpy.typing import NDArray

from canns._brainstate import TRACE_CONTEXT, brainstate
from canns._placement import check_divides, host, on_device, placed
from canns._validation import float_dtype
from canns.errors import ValidationError
from canns.models.array_operators import ArrayOperators
from canns.typing import Array, StateBox

__all__ = [
    "Box",
    "FastState",
    "RuleMemory",
    "RuleTrace",
    "SlowState",
    "Weights",
    "array_in",
    "arrays_of",
    "filled",
    "fits",
    "in_transformation",
    "restore",
    "shape_in",
    "states_of",
    "write_to_box",
]


class Box(ArrayOperators, brainstate.State[Any]):
    """A state whose ``.value`` reads as a JAX array of floats and takes whatever NumPy takes.

    The box itself reads as its array too: ``net.W @ x``, ``np.asarray(net.W)``, ``net.s[0]``.

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
        # What training and recall write is already right; this is on the way of each of them.
        ready = isinstance(v, jax.Array) and v.dtype == float_dtype() and self.sharding is None
        if ready:
            super()._write_value(v)
        else:
            self._hold(_as_float(v))

    def _hold(self, array: Array) -> None:
        super()._write_value(self._placed(array))

    def _placed(self, array: Array) -> Array:
        # A tracer has no place yet; the array that follows it is written here too.
        if self.sharding is None or isinstance(array, jax.core.Tracer):
            return array
        return placed(array, self.sharding)

    def place(self, sharding: Sharding) -> None:
        """Put the value where ``sharding`` says, and keep it there.

        Args:
            sharding: Of the value; each axis that it spreads must divide.
        """
        check_divides(self.value.shape, sharding)
        self.sharding = sharding
        self.value = self.value

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
    array: Array = on_device(np.broadcast_to(np.asarray(value, float_dtype()), shape))
    return array


def array_in(state: Any) -> Array:
    """Return the value of a box, or of any other state, as a JAX array of floats."""
    return _as_float(state.value)


def shape_in(state: Any) -> tuple[int, ...]:
    """Return the shape of the value of a box, or of any other state; nothing is built for it."""
    return state.shape if isinstance(state, Box) else np.shape(state.value)


def states_of(model: Any) -> dict[str, brainstate.State[Any]]:
    """Return the boxes of a model by attribute name, and its plain states that hold floats."""
    held = vars(model).items()
    return {name: state for name, state in held if isinstance(state, Box) or _has_floats(state)}


def _has_floats(state: Any) -> bool:
    if not isinstance(state, brainstate.State):
        return False
    value: Any = state.value
    array = isinstance(value, jax.Array | np.ndarray)
    return array and bool(jnp.issubdtype(value.dtype, jnp.floating))


def arrays_of(state: brainstate.State[Any]) -> dict[str, NDArray[Any]]:
    """Return what a file holds of a box, or of a plain state, by what is added to its name."""
    return state.arrays() if isinstance(state, Box) else {"": host(state.value)}


def restore(
    state: brainstate.State[Any],
    arrays: dict[str, NDArray[Any]],
    shape: tuple[int | None, ...],
) -> bool:
    """Put into a box, or a plain state, what :func:`arrays_of` returned; return whether it fits."""
    if isinstance(state, Box):
        return state.restore(arrays, shape)
    if "" not in arrays or not fits(arrays[""].shape, shape):
        return False
    state.value = arrays[""] if isinstance(state.value, np.ndarray) else on_device(arrays[""])
    return True


def in_transformation() -> bool:
    """Whether a ``brainstate.transform`` is tracing, which then keeps track of all states."""
    return bool(TRACE_CONTEXT.state_stack)


def write_to_box(model: Any, name: str, value: Any) -> bool:
    """Write what is assigned to an attribute that holds a state; return whether it held one.

    So ``net.W = array`` means ``net.W.value = array``. Another state takes the place of the first.

    Args:
        model: The model.
        name: The attribute.
        value: What is assigned.

    Raises:
        ValidationError: If the value is no array of numbers.
    """
    held = vars(model).get(name)
    if not isinstance(held, brainstate.State) or isinstance(value, StateBox):
        return False
    try:
        held.value = _as_float(value)
    except (TypeError, ValueError) as error:
        got = f"{type(value).__name__}"
        remedy = f"Assign an array, or another state such as brainstate.ParamState(array). {error}"
        raise ValidationError(name, "an array of numbers", got, remedy) from error
    return True


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
        there: Array = on_device(array.astype(dtype, copy=False))
    return there


def _check_real(dtype: Any) -> None:
    numbers = jnp.issubdtype(dtype, jnp.number) or jnp.issubdtype(dtype, jnp.bool_)
    if not numbers or jnp.issubdtype(dtype, jnp.complexfloating):
        raise ValidationError("value", "real numbers", f"dtype {dtype}")
