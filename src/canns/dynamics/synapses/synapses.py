"""Synapses that stand in place of a weight matrix, and whose product costs by the spike."""

from abc import abstractmethod
from collections.abc import Callable
from typing import Any, ClassVar, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from canns._explain import explain_methods
from canns._kernel import barrier
from canns.dynamics.synapses.active import active, each_active
from canns.typing import Array, pytree

__all__ = ["EventMatrix", "Fan", "Synapses", "put_line", "take_line"]

# Nanoseconds on a CPU: for an active neuron, whatever its fan; for a synapse of the fan of an
# input, whose neighbours lie side by side, and of the fan onto a neuron, whose neighbours lie far
# apart; and for a synapse if all are taken at once.
_A_SPIKE, _NEAR, _FAR, _AT_ONCE = 1500.0, 0.25, 5.0, 0.35


class Fan(NamedTuple):
    """The synapses of one neuron, and the neurons at their other ends.

    Args:
        blocks: The values of these synapses in each array, (fan,) each.
        others: The neurons at the other end, (fan,), or a slice if they are all neurons.
        valid: Which of the synapses exist, (fan,), or True.
    """

    blocks: tuple[Array, ...]
    others: Array | slice
    valid: Array | bool


class Synapses:
    """A weight matrix, (out, in), stored so that the synapses of one input lie side by side.

    ``synapses @ x`` visits only the inputs that are not zero. A subclass is a pytree whose field
    ``values`` holds the weights. Other quantities of the synapses, such as a rule's memory, are
    arrays of the same layout.
    """

    values: Array
    #: Whether each input leads to each neuron, so that all synapses may also be taken at once.
    complete: ClassVar[bool] = False
    ndim: ClassVar[int] = 2

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        explain_methods(cls)

    @property
    @abstractmethod
    def shape(self) -> tuple[int, int]:
        """The shape of the matrix, (out, in)."""

    @property
    @abstractmethod
    def count(self) -> int:
        """The number of synapses."""

    @property
    def dtype(self) -> np.dtype[np.floating]:
        """The type of the weights."""
        return self.values.dtype

    @property
    def size(self) -> int:
        """The number of entries of the matrix."""
        out, in_ = self.shape
        return out * in_

    def __len__(self) -> int:
        return self.shape[0]

    @abstractmethod
    def listed(self, values: Array) -> Array:
        """Return values in this layout as a list of the synapses that there are, (synapses,)."""

    @abstractmethod
    def from_list(self, listed: Array) -> Array:
        """Return the values of a list of the synapses, (synapses,), in this layout."""

    @abstractmethod
    def with_values(self, values: Array) -> "Synapses":
        """Return the same synapses with other weights, in this layout."""

    @abstractmethod
    def to_layout(self, matrix: Array) -> Array:
        """Return the entries of a matrix, (out, in), that are synapses, in this layout."""

    @abstractmethod
    def to_matrix(self, values: Array) -> Array:
        """Return values in this layout as a matrix, (out, in), zero if there is no synapse."""

    def outside(self, values: Array) -> Array:
        """Return values as they are outside of a run: a matrix if complete, else a list."""
        return self.to_matrix(values) if self.complete else self.listed(values)

    def inside(self, values: Array) -> Array:
        """Return what :meth:`outside` returned in this layout."""
        return self.to_layout(values) if self.complete else self.from_list(values)

    @abstractmethod
    def to_pairs(self, pre: Array, post: Array, combine: Callable[[Array, Array], Array]) -> Array:
        """Return ``combine(pre[j], post[i])`` of all synapses, in this layout."""

    @abstractmethod
    def fan_out(self, arrays: tuple[Array, ...], j: Array) -> Fan:
        """Return the synapses from input ``j``, of arrays in this layout."""

    @abstractmethod
    def put_out(
        self, arrays: tuple[Array, ...], j: Array, blocks: tuple[Array, ...]
    ) -> tuple[Array, ...]:
        """Return the arrays with other values for the synapses from input ``j``."""

    @abstractmethod
    def fan_in(self, arrays: tuple[Array, ...], i: Array) -> Fan:
        """Return the synapses onto neuron ``i``, of arrays in this layout."""

    @abstractmethod
    def put_in(
        self, arrays: tuple[Array, ...], i: Array, blocks: tuple[Array, ...]
    ) -> tuple[Array, ...]:
        """Return the arrays with other values for the synapses onto neuron ``i``."""

    def many(self, pre: Array, post: Array | int = 0) -> Array:
        """Whether all synapses at once cost less than the fans of so many active neurons."""
        return jnp.asarray(False)

    @abstractmethod
    def __matmul__(self, x: Array) -> Array:
        """Return what each neuron receives from the input ``x``, (in,)."""


@pytree
class EventMatrix(Synapses):
    """All-to-all synapses, stored as the transposed matrix, (in, out).

    Steps in which many neurons are active are computed with the whole matrix, because that is then
    faster; the activity of the step alone decides.

    Args:
        values: The transposed weights, (in, out).

    Example:
        >>> weights = EventMatrix(jnp.array([[1.0], [2.0]]))
        >>> weights.shape, (weights @ jnp.array([0.0, 1.0])).tolist()
        ((1, 2), [2.0])
    """

    values: Array

    complete: ClassVar[bool] = True

    @property
    def shape(self) -> tuple[int, int]:
        """The shape of the matrix, (out, in)."""
        in_, out = self.values.shape
        return out, in_

    @property
    def count(self) -> int:
        """The number of synapses."""
        return int(np.prod(self.shape))

    def listed(self, values: Array) -> Array:
        """Return values as a list of all synapses, (synapses,), input by input."""
        return values.reshape(-1)

    def from_list(self, listed: Array) -> Array:
        """Return the values of a list of all synapses in this layout, (in, out)."""
        return listed.reshape(self.values.shape)

    def with_values(self, values: Array) -> "EventMatrix":
        """Return the matrix of other weights, (in, out)."""
        return EventMatrix(values)

    def to_layout(self, matrix: Array) -> Array:
        """Return the transposed matrix."""
        return matrix.T

    def to_matrix(self, values: Array) -> Array:
        """Return the transposed matrix."""
        return values.T

    def to_pairs(self, pre: Array, post: Array, combine: Callable[[Array, Array], Array]) -> Array:
        """Return ``combine(pre[j], post[i])``, (in, out)."""
        return combine(pre[:, None], post)

    def fan_out(self, arrays: tuple[Array, ...], j: Array) -> Fan:
        """Return row ``j`` of each array."""
        rows = tuple(take_line(array, j, 0) for array in arrays)
        return Fan(rows, slice(None), True)

    def put_out(
        self, arrays: tuple[Array, ...], j: Array, blocks: tuple[Array, ...]
    ) -> tuple[Array, ...]:
        """Return the arrays with other rows ``j``."""
        return tuple(
            put_line(array, block, j, 0) for array, block in zip(arrays, blocks, strict=True)
        )

    def fan_in(self, arrays: tuple[Array, ...], i: Array) -> Fan:
        """Return column ``i`` of each array."""
        columns = tuple(take_line(array, i, 1) for array in arrays)
        return Fan(columns, slice(None), True)

    def put_in(
        self, arrays: tuple[Array, ...], i: Array, blocks: tuple[Array, ...]
    ) -> tuple[Array, ...]:
        """Return the arrays with other columns ``i``."""
        return tuple(
            put_line(array, block, i, 1) for array, block in zip(arrays, blocks, strict=True)
        )

    def many(self, pre: Array, post: Array | int = 0) -> Array:
        """Whether the whole matrix costs less than the fans of so many active neurons.

        Args:
            pre: Number of active inputs.
            post: Number of active neurons whose fans are visited, too.
        """
        out, in_ = self.shape
        costly: Array = self.seconds(out, in_, pre, post) > self.seconds(out, in_, None)
        return costly

    @staticmethod
    def seconds(out: int, in_: int, pre: Any, post: Any = 0) -> Any:
        """Return the estimated time of a step on a CPU.

        Args:
            out: Number of neurons.
            in_: Number of inputs.
            pre: Number of active inputs; None if all synapses are taken at once.
            post: Number of active neurons whose fans are visited, too.
        """
        if pre is None:
            return 1e-9 * _AT_ONCE * out * in_
        near, far = _A_SPIKE + _NEAR * out, _A_SPIKE + _FAR * in_
        return 1e-9 * (near * pre + far * post)

    def __matmul__(self, x: Array) -> Array:
        """Return the sum of the fans of the active inputs, each times its input."""
        found = active(x)
        many = self.many(found.count)

        def at_once(turn: Array, total: Array) -> Array:
            # XLA would compute the product before the loop, even if the loop has no turn.
            x_now, _ = barrier((x, turn))
            whole: Array = total + x_now @ self.values
            return whole

        def add(j: Array, total: Array) -> Array:
            return total + take_line(x, j, 0) * take_line(self.values, j, 0)

        total = jnp.zeros(self.shape[0], self.dtype)
        total = jax.lax.fori_loop(0, many.astype(jnp.int32), at_once, total)
        summed: Array = each_active(found.unless(many), add, total)
        return summed


def take_line(array: Array, at: Array, axis: int) -> Array:
    """Return entry, row or column ``at`` of an array as a vector."""
    part: Array = jax.lax.dynamic_slice_in_dim(array, at, 1, axis, allow_negative_indices=False)
    return part.reshape(-1)


def put_line(array: Array, block: Array, at: Array, axis: int) -> Array:
    """Return a matrix with another row or column ``at``."""
    part = jnp.expand_dims(block, axis)
    whole: Array = jax.lax.dynamic_update_slice_in_dim(
        array, part, at, axis, allow_negative_indices=False
    )
    return whole
