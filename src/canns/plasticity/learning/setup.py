"""A setup: a rule, a neuron and a constraint that learn together, and whether they fit."""

from functools import cached_property
from itertools import filterfalse

from canns.dynamics import Clamped, Neuron
from canns.errors import ValidationError
from canns.plasticity.learning.state import Learner
from canns.plasticity.projections import Identity, Projection
from canns.plasticity.rule import Rule
from canns.typing import AnyArray, Parameters, PyTree, pytree

__all__ = ["Setup"]


@pytree
class Setup(Parameters):
    r"""A rule, the neuron whose activity it reads, and a constraint on the weights.

    .. math:: W \leftarrow \mathrm{project}(W + \Delta W)

    The setup decides whether its parts fit each other, and how they are shown data.

    Args:
        rule: The learning rule.
        neuron: The neuron model.
        project: The constraint applied to the weights after each change.

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
        """Check all hyperparameters of the three parts."""
        self.rule.validate()
        self.neuron.validate()
        self.project.validate()

    def check(
        self,
        weights: PyTree,
        rewards: object = None,
        *,
        inputs: AnyArray | None = None,
        kept: tuple[str, ...] = (),
    ) -> None:
        """Raise if the parts do not fit each other, these weights, the rewards or the data.

        Args:
            weights: W, (out, in), or a tuple of parts.
            rewards: The rewards of the samples, or None.
            inputs: The samples, (T, in), or the first chunk of them; None if they have no values
                yet, because JAX is tracing.
            kept: Fields of the activity that a user's model provides itself, such as traces.

        Raises:
            ValidationError: If they do not fit.
        """
        for part in (self.rule, self.neuron, self.project):
            if isinstance(part, type):
                made = f"Make one: {part.__name__}()."
                raise ValidationError("setup", "of objects", f"the class {part.__name__}", made)
            part.validate()
        if self.rule.needs:
            self._check_needs(kept)
        if self.rule.target is not None or self.rule.shown == "whole":
            self._check_target()
        if rewards is not None or "reward" in self.rule.needs:
            self.check_rewarded(rewards is not None)
        self.rule.check_weights(weights)
        self.project.check_weights(weights)

    def _check_needs(self, kept: tuple[str, ...]) -> None:
        """Raise if the rule reads a field of the activity that nothing fills."""
        provided = {*self.neuron.provides, *kept, "reward"}
        missing = [*filterfalse(provided.__contains__, self.rule.needs)]
        if missing:
            raise ValidationError(
                "neuron",
                f"one that provides {', '.join(missing)} for {type(self.rule).__name__}",
                type(self.neuron).__name__,
                self.rule.remedy or "A spiking neuron such as LIF does.",
            )

    def _check_target(self) -> None:
        """Raise if the rule reads a target, but the neuron computes its activity itself."""
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
        """Raise if the rule needs rewards but gets none, or gets rewards but needs none."""
        if ("reward" in self.rule.needs) != rewarded:
            expected, got = ("None", "some") if rewarded else ("a reward for each sample", "None")
            raise ValidationError("rewards", f"{expected} for {type(self.rule).__name__}", got)

    @cached_property
    def at_once(self) -> bool:
        """Whether one step learns a whole data set.

        True if the rule requires it, or if it does not affect the result: the changes of the
        samples add up, and the constraint may be applied to their sum.
        """
        if self.rule.shown == "whole":
            return True
        return self.rule.shown == "summed" and self.neuron.clamped and self.project.once

    @cached_property
    def needs_all(self) -> bool:
        """Whether all samples must be in memory, because they cannot be learnt part by part."""
        return self.rule.shown == "whole" or (self.at_once and not self.project.distributes)

    @cached_property
    def can_pad(self) -> bool:
        """Whether a batch may be padded with samples that have no effect."""
        if not self.at_once:
            return True  # the loop stops before the padding
        stateless = not self.neuron.State._fields  # else padding would change the state
        padded = self.rule.shown != "whole" and self.rule.padding_value is not None
        return padded and stateless

    def start(self, weights: PyTree) -> Learner:
        """Return a learner with these weights, and the initial states of neuron and rule."""
        rule, neuron = self.rule, self.neuron
        return Learner(weights, rule.init(weights), neuron.init(weights), neuron.silence(weights))
