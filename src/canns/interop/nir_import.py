"""From a graph of NIR to layers."""

import os
from collections.abc import Iterator, Mapping
from types import ModuleType
from typing import TYPE_CHECKING, Any, TypeAlias

import jax.numpy as jnp
import numpy as np

from canns._extras import require
from canns._memory import check_memory
from canns._validation import check_array, check_choice, check_matrix, check_real, float_dtype
from canns.dynamics import LIF, Linear, Neuron
from canns.errors import ValidationError
from canns.interop.biased import Biased
from canns.interop.nir_chain import chain
from canns.interop.nir_file import read_graph
from canns.interop.nir_neurons import Grid, NeuronNode, neuron_of
from canns.interop.time_steps import SCHEMES, Scheme, TimeStep
from canns.models.brain_inspired import (
    FeedForwardLayer,
    LayerStack,
    LinearLayer,
    NeuronLayer,
    SpikingLayer,
)
from canns.typing import AnyArray

if TYPE_CHECKING:
    import nir

__all__ = ["from_nir"]

_Named: TypeAlias = tuple[str, Any]  # a node, with its name before it


def from_nir(
    graph: "nir.NIRGraph | str | os.PathLike[str]",
    *,
    dt: float | None = None,
    scheme: Scheme | None = None,
) -> FeedForwardLayer | LayerStack:
    r"""Return the layer, or the stack of layers, that a graph of NIR describes.

    The graph must be one chain from its input to its output, of the nodes ``Linear``, ``Affine``,
    ``LIF``, ``IF`` and ``CubaLIF``. Weights and the neurons behind them make one layer:

    - ``LIF`` and ``IF`` a :class:`~canns.models.brain_inspired.SpikingLayer`, whose potential is
      that above ``v_leak``;
    - ``CubaLIF`` a NeuronLayer of :class:`~canns.dynamics.CurrentLIF`;
    - weights without neurons a LinearLayer;
    - ``Affine`` a NeuronLayer whose neuron is :class:`Biased`;
    - neurons without weights a layer whose weights are the identity.

    What ``r`` and ``w_in`` scale is in the weights. All neurons of a node must have the same time
    constants, thresholds and potentials. See :func:`to_nir` for the equations.

    Args:
        graph: A graph, or the path of a file that ``nir.write`` wrote.
        dt: Length of a step in seconds, which NIR leaves open; the layer's ``dt`` is this in ms.
            None for that in a graph of :func:`to_nir`.
        scheme: How the graph is to be read: "euler", as snnTorch does (with dt=1e-4), or "exact".
            None for that in a graph of :func:`to_nir`, or else "euler".

    Returns:
        A layer, or a :class:`~canns.models.brain_inspired.LayerStack` of several.

    Raises:
        ValidationError: If the file is damaged, the graph has a node or an edge that no layer
            stands for, such as a recurrent one, or an argument is out of range.
        MissingExtraError: If nir is not installed.

    Example:
        >>> from canns.interop import to_nir
        >>> from canns.models.brain_inspired import SpikingLayer
        >>> layer = SpikingLayer(3, 2, threshold=0.5, leak=0.75)
        >>> again = from_nir(to_nir(layer))
        >>> again.threshold, round(again.leak, 6), bool((again.W.value == layer.W.value).all())
        (0.5, 0.75, True)

    Source: Pedersen et al. (2024), Nat. Commun. 15:8122.
    """
    nodes = require("nir", "nir")
    read = graph if isinstance(graph, nodes.NIRGraph) else read_graph(nodes, graph)
    grid = _grid(read, dt, scheme)
    layers = [_layer(nodes, *parts, grid) for parts in _layers(nodes, chain(nodes, read))]
    if not layers:
        raise ValidationError("graph", "of one layer or more", "none between input and output")
    return layers[0] if len(layers) == 1 else LayerStack(*layers)


def _grid(graph: Any, dt: object, scheme: object) -> Grid | None:
    """Return the step of the graph; None if neither the user nor the graph says how long it is."""
    known = graph.metadata if isinstance(graph.metadata, Mapping) else {}
    if scheme is None:
        word = known.get("scheme", "euler")
        method = check_choice("graph.metadata['scheme']", word, SCHEMES)
    else:
        method = check_choice("scheme", scheme, SCHEMES)
    if dt is not None:
        length = check_real("dt", dt, low=0, open_low=True)
        return Grid(TimeStep(length, method), length * 1e3)
    if "dt" not in known:
        return None
    length, own = (
        check_real(f"graph.metadata[{name!r}]", known.get(name), low=0, open_low=True)
        for name in ("dt", "model_dt")
    )
    return Grid(TimeStep(length, method), own)


def _layers(
    nodes: ModuleType, found: Iterator[_Named]
) -> Iterator[tuple[_Named | None, _Named | None]]:
    """Yield the weights and the neurons of each layer, with their names; either may be None."""
    weights = None
    for name, node in found:
        if isinstance(node, nodes.Linear | nodes.Affine):
            if weights is not None:
                yield weights, None
            weights = name, node
        else:
            yield weights, (name, node)
            weights = None
    if weights is not None:
        yield weights, None


def _layer(
    nodes: ModuleType,
    weights: _Named | None,
    neurons: _Named | None,
    grid: Grid | None,
) -> FeedForwardLayer:
    if weights is None:
        assert neurons is not None
        matrix, bias = _identity(*neurons), None
    else:
        matrix, bias = _weights(nodes, *weights)
    if neurons is None:
        neuron: Neuron = Linear()
        gain: float | AnyArray = 1.0
    else:
        name, node = neurons
        if grid is None:
            expected = "given: NIR is in continuous time, and this graph does not say"
            raise ValidationError("dt", expected, "None", "For a graph of snnTorch take dt=1e-4.")
        neuron, gain = neuron_of(NeuronNode(name, node, len(matrix)), grid)
    scaled = (np.asarray(matrix, np.float64).T * gain).T
    if bias is not None:
        neuron = Biased(neuron, (bias * gain).astype(float_dtype()))
    layer = _made(neuron, *matrix.shape[::-1])
    layer.W.value = jnp.asarray(check_matrix("graph", scaled))
    return layer


def _weights(nodes: ModuleType, name: str, node: Any) -> tuple[AnyArray, AnyArray | None]:
    matrix = check_matrix(
        f"graph.nodes[{name!r}].weight", node.weight, remedy="A layer takes vectors."
    )
    if not isinstance(node, nodes.Affine):
        return matrix, None
    bias = check_array(f"graph.nodes[{name!r}].bias", node.bias)
    if bias.shape != (len(matrix),):
        got = f"shape {bias.shape}"
        raise ValidationError(f"graph.nodes[{name!r}].bias", f"of shape ({len(matrix)},)", got)
    return matrix, bias.astype(np.float64)


def _identity(name: str, node: Any) -> AnyArray:
    size = np.size(node.v_threshold)
    check_memory("graph", 8 * size**2, f"the weights before {name!r}", "Take fewer neurons.")
    return np.eye(size)


def _made(neuron: Neuron, input_size: int, output_size: int) -> FeedForwardLayer:
    if isinstance(neuron, Linear):
        return LinearLayer(input_size, output_size)
    if isinstance(neuron, LIF) and neuron.trace_pre_decay == neuron.trace_post_decay:
        return SpikingLayer(
            input_size,
            output_size,
            threshold=neuron.threshold,
            v_reset=neuron.v_reset,
            leak=neuron.leak,
            trace_decay=neuron.trace_pre_decay,
            dt=neuron.dt,
        )
    return NeuronLayer(input_size, output_size, neuron)
