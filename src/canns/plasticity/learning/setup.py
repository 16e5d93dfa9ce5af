"""A setup: a rule, a neuron and a constraint that learn together, and whether they fit."""

import math
from functools import cached_property
from itertools import filterfalse
from typing import Literal

import numpy as np

from canns._validation import check_choice, is_traced, refuse_class
from canns.dynamics import Clamped, Neuron, Synapses
from canns.errors import ValidationError
from canns.plasticity.learning.fit import RIGHT, check_fit
from canns.plasticity.learning.local_step import local_memory
from canns.plasticity.learning.locality import obstacle_to_synapses, sides_of
from canns.plasticity.learning.state import Learner
from canns.plasticity.learning.time_step import given_steps, may_have_step, with_step
from canns.plasticity.projections import Clipped, Identity, Projection
from canns.plasticity.rule import Rule, step_length
from canns.typing import AnyArray, Parameters, PyTree, pytree, static

__all__ = ["METHODS", "Method", "Setup"]

Method = Literal["auto", "dense", "events"]
METHODS: tuple[Method, ...] = ("auto", "dense", "events")

_VALUES = {float, int, str}  # types of hyperparameters that cannot be traced


@pytree
class Setup(Parameters):
    r"""A rule, the neuron whose activity it reads, and a constraint on the weights.

    .. math:: W \leftarrow \mathrm{project}(W + \Delta W)

    The setup decides whether its parts fit each other, and how they are shown data. All parts have
    one time step: rules with time constants take that of the neuron, unless they are given one.

    Args:
        rule: The learning rule.
        neuron: The neuron model.
        project: The constraint applied to the weights after each change.
        method: "dense": every step reads and changes all weights. "events": a step visits only the
            synapses of inputs and neurons that spike; the results are those of "dense" to rounding.
            "auto": whichever takes less time at the activity of the inputs.

    Example:
        >>> from canns.dynamics import Clamped, Linear
        >>> from canns.plasticity import Hebbian, Oja
        >>> Setup(Oja(0.1), Linear()).at_once, Setup(Hebbian(), Clamped()).at_once
        (False, True)
        >>> from canns.dynamics import CurrentLIF
        >>> from canns.plasticity import PairSTDP
        >>> Setup(PairSTDP(), CurrentLIF(dt=0.1)).time_step
        0.1
    """

    rule: Rule
    neuron: Neuron
    project: Projection = Identity()  # frozen, and without fields
    method: Method = static(default="auto", choices=METHODS)

    def validate(self) -> None:
        """Check all hyperparameters of the three parts, and that they have one time step."""
        parts = (self.rule, Rule), (self.neuron, Neuron), (self.project, Projection)
        for part, kind in parts:
            if not isinstance(part, kind):  # asked here: most runs then need no further call
                expected = f"of a rule, a neuron and a projection; one must be a {kind.__name__}"
                refuse_class("setup", expected, part)
                raise ValidationError("setup", expected, repr(part))
            part.validate()
        if self.method not in METHODS:
            check_choice("method", self.method, METHODS)
        if may_have_step(type(self.rule)):
            self._check_time_step()

    def check(
        self,
        weights: PyTree,
        rewards: object = None,
        *,
        inputs: AnyArray | None = None,
        kept: tuple[str, ...] = (),
        bounded: bool = True,
    ) -> None:
        """Raise if the parts do not fit each other, these weights, the rewards or the data.

        Args:
            weights: W, (out, in), or a tuple of parts.
            rewards: The rewards of the samples, or None.
            inputs: The samples, (T, in), or the first chunk of them; None if they have no values
                yet, because JAX is tracing.
            kept: Fields of the activity that a user's model provides itself, such as traces.
            bounded: Whether theory's bound on the learning rate holds for the run.

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
        self.check_samples(weights, inputs)
        if self.method == "events" or isinstance(weights, Synapses):
            self.check_method(weights)
        if inputs is not None and self.rule.bounded_for and bounded:
            self._check_rate(weights, inputs)

    def check_samples(self, weights: PyTree, inputs: AnyArray | None, name: str = "inputs") -> None:
        """Raise or warn if what the neuron shows is not what the rule reads, or of other shapes.

        Args:
            weights: See :meth:`check`.
            inputs: The samples, (T, in), or a chunk of them; None if they have no values yet.
            name: The argument that they came in, for messages.
        """
        rule, neuron = self.rule, self.neuron
        # A matrix, activity that is right for the rule, and spikes if it reads them: this costs no
        # further call. Whatever else there is, the slower check decides.
        plain = (
            rule.reads is not None
            and neuron.emits in RIGHT[rule.reads]
            and neuron.Parts is None
            and rule.role is None
            and rule.reads_potential is None
            and not isinstance(weights, tuple)
            and len(weights.shape) == 2
            and (not neuron.clamped or (neuron.square and weights.shape[0] == weights.shape[1]))
            and (inputs is None or inputs.shape[-1] == weights.shape[1])
        )
        if plain and inputs is not None:
            if rule.reads_pre == "spikes":
                plain = ((inputs == 0) | (inputs == 1)).all()
            elif rule.reads == "rates" and neuron.clamped:
                plain = inputs.min() >= 0
            elif neuron.clamped:
                plain = inputs.min() < 0  # a pattern that a rule of -1 and 1 can store
        if not plain:
            # Clipped, patterns of 0 and 1 make the binary synapses of Willshaw's network.
            binary = isinstance(self.project, Clipped)
            check_fit(rule, neuron, weights, inputs, name, binary=binary)

    @cached_property
    def obstacle_to_events(self) -> str | None:
        """Why the setup cannot learn by events, as a clause; None if it can."""
        rule, neuron, project = self.rule, self.neuron, self.project
        if sides_of(rule) is None:
            return f"{type(rule).__name__} may change synapses at which neither side spikes"
        obstacle = obstacle_to_synapses(neuron)
        if obstacle is not None:
            return obstacle
        if not project.elementwise:
            return f"{type(project).__name__} does not map each weight by itself"
        return None

    def check_method(self, weights: PyTree) -> None:
        """Raise if a run by events is asked for, or needed by synapses, but not possible."""
        if self.method != "events" and not isinstance(weights, Synapses):
            return
        sparse = isinstance(weights, Synapses)
        if sparse and self.method == "dense":
            expected = "'events' or 'auto' for synapses that are not a matrix"
            raise ValidationError(
                "method", expected, "'dense'", "Or learn the matrix of their weights."
            )
        obstacle = self.obstacle_to_events
        if obstacle is not None:
            if sparse:
                expected, got = f"a matrix, because {obstacle}", type(weights).__name__
                remedy = "Learn by a local rule, such as PairSTDP, or without connectivity."
                raise ValidationError("weights", expected, got, remedy)
            raise ValidationError("method", f"'dense' or 'auto', because {obstacle}", "'events'")

    def _check_rate(self, weights: PyTree, inputs: AnyArray) -> None:
        """Raise if theory excludes the rate at these data, whatever the constraint; or warn."""
        rule, neuron = self.rule, self.neuron
        plain = _VALUES.issuperset(map(type, vars(rule).values()))
        if not isinstance(neuron, rule.bounded_for) or not (plain or not is_traced(rule)):
            return
        samples = inputs if inputs.itemsize >= 4 else inputs.astype(np.float32)
        flat = samples.ravel()
        power = float(flat.dot(flat)) / len(samples)
        if 0 < power < math.inf:  # a run on other samples reports which of them it cannot take
            rule.check_data(weights, samples, neuron, power)

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

    @property
    def time_step(self) -> float:
        """The time from one sample to the next in ms, for all parts.

        That of the neuron, else the one given to a rule; 1 if neither has one.
        """
        return step_length(next((step for _, step in given_steps(self.neuron, self.rule)), None))

    @property
    def timed_rule(self) -> Rule:
        """The rule with the time step of the setup."""
        if not may_have_step(type(self.rule)):
            return self.rule
        return with_step(self.rule, self.time_step)

    def _check_time_step(self) -> None:
        """Raise if two time steps are given that differ."""
        steps = [(whose, step) for whose, step in given_steps(self.neuron, self.rule)]
        if len(steps) < 2 or is_traced(steps):
            return
        (first, step), *others = steps
        for whose, other in others:
            if not np.allclose(other, step, rtol=1e-6, atol=0):
                raise ValidationError(
                    "dt",
                    f"the same everywhere: {step:g} ms in {first}, and so in {whose}",
                    f"{other:g}",
                    "A rule without a dt takes that of the neuron: leave it out.",
                )

    def check_step_of_data(self, name: str, dt: float) -> None:
        """Raise if spike trains are on a grid of another step than the neuron or the rule has."""
        for whose, step in given_steps(self.neuron, self.rule):
            if not is_traced(step) and not np.allclose(step, dt, rtol=1e-6, atol=0):
                raise ValidationError(
                    name,
                    f"spike trains in steps of {step:g} ms, the dt of {whose}",
                    f"steps of {dt:g} ms",
                    f"Make them with dt={step:g}.",
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
        rule, neuron = self.timed_rule, self.neuron
        sparse = isinstance(weights, Synapses)
        memory = local_memory(rule, weights) if sparse else rule.init(weights)
        return Learner(weights, memory, neuron.init(weights), neuron.silence(weights))
