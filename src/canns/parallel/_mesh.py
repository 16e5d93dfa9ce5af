"""A mesh of devices, and models and arrays spread over it."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

import jax
import numpy as np
from jax.sharding import AxisType, Mesh, NamedSharding, PartitionSpec

from canns._explain import explained
from canns._placement import check_divides, placed
from canns._validation import check_size
from canns.errors import ValidationError
from canns.models.basic import BasicModel
from canns.models.training import Box, shape_in
from canns.typing import PyTree, StateBox

__all__ = ["make_mesh", "shard"]

T = TypeVar("T")

_AXIS = "shard"


@explained
def make_mesh(devices: Sequence[jax.Device] | None = None) -> Mesh:
    """Return a mesh with one axis.

    Args:
        devices: Its devices, in order; None for all devices of all processes.

    Raises:
        ValidationError: If there is no device, or one is given twice.

    Example:
        >>> import jax
        >>> make_mesh(jax.devices()[:1]).size
        1
    """
    chosen = jax.devices() if devices is None else list(devices)
    if not chosen or len(set(chosen)) < len(chosen):
        raise ValidationError("devices", "one or more, all different", str(chosen))
    return Mesh(np.array(chosen), (_AXIS,))


@explained
def shard(target: T, mesh: Mesh, axis: int = -2) -> T:
    r"""Spread one axis of each array over a mesh; arrays without that axis go to all devices.

    =============================  ====  =====================================================
    what                           axis  each device holds, of D
    =============================  ====  =====================================================
    W of a network or a layer      -2    N/D rows; a synchronous update gathers B N states
    W of a network                 -1    N/D columns; for asynchronous sweeps, a sum each neuron
    patterns, a pattern memory     -1    N/D neurons of each; an update sums B P overlaps
    patterns, a pattern memory     -2    P/D patterns; an update sums B N fields
    cues, (B, N)                   0     B/D cues
    members, stacked               0     some of the members
    =============================  ====  =====================================================

    Args:
        target: A model, whose state boxes are placed and stay placed, whatever is written to them;
            or a tree of arrays, such as :class:`~canns.dynamics.StoredPatterns`.
        mesh: From :func:`make_mesh`. If it spans processes, each of them calls this function with
            equal values.
        axis: Which axis; a negative one counts from the last.

    Returns:
        The model itself, or the placed arrays.

    Raises:
        ValidationError: If the number of devices does not divide the axis, or the mesh is not from
            :func:`make_mesh`. Nothing has moved then.

    Example:
        >>> import jax
        >>> from canns.models.brain_inspired import AmariHopfieldNetwork
        >>> net = shard(AmariHopfieldNetwork(8), make_mesh(jax.devices()[:1]))
        >>> net.apply_hebbian_learning([[1.0, -1.0] * 4])
        >>> tuple(net.W.value.sharding.spec)
        ('shard', None)
    """
    place = check_size("axis", axis, low=-2)
    _check_mesh(mesh)
    if not isinstance(target, BasicModel):
        arrays: T = _placed_tree(target, mesh, place)
        return arrays
    boxes = list(_boxes(target))
    plans = [_sharding(shape_in(box), mesh, place) for box in boxes]
    for box, plan in zip(boxes, plans, strict=True):
        if isinstance(box, Box):
            box.check_placeable(plan)
    for box, plan in zip(boxes, plans, strict=True):
        if isinstance(box, Box):
            box.place(plan)
        else:  # a plain state of the user's: placed once, not at every write
            box.value = placed(box.value, plan)
    return target


def _check_mesh(mesh: Mesh) -> None:
    explicit = AxisType.Auto not in mesh.axis_types  # the dynamics would have to name such types
    if mesh.axis_names != (_AXIS,) or explicit:
        got = f"axes {mesh.axis_names} of types {mesh.axis_types}"
        raise ValidationError("mesh", "one that make_mesh returned", got)


def _placed_tree(tree: PyTree, mesh: Mesh, axis: int) -> PyTree:
    leaves, structure = jax.tree.flatten(tree)
    # An array that appears twice, as the patterns of Hebb's couplings do, stays one array.
    arrays = {
        id(leaf): leaf if isinstance(leaf, jax.Array) else np.asarray(leaf) for leaf in leaves
    }
    plans = {key: _sharding(array.shape, mesh, axis) for key, array in arrays.items()}
    there = {key: placed(array, plans[key]) for key, array in arrays.items()}
    return jax.tree.unflatten(structure, [there[id(leaf)] for leaf in leaves])


def _boxes(model: BasicModel) -> Iterator[StateBox]:
    yield from model.boxes().values()
    for member in model.submodels():
        yield from _boxes(member)


def _sharding(shape: tuple[int, ...], mesh: Mesh, axis: int) -> NamedSharding:
    """Return the sharding of an array of this shape with ``axis`` spread."""
    place = axis if axis >= 0 else len(shape) + axis
    names = [_AXIS if i == place else None for i in range(len(shape))]
    spread = PartitionSpec(*names)  # type: ignore[no-untyped-call]
    sharding = NamedSharding(mesh, spread)
    check_divides(shape, sharding)
    return sharding
