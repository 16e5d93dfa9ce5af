"""Pairs of neurons sorted into fans, in little more memory than the result takes."""

from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from numpy import typing as npt

from canns._memory import check_memory
from canns.errors import ValidationError
from canns.typing import AnyArray, Array, FloatArray, IntArray

__all__ = ["Fans", "fans_of"]

_PART = 1 << 20  # synapses for which whole numbers are made at a time


class Fans(NamedTuple):
    """The arrays of :class:`~canns.dynamics.SparseSynapses`."""

    values: Array
    targets: Array
    incoming: Array
    order: Array


def fans_of(shape: tuple[int, int], pre: IntArray, post: IntArray, weights: FloatArray) -> Fans:
    """Return the synapses, sorted: input by input, and neuron by neuron within a fan.

    SciPy's conversions between compressed rows and columns count and place, so they take a pass
    for each array and no memory beside the result.

    Args:
        shape: The number of neurons and of inputs, (out, in).
        pre: The input of each synapse, (synapses,), int32.
        post: The neuron that it leads to, (synapses,), int32.
        weights: The weight of each synapse, or one for all.
    """
    out, in_ = shape
    starts, ends, sent = _rows_of(shape, pre, post, weights)
    filled, order = _places(starts, in_, "input")
    # One after the other, so that only one array is there twice.
    received = _copied(_incoming(starts, ends, order, out, filled.size))
    where = _copied(order)
    del order
    targets = _copied(_spread(ends, filled, out, np.int32))
    del ends
    return Fans(_copied(_spread(sent, filled, 0, weights.dtype)), targets, received, where)


def _spread(listed: AnyArray, filled: AnyArray, rest: int, dtype: npt.DTypeLike) -> AnyArray:
    """Return the values of a list in the places that are synapses, and ``rest`` in others."""
    places = np.full(filled.shape, rest, dtype)
    places[filled] = listed
    return places


def _copied(array: AnyArray) -> Array:
    """Return the array on the device, when the copy is complete."""
    copy: Array = jnp.asarray(array).block_until_ready()
    return copy


def _rows_of(
    shape: tuple[int, int], pre: IntArray, post: IntArray, weights: FloatArray
) -> tuple[IntArray, IntArray, FloatArray]:
    """Return where the fan of each input starts, and the neurons and weights of all fans."""
    from scipy import sparse

    # One weight for all need not be sorted: bytes stand for it.
    given = weights if weights.ndim else np.ones(len(pre), np.int8)
    rows = sparse.coo_array((given, (pre, post)), shape=shape[::-1]).tocsr()
    if rows.nnz < len(pre):
        remedy = "Add up the weights of synapses between the same neurons."
        raise ValidationError("post", "one synapse for a pair of neurons", "several", remedy)
    return rows.indptr, rows.indices, rows.data if weights.ndim else weights


def _incoming(
    starts: IntArray, ends: IntArray, order: IntArray, out: int, nowhere: int
) -> IntArray:
    """Return where the synapses onto each neuron are, (out, longest fan-in)."""
    from scipy import sparse

    rows = sparse.csr_array((order, ends, starts), shape=(len(starts) - 1, out))
    columns = rows.tocsc()
    firsts, places = columns.indptr, columns.data
    del columns  # and with it the inputs, which nobody needs
    received, _ = _mask(firsts, out, "neuron")
    return _spread(places, received, nowhere, np.int32)


def _places(starts: IntArray, size: int, what: str) -> tuple[AnyArray, IntArray]:
    """Return which places of the fans are synapses, and where each of the synapses is."""
    filled, width = _mask(starts, size, what)
    empty = np.arange(size) * width - starts[:-1]  # places before a fan that are no synapses
    order = np.repeat(empty.astype(np.int32), np.diff(starts))
    for first in range(0, len(order), _PART):
        part = order[first : first + _PART]
        part += np.arange(first, first + len(part), dtype=np.int32)
    return filled, order


def _mask(starts: IntArray, size: int, what: str) -> tuple[AnyArray, int]:
    """Return which places are filled, (size, longest fan), and the longest fan, at least 1."""
    lengths = np.diff(starts)
    longest = max(1, int(lengths.max(initial=0)))
    _check_room(int(starts[-1]), size, longest, what)
    return np.arange(longest) < lengths[:, None], longest


def _check_room(count: int, size: int, longest: int, what: str) -> None:
    """Raise if a few long fans make the store of all too large."""
    needed = size * longest
    if needed >= 2**31:
        expected = f"fewer than 2^31 places; the longest fan of an {what} is {longest}"
        raise ValidationError("synapses", expected, f"{needed}")
    check_memory("synapses", 16 * needed, f"{count} synapses", "Take fewer synapses.")
