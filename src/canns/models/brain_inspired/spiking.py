"""The spiking layer that STDP trains."""

from numpy import typing as npt

from canns._validation import check_real
from canns.dynamics import LIF
from canns.models.boxes import FastState
from canns.models.brain_inspired.connectivity import Connectivity
from canns.models.brain_inspired.layer import FeedForwardLayer

__all__ = ["SpikingLayer"]


class SpikingLayer(FeedForwardLayer):
    r"""A layer of leaky integrate-and-fire neurons with pre- and postsynaptic traces.

    .. math::
        v \leftarrow \lambda^{dt} v + W x, \quad s = [v \ge \theta], \quad
        v \leftarrow v_{reset} \text{ where } s = 1

    and both traces decay by ``trace_decay ** dt`` and then add x and s. Outputs are 0.0 and
    1.0; inputs are spikes or currents.

    Args:
        input_size: Number of inputs.
        output_size: Number of neurons.
        threshold: Potential at which a neuron fires.
        v_reset: Potential after a spike.
        leak: Share of the potential kept over one unit of time, in [0, 1].
        trace_decay: Share of a trace kept over one unit of time, in [0, 1].
        dt: Length of a step in that unit: both factors are raised to its power. The input of
            a step is a charge, which ``dt`` does not scale.
        connectivity: The pairs that have a synapse, in any form that
            :class:`~canns.models.brain_inspired.FeedForwardLayer` takes; None for all.
        delays: The delay of each synapse in ms; see there.
        name: Name of the model.

    Weights start uniform in [0, 0.1), drawn from ``brainstate.random``: non-negative, as the
    bounds of STDP want them.

    Raises:
        ValidationError: If an argument is out of range.

    Example:
        >>> layer = SpikingLayer(2, 1, threshold=0.0)
        >>> layer.forward([1.0, 0.0]).tolist()
        [1.0]
        >>> layer.trace_pre.value.tolist()
        [1.0, 0.0]
        >>> from canns.dynamics import connect_by_in_degree
        >>> made = connect_by_in_degree(50, 100, 10, seed=0)
        >>> layer = SpikingLayer(100, 50, connectivity=made, delays=2.0)
        >>> layer.W.shape, layer.W.listed.shape, layer.delays[:2].tolist()
        ((50, 100), (500,), [2.0, 2.0])

    Source: Gerstner & Kistler (2002), Spiking Neuron Models, ch. 4 and 10.
    """

    predict_state_attr = "spike"

    v: FastState
    spike: FastState
    trace_pre: FastState
    trace_post: FastState

    def __init__(
        self,
        input_size: int,
        output_size: int,
        threshold: float = 1.0,
        v_reset: float = 0.0,
        leak: float = 0.9,
        trace_decay: float = 0.95,
        dt: float = 1.0,
        *,
        connectivity: Connectivity | None = None,
        delays: npt.ArrayLike | None = None,
        name: str | None = None,
    ) -> None:
        self.threshold = threshold
        self.v_reset = v_reset
        self.leak = leak
        self.trace_decay = trace_decay
        self.dt = dt
        super().__init__(
            input_size, output_size, connectivity=connectivity, delays=delays, name=name
        )

    @property
    def neuron(self) -> LIF:
        """The pure neuron with the layer's present hyperparameters."""
        # Under the name that the user knows; the neuron has two decays.
        decay = check_real("trace_decay", self.trace_decay, low=0, high=1)
        return LIF(
            threshold=self.threshold,
            v_reset=self.v_reset,
            leak=self.leak,
            trace_pre_decay=decay,
            trace_post_decay=decay,
            dt=self.dt,
        )
