"""A setup: the rule, the neuron and the constraint that learn together, and whether they fit."""

from functools import cached_property

from canns.dynamics import Clamped, Neuron
from canns.errors import ValidationError
from canns.plasticity.learning.state import Learner
from canns.plasticity.projections import Identity, Projection
from canns.plasticity.rule import Rule
from canns.typing import Parameters, PyTree, pytree

__all__ = ["Setup"]


@pytree
class Setup(Parameters):
    r"""What learns: a rule, the neuron whose activity it reads, and a constraint on the weights.

    .. math:: W \leftarrow \mathrm{project}(W + \Delta W)

    It is the one place that knows whether its parts fit each other and how they are shown data.

    Args:
        rule: The learning rule.
        neuron: The neuron model.
        project: The constraint put on the weights after each change.

    Example:
        >>> from canns.dynamics import Clamped, Linear
        >>> from canns.plasticity import Hebbian, Oja
        >>> Setup(Oja(0.1), Linear()).at_once, Setup(Hebbian(), Clamped()).at_once
        (False, True)
    """

    rule: Rule
    neuron: Neuron
    project: Projection = Identity()  # frozen, and without fields

    def validate(self) -> None:
        """Check every hyperparameter of the three parts."""
        self.rule.validate()
        self.neuron.validate()
        self.project.validate()

    def check(self, weights: PyTree, rewards: object = None, *, kept: tuple[str, ...] = ()) -> None:
        """Raise if the parts do not fit each other, these weights, or the rewards.

        Args:
            weights: W, (out, in), or a tuple of parts.
            rewards: The rewards of the samples, or None.
            kept: Fields of the activity that a model of the user's own keeps itself.

        Raises:
            ValidationError: If they do not fit.
        """
        self.validate()
        if self.rule.needs:
            self._check_needs(kept)
        if self.rule.target is not None or self.rule.shown == "whole":
            self._check_target()
        if rewards is not None or "reward" in self.rule.needs:
            self.check_rewarded(rewards is not None)
        self.rule.check_weights(weights)
        self.project.check_weights(weights)

    def _check_needs(self, kept: tuple[str, ...]) -> None:
        """Raise if the rule reads a field of the activity that nobody fills."""
        provided = {*self.neuron.provides, *kept, "reward"}
        missing = [field for field in self.rule.needs if field not in provided]
        if missing:
            raise ValidationError(
                "neuron",
                f"one that provides {', '.join(missing)} for {type(self.rule).__name__}",
                type(self.neuron).__name__,
                self.rule.remedy or "A spiking neuron such as LIF does.",
            )

    def _check_target(self) -> None:
        """Raise if the rule takes the activity for a target and the neuron computes it."""
        rule, neuron = self.rule, self.neuron
        if rule.target == "self":
            held = isinstance(neuron, Clamped)
        else:
            held = neuron.clamped or (rule.target is None and rule.shown != "whole")
        if not held:
            whose = "each pattern" if rule.target == "self" else "its target"
            raise ValidationError(
                "neuron",
                f"one held at {whose} for {type(rule).__name__}",
                type(neuron).__name__,
                "Train a recurrent network, whose neurons are held at its patterns.",
            )

    def check_rewarded(self, rewarded: bool) -> None:
        """Raise if the rule needs rewards and there are none, or the other way round."""
        if ("reward" in self.rule.needs) != rewarded:
            expected, got = ("None", "some") if rewarded else ("a reward for each sample", "None")
            raise ValidationError("rewards", f"{expected} for {type(self.rule).__name__}", got)

    @cached_property
    def at_once(self) -> bool:
        """Whether one step learns a whole data set.

        Either the rule asks for it, or it makes no difference: the changes of the samples add up,
        and the constraint is put on their sum.
        """
        if self.rule.shown == "whole":
            return True
        return self.rule.shown == "summed" and self.neuron.clamped and self.project.once

    @cached_property
    def needs_all(self) -> bool:
        """Whether all samples have to be in memory, for they cannot be learnt part by part."""
        return self.rule.shown == "whole" or (self.at_once and not self.project.distributes)

    @cached_property
    def can_pad(self) -> bool:
        """Whether a batch may be padded with samples that change nothing."""
        if not self.at_once:
            return True  # the loop stops before them
        stateless = not self.neuron.State._fields  # else the last sample is what stays
        padded = self.rule.shown != "whole" and self.rule.padding_value is not None
        return padded and stateless

    def start(self, weights: PyTree) -> Learner:
        """Return a learner at rest with the given weights."""
        rule, neuron = self.rule, self.neuron
        return Learner(weights, rule.init(weights), neuron.init(weights), neuron.silence(weights))
