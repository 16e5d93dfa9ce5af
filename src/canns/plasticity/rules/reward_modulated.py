"""Reward-modulated plasticity: a later reward turns eligibility into weight changes."""

from collections.abc import Iterable
from typing import ClassVar

import jax.numpy as jnp

from canns.dynamics import Activity
from canns.dynamics.neurons import decayed
from canns.errors import ValidationError
from canns.plasticity.rule import Memory, Reads, Rule, answers_to_samples, step_length
from canns.typing import Array, FloatArray, param, pytree

__all__ = ["RewardModulated"]


@pytree
class RewardModulated(Rule):
    r"""A rule whose changes wait in an eligibility trace until a reward comes.

    .. math:: E \leftarrow e^{-dt/\tau_e} E + \Delta W_{rule}, \qquad \Delta W = R\, E

    R is the reward of the step: positive, negative or zero. If the reward comes a time D after a
    spike pair, the weights change by :math:`R\, e^{-D/\tau_e}` times the change of the rule alone.

    Args:
        rule: The rule that computes the eligibility; it must learn sample by sample.
        tau_e: Time constant of the eligibility in ms.
        dt: Length of a step in ms; None for the time step of the neuron or the rule, or 1 ms if
            they have none.

    Raises:
        ValidationError: If an argument is out of range, or the rule does not learn from the
            activity at a single sample, or already needs a reward.

    Example:
        >>> import jax.numpy as jnp
        >>> from canns.dynamics import Linear
        >>> from canns.plasticity import Hebbian, learn, Setup
        >>> rule = RewardModulated(Hebbian(1.0), tau_e=100.0)
        >>> inputs, rewards = jnp.array([[1.0], [0.0]]), jnp.array([0.0, 2.0])
        >>> after = learn(Setup(rule, Linear()), jnp.ones((1, 1)), inputs, rewards=rewards)
        >>> round(float(after.weights[0, 0] - 1), 4)  # 2 exp(-1/100)
        1.9801

    Source: Izhikevich (2007), Cereb. Cortex 17:2443; Frémaux & Gerstner (2016), Front. Neural
    Circuits 9:85.
    """

    rule: Rule
    tau_e: float = param(default=1000.0, low=0, open_low=True)
    dt: float | None = param(default=None, low=0, open_low=True)

    own_memory: ClassVar[bool] = True

    reads: ClassVar[Reads | None] = None

    @property
    def needs(self) -> tuple[str, ...]:  # type: ignore[override]  # depends on the rule
        """The reward, and the fields that the rule needs."""
        return ("reward", *self.rule.needs)

    @property
    def memory_attrs(self) -> tuple[str, ...]:  # type: ignore[override]
        """The eligibility, and the memory of the rule."""
        return ("eligibility", *self.rule.memory_attrs)

    @property
    def traces(self) -> tuple[str, ...]:  # type: ignore[override]
        """The eligibility, and the rule's traces."""
        return ("eligibility", *self.rule.traces)

    @property
    def remedy(self) -> str:  # type: ignore[override]
        """The remedy of the rule."""
        return self.rule.remedy

    def validate(self) -> None:
        """Check the intervals, and that the rule learns from the activity at a single sample."""
        rule = self.rule
        if not isinstance(rule, Rule) or not answers_to_samples(rule) or "reward" in rule.needs:
            expected = "one that learns from outputs of neurons, sample by sample, without a reward"
            raise ValidationError("rule", expected, repr(rule))
        super().validate()
        rule.validate()

    def check_weights(self, weights: Array) -> None:
        """Raise if the weights are in parts, or the rule cannot learn them."""
        super().check_weights(weights)
        self.rule.check_weights(weights)

    def readers(self) -> Iterable[tuple[tuple[int, ...], Rule]]:
        """Return the rules that the rule is made of."""
        return self.rule.readers()

    def init(self, weights: Array) -> Memory:
        """Return an eligibility of zero, and the rule's initial memory."""
        return (jnp.zeros_like(weights), *self.rule.init(weights))

    def step(self, memory: Memory, weights: Array, activity: Activity) -> tuple[Memory, Array]:
        """Return the eligibility and the rule's memory after this step, and R E."""
        eligibility, *inner = memory
        assert activity.reward is not None, "see needs"
        after, delta = self.rule.step(tuple(inner), weights, activity)
        eligibility = decayed(step_length(self.dt), self.tau_e) * eligibility + delta
        return (eligibility, *after), activity.reward * eligibility

    def stability_bound(self, inputs: FloatArray) -> str:
        """Return the bound of the rule, which holds for rewards of at most 1."""
        return f"For rewards of 1 and less: {self.rule.stability_bound(inputs)}"
