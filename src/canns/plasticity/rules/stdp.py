"""Pair-based spike-timing-dependent plasticity that reads the neuron's traces."""

from typing import ClassVar, Literal

from canns._validation import check_choice
from canns.dynamics import Activity
from canns.plasticity.rule import Memory, Reads, Rule, contract
from canns.typing import Array, param, pytree, static

__all__ = ["COINCIDENCES", "STDP", "Coincidence"]

Coincidence = Literal["ltp", "both", "none"]
COINCIDENCES: tuple[Coincidence, ...] = ("ltp", "both", "none")


@pytree
class STDP(Rule):
    r"""Pair-based STDP, all-to-all pairing, additive.

    .. math:: \Delta W = \eta\,(A_+\, s\, \hat x^T - A_-\, \hat s\, x^T)

    :math:`\hat x, \hat s` are the traces of earlier presynaptic and postsynaptic spikes. An
    isolated pair with the postsynaptic spike d steps after the presynaptic one changes the
    weight by :math:`\eta A_+ \lambda_+^d`; d steps before it, by :math:`-\eta A_- \lambda_-^d`.

    Args:
        learning_rate: Eta.
        A_plus: Potentiation of a pair without delay.
        A_minus: Depression of a pair without delay.
        coincidence: How a pair within one step counts. "ltp": only as potentiation, because
            within a step the input precedes the spike that it causes. "both": as potentiation and
            depression, which depresses a causal pair if A_minus > A_plus. "none": not at all.

    Example:
        >>> import jax.numpy as jnp
        >>> one, zero = jnp.array([1.0]), jnp.array([0.0])
        >>> activity = Activity(pre=zero, post=one, trace_pre=one / 2, trace_post=zero)
        >>> delta = STDP(1.0, A_plus=0.5, A_minus=0.5).step((), jnp.zeros((1, 1)), activity)[1]
        >>> float(delta[0, 0])
        0.25

    Source: Bi & Poo (1998), J. Neurosci. 18:10464; Song, Miller & Abbott (2000), Nat.
    Neurosci. 3:919; Morrison, Diesmann & Gerstner (2008), Biol. Cybern. 98:459.
    """

    learning_rate: float = param(default=0.01, low=0)
    A_plus: float = param(default=0.005, low=0)
    A_minus: float = param(default=0.00525, low=0)
    coincidence: Coincidence = static(default="ltp")

    needs: ClassVar[tuple[str, ...]] = ("trace_pre", "trace_post")
    remedy: ClassVar[str] = "Train a SpikingLayer."

    reads: ClassVar[Reads | None] = "spikes"
    reads_pre: ClassVar[Reads] = "spikes"

    def validate(self) -> None:
        """Check the intervals and the choice of coincidence."""
        super().validate()
        check_choice("coincidence", self.coincidence, COINCIDENCES)

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
        potentiation = self.A_plus * contract(post, trace_pre)
        depression = self.A_minus * contract(trace_post, pre)
        return memory, self.learning_rate * (potentiation - depression)
