"""State boxes: brainstate's states, each of which holds a JAX array of floats.

Nothing else refers to the array. A box works inside ``brainstate.transform.*`` as any state does:
there it hands out and takes tracers, which brainstate replaces with arrays at the end. Under plain
``jax.jit`` a box reads as a constant, and brainstate refuses to write to it.
"""

from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import Sharding
from numpy.typing import ArrayLike

from canns._arrays import as_numpy, as_real
from canns._brainstate import TRACE_CONTEXT, brainstate
from canns._memory import check_memory
from canns._placement import check_divides, host, on_device, placed
from canns._validation import float_dtype
from canns.errors import ValidationError
from canns.models.array_operators import ArrayOperators
from canns.typing import AnyArray, Array, PyTree, StateBox

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
    "zero_weights",
]


class Box(ArrayOperators, brainstate.State[PyTree]):
    """A state whose ``.value`` reads as a JAX array of floats and accepts any array-like.

    The box itself reads as its array too: ``net.W @ x``, ``np.asarray(net.W)``, ``net.s[0]``.

    Attributes:
        sharding: The devices that hold this value and later ones; None leaves the choice to JAX.
    """

    sharding: Sharding | None = None

    if TYPE_CHECKING:  # brainstate's property; it reads as an array and takes any array-like

        @property
        def value(self) -> Array:
            """The array."""

        @value.setter
        def value(self, value: ArrayLike) -> None: ...

    def __init__(self, value: ArrayLike, **metadata: Any) -> None:
        super().__init__(self.as_held(value), **metadata)

    def as_held(self, value: object) -> PyTree:
        """Return what the box holds if ``value`` is written to it."""
        return _as_float(value)

    def _write_value(self, v: ArrayLike) -> None:
        # Training and recall write arrays that need no conversion, so those take the short way.
        ready = isinstance(v, jax.Array) and v.dtype == float_dtype() and self.sharding is None
        if ready:
            super()._write_value(v)
        else:
            self._hold(self.as_held(v))

    def _hold(self, array: Array) -> None:
        super()._write_value(self._placed(array))

    def _placed(self, array: Array) -> Array:
        # A tracer has no device yet; brainstate writes the array that replaces it here, too.
        if self.sharding is None or isinstance(array, jax.core.Tracer):
            return array
        return placed(array, self.sharding)

    def check_placeable(self, sharding: Sharding) -> None:
        """Raise if ``sharding`` cannot spread the value evenly."""
        check_divides(self.shape, sharding)

    def place(self, sharding: Sharding) -> None:
        """Move the value to the devices of ``sharding``, and keep later values there.

        Args:
            sharding: A sharding that divides each axis which it spreads.
        """
        self.check_placeable(sharding)
        self.sharding = sharding
        self.value = self.value

    def snapshot(self) -> PyTree:
        """Return the value, for :meth:`rewind`; this is no read that brainstate need track."""
        return self._value

    def rewind(self, snapshot: PyTree) -> None:
        """Restore the value of :meth:`snapshot`."""
        self.value = snapshot

    def arrays(self) -> dict[str, AnyArray]:
        """Return the arrays to save, by the suffix that each adds to the box's name."""
        return {"": host(self.value)}

    def restore(self, arrays: dict[str, AnyArray], shape: tuple[int | None, ...]) -> bool:
        """Write what :meth:`arrays` returned; return False if it is not of ``shape``.

        Args:
            arrays: The saved arrays.
            shape: The expected shape; None stands for any length.
        """
        if "" not in arrays or not fits(arrays[""].shape, shape):
            return False
        self.value = arrays[""]
        return True

    def __reduce__(self) -> tuple[object, ...]:
        # brainstate's own states hold locks and weak references, which do not pickle.
        return type(self), (host(self.value),)


class Weights(Box, brainstate.ParamState):
    """Weights, which learning changes for good."""


class SlowState(Box, brainstate.LongTermState):
    """A slow variable of plasticity, such as the threshold of BCM."""


class FastState(Box, brainstate.ShortTermState):
    """Activity, a potential or a trace."""


class RuleMemory(SlowState):
    """A box that a learning rule added, such as a running average."""


class RuleTrace(FastState):
    """A box that a learning rule added and that decays with activity, such as a trace."""


def fits(came: tuple[int, ...], shape: tuple[int | None, ...]) -> bool:
    """Whether ``came`` is the expected ``shape``, in which None stands for any length."""
    same = len(came) == len(shape)
    return same and all(m in (n, None) for n, m in zip(came, shape, strict=True))


def filled(shape: tuple[int, ...], value: float = 0.0) -> Array:
    """Return an array filled with one value; unlike ``jnp.full``, it compiles nothing."""
    array: Array = on_device(np.broadcast_to(np.asarray(value, float_dtype()), shape))
    return array


def zero_weights(rows: int, columns: int) -> Weights:
    """Return a box of weights, all zero, or raise if they do not fit the memory."""
    needed = float_dtype().itemsize * rows * columns
    check_memory("num_neurons", needed, f"W, {rows} x {columns},", "Take fewer neurons.")
    return Weights(jnp.zeros((rows, columns), float_dtype()))


def array_in(state: StateBox) -> Array:
    """Return the value of a box, or of any other state, as a JAX array of floats."""
    return _as_float(state.value)


def shape_in(state: StateBox) -> tuple[int, ...]:
    """Return the shape of the value of a box, or of any other state, without building a matrix."""
    return state.shape if isinstance(state, Box) else np.shape(state.value)


def states_of(model: object) -> dict[str, brainstate.State[PyTree]]:
    """Return the boxes of a model, and its plain states that hold floats, by attribute name."""
    held = vars(model).items()
    return {name: state for name, state in held if isinstance(state, Box) or _has_floats(state)}


def _has_floats(state: object) -> bool:
    if not isinstance(state, brainstate.State):
        return False
    value: PyTree = state.value
    array = isinstance(value, jax.Array | np.ndarray)
    return array and bool(jnp.issubdtype(value.dtype, jnp.floating))


def arrays_of(state: brainstate.State[PyTree]) -> dict[str, AnyArray]:
    """Return the arrays to save of a box or plain state, by the suffix of the name."""
    return state.arrays() if isinstance(state, Box) else {"": host(state.value)}


def restore(
    state: brainstate.State[PyTree],
    arrays: dict[str, AnyArray],
    shape: tuple[int | None, ...],
) -> bool:
    """Write what :func:`arrays_of` returned to a box or plain state; return False if it misfits."""
    if isinstance(state, Box):
        return state.restore(arrays, shape)
    if "" not in arrays or not fits(arrays[""].shape, shape):
        return False
    state.value = arrays[""] if isinstance(state.value, np.ndarray) else on_device(arrays[""])
    return True


def in_transformation() -> bool:
    """Whether a ``brainstate.transform`` is tracing, and so tracking every state."""
    return bool(TRACE_CONTEXT.state_stack)


def write_to_box(model: object, name: str, value: object) -> bool:
    """Write ``value`` to the state under ``name``; return False if there is no state to write to.

    So ``net.W = array`` means ``net.W.value = array``. A state is not written: it replaces the old
    one, as in any assignment.

    Args:
        model: The model.
        name: The attribute.
        value: The assigned value.

    Raises:
        ValidationError: If the value is not an array of numbers.
    """
    held = vars(model).get(name)
    if not isinstance(held, brainstate.State) or isinstance(value, StateBox):
        return False
    try:
        held.value = value if isinstance(held, Box) else _as_float(value)
    except ValidationError as error:
        raise error.about(name) from None
    except (TypeError, ValueError) as error:
        got = f"{type(value).__name__}"
        remedy = f"Assign an array, or another state such as brainstate.ParamState(array). {error}"
        raise ValidationError(name, "an array of numbers", got, remedy) from error
    return True


def _as_float(value: object) -> Array:
    dtype = float_dtype()
    if isinstance(value, jax.Array):
        if value.dtype == dtype:
            return value
        _check_real(value.dtype)
        return value.astype(dtype)
    # NumPy's copy is complete when it returns. JAX might share the caller's memory, or copy it in
    # the background while the caller writes to it; and jnp.asarray compiles for every shape.
    array = np.array(as_numpy("value", value))
    if array.dtype == object:
        array = as_real("value", array)
    _check_real(array.dtype)
    with np.errstate(over="ignore"):  # an overflow becomes infinite, as in JAX
        there: Array = on_device(array.astype(dtype, copy=False))
    return there


def _check_real(dtype: np.dtype[np.generic]) -> None:
    numbers = jnp.issubdtype(dtype, jnp.number) or jnp.issubdtype(dtype, jnp.bool_)
    if not numbers or jnp.issubdtype(dtype, jnp.complexfloating):
        raise ValidationError("value", "real numbers", f"dtype {dtype}")
