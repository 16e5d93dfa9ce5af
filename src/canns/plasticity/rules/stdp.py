"""Pair-based spike-timing-dependent plasticity that reads the neuron's traces."""

from functools import cached_property
from typing import ClassVar, Literal

import jax.numpy as jnp

from canns.dynamics import Activity
from canns.plasticity.rule import Memory, Reads, Rule, Side, contract
from canns.typing import Array, param, pytree, static

__all__ = ["COINCIDENCES", "STDP", "Coincidence"]

Coincidence = Literal["mid", "ltp", "both", "none"]
COINCIDENCES: tuple[Coincidence, ...] = ("mid", "ltp", "both", "none")


@pytree
class STDP(Rule):
    r"""Pair-based STDP, all-to-all pairing, additive.

    .. math:: \Delta W = \eta\,(A_+\, s\, \hat x^T - A_-\, \hat s\, x^T)

    :math:`\hat x, \hat s` are the traces of earlier presynaptic and postsynaptic spikes. An
    isolated pair with the postsynaptic spike d steps after the presynaptic one changes the
    weight by :math:`\eta A_+ \lambda_+^{d + 1/2}`; d steps before it, by
    :math:`-\eta A_- \lambda_-^{d - 1/2}`; within the same step by
    :math:`\eta A_+ \lambda_+^{1/2}`. This is ``coincidence="mid"``: the spikes fall anywhere within
    their steps, and the input precedes the spike that it causes. The other conventions have the
    exponents d, and change the weight by :math:`\eta A_+` ("ltp"), :math:`\eta (A_+ - A_-)`
    ("both") or not at all ("none") within the same step.

    Under "mid" the balance of independent trains is that of continuous time at any dt, to second
    order: potentiation and depression cancel at :math:`A_- \tau_- = A_+ \tau_+`, with
    :math:`\lambda = e^{-dt/\tau}`. Under "ltp" they cancel at an :math:`A_-` larger by the share
    :math:`dt/\tau`.

    Args:
        learning_rate: Eta.
        A_plus: Potentiation of a pair without delay.
        A_minus: Depression of a pair without delay.
        coincidence: How a pair within one step counts. "mid": only as potentiation, because within
            a step the input precedes the spike that it causes, and half a step apart. "ltp": only
            as potentiation, and at the same time. "both": as potentiation and depression, which
            depresses a causal pair if A_minus > A_plus. "none": not at all.

    Example:
        >>> import jax.numpy as jnp
        >>> one, zero = jnp.array([1.0]), jnp.array([0.0])
        >>> activity = Activity(zero, one, one / 2, zero, decay_pre=0.25, decay_post=0.25)
        >>> delta = STDP(1.0, A_plus=0.5, A_minus=0.5).step((), jnp.zeros((1, 1)), activity)[1]
        >>> float(delta[0, 0])  # half a step further: 0.5 * 0.5 * sqrt(0.25)
        0.125

    Source: Bi & Poo (1998), J. Neurosci. 18:10464; Song, Miller & Abbott (2000), Nat.
    Neurosci. 3:919; Morrison, Diesmann & Gerstner (2008), Biol. Cybern. 98:459.
    """

    learning_rate: float = param(default=0.01, low=0)
    A_plus: float = param(default=0.005, low=0)
    A_minus: float = param(default=0.00525, low=0)
    coincidence: Coincidence = static(default="mid", choices=COINCIDENCES)

    remedy: ClassVar[str] = "Train a SpikingLayer."

    reads: ClassVar[Reads | None] = "spikes"
    reads_pre: ClassVar[Reads] = "spikes"
    local: ClassVar[tuple[Side, ...] | None] = ()

    @cached_property
    def needs(self) -> tuple[str, ...]:  # type: ignore[override]  # depends on the coincidence
        """The traces, and for "mid" what is left of them after a step."""
        traces = "trace_pre", "trace_post"
        return (*traces, "decay_pre", "decay_post") if self.coincidence == "mid" else traces

    def step(self, memory: Memory, weights: Array, activity: Activity) -> tuple[Memory, Array]:
        """Return eta (A+ s x^' - A- s^ x')."""
        pre, post = activity.pre, activity.post
        trace_pre, trace_post = activity.trace_pre, activity.trace_post
        assert trace_pre is not None, "see needs"
        assert trace_post is not None, "see needs"
        if self.coincidence != "none":
            trace_pre = trace_pre + pre
        if self.coincidence == "both":
            trace_post = trace_post + post
        if self.coincidence == "mid":
            half_pre, half_post = _half(activity.decay_pre), _half(activity.decay_post)
            trace_pre = half_pre * trace_pre
            # A trace of which nothing is left after a step is zero half a step before, too.
            kept = half_post > 0
            trace_post = jnp.where(kept, trace_post / jnp.where(kept, half_post, 1), 0)
        potentiation = self.A_plus * contract(post, trace_pre)
        depression = self.A_minus * contract(trace_post, pre)
        return memory, self.learning_rate * (potentiation - depression)


def _half(decay: float | Array | None) -> Array:
    """Return the share of a trace that is left after half a step."""
    assert decay is not None, "see needs"
    return jnp.sqrt(decay)
