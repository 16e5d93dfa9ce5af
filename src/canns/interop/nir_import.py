"""From a graph of NIR to layers."""

import math
from collections.abc import Iterator, Mapping
from types import ModuleType
from typing import TYPE_CHECKING, Any, NamedTuple

import jax.numpy as jnp
import numpy as np

from canns._extras import require
from canns._memory import check_memory
from canns._tensors import PathLike
from canns._validation import check_array, check_choice, check_matrix, check_real, float_dtype
from canns.dynamics import LIF, CurrentLIF, Linear, Neuron
from canns.errors import ValidationError
from canns.interop.biased import Biased
from canns.interop.nir_chain import chain
from canns.interop.nir_file import read_graph
from canns.interop.time_steps import (
    SCHEMES,
    TRACES,
    Scheme,
    TimeStep,
    next_above,
    transfer,
)
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

_FIRING = "LIF", "IF", "CubaLIF"


class _Grid(NamedTuple):
    """The step of the graph, and the ``dt`` of the layers, in ms, which one of theirs takes."""

    step: TimeStep
    dt: float


def from_nir(
    graph: "nir.NIRGraph | PathLike", *, dt: float | None = None, scheme: Scheme | None = None
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


def _grid(graph: Any, dt: object, scheme: object) -> _Grid | None:
    """Return the step of the graph; None if neither the user nor the graph says how long it is."""
    known = graph.metadata if isinstance(graph.metadata, Mapping) else {}
    if scheme is None:
        word = known.get("scheme", "euler")
        method = check_choice("graph.metadata['scheme']", word, SCHEMES)
    else:
        method = check_choice("scheme", scheme, SCHEMES)
    if dt is not None:
        length = check_real("dt", dt, low=0, open_low=True)
        return _Grid(TimeStep(length, method), length * 1e3)
    if "dt" not in known:
        return None
    length, own = (
        check_real(f"graph.metadata[{name!r}]", known.get(name), low=0, open_low=True)
        for name in ("dt", "model_dt")
    )
    return _Grid(TimeStep(length, method), own)


def _layers(
    nodes: ModuleType, found: Iterator[tuple[str, Any]]
) -> Iterator[tuple[tuple[str, Any] | None, tuple[str, Any] | None]]:
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
    weights: tuple[str, Any] | None,
    neurons: tuple[str, Any] | None,
    grid: _Grid | None,
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
        neuron, gain = _neuron(_Node(name, node, len(matrix)), grid)
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


class _Node(NamedTuple):
    """A node of neurons, its name, and the number of its neurons."""

    name: str
    node: Any
    size: int

    def each(self, field: str) -> AnyArray:
        """Return a parameter, one number or one for each neuron."""
        own = f"graph.nodes[{self.name!r}].{field}"
        raw = getattr(self.node, field)
        check_array(own, raw)
        # In double precision, whatever JAX computes in, so that weights come back unchanged.
        values = np.asarray(raw, np.float64)
        if values.shape not in ((), (1,), (self.size,)):
            expected = f"of shape ({self.size},), one for each row of the weights"
            raise ValidationError(own, expected, f"shape {values.shape}")
        return values

    def one(self, field: str) -> float:
        """Return a parameter that must be the same for all neurons."""
        values = np.unique(self.each(field))
        if len(values) > 1:
            expected = "one number for all neurons of a node"
            got = f"{len(values)}, from {values[0]:g} to {values[-1]:g}"
            remedy = "Split the layer, or set them to their mean."
            raise ValidationError(f"graph.nodes[{self.name!r}].{field}", expected, got, remedy)
        return float(values[0])

    def tau(self, field: str, step: TimeStep, *, open_low: bool) -> float:
        """Return a time constant that is not too short for a step."""
        tau = self.one(field)
        low = step.dt if step.scheme == "euler" else 0.0
        own = f"graph.nodes[{self.name!r}].{field}"
        return check_real(own, tau, low=low * (1 - 1e-9), open_low=open_low or low == 0)

    def extra(self, name: str, default: float) -> float:
        """Return a parameter of ours, which :func:`to_nir` had put into the metadata."""
        metadata = self.node.metadata if isinstance(self.node.metadata, Mapping) else {}
        return check_real(
            f"graph.nodes[{self.name!r}].metadata[{name!r}]", metadata.get(name, default)
        )


def _neuron(node: _Node, grid: _Grid) -> tuple[Neuron, AnyArray]:
    """Return the neuron of a node, and by how much it scales its input, one or (out,)."""
    made, gain = (_cuba if hasattr(node.node, "tau_syn") else _lif)(node, grid)
    try:
        made.validate()
    except ValidationError as error:
        raise error.about(f"{error.argument} of graph.nodes[{node.name!r}]") from error
    return made, gain


def _lif(node: _Node, grid: _Grid) -> tuple[Neuron, AnyArray]:
    step, dt = grid
    if hasattr(node.node, "tau"):
        tau, rest = node.tau("tau", step, open_low=False), node.one("v_leak")
        decay = step.decay(tau)
    else:
        tau, rest, decay = 1.0, 0.0, 0.0
    traces = {name: node.extra(name, getattr(LIF(), name)) for name in TRACES}
    neuron = LIF(
        threshold=next_above(node.one("v_threshold") - rest),
        v_reset=node.one("v_reset") - rest,
        leak=math.exp(-decay / dt),
        dt=dt,
        **traces,
    )
    return neuron, node.each("r") * step.jump(tau)


def _cuba(node: _Node, grid: _Grid) -> tuple[Neuron, AnyArray]:
    step, dt = grid
    tau_mem, tau_syn = (node.tau(name, step, open_low=True) for name in ("tau_mem", "tau_syn"))
    tau_m, tau_s = (dt / step.decay(tau) for tau in (tau_mem, tau_syn))
    drive = node.extra("drive", 0.0)
    neuron = CurrentLIF(
        tau_m=tau_m,
        tau_syn=tau_s,
        E_L=node.one("v_leak") - drive,
        V_th=next_above(node.one("v_threshold")),
        V_reset=node.one("v_reset"),
        drive=drive,
        dt=dt,
    )
    gain = node.each("r") * node.each("w_in") * step.jump(tau_syn)
    if step.scheme == "euler":
        gain = gain * step.jump(tau_mem) / transfer(dt, tau_m, tau_s)
    return neuron, gain


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
