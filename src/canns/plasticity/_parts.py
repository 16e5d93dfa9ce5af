"""Rules for weights in several parts, such as feed-forward and lateral ones."""

from collections.abc import Iterator
from typing import Any, ClassVar

import jax
import jax.numpy as jnp

from canns.dynamics import Activity
from canns.errors import ValidationError
from canns.plasticity._combined import Combined
from canns.plasticity._projections import Projection
from canns.plasticity._rule import Memory, Rule
from canns.typing import pytree

__all__ = ["PartProjections", "Parts"]


@pytree
class Parts(Combined):
    r"""A rule for each part of the weights; None leaves a part as it is.

    .. math:: \Delta W^{(k)} = \mathrm{rule}_k(W^{(k)}, \mathrm{activity}_k)

    Each rule sees what its part has before and behind it, and the reward.

    Args:
        rules: One for each part, in the order of the neuron's weights.

    Example:
        >>> import jax.numpy as jnp
        >>> from canns.plasticity import Hebbian
        >>> x, y = jnp.array([1.0, 2.0]), jnp.array([4.0])
        >>> activity = Activity(x, y, parts=(Activity(x, y), Activity(y, y)))
        >>> weights = jnp.zeros((1, 2)), jnp.ones((1, 1))
        >>> _, (forward, lateral) = Parts((Hebbian(1.0), None)).step((), weights, activity)
        >>> forward.round(3).tolist(), lateral.tolist()
        ([[4.0, 8.0]], [[0.0]])
    """

    rules: tuple[Rule | None, ...]

    prefix: ClassVar[str] = "part"

    @property
    def needs(self) -> tuple[str, ...]:  # type: ignore[override]  # those of its own rules
        """The parts, what each rule needs of its own, and the reward if any does."""
        own = [(i, name) for i, rule in self.members() for name in rule.needs]
        rewarded = ["reward"] if any(name == "reward" for _, name in own) else []
        return ("parts", *rewarded, *(f"{i}.{name}" for i, name in own if name != "reward"))

    def members(self) -> Iterator[tuple[int, Rule]]:
        """Yield each rule with the number of its part."""
        return ((i, rule) for i, rule in enumerate(self.rules) if rule is not None)

    def check_weights(self, weights: Any) -> None:
        """Raise where there is not one rule for each part."""
        _check_count("rules", self.rules, weights)
        for i, rule in self.members():
            rule.check_weights(weights[i])

    def init(self, weights: Any) -> Memory:
        """Return the memory of every rule."""
        return tuple(box for i, rule in self.members() for box in rule.init(weights[i]))

    def step(self, memory: Memory, weights: Any, activity: Activity) -> tuple[Memory, Any]:
        """Return the change of each part."""
        assert activity.parts is not None, "see needs"
        deltas = [jax.tree.map(jnp.zeros_like, part) for part in weights]
        after: list[Any] = []
        for (i, rule), own in zip(self.members(), self.shares(memory), strict=True):
            part = activity.parts[i]._replace(reward=activity.reward)
            own, deltas[i] = rule.step(own, weights[i], part)
            after += own
        return tuple(after), _in_parts(weights, deltas)


@pytree
class PartProjections(Projection):
    """A projection for each part of the weights.

    Args:
        projections: One for each part, in the order of the neuron's weights.

    Example:
        >>> import jax.numpy as jnp
        >>> from canns.plasticity import Bounds, Identity
        >>> project = PartProjections((Identity(), Bounds(0.0, 1.0)))
        >>> [part.tolist() for part in project((jnp.array([[2.0]]), jnp.array([[2.0]])))]
        [[[2.0]], [[1.0]]]
    """

    projections: tuple[Projection, ...]

    def validate(self) -> None:
        """Check each member."""
        for projection in self.projections:
            projection.validate()

    def check_weights(self, weights: Any) -> None:
        """Raise where there is not one projection for each part."""
        _check_count("projections", self.projections, weights)
        for projection, part in zip(self.projections, weights, strict=True):
            projection.check_weights(part)

    def __call__(self, weights: Any) -> Any:
        """Return the parts, each projected."""
        parts = [p(part) for p, part in zip(self.projections, weights, strict=True)]
        return _in_parts(weights, parts)


def _check_count(name: str, members: tuple[Any, ...], weights: Any) -> None:
    if not isinstance(weights, tuple) or len(weights) != len(members):
        parts = len(weights) if isinstance(weights, tuple) else 1
        raise ValidationError(name, f"{parts}, one for each part", f"{len(members)}")


def _in_parts(weights: Any, parts: list[Any]) -> Any:
    """Return ``parts`` as the kind of tuple that the weights are."""
    return jax.tree.unflatten(jax.tree.structure(weights), jax.tree.leaves(parts))
