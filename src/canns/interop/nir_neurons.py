"""From a node of NIR to a neuron, by the equations that :func:`to_nir` writes."""

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from canns._validation import check_array, check_real
from canns.dynamics import LIF, CurrentLIF, Neuron
from canns.errors import ValidationError
from canns.interop.time_steps import TRACES, TimeStep, next_above, transfer
from canns.typing import AnyArray

__all__ = ["Grid", "NeuronNode", "neuron_of"]


class Grid(NamedTuple):
    """The step of the graph, and the ``dt`` of the layers, in ms, which one of theirs takes."""

    step: TimeStep
    dt: float


class NeuronNode(NamedTuple):
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


def neuron_of(node: NeuronNode, grid: Grid) -> tuple[Neuron, AnyArray]:
    """Return the neuron of a node, and by how much it scales its input, one or (out,)."""
    made, gain = (_cuba if hasattr(node.node, "tau_syn") else _lif)(node, grid)
    try:
        made.validate()
    except ValidationError as error:
        raise error.about(f"{error.argument} of graph.nodes[{node.name!r}]") from error
    return made, gain


def _lif(node: NeuronNode, grid: Grid) -> tuple[Neuron, AnyArray]:
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


def _cuba(node: NeuronNode, grid: Grid) -> tuple[Neuron, AnyArray]:
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
