"""Where arrays are: spread over the devices of a mesh, on all of them, or in host memory."""

import jax
import numpy as np
from jax.sharding import NamedSharding, PartitionSpec, Sharding

from canns.errors import ValidationError
from canns.typing import AnyArray, Array, PyTree

__all__ = ["check_divides", "host", "on_device", "placed", "replicated"]


def placed(array: Array | AnyArray, sharding: Sharding) -> jax.Array:
    """Return ``array`` where ``sharding`` says; one of a single process must be the same in all."""
    check_divides(array.shape, sharding)
    local = isinstance(array, np.ndarray) or array.is_fully_addressable
    if sharding.is_fully_addressable or not local:
        there: jax.Array = jax.device_put(array, sharding)
        return there
    # Not by device_put, which would send the whole array round to compare it.
    values = np.asarray(array)
    return jax.make_array_from_callback(values.shape, sharding, values.__getitem__)


def check_divides(shape: tuple[int, ...], sharding: Sharding) -> None:
    """Raise where the parts of an array of this shape would not be of one size."""
    try:
        sharding.shard_shape(shape)
    except ValueError as error:
        expected = f"such that the axis to spread divides by {sharding.num_devices} devices"
        remedy = "Use a mesh of fewer devices, or another size."
        raise ValidationError("shape", expected, str(shape), remedy) from error


def replicated(array: jax.Array) -> jax.Array:
    """Return ``array`` whole on each device of its mesh, and so readable in each process."""
    sharding = array.sharding
    if not isinstance(sharding, NamedSharding) or sharding.is_fully_replicated:
        return array
    everywhere = PartitionSpec()  # type: ignore[no-untyped-call]
    whole: jax.Array = jax.device_put(array, NamedSharding(sharding.mesh, everywhere))
    return whole


def host(array: object) -> AnyArray:
    """Return ``array`` as NumPy, gathered where other processes hold parts of it."""
    if isinstance(array, jax.Array) and not array.is_fully_addressable:
        array = replicated(array)
    return np.asarray(array)


def on_device(arrays: PyTree) -> PyTree:
    """Return NumPy arrays as JAX arrays, which they are even while JAX traces, in one call.

    Unlike jnp.asarray, this compiles nothing for a new shape.
    """
    with jax.ensure_compile_time_eval():
        return jax.device_put(arrays)
