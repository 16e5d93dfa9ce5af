"""The triplet rule of spike-timing-dependent plasticity."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar, Literal

import jax.numpy as jnp

from canns.dynamics import Activity
from canns.plasticity.rule import Memory, Reads, Rule, Side, contract
from canns.plasticity.rules.stdp import COINCIDENCES, Coincidence
from canns.plasticity.rules.traces import advance
from canns.typing import Array, param, pytree, static

__all__ = ["TRIPLETS", "TripletPairing", "TripletSTDP"]

TripletPairing = Literal["all", "nearest"]
_PAIRINGS: tuple[TripletPairing, ...] = ("all", "nearest")


@pytree
class TripletSTDP(Rule):
    r"""STDP by pairs and triplets of spikes, with the rate dependence seen in cortex.

    .. math::
        \Delta W = \eta \left( s\,(A_2^+ + A_3^+ o_2)\, r_1^T
        - o_1\, x^T (A_2^- + A_3^- r_2) \right)

    Each presynaptic spike leaves the traces :math:`r_1, r_2`, with time constants
    :math:`\tau_+, \tau_x`. Each postsynaptic spike leaves :math:`o_1, o_2`, with
    :math:`\tau_-, \tau_y`. The triplet traces :math:`r_2, o_2` are read before the spike of the
    step is added to them.

    In steps of dt, a spike d steps ago has left :math:`e^{-dt/\tau}` to a power that
    ``coincidence`` decides. "mid": d + 1/2 in :math:`r_1` (:math:`d \ge 0`) and d - 1/2 in the
    other traces (:math:`d \ge 1`). The mean of a trace under a Poisson train of rate :math:`\rho`
    is then :math:`\rho\tau`, as in continuous time, up to the share :math:`(dt/\tau)^2/24`. The
    others have the power d, for spikes at exact times on the grid, with :math:`d \ge 0` in
    :math:`r_1` ("ltp"), in :math:`r_1` and :math:`o_1` ("both"), or in neither ("none").

    The minimal rules have :math:`A_3^- = 0`, and in visual cortex
    :math:`A_2^+ = 0` too. For Poisson trains and :math:`A_2^+ = A_3^- = 0` this is a BCM rule with
    the threshold
    :math:`\rho^* = A_2^- \tau_- / (A_3^+ \tau_+ \tau_y)`, 19.2 Hz in visual cortex.

    The defaults are the minimal all-to-all rule of visual cortex. :data:`TRIPLETS` has other sets.

    Args:
        learning_rate: Eta.
        A2_plus: Potentiation of a pair without delay.
        A3_plus: Potentiation of a triplet post-pre-post without delays.
        A2_minus: Depression of a pair without delay.
        A3_minus: Depression of a triplet pre-post-pre without delays.
        tau_plus: Time constant of r1 in ms.
        tau_minus: Time constant of o1 in ms.
        tau_x: Time constant of r2 in ms.
        tau_y: Time constant of o2 in ms.
        dt: Length of a step in ms; None for the time step of the neuron, or 1 ms if it has none.
        pairing: "all": a spike adds 1 to its traces. "nearest": a spike sets its traces to 1.
        coincidence: How a pair within one step counts. "mid": only as potentiation, because within
            a step the input precedes the spike that it causes, and half a step apart. "ltp": only
            as potentiation, and at the same time. "both": as potentiation and depression. "none":
            not at all.

    Raises:
        ValidationError: If an argument is out of range.

    Example:
        >>> import jax.numpy as jnp
        >>> from canns.dynamics import Recorded
        >>> from canns.plasticity import learn, Setup
        >>> trains = jnp.zeros((11, 2)).at[0, 0].set(1).at[10, 1].set(1)
        >>> after = learn(Setup(TRIPLETS["hippocampus"], Recorded()), jnp.zeros((1, 1)), trains)
        >>> round(float(after.weights[0, 0]), 6)
        0.003265

    Source: Pfister & Gerstner (2006), J. Neurosci. 26:9673.
    """

    learning_rate: float = param(default=1.0, low=0)
    A2_plus: float = param(default=0.0, low=0)
    A3_plus: float = param(default=6.5e-3, low=0)
    A2_minus: float = param(default=7.1e-3, low=0)
    A3_minus: float = param(default=0.0, low=0)
    tau_plus: float = param(default=16.8, low=0, open_low=True)
    tau_minus: float = param(default=33.7, low=0, open_low=True)
    tau_x: float = param(default=101.0, low=0, open_low=True)
    tau_y: float = param(default=114.0, low=0, open_low=True)
    dt: float | None = param(default=None, low=0, open_low=True)
    pairing: TripletPairing = static(default="all", choices=_PAIRINGS)
    coincidence: Coincidence = static(default="mid", choices=COINCIDENCES)

    own_memory: ClassVar[bool] = True

    reads: ClassVar[Reads | None] = "spikes"
    reads_pre: ClassVar[Reads] = "spikes"
    local: ClassVar[tuple[Side, ...] | None] = ("pre", "pre", "post", "post")

    @property
    def memory_attrs(self) -> tuple[str, ...]:  # type: ignore[override]
        """The traces. Their names contain the pairing: the other pairing cannot use them."""
        return tuple(f"triplet_{name}_{self.pairing}" for name in ("r1", "r2", "o1", "o2"))

    @property
    def traces(self) -> tuple[str, ...]:  # type: ignore[override]
        """All of the memory."""
        return self.memory_attrs

    def init(self, weights: Array) -> Memory:
        """Return empty traces."""
        out, in_ = (jnp.zeros(size, weights.dtype) for size in weights.shape)
        return in_, in_, out, out

    def step(self, memory: Memory, weights: Array, activity: Activity) -> tuple[Memory, Array]:
        """Return the traces after this step, and the change due to its spikes."""
        x, s = activity.pre, activity.post
        taus = (self.tau_plus, self.tau_x, self.tau_minus, self.tau_y)
        joins = (self.coincidence != "none", False, self.coincidence == "both", False)
        steps = [
            advance(
                trace,
                spikes,
                self.dt,
                tau,
                replaces=self.pairing == "nearest",
                joins=joined,
                mid=self.coincidence == "mid",
            )
            for trace, tau, spikes, joined in zip(memory, taus, (x, x, s, s), joins, strict=True)
        ]
        r1, r2, o1, o2 = (met for met, _ in steps)
        ltp = contract(s * (self.A2_plus + self.A3_plus * o2), r1)
        ltd = contract(o1, x * (self.A2_minus + self.A3_minus * r2))
        return tuple(after for _, after in steps), self.learning_rate * (ltp - ltd)


#: Amplitudes and time constants that Pfister & Gerstner (2006) fitted to data, by name: their
#: tables 3 and 4. An amplitude of 1e-8 or less is what the fit found for zero.
TRIPLETS: Mapping[str, TripletSTDP] = MappingProxyType(
    {
        "visual_cortex": TripletSTDP(1.0, 5e-10, 6.2e-3, 7e-3, 2.3e-4, tau_x=101.0, tau_y=125.0),
        "visual_cortex_minimal": TripletSTDP(1.0, 0.0, 6.5e-3, 7.1e-3, 0.0, tau_y=114.0),
        "visual_cortex_nearest": TripletSTDP(
            1.0, 8.8e-11, 5.3e-2, 6.6e-3, 3.1e-3, tau_x=714.0, tau_y=40.0, pairing="nearest"
        ),
        "visual_cortex_nearest_minimal": TripletSTDP(
            1.0, 0.0, 5e-2, 8e-3, 0.0, tau_y=40.0, pairing="nearest"
        ),
        "hippocampus": TripletSTDP(1.0, 6.1e-3, 6.7e-3, 1.6e-3, 1.4e-3, tau_x=946.0, tau_y=27.0),
        "hippocampus_minimal": TripletSTDP(1.0, 5.3e-3, 8e-3, 3.5e-3, 0.0, tau_y=40.0),
        "hippocampus_nearest": TripletSTDP(
            1.0, 4.6e-3, 9.1e-3, 3e-3, 7.5e-9, tau_x=575.0, tau_y=47.0, pairing="nearest"
        ),
    }
)
