"""Placement of arrays: spread over a mesh of devices, replicated on all, or in host memory."""

import jax
import numpy as np
from jax.sharding import NamedSharding, PartitionSpec, Sharding

from canns import _forks
from canns.errors import ValidationError
from canns.typing import AnyArray, Array, PyTree

__all__ = ["check_divides", "host", "native", "on_device", "placed", "replicated"]


def placed(array: Array | AnyArray, sharding: Sharding) -> jax.Array:
    """Return ``array`` placed by ``sharding``; a local array must be equal in all processes."""
    check_divides(array.shape, sharding)
    local = isinstance(array, np.ndarray) or array.is_fully_addressable
    if sharding.is_fully_addressable or not local:
        there: jax.Array = jax.device_put(array, sharding)
        return there
    # Not device_put, which would send the whole array to the other processes to compare it.
    values = np.asarray(array)
    return jax.make_array_from_callback(values.shape, sharding, values.__getitem__)


def check_divides(shape: tuple[int, ...], sharding: Sharding) -> None:
    """Raise if ``sharding`` would cut an array of this shape into parts of unequal size."""
    try:
        sharding.shard_shape(shape)
    except ValueError as error:
        expected = f"one whose axis to spread divides by {sharding.num_devices} devices"
        remedy = "Use a mesh of fewer devices, or another size."
        raise ValidationError("shape", expected, str(shape), remedy) from error


def replicated(array: jax.Array) -> jax.Array:
    """Return ``array`` whole on each device of its mesh, so that each process can read it."""
    sharding = array.sharding
    if not isinstance(sharding, NamedSharding) or sharding.is_fully_replicated:
        return array
    everywhere = PartitionSpec()  # type: ignore[no-untyped-call]
    whole: jax.Array = jax.device_put(array, NamedSharding(sharding.mesh, everywhere))
    return whole


def host(array: object) -> AnyArray:
    """Return ``array`` as NumPy, gathered if other processes hold parts of it."""
    if isinstance(array, np.ndarray):
        return array
    if isinstance(array, jax.Array) and not array.is_fully_addressable:
        array = replicated(array)
    return np.asarray(array)


def native(arrays: PyTree) -> PyTree:
    """Return a pytree whose NumPy arrays are in the byte order of this machine.

    A compiled program of JAX that was called with such arrays before reads those of the other
    order, as files of HDF5 and FITS hold them, as if they were in its own.
    """
    for leaf in jax.tree.leaves(arrays):
        if isinstance(leaf, np.ndarray) and not leaf.dtype.isnative:
            return jax.tree.map(_in_native_order, arrays)
    return arrays


def _in_native_order(leaf: PyTree) -> PyTree:
    if isinstance(leaf, np.ndarray) and not leaf.dtype.isnative:
        return leaf.astype(leaf.dtype.newbyteorder("="))
    return leaf


def on_device(arrays: PyTree) -> PyTree:
    """Return a pytree of NumPy arrays as JAX arrays, which stay concrete while JAX traces.

    Unlike jnp.asarray, this compiles nothing for a new shape.
    """
    if _forks.forked:
        _forks.refuse_fork()
    with jax.ensure_compile_time_eval():
        return jax.device_put(arrays)
