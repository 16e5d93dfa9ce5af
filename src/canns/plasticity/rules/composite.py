"""Rules made of other rules: a sum of rules, and one rule for each part of the weights."""

from abc import abstractmethod
from collections.abc import Iterable, Iterator
from typing import ClassVar

import jax
import jax.numpy as jnp

from canns._validation import check_members
from canns.dynamics import (
    Activity,
    HierarchicalLinear,
    LateralLinear,
    Linear,
    Neuron,
    Stack,
)
from canns.errors import ValidationError
from canns.plasticity.projections import Projection
from canns.plasticity.rule import Memory, Reads, Rule, answers_to_samples
from canns.typing import AnyArray, Array, FloatArray, PyTree, pytree

__all__ = ["Composite", "PartProjections", "Parts", "Sum"]


class Composite(Rule):
    """A rule made of member rules; its memory is their memories, one after the other.

    Attributes:
        prefix: Start of the name of a member's memory; the member's number follows.
    """

    own_memory: ClassVar[bool] = True
    prefix: ClassVar[str]

    reads: ClassVar[Reads | None] = None

    @property
    def centres(self) -> bool:  # type: ignore[override]  # depends on the members
        """Whether all members subtract the mean."""
        return all(rule.centres for _, rule in self.members())

    @property
    def needs(self) -> tuple[str, ...]:  # type: ignore[override]  # depends on the members
        """All fields of the activity that a member needs."""
        return tuple(dict.fromkeys(name for _, rule in self.members() for name in rule.needs))

    @property
    def memory_attrs(self) -> tuple[str, ...]:  # type: ignore[override]
        """The members' memories, each name preceded by the number of its rule."""
        return tuple(self._numbered(i, name) for i, r in self.members() for name in r.memory_attrs)

    @property
    def traces(self) -> tuple[str, ...]:  # type: ignore[override]
        """The members' traces, named as in ``memory_attrs``."""
        return tuple(self._numbered(i, name) for i, r in self.members() for name in r.traces)

    def _numbered(self, position: int, name: str) -> str:
        return f"{self.prefix}{position}_{name}"

    @property
    def remedy(self) -> str:  # type: ignore[override]
        """The members' remedies, one after the other."""
        return " ".join(dict.fromkeys(rule.remedy for _, rule in self.members() if rule.remedy))

    @property
    def bounded_for(self) -> tuple[type[Neuron], ...]:  # type: ignore[override]
        """Any neuron, if a member has a bound: the members are asked one by one."""
        return (Neuron,) if any(rule.bounded_for for _, rule in self.members()) else ()

    @abstractmethod
    def members(self) -> Iterator[tuple[int, Rule]]:
        """Yield each member's position and rule."""

    def validate(self) -> None:
        """Check each member: a rule that learns from the activity at a single sample."""
        for _, rule in self.members():
            if not isinstance(rule, Rule) or not answers_to_samples(rule):
                expected = "rules that learn from outputs of neurons, sample by sample"
                raise ValidationError("rules", expected, repr(rule))
            rule.validate()

    def shares(self, memory: Memory) -> Iterator[Memory]:
        """Yield each member's part of the memory."""
        start = 0
        for _, rule in self.members():
            stop = start + len(rule.memory_attrs)
            yield memory[start:stop]
            start = stop

    def stability_bound(self, inputs: FloatArray) -> str:
        """Return no numbers: the inputs of inner parts are not known here."""
        return "Use smaller learning rates."


@pytree
class Sum(Composite):
    r"""Several rules that learn the same weights: their changes are added.

    .. math:: \Delta W = \sum_k \Delta W_k

    Each rule sees the weights before this step, and keeps its own memory.

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
        """Check that there is at least one rule, and check each of them."""
        check_members("rules", self.rules, Rule)
        if not self.rules:
            raise ValidationError("rules", "one rule or more", "none")
        super().validate()

    def check_weights(self, weights: PyTree) -> None:
        """Check the weights against each rule."""
        for rule in self.rules:
            rule.check_weights(weights)

    def readers(self) -> Iterable[tuple[tuple[int, ...], Rule]]:
        """Return the rules that each rule is made of."""
        return [reader for rule in self.rules for reader in rule.readers()]

    def check_data(self, weights: PyTree, inputs: AnyArray, neuron: Neuron, power: float) -> None:
        """Ask each rule whose bound holds for this neuron."""
        for rule in self.rules:
            if isinstance(neuron, rule.bounded_for):
                rule.check_data(weights, inputs, neuron, power)

    def init(self, weights: Array) -> Memory:
        """Return the initial memory of every rule."""
        return tuple(box for rule in self.rules for box in rule.init(weights))

    def step(self, memory: Memory, weights: Array, activity: Activity) -> tuple[Memory, Array]:
        """Return the sum of the changes."""
        steps = [
            rule.step(own, weights, activity)
            for rule, own in zip(self.rules, self.shares(memory), strict=True)
        ]
        total = jax.tree.map(lambda *changes: sum(changes[1:], changes[0]), *(d for _, d in steps))
        return tuple(box for own, _ in steps for box in own), total


@pytree
class Parts(Composite):
    r"""A rule for each part of the weights; None leaves a part as it is.

    .. math:: \Delta W^{(k)} = \mathrm{rule}_k(W^{(k)}, \mathrm{activity}_k)

    Each rule sees the presynaptic and postsynaptic activity of its own part, and the reward.

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
    def needs(self) -> tuple[str, ...]:  # type: ignore[override]  # depends on the members
        """The parts, the fields that each rule needs of its part, and the reward if needed."""
        own = [(i, name) for i, rule in self.members() for name in rule.needs]
        rewarded = ["reward"] if any(name == "reward" for _, name in own) else []
        return ("parts", *rewarded, *(f"{i}.{name}" for i, name in own if name != "reward"))

    def members(self) -> Iterator[tuple[int, Rule]]:
        """Yield each rule with the number of its part."""
        return ((i, rule) for i, rule in enumerate(self.rules) if rule is not None)

    def validate(self) -> None:
        """Check each rule; None leaves a part as it is."""
        check_members("rules", self.rules, Rule, or_none=True)
        super().validate()

    def check_weights(self, weights: PyTree) -> None:
        """Raise if there is not exactly one rule, or None, for each part."""
        _check_count("rules", self.rules, weights)
        for i, rule in self.members():
            rule.check_weights(weights[i])

    def readers(self) -> Iterable[tuple[tuple[int, ...], Rule]]:
        """Return the rules of each part, with its position first."""
        return [((i, *at), own) for i, rule in self.members() for at, own in rule.readers()]

    def check_data(self, weights: PyTree, inputs: AnyArray, neuron: Neuron, power: float) -> None:
        """Ask the rule of the first part, which sees the inputs; those of later parts do not."""
        first = self.rules[0]
        if isinstance(neuron, Stack):
            neuron = neuron.neurons[0]
        elif isinstance(neuron, HierarchicalLinear | LateralLinear):
            neuron = Linear()
        if first is not None and isinstance(neuron, first.bounded_for):
            first.check_data(weights[0], inputs, neuron, power)

    def init(self, weights: PyTree) -> Memory:
        """Return the initial memory of every rule."""
        return tuple(box for i, rule in self.members() for box in rule.init(weights[i]))

    def step(self, memory: Memory, weights: PyTree, activity: Activity) -> tuple[Memory, PyTree]:
        """Return the change of each part."""
        assert activity.parts is not None, "see needs"
        deltas = [jax.tree.map(jnp.zeros_like, part) for part in weights]
        after: list[Array] = []
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
        check_members("projections", self.projections, Projection)
        for projection in self.projections:
            projection.validate()

    def check_weights(self, weights: PyTree) -> None:
        """Raise if there is not exactly one projection for each part."""
        _check_count("projections", self.projections, weights)
        for projection, part in zip(self.projections, weights, strict=True):
            projection.check_weights(part)

    def __call__(self, weights: PyTree) -> PyTree:
        """Return the weights with each part projected."""
        parts = [p(part) for p, part in zip(self.projections, weights, strict=True)]
        return _in_parts(weights, parts)


def _check_count(name: str, members: tuple[object, ...], weights: PyTree) -> None:
    if not isinstance(weights, tuple) or len(weights) != len(members):
        parts = len(weights) if isinstance(weights, tuple) else 1
        raise ValidationError(name, f"{parts}, one for each part", f"{len(members)}")


def _in_parts(weights: PyTree, parts: list[PyTree]) -> PyTree:
    """Return ``parts`` in the same kind of tuple as the weights."""
    return jax.tree.unflatten(jax.tree.structure(weights), jax.tree.leaves(parts))
