"""A fixed set of synapses: memory by the synapse, and a product that costs by the spike."""

from collections.abc import Callable

import jax.numpy as jnp
import numpy as np

from canns._validation import float_dtype
from canns.dynamics.synapses.active import active, each_active
from canns.dynamics.synapses.fans import fans_of
from canns.dynamics.synapses.synapses import Fan, Synapses, put_line, take_line
from canns.errors import ValidationError
from canns.typing import AnyArray, Array, FloatArray, IntArray, pytree, static

__all__ = ["SparseSynapses"]


@pytree
class SparseSynapses(Synapses):
    r"""Synapses between some of the pairs of neurons.

    .. math:: (W x)_i = \sum_{j \in \mathrm{in}(i)} w_{ij}\, x_j

    The synapses of each input fill one row, and rows are as long as the longest; so is the list of
    the synapses onto a neuron. So a synapse takes 16 bytes if all fans are alike. Make them by
    :meth:`from_pairs`, or by a function such as
    :func:`~canns.dynamics.connect_by_probability`.

    Args:
        values: The weights, (in, longest fan-out); zero behind the end of a fan.
        targets: The neuron that each of them leads to, (in, longest fan-out); the number of
            neurons behind the end of a fan.
        incoming: Where the synapses onto each neuron are in ``values``, counted along its rows,
            (out, longest fan-in); the size of ``values`` behind the end of a fan.
        order: Where each synapse is in ``values``, counted along its rows, (synapses,): input by
            input, and neuron by neuron within a fan.
        output_size: The number of neurons.

    Example:
        >>> weights = SparseSynapses.from_pairs((2, 3), pre=[0, 2, 2], post=[1, 0, 1],
        ...                                     weights=[0.5, 1.0, 2.0])
        >>> (weights @ jnp.array([0.0, 0.0, 1.0])).tolist()
        [1.0, 2.0]
        >>> weights.count, weights.to_matrix(weights.values).tolist()
        (3, [[0.0, 0.0, 1.0], [0.5, 0.0, 2.0]])
    """

    values: Array
    targets: Array
    incoming: Array
    order: Array
    output_size: int = static()

    @classmethod
    def from_pairs(
        cls,
        shape: tuple[int, int],
        pre: AnyArray | list[int],
        post: AnyArray | list[int],
        weights: AnyArray | list[float] | float = 0.0,
    ) -> "SparseSynapses":
        """Return one synapse for each pair of an input and a neuron.

        Args:
            shape: The number of neurons and of inputs, (out, in).
            pre: The input of each synapse, (synapses,).
            post: The neuron that it leads to, (synapses,).
            weights: The weight of each synapse, or one weight for all.

        Raises:
            ValidationError: If a synapse leads from or to a neuron that does not exist, or two
                have the same ends.
        """
        out, in_ = shape
        sources, targets = _ends("pre", pre, in_), _ends("post", post, out)
        if sources.shape != targets.shape:
            expected = f"one end for each of {len(sources)} synapses"
            raise ValidationError("post", expected, f"{len(targets)} ends")
        count = len(sources)
        given = np.asarray(weights, float_dtype())
        if given.shape not in ((), (count,)):
            expected = f"one number, or {count}, one for each synapse"
            raise ValidationError("weights", expected, f"shape {given.shape}")
        return cls(*fans_of(shape, sources, targets, given), out)

    @classmethod
    def from_matrix(cls, matrix: AnyArray) -> "SparseSynapses":
        """Return the synapses of the entries that are not zero, of a NumPy or a SciPy matrix.

        Args:
            matrix: The weights, (out, in); a SciPy sparse matrix or array, or an array.
        """
        if hasattr(matrix, "tocoo"):
            found = matrix.tocoo()
            found.sum_duplicates()
            return cls.from_pairs(found.shape, found.col, found.row, found.data)
        dense = np.asarray(matrix)
        if dense.ndim != 2:
            raise ValidationError("matrix", "2-D, (out, in)", f"shape {dense.shape}")
        post, pre = np.nonzero(dense)
        return cls.from_pairs(dense.shape, pre, post, dense[post, pre])

    @property
    def shape(self) -> tuple[int, int]:
        """The shape of the matrix, (out, in)."""
        return self.output_size, self.values.shape[0]

    @property
    def count(self) -> int:
        """The number of synapses."""
        return len(self.order)

    def pairs(self) -> tuple[IntArray, IntArray, FloatArray]:
        """Return the input, the neuron and the weight of each synapse, (synapses,) each."""
        order = np.asarray(self.order)
        targets, values = (np.asarray(held).ravel() for held in (self.targets, self.values))
        return order // self.values.shape[1], targets[order], values[order]

    def listed(self, values: Array) -> Array:
        """Return values in this layout as a list, (synapses,), in the order of :meth:`pairs`."""
        return values.reshape(-1)[self.order]

    def from_list(self, listed: Array) -> Array:
        """Return the values of a list, (synapses,), in this layout; zero behind the ends of fans.

        Example:
            >>> weights = SparseSynapses.from_pairs((2, 3), pre=[0, 2, 2], post=[1, 0, 1])
            >>> weights.from_list(jnp.array([0.5, 1.0, 2.0])).tolist()
            [[0.5, 0.0], [0.0, 0.0], [1.0, 2.0]]
        """
        places = jnp.zeros(self.values.size, listed.dtype)
        return places.at[self.order].set(listed, unique_indices=True).reshape(self.values.shape)

    def with_values(self, values: Array) -> "SparseSynapses":
        """Return the same synapses with other weights."""
        return SparseSynapses(values, self.targets, self.incoming, self.order, self.output_size)

    def to_layout(self, matrix: Array) -> Array:
        """Return the entries of a matrix, (out, in), that are synapses."""
        rows = jnp.arange(len(self.targets))[:, None]
        return jnp.where(self.targets < self.output_size, matrix.T[rows, self.targets], 0)

    def to_matrix(self, values: Array) -> Array:
        """Return values of the synapses as a matrix, (out, in), zero if there is none."""
        rows = jnp.arange(len(self.targets))[:, None]
        blank = jnp.zeros(self.shape, values.dtype)
        return blank.at[self.targets, rows].set(values, mode="drop")

    def to_pairs(self, pre: Array, post: Array, combine: Callable[[Array, Array], Array]) -> Array:
        """Return ``combine(pre[j], post[i])`` of all synapses, (in, longest fan-out)."""
        return combine(pre[:, None], post[self.targets])

    def fan_out(self, arrays: tuple[Array, ...], j: Array) -> Fan:
        """Return the synapses from input ``j``."""
        others = take_line(self.targets, j, 0)
        rows = tuple(take_line(array, j, 0) for array in arrays)
        return Fan(rows, others, others < self.output_size)

    def put_out(
        self, arrays: tuple[Array, ...], j: Array, blocks: tuple[Array, ...]
    ) -> tuple[Array, ...]:
        """Return the arrays with other values for the synapses from input ``j``."""
        return tuple(
            put_line(array, block, j, 0) for array, block in zip(arrays, blocks, strict=True)
        )

    def fan_in(self, arrays: tuple[Array, ...], i: Array) -> Fan:
        """Return the synapses onto neuron ``i``."""
        place, (inputs, width) = take_line(self.incoming, i, 0), self.values.shape
        row, column = place // width, place % width
        blocks = tuple(array.at[row, column].get(mode="clip") for array in arrays)
        return Fan(blocks, jnp.minimum(row, inputs - 1), row < inputs)

    def put_in(
        self, arrays: tuple[Array, ...], i: Array, blocks: tuple[Array, ...]
    ) -> tuple[Array, ...]:
        """Return the arrays with other values for the synapses onto neuron ``i``."""
        place, width = take_line(self.incoming, i, 0), self.values.shape[1]
        at = place // width, place % width
        return tuple(
            array.at[at].set(block, mode="drop")
            for array, block in zip(arrays, blocks, strict=True)
        )

    def __matmul__(self, x: Array) -> Array:
        """Return the sum of the fans of the active inputs, each times its input."""

        def add(j: Array, total: Array) -> Array:
            sent = take_line(x, j, 0) * take_line(self.values, j, 0)
            return total.at[take_line(self.targets, j, 0)].add(sent, mode="drop")

        return each_active(active(x), add, jnp.zeros(self.output_size, self.dtype))


def _ends(name: str, given: AnyArray | list[int], size: int) -> IntArray:
    """Return the neurons at one end of the synapses, or raise if there are none such."""
    ends = np.asarray(given)
    if ends.ndim != 1 or not (ends.size == 0 or np.issubdtype(ends.dtype, np.integer)):
        raise ValidationError(name, "whole numbers, (synapses,)", f"{ends.dtype} of {ends.shape}")
    if ends.size and (ends.min() < 0 or ends.max() >= size):
        expected = f"from 0 to {size - 1}, the neurons that there are"
        raise ValidationError(name, expected, f"{ends.min()} to {ends.max()}")
    return np.asarray(ends, np.int32)
