"""The operators by which a state box can be used as the array that it holds."""

import operator
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, TypeAlias

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import DTypeLike

from canns._placement import host
from canns.typing import AnyArray, Array

__all__ = ["ArrayOperators"]

Operator: TypeAlias = Callable[[Any, Any], Array]
Index: TypeAlias = Any  # integers, slices, masks, arrays, and tuples of these

# Public attributes of arrays, which a box forwards to its array.
_ARRAY_NAMES = frozenset(
    name for name in (*dir(jax.Array), *dir(np.ndarray)) if not name.startswith("_")
)


def _binary(function: Operator) -> Callable[["ArrayOperators", object], Array]:
    def method(self: "ArrayOperators", other: object) -> Array:
        result: Array = function(self.array, _plain(other))
        return result

    return method


def _reflected(function: Operator) -> Callable[["ArrayOperators", object], Array]:
    def method(self: "ArrayOperators", other: object) -> Array:
        result: Array = function(_plain(other), self.array)
        return result

    return method


class ArrayOperators:
    """An object that reads as the array in ``self.value``.

    Arithmetic, NumPy and JAX functions, and indexing work on the array. There are three exceptions,
    because dicts and sets hold states: ``==`` and ``hash`` go by identity, and a box is always
    true. To compare values, write ``box.value == other``. ``box.copy()`` is brainstate's and
    returns another state.

    Example:
        >>> from canns.models.brain_inspired import AmariHopfieldNetwork
        >>> net = AmariHopfieldNetwork(3)
        >>> (2 * net.s - 1).tolist(), net.s[0].item(), net.W.shape, (net.W @ net.s).tolist()
        ([1.0, 1.0, 1.0], 1.0, (3, 3), [0.0, 0.0, 0.0])
    """

    if TYPE_CHECKING:
        value: Array

    # So NumPy's operators leave `array * box` to the box, which returns a JAX array.
    __array_priority__ = 1000

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> AnyArray:
        array = np.asarray(host(self.array), dtype)
        return array.copy() if copy else array

    def __jax_array__(self) -> Array:
        array: Array = jnp.asarray(self.array)
        return array

    @property
    def array(self) -> Array:
        """The value as an array; a value of another kind is made into one."""
        return self.value

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the value."""
        shape: tuple[int, ...] = self.value.shape
        return shape

    @property
    def ndim(self) -> int:
        """The number of axes of the value."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """The number of entries of the value."""
        return int(np.prod(self.shape))

    @property
    def dtype(self) -> np.dtype[np.generic]:
        """The type of the entries."""
        dtype: np.dtype[np.generic] = self.value.dtype
        return dtype

    @property
    def T(self) -> Array:  # the name that arrays have
        """The transposed value."""
        transposed: Array = self.array.T
        return transposed

    def __len__(self) -> int:
        if not self.shape:
            raise TypeError("len() of a box of one number")
        return self.shape[0]

    def __bool__(self) -> bool:
        return True

    def __iter__(self) -> Iterator[Array]:
        return iter(self.array)

    def __getitem__(self, index: Index) -> Array:
        part: Array = self.array[index]
        return part

    def __setitem__(self, index: Index, value: object) -> None:
        self.value = jnp.asarray(self.array).at[index].set(_plain(value))

    def __getattr__(self, name: str) -> Any:
        if name in _ARRAY_NAMES:
            return getattr(self.array, name)
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def __float__(self) -> float:
        return float(self.array)

    def __int__(self) -> int:
        return int(self.array)

    def __neg__(self) -> Array:
        result: Array = -self.array
        return result

    def __pos__(self) -> Array:
        result: Array = +self.array
        return result

    def __abs__(self) -> Array:
        result: Array = abs(self.array)
        return result

    __add__, __radd__ = _binary(operator.add), _reflected(operator.add)
    __sub__, __rsub__ = _binary(operator.sub), _reflected(operator.sub)
    __mul__, __rmul__ = _binary(operator.mul), _reflected(operator.mul)
    __matmul__, __rmatmul__ = _binary(operator.matmul), _reflected(operator.matmul)
    __truediv__, __rtruediv__ = _binary(operator.truediv), _reflected(operator.truediv)
    __floordiv__, __rfloordiv__ = _binary(operator.floordiv), _reflected(operator.floordiv)
    __mod__, __rmod__ = _binary(operator.mod), _reflected(operator.mod)
    __pow__, __rpow__ = _binary(operator.pow), _reflected(operator.pow)
    __lt__, __gt__ = _binary(operator.lt), _binary(operator.gt)
    __le__, __ge__ = _binary(operator.le), _binary(operator.ge)


def _plain(other: object) -> object:
    """Return an operand that JAX accepts: the value of a box, the array of a list."""
    if isinstance(other, ArrayOperators):
        return other.array
    return np.asarray(other) if isinstance(other, list | tuple) else other
