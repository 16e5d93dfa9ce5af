"""Rules made of other rules: what they share, and their sum."""

from abc import abstractmethod
from collections.abc import Iterator
from typing import Any, ClassVar

import jax
from numpy.typing import NDArray

from canns.dynamics import Activity
from canns.errors import ValidationError
from canns.plasticity._rule import Memory, Rule
from canns.typing import Array, pytree

__all__ = ["Combined", "Sum"]


class Combined(Rule):
    """A rule made of others, whose memories follow each other in its own.

    Attributes:
        prefix: What the names in a member's memory begin with, before its number.
    """

    own_memory: ClassVar[bool] = True
    prefix: ClassVar[str]

    @property
    def needs(self) -> tuple[str, ...]:  # type: ignore[override]  # those of its own rules
        """What any of the rules needs."""
        return tuple(dict.fromkeys(name for _, rule in self.members() for name in rule.needs))

    @property
    def memory_attrs(self) -> tuple[str, ...]:  # type: ignore[override]
        """What the rules remember, each name with the number of its rule."""
        return tuple(self._numbered(i, name) for i, r in self.members() for name in r.memory_attrs)

    @property
    def traces(self) -> tuple[str, ...]:  # type: ignore[override]
        """Those of the rules' memory that are traces."""
        return tuple(self._numbered(i, name) for i, r in self.members() for name in r.traces)

    def _numbered(self, position: int, name: str) -> str:
        return f"{self.prefix}{position}_{name}"

    @property
    def remedy(self) -> str:  # type: ignore[override]
        """Where the rules' states come from."""
        return " ".join(dict.fromkeys(rule.remedy for _, rule in self.members() if rule.remedy))

    @abstractmethod
    def members(self) -> Iterator[tuple[int, Rule]]:
        """Yield the position and the rule of each."""

    def validate(self) -> None:
        """Check each rule: it must be one that learns from a single sample's activity."""
        for _, rule in self.members():
            if not isinstance(rule, Rule) or not rule.by_samples:
                expected = "rules that learn from what neurons answer, sample by sample"
                raise ValidationError("rules", expected, repr(rule))
            rule.validate()

    def shares(self, memory: Memory) -> Iterator[Memory]:
        """Yield the memory of each rule."""
        start = 0
        for _, rule in self.members():
            stop = start + len(rule.memory_attrs)
            yield memory[start:stop]
            start = stop

    def stability_bound(self, inputs: NDArray[Any]) -> str:
        """Return what the rules say of their inputs; those of inner parts are not known here."""
        return "Use smaller learning rates."


@pytree
class Sum(Combined):
    r"""The sum of several rules' changes of the same weights.

    .. math:: \Delta W = \sum_k \Delta W_k

    Each rule sees the weights of before this step, and keeps its own memory.

    Args:
        rules: The rules.

    Example:
        >>> import jax.numpy as jnp
        >>> from canns.plasticity import Hebbian, Oja
        >>> activity = Activity(pre=jnp.array([1.0, 0.0]), post=jnp.array([2.0]))
        >>> rule = Sum((Hebbian(0.25), Oja(0.25)))
        >>> rule.step((), jnp.zeros((1, 2)), activity)[1].round(3).tolist()
        [[1.0, 0.0]]
    """

    rules: tuple[Rule, ...]

    prefix: ClassVar[str] = "rule"

    def members(self) -> Iterator[tuple[int, Rule]]:
        """Yield each rule with its number."""
        return enumerate(self.rules)

    def validate(self) -> None:
        """Check that there are rules, and each of them."""
        if not self.rules:
            raise ValidationError("rules", "one rule or more", "none")
        super().validate()

    def check_weights(self, weights: Any) -> None:
        """Check the weights against each rule."""
        for rule in self.rules:
            rule.check_weights(weights)

    def init(self, weights: Array) -> Memory:
        """Return the memory of every rule."""
        return tuple(box for rule in self.rules for box in rule.init(weights))

    def step(self, memory: Memory, weights: Array, activity: Activity) -> tuple[Memory, Array]:
        """Return the sum of the changes."""
        steps = [
            rule.step(own, weights, activity)
            for rule, own in zip(self.rules, self.shares(memory), strict=True)
        ]
        total = jax.tree.map(lambda *changes: sum(changes[1:], changes[0]), *(d for _, d in steps))
        return tuple(box for own, _ in steps for box in own), total
