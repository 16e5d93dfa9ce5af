"""Plasticity of inhibitory synapses that keeps the postsynaptic rate at a target."""

from functools import partial
from typing import ClassVar, Literal

import jax.numpy as jnp

from canns.dynamics import Activity
from canns.plasticity.rule import Memory, Reads, Rule, Side, contract
from canns.plasticity.rules.traces import advance
from canns.typing import Array, param, pytree, static

__all__ = ["Counting", "VogelsSTDP"]

Counting = Literal["mid", "none", "once", "twice"]
_COUNTINGS: tuple[Counting, ...] = ("mid", "none", "once", "twice")


@pytree
class VogelsSTDP(Rule):
    r"""Inhibitory STDP with a symmetric window, which regulates the postsynaptic rate.

    .. math::
        \Delta W = \eta \left( s\, \hat x^T + (\hat s - \alpha)\, x^T \right),
        \qquad \alpha = 2 \rho_0 \tau

    W is the strength of inhibition, so the weights are non-negative. A presynaptic spike alone
    weakens the synapse; a postsynaptic spike before or after it strengthens the synapse. For
    independent trains in continuous time, the mean change is zero at a postsynaptic rate of
    :math:`\rho_0`.

    In steps of dt, with :math:`\lambda = e^{-dt/\tau}`, a pair d steps apart adds
    :math:`\eta\lambda^d`; in the same step it adds 0, eta or 2 eta, if coincidences count "none",
    "once" or "twice". Under "mid" the presynaptic spike comes half a step before the postsynaptic
    one of the same step: the pair adds :math:`\eta\lambda^{d+1/2}` if the postsynaptic spike is in
    the same step or d steps later, and :math:`\eta\lambda^{d-1/2}` if it is d steps earlier. The
    mean change is zero at a spike probability per step of :math:`\alpha/(2 S + k)`, with
    :math:`S = \lambda/(1 - \lambda)` and k = 0, 1, 2; under "mid", at
    :math:`\alpha \sinh(dt/2\tau)`, which is :math:`\rho_0\, dt` up to the share
    :math:`(dt/\tau)^2/24`.

    Args:
        learning_rate: Eta.
        rho_0: The target rate in Hz.
        tau: Time constant of both traces in ms.
        dt: Length of a step in ms; None for the time step of the neuron, or 1 ms if it has none.
        coincidence: How a pair within one step counts: once, half a step apart ("mid"), or not at
            all ("none"), "once" or "twice" at the same time.

    Raises:
        ValidationError: If an argument is out of range.

    Example:
        >>> import jax.numpy as jnp
        >>> from canns.dynamics import Recorded
        >>> from canns.plasticity import learn, Setup
        >>> trains, weights = jnp.array([[1.0, 0.0]]), jnp.ones((1, 1))
        >>> rule = VogelsSTDP(1.0, rho_0=3.0)
        >>> round(float(learn(Setup(rule, Recorded()), weights, trains).weights[0, 0]), 4)
        0.88

    Source: Vogels, Sprekeler, Zenke, Clopath & Gerstner (2011), Science 334:1569.
    """

    learning_rate: float = param(default=0.01, low=0)
    rho_0: float = param(default=3.0, low=0)
    tau: float = param(default=20.0, low=0, open_low=True)
    dt: float | None = param(default=None, low=0, open_low=True)
    coincidence: Counting = static(default="mid", choices=_COUNTINGS)

    memory_attrs: ClassVar[tuple[str, ...]] = ("vogels_pre", "vogels_post")
    traces: ClassVar[tuple[str, ...]] = memory_attrs
    own_memory: ClassVar[bool] = True

    reads: ClassVar[Reads | None] = "spikes"
    reads_pre: ClassVar[Reads] = "spikes"
    local: ClassVar[tuple[Side, ...] | None] = ("pre", "post")

    @property
    def alpha(self) -> float:
        """Depression by a presynaptic spike alone, 2 rho_0 tau."""
        return 2 * self.rho_0 * self.tau / 1000.0

    def init(self, weights: Array) -> Memory:
        """Return empty traces."""
        out, in_ = (jnp.zeros(size, weights.dtype) for size in weights.shape)
        return in_, out

    def step(self, memory: Memory, weights: Array, activity: Activity) -> tuple[Memory, Array]:
        """Return the traces after this step, and eta (s x^' + (s^ - alpha) x')."""
        x, s = activity.pre, activity.post
        each = partial(advance, dt=self.dt, tau=self.tau, replaces=False)
        mid = self.coincidence == "mid"
        earlier, pre = each(memory[0], x, joins=self.coincidence != "none", mid=mid)
        later, post = each(memory[1], s, joins=self.coincidence == "twice", mid=mid)
        return (pre, post), self.learning_rate * (
            contract(s, earlier) + contract(later - self.alpha, x)
        )
