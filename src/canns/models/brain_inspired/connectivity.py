"""The connectivity of a layer, in any of the forms that a user may give, made into synapses."""

from typing import Any, TypeAlias

import numpy as np
from numpy import typing as npt

from canns._validation import check_array
from canns.dynamics import (
    Connections,
    Neuron,
    SparseSynapses,
    SynapticDelays,
    connections_of,
    steps_of_delays,
)
from canns.errors import ValidationError
from canns.models.brain_inspired.synapse_box import Copies, SynapseBox
from canns.plasticity.learning import obstacle_to_synapses
from canns.typing import JSON, AnyArray, FloatArray, IntArray

__all__ = [
    "IN_ARRAYS",
    "Connectivity",
    "arguments_in",
    "delayed",
    "step_of",
    "synapses_of",
    "with_connections",
]

#: Arguments of a layer that a file has among its arrays.
IN_ARRAYS = "connectivity", "delays"

#: Connections, synapses, or a matrix of NumPy or SciPy whose entries that are not zero are the
#: first weights.
Connectivity: TypeAlias = Any
Neurons: TypeAlias = npt.NDArray[np.int32]


def synapses_of(
    connectivity: Connectivity,
    delays: npt.ArrayLike | None,
    shape: tuple[int, int],
    neuron: Neuron,
    dt: float,
) -> tuple[SynapseBox, bool]:
    """Return the box of a layer's synapses, and whether their weights are still to be drawn.

    Args:
        connectivity: See :class:`FeedForwardLayer`.
        delays: See :class:`FeedForwardLayer`.
        shape: The numbers of neurons and of inputs, (out, in).
        neuron: The neuron.
        dt: Length of a step in ms.
    """
    obstacle = obstacle_to_synapses(neuron)
    if obstacle is not None:
        raise ValidationError("connectivity", f"None, because {obstacle}", "some")
    made, weights = _connections(connectivity)
    if made.shape != shape:
        expected = f"for {shape[1]} inputs and {shape[0]} neurons, (out, in) = {shape}"
        remedy = "The first axis is that of the neurons: transpose it, or change the sizes."
        raise ValidationError("connectivity", expected, f"shape {made.shape}", remedy)
    columns, copies = made.pre, None
    if delays is not None:
        made.check()  # synapses of one pair might come from different copies of an input
        columns, copies = _copies(made, _steps(delays, made, dt), dt)
    width = shape[1] if copies is None else len(copies.sources)
    synapses = SparseSynapses.from_pairs(
        (shape[0], width), columns, made.post, 0.0 if weights is None else weights
    )
    return SynapseBox(synapses, shape[1], copies), weights is None


def delayed(neuron: Neuron, copies: Copies, input_size: int) -> SynapticDelays:
    """Return the neuron with the delays of its synapses; raise if they are in steps of another dt.

    Args:
        neuron: The neuron.
        copies: The copies of inputs.
        input_size: The number of inputs.
    """
    dt = step_of(neuron)
    if not np.isclose(dt, copies.dt, rtol=1e-6, atol=0):
        expected = (
            f"{copies.dt:g} ms, as it was when the layer was built: delays are in steps of it"
        )
        raise ValidationError("dt", expected, f"{dt:g}", "Build another layer for another dt.")
    return SynapticDelays(neuron, copies.sources, copies.steps, input_size, copies.longest)


def step_of(neuron: Neuron) -> float:
    """Return the length of a step in ms: 1 if the neuron has none."""
    from canns.plasticity import Setup
    from canns.plasticity.learning import Fixed

    return float(Setup(Fixed(), neuron).time_step)


def with_connections(config: dict[str, JSON]) -> dict[str, Any]:
    """Return a layer's config with the connections that it has as lists."""
    listed = config.get("connectivity")
    if not isinstance(listed, list):
        return config
    (out, in_), pre, post = (np.asarray(part, np.int32) for part in listed)
    return {**config, "connectivity": Connections((int(out), int(in_)), pre, post)}


def arguments_in(config: dict[str, JSON], arrays: dict[str, AnyArray]) -> dict[str, object]:
    """Return the connectivity and the delays among the arrays of a file, by argument.

    Args:
        config: What the file says of the layer besides.
        arrays: Its arrays, by name.
    """
    if "W.pre" not in arrays:
        return {}
    sizes: Any = config["output_size"], config["input_size"]
    made = Connections(sizes, arrays["W.pre"], arrays["W.post"])
    return {"connectivity": made, "delays": arrays.get("W.delays")}


def _connections(connectivity: Connectivity) -> tuple[Connections, FloatArray | None]:
    """Return the synapses, and their weights if the connectivity has some."""
    if isinstance(connectivity, Connections):
        return connectivity, None
    if isinstance(connectivity, SparseSynapses):
        pre, post, weights = connectivity.pairs()
        ends = pre.astype(np.int32), post.astype(np.int32)
        return Connections(connectivity.shape, *ends), weights
    if hasattr(connectivity, "tocoo") or np.ndim(connectivity) == 2:
        return connections_of(connectivity)
    expected = "connections, SparseSynapses, or a matrix of SciPy or NumPy, (out, in)"
    remedy = "connect_by_probability and its relatives in canns.dynamics make connections."
    raise ValidationError("connectivity", expected, repr(connectivity), remedy)


def _steps(delays: npt.ArrayLike, made: Connections, dt: float) -> IntArray:
    """Return the delay of each synapse in steps, (synapses,)."""
    count, given = made.num_synapses, delays
    if hasattr(delays, "tocsr") or np.ndim(delays) == 2:
        given = _entries(delays, made)
    ms = check_array("delays", given)
    if ms.shape not in ((), (count,)):
        expected = f"a number, {count}, one for each synapse, or a matrix of shape {made.shape}"
        raise ValidationError("delays", expected, f"shape {ms.shape}")
    return np.broadcast_to(steps_of_delays(ms, dt), (count,))


def _entries(delays: Any, made: Connections) -> FloatArray:
    """Return the delays in a matrix where there are synapses; raise if there are others."""
    sparse = hasattr(delays, "tocsr")
    rows: Any = delays.tocsr() if sparse else check_array("delays", delays)
    if rows.shape != made.shape:
        raise ValidationError("delays", f"of shape {made.shape}", f"shape {rows.shape}")
    found = np.asarray(rows[made.post, made.pre]).reshape(-1)
    nonzero = rows.count_nonzero() if sparse else np.count_nonzero(rows)
    if nonzero != np.count_nonzero(found):
        other = nonzero - np.count_nonzero(found)
        expected = "0 where the connectivity has no synapse"
        raise ValidationError("delays", expected, f"{other} other delays")
    return found


def _copies(made: Connections, steps: IntArray, dt: float) -> tuple[Neurons, Copies]:
    """Return the column of each synapse, and the copies of inputs that the columns are."""
    kinds, kind = np.unique(steps, return_inverse=True)
    pair = np.asarray(made.pre, np.int64) * len(kinds) + kind
    used, column = np.unique(pair, return_inverse=True)
    sources, which = np.divmod(used, max(1, len(kinds)))
    copies = Copies(sources.astype(np.int32), kinds[which].astype(np.int32), dt)
    return column.astype(np.int32), copies
