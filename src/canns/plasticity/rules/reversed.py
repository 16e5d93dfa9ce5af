"""The opposite of an additive rule, which removes a stored pattern."""

from collections.abc import Iterable
from typing import ClassVar

from canns.dynamics import Activity
from canns.errors import ValidationError
from canns.plasticity.rule import Memory, Reads, Rule, Shown
from canns.typing import Array, FloatArray, pytree

__all__ = ["Reversed"]


@pytree
class Reversed(Rule):
    r"""Undo what another rule has learnt, :math:`\Delta W \to -\Delta W`.

    Show it the patterns that the other rule has learnt, with the same hyperparameters. Only a
    change that does not depend on the weights can be undone, so the rule must be additive.

    Args:
        rule: The additive rule to undo.

    Raises:
        ValidationError: At the start of a run, if the rule is not additive.

    Example:
        >>> import jax.numpy as jnp
        >>> from canns.dynamics import Clamped
        >>> from canns.plasticity import Hebbian, learn, Setup
        >>> patterns, rule = jnp.array([[1.0, -1.0], [1.0, 1.0]]), Hebbian(0.5)
        >>> weights = learn(Setup(rule, Clamped()), jnp.zeros((2, 2)), patterns).weights
        >>> learn(Setup(Reversed(rule), Clamped()), weights, patterns[:1]).weights.round(3).tolist()
        [[0.5, 0.5], [0.5, 0.5]]

    Source: Hopfield, Feinstein & Palmer (1983), Nature 304:158.
    """

    rule: Rule

    shown: ClassVar[Shown] = "summed"

    reads: ClassVar[Reads | None] = None

    @property
    def padding_value(self) -> float | None:
        """The padding value of the rule."""
        value: float | None = self.rule.padding_value
        return value

    @property
    def centres(self) -> bool:  # type: ignore[override]  # depends on the rule
        """Whether the rule subtracts the mean."""
        return self.rule.centres

    @property
    def needs(self) -> tuple[str, ...]:  # type: ignore[override]  # depends on the rule
        """The fields that the rule needs."""
        return self.rule.needs

    @property
    def memory_attrs(self) -> tuple[str, ...]:  # type: ignore[override]
        """The memory of the rule."""
        return self.rule.memory_attrs

    @property
    def remedy(self) -> str:  # type: ignore[override]
        """The remedy of the rule."""
        return self.rule.remedy

    def validate(self) -> None:
        """Check that the rule can be undone."""
        if not isinstance(self.rule, Rule) or self.rule.shown != "summed":
            raise ValidationError(
                "rule",
                "an additive rule, such as Hebbian",
                repr(self.rule),
                "Other changes cannot be undone; learn the remaining patterns from scratch.",
            )
        self.rule.validate()

    def readers(self) -> Iterable[tuple[tuple[int, ...], Rule]]:
        """Return the rules that the rule is made of."""
        return self.rule.readers()

    def init(self, weights: Array) -> Memory:
        """Return the initial memory of the rule."""
        return self.rule.init(weights)

    def step(self, memory: Memory, weights: Array, activity: Activity) -> tuple[Memory, Array]:
        """Return the opposite of the rule's change."""
        memory, delta = self.rule.step(memory, weights, activity)
        return memory, -delta

    def stability_bound(self, inputs: FloatArray) -> str:
        """Return the bound of the rule."""
        return self.rule.stability_bound(inputs)
