"""From layers to a graph of NIR."""

import math
from collections.abc import Iterator
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np

from canns._extras import require
from canns._validation import check_choice, check_matrix, check_real
from canns.dynamics import LIF, CurrentLIF, Linear, Neuron
from canns.errors import ValidationError
from canns.interop.biased import Biased
from canns.interop.time_steps import (
    SCHEMES,
    TRACES,
    Scheme,
    TimeStep,
    next_above,
    transfer,
)
from canns.models.brain_inspired import BrainInspiredModel, FeedForwardLayer, LayerStack
from canns.typing import AnyArray

if TYPE_CHECKING:
    import nir

__all__ = ["to_nir"]

_CAN = "a layer of Linear, LIF or CurrentLIF neurons, or a LayerStack of such layers"
# Why neurons cannot travel, by the name of their class.
_REASONS = {
    "AdaptiveLIF": "NIR has no adaptive threshold",
    "AdEx": "NIR has neither its exponential nor its adaptation",
    "ClopathAdEx": "NIR has neither its exponential nor its adaptation",
    "ConductanceLIF": "NIR has no synapses of conductances",
    "Delayed": "delays are not written",
    "DualCurrentLIF": "NIR has one time constant of the synapses of a neuron",
    "FirstSpikeWins": "NIR has no competition among neurons",
    "LateralInhibition": "NIR has no competition among neurons",
    "Poisson": "NIR has no neurons that fire at random",
    "SRM": "NIR has no kernel of the time since the last spike",
}


def to_nir(
    model: BrainInspiredModel, *, dt: float | None = None, scheme: Scheme = "euler"
) -> "nir.NIRGraph":
    r"""Return a layer, or a stack of layers, as a graph of NIR, which other simulators run.

    A layer becomes a node of weights (``Linear``, or ``Affine`` if its neuron is
    :class:`Biased`), and behind it a node for its neurons:

    - Linear neurons need none.
    - :class:`~canns.dynamics.LIF`, as in a SpikingLayer, becomes ``LIF``; with ``leak=1``, ``IF``:

      .. math:: \tau \dot v = v_{leak} - v + r I

      With :math:`v \leftarrow \lambda v + W x` in a step of dt, "euler" writes
      :math:`\tau = dt / (1 - \lambda)` and :math:`r = \tau / dt`, "exact"
      :math:`\tau = -dt / \ln \lambda` and :math:`r = \tau`.
    - :class:`~canns.dynamics.CurrentLIF` becomes ``CubaLIF``, which has besides

      .. math:: \tau_{syn} \dot I = -I + w_{in} S

      With "exact", tau_mem and tau_syn are those of the neuron, in seconds, r = 1 and
      :math:`w_{in} = \tau_{syn}`. With "euler" they are those for which a step of Euler, first of
      the current and then of the potential, is the neuron's exact step; the factor from current
      to potential is in :math:`w_{in}`, and :math:`r = \tau_{mem} / dt`. ``v_leak`` is E_L + drive.

    NIR is in continuous time, so a simulator of it chooses how to take steps. "euler" is for those
    that take forward steps of Euler, with inputs that last for a step, such as snnTorch, whose
    importer has a step of 0.1 ms and resets potentials to 0: give it ``dt=1e-4``, a resting and a
    reset potential of 0. "exact" writes the true time constants, for simulators that solve the
    equations and to which a spike is a pulse of area 1.

    A neuron of NIR fires above its threshold and ours at it, so the threshold that is written is
    the next smaller number. Learning rules and what they keep, such as traces and sliding
    thresholds, and the present state stay here; the graph's simulator starts from a state of its
    own. ``metadata`` holds dt, the scheme, and the parameters without a place in NIR, for
    :func:`from_nir`.

    Args:
        model: A layer or a :class:`~canns.models.brain_inspired.LayerStack`.
        dt: Length of one step of the graph's simulator in seconds; one step of the model becomes
            one such step. None for that of the model, whose ``dt`` is in ms.
        scheme: How the simulator takes steps: "euler" or "exact".

    Returns:
        The graph: Input, the nodes of each layer, Output. ``nir.write(path, graph)`` writes it.

    Raises:
        ValidationError: If NIR has no counterpart of the model, such as a refractory period, or if
            an argument is out of range.
        MissingExtraError: If nir is not installed.

    Example:
        >>> from canns.models.brain_inspired import SpikingLayer
        >>> graph = to_nir(SpikingLayer(3, 2, leak=0.9, dt=1.0))
        >>> [type(node).__name__ for node in graph.nodes.values()]
        ['Input', 'Linear', 'LIF', 'Output']
        >>> graph.nodes["lif"].tau.round(6).tolist()
        [0.01, 0.01]

    Source: Pedersen et al. (2024), Nat. Commun. 15:8122.
    """
    layers = _layers(model)
    nodes = require("nir", "nir")
    method = check_choice("scheme", scheme, SCHEMES)
    own = _own_time_step(layers)
    length = None if dt is None else check_real("dt", dt, low=0, open_low=True)
    length = own * 1e-3 if length is None and own is not None else length
    step = TimeStep(1e-3 if length is None else length, method)
    chain = [node for layer in layers for node in _nodes(nodes, layer, step)]
    graph: nir.NIRGraph = nodes.NIRGraph.from_list(chain)
    if own is not None:
        graph.metadata = {"dt": step.dt, "scheme": method, "model_dt": own}
    return graph


def _bare(neuron: Neuron) -> Neuron:
    return neuron.neuron if isinstance(neuron, Biased) else neuron


def _layers(model: object) -> tuple[FeedForwardLayer, ...]:
    """Return the layers of a model, or raise if NIR has no counterpart of one."""
    found: list[FeedForwardLayer] = []
    for i, layer in enumerate(model.members if isinstance(model, LayerStack) else (model,)):
        which = f"layer {i} of the stack, " if isinstance(model, LayerStack) else ""
        if not isinstance(layer, FeedForwardLayer):
            raise ValidationError("model", _CAN, f"{which}a {type(layer).__name__}")
        if type(layer).forward is not FeedForwardLayer.forward:
            got = f"{which}a {type(layer).__name__}, which has a forward of its own"
            raise ValidationError("model", _CAN, got)
        if layer.delays is not None:
            got = f"{which}a {type(layer).__name__} with delays of synapses"
            raise ValidationError("model", _CAN, got)
        layer.neuron.validate()
        _check_neuron(layer.neuron, which)
        found.append(layer)
    return tuple(found)


def _check_neuron(neuron: Neuron, which: str) -> None:
    inner = _bare(neuron)
    kind = type(inner)
    if kind not in (Linear, LIF, CurrentLIF):
        reason = _REASONS.get(kind.__name__, "NIR has no node for them")
        raise ValidationError("model", _CAN, f"{which}neurons of {kind.__name__}: {reason}")
    if isinstance(inner, CurrentLIF) and inner.t_ref:
        got = f"{which}t_ref = {inner.t_ref:g} ms: NIR has no refractory period"
        raise ValidationError("model", "without a refractory period", got, "Set t_ref to 0.")


def _own_time_step(layers: tuple[FeedForwardLayer, ...]) -> float | None:
    """Return the length of a step in ms that the layers have in common; None if none has any."""
    found = {_bare(layer.neuron).time_step for layer in layers} - {None}
    if len(found) > 1:
        got = " and ".join(f"{own:g}" for own in found if own is not None)
        raise ValidationError("model", "of layers with one dt", f"{got} ms")
    return found.pop() if found else None


def _nodes(nodes: ModuleType, layer: FeedForwardLayer, step: TimeStep) -> Iterator[Any]:
    weights = check_matrix("model.W", layer.W)
    size, neuron = len(weights), layer.neuron
    if isinstance(neuron, Biased):
        bias = np.broadcast_to(np.asarray(neuron.bias, weights.dtype), size)
        yield nodes.Affine(weights, bias.copy())
        neuron = neuron.neuron
    else:
        yield nodes.Linear(weights)
    if isinstance(neuron, LIF):
        yield _lif(nodes, neuron, size, step)
    elif isinstance(neuron, CurrentLIF):
        yield _cuba(nodes, neuron, size, step)


def _lif(nodes: ModuleType, neuron: LIF, size: int, step: TimeStep) -> Any:
    traces = {name: float(getattr(neuron, name)) for name in TRACES}
    firing = {"v_threshold": -next_above(-neuron.threshold), "v_reset": neuron.v_reset}
    if neuron.leak == 1:
        return nodes.IF(**_filled(size, r=1 / step.jump(1.0), **firing), metadata=traces)
    if neuron.leak == 0 and step.scheme == "exact":
        remedy = "A time constant of 0 cannot be written; take scheme='euler'."
        raise ValidationError("model", "of leak > 0 for scheme='exact'", "leak = 0", remedy)
    tau = step.tau(-neuron.dt * math.log(neuron.leak) if neuron.leak else math.inf)
    values = _filled(size, tau=tau, r=1 / step.jump(tau), v_leak=0.0, **firing)
    return nodes.LIF(**values, metadata=traces)


def _cuba(nodes: ModuleType, neuron: CurrentLIF, size: int, step: TimeStep) -> Any:
    dt, tau_m, tau_s = neuron.dt, neuron.tau_m, neuron.tau_syn
    tau_mem, tau_syn = step.tau(dt / tau_m), step.tau(dt / tau_s)
    euler = step.scheme == "euler"
    # snnTorch wants r = tau_mem / dt, so w_in takes up the factor from current to potential.
    gain = transfer(dt, tau_m, tau_s) if euler else 1.0
    values = _filled(
        size,
        tau_mem=tau_mem,
        tau_syn=tau_syn,
        r=1 / step.jump(tau_mem) if euler else 1.0,
        w_in=gain / step.jump(tau_syn),
        v_leak=neuron.E_L + neuron.drive,
        v_threshold=-next_above(-neuron.V_th),
        v_reset=neuron.V_reset,
    )
    return nodes.CubaLIF(**values, metadata={"drive": float(neuron.drive)})


def _filled(size: int, **values: float) -> dict[str, AnyArray]:
    """Return each value as an array with one entry for each neuron."""
    return {name: np.full(size, float(value)) for name, value in values.items()}
