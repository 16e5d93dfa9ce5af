"""The interface between trainers and models."""

from abc import abstractmethod
from itertools import filterfalse
from typing import Any, ClassVar

import jax
import jax.numpy as jnp

from canns.dynamics import Neuron, Synapses
from canns.errors import ValidationError
from canns.models.boxes import Box
from canns.models.brain_inspired.lookup import box_of, find_box, put
from canns.plasticity import Learner, Recorder, Rule
from canns.plasticity.learning import (
    Places,
    Plan,
    as_floats,
    local_memory,
    show_samples,
    to_samples,
    with_automatic_rate,
)
from canns.typing import AnyArray, Array, PyTree, StateBox

__all__ = ["Learnable"]


class Learnable:
    """A model that holds weights and states in boxes and learns by the library's scan.

    Models that learn in other ways override the methods that differ.
    """

    # Methods for trainers, which dir() hides from users.
    _unlisted: ClassVar[tuple[str, ...]] = (
        "accept",
        "at_once",
        "check_samples",
        "feeds_forward",
        "learn",
        "learning_neuron",
        "locate",
        "measures",
        "obstacle",
        "only_patterns",
        "places",
        "refuse_recorder",
        "subject",
        "takes_all",
        "width",
        "write",
    )

    @property
    def subject(self) -> Any:
        """The object that the user gave to the trainer."""
        return self

    @abstractmethod
    def learning_neuron(
        self, chosen: Neuron | None, weight_attr: str, needed_by: str = "Training"
    ) -> Neuron:
        """Return the neuron to learn with, or raise if the model does not accept the chosen one.

        Args:
            chosen: The neuron that the user chose; None for the model's default.
            weight_attr: Name of the weights box.
            needed_by: Name of the caller, for error messages.
        """

    @abstractmethod
    def places(self, weight_attr: str) -> Places:
        """Return the names of the boxes that learning writes, without the rule's memory."""

    @abstractmethod
    def width(self, weight_attr: str) -> int | None:
        """Return the length of a sample; None if any length is accepted."""

    def locate(self, attribute: str, needed_by: str = "Training", remedy: str = "") -> StateBox:
        """Return the box with a name of :meth:`places`."""
        box = vars(self).get(attribute)
        if isinstance(box, Box):
            return box
        return box_of(self.subject, attribute, needed_by, remedy)

    @property
    def feeds_forward(self) -> bool:
        """Whether the model is a layer, not a recurrent network."""
        return False

    @property
    def only_patterns(self) -> bool:
        """Whether the model only ever holds patterns, never a weight matrix."""
        return False

    def obstacle(self, plan: Plan) -> str | None:
        """Return why the library's scan cannot run this plan, as a clause; None if it can.

        Only the scan can be recorded, run in parts, and resumed from a checkpoint.
        """
        return None

    def refuse_recorder(self, plan: Plan, recorder: Recorder | None) -> None:
        """Raise if a recorder is given for a run outside the library's scan."""
        if recorder is not None:
            expected = f"None for {type(self.subject).__name__}, {self.obstacle(plan)}"
            raise ValidationError("monitor", expected, "one")

    def takes_all(self, plan: Plan) -> bool:
        """Whether all samples must be in memory."""
        return plan.setup.needs_all

    def accept(self, plan: Plan, rewards: AnyArray | None = None) -> Plan:
        """Return the plan with the model's present states, or raise if it does not fit.

        Args:
            plan: The plan of a trainer.
            rewards: The rewards of the samples, (T,), or None.
        """
        rule, shape, needed_by = plan.setup.rule, plan.inputs.shape, plan.needed_by
        places = self.places(plan.weight_attr)
        held = places.weights, places.state, places.activity
        weights, state, activity = self._read(held, needed_by)
        weights = as_floats(weights)
        if isinstance(weights, Synapses) and self.obstacle(plan) is not None:
            expected = f"one without connectivity: {type(self.subject).__name__} learns by its own"
            remedy = "Leave forward as the library has it, or build the layer without connectivity."
            raise ValidationError("model", f"{expected} forward", "one with connectivity", remedy)
        width = self.width(plan.weight_attr)
        if width is not None and shape[-1] != width:
            # Not the shape: of a stream only the first rows have been read.
            expected, got = f"2-D of shape (rows, {width})", f"rows of length {shape[-1]}"
            remedy = f"{type(self.subject).__name__} takes {width} values a sample."
            raise ValidationError("data", expected, got, remedy)
        if isinstance(getattr(rule, "learning_rate", None), str):
            plan = with_automatic_rate(plan, weights)
            rule = plan.setup.rule
        kept = self._kept_fields(plan, weights) if rule.needs else ()
        inputs = plan.inputs
        plan.setup.check(weights, rewards, inputs=inputs, kept=kept, bounded=plan.bounded)
        if rule.memory_attrs:
            self._fit_memory(plan.setup.timed_rule, weights, needed_by)
        memory = self._read(rule.memory_attrs, needed_by) if rule.memory_attrs else ()
        if not places.activity:  # the model has only weights
            state = plan.setup.neuron.init(weights)
            activity = plan.setup.neuron.silence(weights)
        places = places._replace(memory=rule.memory_attrs)
        return plan._replace(places=places, start=Learner(weights, memory, state, activity))

    def check_samples(self, plan: Plan, samples: AnyArray, name: str) -> None:
        """Raise or warn if later samples of a stream do not fit, as :meth:`accept` does.

        Args:
            plan: The plan, which the model has accepted.
            samples: A chunk of samples, (T, in).
            name: What to call them in messages.
        """
        plan.setup.check_samples(plan.start.weights, samples, name)

    def _kept_fields(self, plan: Plan, weights: PyTree) -> tuple[str, ...]:
        """Return the activity fields that the rule reads and a user's model holds in boxes."""
        rule, provided = plan.setup.rule, {*plan.setup.neuron.provides, "reward"}
        kept = tuple(filterfalse(provided.__contains__, rule.needs))
        if kept:  # the structure of the weights says more than a box that is missing
            rule.check_weights(weights)
        for name in kept:
            self.locate(name, plan.needed_by, rule.remedy)
        return kept if kept and self.obstacle(plan) else ()

    def _fit_memory(self, rule: Rule, weights: PyTree, needed_by: str) -> None:
        """Check the boxes of the rule's memory; add those that the rule brings itself."""
        sparse = isinstance(weights, Synapses)
        memory = local_memory(rule, weights) if sparse else rule.init(weights)
        for attribute, value in zip(rule.memory_attrs, memory, strict=True):
            if rule.own_memory and find_box(self.subject, attribute) is None:
                self._adopt(attribute, value, attribute in rule.traces)
            box = box_of(self.subject, attribute, needed_by, rule.remedy)
            if rule.own_memory and jnp.shape(box.value) != value.shape:
                got = f"shape {jnp.shape(box.value)}"
                remedy = "reset_state() of the model drops it." if attribute in rule.traces else ""
                raise ValidationError(attribute, f"of shape {value.shape}", got, remedy)

    def _adopt(self, attribute: str, value: Array, trace: bool) -> None:
        """Add a box for a variable of a rule."""
        self.subject.adopt(attribute, value, trace=trace)

    def at_once(self, plan: Plan) -> bool:
        """Whether all samples are learnt in one step."""
        return plan.setup.at_once

    def learn(
        self,
        plan: Plan,
        learner: Learner,
        inputs: AnyArray,
        *,
        rewards: AnyArray | None = None,
        compiled: bool = True,
        first_step: int = 0,
        recorder: Recorder | None = None,
    ) -> Learner:
        """Return the learner after one pass over ``inputs``, (T, in), and ``rewards``, (T,)."""
        samples = to_samples(inputs, rewards, jax.tree.leaves(learner.weights)[0].dtype)
        return show_samples(plan.setup, learner, samples, compiled, first_step, recorder)

    def write(self, plan: Plan, learner: Learner) -> None:
        """Write all that was learnt into the model."""
        places = plan.places
        first = 0
        if isinstance(learner.weights, Synapses):  # one value, not one for each of its arrays
            self.locate(places.weights).value = learner.weights
            first = 1
        held = slice(first, None) if places.activity else slice(first, 2)
        names, values = jax.tree.leaves(places[held]), jax.tree.leaves(learner[held])
        weights = jax.tree.leaves(places.weights)
        for name, value in zip(names, values, strict=True):
            box = self.locate(name)
            if isinstance(box, Box):
                box.value = value
            else:
                put(box, value, keep_type=name not in weights)

    def measures(self, plan: Plan, learner: Learner) -> dict[str, AnyArray]:
        """Return the rule's measures of the learnt weights; for rules of whole data sets."""
        neuron = plan.setup.neuron
        rest = neuron.init(learner.weights)
        _, activity = neuron.step(rest, learner.weights, jnp.asarray(plan.inputs))
        return plan.setup.rule.measures(learner.weights, activity)

    def _read(self, names: PyTree, needed_by: str = "Training") -> PyTree:
        """Return the values of the boxes, in the structure of their names."""
        flat, structure = jax.tree.flatten(names)
        values = []
        for name in flat:
            box = self.locate(name, needed_by)
            values.append(box.value if isinstance(box, Box) else jnp.asarray(box.value))
        return jax.tree.unflatten(structure, values)
